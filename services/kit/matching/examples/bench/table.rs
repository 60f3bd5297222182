//! The table: each gate with our figure, the best peer's and the first prototype's, as measured
//! on sets of the same generator.

use std::collections::BTreeMap;

use crate::figures::Figures;

/// Which way a gate bounds.
#[derive(Clone, Copy)]
pub enum Gate {
    Least(f64),
    Most(f64),
}

/// A line: set and figure, what is measured, peers, prototype, gate.
pub struct Row(&'static str, &'static str, &'static str, &'static str, &'static str, Gate);

use Gate::{Least, Most};

/// All lines. Peers: Primero's query on Lucene, recordlinkage, splink; the best of them.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    Row("mixed", "recall_1", "100,000 mixed: recall at 1", ".863", ".981", Least(0.985)),
    Row("mixed", "recall_10", "100,000 mixed: recall at 10", ".938", ".999", Least(0.998)),
    Row("mixed", "hard_1", "hard traces: recall at 1", ".757", ".958", Least(0.965)),
    Row("mixed", "hard_10", "hard traces: recall at 10", ".864", ".996", Least(0.996)),
    Row("mixed", "at_false_alarm", "found first at 1 % false alarms", ".312", ".842", Least(0.90)),
    Row("mixed", "strong_precision", "tier Strong: precision", ".97", ".966", Least(0.97)),
    Row("mixed", "strong_recall", "tier Strong: recall", ".014", ".869", Least(0.85)),
    Row("mixed", "calibration", "calibration error", ".14", ".12", Most(0.03)),
    Row("mixed", "traditions_gap", "best less worst naming tradition", ".12", ".03", Most(0.02)),
    Row("mixed", "per_second", "questions per second and core", "262", "811", Least(3000.0)),
    Row("mixed", "p50_ms", "half answered within ms", "3.8", "1.2", Most(0.4)),
    Row("mixed", "p99_ms", "99 of 100 answered within ms", "-", "2.4", Most(1.5)),
    Row("mixed", "bytes_per_case", "bytes per case", "11,000", "2,100", Most(450.0)),
    Row("mixed", "replay", "replayed: the same digest", "-", "-", Least(1.0)),
    Row("syria", "recall_1", "100,000 Syrian: recall at 1", ".758", ".960", Least(0.970)),
    Row("syria", "recall_10", "100,000 Syrian: recall at 10", ".840", ".994", Least(0.995)),
    Row("syria", "hard_1", "hard traces: recall at 1", ".506", ".907", Least(0.93)),
    Row("syria", "at_false_alarm", "found first at 1 % false alarms", ".358", ".752", Least(0.82)),
    Row("syria", "strong_precision", "tier Strong: precision", "1.0", ".939", Least(0.97)),
    Row("syria", "strong_recall", "tier Strong: recall", ".010", ".810", Least(0.80)),
    Row("syria", "calibration", "calibration error", ".14", ".13", Most(0.03)),
    Row("syria", "sibling_family", "unregistered sibling: right family first", ".527", ".911", Least(0.95)),
    Row("syria", "per_second", "questions per second and core", "177", "655", Least(3000.0)),
    Row("syria", "p99_ms", "99 of 100 answered within ms", "-", "3.7", Most(3.0)),
    Row("million", "recall_1", "1,000,000 mixed: recall at 1", ".748", ".967", Least(0.0)),
    Row("million", "recall_10", "1,000,000 mixed: recall at 10", ".897", ".991", Least(0.0)),
    Row("million", "per_second", "questions per second and core", "70", "937", Least(2000.0)),
    Row("million", "p99_ms", "99 of 100 answered within ms", "-", "2.6", Most(3.0)),
    Row("million", "bytes_per_case", "bytes per case", "4,500", "1,340", Most(450.0)),
    Row("million", "build_s", "seconds to build", "115", "31", Most(20.0)),
    Row("arabic", "names_1", "Arabic to Latin names, no dictionary: recall at 1", "-", "-", Least(0.0)),
    Row("arabic", "names_10", "Arabic to Latin names, no dictionary: recall at 10", "-", "-", Least(0.0)),
    Row("latin", "names_1", "Latin variants, no dictionary: recall at 1", ".644", ".807", Least(0.807)),
    Row("latin", "names_10", "Latin variants, no dictionary: recall at 10", ".920", ".941", Least(0.941)),
    Row("febrl", "febrl_1", "FEBRL 4 as traces: hit at 1", ".9945", ".984", Least(0.996)),
    Row("febrl", "febrl_f1", "FEBRL 4 as traces: F1 at own cut", ".988", "-", Least(0.990)),
];

/// Prints all lines that were measured; says how many gates were missed.
pub fn print(sets: &BTreeMap<&str, Figures>) -> usize {
    println!("{:<52} {:>9} {:>9} {:>9} {:>9}", "", "peer", "prototype", "gate", "ours");
    let mut missed = 0;
    for Row(set, figure, what, peer, prototype, gate) in ROWS {
        let Some(ours) = sets.get(set).and_then(|figures| figures.get(figure)) else { continue };
        let (bound, met) = match gate {
            Least(bound) => (*bound, ours >= bound),
            Most(bound) => (*bound, ours <= bound),
        };
        let bound = if bound == 0.0 { "-".to_owned() } else { shown(bound) };
        let mark = if met { "" } else { "  missed" };
        missed += usize::from(!met);
        println!("{what:<52} {peer:>9} {prototype:>9} {bound:>9} {:>9}{mark}", shown(*ours));
    }
    missed
}

fn shown(value: f64) -> String {
    if value.abs() >= 10.0 { format!("{value:.0}") } else { format!("{value:.4}") }
}
