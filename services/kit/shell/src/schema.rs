//! A service waits for the schema that its program was built for: with a migration that runs
//! beside a rollout, new processes are there before it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use kit_serve::{Shared, Shutdown};
use kit_store::{Migration, Pool, connect, schema_gap};

use crate::address;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Closed until the database is as new as the program. Nothing of a service runs before it is
/// open: no server, no relay, no consumer.
pub struct SchemaGate {
    shared: Shared,
    migrations: &'static [Migration],
    waiting: Waiting,
}

/// What is waited for; nothing once it is there. A schema never goes back under a program that
/// runs, so that nobody asks again.
#[derive(Clone)]
struct Waiting(Arc<Mutex<Option<String>>>);

impl SchemaGate {
    /// From now on the service is not ready, and health says what it waits for.
    pub fn closed(shared: &Shared, migrations: &'static [Migration]) -> Self {
        let waiting = Waiting(Arc::new(Mutex::new(Some("the database has yet to answer".into()))));
        let watched = waiting.clone();
        shared.health.need("schema", move || std::future::ready(watched.now().is_none()));
        let watched = waiting.clone();
        shared.health.remark(move || watched.now());
        Self { shared: shared.clone(), migrations, waiting }
    }

    /// Returns once the schema is there: true, or false when told to stop before.
    pub async fn open(self, shutdown: &Shutdown) -> anyhow::Result<bool> {
        let pool = connect(&address(&self.shared)?, 1)?;
        loop {
            let missing = match gap(&pool, self.migrations).await {
                Ok(missing) => missing,
                Err(error) => Some(format!("the database does not answer: {error:#}")),
            };
            self.waiting.set(&self.shared, missing.clone());
            if missing.is_none() {
                return Ok(true);
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = shutdown.wait() => return Ok(false),
            }
        }
    }
}

async fn gap(pool: &Pool, migrations: &[Migration]) -> anyhow::Result<Option<String>> {
    let client = pool.get().await.context("no connection")?;
    Ok(schema_gap(&client, migrations).await?.map(|gap| gap.to_string()))
}

impl Waiting {
    fn now(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says so in the log when it is something else than before.
    fn set(&self, shared: &Shared, missing: Option<String>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *waiting == missing {
            return;
        }
        let service = shared.service;
        if let Some(missing) = &missing {
            tracing::warn!(%service, missing, "waits for its schema");
        } else {
            tracing::info!(%service, "the schema is there");
        }
        *waiting = missing;
    }
}
