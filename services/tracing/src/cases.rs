//! The cases service, as tracing asks it: always in the caller's own name, so that nobody learns
//! of a case what they may not read there.

use futures_util::future::BoxFuture;
use kit_proto::common::v1::{GetRequest, ListRequest, Parameter};
use kit_records::{Record, RecordType};
use kit_serve::{Call, Code, Refusal, Service, Shared};
use uuid::Uuid;

/// Where cases are asked for.
pub trait CaseSource: Send + Sync + 'static {
    /// A case that the caller reaches, as they may read it.
    fn find<'a>(&'a self, call: &'a Call, id: &'a str) -> BoxFuture<'a, Result<Record, Refusal>>;

    /// Those of these cases that the caller reaches, as they may read them.
    fn reached<'a>(
        &'a self,
        call: &'a Call,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'a, Result<Vec<Record>, Refusal>>;
}

/// The cases service by gRPC.
#[derive(Debug, Clone)]
pub struct RemoteCases(pub Shared);

impl RemoteCases {
    async fn listed(&self, call: &Call, ids: &[Uuid]) -> Result<Vec<Record>, Refusal> {
        let one = |name: &str, value: String| Parameter { name: name.to_owned(), value };
        let wanted: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let parameters = vec![one("id", wanted.join(",")), one("per", wanted.len().to_string())];
        let request = ListRequest { parameters, record_type: RecordType::Case.as_str().to_owned() };
        let request = call.onward(&self.0.internal).request(request);
        let reply = self.0.peers.records(Service::Cases).list_records(request).await;
        let reply = reply.map_err(Refusal::from)?.into_inner();
        serde_json::from_slice(&reply.data).map_err(Refusal::internal)
    }
}

impl CaseSource for RemoteCases {
    fn find<'a>(&'a self, call: &'a Call, id: &'a str) -> BoxFuture<'a, Result<Record, Refusal>> {
        Box::pin(async move {
            let request = GetRequest {
                id: id.to_owned(),
                parameters: Vec::new(),
                record_type: RecordType::Case.as_str().to_owned(),
            };
            let request = call.onward(&self.0.internal).request(request);
            let mut cases = self.0.peers.records(Service::Cases);
            let reply = cases.get_record(request).await?.into_inner();
            serde_json::from_slice(&reply.data).map_err(Refusal::internal)
        })
    }

    fn reached<'a>(
        &'a self,
        call: &'a Call,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'a, Result<Vec<Record>, Refusal>> {
        Box::pin(async move {
            if ids.is_empty() {
                return Ok(Vec::new());
            }
            match self.listed(call, &ids).await {
                // Whoever may read no case reaches none.
                Err(refusal) if refusal.code == Code::PermissionDenied => Ok(Vec::new()),
                other => other,
            }
        })
    }
}
