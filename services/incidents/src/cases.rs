//! The cases service, as incidents asks it: always in the caller's own name, so that nobody takes
//! from a case what they may not read there. It tells it of a case's incidents in its own.

use std::time::Duration;

use futures_util::future::BoxFuture;
use incidents_domain::CaseCard;
use kit_proto::cases::v1::NoteIncidentRequest;
use kit_proto::common::v1::GetRequest;
use kit_records::{Record, RecordType};
use kit_serve::{Call, Refusal, Service, Shared};
use serde_json::Value;
use uuid::Uuid;

/// Where cases are asked for.
pub trait CaseSource: Send + Sync + 'static {
    /// A case that the caller reaches, as they may read it.
    fn find<'a>(&'a self, call: &'a Call, id: &'a str) -> BoxFuture<'a, Result<CaseCard, Refusal>>;

    /// Tells cases of an incident that was written just now.
    fn note(&self, tenant: Uuid, told: NoteIncidentRequest) -> BoxFuture<'_, Result<(), Refusal>>;
}

/// An author waits no longer for cases to note an incident; its fact tells them too.
const PATIENCE: Duration = Duration::from_secs(2);

/// The cases service by gRPC.
#[derive(Debug, Clone)]
pub struct RemoteCases(pub Shared);

impl CaseSource for RemoteCases {
    fn find<'a>(&'a self, call: &'a Call, id: &'a str) -> BoxFuture<'a, Result<CaseCard, Refusal>> {
        Box::pin(async move {
            let request = GetRequest {
                id: id.to_owned(),
                parameters: Vec::new(),
                record_type: RecordType::Case.as_str().to_owned(),
            };
            let request = call.onward(&self.0.internal).request(request);
            let mut cases = self.0.peers.records(Service::Cases);
            let reply = cases.get_record(request).await?.into_inner();
            let record: Record = serde_json::from_slice(&reply.data).map_err(Refusal::internal)?;
            card(record).ok_or_else(|| Refusal::internal("a case was answered without id or owner"))
        })
    }

    fn note(&self, tenant: Uuid, told: NoteIncidentRequest) -> BoxFuture<'_, Result<(), Refusal>> {
        Box::pin(async move {
            let call = self.0.internal_call(Some(tenant)).with_timeout(PATIENCE);
            self.0.peers.cases().note_incident(call.request(told)).await?;
            Ok(())
        })
    }
}

/// What an incident needs of a case, from the case's record.
pub fn card(values: Record) -> Option<CaseCard> {
    let text = |name: &str| values.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(CaseCard {
        id: text("id")?.parse::<Uuid>().ok()?,
        display_id: text("case_id_display"),
        owner: text("owned_by")?,
        module: text("module_id"),
        values,
    })
}
