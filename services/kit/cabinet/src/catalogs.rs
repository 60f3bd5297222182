//! Catalogs at hand: the configuration that a request works with, exactly one per request.

mod schemas;
mod shared;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use kit_records::{Catalog, CatalogIndex, Options, RecordType, search, split};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use schemas::Schemas;
use shared::SharedCatalogs;

/// How long a catalog is used before configuration is asked for a newer one. Writes of the
/// caller's own are seen at once: the gateway names the version it knows.
const FRESH: Duration = Duration::from_secs(2);

/// How long an answer is waited for, while requests of the tenant wait too: briefly where there is
/// a catalog that can serve instead.
const REFRESH: Duration = Duration::from_secs(2);
const FIRST: Duration = Duration::from_secs(20);

/// Tenants of whom nobody asked anything for so long are forgotten.
const RESTING: Duration = Duration::from_mins(30);
/// Catalogs that differ, at most, some megabytes each: beyond it those of tenants go that were
/// asked for longest ago.
const MOST: usize = 64;

/// Where catalogs come from.
pub trait CatalogSource: Send + Sync + 'static {
    /// The newest catalog of `epoch` (0: of all), or nothing when `newer_than` still is.
    fn fetch(
        &self,
        tenant: Uuid,
        newer_than: u64,
        epoch: u64,
    ) -> BoxFuture<'_, anyhow::Result<Option<Catalog>>>;
}

/// What of the configuration a request must see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// The version that the gateway knows of.
    pub at_least: u64,
    /// The epoch that the principal's role belongs to; 0 means the newest.
    pub epoch: u64,
}

#[derive(Clone)]
struct Held {
    index: Arc<CatalogIndex>,
    checked: Instant,
}

#[derive(Default)]
struct OfTenant {
    newest: Option<Held>,
    /// The last catalog of an epoch that is over.
    before: Option<Arc<CatalogIndex>>,
}

/// A tenant's catalogs, and when it was asked for them.
struct Kept {
    of: Arc<tokio::sync::Mutex<OfTenant>>,
    used: Instant,
}

/// The cache of catalogs, by tenant.
pub struct Catalogs {
    source: Arc<dyn CatalogSource>,
    tenants: Mutex<HashMap<Uuid, Kept>>,
    shared: SharedCatalogs,
    /// Tenants of whose newer catalog a fact told.
    expired: Mutex<HashSet<Uuid>>,
    /// What is known of the forms of the catalog used last.
    forms: Mutex<HashMap<(Uuid, RecordType), Forms>>,
    /// What callers may write by them.
    pub schemas: Arc<Schemas>,
}

/// The hash of a catalog's forms, as long as the catalog is there.
type Forms = (Weak<CatalogIndex>, i64);

impl std::fmt::Debug for Catalogs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogs").finish_non_exhaustive()
    }
}

impl Catalogs {
    pub fn new(source: Arc<dyn CatalogSource>) -> Self {
        Self {
            source,
            tenants: Mutex::default(),
            shared: SharedCatalogs::default(),
            expired: Mutex::default(),
            forms: Mutex::default(),
            schemas: Arc::default(),
        }
    }

    /// Somebody said that there is a newer catalog.
    pub fn expire(&self, tenant: Uuid) {
        self.expired.lock().expect("not poisoned").insert(tenant);
    }

    /// Tells forms apart that take records apart differently; worked out once per catalog.
    pub fn forms(&self, tenant: Uuid, record_type: RecordType, catalog: &Arc<CatalogIndex>) -> i64 {
        let mut known = self.forms.lock().expect("not poisoned");
        if let Some((of, forms)) = known.get(&(tenant, record_type))
            && of.upgrade().is_some_and(|of| Arc::ptr_eq(&of, catalog))
        {
            return *forms;
        }
        let forms = fingerprint(catalog, record_type);
        known.insert((tenant, record_type), (Arc::downgrade(catalog), forms));
        forms
    }

    /// The catalog for one request.
    pub async fn take(&self, tenant: Uuid, wanted: Wanted) -> anyhow::Result<Arc<CatalogIndex>> {
        let held = self.tenant(tenant);
        let mut held = held.lock().await;
        let newest = self.newest(&mut held, tenant, wanted).await?;
        if wanted.epoch == 0 || wanted.epoch >= newest.epoch {
            return Ok(newest);
        }
        self.of_epoch(&mut held, tenant, wanted.epoch, newest).await
    }

