//! A Postgres connection of one's own: it holds locks as long as it lives, and hears NOTIFY.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use kit_store::Address;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client};

/// A connection with the notifications it receives.
pub(crate) struct Listener {
    pub client: Client,
    pub heard: Arc<Notify>,
}

impl Listener {
    pub async fn connect(address: &Address) -> anyhow::Result<Self> {
        // A machine that vanished must not hold its locks for hours: both sides look after it.
        let address = address.clone().with(|config| {
            let (idle, interval) = (Duration::from_secs(10), Duration::from_secs(5));
            config.keepalives(true).keepalives_idle(idle).keepalives_interval(interval);
            config.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(25)).options(
                "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
            );
        });
        let (client, mut connection) = kit_store::dial(&address).await?;
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

    /// Takes the lock as soon as nobody has it.
    pub async fn lock(&self, name: &str) -> anyhow::Result<()> {
        while !self.try_lock(name).await? {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }
}
