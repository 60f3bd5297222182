//! Two organisations with something of every kind, and those who live in them. Nothing is done
//! in the second one once it is founded, so that every change there is a finding.

use super::examples::{self, Objects, fill, kinds};
use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::OnceLock;
use tests::{Answer, Client, Installation};

pub const PASSWORD: &str = "First-entry-1";
/// In every text of the second organisation, and nowhere else.
pub const THEIRS: &str = "Zquxorb";
pub const OURS: &str = "Wevilkat";
pub const HERE: &str = "alpha.localhost";
pub const THERE: &str = "beta.localhost";
pub const ADMIN_HERE: &str = "alpha.admin";
pub const ADMIN_THERE: &str = "beta.admin";
/// Numbers of the second organisation are beyond all of the first.
const APART: i64 = 700_000;
/// What has numbers.
const NUMBERED: [&str; 9] =
    ["user", "role", "user_group", "agency", "form", "field", "lookup", "location", "saved_search"];

/// The installation, and what is known of the second organisation.
pub struct Town {
    pub installation: Installation,
    /// Ids of the tenants.
    pub here: String,
    pub there: String,
    /// Something of every kind in the second organisation.
    pub theirs: Objects,
    /// A session of the second organisation's administrator, as cookies.
    pub their_cookies: String,
    pub their_csrf: String,
}

/// Founded by the first test that asks.
pub fn town() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| {
        let founding = std::thread::spawn(|| {
            tokio::runtime::Runtime::new().unwrap().block_on(Town::found()).unwrap()
        });
        founding.join().expect("the town is founded")
    })
}

impl Town {
    async fn found() -> Result<Self> {
        let installation = Installation::apart()?;
        for (name, admin) in [("alpha", ADMIN_HERE), ("beta", ADMIN_THERE)] {
            installation.amparo(&["tenant", "open", name, "--administrator", admin])?;
            installation.amparo(&["install-configuration", name])?;
        }
        let (here, there) =
            (tenant(&installation, "alpha").await?, tenant(&installation, "beta").await?);
        move_apart(&installation, &there).await?;
        let admin = Client::signed_in(installation.port, THERE, ADMIN_THERE, PASSWORD).await?;
        let every = [
            "agency",
            "group",
            "role",
            "user",
            "form",
            "lookup",
            "place",
            "search",
            "snapshot",
            "case",
            "conflicted",
            "incident",
            "tracing_request",
            "family",
            "registry_record",
            "module",
        ];
        let theirs = make(&admin, &every, THEIRS).await?;
        say_something(&admin, THEIRS).await?;
        let ours = Client::with_basic(installation.port, HERE, ADMIN_HERE, PASSWORD);
        say_something(&ours, OURS).await?;
        let session = admin.cookie("_app_session").context("a session")?;
        let their_csrf = admin.cookie("CSRF-TOKEN").context("a token")?;
        let their_cookies = format!("_app_session={session}; CSRF-TOKEN={their_csrf}");
        Ok(Self { installation, here, there, theirs, their_cookies, their_csrf })
    }

    /// The administrator of the first organisation, as a script.
    pub fn admin(&self) -> Client {
        Client::with_basic(self.installation.port, HERE, ADMIN_HERE, PASSWORD)
    }

    /// The address of a service for other services.
    pub fn address(&self, service: &str) -> Result<String> {
        let connection = std::fs::read_to_string(self.installation.data().join("connection"))?;
        let flag = format!("--{service}-url=");
        let line = connection.lines().find_map(|line| line.strip_prefix(&flag));
        line.map(str::to_owned).context("no such service")
    }

    /// The installation's own token.
    pub fn internal_token(&self) -> Result<String> {
        let connection = std::fs::read_to_string(self.installation.data().join("connection"))?;
        let file = connection.lines().find_map(|line| line.strip_prefix("--internal-token-file="));
        let text = std::fs::read_to_string(file.context("no internal token")?)?;
        Ok(text.trim().to_owned())
    }
}

