//! Makes the counts anew from the first fact on, at an operator's word. Until they stand, dashboards
//! say what they said before.

use anyhow::Context;
use kit_store::{StoreError, Tx};
use tokio_postgres::{Config, Transaction};

use super::inbox::NAME;

/// What is read of, and kept as it was while it is made anew. Each has a table beside it whose name
/// begins with `before_`.
const KEPT: [&str; 4] = ["board_count", "board_cohort", "directory_user", "directory_location"];

/// Whether consumers are not yet where they were when counting anew began.
const RUNS: &str = "SELECT EXISTS (SELECT 1 FROM board_rebuild r JOIN checkpoint c \
     ON c.consumer = 'boards' AND c.source = r.source AND c.partition = r.partition \
     WHERE (c.transaction, c.position) < (r.transaction, r.position))";

/// Which of two sets of tables is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    Now,
    /// As it was before counting anew began.
    Before,
}

impl Edition {
    /// The one that is whole.
    pub async fn of(tx: &Tx) -> Result<Self, StoreError> {
        let runs: bool = tx.query_one(RUNS, &[]).await?.try_get(0)?;
        Ok(if runs { Self::Before } else { Self::Now })
    }

    /// A statement about the tables of now, about those of this edition.
    pub fn sql(self, sql: &str) -> String {
        match self {
            Self::Now => sql.to_owned(),
            Self::Before => KEPT.iter().fold(sql.to_owned(), |sql, table| {
                sql.replace(&format!(" {table} "), &format!(" before_{table} "))
            }),
        }
    }
}

/// Empties everything that is kept of others' facts for dashboards and sets its consumers back to
/// the first fact, at once or not at all. Services that run notice within seconds and take in all
/// facts again; until they have come as far as they were, the numbers of before are told. `owner`
/// leads to the database as the role that owns its tables.
pub async fn rebuild(owner: &Config) -> anyhow::Result<()> {
    let (mut client, connection) = kit_store::dial(&owner.clone().into()).await?;
    let task = tokio::spawn(connection);
    let tx = client.transaction().await?;
    set_aside(&tx).await?;
    tx.batch_execute("TRUNCATE board_record, board_person").await?;
    let sql = "UPDATE checkpoint SET transaction = '0', position = 0, sequence = 0, \
         stream_created = 0 WHERE consumer = $1";
    tx.execute(sql, &[&NAME]).await?;
    tx.commit().await?;
    drop(client);
    task.await.context("the connection did not end")?.context("the connection broke")
}

/// Keeps what is whole, and leaves empty tables in its place.
async fn set_aside(tx: &Transaction<'_>) -> anyhow::Result<()> {
    // Nobody reads or writes them meanwhile, and a second one waits. In the order in which consumers
    // come to them, so that none waits for us while we wait for it.
    tx.batch_execute(
        "LOCK TABLE board_record, directory_user, directory_location, board_person, board_cohort, \
         board_count, board_rebuild IN ACCESS EXCLUSIVE MODE",
    )
    .await?;
    let runs: bool = tx.query_one(RUNS, &[]).await?.get(0);
    if runs {
        // What was set aside before is whole, and what was counted since is not.
        tx.batch_execute(&format!("TRUNCATE {}", KEPT.join(", "))).await?;
        return Ok(());
    }
    for table in KEPT {
        let exchange = format!(
            "TRUNCATE before_{table}; ALTER TABLE {table} RENAME TO exchanged_{table}; \
             ALTER TABLE before_{table} RENAME TO {table}; \
             ALTER TABLE exchanged_{table} RENAME TO before_{table}"
        );
        tx.batch_execute(&exchange).await?;
    }
    tx.execute("DELETE FROM board_rebuild", &[]).await?;
    let sql = "INSERT INTO board_rebuild (source, partition, transaction, position) \
         SELECT source, partition, transaction, position FROM checkpoint WHERE consumer = $1";
    tx.execute(sql, &[&NAME]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::ask::{OF_ALL, OF_SOME, SHARED};

    #[test]
    fn statements_are_about_one_edition() {
        for sql in [SHARED, OF_ALL, OF_SOME] {
            assert_eq!(Edition::Now.sql(sql), sql);
            let before = Edition::Before.sql(sql);
            assert_eq!(before.matches("before_board_count").count(), 1, "{before}");
        }
    }
}
