//! A few records out of many: candidates that a search found elsewhere are compared as what they
//! are among all records, and not among themselves, where each shares what it was found by.

use crate::compare::Comparison;
use crate::index::Index;
use crate::model::MODEL;
use crate::rank::Tier;
use crate::word::Word;

/// Words of names that a record has, more or less.
const WORDS_EACH: u64 = 6;

/// How likely a record is the child, and of its family, each record for itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    pub child: f32,
    pub family: f32,
    pub tier: Tier,
}

impl Index {
    /// Weighs words as among so many records: how many of them bear each of these words. A record
    /// that is put in afterwards counts besides.
    pub fn weigh_as<'a>(
        &mut self,
        records: u64,
        bearers: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        self.lexicon.assume_total(records.saturating_mul(WORDS_EACH));
        for (word, bearers) in bearers {
            let token = self.lexicon.intern(&Word::new(word));
            self.lexicon.assume(token, bearers);
        }
    }
}

impl Comparison {
    /// What it says, among so many records.
    pub fn chance(&self, records: usize) -> Chance {
        let (child, family) = MODEL.log_odds(MODEL.sums(self), records);
        let child = 1.0 / (1.0 + (-child).exp());
        let family = (1.0 - child) / (1.0 + (-family).exp()) + child;
        Chance { child, family, tier: Tier::of(child, family) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::profile::{Birth, Profile, Sex, day};
    use crate::rank::Desk;

    fn child(name: &str, mother: &str, age: u16) -> Profile {
        let today = day(2026, 6, 1).unwrap();
        Profile {
            name: name.into(),
            father: "Hassan Omar".into(),
            mother: mother.into(),
            sex: Some(Sex::Male),
            birth: Some(Birth::aged(age, today)),
            ..Profile::default()
        }
    }

    fn chance(bearers: u64, records: u64, other: &Profile) -> Chance {
        let mut index = Index::default();
        let words = ["mohammed", "hassan", "fatima", "omar"];
        index.weigh_as(records, words.map(|word| (word, bearers)));
        let id = Uuid::from_u128(1);
        index.put(id, other);
        let asked = child("Mohammed Hassan", "Fatima Omar", 9);
        let comparison = index.comparison(&asked, id, &mut Desk::default()).unwrap();
        comparison.chance(usize::try_from(records).unwrap())
    }

    #[test]
    fn a_rare_name_says_more_than_a_common_one() {
        let same = child("محمد حسن", "فاطمة عمر", 9);
        let (rare, common) = (chance(3, 100_000, &same), chance(5_000, 100_000, &same));
        assert!(rare.child > 0.8 && rare.tier == Tier::Strong, "{rare:?}");
        assert!(common.child < rare.child, "{common:?}");
        let brother = child("Karim Hassan", "Fatima Omar", 5);
        assert!(chance(3, 100_000, &brother).tier >= Tier::Possible);
    }
}
