//! Routes, envelopes, caching, and what services are told.

use http::Method;
use serde_json::{Value, json};

use crate::rig::{PASSWORD, Rig};

#[tokio::test]
async fn lists_are_wrapped_with_metadata_and_parameters_arrive_in_order() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let answer = script.get("/api/v2/cases?&per=1000&a[0]=x&a[]=%D8%B3&b[c]=1+2").await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let body = answer.json();
    assert_eq!(body["metadata"], json!({"total": 1, "per": 20, "page": 1}));
    assert_eq!(
        body["data"]["asked"],
        json!([["per", "1000"], ["a[0]", "x"], ["a[]", "س"], ["b[c]", "1 2"]])
    );
}

#[tokio::test]
async fn paths_are_tolerant_and_unknown_ones_are_404_as_json() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    for path in ["//api//v2/cases/abc", "/api/v2/cases/abc.json", "/api/v2/cases/abc/"] {
        assert_eq!(script.get(path).await.json()["data"]["asked"]["id"], "abc", "{path}");
    }
    for path in ["/api/v2/nothing", "/api/v2/webhooks", "/api/v2/cases.xml", "/api/v2", "/", "/x"] {
        let answer = script.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let error = &answer.json()["errors"][0];
        assert_eq!((&error["resource"], &error["message"]), (&json!(path), &json!("Not Found")));
    }
    assert_eq!(script.send(Method::OPTIONS, "/api/v2/cases", "").await.status, 404);
    let nobody = rig.browser().get("/api/v2/nothing").await;
    assert_eq!(nobody.status, 404, "before signing in too");
}

#[tokio::test]
async fn writes_carry_everything_a_client_may_say() {
    let rig = Rig::start().await;
    let command = "0199a2b4-7a5e-7c61-8e2f-0f3c5d1e9a77";
    let mut script =
        rig.script("ann", PASSWORD).with("if-match", "W/\"7\"").with("idempotency-key", command);
    let body = r#"{"data":{"status":"closed"},"record_action":"close"}"#;
    for method in [Method::PATCH, Method::PUT] {
        let answer = script.send(method, "/api/v2/cases/abc", body).await;
        assert_eq!(answer.header("record-version"), "8");
        assert_eq!(
            answer.json()["data"]["asked"],
            json!({"id": "abc", "data": {"status": "closed"}, "command_id": command,
                "record_action": "close", "base_version": 7})
        );
    }
    let in_body = r#"{"data":{"a":1},"base_version":5}"#;
    let answer = script.send(Method::PATCH, "/api/v2/cases/abc", in_body).await;
    assert_eq!(answer.json()["data"]["asked"]["base_version"], 5);
    let answer = script.post("/api/v2/cases", r#"{"data":{"id":"x"}}"#).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    let answer = script.send(Method::DELETE, "/api/v2/cases/abc", "").await;
    assert_eq!(answer.json()["data"]["asked"], json!({"id": "abc", "command_id": command}));
}

#[tokio::test]
async fn refusals_become_the_contract_s_errors() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    for (id, status, message) in [
        ("missing", 404, json!("Not Found")),
        ("hidden", 403, json!("Forbidden")),
        ("taken", 409, json!("Conflict: A record with this id already exists")),
        ("wrong", 422, json!("Invalid Record JSON")),
        ("many", 422, json!(["errors.models.user.email"])),
    ] {
        let path = format!("/api/v2/cases/{id}");
        let answer = script.get(&path).await;
        assert_eq!(answer.status, status);
        let error = &answer.json()["errors"][0];
        assert_eq!(error["status"], status);
        assert_eq!(error["resource"], path.as_str());
        assert_eq!(error["message"], message);
    }
    let broken = script.get("/api/v2/cases/broken").await;
    assert_eq!(broken.status, 500);
    assert!(!broken.text().contains("secret"));
    assert!(broken.text().contains(broken.header("x-request-id")));
}

#[tokio::test]
async fn sentences_are_in_the_callers_language() {
    let rig = Rig::start().await;
    let sentence = |answer: Value| answer["errors"][0]["fields"][0]["message"].clone();
    let answer = rig.script("farid", PASSWORD).get("/api/v2/cases/wrong").await;
    assert_eq!(sentence(answer.json()), "Ce nombre doit être compris entre 0 et 130.");
    let mut spanish = rig.script("ann", PASSWORD).with("accept-language", "es-CO, en;q=0.5");
    let answer = spanish.get("/api/v2/cases/wrong").await;
    assert_eq!(sentence(answer.json()), "Este número debe estar entre 0 y 130.");
    assert_eq!(spanish.get("/api/v2/cases").await.json()["data"]["locale"], "es");
}

#[tokio::test]
async fn a_write_to_the_configuration_is_seen_by_the_next_read() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    assert_eq!(script.get("/api/v2/cases").await.json()["data"]["catalog_min"], Value::Null);
    script.post("/api/v2/forms", r#"{"data":{"name":{"en":"x"}}}"#).await;
    assert_eq!(script.get("/api/v2/cases").await.json()["data"]["catalog_min"], "41");
}

