//! The write path: append, projection and command outcome in one transaction.

use kit_store::{ExecuteError, Meta, StoreError};
use kit_test::{fresh_id, meta};

use crate::catalogue::{Book, BookEvent, BookRefusal, Lend, Shelve, library, rows};

#[tokio::test]
async fn a_read_after_a_write_sees_it() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let outcome = store.execute(&meta(tenant, "amina"), id, Shelve("Rayuela", None)).await.unwrap();
    assert_eq!((outcome.version, outcome.replayed), (1, false));
    assert_eq!(outcome.state.title.as_deref(), Some("Rayuela"));
    assert_eq!(rows(&store, tenant).await, [(id.to_string(), 0, 1)]);
    let lend = Lend { to: "yusuf", most: 9 };
    store.execute(&meta(tenant, "amina"), id, lend).await.unwrap();
    assert_eq!(rows(&store, tenant).await, [(id.to_string(), 1, 2)]);
}

#[tokio::test]
async fn a_refusal_changes_nothing() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let refused = store.execute(&meta(tenant, "amina"), id, Lend { to: "x", most: 1 }).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(BookRefusal::NotShelved))));
    assert_eq!(store.load::<Book>(tenant, id).await.unwrap().version, 0);
    store.execute(&meta(tenant, "amina"), id, Shelve("A", None)).await.unwrap();
    let again = store.execute(&meta(tenant, "amina"), id, Shelve("B", None)).await;
    assert!(matches!(again, Err(ExecuteError::Refused(BookRefusal::AlreadyShelved))));
}

#[tokio::test]
async fn what_is_recorded_says_who_when_and_why() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let cause = fresh_id();
    let meta = Meta {
        causation: Some(cause),
        trace: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
        ..meta(tenant, "amina")
    };
    let outcome = store.execute(&meta, id, Shelve("Rayuela", None)).await.unwrap();
    let history = store.history::<Book>(tenant, id).await.unwrap();
    assert_eq!(history, outcome.recorded);
    let first = &history[0];
    assert_eq!(first.event, BookEvent::Shelved { title: "Rayuela".into(), mark: None });
    assert_eq!((first.by.as_str(), first.version, first.causation), ("amina", 1, Some(cause)));
    assert_eq!(first.at_unix_us, meta.now.as_microsecond());
    assert_eq!(first.stream, format!("book-{id}"));
    assert_eq!(first.correlation, meta.correlation);
    // What is recorded is a child of what led to it.
    let [led, kept] = [&meta.trace, &first.trace].map(|it| it.as_deref().unwrap_or_default());
    assert_eq!(kit_trace::id_of(led), kit_trace::id_of(kept));
    assert_ne!(led, kept);
}

#[tokio::test]
async fn a_repeated_command_returns_the_first_outcome() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "amina"), id, Shelve("Rayuela", None)).await.unwrap();
    let lend = Lend { to: "yusuf", most: 9 };
    let once = meta(tenant, "amina");
    let first = store.execute(&once, id, lend.clone()).await.unwrap();
    store.execute(&meta(tenant, "amina"), id, lend.clone()).await.unwrap();
    let second = store.execute(&once, id, lend).await.unwrap();
    assert!(second.replayed);
    assert_eq!((second.version, &second.recorded), (first.version, &first.recorded));
    assert_eq!(second.state, first.state);
    assert_eq!(rows(&store, tenant).await, [(id.to_string(), 2, 3)]);
}

#[tokio::test]
async fn a_command_that_was_already_so_is_remembered_too() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let once = meta(tenant, "amina");
    let nothing = |_: &Book| Ok::<_, ()>(vec![]);
    assert!(!store.decide(&once, "Nothing", id, nothing).await.unwrap().replayed);
    let again = store.decide(&once, "Nothing", id, nothing).await.unwrap();
    assert!(again.replayed && again.recorded.is_empty());
}

#[tokio::test]
async fn a_command_id_cannot_be_used_for_something_else() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let once = meta(tenant, "amina");
    store.execute(&once, id, Shelve("Rayuela", None)).await.unwrap();
    let other_actor = Meta { actor: "yusuf".into(), ..once.clone() };
    let refused = [
        store.execute(&other_actor, id, Shelve("Rayuela", None)).await.err(),
        store.execute(&once, fresh_id(), Shelve("Rayuela", None)).await.err(),
        store.execute(&once, id, Lend { to: "x", most: 1 }).await.err(),
    ];
    for refused in refused {
        assert!(matches!(refused, Some(ExecuteError::Store(StoreError::CommandReused))));
    }
    // Another organisation's ids are nobody else's business.
    let elsewhere = Meta { tenant: fresh_id(), ..once };
    assert!(!store.execute(&elsewhere, id, Shelve("Rayuela", None)).await.unwrap().replayed);
}

