//! A record is erased by two people, through separate processes, and stays erased: in lists,
//! after a rebuild, and where all databases are restored from a backup of before.

use crate::journey::{eventually, hire_as};
use crate::shared::{MODULE, PASSWORD};
use anyhow::{Context as _, Result, bail};
use http::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tests::{Client, Installation, SERVICES, UP};

const HOST: &str = "coast.localhost";
const FIRST: &str = "First-entry-1";
const NAME: &str = "Zenobia";

/// Whoever asks, whoever agrees, and who worked with the record.
pub struct People {
    pub asker: Client,
    pub officer: Client,
    pub worker: Client,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_erased_in_every_service() -> Result<()> {
    let mut installation = Installation::apart()?;
    let people = staff(&installation).await?;
    let kept = register(&people.worker, "Kept").await?;
    let gone = register(&people.worker, NAME).await?;

    let certificate = erase(&people, &gone).await?;
    reads_as_erased(&people, &gone).await?;
    let listed = people.worker.get("/api/v2/cases").await?.data()?;
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&kept]);
    nothing_is_left(&installation, &gone, &certificate).await?;

    let said = installation.amparo(&["verify"])?;
    assert!(said.contains("nothing is damaged"));
    let public = said.split_whitespace().last().unwrap().to_owned();
    certificate_holds(&installation, &certificate, &public)?;
    let before = rows(&installation).await?;
    installation.amparo(&["rebuild", "cases"])?;
    assert_eq!(rows(&installation).await?, before);
    reads_as_erased(&people, &gone).await?;
    eventually("the audit log tells of the erasure", async || {
        let log = people.asker.get("/api/v2/audit_logs?per=1000").await?.data()?;
        let has = |action: &str| log.as_array().unwrap().iter().any(|it| it["action"] == action);
        Ok(["request_erasure", "approve_erasure", "destroy"].into_iter().all(has))
    })
    .await?;
    for service in SERVICES.into_iter().rev() {
        assert!(installation.stop_service(service)?, "{service} did not end well");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_does_not_bring_it_back() -> Result<()> {
    let mut installation = Installation::together(1)?;
    let by = |name| Client::with_basic(installation.port, "localhost", name, PASSWORD);
    let people = People { asker: by("admin"), officer: by("karim"), worker: by("salma") };
    let gone = register(&people.worker, NAME).await?;
    let backup = installation.folder().join("backup");
    installation.stop()?;
    copy(&installation.data().join("postgres"), &backup)?;
    installation.start(UP)?;
    assert_eq!(people.worker.get(&path(&gone)).await?.data()?["name_first"], NAME);
    let certificate = erase(&people, &gone).await?;
    reads_as_erased(&people, &gone).await?;
    installation.stop()?;

    // The journal beside the database knows better than the backup.
    restore(&mut installation, &backup)?;
    reads_as_erased(&people, &gone).await?;
    nothing_is_left(&installation, &gone, &certificate).await?;
    let told = people.officer.get("/api/amparo/v1/erasures").await?.data()?;
    assert_eq!((&told[0]["status"], &told[0]["recovered"]), (&json!("carried_out"), &json!(true)));
    assert_eq!(told[0]["id"], certificate["erasure_id"]);
    assert!(installation.amparo(&["verify"])?.contains("nothing is damaged"));
    installation.stop()?;

    // Elsewhere there is no journal; a certificate will do.
    std::fs::remove_file(installation.data().join("journal/destroyed-keys"))?;
    restore(&mut installation, &backup)?;
    assert_eq!(people.worker.get(&path(&gone)).await?.data()?["name_first"], NAME);
    let file = installation.folder().join("certificate.json");
    std::fs::write(&file, certificate.to_string())?;
    let file = file.display().to_string();
    let said = installation.amparo(&["erasures", "replay", "--certificate", &file])?;
    assert!(said.contains("1 keys are destroyed, 0 are unknown"), "{said}");
    assert_eq!(people.worker.get(&path(&gone)).await?.status, 410);
    nothing_is_left(&installation, &gone, &certificate).await?;
    installation.stop()?;
    Ok(())
}

/// Opens an organisation, whose people these are.
pub async fn staff(installation: &Installation) -> Result<People> {
    tokio::task::block_in_place(|| {
        installation.amparo(&["tenant", "open", "coast", "--administrator", "first.admin"])?;
        installation.amparo(&["install-configuration", "coast"])
    })?;
    let asker = Client::with_basic(installation.port, HOST, "first.admin", FIRST);
    hire_as(&asker, "worker.one", "role-cp-case-worker").await?;
    hire_as(&asker, "officer.one", "role-cp-administrator").await?;
    let officer = Client::with_basic(installation.port, HOST, "officer.one", FIRST);
    Ok(People { officer, worker: worker(installation), asker })
}

/// One more device of the worker whom [`staff`] hired.
pub fn worker(installation: &Installation) -> Client {
    Client::with_basic(installation.port, HOST, "worker.one", FIRST)
}

/// Without any service, and not when one letter is another.
fn certificate_holds(installation: &Installation, certificate: &Value, public: &str) -> Result<()> {
    let file = installation.folder().join("certificate.json");
    let name = file.display().to_string();
    let verify = ["verify", "--certificate", &name, "--public-key", public];
    std::fs::write(&file, certificate.to_string())?;
    assert!(installation.amparo(&verify)?.contains("signed by the keyring"));
    assert!(installation.amparo(&verify[..3])?.contains("signed by the keyring"));
    std::fs::write(&file, certificate.to_string().replace("requested_by_subject", "legal_order"))?;
    assert!(installation.amparo(&verify).is_err());
    Ok(())
}

fn path(id: &Value) -> String {
    format!("/api/v2/cases/{}", id.as_str().unwrap())
}

pub async fn register(worker: &Client, name: &str) -> Result<Value> {
    let data = json!({ "module_id": MODULE, "name_first": name, "sex": "male", "age": 11 });
    Ok(worker.post("/api/v2/cases", &json!({ "data": data })).await?.data()?["id"].clone())
}

/// Asked by one, agreed by another; gives the certificate.
pub async fn erase(people: &People, id: &Value) -> Result<Value> {
    let data = json!({
        "record_type": "case", "record_id": id, "reason": "requested_by_subject",
        "text": "Zenobia came to the office",
    });
    let body = json!({ "data": data });
    let url = "/api/amparo/v1/erasures";
    assert_eq!(people.worker.post(url, &body).await?.status, 403);
    let asked = people.asker.post(url, &body).await?.data()?;
    let one = format!("{url}/{}", asked["id"].as_str().unwrap());
    let approval = format!("{one}/approval");
    assert_eq!(people.asker.post(&approval, &json!({})).await?.status, 403);
    assert_eq!(people.worker.post(&approval, &json!({})).await?.status, 403);
    assert_eq!(people.worker.get(&path(id)).await?.status, 200);
    let done = people.officer.send(Method::POST, &approval, None).await?.data()?;
    assert_eq!(done["status"], "carried_out", "{done}");
    let told = people.officer.get(&one).await?.data()?;
    assert_eq!((&told["text"], &told["certificate"]["record"]["id"]), (&Value::Null, id));
    assert!(told["certificate"]["keys"][0]["journal"]["entry"].is_u64());
    Ok(told["certificate"].clone())
}

async fn reads_as_erased(people: &People, id: &Value) -> Result<()> {
    let french = [("accept-language", "fr")];
    for end in ["", "/record_history", "/access_log"] {
        let url = path(id) + end;
        let answer = people.asker.send_with(Method::GET, &url, None, &french).await?;
        assert_eq!(answer.status, 410, "{url}");
        let field = &answer.json()["errors"][0]["fields"][0];
        assert_eq!(field["code"], "erased");
    }
    let change = json!({ "data": { "age": 3 } });
    assert_eq!(people.worker.patch(&path(id), &change).await?.status, 410);
    assert_eq!(people.worker.delete(&path(id)).await?.status, 410);
    let conflicts = format!("/api/amparo/v1/cases/{}/conflicts", id.as_str().unwrap());
    assert_eq!(people.officer.get(&conflicts).await?.status, 410);
    for query in ["query=Zenobia&phonetic=true", "per=1000"] {
        let found = people.asker.get(&format!("/api/v2/cases?{query}")).await?.data()?;
        assert!(!found.to_string().contains(id.as_str().unwrap()), "{query}");
    }
    Ok(())
}

/// In the databases themselves: no row, no term, no key.
async fn nothing_is_left(
    installation: &Installation,
    id: &Value,
    certificate: &Value,
) -> Result<()> {
    let id = id.as_str().unwrap();
    let key = certificate["keys"][0]["key_id"].as_str().unwrap();
    for (database, sql) in [
        ("amparo_cases", format!("select count(*) from case_row where id = '{id}'")),
        ("amparo_cases", format!("select count(*) from case_term where id = '{id}'")),
        ("amparo_cases", format!("select count(*) from snapshot where stream = 'case-{id}'")),
        (
            "amparo_keyring",
            format!("select count(*) from data_key where id = '{key}' and wrapped is not null"),
        ),
    ] {
        let left = ask(installation, database, &sql).await?;
        assert_eq!(left, "0", "{sql}");
    }
    let sql = format!("select count(*) from data_key where id = '{key}'");
    assert_eq!(ask(installation, "amparo_keyring", &sql).await?, "1");
    Ok(())
}

/// Everything that the read models of cases hold.
pub async fn rows(installation: &Installation) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    for table in ["case_row", "case_term", "erasure_row"] {
        let sql = format!(
            "select coalesce(string_agg(t, E'\\n'), '') from (select (to_jsonb(r) - 'document')::text \
             as t from {table} r order by 1) x"
        );
        rows.push(ask(installation, "amparo_cases", &sql).await?);
    }
    Ok(rows)
}

/// The one value that a query gives, as text.
pub async fn ask(installation: &Installation, database: &str, sql: &str) -> Result<String> {
    let url = installation.superuser_url(database)?;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let text = format!("select x::text from ({sql}) as y (x)");
    Ok(client.query_one(&text, &[]).await?.get(0))
}

/// All databases as they were, and NATS empty, as an operator restores them.
fn restore(installation: &mut Installation, backup: &Path) -> Result<()> {
    let data = installation.data();
    std::fs::remove_dir_all(data.join("postgres"))?;
    copy(backup, &data.join("postgres"))?;
    std::fs::remove_dir_all(data.join("nats"))?;
    installation.start(UP)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().context("cp")?;
    if !done.success() {
        bail!("{} cannot be copied", from.display());
    }
    Ok(())
}
