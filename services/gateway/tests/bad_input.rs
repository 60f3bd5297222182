//! What tired people, broken clients and attackers send. Nothing of it reaches a service.

use http::Method;
use serde_json::json;

use crate::rig::{PASSWORD, Rig};

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_before_any_service_sees_them() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let deep = format!("{{\"data\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let cases: [(&[u8], u16); 7] = [
        (b"{\"data\": {", 400),
        (b"{'data': 1}", 400),
        (b"{\"data\": {\"name\": \"\xff\xfe\"}}", 400),
        (b"{\"data\": {\"name\": \"\\ud800\"}}", 400),
        (deep.as_bytes(), 400),
        (b"[]", 422),
        (b"", 422),
    ];
    for (body, status) in cases {
        let answer = script.send(Method::POST, "/api/v2/cases", body.to_vec()).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let error = &answer.json()["errors"][0];
        assert_eq!(error["resource"], "/api/v2/cases");
        assert!(error["message"].is_string());
    }
    let called = rig.world.called.lock().unwrap().clone();
    assert!(!called.contains(&"CreateRecord".to_owned()));
}

#[tokio::test]
async fn a_nul_is_refused_with_the_field_that_holds_it() {
    let rig = Rig::start().await;
    let body = r#"{"data":{"contacts":[{"name":"a\u0000b"}]}}"#;
    let answer = rig.script("ann", PASSWORD).post("/api/v2/cases", body).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["errors"][0]["detail"], json!(["/contacts/0/name"]));
}

#[tokio::test]
async fn large_bodies_are_refused_and_uploads_may_be_larger() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let large = format!(r#"{{"data":{{"note":"{}"}}}}"#, "x".repeat(3 << 20));
    let answer = script.post("/api/v2/cases", &large).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["errors"][0]["status"], 413);
    assert_eq!(script.post("/api/v2/configurations", &large).await.status, 200);
    let huge = format!(r#"{{"data":{{"note":"{}"}}}}"#, "x".repeat(16 << 20));
    assert_eq!(script.post("/api/v2/configurations", &huge).await.status, 413);
}

/// Many clients send everything before they read: they must get to see the refusal.
#[tokio::test]
async fn a_client_that_sends_on_and_on_still_reads_its_refusal() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rig = Rig::start().await;
    for path in ["/api/v2/cases", "/api/v2/nothing"] {
        let mut stream = tokio::net::TcpStream::connect(rig.address()).await.unwrap();
        let length = 10 << 20;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: demo.example\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 40"), "{answer:?}");
    }
}

#[tokio::test]
async fn messages_about_requests_are_in_the_callers_language() {
    let rig = Rig::start().await;
    for (language, wanted) in [
        ("en", "The request is not valid JSON (line 1, column 1)."),
        ("fr", "La requête n'est pas du JSON valide (ligne 1, colonne 1)."),
        ("es", "La solicitud no es JSON válido (línea 1, columna 1)."),
        ("ar", "الطلب ليس JSON صالحًا (السطر 1، العمود 1)."),
    ] {
        let mut script = rig.script("ann", PASSWORD).with("accept-language", language);
        let answer = script.post("/api/v2/cases", "?").await;
        assert_eq!(answer.json()["errors"][0]["message"], wanted);
    }
}

#[tokio::test]
async fn forms_are_taken_and_multipart_is_not() {
    let rig = Rig::start().await;
    let mut form =
        rig.script("ann", PASSWORD).with("content-type", "application/x-www-form-urlencoded");
    let answer = form.post("/api/v2/cases", "data[name]=Ann&data[tags][]=a&data[tags][]=b").await;
    assert_eq!(answer.json()["data"]["asked"]["data"], json!({"name": "Ann", "tags": ["a", "b"]}));
    assert_eq!(form.post("/api/v2/cases", "data[x]=%FF").await.status, 400);
    let mut multipart =
        rig.script("ann", PASSWORD).with("content-type", "multipart/form-data; boundary=x");
    assert_eq!(multipart.post("/api/v2/cases", "--x--").await.status, 415);
}