/// A connection to a service's database that nothing is hidden from.
pub async fn database(installation: &Installation, name: &str) -> Result<tokio_postgres::Client> {
    let url = installation.superuser_url(&format!("amparo_{name}"))?;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn tenant(installation: &Installation, name: &str) -> Result<String> {
    let identity = database(installation, "identity").await?;
    let sql = "select tenant::text from tenant where name = $1";
    Ok(identity.query_one(sql, &[&name]).await?.get(0))
}

/// So that a number of the second organisation is nobody's in the first.
async fn move_apart(installation: &Installation, tenant: &str) -> Result<()> {
    for name in ["identity", "configuration"] {
        let sql = format!(
            "insert into counter (tenant, kind, last) select $1::text::uuid, unnest($2::text[]), \
             {APART} on conflict (tenant, kind) do update set last = counter.last + {APART}"
        );
        database(installation, name).await?.execute(&sql, &[&tenant, &&NUMBERED[..]]).await?;
    }
    Ok(())
}

/// What an organisation has one of.
async fn say_something(admin: &Client, mark: &str) -> Result<()> {
    let code = json!({ "data": { "title": mark, "content": mark } });
    call(admin, http::Method::POST, "/api/v2/codes_of_conduct", Some(&code)).await?.data()?;
    let contact = json!({ "data": { "organization": mark, "phone": mark } });
    call(admin, http::Method::PATCH, "/api/v2/contact_information", Some(&contact))
        .await?
        .data()?;
    Ok(())
}

/// Fresh objects of these kinds, and of those that they need.
pub async fn make(client: &Client, wanted: &[&str], mark: &str) -> Result<Objects> {
    let mut made = Objects::new();
    for kind in wanted {
        make_one(client, kind, mark, &mut made).await?;
    }
    Ok(made)
}

async fn make_one(client: &Client, kind: &str, mark: &str, made: &mut Objects) -> Result<()> {
    if made.contains_key(kind) {
        return Ok(());
    }
    let document = if kind == "conflicted" {
        conflicted(client, mark).await?
    } else {
        let recipe = examples::recipe(kind);
        for other in kinds(&recipe["body"]) {
            Box::pin(make_one(client, &other, mark, made)).await?;
        }
        made_by(client, recipe, made, mark).await.with_context(|| format!("a {kind}"))?
    };
    made.insert(kind.to_owned(), document);
    Ok(())
}

async fn made_by(client: &Client, recipe: &Value, made: &Objects, mark: &str) -> Result<Value> {
    if let Some(list) = recipe["listed"].as_str() {
        return Ok(call(client, http::Method::GET, list, None).await?.data()?[0].clone());
    }
    let body = fill(&recipe["body"], made, mark);
    let path = recipe["path"].as_str().context("a path")?;
    let document = call(client, http::Method::POST, path, Some(&body)).await?.data()?;
    ensure!(!document["id"].is_null(), "no id: {document}");
    // What the answer does not repeat.
    let mut whole = body["data"].clone();
    for (name, value) in document.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    Ok(whole)
}

/// A case on which two people disagreed.
async fn conflicted(client: &Client, mark: &str) -> Result<Value> {
    let mut case = made_by(client, examples::recipe("case"), &Objects::new(), mark).await?;
    let path = format!("/api/v2/cases/{}", case["id"].as_str().context("an id")?);
    for change in examples::conflicting() {
        let change = fill(change, &Objects::new(), mark);
        call(client, http::Method::PATCH, &path, Some(&change)).await?.data()?;
    }
    let path = format!("/api/amparo/v1/cases/{}/conflicts", case["id"].as_str().context("an id")?);
    let open = call(client, http::Method::GET, &path, None).await?.data()?;
    let id = &open[0]["id"];
    ensure!(id.is_string(), "no conflict: {open}");
    case["conflict_id"] = id.clone();
    Ok(case)
}

/// A call that is made again when it came too fast.
pub async fn call(
    client: &Client,
    method: http::Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer> {
    call_with(client, method, path, body, &[]).await
}

/// The same with headers that replace the client's own.
pub async fn call_with(
    client: &Client,
    method: http::Method,
    path: &str,
    body: Option<&Value>,
    headers: &[(&str, &str)],
) -> Result<Answer> {
    loop {
        let bytes = body.map(|body| Bytes::from(body.to_string()));
        let answer = client.send_with(method.clone(), path, bytes, headers).await?;
        if answer.status != 429 {
            return Ok(answer);
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}

/// Documents like these, of which nothing exists.
pub fn unknown(known: &Objects) -> Objects {
    known.iter().map(|(kind, document)| (kind.clone(), without_trace(document))).collect()
}

/// Other ids of the same shape: digits and letters moved on, lengths kept.
fn without_trace(document: &Value) -> Value {
    let mut changed = document.clone();
    for (name, value) in changed.as_object_mut().into_iter().flatten() {
        *value = match &*value {
            Value::Number(number) if name == "id" => (number.as_i64().unwrap_or(0) + 9_000).into(),
            Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
                json!(tests::fresh_id().to_string())
            }
            Value::String(text) => text
                .replace(THEIRS, "Nobodys")
                .replace(OURS, "Nobodys1")
                .replace(&THEIRS.to_lowercase(), "nobodys")
                .chars()
                .rev()
                .collect::<String>()
                .into(),
            other => other.clone(),
        };
    }
    changed
}

/// What was answered, without the ids that were sent.
pub fn scrubbed(answer: &[u8], sent: &Objects) -> String {
    let own = sent.iter().filter(|(kind, _)| !examples::SHARED.contains(&kind.as_str()));
    let mut ids: Vec<String> = own
        .flat_map(|(_, document)| {
            let entries = document.as_object().into_iter().flat_map(serde_json::Map::values);
            let entries = entries.filter_map(Value::as_array).flatten();
            let names = ["id", "unique_id", "code", "user_name", "conflict_id"];
            names
                .map(|name| &document[name])
                .into_iter()
                .chain(entries.map(|one| &one["unique_id"]))
        })
        .filter(|id| id.is_string() || id.is_i64())
        .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
        .collect();
    ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
    let text = String::from_utf8_lossy(answer).into_owned();
    ids.iter().fold(text, |text, id| text.replace(id.as_str(), "?"))
}
