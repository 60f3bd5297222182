//! Yesterday's events are read as today's.

use kit_decider::{Aggregate, Stored};
use kit_test::{TestDb, fresh_id, meta};
use serde::{Deserialize, Serialize};

/// As it was written first: one name.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct OldPerson;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OldEvent {
    Named { name: String },
}

impl Aggregate for OldPerson {
    const CATEGORY: &'static str = "person";
    type Event = OldEvent;

    fn evolve(&mut self, _: &OldEvent) {}
}

impl Stored for OldPerson {
    const SNAPSHOT_EVERY: u64 = 2;
}

/// As it is today: several names.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Named { names: Vec<String> },
}

impl Aggregate for Person {
    const CATEGORY: &'static str = "person";
    type Event = Event;

    fn evolve(&mut self, event: &Event) {
        let Event::Named { names } = event;
        self.names.extend(names.iter().cloned());
    }
}

impl Stored for Person {
    const SCHEMA: i32 = 2;
    const STATE: i32 = 2;
    const SNAPSHOT_EVERY: u64 = 2;

    fn decode(kind: &str, schema: i32, json: &[u8]) -> Result<Event, serde_json::Error> {
        match (kind, schema) {
            ("named", 1) => {
                let OldEvent::Named { name } = serde_json::from_slice(json)?;
                Ok(Event::Named { names: vec![name] })
            }
            _ => serde_json::from_slice(json),
        }
    }
}

#[tokio::test]
async fn old_events_and_old_snapshots_do_not_stop_a_new_version() {
    let db = TestDb::new("people", &[]).await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let before = db.store().build();
    for name in ["a", "b", "c"] {
        let named = |_: &OldPerson| Ok::<_, ()>(vec![OldEvent::Named { name: name.into() }]);
        before.decide(&meta(tenant, "x"), "Name", id, named).await.unwrap();
    }
    let today = db.store().build();
    let named = |_: &Person| Ok::<_, ()>(vec![Event::Named { names: vec!["d".into()] }]);
    let outcome = today.decide(&meta(tenant, "x"), "Name", id, named).await.unwrap();
    assert_eq!((outcome.state.names.join(""), outcome.version), ("abcd".to_owned(), 4));
    // The snapshot is of today's shape now, and the history verifies across versions.
    let restarted = db.store().build();
    assert_eq!(restarted.load::<Person>(tenant, id).await.unwrap().state, outcome.state);
    let sql = "select schema, version from snapshot";
    let row = db.admin().await.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i32>(0), row.get::<_, i64>(1)), (2, 4));
    assert!(restarted.verify(tenant).await.unwrap().is_empty());
}
