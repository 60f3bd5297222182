//! The history of one trace beside its request: which cases were proposed for it, what people
//! said to that, and which one it is.
//!
//! A proposal, its rejection, the confirmation and its undoing are decisions about one question,
//! and so they are one stream, `trace-<uuid>`: two people who confirm different cases meet there.
//! It is apart from the request's own history, since most of it is nobody's edit. It holds ids,
//! user names and coded reasons, nothing that a person said, and is not sealed; what is proposed
//! of whom goes from every list as soon as one of the two records is erased.

use std::collections::{BTreeMap, BTreeSet};

use kit_decider::{Aggregate, Command, Stored};
use kit_dossier::Stamp;
use kit_matching::{Line, Tier};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a proposal rests on: a digest of the comparison, field by field, without weights and
/// frequencies. Equal as long as nothing that matters changed on either side.
pub type Basis = u64;

/// A case that was found for a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub case: Uuid,
    pub tier: Tier,
    /// The chance that it is the child, in thousandths.
    pub chance: u16,
    pub basis: Basis,
    /// The version of the weights that it was found by.
    pub model: u32,
    /// Why, field by field.
    pub lines: Vec<Line>,
}

/// Why a proposal or a confirmation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody took it back.
    Asked,
    /// It no longer looks like the same child or family.
    Superseded,
    /// The child may not be sought any more: no consent, disabled or erased.
    Gone,
}

/// What can have happened to a trace. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TraceEvent {
    Proposed { stamp: Stamp, found: Found },
    Withdrawn { stamp: Stamp, case: Uuid, cause: Cause },
    Rejected { stamp: Stamp, case: Uuid, basis: Basis },
    Confirmed { stamp: Stamp, case: Uuid },
    Released { stamp: Stamp, case: Uuid, cause: Cause },
    Seen { stamp: Stamp, case: Uuid, seen: bool },
}

/// Where a trace and a case stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Proposed,
    Withdrawn,
    Rejected,
    Confirmed,
}

impl Standing {
    /// The name in the API and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Withdrawn => "withdrawn",
            Self::Rejected => "rejected",
            Self::Confirmed => "confirmed",
        }
    }
}

/// A case that was proposed, rejected or confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub standing: Standing,
    pub since: Stamp,
    /// What was proposed last; none of a case that somebody named by themselves.
    pub tier: Option<Tier>,
    pub chance: u16,
    pub basis: Basis,
    /// Who saw the notice of it.
    pub seen: BTreeSet<String>,
}

/// A trace, as far as it is not in its request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub matched: Option<Uuid>,
    pub pairs: BTreeMap<Uuid, Pair>,
}

impl Trace {
    /// Whether this case was rejected, and nothing that matters changed since.
    pub fn rejects(&self, case: Uuid, basis: Basis) -> bool {
        self.pairs
            .get(&case)
            .is_some_and(|pair| pair.standing == Standing::Rejected && pair.basis == basis)
    }

    fn open(&self) -> impl Iterator<Item = (Uuid, &Pair)> {
        let open = |pair: &&Pair| pair.standing == Standing::Proposed;
        self.pairs.iter().map(|(case, pair)| (*case, pair)).filter(move |(_, pair)| open(pair))
    }

    fn stand(&mut self, case: Uuid, stamp: &Stamp, standing: Standing) -> &mut Pair {
        let pair = self.pairs.entry(case).or_insert_with(|| Pair {
            standing,
            since: stamp.clone(),
            tier: None,
            chance: 0,
            basis: 0,
            seen: BTreeSet::new(),
        });
        pair.standing = standing;
        pair.since = stamp.clone();
        pair
    }
}

impl Aggregate for Trace {
    const CATEGORY: &'static str = "trace";
    type Event = TraceEvent;

    fn evolve(&mut self, event: &TraceEvent) {
        match event {
            TraceEvent::Proposed { stamp, found } => {
                let pair = self.stand(found.case, stamp, Standing::Proposed);
                pair.tier = Some(found.tier);
                pair.chance = found.chance;
                pair.basis = found.basis;
                pair.seen.clear();
            }
            TraceEvent::Withdrawn { stamp, case, .. } => {
                self.stand(*case, stamp, Standing::Withdrawn);
            }
            TraceEvent::Rejected { stamp, case, basis } => {
                self.stand(*case, stamp, Standing::Rejected).basis = *basis;
            }
            TraceEvent::Confirmed { stamp, case } => {
                self.stand(*case, stamp, Standing::Confirmed);
                self.matched = Some(*case);
            }
            TraceEvent::Released { stamp, case, .. } => {
                self.stand(*case, stamp, Standing::Withdrawn);
                self.matched = None;
            }
            TraceEvent::Seen { stamp, case, seen } => {
                if let Some(pair) = self.pairs.get_mut(case) {
                    if *seen {
                        pair.seen.insert(stamp.by.clone());
                    } else {
                        pair.seen.remove(&stamp.by);
                    }
                }
            }
        }
    }
}

