//! What an operator does: start, stop, start again, and list what there is.

use crate::shared::installation;
use anyhow::Result;
use serde_json::json;
use std::time::{Duration, Instant};
use tests::{Client, Installation};

#[test]
fn tenants_are_listed_with_their_hosts() -> Result<()> {
    let list = installation().amparo(&["tenant", "list"])?;
    assert!(list.contains("demo\topen\tdemo.localhost,localhost"), "{list}");
    assert!(list.contains("org2\topen\torg2.localhost"), "{list}");
    Ok(())
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_until_it_is_resumed() -> Result<()> {
    let installation = installation();
    installation.amparo(&["tenant", "open", "pausing"])?;
    let client =
        Client::with_basic(installation.port, "pausing.localhost", "admin", "First-entry-1");
    assert_eq!(client.get("/api/v2/users").await?.status, 200);
    installation.amparo(&["tenant", "suspend", "pausing"])?;
    within_five_seconds(async || Ok(client.get("/api/v2/users").await?.status != 200)).await?;
    installation.amparo(&["tenant", "resume", "pausing"])?;
    within_five_seconds(async || Ok(client.get("/api/v2/users").await?.status == 200)).await?;
    installation.amparo(&["tenant", "close", "pausing"])?;
    within_five_seconds(async || Ok(client.get("/api/v2/users").await?.status != 200)).await
}

async fn within_five_seconds(holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        if holds().await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("it took more than five seconds")
}

#[test]
fn what_was_recorded_verifies() -> Result<()> {
    let said = installation().amparo(&["verify"])?;
    assert!(said.contains("nothing is damaged"), "{said}");
    Ok(())
}

#[test]
fn a_service_that_cannot_start_is_named_at_once() -> Result<()> {
    let begun = Instant::now();
    let Err(refused) = Installation::together_with(&["--web-dir", "/nowhere"]) else {
        anyhow::bail!("it started without its web client")
    };
    let said = format!("{refused:#}");
    assert!(said.contains("gateway failed"), "{said}");
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_takes_seconds_and_keeps_everything() -> Result<()> {
    let mut first = Installation::together(1)?;
    let client = Client::with_basic(first.port, "localhost", "salma", crate::shared::PASSWORD);
    let case = crate::shared::register(&client, json!({ "name_first": "Kept" })).await?;
    let again = Instant::now();
    first.restart()?;
    assert!(again.elapsed() < Duration::from_secs(20), "{:?}", again.elapsed());
    let client = Client::with_basic(first.port, "localhost", "salma", crate::shared::PASSWORD);
    let path = format!("/api/v2/cases/{}", case["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await?.data()?["name_first"], "Kept");
    Ok(())
}
