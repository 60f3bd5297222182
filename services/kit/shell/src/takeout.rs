//! `amparo.common.v1.Takeout`, which every service with rows of tenants serves in one way.

use kit_proto::common::v1::takeout_server::{self, TakeoutServer};
use kit_proto::common::v1::{ReadTenantRequest, TenantPage};
use kit_serve::{Access, MAX_REPLY, MAX_REQUEST, Refusal};
use kit_store::{Store, StoreError, TakenPage, TakeoutPlace};
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// For the installation's own programs only: it is all of a tenant, in clear.
pub const TAKEOUT_ACCESS: Access =
    Access::new("amparo.common.v1.Takeout").internal(&["ReadTenant"]);

/// Answers from a store.
pub struct Takeout {
    store: Store,
    tables: &'static [&'static str],
}

/// The history in a store, and the rows of `tables`, which are in no history.
pub fn takeout(store: &Store, tables: &'static [&'static str]) -> TakeoutServer<Takeout> {
    TakeoutServer::new(Takeout { store: store.clone(), tables })
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY)
}

#[tonic::async_trait]
impl takeout_server::Takeout for Takeout {
    async fn read_tenant(
        &self,
        request: Request<ReadTenantRequest>,
    ) -> Result<Response<TenantPage>, Status> {
        let ReadTenantRequest { tenant, after } = request.into_inner();
        let tenant: Uuid =
            tenant.parse().map_err(|_| Status::invalid_argument("tenant is not a UUID"))?;
        let after = match after.as_str() {
            "" => TakeoutPlace::default(),
            text => text.parse().map_err(|_| Status::invalid_argument("after is no place"))?,
        };
        let page = self.store.take_out(tenant, self.tables, &after).await.map_err(refused)?;
        let TakenPage { lines, count, next } = page;
        let next = next.map(|place| place.to_string()).unwrap_or_default();
        Ok(Response::new(TenantPage { lines: lines.into(), count, next }))
    }
}

fn refused(error: StoreError) -> Status {
    match error {
        StoreError::Unavailable(error) => {
            tracing::warn!(error = kit_store::cause(&error), "a takeout waits");
            Refusal::unavailable().into()
        }
        StoreError::Internal(error) => Refusal::internal(kit_store::cause(&error)).into(),
        other => Refusal::internal(other).into(),
    }
}
