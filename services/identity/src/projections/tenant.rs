//! Owns `tenant` and `tenant_host`, and the epoch in `directory_state`.

use identity_domain::{Tenant, TenantStatus};
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

/// The list of tenants and the hosts that lead to them.
pub(super) struct Tenants;

impl Projection<Tenant> for Tenants {
    const NAME: &'static str = "tenant";
    const TABLES: &'static [&'static str] = &["tenant", "tenant_host"];
    const BESIDE: &'static [&'static str] = &["directory_state"];

    async fn project(&self, tx: &Tx, changes: &[Change<Tenant>]) -> Result<(), StoreError> {
        for change in changes.iter().filter(|change| !change.recorded.is_empty()) {
            write(tx, change.tenant, &change.after).await?;
        }
        Ok(())
    }
}

/// As the table and the contract name it.
pub(crate) fn status(status: TenantStatus) -> &'static str {
    match status {
        TenantStatus::Unknown => "unknown",
        TenantStatus::Open => "open",
        TenantStatus::Suspended => "suspended",
        TenantStatus::Closed => "closed",
        TenantStatus::Destroyed => "destroyed",
    }
}

async fn write(tx: &Tx, id: Uuid, tenant: &Tenant) -> Result<(), StoreError> {
    let Tenant { name, display_name, locales, limits, .. } = tenant;
    let (users, requests) =
        (limits.users.map(i64::from), limits.requests_per_second.map(i64::from));
    tx.execute(
        "insert into tenant (tenant, name, display_name, locales, status, max_users, \
         requests_per_second) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (tenant) do update set \
         display_name = excluded.display_name, locales = excluded.locales, \
         status = excluded.status, max_users = excluded.max_users, \
         requests_per_second = excluded.requests_per_second",
        &[&id, name, display_name, locales, &status(tenant.status), &users, &requests],
    )
    .await?;
    tx.execute(
        "delete from tenant_host where tenant = $1 and not (host = any($2))",
        &[&id, &tenant.hosts],
    )
    .await?;
    tx.execute(
        "insert into tenant_host (host, tenant) select host, $1 from unnest($2::text[]) as host \
         where not exists (select from tenant_host old where old.host = host.host \
         and old.tenant = $1)",
        &[&id, &tenant.hosts],
    )
    .await?;
    let epoch = i64::try_from(tenant.epoch).unwrap_or(i64::MAX);
    tx.execute(
        "insert into directory_state (tenant, revision, epoch) values ($1, 1, $2) \
         on conflict (tenant) do update set revision = directory_state.revision + 1, \
         epoch = greatest(directory_state.epoch, $2)",
        &[&id, &epoch],
    )
    .await?;
    Ok(())
}
