//! Finding, families, withdrawal, replay.

use kit_matching::{Ask, Desk, Index, Profile, Tier, explain};
use proptest::prelude::*;

use crate::people::{Child, Dice, children, id, sibling, written};

const FAMILIES: usize = 500;

fn registry(seed: u64) -> (Dice, Vec<Child>, Vec<Profile>) {
    let mut dice = Dice::new(seed);
    let all: Vec<Child> = children(&mut dice, FAMILIES).into_iter().flatten().collect();
    let cases = all.iter().map(|child| written(&mut dice, child)).collect();
    (dice, all, cases)
}

fn index_of(cases: &[Profile]) -> Index {
    let mut index = Index::default();
    cases.iter().enumerate().for_each(|(at, case)| index.put(id(at), case));
    index
}

#[test]
fn another_writers_child_is_found_first() {
    let (mut dice, all, cases) = registry(1);
    let (index, mut desk) = (index_of(&cases), Desk::default());
    let (mut first, mut tenth, mut asked) = (0, 0, 0);
    for (at, child) in all.iter().enumerate().step_by(3) {
        let found = index.matches(&written(&mut dice, child), Ask::first(10), &mut desk);
        asked += 1;
        first += usize::from(found.first().is_some_and(|it| it.id == id(at)));
        tenth += usize::from(found.iter().any(|it| it.id == id(at)));
    }
    assert!(first * 100 >= asked * 95, "{first} of {asked} first");
    assert!(tenth * 100 >= asked * 99, "{tenth} of {asked} among ten");
}

#[test]
fn an_unregistered_brother_leads_to_the_family_and_is_nobodys_strong_match() {
    let (mut dice, all, cases) = registry(2);
    let (index, mut desk) = (index_of(&cases), Desk::default());
    let (mut right, mut strong, mut asked) = (0, 0, 0);
    for (at, child) in all.iter().enumerate().step_by(5) {
        let other = sibling(&mut dice, child);
        let profile = written(&mut dice, &other);
        let families = index.families(&profile, Ask::first(1), &mut desk);
        let matches = index.matches(&profile, Ask::first(5), &mut desk);
        asked += 1;
        right += usize::from(families.first().is_some_and(|it| it.id == id(at)));
        strong += matches.iter().filter(|it| it.tier == Tier::Strong).count();
    }
    // A brother or sister registered too is the right family as well.
    assert!(right * 100 >= asked * 75, "{right} of {asked} families");
    // Of two dozen names, one in some is the brother's by chance, at an age that fits.
    assert!(strong * 100 <= asked * 20, "{strong} of {asked} taken for another");
}

#[test]
fn a_withdrawal_removes_at_once_and_a_rejection_stays_one() {
    let (mut dice, all, cases) = registry(3);
    let (mut index, mut desk) = (index_of(&cases), Desk::default());
    let trace = written(&mut dice, &all[7]);
    let found = index.matches(&trace, Ask::first(5), &mut desk);
    assert_eq!(found[0].id, id(7));
    let rejected = index.matches(&trace, Ask { most: 5, except: &[id(7)] }, &mut desk);
    assert!(rejected.iter().all(|it| it.id != id(7)));
    assert!(index.remove(id(7)) && !index.remove(id(7)));
    assert!(index.matches(&trace, Ask::first(20), &mut desk).iter().all(|it| it.id != id(7)));
    assert!(index.comparison(&trace, id(7), &mut desk).is_none());
}

#[test]
fn a_changed_record_is_matched_by_what_it_says_now() {
    let (mut dice, all, cases) = registry(4);
    let (mut index, mut desk) = (index_of(&cases), Desk::default());
    index.put(id(3), &written(&mut dice, &all[400]));
    let found = index.matches(&written(&mut dice, &all[400]), Ask::first(2), &mut desk);
    assert!(found.iter().any(|it| it.id == id(3)));
    assert_eq!(index.len(), cases.len());
}

#[test]
fn every_match_explains_itself() {
    let (mut dice, all, cases) = registry(5);
    let (index, mut desk) = (index_of(&cases), Desk::default());
    let trace = written(&mut dice, &all[11]);
    let lines = explain(&index.comparison(&trace, id(11), &mut desk).unwrap());
    assert!(lines.len() >= 5 && lines[0].weight > 0.0, "{lines:?}");
}

#[test]
fn an_empty_index_and_an_empty_question_answer_nothing() {
    let mut desk = Desk::default();
    assert!(Index::default().matches(&Profile::default(), Ask::first(5), &mut desk).is_empty());
    let (_, _, cases) = registry(6);
    let index = index_of(&cases);
    assert!(index.matches(&Profile::default(), Ask::first(5), &mut desk).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_same_records_are_the_same_index(
        steps in proptest::collection::vec((0_usize..60, 0_usize..120, any::<bool>()), 1..150),
    ) {
        let (_, _, cases) = registry(7);
        let (mut index, mut again) = (Index::default(), Index::default());
        let mut last = std::collections::BTreeMap::new();
        for (record, case, put) in &steps {
            for index in [&mut index, &mut again] {
                if *put { index.put(id(*record), &cases[*case]) } else { index.remove(id(*record)); }
            }
            if *put { last.insert(*record, *case); } else { last.remove(record); }
        }
        prop_assert_eq!(index.digest(), again.digest());
        // Only what is left counts, in whatever order it came.
        let mut fresh = Index::default();
        last.iter().rev().for_each(|(record, case)| fresh.put(id(*record), &cases[*case]));
        prop_assert_eq!(index.digest(), fresh.digest());
        let mut desk = Desk::default();
        let (one, other) = (
            index.matches(&cases[5], Ask::first(9), &mut desk),
            fresh.matches(&cases[5], Ask::first(9), &mut desk),
        );
        let ids = |found: &[kit_matching::Match]| found.iter().map(|it| it.id).collect::<Vec<_>>();
        prop_assert_eq!(ids(&one), ids(&other));
    }
}