    async fn newest(
        &self,
        held: &mut OfTenant,
        tenant: Uuid,
        wanted: Wanted,
    ) -> anyhow::Result<Arc<CatalogIndex>> {
        let expired = self.expired.lock().expect("not poisoned").remove(&tenant);
        if let Some(one) = &held.newest
            && !expired
            && one.checked.elapsed() < FRESH
            && one.index.version >= wanted.at_least
            && one.index.epoch >= wanted.epoch
        {
            return Ok(Arc::clone(&one.index));
        }
        let known = held.newest.as_ref().map(|one| Arc::clone(&one.index));
        let newer_than = known.as_ref().map_or(0, |one| one.version);
        let patience = if known.is_some() { REFRESH } else { FIRST };
        let fetched = tokio::time::timeout(patience, self.source.fetch(tenant, newer_than, 0));
        let fetched = fetched.await.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in time")));
        let index = match (fetched, known) {
            (Ok(Some(catalog)), known) => {
                let index = self.shared.of(catalog);
                held.before = known.filter(|one| one.epoch < index.epoch);
                index
            }
            (Ok(None), Some(known)) => known,
            (Ok(None), None) => Arc::default(),
            // Configuration is away: what is known still serves, unless the caller has seen more.
            (Err(error), Some(known)) if known.version >= wanted.at_least => {
                tracing::warn!(
                    error = kit_store::cause(&error),
                    "configuration cannot be reached; using the catalog at hand"
                );
                known
            }
            (Err(error), _) => return Err(error),
        };
        held.newest = Some(Held { index: Arc::clone(&index), checked: Instant::now() });
        Ok(index)
    }

    async fn of_epoch(
        &self,
        held: &mut OfTenant,
        tenant: Uuid,
        epoch: u64,
        newest: Arc<CatalogIndex>,
    ) -> anyhow::Result<Arc<CatalogIndex>> {
        if let Some(before) = held.before.as_ref().filter(|one| one.epoch == epoch) {
            return Ok(Arc::clone(before));
        }
        let Some(catalog) = self.source.fetch(tenant, 0, epoch).await? else { return Ok(newest) };
        let index = self.shared.of(catalog);
        held.before = Some(Arc::clone(&index));
        Ok(index)
    }

    fn tenant(&self, tenant: Uuid) -> Arc<tokio::sync::Mutex<OfTenant>> {
        let mut tenants = self.tenants.lock().expect("not poisoned");
        let used = Instant::now();
        if !tenants.contains_key(&tenant) {
            self.make_room(&mut tenants, used);
        }
        let kept = tenants.entry(tenant).or_insert_with(|| Kept { of: Arc::default(), used });
        kept.used = used;
        Arc::clone(&kept.of)
    }

    /// Before another tenant comes: those that rest go, and as many more as there are catalogs too
    /// many. What a request holds stays with it.
    fn make_room(&self, tenants: &mut HashMap<Uuid, Kept>, now: Instant) {
        tenants.retain(|_, kept| now.duration_since(kept.used) < RESTING);
        while self.shared.count() >= MOST {
            let oldest = tenants.iter().min_by_key(|(_, kept)| kept.used).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            tenants.remove(&oldest);
        }
        let mut forms = self.forms.lock().expect("not poisoned");
        forms.retain(|_, (of, _)| of.strong_count() > 0);
        self.expired.lock().expect("not poisoned").retain(|id| tenants.contains_key(id));
    }
}

