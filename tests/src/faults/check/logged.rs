//! Every write is looked for in the logs of events, by the client's id of it or by the request
//! that was answered: its events were written by one transaction, or there are none.

use crate::site::Site;
use crate::writes::{Told, What, Write};
use anyhow::Result;
use std::collections::HashMap;
use tests::WITH_LOG;
use uuid::Uuid;

/// In how many transactions something was written.
type Times = HashMap<Uuid, i64>;

/// Holds all writes against the logs.
pub async fn check(site: &Site, writes: &[Write]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for service in WITH_LOG {
        let client = site.sql(&format!("amparo_{service}")).await?;
        let by_command = times(&client, "command_id").await?;
        let by_request = times(&client, "correlation").await?;
        for write in writes.iter().filter(|write| home(write) == service) {
            let times = match (write.key, write.request) {
                (Some(key), _) => by_command.get(&key),
                (None, Some(request)) => by_request.get(&request),
                (None, None) => continue,
            };
            let times = times.copied().unwrap_or_default();
            let fits = match write.told {
                Told::Done => times == 1,
                Told::Refused(_) => times == 0,
                Told::Nothing => times <= 1,
            };
            if !fits {
                problems.push(format!("{times} transactions in {service}: {write:?}"));
            }
        }
    }
    Ok(problems)
}

async fn times(client: &tokio_postgres::Client, column: &str) -> Result<Times> {
    let sql = format!("select {column}, count(distinct transaction) from event group by 1");
    let rows = client.query(&sql, &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The service whose log it is in.
fn home(write: &Write) -> &'static str {
    match write.what {
        What::New("lookups") | What::Edit("lookups") => "configuration",
        What::New(_) | What::Edit(_) => "identity",
        _ => "cases",
    }
}
