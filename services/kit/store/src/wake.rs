//! Tells the relay that something was appended, without slowing the append.

use std::sync::Arc;
use std::time::Duration;

use crate::Store;

/// The channel that the relay listens on.
pub const CHANNEL: &str = "amparo_event";

/// NOTIFY inside the append would take a lock that all commits share: a task sends it
/// afterwards, once for all appends of the last moments. A lost one is made up by polling.
pub(crate) fn announce(store: &Store) {
    let woken = Arc::clone(&store.inner.woken);
    let inner = Arc::downgrade(&store.inner);
    tokio::spawn(async move {
        loop {
            let waited = tokio::time::timeout(Duration::from_secs(30), woken.notified()).await;
            let Some(inner) = inner.upgrade() else { return };
            if waited.is_ok()
                && let Ok(client) = inner.pool.get().await
            {
                let _ = client.batch_execute(&format!("notify {CHANNEL}")).await;
            }
            drop(inner);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}
