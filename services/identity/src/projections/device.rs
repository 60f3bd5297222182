//! Owns `device`.

use identity_domain::Device;
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

/// Each user's devices, sealed but for what decides about a session.
pub(super) struct Devices;

/// What a sealed document is bound to.
pub(crate) fn context<'a>(tenant: &'a Uuid, id: &'a Uuid) -> [&'a [u8]; 3] {
    [b"device", tenant.as_bytes(), id.as_bytes()]
}

impl Projection<Device> for Devices {
    const NAME: &'static str = "device";

    async fn project(&self, tx: &Tx, changes: &[Change<Device>]) -> Result<(), StoreError> {
        for change in changes.iter().filter(|change| !change.recorded.is_empty()) {
            let Some(key) = &change.key else { continue };
            let (tenant, device) = (change.tenant, &*change.after);
            let id = change.stream.rsplit_once("device-").and_then(|(_, id)| id.parse().ok());
            let Some(id): Option<Uuid> = id else { continue };
            let document = key.seal(&context(&tenant, &id), &serde_json::to_vec(device)?);
            let (user, hash, state) = (&device.user, &device.key_hash, device.state.name());
            tx.execute(
                "insert into device (tenant, id, user_number, key_hash, state, key_id, document) \
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, id) \
                 do update set state = excluded.state, document = excluded.document",
                &[&tenant, &id, user, hash, &state, &key.id, &document],
            )
            .await?;
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        tx.execute("delete from device where tenant = $1 and id = $2", &[&tenant, &id]).await?;
        let sql = "delete from device_seen where tenant = $1 and id = $2";
        tx.execute(sql, &[&tenant, &id]).await.map(drop)
    }
}
