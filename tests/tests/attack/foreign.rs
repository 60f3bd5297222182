//! Every route with ids of the other organisation, while signed in at one's own: the answer is
//! that for an id of nobody, to the byte, and nothing next door is read or changed.

use super::examples::{self, Example, Filled, Objects, SHARED};
use super::fingerprint;
use super::town::{OURS, THEIRS, THERE, Town, call, call_with, make, scrubbed, town, unknown};
use anyhow::Result;
use serde_json::Value;
use tests::{Answer, Client};

#[test]
fn every_route_has_an_example_and_every_example_a_route() {
    assert!(examples::all().len() > 70);
    assert_eq!(examples::superfluous(), [""; 0]);
}

/// Otherwise the attacks would prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_valid_for_whoever_may() -> Result<()> {
    let town = town();
    let admin = town.admin();
    let mut odd = Vec::new();
    let (last, first): (Vec<_>, Vec<_>) = examples::all().into_iter().partition(|one| one.is_last);
    for example in first.iter().chain(&last) {
        let kinds = example.kinds();
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        let objects = make(&admin, &kinds, OURS).await?;
        let filled = example.fill(&objects, OURS);
        let answer = send(&admin, &filled).await?;
        if answer.status != example.status {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            odd.push(format!("{}: {} {body}", example.name(), answer.status));
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_another_organisation_are_ids_of_nobody() -> Result<()> {
    let town = town();
    let before = fingerprint::theirs(town).await?;
    let admin = town.admin();
    let nobodys = unknown(&town.theirs);
    let mut odd = Vec::new();
    for example in examples::all() {
        for kind in example.kinds().iter().filter(|kind| !SHARED.contains(&kind.as_str())) {
            let outcome = compare(town, &admin, &example, kind, &nobodys).await?;
            odd.extend(outcome.err().map(|why| format!("{} by {kind}: {why}", example.name())));
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    fingerprint::assert_unchanged(town, &before).await
}

/// One call that names their object, and one that names nobody's; all else is one's own.
async fn compare(
    town: &Town,
    admin: &Client,
    example: &Example,
    kind: &str,
    nobodys: &Objects,
) -> Result<Result<(), String>> {
    let mut answers = Vec::new();
    for strange in [&town.theirs, nobodys] {
        let kinds = example.kinds();
        let others: Vec<&str> =
            kinds.iter().map(String::as_str).filter(|one| *one != kind).collect();
        let mut objects = make(admin, &others, OURS).await?;
        objects.insert(kind.to_owned(), strange[kind].clone());
        let answer = send(admin, &example.fill(&objects, OURS)).await?;
        // Each try has records of its own besides: their ids differ as well.
        objects.retain(|_, document| document["id"].is_string());
        let text = scrubbed(scrubbed(&answer.body, strange).as_bytes(), &objects);
        answers.push((answer, text));
    }
    let [(theirs, seen), (nobodys, expected)] = &answers[..] else { unreachable!("two calls") };
    if String::from_utf8_lossy(&theirs.body).contains(THEIRS) {
        return Ok(Err(format!("it tells {seen}")));
    }
    if theirs.status != nobodys.status {
        return Ok(Err(format!(
            "{} is not {}: {seen} / {expected}",
            theirs.status, nobodys.status
        )));
    }
    if (200..300).contains(&theirs.status) {
        let same = shape(&theirs.json()) == shape(&nobodys.json());
        return Ok(if same { Ok(()) } else { Err(format!("{seen} is not {expected}")) });
    }
    Ok(if seen == expected { Ok(()) } else { Err(format!("{seen} is not {expected}")) })
}

/// Which members there are, whatever they hold.
fn shape(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let below = |(name, value): (&String, &Value)| {
                let inner = shape(value).into_iter().map(|one| format!("/{name}{one}"));
                std::iter::once(format!("/{name}")).chain(inner).collect::<Vec<_>>()
            };
            fields.iter().flat_map(below).collect()
        }
        Value::Array(items) => items.first().map(shape).unwrap_or_default(),
        _ => Vec::new(),
    }
}

async fn send(client: &Client, filled: &Filled) -> Result<Answer> {
    call(client, filled.method.clone(), &filled.path, filled.body.as_ref()).await
}

/// What claims to come from elsewhere changes nothing about whose the call is.
#[tokio::test(flavor = "multi_thread")]
async fn forwarded_names_are_not_believed() -> Result<()> {
    let town = town();
    let before = fingerprint::theirs(town).await?;
    let admin = town.admin();
    let elsewhere = format!("{THERE}:{}", town.installation.port);
    let claims = [
        ("x-forwarded-host", elsewhere.as_str()),
        ("x-forwarded-server", &elsewhere),
        ("x-original-host", &elsewhere),
        ("x-host", &elsewhere),
        ("x-original-url", "/api/v2/cases"),
        ("x-rewrite-url", "/api/v2/cases"),
        ("forwarded", "host=beta.localhost"),
        ("amparo-tenant", &town.there),
        ("origin", "http://beta.localhost"),
        ("referer", "http://beta.localhost/"),
    ];
    for example in examples::all().iter().filter(|one| !one.writes() && one.kinds().is_empty()) {
        let path = example.fill(&Objects::new(), OURS).path;
        let claimed = call_with(&admin, http::Method::GET, &path, None, &claims).await?;
        assert!(!String::from_utf8_lossy(&claimed.body).contains(THEIRS), "{}", example.name());
        assert_eq!(claimed.status, example.status, "{}", example.name());
    }
    fingerprint::assert_unchanged(town, &before).await
}
