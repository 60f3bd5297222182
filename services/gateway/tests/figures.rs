//! What Prometheus is told: templates of routes, never what somebody typed.

use kit_serve::{Health, Shutdown, serve_admin};

use crate::rig::{Browser, PASSWORD, Rig};

#[tokio::test]
async fn requests_are_counted_by_route_and_status_without_a_word_of_what_was_asked() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let admin = listener.local_addr().unwrap().to_string();
    let (_trigger, shutdown) = Shutdown::new();
    tokio::spawn(serve_admin(listener, vec![("gateway".into(), Health::default())], shutdown));
    let rig = Rig::start().await;
    let mut script = rig.script("ann", PASSWORD);
    for path in ["/api/v2/cases/Rana?query=Rana", "/api/v2/Rana", "/Rana", "/api/v2/forms/Rana"] {
        script.get(path).await;
    }
    script.send("RANA".parse().unwrap(), "/api/v2/cases", "").await;
    for _ in 0..7 {
        rig.script("Rana", "guess").get("/api/v2/cases").await;
    }
    let told = Browser::at(&admin).get("/metrics").await.text();
    for line in [
        r#"amparo_http_requests_total{method="GET",route="/api/v2/cases/:id",status="200"} "#,
        r#"amparo_http_requests_total{method="GET",route="none",status="404"} "#,
        r#"amparo_http_requests_total{method="other",route="none",status="404"} "#,
        r#"amparo_http_request_seconds_bucket{method="GET",route="/api/v2/forms/:id",le="0.001"} "#,
        r#"amparo_throttled_calls_total{why="sign_in"} "#,
        "amparo_tenant_calls_total{slot=",
        "amparo_tenant_busy_milliseconds_total{slot=",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let lower = told.to_lowercase();
    assert!(!lower.contains("rana") && !lower.contains("ann"), "{told}");
}
