//! Makes the counts anew from the first fact on, at an operator's word.

use anyhow::Context;
use tokio_postgres::Config;

use super::inbox::NAME;

/// Empties everything that is kept of others' facts for dashboards and sets its consumers back to
/// the first fact, at once or not at all. Services that run notice within seconds and take in all
/// facts again; until they have, numbers are those of what was taken in so far. `owner` leads to
/// the database as the role that owns its tables.
pub async fn rebuild(owner: &Config) -> anyhow::Result<()> {
    let (mut client, connection) = kit_store::dial(owner).await?;
    let task = tokio::spawn(connection);
    let tx = client.transaction().await?;
    tx.batch_execute(
        "TRUNCATE board_record, board_person, board_cohort, board_count, directory_user, \
         directory_location",
    )
    .await?;
    let sql = "UPDATE checkpoint SET transaction = '0', position = 0, sequence = 0, \
         stream_created = 0 WHERE consumer = $1";
    tx.execute(sql, &[&NAME]).await?;
    tx.commit().await?;
    drop(client);
    task.await.context("the connection did not end")?.context("the connection broke")
}