/// Of everything in the forms of a type that decides where a value lies.
fn fingerprint(catalog: &CatalogIndex, record_type: RecordType) -> i64 {
    let mut told = format!("{} {}\n", search::VERSION, split::VERSION);
    for form in catalog.forms.iter().filter(|form| form.parent_form == record_type.as_str()) {
        for field in &form.fields {
            // Writing into a text does not fail.
            let _ = writeln!(
                told,
                "{} {} {} {:?} {} {:?}",
                form.unique_id,
                form.is_nested,
                field.name,
                field.field_type,
                field.phone_number,
                matches!(catalog.options(field), Options::Free)
                    .then_some(&field.option_strings_source),
            );
        }
    }
    for (name, _) in catalog.fields(record_type) {
        let _ = writeln!(told, "{name} {:?}", split::held(catalog, record_type, name));
    }
    let mut lines: Vec<&str> = told.lines().collect();
    lines.sort_unstable();
    let digest = Sha256::digest(lines.join("\n"));
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Has a catalog of epoch 1 (version 5) and one of epoch 2 (version 9).
    #[derive(Default)]
    struct TwoEpochs {
        calls: AtomicU64,
        newest: AtomicU64,
    }

    impl CatalogSource for TwoEpochs {
        fn fetch(
            &self,
            _: Uuid,
            newer_than: u64,
            epoch: u64,
        ) -> BoxFuture<'_, anyhow::Result<Option<Catalog>>> {
            self.calls.fetch_add(1, Ordering::SeqCst);
            let old = Catalog { version: 5, epoch: 1, ..Catalog::default() };
            let new = Catalog { version: 9, epoch: 2, ..Catalog::default() };
            let newest = if self.newest.load(Ordering::SeqCst) == 9 { new } else { old.clone() };
            let found = match epoch {
                1 => Some(old),
                _ => Some(newest).filter(|one| one.version > newer_than),
            };
            Box::pin(async move { Ok(found) })
        }
    }

    fn wanted(at_least: u64, epoch: u64) -> Wanted {
        Wanted { at_least, epoch }
    }

    #[tokio::test]
    async fn a_version_that_the_gateway_knows_is_fetched_before_use() {
        let source = Arc::new(TwoEpochs::default());
        let catalogs = Catalogs::new(source.clone());
        let tenant = Uuid::nil();
        assert_eq!(catalogs.take(tenant, wanted(0, 0)).await.unwrap().version, 5);
        source.newest.store(9, Ordering::SeqCst);
        assert_eq!(catalogs.take(tenant, wanted(5, 0)).await.unwrap().version, 5);
        assert_eq!(source.calls.load(Ordering::SeqCst), 1);
        assert_eq!(catalogs.take(tenant, wanted(9, 0)).await.unwrap().version, 9);
    }

    #[tokio::test]
    async fn tenants_with_one_configuration_share_it_and_few_are_kept() {
        let source = Arc::new(Distinct::default());
        let catalogs = Catalogs::new(source.clone());
        let tenant = |number: u64| Uuid::from_u128(u128::from(number));
        let first = catalogs.take(tenant(0), wanted(0, 0)).await.unwrap();
        let second = catalogs.take(tenant(1), wanted(0, 0)).await.unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        source.0.store(true, Ordering::SeqCst);
        for number in 2..200 {
            catalogs.take(tenant(number), wanted(0, 0)).await.unwrap();
        }
        assert!(catalogs.shared.count() <= MOST);
        assert!(catalogs.tenants.lock().unwrap().contains_key(&tenant(199)));
        assert!(!catalogs.tenants.lock().unwrap().contains_key(&tenant(0)));
    }

    /// Gives all one catalog, or each its own.
    #[derive(Default)]
    struct Distinct(std::sync::atomic::AtomicBool);

    impl CatalogSource for Distinct {
        fn fetch(
            &self,
            tenant: Uuid,
            _: u64,
            _: u64,
        ) -> BoxFuture<'_, anyhow::Result<Option<Catalog>>> {
            let own = self.0.load(Ordering::SeqCst);
            let locales = if own { vec![tenant.to_string()] } else { vec![] };
            let catalog = Catalog { version: 1, locales, ..Catalog::default() };
            Box::pin(async move { Ok(Some(catalog)) })
        }
    }

    #[tokio::test]
    async fn a_principal_of_the_epoch_before_sees_its_catalog() {
        let source = Arc::new(TwoEpochs::default());
        source.newest.store(9, Ordering::SeqCst);
        let catalogs = Catalogs::new(source);
        let tenant = Uuid::nil();
        assert_eq!(catalogs.take(tenant, wanted(0, 2)).await.unwrap().version, 9);
        assert_eq!(catalogs.take(tenant, wanted(0, 1)).await.unwrap().version, 5);
        assert_eq!(catalogs.take(tenant, wanted(9, 1)).await.unwrap().version, 5);
    }
}