impl Stored for Trace {
    /// It holds nothing that a person said, and its parts outlive the records that they name.
    const SEALED: bool = false;
}

/// Why something asked of a trace was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another case is confirmed already: that has to be taken back first.
    #[error("the trace is matched with another case")]
    Matched,
    /// The case is confirmed: that has to be taken back first.
    #[error("the case is confirmed as the child of this trace")]
    Confirmed,
    /// There is no such proposal.
    #[error("no such proposal")]
    Unknown,
}

/// Brings the proposals of a trace up to date with what is found now.
#[derive(Debug, Clone)]
pub struct Propose {
    pub stamp: Stamp,
    pub found: Vec<Found>,
    /// Cases among those proposed or confirmed before that may not be sought any more.
    pub gone: Vec<Uuid>,
    /// Cases that were erased.
    pub erased: Vec<Uuid>,
}

impl Command for Propose {
    type Of = Trace;
    type Refusal = Refusal;

    fn decide(self, trace: &Trace) -> Result<Vec<TraceEvent>, Refusal> {
        let mut events = Vec::new();
        let released = trace.matched.filter(|case| self.erased.contains(case));
        if let Some(case) = released {
            let stamp = self.stamp.clone();
            events.push(TraceEvent::Released { stamp, case, cause: Cause::Gone });
        }
        for (case, _) in trace.open() {
            if !self.found.iter().any(|found| found.case == case) {
                let is_gone = self.gone.contains(&case) || self.erased.contains(&case);
                let cause = if is_gone { Cause::Gone } else { Cause::Superseded };
                events.push(TraceEvent::Withdrawn { stamp: self.stamp.clone(), case, cause });
            }
        }
        if trace.matched.is_some() && released.is_none() {
            return Ok(events);
        }
        for found in self.found {
            if is_news(trace.pairs.get(&found.case), &found) {
                events.push(TraceEvent::Proposed { stamp: self.stamp.clone(), found });
            }
        }
        Ok(events)
    }
}

/// Whether a finding is to be proposed: it is new, it is called otherwise than before, or what a
/// rejection rested on changed.
fn is_news(pair: Option<&Pair>, found: &Found) -> bool {
    pair.is_none_or(|pair| match pair.standing {
        Standing::Proposed => pair.tier != Some(found.tier),
        Standing::Withdrawn => true,
        Standing::Rejected => pair.basis != found.basis,
        Standing::Confirmed => false,
    })
}

/// It is this child: somebody decided so.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub stamp: Stamp,
    pub case: Uuid,
}

impl Command for Confirm {
    type Of = Trace;
    type Refusal = Refusal;

    fn decide(self, trace: &Trace) -> Result<Vec<TraceEvent>, Refusal> {
        match trace.matched {
            Some(case) if case == self.case => Ok(vec![]),
            Some(_) => Err(Refusal::Matched),
            None => Ok(vec![TraceEvent::Confirmed { stamp: self.stamp, case: self.case }]),
        }
    }
}

/// The confirmation is taken back.
#[derive(Debug, Clone)]
pub struct Release {
    pub stamp: Stamp,
}

impl Command for Release {
    type Of = Trace;
    type Refusal = Refusal;

    fn decide(self, trace: &Trace) -> Result<Vec<TraceEvent>, Refusal> {
        let released = |case| {
            let (stamp, cause) = (self.stamp, Cause::Asked);
            TraceEvent::Released { stamp, case, cause }
        };
        Ok(trace.matched.map(released).into_iter().collect())
    }
}

/// It is not this child. Not proposed again unless `basis` changes.
#[derive(Debug, Clone)]
pub struct Reject {
    pub stamp: Stamp,
    pub case: Uuid,
    pub basis: Basis,
}

impl Command for Reject {
    type Of = Trace;
    type Refusal = Refusal;

    fn decide(self, trace: &Trace) -> Result<Vec<TraceEvent>, Refusal> {
        if trace.matched == Some(self.case) {
            return Err(Refusal::Confirmed);
        }
        if trace.rejects(self.case, self.basis) {
            return Ok(vec![]);
        }
        let Self { stamp, case, basis } = self;
        Ok(vec![TraceEvent::Rejected { stamp, case, basis }])
    }
}

/// Somebody saw the notice of a proposal, or means to look at it again.
#[derive(Debug, Clone)]
pub struct See {
    pub stamp: Stamp,
    pub case: Uuid,
    pub seen: bool,
}

impl Command for See {
    type Of = Trace;
    type Refusal = Refusal;

    fn decide(self, trace: &Trace) -> Result<Vec<TraceEvent>, Refusal> {
        let pair = trace.pairs.get(&self.case).ok_or(Refusal::Unknown)?;
        if pair.seen.contains(&self.stamp.by) == self.seen {
            return Ok(vec![]);
        }
        let Self { stamp, case, seen } = self;
        Ok(vec![TraceEvent::Seen { stamp, case, seen }])
    }
}

#[cfg(test)]
mod tests;
