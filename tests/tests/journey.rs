//! The main journey, through separate processes: an organisation is opened and
//! configured, people sign in, a child's case is registered, found, updated from
//! two places at once, settled and closed, and everyone can see who did what.

use crate::shared::MODULE;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, Client, Installation, SERVICES};

const HOST: &str = "coast.localhost";
const ADMINISTRATOR: &str = "first.admin";
const WORKER: &str = "worker.one";
const PASSWORD: &str = "First-entry-1";

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_installation_to_a_closed_case() -> Result<()> {
    let mut installation = Installation::apart()?;
    for name in ["coast", "hills"] {
        installation.amparo(&["tenant", "open", name, "--administrator", ADMINISTRATOR])?;
        installation.amparo(&["install-configuration", name])?;
    }
    assert!(installation.amparo(&["tenant", "list"])?.contains("coast\topen"));

    let port = installation.port;
    let administrator = Client::signed_in(port, HOST, ADMINISTRATOR, PASSWORD).await?;
    hire(&administrator).await?;
    let worker = Client::signed_in(port, HOST, WORKER, PASSWORD).await?;
    let id = register(&worker).await?;
    find_in_another_script(&worker, &id).await?;
    let script = Client::with_basic(port, HOST, WORKER, PASSWORD);
    update_from_two_places(&worker, &script, &id).await?;
    close(&worker, &id).await?;
    see_who_did_what(&administrator, &id).await?;

    let neighbour = Client::signed_in(port, "hills.localhost", ADMINISTRATOR, PASSWORD).await?;
    nothing_is_seen_next_door(&neighbour, &id).await?;
    losing_a_right_takes_effect(&administrator, &worker, &id).await?;

    for service in SERVICES.into_iter().rev() {
        assert!(installation.stop_service(service)?, "{service} did not end well");
    }
    assert!(installation.stop()?, "the servers did not end well");
    Ok(())
}

/// Somebody with a role of the standard configuration.
pub async fn hire_as(administrator: &Client, user_name: &str, role: &str) -> Result<()> {
    let agencies = administrator.get("/api/v2/agencies").await?.data()?;
    let groups = administrator.get("/api/v2/user_groups").await?.data()?;
    let user = json!({
        "user_name": user_name, "full_name": user_name, "email": format!("{user_name}@amparo.example"),
        "password": PASSWORD, "password_confirmation": PASSWORD, "agency_id": agencies[0]["id"],
        "role_unique_id": role, "user_group_unique_ids": [groups[0]["unique_id"]],
        "locale": "en", "send_mail": false,
    });
    administrator.post("/api/v2/users", &json!({ "data": user })).await?.data().map(drop)
}

/// An agency, a group and a case worker, as an administrator makes them.
async fn hire(administrator: &Client) -> Result<()> {
    let agency =
        json!({ "unique_id": "agency-one", "agency_code": "ONE", "name": { "en": "One" } });
    let agency =
        administrator.post("/api/v2/agencies", &json!({ "data": agency })).await?.data()?;
    let group = json!({ "unique_id": "usergroup-one", "name": "Team one" });
    administrator.post("/api/v2/user_groups", &json!({ "data": group })).await?.data()?;
    let user = json!({
        "user_name": WORKER, "full_name": "Worker One", "email": "one@amparo.example",
        "password": PASSWORD, "password_confirmation": PASSWORD, "agency_id": agency["id"],
        "role_unique_id": "role-cp-case-worker", "user_group_unique_ids": ["usergroup-one"],
        "locale": "en", "send_mail": false,
    });
    administrator.post("/api/v2/users", &json!({ "data": user })).await?.data()?;
    Ok(())
}

async fn register(worker: &Client) -> Result<String> {
    let data = json!({
        "module_id": MODULE, "name_first": "Yousef", "name_last": "Haddad",
        "sex": "male", "age": 11,
    });
    let case = worker.post("/api/v2/cases", &json!({ "data": data })).await?.data()?;
    assert_eq!(case["owned_by"], WORKER);
    assert_eq!(case["status"], "open");
    Ok(case["id"].as_str().unwrap().to_owned())
}

async fn find_in_another_script(worker: &Client, id: &str) -> Result<()> {
    // يوسف, as somebody else would have written the name down.
    let search = "/api/v2/cases?query=%D9%8A%D9%88%D8%B3%D9%81&phonetic=true";
    let found = worker.get(search).await?.data()?;
    let ids: Vec<_> = found.as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [id], "{found}");
    Ok(())
}

