//! People decide: a match is confirmed, taken back, or rejected.

use family_tracing_domain::{Confirm, Refusal as TraceRefusal, Reject, Release, Trace};
use kit_cabinet::{Asking, body, refusals};
use kit_dossier::Stamp;
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::{ExecuteError, Meta};
use uuid::Uuid;

use crate::Tracing;
use crate::matches::Asked;
use crate::traces::{Named, id_in, may_match};

impl Tracing {
    /// `PATCH /traces/:id`: only which case it was matched with.
    pub async fn update_trace(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("write")?;
        let reached = self.reached(asking, &request.id).await?;
        let sent = body(&request.data)?;
        let meta = self.office.meta(asking, &request.command_id);
        let stamp = stamp(&meta);
        let store = &self.office.store;
        let done = match id_in(&sent, "matched_case_id")? {
            Named::NotSent => return self.one_trace(asking, reached).await,
            Named::Nothing => store.execute(&meta, reached.id, Release { stamp }).await,
            Named::Record(case) => {
                self.must_know(asking, reached.id, case).await?;
                store.execute(&meta, reached.id, Confirm { stamp, case }).await
            }
        };
        done.map_err(executed)?;
        self.waker.wake(asking.tenant);
        let reached = self.reached(asking, &request.id).await?;
        self.one_trace(asking, reached).await
    }

    /// `POST /traces/:id/rejections`: it is not this child.
    pub async fn reject_match(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("write")?;
        if !may_match(asking) {
            return Err(Refusal::forbidden());
        }
        let reached = self.reached(asking, &request.id).await?;
        let sent = body(&request.data)?;
        let Named::Record(case) = id_in(&sent, "case_id")? else {
            let missing = FieldProblem::new("/case_id", "missing_required");
            return Err(Refusal::invalid_record(vec![missing]));
        };
        let (_, found) = self.found_for(asking, reached.id, Asked::Everything).await?;
        let found = found.into_iter().find(|one| one.found.case == case);
        let basis = found.ok_or_else(|| no_such_case(case))?.found.basis;
        let meta = self.office.meta(asking, &request.command_id);
        let command = Reject { stamp: stamp(&meta), case, basis };
        let rejected = self.office.store.execute(&meta, reached.id, command).await;
        rejected.map_err(executed)?;
        Ok(Reply { no_content: true, record_ids: vec![request.id.clone()], ..Reply::default() })
    }

    /// Refused unless the caller reaches the case, or it was found for this trace: nobody learns
    /// by guessing ids which cases there are.
    async fn must_know(&self, asking: &Asking, trace: Uuid, case: Uuid) -> Result<(), Refusal> {
        let reached = self.cases.find(&asking.call, &case.to_string()).await;
        let Err(refusal) = reached else { return Ok(()) };
        if may_match(asking) && matches!(refusal.code, Code::PermissionDenied | Code::NotFound) {
            let (_, found) = self.found_for(asking, trace, Asked::Everything).await?;
            if found.iter().any(|one| one.found.case == case) {
                return Ok(());
            }
        }
        Err(refusal)
    }
}

pub fn stamp(meta: &Meta) -> Stamp {
    Stamp { by: meta.actor.clone(), at: meta.now }
}

fn no_such_case(id: Uuid) -> Refusal {
    Refusal::not_found(format!("Couldn't find Child with 'id'={id}"))
}

/// The domain's or the store's no.
pub fn executed(error: ExecuteError<TraceRefusal>) -> Refusal {
    let refusal = match error {
        ExecuteError::Store(error) => return refusals::store(error),
        ExecuteError::Refused(refusal) => refusal,
    };
    let message = refusal.to_string();
    match refusal {
        TraceRefusal::Unknown => Refusal::not_found("Couldn't find Notice"),
        TraceRefusal::Matched | TraceRefusal::Confirmed => {
            let field = FieldProblem::new("/matched_case_id", "matched_already");
            let error = ErrorItem::new(message).with_detail("matched_case_id");
            Refusal::new(Code::Aborted, error.with_fields(vec![field]))
        }
    }
}

/// The history of a trace, as this process sees it.
pub async fn history(tracing: &Tracing, tenant: Uuid, id: Uuid) -> Result<Trace, Refusal> {
    let loaded = tracing.office.store.load::<Trace>(tenant, id).await.map_err(refusals::store)?;
    Ok((*loaded.state).clone())
}
