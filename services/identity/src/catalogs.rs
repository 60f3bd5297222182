//! The tenants' catalogs as configuration has them, kept while they are fresh enough.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use kit_proto::configuration::v1::{FindPlacesRequest, GetCatalogRequest};
use kit_records::Catalog;
use kit_serve::{Call, Lately, Refusal, Shared};
use uuid::Uuid;

/// A catalog takes a megabyte, and is asked for again where it is not at hand.
const TENANTS: NonZeroUsize = NonZeroUsize::new(256).unwrap();
const REST: Duration = Duration::from_mins(5);
/// After this a catalog is asked for again, in case a fact was missed.
const FRESH_FOR: Duration = Duration::from_secs(3);

/// Where catalogs come from.
pub trait CatalogSource: Send + Sync + 'static {
    /// The newest catalog of the call's tenant, if it is newer than this.
    fn newer(
        &self,
        call: &Call,
        tenant: Uuid,
        than: u64,
    ) -> BoxFuture<'static, Result<Option<Catalog>, Refusal>>;

    /// Where places of the call's tenant lie.
    fn places(
        &self,
        call: &Call,
        tenant: Uuid,
        codes: Vec<String>,
    ) -> BoxFuture<'static, Result<Paths, Refusal>>;
}

/// Codes from the top down to a place, by its code.
pub type Paths = HashMap<String, Vec<String>>;

/// The configuration service, over gRPC.
pub(crate) struct Remote {
    shared: Shared,
}

impl Remote {
    pub const fn new(shared: Shared) -> Self {
        Self { shared }
    }
}

impl CatalogSource for Remote {
    fn newer(
        &self,
        call: &Call,
        tenant: Uuid,
        than: u64,
    ) -> BoxFuture<'static, Result<Option<Catalog>, Refusal>> {
        let message = GetCatalogRequest {
            tenant: tenant.to_string(),
            newer_than: than,
            ..GetCatalogRequest::default()
        };
        let request = call.as_service(&self.shared.internal).request(message);
        let mut configuration = self.shared.peers.configuration();
        Box::pin(async move {
            let reply = configuration.get_catalog(request).await.map_err(Refusal::from)?;
            let json = reply.into_inner().json;
            if json.is_empty() {
                return Ok(None);
            }
            serde_json::from_slice(&json).map(Some).map_err(Refusal::internal)
        })
    }

    fn places(
        &self,
        call: &Call,
        tenant: Uuid,
        codes: Vec<String>,
    ) -> BoxFuture<'static, Result<Paths, Refusal>> {
        let message = FindPlacesRequest { tenant: tenant.to_string(), codes };
        let request = call.as_service(&self.shared.internal).request(message);
        let mut configuration = self.shared.peers.configuration();
        Box::pin(async move {
            let reply = configuration.find_places(request).await.map_err(Refusal::from)?;
            let places = reply.into_inner().places.into_iter();
            Ok(places.map(|place| (place.code, place.hierarchy)).collect())
        })
    }
}

/// Catalogs at hand.
#[derive(Clone)]
pub(crate) struct Catalogs {
    source: Arc<dyn CatalogSource>,
    /// By tenant, with the time when it was asked for.
    kept: Lately<Uuid, (Instant, Arc<Catalog>)>,
}

impl Catalogs {
    pub fn new(source: Arc<dyn CatalogSource>) -> Self {
        Self { source, kept: Lately::new(TENANTS, REST) }
    }

    /// The catalog of the call's tenant, as new as the call demands.
    pub async fn of(&self, call: &Call) -> Result<Arc<Catalog>, Refusal> {
        let kept = self.kept.get(&call.tenant()?);
        if let Some((since, catalog)) = kept
            && since.elapsed() < FRESH_FOR
            && catalog.version >= call.catalog_min
        {
            return Ok(catalog);
        }
        self.newest(call).await
    }

    /// The catalog as it is now, for decisions that are stored.
    pub async fn newest(&self, call: &Call) -> Result<Arc<Catalog>, Refusal> {
        let tenant = call.tenant()?;
        let kept = self.kept.get(&tenant);
        let than = kept.as_ref().map_or(0, |(_, catalog)| catalog.version);
        let catalog = match self.source.newer(call, tenant, than).await? {
            Some(catalog) => Arc::new(catalog),
            None => kept.map(|(_, catalog)| catalog).unwrap_or_default(),
        };
        self.kept.put(tenant, (Instant::now(), Arc::clone(&catalog)));
        Ok(catalog)
    }

    /// Where places of the call's tenant lie; none while configuration does not answer.
    pub async fn paths(&self, call: &Call, codes: Vec<String>) -> Result<Paths, Refusal> {
        let paths = self.source.places(call, call.tenant()?, codes).await;
        Ok(paths.unwrap_or_else(|refusal| {
            tracing::warn!(code = ?refusal.code, "no places from configuration");
            Paths::new()
        }))
    }

    /// The same, or nothing while configuration does not answer.
    pub async fn if_any(&self, call: &Call) -> Option<Arc<Catalog>> {
        match self.of(call).await {
            Ok(catalog) => Some(catalog),
            Err(refusal) => {
                tracing::warn!(code = ?refusal.code, "no catalog from configuration");
                None
            }
        }
    }
}
