//! Answers: which records may be the same child, and which the same family.

use uuid::Uuid;

use crate::candidates::{Tally, candidates};
use crate::compare::{Comparison, compare, facts};
use crate::index::Index;
use crate::model::{MODEL, Sums};
use crate::prepare::Prepared;
use crate::profile::Profile;
use crate::question::{Memory, Question};
use crate::record::Head;

/// Records whose facts are compared with a question's.
const LOOKED_AT: usize = 1_200;
/// Of these, the records whose names are compared too.
const COMPARED: usize = 64;
/// What one 16th of a logarithm that is shared counts beside the facts.
const SHARED: f32 = 0.3 / 16.0;

/// What questions work with; one per thread, kept from question to question.
#[derive(Debug, Default)]
pub struct Desk {
    pub(crate) tally: Tally,
    pub(crate) memory: Memory,
}

/// What is asked besides the profile.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The most answers.
    pub most: usize,
    /// Records that are not meant: the one itself, and those once rejected for it.
    pub except: &'a [Uuid],
}

impl Ask<'_> {
    /// The first so many of all.
    pub const fn first(most: usize) -> Self {
        Self { most, except: &[] }
    }
}

/// A record that may be the one, with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub id: Uuid,
    /// The chance that it is the same child, given all others found.
    pub child: f32,
    /// The chance that it is of the same family.
    pub family: f32,
    /// Log-odds of both, each record for itself.
    pub child_odds: f32,
    pub family_odds: f32,
    pub tier: Tier,
}

/// What a match is called. The bounds are absolute: a long list makes none stronger.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Strong,
    Probable,
    Possible,
    /// Another child of the family that is sought.
    SameFamily,
    Unlikely,
}

const STRONG: f32 = 0.8;
const PROBABLE: f32 = 0.35;
const POSSIBLE: f32 = 0.03;
const FAMILY: f32 = 0.5;

impl Tier {
    /// The tier of a chance of being the same child, and of the same family.
    pub fn of(child: f32, family: f32) -> Self {
        match child {
            _ if child >= STRONG => Self::Strong,
            _ if child >= PROBABLE => Self::Probable,
            _ if family >= FAMILY && family > child * 2.0 => Self::SameFamily,
            _ if child >= POSSIBLE => Self::Possible,
            _ => Self::Unlikely,
        }
    }
}

/// Whom a question is after: what tells a child from its siblings says nothing of the family.
#[derive(Debug, Clone, Copy)]
enum Sought {
    Child,
    Family,
}

impl Sought {
    fn promise(self, sums: Sums) -> f32 {
        match self {
            Self::Child => sums.own + sums.family,
            Self::Family => sums.family,
        }
    }
}

impl Index {
    /// The records that may be the child a profile speaks of, the likeliest first.
    pub fn matches(&self, profile: &Profile, ask: Ask<'_>, desk: &mut Desk) -> Vec<Match> {
        let ready = Prepared::new(profile);
        let question = Question::new(self, &ready);
        let mut found = self.found(&question, Sought::Child, ask, desk);
        found.truncate(ask.most);
        found
    }

    /// The records that may be of the family of the child, the likeliest first.
    pub fn families(&self, profile: &Profile, ask: Ask<'_>, desk: &mut Desk) -> Vec<Match> {
        let ready = Prepared::new(profile);
        let question = Question::new(self, &ready);
        let mut found = self.found(&question, Sought::Family, ask, desk);
        found.sort_by(|one, other| {
            other.family_odds.total_cmp(&one.family_odds).then_with(|| one.id.cmp(&other.id))
        });
        found.truncate(ask.most);
        found
    }

    /// Compares a profile with one record; `None` if the record is not in the index.
    pub fn comparison(&self, profile: &Profile, id: Uuid, desk: &mut Desk) -> Option<Comparison> {
        let slot = self.slot_of(id)?;
        let ready = Prepared::new(profile);
        desk.memory.clear();
        Some(compare(&Question::new(self, &ready), self.records.get(slot), &mut desk.memory))
    }

    /// Up to so many candidates of a profile, compared: what a model is fitted on.
    pub fn comparisons(
        &self,
        profile: &Profile,
        most: usize,
        desk: &mut Desk,
    ) -> Vec<(Uuid, Comparison)> {
        let ready = Prepared::new(profile);
        let question = Question::new(self, &ready);
        desk.memory.clear();
        let slots = self.shortlist(&question, Sought::Child, most, desk);
        let each = slots.into_iter().map(|slot| {
            let comparison = compare(&question, self.records.get(slot), &mut desk.memory);
            (self.ids[slot as usize], comparison)
        });
        each.collect()
    }

    /// The slots that promise most by what they share and by their facts.
    fn shortlist(
        &self,
        question: &Question<'_>,
        sought: Sought,
        most: usize,
        desk: &mut Desk,
    ) -> Vec<u32> {
        let shared = candidates(question, LOOKED_AT, &mut desk.tally);
        // Fetched in one go: what lies far apart in memory is then waited for once.
        let heads: Vec<Head> = shared.iter().map(|one| *self.records.head(one.slot)).collect();
        let has_phone = !question.ready.phones.is_empty();
        let mut promising: Vec<(f32, u32)> = shared
            .into_iter()
            .zip(&heads)
            .map(|(one, head)| {
                let phones = if has_phone {
                    self.records.get(one.slot).phones()
                } else {
                    Default::default()
                };
                let sums = MODEL.sums(&facts(question, head, phones));
                (f32::from(one.shared) * SHARED + sought.promise(sums), one.slot)
            })
            .collect();
        if promising.len() > most {
            promising.select_nth_unstable_by(most, |one, other| {
                let by_id = || self.ids[one.1 as usize].cmp(&self.ids[other.1 as usize]);
                other.0.total_cmp(&one.0).then_with(by_id)
            });
            promising.truncate(most);
        }
        promising.into_iter().map(|(_, slot)| slot).collect()
    }

    fn found(
        &self,
        question: &Question<'_>,
        sought: Sought,
        ask: Ask<'_>,
        desk: &mut Desk,
    ) -> Vec<Match> {
        desk.memory.clear();
        let slots = self.shortlist(question, sought, COMPARED, desk);
        let mut found: Vec<Match> = slots
            .into_iter()
            .filter(|slot| !ask.except.contains(&self.ids[*slot as usize]))
            .map(|slot| {
                let comparison = compare(question, self.records.get(slot), &mut desk.memory);
                let (child_odds, family_odds) = MODEL.log_odds(MODEL.sums(&comparison), self.len());
                let id = self.ids[slot as usize];
                let tier = Tier::Unlikely;
                Match { id, child: 0.0, family: 0.0, child_odds, family_odds, tier }
            })
            .collect();
        found.sort_by(|one, other| {
            other.child_odds.total_cmp(&one.child_odds).then_with(|| one.id.cmp(&other.id))
        });
        weigh(&mut found);
        found
    }
}

/// The version of the weights in force, to be stored with what was proposed by them.
pub fn model_version() -> u32 {
    MODEL.version
}

/// Chances, given that at most one record is the child.
fn weigh(found: &mut [Match]) {
    let all: f32 = found.iter().map(|one| one.child_odds.min(60.0).exp()).sum();
    for one in found {
        one.child = one.child_odds.min(60.0).exp() / (1.0 + all);
        one.family = (1.0 - one.child) / (1.0 + (-one.family_odds).exp()) + one.child;
        one.tier = Tier::of(one.child, one.family);
    }
}
