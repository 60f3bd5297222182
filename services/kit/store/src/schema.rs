//! Whether a database has the shape that this program was built for.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::{Migration, OWN_MIGRATIONS};

/// Why a program cannot work on a database yet, or at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemaGap {
    /// The newest of those that are missing.
    #[error("the migration {0} has not run")]
    Missing(&'static str),
    /// An applied migration was edited: nobody knows what this database looks like.
    #[error("the migration {0} that ran is not the one that this program has")]
    Altered(&'static str),
}

/// What the database lacks of what a program with these migrations needs. Migrations beyond them
/// are a later program's: they only add, and are none of this one's business.
pub async fn schema_gap(
    client: &Client,
    migrations: &[Migration],
) -> Result<Option<SchemaGap>, tokio_postgres::Error> {
    let applied = applied(client).await?;
    let needed = [("kit", OWN_MIGRATIONS), ("service", migrations)];
    let needed = needed.iter().flat_map(|(scope, list)| list.iter().map(move |one| (*scope, one)));
    let mut missing = None;
    for (scope, Migration { name, sql }) in needed {
        match applied.get(&(scope.to_owned(), (*name).to_owned())) {
            None => missing = Some(SchemaGap::Missing(name)),
            Some(checksum) if checksum[..] != Sha256::digest(sql)[..] => {
                return Ok(Some(SchemaGap::Altered(name)));
            }
            Some(_) => {}
        }
    }
    Ok(missing)
}

/// The checksums of what was applied, by scope and name; none in a database that is still empty.
async fn applied(
    client: &Client,
) -> Result<HashMap<(String, String), Vec<u8>>, tokio_postgres::Error> {
    match client.query("select scope, name, checksum from migration", &[]).await {
        Ok(rows) => Ok(rows.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}