#[tokio::test]
async fn answers_are_compressed_tagged_and_guarded() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let answer = script.get("/api/v2/forms").await;
    assert_eq!(answer.header("cache-control"), "max-age=0, private, must-revalidate");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with("W/\""));
    let again = rig.script("ann", PASSWORD).with("if-none-match", &tag).get("/api/v2/forms").await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    for coding in ["gzip", "br"] {
        let mut script = rig.script("ann", PASSWORD).with("accept-encoding", coding);
        let long = format!("/api/v2/forms?x={}", "y".repeat(2_000));
        assert_eq!(script.get(&long).await.header("content-encoding"), coding);
        let small = script.get("/api/v2/forms").await;
        assert_eq!(small.header("content-encoding"), "", "not worth the work");
    }
}

#[tokio::test]
async fn the_file_of_places_is_sent_packed_or_plain_and_only_when_new() {
    let rig = Rig::start().await;
    let path = "/api/amparo/v1/location_file";
    assert_eq!(rig.browser().get(path).await.status, 401);
    let plain = rig.script("ann", PASSWORD).get(path).await;
    assert_eq!(plain.json(), json!({"data": [{"code": "SY"}]}));
    assert_eq!(plain.header("etag"), "W/\"v1\"");
    let packed = rig.script("ann", PASSWORD).with("accept-encoding", "gzip").get(path).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let known = rig.script("ann", PASSWORD).with("if-none-match", "W/\"v1\"").get(path).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
}

#[tokio::test]
async fn the_owner_of_a_record_says_who_may_see_its_access_log() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let answer = script.get("/api/v2/cases/ABC/access_log").await;
    assert_eq!(answer.status, 200);
    let called = rig.world.called.lock().unwrap().clone();
    let of_interest: Vec<&str> =
        called.iter().map(String::as_str).filter(|rpc| rpc.contains("Access")).collect();
    assert_eq!(of_interest, ["CheckAccessLog", "ListAccessLog"]);
    assert_eq!(script.get("/api/v2/cases/hidden/access_log").await.status, 403);
    assert_eq!(script.get("/api/v2/cases/missing/access_log").await.status, 404);
    let users = "/api/v2/users/access?record_type=case&record_id=";
    assert_eq!(
        script.get(&format!("{users}abc")).await.json()["data"][0]["rpc"],
        "ListAccessUsers"
    );
    assert_eq!(script.get(&format!("{users}hidden")).await.status, 403);
    assert_eq!(script.get(users).await.status, 422);
    let odd = "/api/v2/users/access?record_type=user&record_id=1";
    assert_eq!(script.get(odd).await.status, 422);
}

#[tokio::test]
async fn what_administrators_keep_is_saved_as_they_have_read_it() {
    let rig = Rig::start().await;
    let mut browser = rig.signed_in().await;
    let role = "/api/v2/roles/3";
    let tag = browser.get(role).await.header("etag").to_owned();
    let data = r#"{"data":{"name":"x"}}"#;
    let based = |tag: &str| rig.script("ann", PASSWORD).with("if-match", tag);
    assert_eq!(based(&tag).send(Method::PATCH, role, data).await.status, 200);
    assert_eq!(based("\"7\"").send(Method::PATCH, role, data).await.status, 200, "a version");
    let stale = based("W/\"older\"").send(Method::PATCH, role, data).await;
    assert_eq!(stale.status, 412);
    assert!(stale.text().contains("Somebody else has saved this"), "{}", stale.text());
    let update = rig.world.called.lock().unwrap().iter().filter(|rpc| *rpc == "UpdateRole").count();
    assert_eq!(update, 2, "the stale save went no further");
    // Records have versions of their own, and merge.
    let case = based("W/\"older\"").send(Method::PATCH, "/api/v2/cases/abc", data).await;
    assert_eq!(case.status, 200);
}

#[tokio::test]
async fn everything_that_the_openapi_file_describes_is_there() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD).with("amparo-device", &"d".repeat(22));
    let document = rig.browser().get("/api/amparo/v1/openapi.json").await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "patch", "delete"] {
            if item.get(method).is_none() {
                continue;
            }
            let mut path = format!("/api/amparo/v1{}", path.replace("{id}", "abc"));
            if path.ends_with("/events") {
                path.push_str("?seconds=0");
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = script.send(method.clone(), &path, r#"{"data":{"x":1,"known":{}}}"#).await;
            let wanted = [200, 204];
            assert!(wanted.contains(&answer.status.as_u16()), "{method} {path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn health_is_open_and_has_no_body() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    browser.host = "anything".into();
    for (path, status) in [
        ("/livez", 204),
        ("/readyz", 204),
        ("/health", 204),
        ("/health/api", 204),
        ("/health/database", 204),
        ("/health/server", 204),
        ("/health/unknown", 503),
    ] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, 0), "{path}");
    }
    assert!(browser.cookies.is_empty());
    browser.get("/health/server?session=true").await;
    assert!(browser.cookie("CSRF-TOKEN").is_some());
}
