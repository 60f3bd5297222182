//! Damage to the history is found, and named.

use kit_store::Finding;
use kit_test::{TestDb, fresh_id, meta};
use uuid::Uuid;

use crate::catalogue::{Lend, Shelve, library};

/// One stream of five events, damaged by `sql`, then verified.
async fn damaged(sql: &str) -> Vec<Finding> {
    let (db, store) = library().await;
    let tenant = fresh_id();
    for id in ["one", "two"] {
        store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
        for _ in 0..4 {
            store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 9 }).await.unwrap();
        }
    }
    assert!(store.verify(tenant).await.unwrap().is_empty());
    damage(&db, tenant, sql).await;
    store.verify(tenant).await.unwrap()
}

async fn damage(db: &TestDb, tenant: Uuid, sql: &str) {
    let admin = db.admin().await;
    let sql = sql.replace("AT", &format!("tenant = '{tenant}' and stream = 'book-one'"));
    admin.batch_execute(&sql).await.unwrap();
}

fn found(version: u64, problem: &'static str) -> Vec<Finding> {
    vec![Finding { stream: "book-one".into(), version, problem }]
}

#[tokio::test]
async fn an_altered_event_is_found() {
    let altered = "altered, or not in its place";
    for column in [
        "payload = payload || 'x'",
        "actor = 'someone else'",
        "recorded_at = recorded_at - interval '1 day'",
        "type = 'shelved'",
        "key_id = gen_random_uuid()",
        "hash = hash || 'x'",
    ] {
        let sql = format!("update event set {column} where AT and version = 3");
        assert_eq!(damaged(&sql).await, found(3, altered), "{column}");
    }
}

#[tokio::test]
async fn a_removed_event_is_found() {
    assert_eq!(damaged("delete from event where AT and version = 2").await, found(2, "missing"));
    let sql = "delete from event where AT and version >= 4";
    assert_eq!(damaged(sql).await, found(4, "missing at the end"));
    assert_eq!(damaged("delete from event where AT").await, found(1, "missing at the end"));
}

#[tokio::test]
async fn reordered_events_are_found() {
    let sql = "update event set version = 99 where AT and version = 2; \
         update event set version = 2 where AT and version = 3; \
         update event set version = 3 where AT and version = 99";
    assert_eq!(damaged(sql).await, found(2, "altered, or not in its place"));
}

#[tokio::test]
async fn an_event_moved_to_another_stream_is_found() {
    let sql = "update event set stream = 'book-two', version = 6 where AT and version = 5";
    let findings = damaged(sql).await;
    let names: Vec<_> = findings.iter().map(|it| (it.stream.as_str(), it.version)).collect();
    assert_eq!(names, [("book-two", 6), ("book-one", 5)]);
}