#[tokio::test]
async fn headers_that_mean_nothing_are_named() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD).with("idempotency-key", "1");
    let answer = script.send(Method::PATCH, "/api/v2/cases/x", r#"{"data":{"a":1}}"#).await;
    assert_eq!(answer.status, 422);
    let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_lowercase();
    assert!(message.contains("idempotency-key"), "{message}");
    // Tags of another kind are what other clients keep of answers; they say nothing here.
    for tag in ["\"abc\"", "W/\"x-1\"", "*", "\"1\", \"2\""] {
        let mut script = rig.script("ann", PASSWORD).with("if-match", tag);
        let answer = script.send(Method::PATCH, "/api/v2/cases/x", r#"{"data":{"a":1}}"#).await;
        assert_eq!(answer.json()["data"]["asked"]["base_version"], 0, "{tag}");
    }
    let answer = rig
        .script("ann", PASSWORD)
        .send(Method::PATCH, "/api/v2/cases/x", r#"{"data":{"a":1},"base_version":"x"}"#)
        .await;
    assert_eq!(answer.json()["errors"][0]["detail"], json!(["/base_version"]));
}

#[tokio::test]
async fn odd_paths_and_queries_do_no_harm() {
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    let odd = "/api/v2/cases/..%2F..%2Fetc%2Fpasswd";
    assert_eq!(script.get(odd).await.json()["data"]["asked"]["id"], "../../etc/passwd");
    let sql = "/api/v2/cases/'%20or%201=1--";
    assert_eq!(script.get(sql).await.json()["data"]["asked"]["id"], "' or 1=1--");
    assert_eq!(script.get("/api/v2/cases/%00").await.status, 404);
    assert_eq!(script.get("/api/v2/cases?a=%00").await.status, 400);
    assert_eq!(script.get(&format!("/api/v2/cases?a={}", "x".repeat(62_000))).await.status, 414);
}

#[tokio::test]
async fn a_caller_that_never_rests_is_told_to() {
    let settings =
        gateway::settings::Settings { gateway_rate: 1, gateway_burst: 5, ..Default::default() };
    let rig = Rig::with(settings).await;
    let mut script = rig.script("ann", PASSWORD);
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(script.get("/api/v2/cases").await.status.as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(rig.script("farid", PASSWORD).get("/api/v2/cases").await.status, 200);
}

/// However many they are and whatever each of them may do.
#[tokio::test]
async fn an_organisation_that_asks_too_much_is_told_to_come_later() {
    let settings = gateway::settings::Settings {
        gateway_tenant_rate: 1,
        gateway_tenant_burst: 5,
        ..Default::default()
    };
    let rig = Rig::with(settings).await;
    let (mut ann, mut farid) = (rig.script("ann", PASSWORD), rig.script("farid", PASSWORD));
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(ann.get("/api/v2/cases").await);
        answers.push(farid.get("/api/v2/cases").await);
    }
    assert_eq!(answers[0].status, 200);
    let refused = answers.last().unwrap();
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "1"));
}

/// Whoever has not shown who they are is counted by address, whatever they claim.
#[tokio::test]
async fn claims_neither_escape_the_limit_nor_use_up_that_of_others() {
    let settings = gateway::settings::Settings {
        gateway_rate: 1,
        gateway_burst: 5,
        gateway_trust_forwarded: true,
        ..Default::default()
    };
    let rig = Rig::with(settings).await;
    let from = |address: &str| ("x-forwarded-for".to_owned(), address.to_owned());
    let mut refused = 0;
    for turn in 0..12 {
        let mut browser = rig.browser();
        browser.headers.push(from("192.0.2.1"));
        browser.cookies.push(("_app_session".into(), format!("session-ann-{turn}x")));
        refused += u32::from(browser.get("/api/v2/cases").await.status == 429);
        // One household has all addresses of a network.
        let mut script = rig.script("ann", &format!("guess-{turn}"));
        script.headers.push(from(&format!("2001:db8::{turn}")));
        refused += u32::from(script.get("/api/v2/cases").await.status == 429);
    }
    assert!(refused >= 8, "{refused}");
    let mut ann = rig.script("ann", PASSWORD);
    ann.headers.push(from("192.0.2.2"));
    assert_eq!(ann.get("/api/v2/cases").await.status, 200);
}

#[tokio::test]
async fn more_requests_than_there_are_places_for_are_turned_away() {
    let settings = gateway::settings::Settings { gateway_max_requests: 0, ..Default::default() };
    let rig = Rig::with(settings).await;
    let answer = rig.browser().get("/api/v2/primero").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(answer.json()["errors"][0]["status"], 503);
    assert_eq!(rig.browser().get("/livez").await.status, 204);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let rig = Rig::start().await;
    let answer = rig.browser().with("x-long", &"x".repeat(600_000)).get("/api/v2/primero").await;
    assert_eq!(answer.status, 431);
}
