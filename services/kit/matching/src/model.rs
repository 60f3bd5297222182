//! What each clue is worth: a small versioned table. Nothing here is learnt from real children.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::clues::{CLUES, COUNT, FIELDS, Field, tell};
use crate::compare::Comparison;

/// The weights in force; see `model.json`.
pub static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.json")));

/// Weights of clues, in natural logarithms of odds.
#[derive(Debug, Clone)]
pub struct Model {
    /// Stored with every proposal.
    pub version: u32,
    weights: [f32; COUNT],
    child: f32,
    family: f32,
}

#[derive(Deserialize)]
struct Stored {
    version: u32,
    child: f32,
    family: f32,
    weights: BTreeMap<Field, BTreeMap<String, f32>>,
}

/// What all clues of a comparison add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// What tells a child from its brothers and sisters.
    pub own: f32,
    /// What tells families apart.
    pub family: f32,
}

impl Model {
    fn read(json: &str) -> Self {
        let stored: Stored = serde_json::from_str(json).expect("the model lies beside the code");
        let mut weights = [0.0; COUNT];
        let named = FIELDS
            .iter()
            .zip(CLUES)
            .flat_map(|(field, clues)| clues.iter().map(move |clue| (field, clue)));
        for (weight, (field, clue)) in weights.iter_mut().zip(named) {
            let of = stored.weights.get(field).and_then(|clues| clues.get(*clue));
            *weight = of.copied().unwrap_or_default();
        }
        Self { version: stored.version, weights, child: stored.child, family: stored.family }
    }

    /// Adds up what a comparison says.
    pub fn sums(&self, comparison: &Comparison) -> Sums {
        let mut sums = Sums::default();
        tell(comparison, |field, clue, amount| {
            let worth = self.weights[clue] * amount;
            if field.is_own() {
                sums.own += worth;
            } else {
                sums.family += worth;
            }
        });
        sums
    }

    /// What each field says, in the order of [`FIELDS`].
    pub fn by_field(&self, comparison: &Comparison) -> [f32; FIELDS.len()] {
        let mut worth = [0.0; FIELDS.len()];
        tell(comparison, |field, clue, amount| {
            worth[field as usize] += self.weights[clue] * amount;
        });
        worth
    }

    /// Log-odds of "the same child" and of "the same family" against a stranger, among so many
    /// records.
    #[expect(clippy::cast_precision_loss, reason = "a logarithm of a count")]
    pub fn log_odds(&self, sums: Sums, records: usize) -> (f32, f32) {
        let size = (records.max(1) as f32).ln();
        let family = self.family + sums.family - size;
        let child = self.child + sums.own + sums.family - size;
        (child - softplus(family), family)
    }
}

/// The logarithm of 1 + e^x.
fn softplus(x: f32) -> f32 {
    if x > 15.0 { x } else { x.exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_names_only_clues_that_exist_and_all_of_them() {
        let stored: Stored = serde_json::from_str(include_str!("model.json")).unwrap();
        for (field, clues) in FIELDS.iter().zip(CLUES) {
            let named: Vec<&String> = stored.weights[field].keys().collect();
            assert!(named.iter().all(|it| clues.contains(&it.as_str())), "{field:?}: {named:?}");
            assert_eq!(named.len(), clues.len(), "{field:?}");
        }
    }

    #[test]
    fn brothers_are_the_same_family_and_not_the_same_child() {
        let (child, family) = MODEL.log_odds(Sums { own: -8.0, family: 40.0 }, 100_000);
        assert!(child < -3.0 && family > 5.0, "{child} {family}");
        let (child, _) = MODEL.log_odds(Sums { own: 8.0, family: 40.0 }, 100_000);
        assert!(child > 3.0, "{child}");
    }
}
