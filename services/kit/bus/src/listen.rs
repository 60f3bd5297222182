//! A Postgres connection of one's own: it holds locks as long as it lives, and hears NOTIFY.

use std::future::poll_fn;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

/// A connection with the notifications it receives.
pub(crate) struct Listener {
    pub client: Client,
    pub heard: Arc<Notify>,
}

impl Listener {
    pub async fn connect(config: &Config) -> anyhow::Result<Self> {
        let mut config = config.clone();
        // A peer that vanished must not hold the lock for hours.
        config.keepalives(true).keepalives_idle(std::time::Duration::from_secs(15));
        let (client, mut connection) =
            config.connect(NoTls).await.context("connecting to Postgres")?;
        let heard = Arc::new(Notify::new());
        let notify = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    Ok(AsyncMessage::Notification(_)) => notify.notify_one(),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "a listening connection ended");
                        break;
                    }
                }
            }
            notify.notify_one();
        });
        Ok(Self { client, heard })
    }

    /// Takes the lock if nobody has it; it is held until this connection ends.
    pub async fn try_lock(&self, name: &str) -> anyhow::Result<bool> {
        let sql = "select pg_try_advisory_lock(hashtextextended($1, 0))";
        Ok(self.client.query_one(sql, &[&name]).await?.try_get(0)?)
    }
}
