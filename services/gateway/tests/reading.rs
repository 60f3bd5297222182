//! Accounts that read far more than usual are slowed, then stopped; writes never.

use std::time::{Duration, Instant};

use http::Method;
use kit_bus::{Fact, Kind};
use kit_proto::facts::v1::ReadingAlarmRaised;
use kit_serve::LimitSettings;

use crate::fake::TENANT;
use crate::rig::{PASSWORD, Rig};

/// Every answer of the stand-in shows one record; ten an hour are free.
async fn rig() -> Rig {
    let limits = LimitSettings { reading_floor: 10, ..Default::default() };
    Rig::within(gateway::settings::Settings::default(), limits).await
}

#[tokio::test]
async fn who_reads_far_more_than_usual_is_slowed_then_stopped_but_may_write() {
    let rig = rig().await;
    let mut script = rig.script("ann", PASSWORD);
    let began = Instant::now();
    for _ in 0..11 {
        assert_eq!(script.get("/api/v2/cases").await.status, 200);
    }
    let usual = began.elapsed();
    let began = Instant::now();
    assert_eq!(script.get("/api/v2/cases/abc").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(100), "{usual:?} before");

    *rig.world.reading.lock().unwrap() = (60, 0);
    alarm(&rig).await;
    let stopped = loop {
        let answer = script.get("/api/v2/cases").await;
        if answer.status == 429 {
            break answer;
        }
    };
    let wait: u64 = stopped.header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&wait), "until the hour is over: {wait}");
    assert_eq!(stopped.text().trim(), "Retry later");
    let body = r#"{"data":{"age":9}}"#;
    assert_eq!(script.post("/api/v2/cases", body).await.status, 200, "an intake goes on");
    assert_eq!(script.send(Method::PATCH, "/api/v2/cases/abc", body).await.status, 200);
    assert_eq!(script.get("/api/v2/forms").await.status, 200, "forms are no records");
    assert_eq!(rig.script("farid", PASSWORD).get("/api/v2/cases").await.status, 429, "as told");
}

/// What another gateway has shown counts as soon as reporting raises the alarm.
async fn alarm(rig: &Rig) {
    let raised = ReadingAlarmRaised { user_id: 7, ..Default::default() };
    let fact = Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: TENANT.to_string(),
        stream: "reading_alarm-1".into(),
        kind: Some(Kind::ReadingAlarmRaised(raised)),
        ..Default::default()
    };
    rig.bus.stream("reporting").await.unwrap();
    rig.bus.publish("reporting", "1", &fact).await.unwrap();
}

#[tokio::test]
async fn who_always_reads_much_is_not_slowed() {
    let rig = rig().await;
    *rig.world.reading.lock().unwrap() = (0, 100);
    let mut script = rig.script("ann", PASSWORD);
    for _ in 0..80 {
        assert_eq!(script.get("/api/v2/cases").await.status, 200);
    }
}

#[tokio::test]
async fn a_slowed_account_does_not_take_the_places_of_others() {
    let rig = rig().await;
    *rig.world.reading.lock().unwrap() = (45, 0);
    rig.script("ann", PASSWORD).get("/api/v2/cases").await;
    let mut reading = Vec::new();
    for _ in 0..8 {
        let mut script = rig.script("ann", PASSWORD);
        reading.push(tokio::spawn(async move { script.get("/api/v2/cases").await }));
    }
    let mut statuses = Vec::new();
    for one in reading {
        let answer = one.await.unwrap();
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), "5");
        }
        statuses.push(answer.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429, 429, 429, 429, 429, 429]);
}

#[tokio::test]
async fn what_the_client_has_already_is_not_read_again() {
    let rig = rig().await;
    let mut script = rig.script("ann", PASSWORD);
    let tag = script.get("/api/v2/cases").await.header("etag").to_owned();
    let mut known = rig.script("ann", PASSWORD).with("if-none-match", &tag);
    for _ in 0..80 {
        assert_eq!(known.get("/api/v2/cases").await.status, 304);
    }
}
