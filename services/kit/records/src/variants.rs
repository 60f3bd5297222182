//! Well-known equivalents whose sounds are too far apart to meet by folding.
//!
//! Data, not rules: each line is one name as different peoples of the same faith or region say it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fold::{Folded, skeleton};

const GROUPS: &[&[&str]] = &[
    &["fatima", "fatoumata", "fatou", "fadumo"],
    &["mohammed", "mamadou", "mehmet", "mahamadou", "amadou"],
    &["aisha", "aissatou", "aissata", "caasho"],
    &["amina", "aminata", "aminatou"],
    &["abubakar", "boubacar", "bubakar", "bakary", "boubakar"],
    &["ibrahim", "ibrahima", "abraham", "avraham", "brahim"],
    &["yusuf", "joseph", "josef", "yosef", "jose", "giuseppe"],
    &["yaqub", "jacob", "yakoub", "yaakov", "jakub"],
    &["musa", "moses", "moussa", "moise", "mussie"],
    &["dawud", "david", "dawit", "davud", "daouda"],
    &["sulayman", "solomon", "suleiman", "souleymane", "selemon"],
    &["isa", "issa", "jesus", "eyasu", "iyasu"],
    &["yahya", "john", "yohannes", "jean", "juan", "ivan", "yuhanna", "johannes"],
    &["maryam", "mary", "mariam", "miriam", "maria", "marie", "mariama"],
    &["ilyas", "elias", "elijah", "ilya"],
    &["ishaq", "isaac", "yitzhak", "isak"],
    &["ismail", "ishmael", "smail", "ismael"],
    &["zakariya", "zechariah", "zacharie", "zakaria"],
    &["hawa", "eve", "eva", "awa", "hewan"],
    &["jibril", "gabriel", "djibril", "gebriel"],
    &["mikail", "michael", "mikael", "michel", "miguel", "mikhail"],
    &["boutros", "peter", "petros", "pedro", "pierre", "pyotr"],
    &["boulos", "paul", "paulos", "pablo", "pavel"],
    &["khalid", "halid", "chaled"],
    &["khadija", "hadija", "hatice", "khadidiatou"],
    &["reza", "rida"],
    &["ramadan", "ramazan"],
    &["jamal", "gamal", "cemal"],
    &["girgis", "george", "jorge", "giorgos", "georgis", "georges"],
];

/// Folded spelling to its group.
static INDEX: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let spelled = |group: usize, name: &&str| sign(&Folded::new(name)).map(|sign| (sign, group));
    GROUPS
        .iter()
        .enumerate()
        .flat_map(|(group, names)| names.iter().filter_map(move |name| spelled(group, name)))
        .collect()
});

/// The group of equivalents that a word belongs to.
pub fn group(word: &Folded) -> Option<usize> {
    word.readings.iter().find_map(|reading| INDEX.get(&keyed(reading)).copied())
}

fn sign(word: &Folded) -> Option<String> {
    word.readings.first().map(|reading| keyed(reading))
}

/// Skeleton and first vowel: a skeleton alone would join names that are not in the list.
fn keyed(reading: &[crate::fold::Sound]) -> String {
    let vowels = reading.iter().filter(|one| one.is_vowel()).count();
    format!("{}{}", skeleton(reading), vowels.min(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalents_share_a_group_and_others_have_none() {
        let of = |name: &str| group(&Folded::new(name));
        assert!(of("fatoumata").is_some());
        assert_eq!(of("fatoumata"), of("fatima"));
        assert_eq!(of("solomon"), of("sulayman"));
        assert_eq!(of("gabriel"), of("jibril"));
        assert_ne!(of("peter"), of("paul"));
        assert_eq!(of("zuhal"), None);
    }
}
