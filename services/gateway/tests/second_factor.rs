//! Codes beside passwords, and people who have yet to set up what their role demands.

use std::sync::atomic::Ordering;

use http::Method;
use serde_json::json;

use crate::rig::{PASSWORD, Rig};

#[tokio::test]
async fn a_code_is_asked_for_in_the_clients_language() {
    let rig = Rig::start().await;
    let mut browser = rig.browser().with("accept-language", "fr");
    browser.get("/api/v2/primero").await;
    let answer = browser.sign_in("nour", PASSWORD).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["code"], "otp_wanted");
    assert!(answer.json()["error"].as_str().unwrap().contains("application d'authentification"));
    let user = json!({"user": {"user_name": "nour", "password": PASSWORD, "otp": "000000"}});
    let answer = browser.post("/api/v2/tokens", &user.to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &json!("otp_wrong")));
    let user = json!({"user": {"user_name": "nour", "password": PASSWORD, "otp": "123456"}});
    let answer = browser.post("/api/v2/tokens", &user.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(browser.cookie("_app_session").is_some());
}

#[tokio::test]
async fn with_basic_the_code_comes_in_a_header_and_is_asked_about_each_time() {
    let rig = Rig::start().await;
    let mut script = rig.script("nour", PASSWORD);
    let answer = script.get("/api/v2/cases").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &json!("otp_wanted")));
    let mut script = rig.script("nour", PASSWORD).with("Amparo-Otp", "123456");
    let asked = || rig.world.authentications.load(Ordering::SeqCst);
    let before = asked();
    for _ in 0..3 {
        assert_eq!(script.get("/api/v2/cases").await.status, 200);
    }
    assert_eq!(asked(), before + 3, "whether it was used is not for the gateway to say");
    let mut plain = rig.script("ann", PASSWORD);
    let before = asked();
    for _ in 0..3 {
        assert_eq!(plain.get("/api/v2/cases").await.status, 200);
    }
    assert_eq!(asked(), before + 1);
}

#[tokio::test]
async fn whoever_must_enrol_gets_neither_files_nor_lists_of_the_gateway() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    browser.get("/api/v2/primero").await;
    let answer = browser.sign_in("amal", PASSWORD).await;
    assert_eq!(answer.json()["must_enrol"], true);
    for path in ["/api/amparo/v1/location_file", "/rails/active_storage/blobs/x/y.png"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 403, "{path}");
        let field = &answer.json()["errors"][0]["fields"][0];
        assert_eq!(field["code"], "second_factor_demanded", "{path}");
    }
    assert_eq!(browser.get("/api/amparo/v1/session").await.json()["data"]["must_enrol"], true);
    let begun = browser.post("/api/amparo/v1/second_factor", "").await;
    assert_eq!(begun.status, 200, "no body is needed: {}", begun.text());
    let ended = browser.send(Method::DELETE, "/api/amparo/v1/sessions", "").await;
    assert!(ended.status.is_success());
}
