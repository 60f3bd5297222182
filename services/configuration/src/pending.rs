//! Snapshots that identity has still to follow, tried again until it has.

use std::time::Duration;

use kit_serve::Shutdown;
use kit_store::StoreError;
use uuid::Uuid;

use crate::app::App;
use crate::apply::FOLLOWER;
use crate::queries::snapshots;

const PAUSE: Duration = Duration::from_secs(3);

/// Runs until told to stop.
pub async fn follow_pending(app: App, shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = shutdown.wait() => return,
        }
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "pending snapshots could not be looked at");
        }
    }
}

async fn round(app: &App) -> Result<(), StoreError> {
    let pending = snapshots::pending(&app.store.begin_without_tenant().await?).await?;
    for (tenant, id, epoch) in pending {
        if app.workspaces.current(tenant).await?.configuration.epoch > epoch {
            // A later snapshot replaced it; its roles must not come back.
            forget(app, tenant, id).await?;
        } else {
            app.follow(tenant, id, epoch, FOLLOWER).await;
        }
    }
    Ok(())
}

async fn forget(app: &App, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
    let tx = app.store.begin(tenant).await?;
    let sql = "delete from snapshot_pending where tenant = $1 and id = $2";
    tx.execute(sql, &[&tenant, &id]).await?;
    tx.commit().await
}
