//! Keeps directories of the tenants used lately, and brings them up to date.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use identity_domain::{Agency, CodeOfConduct, Role, TenantStatus, User, UserGroup};
use jiff::Timestamp;
use kit_decider::Stored;
use kit_store::{KeyState, Store, StoreError, Tx};
use lru::LruCache;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Directory, Versioned};
use crate::projections::{Listed, entry_context};

const TENANTS: NonZeroUsize = NonZeroUsize::new(256).unwrap();

type Slot = Arc<tokio::sync::Mutex<Option<Arc<Directory>>>>;

/// The directories at hand.
#[derive(Clone)]
pub(crate) struct Directories {
    store: Store,
    slots: Arc<Mutex<LruCache<Uuid, Slot>>>,
}

impl Directories {
    pub fn new(store: Store) -> Self {
        Self { store, slots: Arc::new(Mutex::new(LruCache::new(TENANTS))) }
    }

    /// The directory as it is in Postgres now.
    pub async fn now(&self, tenant: Uuid) -> Result<Arc<Directory>, StoreError> {
        let tx = self.store.read(tenant).await?;
        self.within(&tx, tenant).await
    }

    /// As [`Self::now`], seen by a transaction.
    pub async fn within(&self, tx: &Tx, tenant: Uuid) -> Result<Arc<Directory>, StoreError> {
        let Some(head) = head(tx, tenant).await? else {
            return Ok(Arc::new(Directory { tenant, ..Directory::default() }));
        };
        let slot = self.slot(tenant);
        let mut kept = slot.lock().await;
        if let Some(directory) = kept.as_ref().filter(|one| one.revision >= head.revision) {
            return Ok(Arc::clone(directory));
        }
        let base = kept.clone().unwrap_or_default();
        let fresh = Arc::new(self.refreshed(tx, &base, tenant, head).await?);
        *kept = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn slot(&self, tenant: Uuid) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.get_or_insert(tenant, Slot::default))
    }

    async fn refreshed(
        &self,
        tx: &Tx,
        base: &Directory,
        tenant: Uuid,
        head: Head,
    ) -> Result<Directory, StoreError> {
        let rows = tx
            .query(
                "select kind, number, version, deleted, key_id, document, created_at, \
                 updated_at from directory_entry where tenant = $1 and revision > $2",
                &[&tenant, &base.revision],
            )
            .await?;
        let entries: Vec<Entry> = rows.iter().map(Entry::read).collect::<Result<_, _>>()?;
        let keys = entries.iter().filter_map(|entry| entry.key_id);
        let keys = self.store.keys().open(tenant, keys).await?;
        let mut fresh = base.clone();
        fresh.tenant = tenant;
        fresh.revision = head.revision;
        fresh.epoch = u64::try_from(head.epoch).unwrap_or(0);
        fresh.status = head.status;
        fresh.locales = head.locales;
        fresh.max_users = head.max_users.and_then(|most| most.try_into().ok());
        for entry in entries {
            entry.apply(&mut fresh, &keys)?;
        }
        fresh.index();
        Ok(fresh)
    }
}

/// Where a tenant's directory stands.
struct Head {
    revision: i64,
    epoch: i64,
    status: TenantStatus,
    locales: Vec<String>,
    max_users: Option<i64>,
}

async fn head(tx: &Tx, tenant: Uuid) -> Result<Option<Head>, StoreError> {
    let sql = "select s.revision, s.epoch, t.status, t.locales, t.max_users from directory_state s \
         join tenant t using (tenant) where s.tenant = $1";
    let Some(row) = tx.query_opt(sql, &[&tenant]).await? else { return Ok(None) };
    let status = match row.try_get(2)? {
        "open" => TenantStatus::Open,
        "suspended" => TenantStatus::Suspended,
        "closed" => TenantStatus::Closed,
        "destroyed" => TenantStatus::Destroyed,
        _ => TenantStatus::Unknown,
    };
    let (revision, epoch, locales) = (row.try_get(0)?, row.try_get(1)?, row.try_get(3)?);
    Ok(Some(Head { revision, epoch, status, locales, max_users: row.try_get(4)? }))
}

/// A row as it lies there.
struct Entry {
    kind: String,
    number: i64,
    version: i64,
    deleted: bool,
    key_id: Option<Uuid>,
    document: Option<Vec<u8>>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Entry {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: row.try_get(0)?,
            number: row.try_get(1)?,
            version: row.try_get(2)?,
            deleted: row.try_get(3)?,
            key_id: row.try_get(4)?,
            document: row.try_get(5)?,
            created_at: row.try_get(6)?,
            updated_at: row.try_get(7)?,
        })
    }

    fn apply(
        self,
        directory: &mut Directory,
        keys: &HashMap<Uuid, KeyState>,
    ) -> Result<(), StoreError> {
        let (number, tenant) = (self.number, directory.tenant);
        match self.kind.as_str() {
            User::KIND => put(&mut directory.users, number, self.open(tenant, keys)?),
            Role::KIND => put(&mut directory.roles, number, self.open(tenant, keys)?),
            UserGroup::KIND => put(&mut directory.groups, number, self.open(tenant, keys)?),
            Agency::KIND => put(&mut directory.agencies, number, self.open(tenant, keys)?),
            CodeOfConduct::KIND => directory.code_of_conduct = self.open(tenant, keys)?,
            other => tracing::warn!(kind = other, "an entry of a kind that is not known"),
        }
        Ok(())
    }

    /// What the row says; nothing when it was deleted or its key destroyed.
    fn open<A: Stored>(
        self,
        tenant: Uuid,
        keys: &HashMap<Uuid, KeyState>,
    ) -> Result<Option<Arc<Versioned<A>>>, StoreError> {
        let Some(document) = self.document.filter(|_| !self.deleted) else { return Ok(None) };
        let json = match self.key_id {
            None => document,
            Some(id) => {
                let Some(key) = keys.get(&id).and_then(KeyState::live) else { return Ok(None) };
                let number = self.number.to_be_bytes();
                key.open(&entry_context(&tenant, &self.kind, &number), &document)
                    .map_err(|_| anyhow::anyhow!("a directory entry does not open"))?
            }
        };
        let (created_at, updated_at) = (self.created_at, self.updated_at);
        let version = u64::try_from(self.version).unwrap_or(0);
        let state: A = serde_json::from_slice(&json)?;
        Ok(Some(Arc::new(Versioned { state, version, created_at, updated_at })))
    }
}

fn put<A>(
    all: &mut BTreeMap<i64, Arc<Versioned<A>>>,
    number: i64,
    entry: Option<Arc<Versioned<A>>>,
) {
    match entry {
        Some(entry) => all.insert(number, entry),
        None => all.remove(&number),
    };
}