#[tokio::test]
async fn a_projection_that_fails_takes_the_events_with_it() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    let (first, second) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "a"), first, Shelve("A", Some("X1"))).await.unwrap();
    let taken = store.execute(&meta(tenant, "a"), second, Shelve("B", Some("X1"))).await;
    let Err(ExecuteError::Store(StoreError::Taken { constraint })) = taken else {
        panic!("the shelf mark is taken");
    };
    assert_eq!(constraint, "one_mark");
    assert_eq!(store.load::<Book>(tenant, second).await.unwrap().version, 0);
    assert_eq!(rows(&store, tenant).await.len(), 1);
    // The connection went back clean and the mark is free in another organisation.
    let other = fresh_id();
    store.execute(&meta(other, "a"), second, Shelve("B", Some("X1"))).await.unwrap();
}

#[tokio::test]
async fn snapshot_and_tail_equal_the_full_fold() {
    let (db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
    for _ in 0..27 {
        store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 99 }).await.unwrap();
    }
    // Another process has no memory of it and starts from the snapshot.
    let elsewhere = db.store().build();
    let loaded = elsewhere.load::<Book>(tenant, id).await.unwrap();
    let (full, events) = store.load_until::<Book>(tenant, id, 28).await.unwrap();
    assert_eq!((loaded.version, events.len()), (28, 28));
    assert_eq!(loaded.state, full.state);
    let at: i64 =
        db.admin().await.query_one("select version from snapshot", &[]).await.unwrap().get(0);
    assert_eq!(at, 20);
    // And what it loads is good to write on.
    elsewhere.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 99 }).await.unwrap();
    assert!(elsewhere.verify(tenant).await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_that_was_said_lies_in_clear() {
    let (db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "a"), id, Shelve("Pedro Paramo", None)).await.unwrap();
    for _ in 0..12 {
        store
            .execute(&meta(tenant, "a"), id, Lend { to: "Juan Preciado", most: 99 })
            .await
            .unwrap();
    }
    let admin = db.admin().await;
    for table in ["event", "snapshot", "command", "book"] {
        let sql = format!(
            "select convert_from(convert_to({table}::text, 'UTF8'), 'UTF8'), * from {table}"
        );
        for row in admin.query(&sql, &[]).await.unwrap() {
            let text: String = row.get(0);
            let bytes = hex_of("Pedro") + "|" + &hex_of("Juan");
            assert!(!text.contains("Pedro") && !text.contains("Juan"), "{table}");
            assert!(bytes.split('|').all(|word| !text.contains(word)), "{table}");
        }
    }
}

fn hex_of(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[tokio::test]
async fn numbers_are_never_given_twice() {
    let (_db, store) = library().await;
    let (tenant, other) = (fresh_id(), fresh_id());
    let mut given = Vec::new();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.next_number(tenant, "user").await.unwrap() })
        })
        .collect();
    for task in tasks {
        given.push(task.await.unwrap());
    }
    given.sort_unstable();
    assert_eq!(given, (1..=20).collect::<Vec<_>>());
    assert_eq!(store.next_numbers(tenant, "user", 5).await.unwrap(), 21);
    store.raise_number(tenant, "user", 100).await.unwrap();
    store.raise_number(tenant, "user", 50).await.unwrap();
    assert_eq!(store.next_number(tenant, "user").await.unwrap(), 101);
    assert_eq!(store.next_number(tenant, "role").await.unwrap(), 1);
    assert_eq!(store.next_number(other, "user").await.unwrap(), 1);
}

#[tokio::test]
async fn a_value_that_fits_no_column_is_no_outage() {
    let (_db, store) = library().await;
    let tx = store.read(fresh_id()).await.unwrap();
    let wrong = tx.query("select $1::uuid", &[&"a text"]).await;
    assert!(matches!(wrong, Err(StoreError::Internal(_))), "it would be tried again for ever");
}
