//! The records that were merged into one are of the same person: they are erased with it.

use kit_dossier::Stamp;
use kit_dossier::erasure::{ApproveErasure, Erasure, Known, RequestErasure};
use kit_records::Record;
use kit_serve::{FieldProblem, Refusal};
use kit_store::{ExecuteError, Meta};
use serde_json::Value;
use uuid::Uuid;

use super::request::known;
use super::{Erasures, executed};
use crate::apart::MERGED_INTO;
use crate::office::{Asking, Office};
use crate::stored::Stored;

/// A merge of merges is followed so far.
const MOST: usize = 100;

/// A record that goes with another, and who reached it.
#[derive(Debug, Clone)]
pub(super) struct Merged {
    record: Uuid,
    known: Known,
}

impl Office {
    /// Refused for a record that was merged into another: that one is erased, and this with it.
    pub(super) async fn must_stand_alone(
        &self,
        asking: &Asking,
        row: Stored,
    ) -> Result<Stored, Refusal> {
        let opened = self.opened(asking, row).await?;
        let record: Record = serde_json::from_slice(&opened.json).map_err(Refusal::internal)?;
        if record.get(MERGED_INTO).is_some_and(|into| !into.is_null()) {
            return Err(Refusal::invalid_record(vec![FieldProblem::new("/record_id", "merged")]));
        }
        Ok(opened.row)
    }
}

impl Erasures {
    /// What was merged into a record, and into what was merged into it.
    pub(super) async fn merged_into(
        &self,
        asking: &Asking,
        record: Uuid,
    ) -> Result<Vec<Merged>, Refusal> {
        let (mut found, mut next) = (Vec::<Merged>::new(), vec![record]);
        while let Some(id) = next.pop().filter(|_| found.len() < MOST) {
            let row = self.office.existing(asking, &id.to_string()).await?;
            if id != record {
                found.push(Merged { record: id, known: known(&row) });
            }
            let opened = self.office.opened(asking, row).await?;
            let whole: Record = serde_json::from_slice(&opened.json).map_err(Refusal::internal)?;
            let from = whole.get("merged_from").and_then(Value::as_array).into_iter().flatten();
            next.extend(from.filter_map(|one| one["id"].as_str()?.parse::<Uuid>().ok()));
        }
        Ok(found)
    }

    /// Agrees to an erasure, and to that of what was merged into the record; says which these are.
    pub(super) async fn approve_all(
        &self,
        meta: &Meta,
        erasure: &Erasure,
        merged: Vec<Merged>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let approve = ApproveErasure { stamp };
        let ids: Vec<Uuid> =
            merged.iter().map(|one| Uuid::new_v5(&erasure.id, one.record.as_bytes())).collect();
        let done = self.office.store.transact(meta, "ApproveErasure", |unit| {
            let (approve, erasure) = (approve.clone(), erasure.clone());
            let merged: Vec<(Uuid, Merged)> =
                ids.iter().copied().zip(merged.iter().cloned()).collect();
            Box::pin(async move {
                unit.execute(erasure.id, approve.clone()).await?;
                for (id, one) in merged {
                    let request = RequestErasure {
                        stamp: erasure.requested.clone(),
                        id,
                        record_type: erasure.record_type.clone(),
                        record_id: one.record,
                        reason: erasure.reason.clone(),
                        text: None,
                        known: one.known,
                    };
                    unit.execute(id, request).await?;
                    unit.execute(id, approve.clone()).await?;
                }
                Ok::<_, ExecuteError<_>>(())
            })
        });
        done.await.map_err(|error| executed(error, erasure.id))?;
        Ok(ids)
    }
}
