//! Which tenant a host name belongs to: identity says, and is asked again every few seconds.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kit_proto::identity::v1::{ResolveTenantRequest, Tenant as TenantMessage};
use kit_serve::{Code, Refusal, Shared};
use lru::LruCache;
use uuid::Uuid;

use crate::problem::Problem;

const FRESH: Duration = Duration::from_secs(5);
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// An organisation on this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub id: Uuid,
    pub name: String,
    pub display_name: String,
    /// open, suspended, closed or destroyed
    pub status: String,
    /// Requests that it may keep up, where it is not what everybody may.
    pub requests_per_second: Option<u32>,
}

impl Tenant {
    /// Refuses every call when the tenant is not open.
    pub fn admits(&self) -> Result<(), Problem> {
        if self.status == "open" { Ok(()) } else { Err(Problem::tenant_closed(&self.status)) }
    }
}

/// Host names lately asked for, also those that nobody has.
#[derive(Debug)]
pub struct Tenants(Mutex<LruCache<String, Asked>>);

/// When identity was asked, and what it said.
#[derive(Debug, Clone)]
struct Asked {
    at: Instant,
    found: Option<Arc<Tenant>>,
}

impl Default for Tenants {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Tenants {
    /// The tenant of a host; refused when there is none.
    pub async fn of_host(&self, shared: &Shared, host: &str) -> Result<Arc<Tenant>, Problem> {
        let asked = match self.remembered(host) {
            Some(asked) => asked,
            None => self.ask(shared, host).await?,
        };
        asked.found.ok_or_else(Problem::unknown_host)
    }

    /// Forgets everything; a tenant was changed.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn remembered(&self, host: &str) -> Option<Asked> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(host).filter(|asked| asked.at.elapsed() < FRESH).cloned()
    }

    async fn ask(&self, shared: &Shared, host: &str) -> Result<Asked, Problem> {
        if host.is_empty() || host.len() > 253 {
            return Err(Problem::unknown_host());
        }
        let message = ResolveTenantRequest { host: host.to_owned() };
        let request = shared.internal_call(None).request(message);
        let found = match shared.peers.identity().resolve_tenant(request).await {
            Ok(reply) => Some(Arc::new(tenant(reply.into_inner())?)),
            Err(status) => match Refusal::from(status) {
                refusal if refusal.code == Code::NotFound => None,
                refusal => return Err(refusal.into()),
            },
        };
        let asked = Asked { at: Instant::now(), found };
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.put(host.to_owned(), asked.clone());
        Ok(asked)
    }
}

fn tenant(message: TenantMessage) -> Result<Tenant, Problem> {
    let id = message.id.parse().map_err(|_broken| Problem::internal())?;
    Ok(Tenant {
        id,
        name: message.name,
        display_name: message.display_name,
        status: message.status,
        requests_per_second: message.limits.and_then(|limits| limits.requests_per_second),
    })
}
