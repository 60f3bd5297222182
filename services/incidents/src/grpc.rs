//! The rpcs of incidents alone: who asks, then the command or query, then the answer.

use kit_proto::common::v1::{GetRequest, Reply, WriteRequest};
use kit_proto::incidents::v1::incidents_server;
use kit_records::RecordType;
use kit_serve::{Access, Call};
use tonic::{Request, Response, Status};

use crate::Incidents;

/// What each rpc demands of its caller.
pub const ACCESS: Access = Access::new("amparo.incidents.v1.Incidents").principal(&[
    "ListCaseIncidents",
    "GetNewIncident",
    "LinkIncidents",
]);

macro_rules! rpcs {
    ($($name:ident: $request:ty;)*) => {
        #[tonic::async_trait]
        impl incidents_server::Incidents for Incidents {$(
            async fn $name(&self, request: Request<$request>) -> Result<Response<Reply>, Status> {
                let call = Call::of(&request)?;
                let asking = self.office.asking(&call, RecordType::Incident).await?;
                Ok(Response::new(Incidents::$name(self, &asking, request.get_ref()).await?))
            }
        )*}
    };
}

rpcs! {
    list_case_incidents: GetRequest;
    get_new_incident: GetRequest;
    link_incidents: WriteRequest;
}
