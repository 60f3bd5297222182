//! A process on a schema that is older than itself waits for the migration; on a newer one it works.

use anyhow::{Context as _, Result, ensure};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::{Client, Installation, amparo};

/// The newest migration of the service that is looked at, and what undoes it.
const NEWEST: &str = "0042_silent.sql";
const UNDONE: &str = "drop table case_silent; delete from migration where name = '0042_silent.sql'";
/// What a version to come adds.
const TO_COME: &str = "alter table case_sought add column to_come text; \
     insert into migration (scope, name, checksum) values ('service', '9999_to_come.sql', '')";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_waits_for_its_schema_and_bears_a_newer_one() -> Result<()> {
    let mut installation = Installation::servers_only()?;
    installation.prepare_services(&mut |_, port| port)?;
    change(&installation, UNDONE).await?;
    installation.start("keyring")?;
    installation.start("tracing")?;

    let waits = format!("(tracing: the migration {NEWEST} has not run)");
    until(&installation, 503, &["tracing.schema", &waits]).await?;
    let pid = pid(&installation)?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    until(&installation, 503, &["tracing.schema", &waits]).await?;
    // Whoever looks has one connection; the relay, consumers and calls have none yet.
    let looks = "select from pg_stat_activity where usename like 'amparo_tracing%'";
    assert_eq!(rows(&installation, looks).await?, 1, "its background work did not wait");

    migrate(&installation)?;
    until(&installation, 200, &[]).await?;
    assert_eq!(self::pid(&installation)?, pid, "it was started anew");
    let log = installation.log("tracing.log");
    ensure!(log.contains("waits for its schema"), "{log}");
    ensure!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");

    change(&installation, TO_COME).await?;
    until(&installation, 200, &[]).await?;
    installation.stop_service("tracing")?;
    installation.start("tracing")?;
    until(&installation, 200, &[]).await?;
    migrate(&installation).context("an earlier program leaves a newer schema alone")?;
    until(&installation, 200, &[]).await
}

fn pid(installation: &Installation) -> Result<i32> {
    let found = installation.pids().into_iter().find(|(name, _)| *name == "tracing");
    Ok(found.context("it has ended")?.1)
}

/// Returns once its readiness is this and all of that is said with it.
async fn until(installation: &Installation, status: u16, said: &[&str]) -> Result<()> {
    let client = Client::new(installation.admin_port("tracing")?, "localhost");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let now = client
            .get("/readyz")
            .await
            .map(|answer| (answer.status, String::from_utf8_lossy(&answer.body).into_owned()));
        if let Ok((now, text)) = &now
            && *now == status
            && said.iter().all(|one| text.contains(one))
        {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{now:?}\n{}", installation.log("tracing.log"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn migrate(installation: &Installation) -> Result<()> {
    let owner = installation.data().join("secrets/postgres-owner-url");
    let owner = format!("--postgres-owner-url-file={}", owner.display());
    let output = Command::new(amparo()).arg("migrate").arg(owner).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

async fn change(installation: &Installation, sql: &str) -> Result<()> {
    Ok(database(installation).await?.batch_execute(sql).await?)
}

async fn rows(installation: &Installation, sql: &str) -> Result<usize> {
    Ok(database(installation).await?.query(sql, &[]).await?.len())
}

async fn database(installation: &Installation) -> Result<tokio_postgres::Client> {
    let url = installation.superuser_url("amparo_tracing")?;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
