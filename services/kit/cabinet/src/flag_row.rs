//! Owns the table of flags of a record type: what lists of flags begin with.

use std::marker::PhantomData;

use kit_dossier::flags::Flag;
use kit_dossier::{Dossier, Kind};
use kit_seal::DataKey;
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

use crate::tables::Tables;

const WRITE: &str = "INSERT INTO {flag} (tenant, id, record, date, open, raised_by, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, id) DO UPDATE SET \
     date = excluded.date, open = excluded.open, sealed = excluded.sealed";
const REMOVE: &str = "DELETE FROM {flag} WHERE tenant = $1 AND record = $2";

/// Writes the flags of the records of one kind.
#[derive(Debug)]
pub struct FlagRow<K>(PhantomData<K>);

impl<K> Default for FlagRow<K> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// Where a sealed flag belongs.
fn context<'a>(tables: &Tables, tenant: &'a Uuid, record: &'a Uuid) -> [&'a [u8]; 3] {
    [tables.flag.as_bytes(), tenant.as_bytes(), record.as_bytes()]
}

/// The flag in a row.
pub fn opened(
    tables: &Tables,
    (tenant, record): (Uuid, Uuid),
    key: &DataKey,
    sealed: &[u8],
) -> Result<Flag, StoreError> {
    let damaged = || StoreError::Internal(anyhow::anyhow!("a flag of {record} is damaged"));
    let json = key.open(&context(tables, &tenant, &record), sealed).map_err(|_| damaged())?;
    serde_json::from_slice(&json).map_err(|_| damaged())
}

impl<K: Kind> Projection<Dossier<K>> for FlagRow<K> {
    const NAME: &'static str = Tables::of(K::RECORD_TYPE).flag;

    async fn project(&self, tx: &Tx, changes: &[Change<Dossier<K>>]) -> Result<(), StoreError> {
        let tables = Tables::of(K::RECORD_TYPE);
        for change in changes {
            let (before, after) = (&change.before.flags, &change.after.flags);
            let differing = after.iter().filter(|(id, flag)| before.get(*id) != Some(*flag));
            for (id, flag) in differing {
                let no_key = || StoreError::Internal(anyhow::anyhow!("a record has no key"));
                let key = change.key.as_ref().ok_or_else(no_key)?;
                let record = change.after.id;
                let json = serde_json::to_vec(flag)?;
                let sealed = key.seal(&context(tables, &change.tenant, &record), &json);
                let (open, by) = (flag.is_open(), &flag.raised.by);
                let row: kit_store::Params<'_> =
                    &[&change.tenant, id, &record, &flag.date, &open, by, &sealed];
                tx.execute(&tables.fill(WRITE), row).await?;
            }
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let sql = Tables::of(K::RECORD_TYPE).fill(REMOVE);
        tx.execute(&sql, &[&tenant, &id]).await.map(drop)
    }
}
