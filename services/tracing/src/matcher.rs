//! Matching as changes arrive, in both directions. Whichever side changed, it is the traces
//! concerned that are looked at anew: what is proposed for a trace follows from what may be found
//! now, in whatever order it came.

use std::collections::{BTreeMap, BTreeSet};

use family_tracing_domain::{Found, Propose, Standing, Trace, comparison};
use kit_cabinet::Office;
use kit_decider::Command as _;
use kit_dossier::Stamp;
use kit_matching::{Ask, Desk, Field, Match, Profile, Tier, explain, model_version, unknown};
use kit_store::{ExecuteError, StoreError};
use uuid::Uuid;

use crate::cards::{Side, cards};
use crate::pairs::traces_of;
use crate::pool::{Pools, Sides, at_desk};
use crate::turns::{self, Turn, What};

/// As many changes are taken together.
const AT_ONCE: i64 = 500;
/// As many cases are looked at for a trace, and traces for a case.
const MOST: usize = 20;

/// Proposes.
#[derive(Clone)]
pub struct Matcher {
    pub office: Office,
    pub pools: Pools,
}

impl Matcher {
    /// Matches what changed and was not matched since.
    pub async fn match_pending(&self, tenant: Uuid) -> Result<(), StoreError> {
        loop {
            let store = &self.office.store;
            let waiting = turns::pending(&store.read(tenant).await?, tenant, AT_ONCE).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            self.match_these(tenant, &waiting).await?;
            let tx = store.begin(tenant).await?;
            turns::matched(&tx, tenant, &waiting).await?;
            tx.commit().await?;
        }
    }

    /// Looks anew at every trace that any of these changes concerns, at each once.
    async fn match_these(&self, tenant: Uuid, turns: &[Turn]) -> Result<(), StoreError> {
        let of = |what: What| -> Vec<Uuid> {
            turns.iter().filter(|turn| turn.what == what).map(|turn| turn.id).collect()
        };
        let (cases, erased) = (of(What::Case), of(What::ErasedCase));
        let mut traces: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for trace in of(What::Trace) {
            traces.entry(trace).or_default();
        }
        for trace in self.traces_for(tenant, &cases).await? {
            traces.entry(trace).or_default();
        }
        let standings = [Standing::Proposed, Standing::Confirmed];
        let tx = self.office.store.read(tenant).await?;
        for (trace, case) in traces_of(&tx, tenant, &erased, &standings).await? {
            traces.entry(trace).or_default().push(case);
        }
        drop(tx);
        for (trace, erased) in traces {
            self.propose(tenant, trace, erased).await?;
        }
        Ok(())
    }

    /// The traces that any of these cases may be the child of, and those that one was proposed for.
    async fn traces_for(&self, tenant: Uuid, cases: &[Uuid]) -> Result<BTreeSet<Uuid>, StoreError> {
        if cases.is_empty() {
            return Ok(BTreeSet::new());
        }
        let store = &self.office.store;
        let tx = store.read(tenant).await?;
        let proposed = traces_of(&tx, tenant, cases, &[Standing::Proposed]).await?;
        drop(tx);
        let mut traces: BTreeSet<Uuid> = proposed.into_iter().map(|(trace, _)| trace).collect();
        let pool = self.pools.of(tenant).await?;
        if pool.sides().traces.is_empty() {
            return Ok(traces);
        }
        let may_be = |one: &Match| alone(one) != Tier::Unlikely;
        for card in cards(store, tenant, Side::Case, cases).await?.into_values() {
            let sides = pool.sides();
            let found = at_desk(|desk| sides.traces.matches(&card.profile, Ask::first(MOST), desk));
            traces.extend(found.into_iter().filter(may_be).map(|one| one.id));
        }
        Ok(traces)
    }

    /// Brings the proposals of one trace up to date.
    async fn propose(
        &self,
        tenant: Uuid,
        trace: Uuid,
        erased: Vec<Uuid>,
    ) -> Result<(), StoreError> {
        let store = &self.office.store;
        let card = cards(store, tenant, Side::Trace, &[trace]).await?.remove(&trace);
        let pool = self.pools.of(tenant).await?;
        let state = match store.load::<Trace>(tenant, trace).await {
            // Its request was erased.
            Err(StoreError::Erased) => return Ok(()),
            loaded => loaded?.state,
        };
        let meta = self.office.own_meta(tenant);
        let command = {
            let sides = pool.sides();
            let found = card.map(|card| found(&sides, &card.profile)).unwrap_or_default();
            let known = state.pairs.keys().copied();
            let gone = known.filter(|case| !sides.cases.contains(*case)).collect();
            let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
            Propose { stamp, found, gone, erased }
        };
        if command.clone().decide(&state).is_ok_and(|events| events.is_empty()) {
            return Ok(());
        }
        match store.execute(&meta, trace, command).await {
            Ok(_) | Err(ExecuteError::Refused(_) | ExecuteError::Store(StoreError::Erased)) => {
                Ok(())
            }
            Err(ExecuteError::Store(error)) => Err(error),
        }
    }
}

/// The cases worth telling of: who may well be the child, and other children of the family.
fn found(sides: &Sides, profile: &Profile) -> Vec<Found> {
    at_desk(|desk| {
        let found = sides.cases.matches(profile, Ask::first(MOST), desk);
        let told =
            |one: &Match| matches!(one.tier, Tier::Strong | Tier::Probable | Tier::SameFamily);
        let told = found.into_iter().filter(told);
        told.filter_map(|one| Some(finding(sides, profile, &one, desk)?.0)).collect()
    })
}

/// A match with its reasons, and what nobody told yet.
pub fn finding(
    sides: &Sides,
    profile: &Profile,
    one: &Match,
    desk: &mut Desk,
) -> Option<(Found, Vec<Field>)> {
    let compared = sides.cases.comparison(profile, one.id, desk)?;
    let lines = explain(&compared);
    let found = Found {
        case: one.id,
        tier: one.tier,
        chance: thousandths(one.child),
        basis: comparison::basis(&lines),
        model: model_version(),
        lines,
    };
    Some((found, unknown(&compared)))
}

/// What a match is called when it is looked at alone: several people may look for one child, and
/// none of them makes another less likely.
pub fn alone(one: &Match) -> Tier {
    let chance = |odds: f32| 1.0 / (1.0 + (-odds).exp());
    let child = chance(one.child_odds);
    Tier::of(child, (1.0 - child).mul_add(chance(one.family_odds), child))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
fn thousandths(chance: f32) -> u16 {
    (chance.clamp(0.0, 1.0) * 1000.0).round() as u16
}
