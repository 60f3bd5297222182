//! `amparo.records.v1.Records`: the same calls for each record type that a service keeps.

use std::sync::Arc;

use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::records::v1::{
    FindScopesReply, FindScopesRequest, ImportRecordsReply, ImportRecordsRequest,
    RecoverErasuresReply, RecoverErasuresRequest, records_server,
};
use kit_serve::{Access, Call, Refusal};
use tonic::{Request, Response, Status};

use crate::cabinet::{Drawer, Drawers};
use crate::erasures::Erasures;
use crate::office::{Asking, Office};
use crate::refusals;

/// What each rpc demands of its caller.
pub const ACCESS: Access = Access::new("amparo.records.v1.Records")
    .internal(&["RecoverErasures", "ImportRecords", "FindScopes"])
    .principal(&[
        "ListRecords",
        "GetRecord",
        "CreateRecord",
        "UpdateRecord",
        "DisableRecord",
        "ListRecordHistory",
        "CheckAccessLog",
        "ListConflicts",
        "SettleConflict",
        "ListOpenConflicts",
        "SyncRecords",
        "ListVisibility",
        "CountRecords",
        "ListRecordFlags",
        "CreateFlag",
        "UpdateFlag",
        "FlagRecords",
        "ListFlags",
        "ListRecordAlerts",
        "DismissAlert",
        "CountAlerts",
        "RequestErasure",
        "ApproveErasure",
        "RefuseErasure",
        "ListErasures",
        "GetErasure",
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
        let drawer = self.drawer(record_type)?;
        let asking = self.office.asking(&call, drawer.record_type()).await?;
        Ok((asking, Arc::clone(drawer)))
    }

    fn drawer(&self, record_type: &str) -> Result<&Arc<dyn Drawer>, Refusal> {
        let drawer = self.drawers.named(record_type);
        drawer.ok_or_else(|| Refusal::invalid("this record type is not kept here"))
    }

    /// Who asks about erasures, which say themselves of what type they are.
    async fn asked_of_erasures<M>(&self, request: &Request<M>) -> Result<Asking, Status> {
        let call = Call::of(request)?;
        let kept = self.drawers.0.first().map(|drawer| drawer.record_type());
        let kept = kept.ok_or_else(|| Refusal::invalid("no records are kept here"))?;
        Ok(self.office.asking(&call, kept).await?)
    }

    fn erasures(&self) -> Erasures {
        Erasures { office: self.office.clone(), drawers: self.drawers.clone() }
    }
}

macro_rules! rpcs {
    ($($name:ident: $request:ty => $call:ident),*; $($of:ident: $sent:ty;)*) => {
        #[tonic::async_trait]
        impl records_server::Records for Records {$(
            async fn $name(&self, request: Request<$request>) -> Result<Response<Reply>, Status> {
                let (asking, drawer) = self.asked(&request, &request.get_ref().record_type).await?;
                Ok(Response::new(drawer.$call(&asking, request.get_ref()).await?))
            }
        )*$(
            async fn $of(&self, request: Request<$sent>) -> Result<Response<Reply>, Status> {
                let asking = self.asked_of_erasures(&request).await?;
                Ok(Response::new(self.erasures().$of(&asking, request.get_ref()).await?))
            }
        )*
            async fn list_flags(
                &self,
                request: Request<ListRequest>,
            ) -> Result<Response<Reply>, Status> {
                let (asking, _) = self.asked(&request, &request.get_ref().record_type).await?;
                Ok(Response::new(self.office.list_flags(&asking, request.get_ref()).await?))
            }

            async fn count_records(
                &self,
                request: Request<ListRequest>,
            ) -> Result<Response<Reply>, Status> {
                let (asking, _) = self.asked(&request, &request.get_ref().record_type).await?;
                Ok(Response::new(self.office.count_records(&asking, request.get_ref()).await?))
            }

            async fn find_scopes(
                &self,
                request: Request<FindScopesRequest>,
            ) -> Result<Response<FindScopesReply>, Status> {
                let tenant = Call::of(&request)?.tenant()?;
                let ids = &request.get_ref().ids;
                Ok(Response::new(self.office.find_scopes(tenant, ids).await?))
            }

            async fn recover_erasures(
                &self,
                request: Request<RecoverErasuresRequest>,
            ) -> Result<Response<RecoverErasuresReply>, Status> {
                let tenant = request.get_ref().tenant.parse();
                let tenant = tenant.map_err(|_| Status::invalid_argument("tenant is not a UUID"))?;
                let recovered = self.erasures().again(tenant).await.map_err(refusals::store)?;
                Ok(Response::new(RecoverErasuresReply { recovered }))
            }

            async fn import_records(
                &self,
                request: Request<ImportRecordsRequest>,
            ) -> Result<Response<ImportRecordsReply>, Status> {
                let call = Call::of(&request)?;
                let drawer = self.drawer(&request.get_ref().record_type)?;
                Ok(Response::new(drawer.import(&call, request.get_ref()).await?))
            }
        }
    };
}

rpcs! {
    list_records: ListRequest => list,
    get_record: GetRequest => get,
    create_record: WriteRequest => create,
    update_record: WriteRequest => update,
    disable_record: DeleteRequest => disable,
    list_record_history: GetRequest => history,
    check_access_log: GetRequest => access_log,
    list_conflicts: GetRequest => conflicts,
    settle_conflict: WriteRequest => settle,
    list_open_conflicts: ListRequest => open_conflicts,
    sync_records: WriteRequest => sync,
    list_visibility: GetRequest => visibility,
    list_record_flags: GetRequest => record_flags,
    create_flag: WriteRequest => flag,
    update_flag: WriteRequest => change_flag,
    flag_records: WriteRequest => flag_many,
    list_record_alerts: GetRequest => record_alerts,
    dismiss_alert: DeleteRequest => dismiss_alert,
    count_alerts: ListRequest => count_alerts;
    request_erasure: WriteRequest;
    approve_erasure: WriteRequest;
    refuse_erasure: DeleteRequest;
    list_erasures: ListRequest;
    get_erasure: GetRequest;
}
