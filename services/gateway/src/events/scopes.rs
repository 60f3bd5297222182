//! Who may hear of what happened: the keepers of the records say, for many records at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use kit_proto::records::v1::{FindScopesRequest, RecordScope};
use kit_records::RecordType;
use kit_serve::Shared;
use uuid::Uuid;

use super::{Batch, News, Place, SOURCES, Scoped, What};

/// Of more than this at once (an import, a bulk change) nobody wants to hear one by one.
const ONE_BY_ONE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(3);

/// What devices of an organisation are told. Records whose scope nobody can say now are not told by
/// id, and not passed over either.
pub async fn batch(shared: &Shared, tenant: Uuid, place: Place, news: &[News]) -> Batch {
    let mut batch = Batch { place, ..Batch::default() };
    let mut changed: [BTreeSet<Uuid>; SOURCES.len()] = Default::default();
    for one in news {
        match one.what {
            What::Record(id) => {
                changed[one.source].insert(id);
            }
            What::Erased => batch.caseload = true,
            What::People { moved } => {
                batch.people = true;
                batch.moved |= moved;
            }
            What::Configuration => batch.configuration = true,
        }
    }
    let asked = changed.iter().enumerate().filter(|(_, ids)| !ids.is_empty());
    let asked = join_all(asked.map(|(source, ids)| scopes(shared, tenant, source, ids))).await;
    for scoped in asked {
        match scoped {
            Some(scoped) => batch.records.extend(scoped),
            None => batch.caseload = true,
        }
    }
    batch
}

/// The scopes of records of one keeper; none if they are too many, or it does not answer.
async fn scopes(
    shared: &Shared,
    tenant: Uuid,
    source: usize,
    ids: &BTreeSet<Uuid>,
) -> Option<Vec<Scoped>> {
    if ids.len() > ONE_BY_ONE {
        return None;
    }
    let message = FindScopesRequest { ids: ids.iter().map(Uuid::to_string).collect() };
    let context = shared.internal_call(Some(tenant)).with_timeout(PATIENCE);
    let mut keeper = shared.peers.records(SOURCES[source]);
    match keeper.find_scopes(context.request(message)).await {
        Ok(reply) => reply.get_ref().records.iter().map(scoped).collect(),
        Err(status) => {
            let service = SOURCES[source].name();
            tracing::warn!(code = ?status.code(), service, "who reaches a record is not known");
            None
        }
    }
}

fn scoped(record: &RecordScope) -> Option<Scoped> {
    let before = (!record.before.is_empty()).then(|| serde_json::from_slice(&record.before));
    Some(Scoped {
        record_type: RecordType::parse(&record.record_type)?,
        id: record.id.parse().ok()?,
        scope: serde_json::from_slice(&record.scope).ok()?,
        before: before.transpose().ok()?,
        conflicted: record.conflicts > 0,
    })
}
