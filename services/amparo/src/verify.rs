//! `amparo verify`: walks the hash chains of everything that was recorded, and compares them
//! with what was attested.

use crate::reach::Reach;
use crate::serve::ServiceSettings;
use crate::stores::{self, WITH_STORE};
use crate::tenant::explain;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use kit_proto::identity::v1::{ListTenantsRequest, Tenant};
use kit_serve::{Service, Shared};

/// Checks the hash chains of everything that was recorded.
#[derive(Debug, Args)]
pub struct Verify {
    /// Name of the only tenant to look at.
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    settings: ServiceSettings,
}

impl Verify {
    /// Names the first bad event of each damaged stream; fails when there is one.
    pub async fn run(self) -> Result<()> {
        let process = self.reach.process()?;
        let tenants = tenants(&process.share(Service::Gateway), self.tenant.as_deref()).await?;
        let mut damaged = 0_usize;
        for service in WITH_STORE {
            let shared = process.share(service);
            let store = stores::open(&self.settings, &shared).await?;
            let bus = kit_shell::bus(&shared).await?;
            for tenant in &tenants {
                let id = tenant.id.parse()?;
                let kept = kit_shell::kept(&bus, service.name(), id).await?;
                let findings = store
                    .verify_against(service.name(), id, &kept)
                    .await
                    .with_context(|| format!("{service}, tenant {}", tenant.name))?;
                for finding in &findings {
                    let kit_store::Finding { stream, version, problem } = finding;
                    println!("{}\t{service}\t{stream}\tevent {version}: {problem}", tenant.name);
                }
                damaged += findings.len();
            }
        }
        if damaged > 0 {
            bail!("{damaged} streams are damaged");
        }
        println!("{} tenants verified, nothing is damaged", tenants.len());
        Ok(())
    }
}

/// All tenants, or the one of that name.
pub async fn tenants(shared: &Shared, name: Option<&str>) -> Result<Vec<Tenant>> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let reply = shared.peers.identity().list_tenants(request).await.map_err(explain)?;
    let mut tenants = reply.into_inner().tenants;
    if let Some(name) = name {
        tenants.retain(|tenant| tenant.name == name);
        if tenants.is_empty() {
            bail!("no tenant is named {name}");
        }
    }
    Ok(tenants)
}
