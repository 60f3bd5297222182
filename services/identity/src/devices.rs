//! Devices as sessions and lists meet them.

use identity_domain::{Device, DeviceState};
use jiff::civil::Date;
use kit_seal::hex;
use kit_store::{KeyState, Store, StoreError, Tx};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::projections::device_context;

/// A device with the columns beside its document.
pub(crate) struct Listed {
    pub id: Uuid,
    pub device: Device,
    pub seen_on: Option<Date>,
}

/// A device by the secret that it shows, of one user.
pub(crate) struct Known {
    pub id: Uuid,
    pub user: i64,
    pub ordered: bool,
    pub wiped: bool,
}

/// What a device's secret is stored as.
pub(crate) fn key_hash(tenant: Uuid, secret: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"amparo device");
    digest.update(tenant.as_bytes());
    digest.update(secret);
    hex(&digest.finalize())
}

/// Under which a user's part of a device is known: nobody else's, and no secret.
pub(crate) fn device_id(tenant: Uuid, key_hash: &str, user: i64) -> Uuid {
    Uuid::new_v5(&tenant, format!("device {user} {key_hash}").as_bytes())
}

/// The devices of a user, opened.
pub(crate) async fn of_user(
    store: &Store,
    tenant: Uuid,
    user: i64,
) -> Result<Vec<Listed>, StoreError> {
    let tx = store.read(tenant).await?;
    let sql = "select d.id, d.key_id, d.document, s.seen_on from device d \
         left join device_seen s on s.tenant = d.tenant and s.id = d.id \
         where d.tenant = $1 and d.user_number = $2 order by s.seen_on desc nulls last, d.id";
    let rows = tx.query(sql, &[&tenant, &user]).await?;
    drop(tx);
    let keys: Vec<Uuid> = rows.iter().map(|row| row.try_get(1)).collect::<Result<_, _>>()?;
    let keys = store.keys().open(tenant, keys).await?;
    let mut devices = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, key): (Uuid, Uuid) = (row.try_get(0)?, row.try_get(1)?);
        let Some(key) = keys.get(&key).and_then(KeyState::live) else { continue };
        let sealed: Vec<u8> = row.try_get(2)?;
        let damaged = |_| StoreError::Internal(anyhow::anyhow!("device {id} does not open"));
        let json = key.open(&device_context(&tenant, &id), &sealed).map_err(damaged)?;
        devices.push(Listed {
            id,
            device: serde_json::from_slice(&json)?,
            seen_on: row.try_get(3)?,
        });
    }
    Ok(devices)
}

/// All users' parts of the device with this secret.
pub(crate) async fn by_key(tx: &Tx, tenant: Uuid, hash: &str) -> Result<Vec<Known>, StoreError> {
    let sql = "select id, user_number, state from device where tenant = $1 and key_hash = $2";
    let rows = tx.query(sql, &[&tenant, &hash]).await?;
    let read = |row: &tokio_postgres::Row| -> Result<Known, StoreError> {
        let state: String = row.try_get(2)?;
        Ok(Known {
            id: row.try_get(0)?,
            user: row.try_get(1)?,
            ordered: state == DeviceState::WipeOrdered.name(),
            wiped: state == DeviceState::Wiped.name(),
        })
    };
    rows.iter().map(read).collect()
}

/// Ties a session to the device that it is used on, which was seen today.
pub(crate) async fn used(
    store: &Store,
    tenant: Uuid,
    session: Option<Uuid>,
    id: Uuid,
    today: Date,
) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    if let Some(session) = session {
        let sql = "update session set device = $3 where tenant = $1 and id = $2";
        tx.execute(sql, &[&tenant, &session, &id]).await?;
    }
    let sql = "insert into device_seen (tenant, id, seen_on) values ($1, $2, $3) \
         on conflict (tenant, id) do update set seen_on = greatest(device_seen.seen_on, $3)";
    tx.execute(sql, &[&tenant, &id, &today]).await?;
    tx.commit().await
}

/// The device that a session is used on.
pub(crate) async fn of_session(
    store: &Store,
    tenant: Uuid,
    session: Uuid,
) -> Result<Option<Uuid>, StoreError> {
    let tx = store.read(tenant).await?;
    let sql = "select device from session where tenant = $1 and id = $2";
    let row = tx.query_opt(sql, &[&tenant, &session]).await?;
    row.map_or(Ok(None), |row| Ok(row.try_get(0)?))
}

/// Ends the sessions on a device.
pub(crate) async fn end_sessions(store: &Store, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    tx.execute("delete from session where tenant = $1 and device = $2", &[&tenant, &id]).await?;
    tx.commit().await
}
