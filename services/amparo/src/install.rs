//! `amparo install-configuration`: loads a configuration into a tenant.

use crate::reach::Reach;
use crate::tenant::explain;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use kit_proto::configuration::v1::{
    InstallConfigurationReply, InstallConfigurationRequest, InstallOutcome,
};
use kit_proto::identity::v1::{ListTenantsRequest, Tenant};
use kit_serve::{Service, Shared};
use std::path::PathBuf;
use std::time::Duration;

/// Loads the standard configuration, or a snapshot, into a tenant. Later it takes the place of what
/// was loaded before, unless people changed that in the program.
#[derive(Debug, Args)]
pub struct InstallConfiguration {
    /// Name of the tenant.
    tenant: String,
    /// A configuration snapshot in JSON; the standard configuration when absent.
    #[arg(long)]
    snapshot: Option<PathBuf>,
    /// Agrees that what people changed in the program is replaced.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    reach: Reach,
}

impl InstallConfiguration {
    pub async fn run(self) -> Result<()> {
        let snapshot = match &self.snapshot {
            Some(path) => std::fs::read(path).with_context(|| format!("{}", path.display()))?,
            None => Vec::new(),
        };
        let shared = self.reach.shared(Service::Gateway)?;
        let tenant = find_tenant(&shared, &self.tenant).await?.context("no such tenant")?;
        let agreement = if self.replace { shared.ids.v7().to_string() } else { String::new() };
        let request = InstallConfigurationRequest {
            snapshot: snapshot.into(),
            follow: true,
            agreement,
            ..first(&tenant)
        };
        let reply = send(&shared, request).await?;
        if reply.outcome() == InstallOutcome::ChangedByPeople {
            let changed = reply.changed.join(", ");
            bail!("people changed this, and would lose it: {changed}; --replace agrees to that");
        }
        println!("catalog version {}", reply.catalog_version);
        println!("{}", String::from_utf8_lossy(&reply.warnings));
        Ok(())
    }
}

/// The tenant of that name, if there is one.
pub async fn find_tenant(shared: &Shared, name: &str) -> Result<Option<Tenant>> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let reply = shared.peers.identity().list_tenants(request).await.map_err(explain)?;
    Ok(reply.into_inner().tenants.into_iter().find(|tenant| tenant.name == name))
}

/// Has configuration load a snapshot, or its own standard when `snapshot` is empty, into a tenant
/// that has none yet.
pub async fn install(
    shared: &Shared,
    tenant: &Tenant,
    snapshot: Vec<u8>,
) -> Result<InstallConfigurationReply> {
    send(shared, InstallConfigurationRequest { snapshot: snapshot.into(), ..first(tenant) }).await
}

fn first(tenant: &Tenant) -> InstallConfigurationRequest {
    InstallConfigurationRequest {
        tenant: tenant.id.clone(),
        locales: tenant.locales.clone(),
        actor: "operator".into(),
        ..InstallConfigurationRequest::default()
    }
}

async fn send(
    shared: &Shared,
    request: InstallConfigurationRequest,
) -> Result<InstallConfigurationReply> {
    let id = request.tenant.parse().context("tenant id")?;
    let call = shared.internal_call(Some(id)).with_timeout(Duration::from_mins(5));
    let reply = shared.peers.configuration().install_configuration(call.request(request)).await;
    Ok(reply.map_err(explain)?.into_inner())
}
