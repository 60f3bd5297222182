//! Every route with every right but one that it needs, and with no more than it needs.

use super::examples::{self, Example};
use super::town::{HERE, OURS, PASSWORD, call, make, town};
use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::Client;

/// A user whose role changes with each attack.
struct Actor {
    admin: Client,
    client: Client,
    role: String,
    /// Everything that can be granted.
    all: BTreeSet<String>,
}

impl Actor {
    async fn hire() -> Result<Self> {
        let town = town();
        let admin = town.admin();
        let made = make(&admin, &["user"], OURS).await?;
        let name = made["user"]["user_name"].as_str().context("a name")?;
        let client = Client::with_basic(town.installation.port, HERE, name, PASSWORD);
        let role = format!("/api/v2/roles/{}", made["role"]["id"]);
        let granted =
            call(&admin, http::Method::GET, "/api/v2/roles?per=1000", None).await?.data()?;
        let mut all = BTreeSet::new();
        for role in granted.as_array().context("roles")? {
            for (resource, actions) in role["permissions"].as_object().into_iter().flatten() {
                let actions = actions.as_array().into_iter().flatten().filter_map(Value::as_str);
                all.extend(actions.map(|action| format!("{resource}:{action}")));
            }
        }
        for example in examples::all() {
            all.extend(example.needs.into_iter().flatten());
        }
        // With this one the role would be a super user's, which nobody may change any more.
        all.remove("incident:manage");
        Ok(Self { admin, client, role, all })
    }

    /// Gives the role these rights and no others; of asking for an erasure and agreeing to it,
    /// which no role may hold together, the one that comes first.
    async fn grant<'r>(&self, rights: impl Iterator<Item = &'r String>) -> Result<()> {
        let mut permissions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (resource, action) in rights.filter_map(|right| right.split_once(':')) {
            permissions.entry(resource).or_default().push(action);
        }
        permissions.entry("erasure").or_default().truncate(1);
        let body = json!({ "data": { "permissions": permissions } });
        call(&self.admin, http::Method::PATCH, &self.role, Some(&body)).await?.data()?;
        Ok(())
    }

    async fn status(
        &self,
        example: &Example,
        objects: &examples::Objects,
    ) -> Result<(u16, String)> {
        let filled = example.fill(objects, OURS);
        let answer = call(&self.client, filled.method, &filled.path, filled.body.as_ref()).await?;
        Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
    }
}

/// Rights that imply the wanted ones.
fn implied_by(right: &str) -> [String; 2] {
    let resource = right.split(':').next().unwrap_or_default();
    [right.to_owned(), format!("{resource}:manage")]
}

/// The examples by what they need, so that a role is changed once for all of them.
fn by_need() -> BTreeMap<Vec<Vec<String>>, Vec<Example>> {
    let mut groups: BTreeMap<_, Vec<Example>> = BTreeMap::new();
    for example in examples::all() {
        groups.entry(example.needs.clone()).or_default().push(example);
    }
    groups
}

async fn objects(actor: &Actor) -> Result<examples::Objects> {
    let kinds: BTreeSet<String> = examples::all().iter().flat_map(Example::kinds).collect();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    make(&actor.admin, &kinds, OURS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lacks_one_right_is_refused_whatever_else_they_may() -> Result<()> {
    let actor = Actor::hire().await?;
    let (objects, mut odd) = (objects(&actor).await?, Vec::new());
    for (needs, group) in by_need() {
        for lacking in &needs {
            let gone: BTreeSet<String> = lacking.iter().flat_map(|one| implied_by(one)).collect();
            actor.grant(actor.all.difference(&gone)).await?;
            for example in &group {
                let (status, body) = actor.status(example, &objects).await?;
                if status != 403 || body.contains(OURS) {
                    odd.push(format!(
                        "{} without {lacking:?}: {status} {body:.300}",
                        example.name()
                    ));
                }
            }
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    Ok(())
}

/// Otherwise a right that opens nothing could hide one that opens too much.
#[tokio::test(flavor = "multi_thread")]
async fn each_right_that_is_said_to_be_enough_is() -> Result<()> {
    let actor = Actor::hire().await?;
    let (objects, mut odd) = (objects(&actor).await?, Vec::new());
    for (needs, group) in by_need() {
        for (at, alternatives) in needs.iter().enumerate() {
            for one in alternatives {
                let others = needs.iter().enumerate().filter(|(other, _)| *other != at);
                let rights: Vec<String> =
                    others.map(|(_, of)| of[0].clone()).chain([one.clone()]).collect();
                actor.grant(rights.iter()).await?;
                for example in group.iter().filter(|one| !one.is_last && !one.writes()) {
                    let (status, body) = actor.status(example, &objects).await?;
                    if status != example.status {
                        odd.push(format!(
                            "{} with {rights:?}: {status} {body:.300}",
                            example.name()
                        ));
                    }
                }
            }
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_rights_opens_what_is_everybodys() -> Result<()> {
    let actor = Actor::hire().await?;
    let objects = objects(&actor).await?;
    actor.grant([&"kpi:kpi_case_load".to_owned()].into_iter()).await?;
    let mut odd = Map::new();
    // A search is its owner's alone.
    let everybodys = |one: &&Example| !one.is_last && !one.kinds().contains("search");
    for example in examples::all().iter().filter(everybodys) {
        let (status, _) = actor.status(example, &objects).await?;
        let open = example.needs.is_empty();
        if open == (status == 403) {
            odd.insert(example.name(), status.into());
        }
    }
    assert!(odd.is_empty(), "{odd:?}");
    Ok(())
}
