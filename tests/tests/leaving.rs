//! An organisation leaves: it takes all that is its own along, its keys are destroyed, and no
//! backup brings anything of it back. Before that it moves to another host name.

use crate::erasure::register;
use crate::journey::eventually;
use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::{BACK, Client, Installation, UP};
use tokio::task::block_in_place;

const PASSPHRASE: &str = "a long walk along the coast";
/// Of every first administrator in tests.
const PASSWORD: &str = "First-entry-1";
const HOST: &str = "leaver.localhost";
const NAME: &str = "Zubaida Farwell";
/// The history and what keeps names and numbers from being given again.
const STAYS: [&str; 9] = [
    "event",
    "command",
    "attestation",
    "counter",
    "parked",
    "tenant",
    "tenant_host",
    "directory_state",
    "data_key",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_leaves_with_all_that_is_its_own() -> Result<()> {
    let mut installation = Installation::together(1)?;
    block_in_place(|| {
        installation.amparo(&["tenant", "open", "leaver"])?;
        installation.amparo(&["install-configuration", "leaver"])
    })?;
    let tenant = tenant_id(&installation, "leaver")?;
    let worker = |host: &str| Client::with_basic(installation.port, host, "admin", PASSWORD);
    let case = register(&worker(HOST), NAME).await?;
    moves(&installation, &worker).await?;
    let own = files(&installation)?;
    let exported = exports(&installation, &own, &case)?;

    // A copy of the databases from before, as a backup is.
    installation.stop()?;
    copy(&installation.data().join("postgres"), &own.join("postgres"))?;
    installation.start(UP)?;

    refuses_what_is_not_agreed(&installation, &exported);
    let certificate = own.join("certificate.json").display().to_string();
    let destroy = agreed(&exported, &["--certificate", &certificate]);
    block_in_place(|| installation.amparo(&words(&destroy)))?;
    nothing_is_left(&installation, &tenant, &certificate).await?;

    // The copy is put back: the keyring's journal is not in it.
    installation.stop()?;
    fs::remove_dir_all(installation.data().join("postgres"))?;
    copy(&own.join("postgres"), &installation.data().join("postgres"))?;
    fs::remove_dir_all(installation.data().join("nats"))?;
    installation.start(UP)?;
    nothing_is_left(&installation, &tenant, &certificate).await?;
    installation.stop()?;
    Ok(())
}

/// Another host name counts at once, and the one of before no longer does.
async fn moves(installation: &Installation, worker: &impl Fn(&str) -> Client) -> Result<()> {
    let hosts = ["--host", "kept.localhost", "--host", "moved.localhost"];
    let change = [&["tenant", "change", "leaver", "--display-name", "Moved"], &hosts[..]].concat();
    let said = block_in_place(|| installation.amparo(&change))?;
    assert!(said.contains("kept.localhost,moved.localhost") && said.contains("Moved"), "{said}");
    eventually("its people enter by the new name", async || {
        Ok(worker("moved.localhost").get("/api/v2/cases").await?.status == 200)
    })
    .await?;
    assert_eq!(worker("kept.localhost").get("/api/v2/cases").await?.status, 200);
    eventually("nobody enters by the old one", async || {
        Ok(worker(HOST).get("/api/v2/cases").await?.status == 404)
    })
    .await?;
    let taken = ["tenant", "change", "leaver", "--host", "localhost"];
    assert!(block_in_place(|| installation.amparo(&taken)).is_err(), "another's host");
    Ok(())
}

/// Gives the digest of what was taken along.
fn exports(installation: &Installation, own: &Path, case: &Value) -> Result<String> {
    let (to, key) = (own.join("export").display().to_string(), own.join("passphrase"));
    let key = key.display().to_string();
    let with = ["--passphrase-file", key.as_str()];
    let export = [&["tenant", "export", "leaver", "--to", &to], &with[..]].concat();
    let said = block_in_place(|| installation.amparo(&export))?;
    let digest = said.trim().rsplit(' ').next().context("it says a digest")?.to_owned();
    assert!(block_in_place(|| installation.amparo(&export)).is_err(), "written over");
    let sealed = fs::read(&to)?;
    assert!(!sealed.windows(7).any(|part| part == b"Zubaida"));

    let lines = own.join("lines").display().to_string();
    let read = [&["tenant", "read-export", &to, "--to", &lines], &with[..]].concat();
    let said = block_in_place(|| installation.amparo(&read))?;
    assert!(said.contains(&digest), "{said}");
    let text = fs::read_to_string(&lines)?;
    let id = case.as_str().context("an id")?;
    let about: Vec<Value> = text
        .lines()
        .filter(|line| line.contains(&format!("\"stream\":\"case-{id}\"")))
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    assert!(about[0].to_string().contains("Zubaida"), "{}", about[0]);
    for part in ["\"user_name\":\"admin\"", "\"table\":\"audit_entry\"", "\"service\":\"tracing\""]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("salma"), "another organisation's");
    Ok(digest)
}

