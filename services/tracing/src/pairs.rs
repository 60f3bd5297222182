//! Owns table `trace_pair`: how traces and cases stand to one another.

use family_tracing_domain::{Pair, Standing, Trace, TraceEvent};
use kit_matching::Tier;
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

use crate::turns::{self, What};

/// Writes the pairs of each trace.
pub struct TracePairs;

impl Projection<Trace> for TracePairs {
    const NAME: &'static str = "trace_pair";
    const BESIDE: &'static [&'static str] = &["matching_turn"];

    async fn project(&self, tx: &Tx, changes: &[Change<Trace>]) -> Result<(), StoreError> {
        for change in changes {
            let Ok(trace) = change.id.parse::<Uuid>() else { continue };
            let mut cases: Vec<Uuid> =
                change.recorded.iter().map(|one| case_of(&one.event)).collect();
            cases.sort_unstable();
            cases.dedup();
            let is_released = |event: &TraceEvent| matches!(event, TraceEvent::Released { .. });
            if change.recorded.iter().any(|one| is_released(&one.event)) {
                // It is looked for again.
                turns::note(tx, change.tenant, &[trace], What::Trace).await?;
            }
            for case in cases {
                if let Some(pair) = change.after.pairs.get(&case) {
                    write(tx, change.tenant, trace, case, pair).await?;
                }
            }
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let sql = "DELETE FROM trace_pair WHERE tenant = $1 AND trace_id = $2";
        tx.execute(sql, &[&tenant, &id]).await.map(drop)
    }
}

const fn case_of(event: &TraceEvent) -> Uuid {
    match event {
        TraceEvent::Proposed { found, .. } => found.case,
        TraceEvent::Withdrawn { case, .. }
        | TraceEvent::Rejected { case, .. }
        | TraceEvent::Confirmed { case, .. }
        | TraceEvent::Released { case, .. }
        | TraceEvent::Seen { case, .. } => *case,
    }
}

async fn write(
    tx: &Tx,
    tenant: Uuid,
    trace: Uuid,
    case: Uuid,
    pair: &Pair,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO trace_pair \
         (tenant, trace_id, case_id, notice_id, standing, tier, since, seen_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, trace_id, case_id) \
         DO UPDATE SET standing = excluded.standing, tier = excluded.tier, \
         since = excluded.since, seen_by = excluded.seen_by";
    let seen: Vec<&str> = pair.seen.iter().map(String::as_str).collect();
    let row: kit_store::Params<'_> = &[
        &tenant,
        &trace,
        &case,
        &notice_id(trace, case),
        &pair.standing.as_str(),
        &pair.tier.map(tier_name),
        &pair.since.at,
        &seen,
    ];
    tx.execute(sql, row).await?;
    Ok(())
}

/// The id of the notice that tells of a pair.
fn notice_id(trace: Uuid, case: Uuid) -> Uuid {
    Uuid::new_v5(&trace, case.as_bytes())
}

/// The name of a tier in the API and in rows.
pub const fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Strong => "strong",
        Tier::Probable => "probable",
        Tier::Possible => "possible",
        Tier::SameFamily => "same_family",
        Tier::Unlikely => "unlikely",
    }
}

/// A tier by its name.
pub fn read_tier(name: &str) -> Tier {
    let all = [Tier::Strong, Tier::Probable, Tier::Possible, Tier::SameFamily];
    all.into_iter().find(|tier| tier_name(*tier) == name).unwrap_or(Tier::Unlikely)
}

/// The traces that these cases were proposed for or confirmed as the child of, each with the case.
pub async fn traces_of(
    tx: &Tx,
    tenant: Uuid,
    cases: &[Uuid],
    standings: &[Standing],
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = standings.iter().map(|one| one.as_str()).collect();
    let sql = "SELECT trace_id, case_id FROM trace_pair \
         WHERE tenant = $1 AND case_id = ANY($2) AND standing = ANY($3) ORDER BY trace_id, case_id";
    let rows = tx.query(sql, &[&tenant, &cases, &names]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
