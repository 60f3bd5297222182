//! Signing in and out, CSRF, HTTP Basic, tenants, throttling.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use kit_bus::{Fact, Kind};
use kit_proto::facts::v1::PeopleChanged;
use serde_json::json;

use crate::fake::TENANT;
use crate::rig::{PASSWORD, Rig};

#[tokio::test]
async fn a_browser_signs_in_works_and_signs_out() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    assert_eq!(browser.get("/api/v2/cases").await.status, 401);
    let before = browser.cookie("CSRF-TOKEN").unwrap().to_owned();
    let answer = browser.sign_in("ann", PASSWORD).await;
    assert_eq!(answer.json(), json!({"id": 7, "user_name": "ann", "group_permission": "self"}));
    let cookie = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .find(|value| value.to_str().unwrap().starts_with("_app_session="));
    let cookie = cookie.unwrap().to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_ne!(browser.cookie("CSRF-TOKEN").unwrap(), before, "a new session has a new token");

    assert_eq!(browser.get("/api/v2/cases").await.json()["data"]["who"], "ann");
    let answer = browser.post("/api/v2/cases", r#"{"data":{"age":9}}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.post("/api/v2/tokens", "").await.json()["user_name"], "ann");

    let answer = browser.send(Method::DELETE, "/api/v2/tokens", "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}".to_owned()));
    assert_eq!(browser.cookie("_app_session"), None);
    assert_eq!(browser.get("/api/v2/cases").await.status, 401);
    let answer = browser.send(Method::DELETE, "/api/v2/tokens", "").await;
    assert_eq!(answer.status, 200, "also when nobody is signed in");
    assert_eq!(browser.get("/api/v2/tokens").await.status, 404);
}

#[tokio::test]
async fn writes_by_cookie_need_the_token_of_that_session() {
    let rig = Rig::start().await;
    let mut browser = rig.signed_in().await;
    let good = browser.cookie("CSRF-TOKEN").unwrap().to_owned();
    browser.csrf = false;
    let body = r#"{"data":{"age":9}}"#;
    let answer = browser.post("/api/v2/cases", body).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["errors"][0]["status"], 403);
    assert_eq!(browser.sign_in("ann", PASSWORD).await.status, 403, "signing in needs it too");
    for wrong in ["null", "x", &good[..good.len() - 2]] {
        browser.headers = vec![("x-csrf-token".into(), wrong.into())];
        assert_eq!(browser.post("/api/v2/cases", body).await.status, 403, "{wrong}");
    }
    // A token that an attacker got for a session of their own.
    let mut other = rig.browser();
    other.get("/api/v2/primero").await;
    other.sign_in("farid", PASSWORD).await;
    let foreign = other.cookie("CSRF-TOKEN").unwrap().to_owned();
    browser.cookies.retain(|(name, _)| name != "CSRF-TOKEN");
    browser.cookies.push(("CSRF-TOKEN".into(), foreign.clone()));
    browser.headers = vec![("x-csrf-token".into(), foreign)];
    assert_eq!(browser.post("/api/v2/cases", body).await.status, 403);
}

#[tokio::test]
async fn scripts_use_http_basic_without_session_or_token() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let answer = script.post("/api/v2/cases", r#"{"data":{"age":9}}"#).await;
    assert_eq!(answer.json()["data"]["who"], "ann");
    assert_eq!(script.cookie("_app_session"), None);
    let answer = rig.script("ann", "wrong").get("/api/v2/cases").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json(), json!({"error": "Invalid User name or password."}));
    assert!(answer.header("www-authenticate").starts_with("Bearer realm="));
    let garbled = rig.browser().with("authorization", "Basic %%%").get("/api/v2/cases").await;
    assert_eq!(garbled.status, 401);
}

#[tokio::test]
async fn the_host_decides_about_the_tenant() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    browser.host = "DEMO.example:443".into();
    assert_eq!(browser.get("/api/v2/primero").await.status, 200);
    browser.host = "nobody.example".into();
    let answer = browser.get("/api/v2/primero").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["status"]), (404, &json!(404)));
    browser.host = "closed.example".into();
    assert_eq!(browser.get("/api/v2/primero").await.status, 403);
}

