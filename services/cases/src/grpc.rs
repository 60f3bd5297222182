//! The rpcs of cases: who asks, then the command or query, then the answer.

use kit_proto::cases::v1::{ImportCasesReply, ImportCasesRequest, cases_server};
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_serve::{Access, Call};
use tonic::{Request, Response, Status};

use crate::service::Cases;

/// What each rpc demands of its caller.
pub const ACCESS: Access =
    Access::new("amparo.cases.v1.Cases").internal(&["ImportCases"]).principal(&[
        "ListCases",
        "GetCase",
        "GetIdentifiedCase",
        "CreateCase",
        "UpdateCase",
        "DisableCase",
        "ListRecordHistory",
        "CheckAccessLog",
        "ListConflicts",
        "SettleConflict",
        "ListTasks",
        "RequestErasure",
        "ApproveErasure",
        "RefuseErasure",
        "ListErasures",
        "GetErasure",
    ]);

type Answer = Result<Response<Reply>, Status>;

macro_rules! rpcs {
    ($($name:ident: $request:ty;)*) => {
        #[tonic::async_trait]
        impl cases_server::Cases for Cases {$(
            async fn $name(&self, request: Request<$request>) -> Answer {
                let asking = self.asking(&Call::of(&request)?).await?;
                Ok(Response::new(Cases::$name(self, &asking, request.get_ref()).await?))
            }
        )*
            async fn import_cases(
                &self,
                request: Request<ImportCasesRequest>,
            ) -> Result<Response<ImportCasesReply>, Status> {
                let call = Call::of(&request)?;
                Ok(Response::new(Cases::import_cases(self, &call, request.into_inner()).await?))
            }
        }
    };
}

rpcs! {
    list_cases: ListRequest;
    get_case: GetRequest;
    get_identified_case: GetRequest;
    create_case: WriteRequest;
    update_case: WriteRequest;
    disable_case: DeleteRequest;
    list_record_history: GetRequest;
    check_access_log: GetRequest;
    list_conflicts: GetRequest;
    settle_conflict: WriteRequest;
    list_tasks: ListRequest;
    request_erasure: WriteRequest;
    approve_erasure: WriteRequest;
    refuse_erasure: DeleteRequest;
    list_erasures: ListRequest;
    get_erasure: GetRequest;
}
