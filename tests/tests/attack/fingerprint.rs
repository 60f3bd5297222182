//! What an organisation has in every database, as one sum per table.

use super::town::{Town, database};
use anyhow::Result;
use std::collections::BTreeMap;
use tests::BACK;

/// Tables that tell of calls, refused ones too, and of tries to sign in; and what follows an
/// organisation's configuration, or says how far its history has come, in the background. They
/// may change.
const TELLS: [&str; 7] =
    ["audit", "failure", "attempt", "_forms", "attestation", "duplicate_due", "duplicate_pair"];

/// Sums by database and table.
pub type Fingerprint = BTreeMap<String, String>;

/// Takes the sums of all rows of the second organisation.
pub async fn theirs(town: &Town) -> Result<Fingerprint> {
    let mut sums = Fingerprint::new();
    for name in BACK {
        let client = database(&town.installation, name).await?;
        let sql = "select c.table_schema || '.' || c.table_name from information_schema.columns c \
            join information_schema.tables t using (table_schema, table_name) \
            where c.column_name = 'tenant' and t.table_type = 'BASE TABLE'";
        for row in client.query(sql, &[]).await? {
            let table: String = row.get(0);
            if TELLS.iter().any(|one| table.contains(one)) {
                continue;
            }
            let sql = format!(
                "select count(*)::text || ' ' || coalesce(md5(string_agg(t::text, '|' order by \
                 t::text)), '') from {table} t where tenant::text = $1"
            );
            let sum: String = client.query_one(&sql, &[&town.there]).await?.get(0);
            sums.insert(format!("{name}.{table}"), sum);
        }
    }
    assert!(sums.len() > 15, "only {} tables", sums.len());
    Ok(sums)
}

/// Fails when anything of the second organisation has changed.
pub async fn assert_unchanged(town: &Town, before: &Fingerprint) -> Result<()> {
    let after = theirs(town).await?;
    let changed: Vec<_> =
        before.iter().filter(|(table, sum)| after.get(*table) != Some(sum)).collect();
    assert!(changed.is_empty(), "changed next door: {changed:?}");
    Ok(())
}
