//! A vault in memory, for tests of other services: the same wrapping, nothing durable.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use futures_util::future::{BoxFuture, ready};
use kit_store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use crate::vault::{DataKeyRow, ENDED, TenantKeyRow, Vault};

/// Forgets everything when dropped.
#[derive(Default)]
pub struct MemoryVault(Mutex<HashMap<Uuid, Tenant>>);

#[derive(Default)]
struct Tenant {
    generations: BTreeMap<i32, TenantKeyRow>,
    index_secret: Option<Vec<u8>>,
    data: HashMap<Uuid, DataKeyRow>,
    notes: BTreeMap<Uuid, Value>,
    /// Once it has ended.
    note: Option<Value>,
}

impl MemoryVault {
    fn with<T: Send + 'static>(
        &self,
        tenant: Uuid,
        act: impl FnOnce(&mut Tenant) -> Result<T, StoreError>,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let mut tenants: MutexGuard<'_, _> = self.0.lock().expect("not poisoned");
        Box::pin(ready(act(tenants.entry(tenant).or_default())))
    }
}

impl Vault for MemoryVault {
    fn newest(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<TenantKeyRow>, StoreError>> {
        self.with(tenant, |it| {
            let last = it.generations.last_key_value().map(|(_, row)| row);
            Ok(it.generations.get(&ENDED).or(last).cloned())
        })
    }

    fn generation(
        &self,
        tenant: Uuid,
        generation: i32,
    ) -> BoxFuture<'_, Result<Option<TenantKeyRow>, StoreError>> {
        self.with(tenant, |it| Ok(it.generations.get(&generation).cloned()))
    }

    fn add_generation(
        &self,
        tenant: Uuid,
        row: TenantKeyRow,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(tenant, |it| {
            if !it.generations.contains_key(&ENDED) {
                it.generations.entry(row.generation).or_insert(row);
            }
            Ok(())
        })
    }

    fn retire_below(&self, tenant: Uuid, generation: i32) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(tenant, |it| {
            let Tenant { generations, data, .. } = it;
            generations.retain(|own, _| {
                *own >= generation || data.values().any(|row| row.generation == *own)
            });
            Ok(())
        })
    }

    fn index_secret(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        self.with(tenant, |it| Ok(it.index_secret.clone()))
    }

    fn add_index_secret(
        &self,
        tenant: Uuid,
        wrapped: Vec<u8>,
        _root: String,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(tenant, |it| {
            if !it.generations.contains_key(&ENDED) {
                it.index_secret.get_or_insert(wrapped);
            }
            Ok(())
        })
    }

    fn add_data_keys(
        &self,
        tenant: Uuid,
        rows: Vec<DataKeyRow>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(tenant, |it| {
            if rows.iter().any(|row| !it.generations.contains_key(&row.generation)) {
                return Err(StoreError::Conflict);
            }
            it.data.extend(rows.into_iter().map(|row| (row.id, row)));
            Ok(())
        })
    }

    fn data_keys(
        &self,
        tenant: Uuid,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'_, Result<Vec<DataKeyRow>, StoreError>> {
        self.with(tenant, |it| Ok(ids.iter().filter_map(|id| it.data.get(id).cloned()).collect()))
    }

    fn data_keys_below(
        &self,
        tenant: Uuid,
        generation: i32,
    ) -> BoxFuture<'_, Result<Vec<DataKeyRow>, StoreError>> {
        self.with(tenant, |it| {
            Ok(it.data.values().filter(|row| row.generation < generation).cloned().collect())
        })
    }

    fn rewrap(&self, tenant: Uuid, rows: Vec<DataKeyRow>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(tenant, |it| {
            for row in rows {
                if let Some(kept) = it.data.get_mut(&row.id) {
                    kept.generation = row.generation;
                    kept.wrapped = kept.wrapped.take().and(row.wrapped);
                }
            }
            Ok(())
        })
    }

    fn destroy(
        &self,
        tenant: Uuid,
        id: Uuid,
        note: Option<Value>,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.with(tenant, |it| {
            if let Some(note) = note {
                it.notes.entry(id).or_insert(note);
            }
            Ok(it.data.get_mut(&id).map(|row| row.wrapped = None).is_some())
        })
    }

    fn destroyed(&self, tenant: Uuid) -> BoxFuture<'_, Result<Vec<(Uuid, Value)>, StoreError>> {
        self.with(tenant, |it| Ok(it.notes.iter().map(|(id, note)| (*id, note.clone())).collect()))
    }

    fn end(
        &self,
        tenant: Uuid,
        last: TenantKeyRow,
        note: Value,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(tenant, |it| {
            it.generations.retain(|generation, _| *generation == ENDED);
            it.generations.entry(ENDED).or_insert(last);
            it.note.get_or_insert(note);
            it.index_secret = None;
            for row in it.data.values_mut() {
                (row.generation, row.wrapped) = (ENDED, None);
            }
            Ok(())
        })
    }

    fn ended(&self) -> BoxFuture<'_, Result<Vec<(Uuid, Value)>, StoreError>> {
        let tenants = self.0.lock().expect("not poisoned");
        let ended = tenants.iter().filter_map(|(id, it)| Some((*id, it.note.clone()?)));
        let mut ended: Vec<_> = ended.collect();
        ended.sort_by_key(|(id, _)| *id);
        Box::pin(ready(Ok(ended)))
    }
}
