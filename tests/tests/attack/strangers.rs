//! Every route with credentials that are nobody's, somebody else's, or no longer good.

use super::examples::{self, Filled, Objects};
use super::fingerprint;
use super::town::{
    ADMIN_HERE, ADMIN_THERE, HERE, OURS, PASSWORD, THEIRS, THERE, Town, call, call_with, make,
    scrubbed, town, unknown,
};
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tests::{Answer, Client};

/// Sends every example with these headers to a host, once with ids of the organisation there
/// and once with ids of nobody: both are refused alike.
async fn refused(town: &Town, host: &str, headers: &[(&str, &str)], status: u16) -> Result<()> {
    let known = if host == THERE { town.theirs.clone() } else { own(town).await? };
    let nobodys = unknown(&known);
    let client = Client::new(town.installation.port, host);
    for example in examples::all() {
        let mut bodies = Vec::new();
        for objects in [&known, &nobodys] {
            let filled = example.fill(objects, OURS);
            let answer = send(&client, &filled, headers).await?;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let name = example.name();
            assert_eq!(answer.status, status, "{name} at {host} with {headers:?}: {text}");
            assert!(!text.contains(THEIRS) && !text.contains(OURS), "{name} tells: {text}");
            bodies.push(scrubbed(&answer.body, objects));
            if example.kinds().is_empty() {
                break;
            }
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{}: {bodies:?}", example.name());
    }
    Ok(())
}

async fn send(client: &Client, filled: &Filled, headers: &[(&str, &str)]) -> Result<Answer> {
    call_with(client, filled.method.clone(), &filled.path, filled.body.as_ref(), headers).await
}

/// Something of every kind here.
async fn own(town: &Town) -> Result<Objects> {
    let kinds: Vec<&str> = town.theirs.keys().map(String::as_str).collect();
    make(&town.admin(), &kinds, OURS).await
}

fn basic(user_name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user_name}:{password}")))
}

/// A session here, as cookies.
async fn session(town: &Town, user_name: &str) -> Result<(String, String)> {
    let client = Client::signed_in(town.installation.port, HERE, user_name, PASSWORD).await?;
    let csrf = client.cookie("CSRF-TOKEN").context("a token")?;
    let session = client.cookie("_app_session").context("a session")?;
    Ok((format!("_app_session={session}; CSRF-TOKEN={csrf}"), csrf))
}

/// A user here, made for one test.
async fn user(town: &Town) -> Result<(i64, String)> {
    let admin = town.admin();
    let made = make(&admin, &["user"], OURS).await?;
    let name = made["user"]["user_name"].as_str().context("a name")?.to_owned();
    Ok((made["user"]["id"].as_i64().context("an id")?, name))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_nothing_opens() -> Result<()> {
    refused(town(), THERE, &[], 401).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_tokens_are_good_at_their_own_host_only() -> Result<()> {
    let town = town();
    let before = fingerprint::theirs(town).await?;
    let theirs = [("cookie", town.their_cookies.as_str()), ("x-csrf-token", &town.their_csrf)];
    // Reads are refused for want of a session, writes for want of a token that fits.
    refused(town, HERE, &theirs, 401).await?;
    let (_, name) = user(town).await?;
    let (cookies, csrf) = session(town, &name).await?;
    refused(town, THERE, &[("cookie", &cookies), ("x-csrf-token", &csrf)], 401).await?;
    fingerprint::assert_unchanged(town, &before).await
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_good_at_their_own_host_only() -> Result<()> {
    let town = town();
    let before = fingerprint::theirs(town).await?;
    refused(town, HERE, &[("authorization", &basic(ADMIN_THERE, PASSWORD))], 401).await?;
    refused(town, THERE, &[("authorization", &basic(ADMIN_HERE, PASSWORD))], 401).await?;
    fingerprint::assert_unchanged(town, &before).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_credentials_open_nothing() -> Result<()> {
    let town = town();
    let before = fingerprint::theirs(town).await?;
    let internal = format!("Bearer {}", town.internal_token()?);
    let token = STANDARD.encode(super::rpcs::token(town, &town.there, ADMIN_THERE)?);
    let bearer = format!("Bearer {token}");
    let altered = town.their_cookies.replacen("_app_session=", "_app_session=A", 1);
    for headers in [
        vec![("authorization", internal.as_str())],
        vec![("authorization", "Basic !!!")],
        vec![("authorization", &bearer), ("amparo-principal-bin", &token)],
        vec![("amparo-principal-bin", &token), ("amparo-tenant", &town.there)],
        vec![("cookie", &altered), ("x-csrf-token", &town.their_csrf)],
        vec![("cookie", "_app_session=../../x; CSRF-TOKEN=x"), ("x-csrf-token", "x")],
    ] {
        refused(town, THERE, &headers, 401).await?;
    }
    fingerprint::assert_unchanged(town, &before).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_nobody() -> Result<()> {
    let town = town();
    let (id, name) = user(town).await?;
    let (cookies, csrf) = session(town, &name).await?;
    let admin = town.admin();
    let off = json!({ "data": { "disabled": true } });
    call(&admin, http::Method::PATCH, &format!("/api/v2/users/{id}"), Some(&off)).await?.data()?;
    refused(town, HERE, &[("cookie", &cookies), ("x-csrf-token", &csrf)], 401).await?;
    refused(town, HERE, &[("authorization", &basic(&name, PASSWORD))], 401).await
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_by_session_need_the_sessions_own_token() -> Result<()> {
    let town = town();
    let objects = own(town).await?;
    let (_, name) = user(town).await?;
    let (cookies, _) = session(town, &name).await?;
    let (_, others) = user(town).await?;
    let (_, anothers) = session(town, &others).await?;
    let bare = cookies.split(';').next().context("a session")?.to_owned();
    let crossed = format!("{bare}; CSRF-TOKEN={anothers}");
    let client = Client::new(town.installation.port, HERE);
    for example in examples::all().iter().filter(|one| one.writes()) {
        let filled = example.fill(&objects, OURS);
        for headers in [
            vec![("cookie", cookies.as_str()), ("x-csrf-token", "")],
            vec![("cookie", &bare), ("x-csrf-token", &anothers)],
            vec![("cookie", &crossed), ("x-csrf-token", &anothers)],
            vec![("cookie", &cookies), ("x-csrf-token", &town.their_csrf)],
        ] {
            let answer = send(&client, &filled, &headers).await?;
            assert_eq!(answer.status, 403, "{} with {headers:?}", example.name());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_organisation_answers_nobody() -> Result<()> {
    const HOST: &str = "gamma.localhost";
    let town = town();
    let (installation, objects) = (&town.installation, own(town).await?);
    installation.amparo(&["tenant", "open", "gamma", "--administrator", "gamma.admin"])?;
    let client = Client::signed_in(installation.port, HOST, "gamma.admin", PASSWORD).await?;
    installation.amparo(&["tenant", "suspend", "gamma"])?;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let script = Client::with_basic(installation.port, HOST, "gamma.admin", PASSWORD);
    for example in examples::all() {
        let filled = example.fill(&objects, OURS);
        for client in [&client, &script] {
            let answer = send(client, &filled, &[]).await?;
            assert_eq!(answer.status, 403, "{}", example.name());
        }
    }
    Ok(())
}