#[tokio::test]
async fn the_seventh_sign_in_within_a_minute_is_told_to_wait() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    browser.get("/api/v2/primero").await;
    for _ in 0..6 {
        assert_eq!(browser.sign_in("ann", "guess").await.status, 401);
    }
    let answer = browser.sign_in(" ANN ", PASSWORD).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.text().trim(), "Retry later");
    assert_eq!(browser.sign_in("farid", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn people_are_remembered_until_something_about_them_changes() {
    let rig = Rig::start().await;
    let mut browser = rig.signed_in().await;
    let asked = || rig.world.authentications.load(Ordering::SeqCst);
    browser.get("/api/v2/cases").await;
    let first = asked();
    for _ in 0..5 {
        browser.get("/api/v2/cases").await;
    }
    assert_eq!(asked(), first, "remembered");
    browser.post("/api/v2/roles", r#"{"data":{"name":"x"}}"#).await;
    browser.get("/api/v2/cases").await;
    assert_eq!(asked(), first + 1, "a write of our own to identity");
    let fact = Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: TENANT.to_string(),
        stream: "role-1".into(),
        kind: Some(Kind::PeopleChanged(PeopleChanged {
            kind: "role".into(),
            unique_id: "r".into(),
        })),
        ..Default::default()
    };
    rig.bus.publish("identity", "r", &fact).await.unwrap();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        browser.get("/api/v2/cases").await;
        if asked() > first + 1 {
            return;
        }
    }
    panic!("the fact was not heard");
}

#[tokio::test]
async fn signing_out_everywhere_ends_the_session_here() {
    let rig = Rig::start().await;
    let mut browser = rig.signed_in().await;
    assert_eq!(browser.get("/api/amparo/v1/session").await.json()["data"]["by_session"], true);
    let answer = browser.send(Method::DELETE, "/api/amparo/v1/sessions", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.cookie("_app_session"), None);
}

#[tokio::test]
async fn nobody_registers_themselves_and_reset_requests_tell_nothing() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    browser.get("/api/v2/primero").await;
    let answer = browser.post("/api/v2/users/self-register", r#"{"user":{"email":"a@b.c"}}"#).await;
    assert_eq!(answer.status, 403);
    let path = "/api/v2/users/password-reset-request";
    for _ in 0..6 {
        let answer = browser.post(path, r#"{"user":{"email":"a@b.c"}}"#).await;
        assert_eq!(
            answer.json(),
            json!({"data": {"message": "user.password_reset.request_submitted"}})
        );
    }
    assert_eq!(browser.post(path, r#"{"user":{"email":"A@b.c "}}"#).await.status, 429);
    assert_eq!(browser.post(path, r#"{"data":{}}"#).await.status, 422);
}

#[tokio::test]
async fn cookies_are_secure_behind_https() {
    let settings =
        gateway::settings::Settings { gateway_trust_forwarded: true, ..Default::default() };
    let rig = Rig::with(settings).await;
    let mut browser = rig.browser().with("x-forwarded-proto", "https");
    let answer = browser.get("/api/v2/primero").await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
    assert!(!answer.header("strict-transport-security").is_empty());
}

/// A guesser has no token, and must meet the brake all the same.
#[tokio::test]
async fn signing_in_too_often_is_noticed_before_a_missing_token() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(browser.sign_in("ann", "guess").await.status.as_u16());
        browser.cookies.clear();
    }
    assert_eq!(statuses, [403, 403, 403, 403, 403, 403, 429]);
}

#[tokio::test]
async fn wrong_passwords_by_http_basic_are_few() {
    let rig = Rig::start().await;
    let mut working = rig.script("ann", PASSWORD);
    assert_eq!(working.get("/api/v2/cases").await.status, 200);
    let mut statuses = Vec::new();
    for turn in 0..8 {
        let mut guesser = rig.script(" Ann ", &format!("guess-{turn}"));
        statuses.push(guesser.get("/api/v2/cases").await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(working.get("/api/v2/cases").await.status, 200, "who was let in before still is");
    assert_eq!(rig.script("farid", PASSWORD).get("/api/v2/cases").await.status, 200);
}

#[tokio::test]
async fn a_guesser_in_an_office_does_not_lock_out_those_who_work_there() {
    let settings = gateway::settings::Settings {
        gateway_guesses: 5,
        gateway_trust_forwarded: true,
        ..Default::default()
    };
    let rig = Rig::with(settings).await;
    let office = ("x-forwarded-for", "192.0.2.1");
    let script = |name: &str, password: &str| rig.script(name, password).with(office.0, office.1);
    assert_eq!(script("ann", PASSWORD).get("/api/v2/cases").await.status, 200);
    let mut statuses = Vec::new();
    for turn in 0..7 {
        let mut guesser = script(&format!("name-{turn}"), "guess");
        statuses.push(guesser.get("/api/v2/cases").await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(script("ann", PASSWORD).get("/api/v2/cases").await.status, 200);
    let mut browser = rig.browser().with(office.0, office.1);
    browser.get("/api/v2/primero").await;
    assert_eq!(browser.sign_in("ann", PASSWORD).await.status, 200, "a regular there");
    assert_eq!(browser.sign_in("name-9", "guess").await.status, 429, "sprayed over names");
    assert_eq!(rig.script("farid", PASSWORD).get("/api/v2/cases").await.status, 200, "elsewhere");
}

/// A script that starts with many connections signs in once.
#[tokio::test]
async fn many_first_calls_at_once_are_one_try() {
    let rig = Rig::start().await;
    let mut calls = Vec::new();
    for _ in 0..20 {
        let mut script = rig.script("ann", PASSWORD);
        calls.push(tokio::spawn(async move { script.get("/api/v2/cases").await.status.as_u16() }));
    }
    for call in calls {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(rig.world.authentications.load(Ordering::SeqCst), 1);
}
