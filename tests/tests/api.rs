//! The main shapes of every resource, call by call from `api/calls.json`: status, members of the
//! body, errors and paging. The conformance run goes much further, where its files are at hand.

use crate::attack::examples::{Objects, fill};
use crate::shared::{PASSWORD, installation, script};
use anyhow::{Context as _, Result};
use serde_json::Value;
use tests::{Answer, Client};

/// In texts of fresh objects.
const MARK: &str = "Api";

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_answers_in_its_shape() -> Result<()> {
    let calls: Value = serde_json::from_str(include_str!("api/calls.json"))?;
    let (mut saved, mut odd) = (Objects::new(), Vec::new());
    for call in calls.as_array().context("a list of calls")? {
        let name = text(call, "call");
        let answer = send(call, &saved).await.with_context(|| name.to_owned())?;
        if let Some(kind) = call["save"].as_str() {
            saved.insert(kind.to_owned(), answer.json()["data"].clone());
        }
        for why in differences(call, &answer, &saved) {
            odd.push(format!("{name}: {why}: {}", String::from_utf8_lossy(&answer.body)));
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    Ok(())
}

fn text<'c>(call: &'c Value, member: &str) -> &'c str {
    call[member].as_str().unwrap_or_default()
}

async fn send(call: &Value, saved: &Objects) -> Result<Answer> {
    let client = match text(call, "as") {
        "" => script("admin"),
        "nobody" => Client::new(installation().port, "localhost"),
        "stranger" => Client::with_basic(installation().port, "localhost", "salma", "wrong"),
        name => Client::with_basic(installation().port, "localhost", name, PASSWORD),
    };
    let line = fill(&call["call"], saved, MARK);
    let (method, path) = line.as_str().and_then(|it| it.split_once(' ')).context("a line")?;
    let body = call.get("body").map(|body| fill(body, saved, MARK).to_string().into());
    client.send(method.parse()?, path, body).await
}

/// What is not as the call says.
fn differences(call: &Value, answer: &Answer, saved: &Objects) -> Vec<String> {
    let mut odd = Vec::new();
    let expected = call["status"].as_u64().unwrap_or(200);
    if u64::from(answer.status) != expected {
        odd.push(format!("{} is not {expected}", answer.status));
    }
    let body = answer.json();
    for (pointer, wanted) in call["is"].as_object().into_iter().flatten() {
        let found = body.pointer(pointer).unwrap_or(&Value::Null);
        let wanted = fill(wanted, saved, MARK);
        if *found != wanted {
            odd.push(format!("{pointer} is {found}, not {wanted}"));
        }
    }
    for pointer in call["has"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if body.pointer(pointer).is_none() {
            odd.push(format!("there is no {pointer}"));
        }
    }
    for pointer in call["lacks"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if body.pointer(pointer).is_some() {
            odd.push(format!("there is {pointer}"));
        }
    }
    odd
}
