//! The rpcs of cases alone: who asks, then the command or query, then the answer.

use kit_proto::cases::v1::{
    ImportCasesReply, ImportCasesRequest, NoteIncidentReply, NoteIncidentRequest, cases_server,
};
use kit_proto::common::v1::{GetRequest, ListRequest, Reply, WriteRequest};
use kit_serve::{Access, Call};
use tonic::{Request, Response, Status};

use crate::cases::Cases;
use crate::incidents::note_incident;

/// What each rpc demands of its caller.
pub const ACCESS: Access =
    Access::new("amparo.cases.v1.Cases").internal(&["ImportCases", "NoteIncident"]).principal(&[
        "GetIdentifiedCase",
        "CreateCaseFromFamily",
        "CreateFamilyCase",
        "ListTasks",
        "FindSimilarCases",
        "ListDuplicatesOfCase",
        "ListDuplicates",
        "JudgeDuplicate",
        "MergeCases",
        "UnmergeCases",
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
                Ok(Response::new(self.import(&call, request.into_inner()).await?))
            }

            async fn note_incident(
                &self,
                request: Request<NoteIncidentRequest>,
            ) -> Result<Response<NoteIncidentReply>, Status> {
                let call = Call::of(&request)?;
                let noted = note_incident(&self.office, &call, request.into_inner()).await?;
                Ok(Response::new(noted))
            }
        }
    };
}

rpcs! {
    get_identified_case: GetRequest;
    create_case_from_family: WriteRequest;
    create_family_case: WriteRequest;
    list_tasks: ListRequest;
    find_similar_cases: WriteRequest;
    list_duplicates_of_case: GetRequest;
    list_duplicates: ListRequest;
    judge_duplicate: WriteRequest;
    merge_cases: WriteRequest;
    unmerge_cases: WriteRequest;
}
