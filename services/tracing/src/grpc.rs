//! The rpcs of tracing alone: who asks, then the command or query, then the answer.

use kit_proto::common::v1::{GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::tracing::v1::{ImportRequestsReply, ImportRequestsRequest, tracing_server};
use kit_records::RecordType;
use kit_serve::{Access, Call};
use tonic::{Request, Response, Status};

use crate::Tracing;

/// What each rpc demands of its caller.
pub const ACCESS: Access =
    Access::new("amparo.tracing.v1.Tracing").internal(&["ImportRequests"]).principal(&[
        "ListTraces",
        "GetTrace",
        "UpdateTrace",
        "ListCaseTraces",
        "ListTracePotentialMatches",
        "ListCasePotentialMatches",
        "ListTraceMatches",
        "ListCaseMatches",
        "RejectMatch",
        "ListNotices",
        "UpdateNotice",
    ]);

macro_rules! rpcs {
    ($($name:ident: $request:ty;)*) => {
        #[tonic::async_trait]
        impl tracing_server::Tracing for Tracing {
            async fn import_requests(
                &self,
                request: Request<ImportRequestsRequest>,
            ) -> Result<Response<ImportRequestsReply>, Status> {
                let call = Call::of(&request)?;
                Ok(Response::new(self.import(&call, request.into_inner()).await?))
            }

            $(
            async fn $name(&self, request: Request<$request>) -> Result<Response<Reply>, Status> {
                let call = Call::of(&request)?;
                let asking = self.office.asking(&call, RecordType::TracingRequest).await?;
                Ok(Response::new(Tracing::$name(self, &asking, request.get_ref()).await?))
            }
        )*}
    };
}

rpcs! {
    list_traces: GetRequest;
    get_trace: GetRequest;
    update_trace: WriteRequest;
    list_case_traces: GetRequest;
    list_trace_potential_matches: GetRequest;
    list_case_potential_matches: GetRequest;
    list_trace_matches: GetRequest;
    list_case_matches: GetRequest;
    reject_match: WriteRequest;
    list_notices: ListRequest;
    update_notice: WriteRequest;
}
