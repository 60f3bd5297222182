//! What administrators wrote: users, roles and lookups.

use crate::administrator::KINDS;
use crate::check::found::marks;
use crate::client::id;
use crate::site::Site;
use crate::writes::{Told, What, Write};
use anyhow::Result;
use serde_json::Value;

/// Everything of one kind, in the order of ids.
pub async fn read(site: &Site, kind: &str) -> Result<Vec<Value>> {
    let rows = site.script("admin").get(&format!("/api/v2/{kind}?per=1000")).await?.data()?;
    let mut rows = rows.as_array().cloned().unwrap_or_default();
    rows.sort_by_key(|row| row["id"].as_i64());
    Ok(rows)
}

/// New ones are there once; each text is the last that was written.
pub async fn check(site: &Site, writes: &[Write]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for kind in KINDS {
        let rows = read(site, kind).await?;
        for write in writes.iter().filter(|write| write.what == What::New(kind)) {
            let times = rows.iter().filter(|row| names(kind, row) == Some(&write.mark)).count();
            let fits = match write.told {
                // A lookup's name may have been changed since; its id tells.
                Told::Done => rows.iter().filter(|row| id(&row["id"]) == write.record).count() == 1,
                Told::Refused(_) => times == 0,
                Told::Nothing => times <= 1,
            };
            if !fits || times > 1 {
                problems.push(format!("present {times} times: {write:?}"));
            }
        }
        for row in &rows {
            problems.extend(last_text(kind, row, writes));
        }
    }
    Ok(problems)
}

fn names<'a>(kind: &str, row: &'a Value) -> Option<&'a str> {
    match kind {
        "users" => row["user_name"].as_str(),
        "roles" => row["name"].as_str(),
        _ => row["name"]["en"].as_str(),
    }
}

fn last_text(kind: &'static str, row: &Value, writes: &[Write]) -> Option<String> {
    let row_id = id(&row["id"]);
    let edits = writes.iter().filter(|it| it.what == What::Edit(kind) && it.record == row_id);
    let edits: Vec<_> = edits.collect();
    let last = edits.iter().rfind(|write| write.told == Told::Done)?;
    let unknown = edits.iter().filter(|write| write.told == Told::Nothing);
    let shown = marks(row);
    let fits = std::iter::once(last).chain(unknown).any(|it| shown.contains_key(&it.mark));
    (!fits).then(|| format!("{kind} {row_id:?} does not show {}", last.mark))
}
