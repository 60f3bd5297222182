//! Every read model equals its rebuild: tables before and after, and, since sealed columns
//! differ each time they are sealed, what is read through them before and after.

use crate::administrator::KINDS;
use crate::check::found::{Found, read_cases};
use crate::check::kept;
use crate::site::Site;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use tests::WITH_LOG;

/// Not read models: the log itself, and what is kept beside events.
const OTHERS: [&str; 14] = [
    "event",
    "attestation",
    "attested",
    "command",
    "snapshot",
    "counter",
    "checkpoint",
    "poison",
    "projection",
    "session",
    "sign_in_failure",
    "relay_cursor",
    // What is compared in the background, a little after each change.
    "duplicate_due",
    "duplicate_pair",
];

/// Count changes for those who keep rows in memory; a rebuild counts as changes, too.
const STAMPS: [&str; 4] = [
    "directory_entry.revision",
    "directory_state.revision",
    "configuration_version.version",
    "configuration_version.places",
];

/// A table's rows in an order of their own.
type Tables = BTreeMap<String, Vec<String>>;

/// Rebuilds everything and compares.
pub async fn check(site: &Site, found: &Found) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut kept_before = Vec::new();
    for kind in KINDS {
        kept_before.push(kept::read(site, kind).await?);
    }
    for service in WITH_LOG {
        let before = tables(site, service).await?;
        tokio::task::block_in_place(|| site.installation.amparo(&["rebuild", service]))?;
        let after = tables(site, service).await?;
        for (table, rows) in &before {
            let now = after.get(table).cloned().unwrap_or_default();
            problems.extend(difference(&format!("{service}.{table}"), rows, &now));
        }
    }
    for (kind, before) in KINDS.into_iter().zip(kept_before) {
        if kept::read(site, kind).await? != before {
            problems.push(format!("{kind} differ from their rebuild"));
        }
    }
    let cases = read_cases(site).await?;
    let differ = found.cases.iter().filter(|(id, case)| cases.get(*id) != Some(case));
    problems.extend(differ.map(|(id, case)| {
        format!("case {id} differs from its rebuild: {case} / {:?}", cases.get(id))
    }));
    Ok(problems)
}

/// Every read model of one service as text, but for sealed bytes, of which the length is taken.
pub async fn tables(site: &Site, service: &str) -> Result<Tables> {
    let client = site.sql(&format!("amparo_{service}")).await?;
    let sql = "select table_name::text, column_name::text, udt_name::text \
               from information_schema.columns where table_schema = 'public' order by 1, 2";
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in client.query(sql, &[]).await? {
        let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        if STAMPS.contains(&format!("{table}.{column}").as_str()) {
            continue;
        }
        let text = match kind.as_str() {
            "bytea" => format!("octet_length(\"{column}\")::text"),
            _ => format!("\"{column}\"::text"),
        };
        columns.entry(table).or_default().push(format!("'{column}=' || coalesce({text}, '-')"));
    }
    let mut tables = Tables::new();
    for (table, columns) in columns {
        if OTHERS.contains(&table.as_str()) || table.starts_with("relay_") {
            continue;
        }
        let sql = format!("select concat_ws(' ', {}) from \"{table}\"", columns.join(", "));
        let rows = client.query(&sql, &[]).await?;
        let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        rows.sort();
        tables.insert(table, rows);
    }
    Ok(tables)
}

/// Some words about rows that are in one of them only.
fn difference(table: &str, before: &[String], after: &[String]) -> Option<String> {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let gone = old.difference(&new).next();
    let added = new.difference(&old).next();
    (before != after).then(|| {
        let counts = format!("{} rows, rebuilt {}", before.len(), after.len());
        format!("{table} differs from its rebuild ({counts}): {gone:?} / {added:?}")
    })
}
