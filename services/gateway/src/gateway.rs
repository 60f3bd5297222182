//! The gateway's state: settings, caches, brakes, and the way to the services.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kit_serve::{CallContext, Shared, Shutdown};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::caller::Caller;
use crate::csrf::Csrf;
use crate::events::Events;
use crate::guesses::{Guesses, Named};
use crate::ledger::Ledger;
use crate::people::{People, Person};
use crate::reading::Readers;
use crate::route::Route;
use crate::settings::Settings;
use crate::tenants::{Tenant, Tenants};
use crate::throttle::{Rate, Tries};
use crate::turns::Turns;
use crate::visit::Visit;

/// Longer than any call should take; the services give up at their own limits.
const PATIENCE: Duration = Duration::from_secs(55);
const UPLOAD_PATIENCE: Duration = Duration::from_secs(170);

/// Shared by all requests.
#[derive(Debug)]
pub struct Gateway {
    pub settings: Settings,
    pub shared: Shared,
    pub routes: Vec<Route>,
    pub csrf: Csrf,
    pub tenants: Tenants,
    pub people: People,
    pub catalogs: Catalogs,
    /// Sign-ins by user name, right and wrong.
    pub sign_ins: Tries<Named>,
    /// Wrong passwords.
    pub guesses: Guesses,
    /// Requests for a new password by tenant and e-mail.
    pub resets: Tries<Named>,
    pub rate: Rate<Caller>,
    /// The same of each organisation.
    pub tenant_rate: Rate<Uuid>,
    /// Whose calls are handled now.
    pub turns: Arc<Turns>,
    /// Refusals for haste that the audit log hears of.
    pub told: Rate<Caller>,
    /// Who reads how much.
    pub readers: Readers,
    pub capacity: Arc<Semaphore>,
    pub ledger: Ledger,
    /// Who saves what administrators keep.
    pub saves: Saves,
    /// Who listens to what happens.
    pub events: Events,
    /// The word to stop, for what does not end by itself.
    pub stopping: Shutdown,
}

impl Gateway {
    /// A gateway with empty caches.
    pub fn new(settings: Settings, shared: Shared, ledger: Ledger, stopping: Shutdown) -> Self {
        Self {
            routes: crate::routes::all(),
            csrf: Csrf::new(shared.internal.clone()),
            tenants: Tenants::default(),
            people: People::default(),
            catalogs: Catalogs::default(),
            sign_ins: Tries::new(settings.gateway_sign_ins),
            guesses: Guesses::new(settings.gateway_sign_ins, settings.gateway_guesses),
            resets: Tries::new(6),
            rate: Rate::new(settings.gateway_rate, settings.gateway_burst),
            tenant_rate: Rate::new(settings.gateway_tenant_rate, settings.gateway_tenant_burst),
            turns: Turns::new(settings.shares()),
            told: Rate::new(1, 1),
            readers: Readers::new(shared.platform.limits.reading()),
            capacity: Arc::new(Semaphore::new(settings.gateway_max_requests)),
            ledger,
            saves: Saves::default(),
            events: Events::new(settings.streams()),
            stopping,
            settings,
            shared,
        }
    }

    /// To call a service as this person.
    pub fn as_person(&self, visit: &Visit, person: &Person, upload: bool) -> CallContext {
        let locale = person.principal.locale.clone();
        let language = visit.language(locale.as_deref());
        CallContext::principal(person.token.clone(), visit.request_id)
            .with_catalog_min(self.catalogs.newest(person.principal.tenant))
            .with_locale(Some(language.code().to_owned()))
            .with_traceparent(Some(visit.traceparent()))
            .with_timeout(if upload { UPLOAD_PATIENCE } else { PATIENCE })
    }

    /// To call a service in the installation's name, before anyone signed in.
    pub fn as_gateway(&self, visit: &Visit, tenant: &Tenant) -> CallContext {
        CallContext::internal(&self.shared.internal, visit.request_id)
            .in_tenant(tenant.id)
            .with_catalog_min(self.catalogs.newest(tenant.id))
            .with_locale(Some(visit.language(None).code().to_owned()))
            .with_traceparent(Some(visit.traceparent()))
            .with_timeout(PATIENCE)
    }
}

/// Saves that are based on what was read take turns, so that none comes between another's look and
/// its write. Between gateways the time of one call is left.
#[derive(Debug, Default)]
pub struct Saves([tokio::sync::Mutex<()>; 32]);

impl Saves {
    /// The turn of a path.
    pub async fn turn(&self, tenant: Uuid, segments: &[String]) -> tokio::sync::MutexGuard<'_, ()> {
        let mut hasher = std::hash::DefaultHasher::new();
        (tenant, segments).hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % 32).unwrap_or_default();
        self.0[at].lock().await
    }
}

/// The newest catalog version known of each tenant.
#[derive(Debug, Default)]
pub struct Catalogs(Mutex<HashMap<Uuid, u64>>);

impl Catalogs {
    /// Learns of a version.
    pub fn saw(&self, tenant: Uuid, version: u64) {
        let mut catalogs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = catalogs.entry(tenant).or_insert(0);
        *newest = version.max(*newest);
    }

    /// The version that reads must not be older than.
    pub fn newest(&self, tenant: Uuid) -> u64 {
        let catalogs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        catalogs.get(&tenant).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalog_never_gets_older() {
        let catalogs = Catalogs::default();
        let tenant = Uuid::from_u128(1);
        catalogs.saw(tenant, 5);
        catalogs.saw(tenant, 4);
        assert_eq!(catalogs.newest(tenant), 5);
        assert_eq!(catalogs.newest(Uuid::nil()), 0);
    }
}
