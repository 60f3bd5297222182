//! `amparo rebuild`: read models made anew from events, while the service goes on.

use crate::reach::Reach;
use crate::serve::ServiceSettings;
use crate::stores;
use anyhow::{Result, bail};
use clap::Args;
use kit_serve::Service;
use kit_store::{Rebuilt, StoreError};

/// Makes a service's read models anew from its events, for all tenants.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// A service that records events; reporting counts its dashboards anew from others' facts.
    service: Service,
    /// The only read model to make anew, with those that share its tables.
    projection: Option<String>,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    settings: ServiceSettings,
}

impl Rebuild {
    /// The old rows serve reads and writes until the new ones take their place.
    pub async fn run(self) -> Result<()> {
        let shared = self.reach.shared(self.service)?;
        if self.service == Service::Reporting {
            reporting::boards::rebuild::rebuild(&kit_shell::owner_config(&shared)?).await?;
            println!("dashboards are counted anew from the first fact on");
            return Ok(());
        }
        let store = stores::open(&self.settings, &shared).await?;
        let mut names = store.projections();
        if let Some(name) = &self.projection {
            names.retain(|known| known == name);
            if names.is_empty() {
                bail!("{} has {}", self.service, store.projections().join(", "));
            }
        }
        let owner = kit_shell::owner_config(&shared)?;
        let Rebuilt { projections, streams, events, rounds, took, waited } =
            match store.rebuild(&owner, &names).await {
                Err(StoreError::Conflict) => {
                    bail!("another rebuild runs there, or a table was in use all the time")
                }
                other => other?,
            };
        println!(
            "{}\t{streams} streams\t{events} events\t{took:.1?}\t{rounds} rounds of catching up, \
             writers waited {waited:.0?}",
            projections.join(", ")
        );
        Ok(())
    }
}
