//! The keyring itself: makes, opens, rotates and destroys keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use kit_seal::{DataKey, IndexKey, SecretKey, Unwrappable};
use kit_store::{CHAIN, KeyState, StoreError};
use serde_json::Value;
use uuid::Uuid;

use crate::journal::{EVERY_KEY, Journal, JournalEntry};
use crate::root::RootKey;
use crate::vault::{DataKeyRow, ENDED, TenantKeyRow, Vault};

/// The most keys that one call may make or open.
pub const MOST: usize = 10_000;
const ATTEMPTS: usize = 4;
const TENANT_KEY: &str = "tenant key";
const INDEX: &str = "index secret";
const PROOFS: &str = "proofs of an ended tenant";

/// Why the keyring did not do it.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    #[error("at most {MOST} keys in one call")]
    TooMany,
    #[error("there is no such key")]
    Unknown,
    #[error("all keys of this tenant were destroyed")]
    Ended,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the root key does not answer")]
    Root(#[source] anyhow::Error),
    #[error("the journal of destroyed keys cannot be written")]
    Journal(#[source] anyhow::Error),
    /// Wrapped bytes that do not open: the vault was tampered with, or restored in part.
    #[error("a stored key is damaged")]
    Damaged,
}

impl From<Unwrappable> for KeyringError {
    fn from(_: Unwrappable) -> Self {
        Self::Damaged
    }
}

/// A tenant's key-encryption key, in clear.
#[derive(Clone)]
struct TenantKey {
    generation: i32,
    key: SecretKey,
}

/// The keyring: a root key and a vault.
pub struct Keyring {
    root: Arc<dyn RootKey>,
    vault: Arc<dyn Vault>,
    // A generation's key never changes, so what is kept here never goes stale; it is small.
    opened: Mutex<HashMap<(Uuid, i32), SecretKey>>,
    journal: Option<Journal>,
}

impl Keyring {
    pub fn new(root: Arc<dyn RootKey>, vault: Arc<dyn Vault>) -> Self {
        Self { root, vault, opened: Mutex::default(), journal: None }
    }

    /// With a journal that lists each key before it is destroyed.
    #[must_use]
    pub fn with_journal(mut self, journal: Option<Journal>) -> Self {
        self.journal = journal;
        self
    }

    /// Fresh data keys, durable before this answers. `ids` come from the edge.
    pub async fn reserve(&self, tenant: Uuid, ids: &[Uuid]) -> Result<Vec<DataKey>, KeyringError> {
        if ids.len() > MOST {
            return Err(KeyringError::TooMany);
        }
        let keys: Vec<_> =
            ids.iter().map(|id| DataKey { id: *id, secret: SecretKey::random() }).collect();
        for _ in 0..ATTEMPTS {
            let by = self.newest(tenant).await?;
            let rows = keys.iter().map(|key| wrapped(tenant, &by, key)).collect();
            match self.vault.add_data_keys(tenant, rows).await {
                // A rotation retired that generation in between.
                Err(StoreError::Conflict) => {}
                other => return other.map(|()| keys).map_err(Into::into),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Many data keys at once; destroyed ones are told as such.
    pub async fn open(&self, tenant: Uuid, ids: Vec<Uuid>) -> Result<Vec<KeyState>, KeyringError> {
        if ids.len() > MOST {
            return Err(KeyringError::TooMany);
        }
        let mut wanted = ids;
        wanted.sort_unstable();
        wanted.dedup();
        let count = wanted.len();
        let rows = self.vault.data_keys(tenant, wanted).await?;
        if rows.len() < count {
            return Err(KeyringError::Unknown);
        }
        let mut states = Vec::with_capacity(count);
        for row in rows {
            states.push(self.state(tenant, row).await?);
        }
        Ok(states)
    }

    /// The key for blind tokens of one purpose: the same for ever.
    pub async fn index(&self, tenant: Uuid, purpose: &str) -> Result<IndexKey, KeyringError> {
        let wrapped = match self.vault.index_secret(tenant).await? {
            Some(wrapped) => wrapped,
            None => match self.last(tenant).await? {
                Some(last) => return self.proofs(tenant, purpose, &last).await,
                None => self.first_index_secret(tenant).await?,
            },
        };
        let secret = self.root.unwrap(tenant, INDEX, &wrapped).await.map_err(KeyringError::Root)?;
        Ok(IndexKey(secret.derive(&format!("amparo index {purpose}"))))
    }

    /// A new key-encryption key; all data keys are wrapped anew, no event is touched.
    /// Says the new generation and how many data keys were wrapped. Safe to repeat.
    pub async fn rotate(&self, tenant: Uuid) -> Result<(i32, u64), KeyringError> {
        let next = self.newest(tenant).await?.generation + 1;
        self.add_generation(tenant, next).await?;
        let by = self.newest(tenant).await?;
        let mut count = 0;
        loop {
            let old = self.vault.data_keys_below(tenant, by.generation).await?;
            if old.is_empty() {
                break;
            }
            count += old.len() as u64;
            let mut rows = Vec::with_capacity(old.len());
            for row in old {
                rows.push(match self.state(tenant, row).await? {
                    KeyState::Live(key) => wrapped(tenant, &by, &key),
                    KeyState::Destroyed(id) => {
                        DataKeyRow { id, generation: by.generation, wrapped: None }
                    }
                });
            }
            self.vault.rewrap(tenant, rows).await?;
        }
        self.vault.retire_below(tenant, by.generation).await?;
        Ok((by.generation, count))
    }

    /// Destroys a data key for good: what it sealed can never be read again. The journal lists
    /// it first. Safe to repeat; says where the journal lists it, if there is one.
    pub async fn destroy(
        &self,
        tenant: Uuid,
        id: Uuid,
        note: Option<Value>,
        now: Timestamp,
    ) -> Result<Option<JournalEntry>, KeyringError> {
        if self.vault.data_keys(tenant, vec![id]).await?.is_empty() {
            return Err(KeyringError::Unknown);
        }
        let listed = match self.journal.clone() {
            Some(journal) => Some(list(journal, tenant, id, note.clone(), now).await?),
            None => None,
        };
        if self.vault.destroy(tenant, id, note).await? {
            Ok(listed)
        } else {
            Err(KeyringError::Unknown)
        }
    }

    /// Destroys all keys of a tenant for good: nothing of it can ever be read or searched again, and
    /// it gets no new key. What proves its histories stays. The journal lists it first. Safe to
    /// repeat, also after it was interrupted.
    pub async fn end(
        &self,
        tenant: Uuid,
        note: Value,
        now: Timestamp,
    ) -> Result<Option<JournalEntry>, KeyringError> {
        let listed = match self.journal.clone() {
            Some(journal) => Some(list(journal, tenant, EVERY_KEY, Some(note.clone()), now).await?),
            None => None,
        };
        self.end_keys(tenant, note).await?;
        Ok(listed)
    }

    /// The tenants that have ended, with what was noted.
    pub async fn ended(&self) -> Result<Vec<(Uuid, Value)>, KeyringError> {
        Ok(self.vault.ended().await?)
    }

    async fn end_keys(&self, tenant: Uuid, note: Value) -> Result<(), KeyringError> {
        let last = if let Some(last) = self.last(tenant).await? {
            last
        } else {
            let proofs = self.index(tenant, CHAIN).await?;
            let wrapped = self.root.wrap(tenant, PROOFS, &proofs.0).await;
            let wrapped = wrapped.map_err(KeyringError::Root)?;
            TenantKeyRow { generation: ENDED, wrapped, root: self.root.name().to_owned() }
        };
        for _ in 0..ATTEMPTS {
            match self.vault.end(tenant, last.clone(), note.clone()).await {
                // A key was reserved in between; none is from now on.
                Err(StoreError::Conflict) => {}
                other => {
                    self.opened.lock().expect("not poisoned").retain(|(of, _), _| *of != tenant);
                    return Ok(other?);
                }
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// What is left of a tenant that has ended.
    async fn last(&self, tenant: Uuid) -> Result<Option<TenantKeyRow>, KeyringError> {
        Ok(self.vault.newest(tenant).await?.filter(|row| row.generation == ENDED))
    }

    /// Of a tenant that has ended: the key that proves histories, and no other.
    async fn proofs(
        &self,
        tenant: Uuid,
        purpose: &str,
        last: &TenantKeyRow,
    ) -> Result<IndexKey, KeyringError> {
        if purpose != CHAIN {
            return Err(KeyringError::Ended);
        }
        let key = self.root.unwrap(tenant, PROOFS, &last.wrapped).await;
        Ok(IndexKey(key.map_err(KeyringError::Root)?))
    }

    /// Keys that were destroyed with a note.
    pub async fn destroyed(&self, tenant: Uuid) -> Result<Vec<(Uuid, Value)>, KeyringError> {
        Ok(self.vault.destroyed(tenant).await?)
    }

    /// Destroys again what the journal lists: the database may have been restored from a backup.
    /// Says how many keys of it the database knows.
    pub async fn replay(&self, listed: Vec<JournalEntry>) -> Result<usize, KeyringError> {
        let mut known = 0;
        for JournalEntry { tenant, key_id, note, .. } in listed {
            if key_id == EVERY_KEY {
                self.end_keys(tenant, note).await?;
                known += 1;
                continue;
            }
            let note = Some(note).filter(|note| !note.is_null());
            known += usize::from(self.vault.destroy(tenant, key_id, note).await?);
        }
        Ok(known)
    }

    /// A signature under a statement about histories, by a key that no database holds.
    pub async fn sign(&self, statement: &[u8]) -> Result<[u8; 64], KeyringError> {
        self.root.sign(statement).await.map_err(KeyringError::Root)
    }

    /// What such signatures are checked with.
    pub async fn signing_key(&self) -> Result<[u8; 32], KeyringError> {
        self.root.signing_key().await.map_err(KeyringError::Root)
    }

    async fn state(&self, tenant: Uuid, row: DataKeyRow) -> Result<KeyState, KeyringError> {
        let Some(wrapped) = row.wrapped else { return Ok(KeyState::Destroyed(row.id)) };
        let by = self.generation(tenant, row.generation).await?;
        let context: [&[u8]; 3] = [b"data", tenant.as_bytes(), row.id.as_bytes()];
        let secret = kit_seal::unwrap(&by, &context, &wrapped)?;
        Ok(KeyState::Live(DataKey { id: row.id, secret }))
    }

    async fn newest(&self, tenant: Uuid) -> Result<TenantKey, KeyringError> {
        let mut row = self.vault.newest(tenant).await?;
        if row.is_none() {
            self.add_generation(tenant, 1).await?;
            row = self.vault.newest(tenant).await?;
        }
        let row = row.ok_or(KeyringError::Damaged)?;
        let generation = row.generation;
        if generation == ENDED {
            return Err(KeyringError::Ended);
        }
        Ok(TenantKey { generation, key: self.open_tenant_key(tenant, row).await? })
    }

    async fn generation(&self, tenant: Uuid, generation: i32) -> Result<SecretKey, KeyringError> {
        if let Some(key) = self.opened.lock().expect("not poisoned").get(&(tenant, generation)) {
            return Ok(key.clone());
        }
        let row = self.vault.generation(tenant, generation).await?;
        self.open_tenant_key(tenant, row.ok_or(KeyringError::Damaged)?).await
    }

    async fn open_tenant_key(
        &self,
        tenant: Uuid,
        row: TenantKeyRow,
    ) -> Result<SecretKey, KeyringError> {
        let at = (tenant, row.generation);
        if let Some(key) = self.opened.lock().expect("not poisoned").get(&at) {
            return Ok(key.clone());
        }
        let key =
            self.root.unwrap(tenant, TENANT_KEY, &row.wrapped).await.map_err(KeyringError::Root)?;
        self.opened.lock().expect("not poisoned").insert(at, key.clone());
        Ok(key)
    }

    async fn add_generation(&self, tenant: Uuid, generation: i32) -> Result<(), KeyringError> {
        let key = SecretKey::random();
        let wrapped = self.root.wrap(tenant, TENANT_KEY, &key).await.map_err(KeyringError::Root)?;
        let root = self.root.name().to_owned();
        Ok(self.vault.add_generation(tenant, TenantKeyRow { generation, wrapped, root }).await?)
    }

    async fn first_index_secret(&self, tenant: Uuid) -> Result<Vec<u8>, KeyringError> {
        let secret = SecretKey::random();
        let wrapped = self.root.wrap(tenant, INDEX, &secret).await.map_err(KeyringError::Root)?;
        self.vault.add_index_secret(tenant, wrapped, self.root.name().to_owned()).await?;
        // Another process may have been first: all use what was stored.
        self.vault.index_secret(tenant).await?.ok_or(KeyringError::Damaged)
    }
}

/// Writing a file durably would hold up everyone else on this thread.
async fn list(
    journal: Journal,
    tenant: Uuid,
    id: Uuid,
    note: Option<Value>,
    now: Timestamp,
) -> Result<JournalEntry, KeyringError> {
    let write = move || journal.append(tenant, id, now, &note.unwrap_or_default());
    let written = tokio::task::spawn_blocking(write).await;
    written.map_err(|error| KeyringError::Journal(error.into()))?.map_err(KeyringError::Journal)
}

fn wrapped(tenant: Uuid, by: &TenantKey, key: &DataKey) -> DataKeyRow {
    let context: [&[u8]; 3] = [b"data", tenant.as_bytes(), key.id.as_bytes()];
    let wrapped = kit_seal::wrap(&by.key, &context, &key.secret);
    DataKeyRow { id: key.id, generation: by.generation, wrapped: Some(wrapped) }
}
