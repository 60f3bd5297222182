//! The audit log holds at least as many changes of each record as clients were told of.

use crate::site::Site;
use crate::writes::{Told, What, Write};
use anyhow::Result;
use std::collections::BTreeMap;
use std::time::Duration;

/// Successful calls by method and record.
type Calls = BTreeMap<(&'static str, String), i64>;

/// The last entries may still be on their way.
const PATIENCE: u32 = 30;

/// Compares the two.
pub async fn check(site: &Site, writes: &[Write]) -> Result<Vec<String>> {
    let mut wanted = Calls::new();
    for write in writes.iter().filter(|it| it.told == Told::Done) {
        let Some(record) = &write.record else { continue };
        let method = match write.what {
            What::Register => "POST",
            What::Change { .. } | What::Note | What::Status(_) => "PATCH",
            // Others share their ids with records of other kinds.
            What::New(_) | What::Edit(_) => continue,
        };
        *wanted.entry((method, record.clone())).or_default() += 1;
    }
    let mut missing = Vec::new();
    for _ in 0..PATIENCE {
        missing = compare(site, &wanted).await?;
        if missing.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(missing)
}

async fn compare(site: &Site, wanted: &Calls) -> Result<Vec<String>> {
    let client = site.sql("amparo_reporting").await?;
    let sql = "select http_method, coalesce(record_id, record_ids[1]), count(*) from audit_entry \
               where status between 200 and 299 group by 1, 2";
    let mut there = BTreeMap::new();
    for row in client.query(sql, &[]).await? {
        let (method, record): (String, Option<String>) = (row.get(0), row.get(1));
        there.insert((method, record.unwrap_or_default()), row.get::<_, i64>(2));
    }
    let mut missing = Vec::new();
    for ((method, record), wanted) in wanted {
        let key = ((*method).to_owned(), record.clone());
        let found = there.get(&key).copied().unwrap_or_default();
        if found < *wanted {
            missing.push(format!("audit log: {found} of {wanted} {method} of case {record}"));
        }
    }
    Ok(missing)
}