fn agreed(exported: &str, more: &[&str]) -> Vec<String> {
    let flags = ["--confirm", "leaver", "--by", "operations", "--reason", "contract ended"];
    let all = [&["tenant", "destroy", "leaver"], &flags[..], &["--exported", exported], more];
    all.concat().into_iter().map(String::from).collect()
}

fn words(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

fn refuses_what_is_not_agreed(installation: &Installation, exported: &str) {
    let refused = |arguments: &[&str], word: &str| {
        let error = block_in_place(|| installation.amparo(arguments)).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    };
    let wish = agreed(exported, &[]);
    refused(&words(&wish), "not_closed");
    block_in_place(|| installation.amparo(&["tenant", "close", "leaver"])).unwrap();
    let mut other = words(&wish);
    other[4] = "demo";
    refused(&other, "--confirm");
    let vague = agreed("everything", &[]);
    refused(&words(&vague), "exported");
}

/// Of the one that left: no row but its history, no key, nobody who enters; all of the other.
async fn nothing_is_left(
    installation: &Installation,
    tenant: &str,
    certificate: &str,
) -> Result<()> {
    eventually("it is known as destroyed", async || {
        let list = block_in_place(|| installation.amparo(&["tenant", "list"]))?;
        Ok(list.contains("leaver\tdestroyed"))
    })
    .await?;
    // What was told again since takes until the next look.
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let left = rows(installation, tenant).await?;
        if left.is_empty() {
            break;
        }
        ensure!(Instant::now() < deadline, "rows are left: {left:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    nothing_is_told(installation, tenant, deadline).await?;
    let sql = "select count(*) from data_key where wrapped is not null and tenant = ";
    assert_eq!(count(installation, "keyring", sql, tenant).await?, 0);
    let sql = "select count(*) from index_secret where tenant = ";
    assert_eq!(count(installation, "keyring", sql, tenant).await?, 0);
    let gone = Client::with_basic(installation.port, "kept.localhost", "admin", PASSWORD);
    assert_eq!(gone.get("/api/v2/cases").await?.status, 403);
    let demo = crate::shared::PASSWORD;
    let other = Client::with_basic(installation.port, "localhost", "salma", demo);
    other.get("/api/v2/cases").await?.data()?;
    let verified = block_in_place(|| installation.amparo(&["verify"]))?;
    assert!(verified.contains("2 tenants verified, nothing is damaged"), "{verified}");
    let signed = ["verify", "--certificate", certificate];
    assert!(block_in_place(|| installation.amparo(&signed))?.contains("unaltered"));
    let told: Value = serde_json::from_str(&fs::read_to_string(certificate)?)?;
    assert_eq!((&told["tenant"], &told["keys"]), (&json!(tenant), &json!("every")));
    let again = ["tenant", "export", "leaver", "--to", "/nowhere", "--recipient", "x"];
    assert!(block_in_place(|| installation.amparo(&again)).is_err());
    Ok(())
}

/// No fact of it is in NATS; those of the other are.
async fn nothing_is_told(
    installation: &Installation,
    tenant: &str,
    deadline: Instant,
) -> Result<()> {
    let jetstream = jetstream(installation).await?;
    loop {
        let (of_it, of_all) = subjects(&jetstream, tenant).await?;
        let tells_of_others = of_all.iter().any(|subject| subject.starts_with("facts.identity."));
        if of_it.is_empty() && tells_of_others {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "facts are left: {of_it:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn jetstream(installation: &Installation) -> Result<async_nats::jetstream::Context> {
    let url = fs::read_to_string(installation.data().join("secrets/nats-url"))?;
    let address: async_nats::ServerAddr = url.trim().parse()?;
    let options = match (address.username(), address.password()) {
        (Some(user), Some(password)) => {
            async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        }
        (Some(token), None) => async_nats::ConnectOptions::with_token(token.to_owned()),
        (None, _) => async_nats::ConnectOptions::new(),
    };
    Ok(async_nats::jetstream::new(options.connect(address).await?))
}

/// The subjects of the messages in all streams of facts: those that name the tenant, and all.
async fn subjects(
    jetstream: &async_nats::jetstream::Context,
    tenant: &str,
) -> Result<(Vec<String>, Vec<String>)> {
    let (mut of_it, mut of_all) = (vec![], vec![]);
    let mut names = jetstream.stream_names();
    while let Some(name) = names.next().await {
        let name = name?;
        if !name.starts_with("FACTS_") {
            continue;
        }
        let stream = jetstream.get_stream(&name).await?;
        let mut found = stream.info_with_subjects(">").await?;
        while let Some(subject) = found.next().await {
            let (subject, _) = subject?;
            if subject.contains(tenant) {
                of_it.push(subject.clone());
            }
            of_all.push(subject);
        }
    }
    Ok((of_it, of_all))
}

/// Tables that still have rows of a tenant, and how many.
async fn rows(installation: &Installation, tenant: &str) -> Result<Vec<(String, i64)>> {
    let mut left = Vec::new();
    for service in BACK {
        let client = superuser(installation, service).await?;
        let sql = "select table_name::text from information_schema.columns \
             where table_schema = 'public' and column_name = 'tenant' order by 1";
        for row in client.query(sql, &[]).await? {
            let table: String = row.get(0);
            if STAYS.contains(&table.as_str()) || table == "tenant_key" {
                continue;
            }
            let sql = format!("select count(*) from \"{table}\" where tenant = '{tenant}'");
            let rows: i64 = client.query_one(&sql, &[]).await?.get(0);
            if rows > 0 {
                left.push((format!("{service}.{table}"), rows));
            }
        }
    }
    Ok(left)
}

async fn count(installation: &Installation, service: &str, sql: &str, tenant: &str) -> Result<i64> {
    let client = superuser(installation, service).await?;
    Ok(client.query_one(&format!("{sql}'{tenant}'"), &[]).await?.get(0))
}

async fn superuser(installation: &Installation, service: &str) -> Result<tokio_postgres::Client> {
    let url = installation.superuser_url(&format!("amparo_{service}"))?;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn tenant_id(installation: &Installation, name: &str) -> Result<String> {
    let list = block_in_place(|| installation.amparo(&["tenant", "list"]))?;
    let line = list.lines().find(|line| line.starts_with(name)).context("no such tenant")?;
    Ok(line.split('\t').nth(3).context("no id")?.to_owned())
}

/// A folder of the operator's own, with a passphrase in it.
fn files(installation: &Installation) -> Result<PathBuf> {
    let own = installation.folder().join("own");
    fs::create_dir_all(&own)?;
    fs::write(own.join("passphrase"), PASSPHRASE)?;
    Ok(own)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().context("cp")?;
    assert!(done.success());
    Ok(())
}
