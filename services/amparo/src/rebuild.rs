//! `amparo rebuild`: read models made anew from events.

use crate::reach::Reach;
use crate::serve::ServiceSettings;
use crate::stores;
use crate::verify::tenants;
use anyhow::{Result, bail};
use clap::Args;
use kit_serve::Service;
use std::time::Instant;

/// Makes a service's read models anew from its events.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// identity, configuration or cases.
    service: Service,
    /// The only read model to make anew.
    projection: Option<String>,
    /// Name of the only tenant to do it for.
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    settings: ServiceSettings,
}

impl Rebuild {
    /// Readers see the old rows of a tenant until all of its new ones are there.
    pub async fn run(self) -> Result<()> {
        let process = self.reach.process()?;
        let tenants = tenants(&process.share(Service::Gateway), self.tenant.as_deref()).await?;
        let store = stores::open(&self.settings, &process.share(self.service)).await?;
        let mut names = store.projections();
        if let Some(name) = &self.projection {
            names.retain(|known| known == name);
            if names.is_empty() {
                bail!("{} has {}", self.service, store.projections().join(", "));
            }
        }
        for name in names {
            for tenant in &tenants {
                let started = Instant::now();
                let streams = store.rebuild(tenant.id.parse()?, name).await?;
                println!("{}\t{name}\t{streams} streams\t{:.1?}", tenant.name, started.elapsed());
            }
        }
        Ok(())
    }
}
