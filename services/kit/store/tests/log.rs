//! The order of the log, without gaps and without waiting for more than it must.

use kit_store::{Log, LogPosition};
use kit_test::{fresh_id, meta};

use crate::catalogue::{Shelve, library};

/// The log after a position, once it has `count` entries: transactions of other databases of
/// the same server may hold the horizon back for a moment.
async fn streams(log: &Log, after: LogPosition, count: usize) -> Vec<String> {
    let mut entries = log.read(after, 1_000).await.unwrap();
    for _ in 0..200 {
        if entries.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        entries = log.read(after, 1_000).await.unwrap();
    }
    assert!(entries.is_sorted_by_key(|entry| entry.at));
    entries.iter().map(|entry| entry.stream().to_owned()).collect()
}

#[tokio::test]
async fn a_slow_transaction_is_waited_for_and_never_skipped() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), "before", Shelve("A", None)).await.unwrap();

    // Takes its transaction id now and commits later, in its own good time.
    let slow = db.admin().await;
    slow.batch_execute("begin; select pg_current_xact_id()").await.unwrap();
    store.execute(&meta(tenant, "a"), "after", Shelve("A", None)).await.unwrap();
    let insert = format!(
        "insert into event (tenant, stream, version, id, type, schema, payload, actor, command_id, \
         correlation, recorded_at, hash) values ('{tenant}', 'book-slow', 1, gen_random_uuid(), \
         'shelved', 1, '', 'a', gen_random_uuid(), gen_random_uuid(), now(), '')"
    );
    slow.batch_execute(&insert).await.unwrap();

    let start = LogPosition::default();
    assert_eq!(streams(&db.log(), start, 1).await, ["book-before"]);
    let seen = db.log().read(start, 10).await.unwrap()[0].at;
    assert_eq!(db.log().head().await.unwrap(), seen);
    slow.batch_execute("commit").await.unwrap();
    assert_eq!(streams(&db.log(), seen, 2).await, ["book-slow", "book-after"]);
}

#[tokio::test]
async fn a_transaction_that_failed_leaves_no_hole_to_wait_for() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    let failed = db.admin().await;
    failed.batch_execute("begin; select pg_current_xact_id(); rollback").await.unwrap();
    store.execute(&meta(tenant, "a"), "one", Shelve("A", None)).await.unwrap();
    assert_eq!(streams(&db.log(), LogPosition::default(), 1).await, ["book-one"]);
}

#[tokio::test]
async fn transactions_go_by_number_and_not_by_their_first_digit() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    let admin = db.admin().await;
    for (name, transaction) in [("hundred", 100), ("ten", 10), ("nine", 9)] {
        store.execute(&meta(tenant, "a"), name, Shelve("A", None)).await.unwrap();
        let sql =
            format!("update event set transaction = '{transaction}' where stream = 'book-{name}'");
        admin.batch_execute(&sql).await.unwrap();
    }
    let log = db.log();
    assert_eq!(
        streams(&log, LogPosition::default(), 3).await,
        ["book-nine", "book-ten", "book-hundred"]
    );
    assert_eq!(log.head().await.unwrap().transaction, 100);
    let after = log.read(LogPosition::default(), 1).await.unwrap()[0].at;
    assert_eq!(streams(&log, after, 2).await, ["book-ten", "book-hundred"]);
}

#[test]
fn a_position_is_written_and_read_back() {
    let at = LogPosition { transaction: 7, position: 42 };
    assert_eq!(at.to_string().parse::<LogPosition>().unwrap(), at);
    assert!("7".parse::<LogPosition>().is_err());
    assert!("-1-2-3".parse::<LogPosition>().is_err());
}