/// Both saw the same version. Different fields never conflict; the same field is
/// kept both ways until somebody settles it.
async fn update_from_two_places(browser: &Client, script: &Client, id: &str) -> Result<()> {
    let path = format!("/api/v2/cases/{id}");
    let seen = version(&browser.get(&path).await?);
    let change =
        |field: &str, value: &str| json!({ "data": { field: value }, "base_version": seen });
    browser.patch(&path, &change("name_nickname", "Joe")).await?.data()?;
    script.patch(&path, &change("name_middle", "Karim")).await?.data()?;
    let case = browser.get(&path).await?.data()?;
    assert_eq!((&case["name_nickname"], &case["name_middle"]), (&json!("Joe"), &json!("Karim")));

    script.patch(&path, &change("name_nickname", "Youssouf")).await?.data()?;
    let conflicts = format!("/api/amparo/v1/cases/{id}/conflicts");
    let open = browser.get(&conflicts).await?.data()?;
    assert_eq!(open.as_array().map(Vec::len), Some(1), "{open}");
    assert_eq!(open[0]["field"], "name_nickname");
    assert_eq!(open[0]["kept"]["value"], "Joe");
    assert_eq!(open[0]["proposed"]["value"], "Youssouf");
    let settled = json!({ "data": { "conflict_id": open[0]["id"], "value": "Youssouf" } });
    browser.patch(&conflicts, &settled).await?.data()?;
    assert_eq!(browser.get(&conflicts).await?.data()?, json!([]));
    assert_eq!(browser.get(&path).await?.data()?["name_nickname"], "Youssouf");
    Ok(())
}

/// The version of the record that an answer is of.
fn version(answer: &Answer) -> u64 {
    let version = answer.headers.get("record-version").expect("a record has a version");
    version.to_str().unwrap().parse().unwrap()
}

async fn close(worker: &Client, id: &str) -> Result<()> {
    let body = json!({ "data": { "status": "closed" }, "record_action": "close" });
    let closed = worker.patch(&format!("/api/v2/cases/{id}"), &body).await?.data()?;
    assert_eq!(closed["status"], "closed");
    Ok(())
}

async fn see_who_did_what(administrator: &Client, id: &str) -> Result<()> {
    let history = format!("/api/v2/cases/{id}/record_history");
    let history = administrator.get(&history).await?.data()?;
    let entries = history.as_array().unwrap();
    assert!(entries.iter().all(|it| it["user_name"] == WORKER), "{history}");
    let nickname = |entry: &Value| entry["record_changes"].to_string().contains("name_nickname");
    assert!(entries.iter().any(nickname), "{history}");
    // The audit comes by way of facts.
    eventually("the audit log names the case", async || {
        let log = administrator.get("/api/v2/audit_logs?per=1000").await?.data()?;
        let wanted = |entry: &Value| entry["record_id"] == id && entry["action"] == "update";
        Ok(log.as_array().is_some_and(|log| log.iter().any(wanted)))
    })
    .await
}

async fn nothing_is_seen_next_door(neighbour: &Client, id: &str) -> Result<()> {
    assert_eq!(neighbour.get(&format!("/api/v2/cases/{id}")).await?.status, 404);
    assert_eq!(neighbour.get("/api/v2/cases").await?.data()?, json!([]));
    let users = neighbour.get("/api/v2/users?per=1000").await?.data()?.to_string();
    assert!(!users.contains(WORKER));
    Ok(())
}

async fn losing_a_right_takes_effect(
    administrator: &Client,
    worker: &Client,
    id: &str,
) -> Result<()> {
    let path = format!("/api/v2/cases/{id}");
    assert_eq!(worker.get(&path).await?.status, 200);
    let users = administrator.get("/api/v2/users?per=1000").await?.data()?;
    let user = users.as_array().unwrap().iter().find(|it| it["user_name"] == WORKER).unwrap();
    let body = json!({ "data": { "role_unique_id": "role-agency-administrator" } });
    administrator.patch(&format!("/api/v2/users/{}", user["id"]), &body).await?.data()?;
    let changed = Instant::now();
    eventually("the running session loses the right", async || {
        Ok([401, 403, 404].contains(&worker.get(&path).await?.status))
    })
    .await?;
    assert!(changed.elapsed() < Duration::from_secs(5));
    Ok(())
}

/// Asks again for a few seconds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    within(Duration::from_secs(15), what, holds).await
}

/// The same, with patience of one's own.
pub async fn within(
    patience: Duration,
    what: &str,
    holds: impl AsyncFn() -> Result<bool>,
) -> Result<()> {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if holds().await? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("it never became true that {what}")
}
