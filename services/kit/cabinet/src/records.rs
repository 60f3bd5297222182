//! `amparo.records.v1.Records`: the same calls for each record type that a service keeps.

use std::sync::Arc;

use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::records::v1::records_server;
use kit_serve::{Access, Call, Refusal};
use tonic::{Request, Response, Status};

use crate::cabinet::{Drawer, Drawers};
use crate::office::{Asking, Office};

/// What each rpc demands of its caller.
pub const ACCESS: Access = Access::new("amparo.records.v1.Records").principal(&[
    "ListRecords",
    "GetRecord",
    "CreateRecord",
    "UpdateRecord",
    "DisableRecord",
    "ListRecordHistory",
    "CheckAccessLog",
    "ListConflicts",
    "SettleConflict",
]);

/// The records of a service, by type.
#[derive(Clone)]
pub struct Records {
    pub office: Office,
    pub drawers: Drawers,
}

impl Records {
    /// Who asks, and whom. A type that is kept elsewhere is a mistake of the caller's.
    async fn asked<M>(
        &self,
        request: &Request<M>,
        record_type: &str,
    ) -> Result<(Asking, Arc<dyn Drawer>), Status> {
        let call = Call::of(request)?;
        let drawer = self.drawers.named(record_type);
        let drawer = drawer.ok_or_else(|| Refusal::invalid("this record type is not kept here"))?;
        let asking = self.office.asking(&call, drawer.record_type()).await?;
        Ok((asking, Arc::clone(drawer)))
    }
}

macro_rules! rpcs {
    ($($name:ident: $request:ty => $call:ident;)*) => {
        #[tonic::async_trait]
        impl records_server::Records for Records {$(
            async fn $name(&self, request: Request<$request>) -> Result<Response<Reply>, Status> {
                let (asking, drawer) = self.asked(&request, &request.get_ref().record_type).await?;
                Ok(Response::new(drawer.$call(&asking, request.get_ref()).await?))
            }
        )*}
    };
}

rpcs! {
    list_records: ListRequest => list;
    get_record: GetRequest => get;
    create_record: WriteRequest => create;
    update_record: WriteRequest => update;
    disable_record: DeleteRequest => disable;
    list_record_history: GetRequest => history;
    check_access_log: GetRequest => access_log;
    list_conflicts: GetRequest => conflicts;
    settle_conflict: WriteRequest => settle;
}
