//! Everything that was recorded has been published, and everything published consumed.

use crate::site::Site;
use anyhow::Result;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tests::WITH_LOG;

/// How long it may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Services that keep checkpoints or fall behind otherwise.
const CONSUMING: [&str; 6] =
    ["identity", "configuration", "cases", "incidents", "tracing", "reporting"];

/// A place in the log of a service: transaction and position.
type Place = (i64, i64);

/// Waits until it holds, or says what does not.
pub async fn check(site: &Site) -> Result<Vec<String>> {
    let begun = Instant::now();
    loop {
        let behind = behind(site).await?;
        if behind.is_empty() || begun.elapsed() > PATIENCE {
            return Ok(behind);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn behind(site: &Site) -> Result<Vec<String>> {
    let mut behind = Vec::new();
    let mut published = BTreeMap::new();
    for service in WITH_LOG {
        let client = site.sql(&format!("amparo_{service}")).await?;
        let sql = "select count(*) from event where (transaction, position) > \
                   (select transaction, position from relay_cursor)";
        let waiting: i64 = client.query_one(sql, &[]).await?.get(0);
        if waiting > 0 {
            behind.push(format!("{service}: {waiting} events are not published"));
        }
        let sql = "select partition, transaction::text::bigint, position from relay_partition";
        for row in client.query(sql, &[]).await? {
            published.insert((service, row.get::<_, i16>(0)), (row.get(1), row.get(2)));
        }
    }
    for service in CONSUMING {
        let client = site.sql(&format!("amparo_{service}")).await?;
        behind.extend(consumers(&client, service, &published).await?);
    }
    Ok(behind)
}

async fn consumers(
    client: &tokio_postgres::Client,
    service: &str,
    published: &BTreeMap<(&str, i16), Place>,
) -> Result<Vec<String>> {
    let mut behind = Vec::new();
    let mut reached: BTreeMap<(String, String), BTreeMap<i16, Place>> = BTreeMap::new();
    let sql = "select source, consumer, partition, transaction::text::bigint, position \
               from checkpoint";
    for row in client.query(sql, &[]).await? {
        let place = (row.get(3), row.get(4));
        reached.entry((row.get(0), row.get(1))).or_default().insert(row.get(2), place);
    }
    for ((source, consumer), partitions) in &reached {
        let heads = published.iter().filter(|((of, _), _)| of == source);
        for ((_, partition), head) in heads {
            let at = partitions.get(partition).copied().unwrap_or_default();
            if at < *head {
                behind.push(format!(
                    "{service}: {consumer} is at {at:?} of {head:?} in partition {partition} of {source}"
                ));
            }
        }
    }
    let sql = "select source, consumer, event_id::text, reason from poison";
    for row in client.query(sql, &[]).await? {
        let text = |at| row.get::<_, String>(at);
        behind.push(format!(
            "{service}: {} stopped at fact {} of {}: {}",
            text(1),
            text(2),
            text(0),
            text(3)
        ));
    }
    Ok(behind)
}
