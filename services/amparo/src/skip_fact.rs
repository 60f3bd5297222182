//! `amparo skip-fact`: an operator's word that a fact which cannot be applied be left out.

use crate::reach::Reach;
use crate::serve::ServiceSettings;
use crate::stores;
use anyhow::{Result, bail};
use clap::Args;
use kit_serve::Service;
use uuid::Uuid;

/// Leaves out a fact that stops a consumer; `/health` and the log name it.
#[derive(Debug, Args)]
pub struct SkipFact {
    /// The service that cannot apply it.
    service: Service,
    /// The service that it comes from.
    source: String,
    /// The consumer that it stops, as the log calls it.
    consumer: String,
    /// The id of the event.
    event: Uuid,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    settings: ServiceSettings,
}

impl SkipFact {
    /// The consumer goes on at its next try. What the fact would have changed stays unchanged.
    pub async fn run(self) -> Result<()> {
        let shared = self.reach.shared(self.service)?;
        let store = stores::open(&self.settings, &shared).await?;
        if !kit_bus::skip(&store, &self.source, &self.consumer, self.event).await? {
            bail!("no such fact stops {} in {}", self.consumer, self.service);
        }
        println!("it will be left out");
        Ok(())
    }
}
