//! Many writers at once.

use kit_store::ExecuteError;
use kit_test::{fresh_id, meta};

use crate::catalogue::{Book, BookRefusal, Lend, Shelve, library, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_one_stream_never_break_its_rule() {
    let (db, store) = library().await;
    let other = db.store().projection(crate::catalogue::BookTable).build();
    let (tenant, id) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let store = if n % 2 == 0 { store.clone() } else { other.clone() };
            tokio::spawn(async move {
                store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 5 }).await
            })
        })
        .collect();
    let (mut lent, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => lent += 1,
            Err(ExecuteError::Refused(BookRefusal::LentOut)) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((lent, refused), (5, 7));
    assert_eq!(rows(&store, tenant).await, [(id.to_string(), 5, 6)]);
    assert!(store.verify(tenant).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_command_sent_many_times_at_once_happens_once() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
    let once = meta(tenant, "a");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, once) = (store.clone(), once.clone());
            tokio::spawn(async move { store.execute(&once, id, Lend { to: "b", most: 9 }).await })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        let outcome = task.await.unwrap().unwrap();
        first += i32::from(!outcome.replayed);
        assert_eq!(outcome.version, 2);
    }
    assert_eq!(first, 1);
    assert_eq!(store.load::<Book>(tenant, id).await.unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_create_the_same_thing_one_is_told_that_it_exists() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(
                async move { store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await },
            )
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(ExecuteError::Refused(BookRefusal::AlreadyShelved)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(made, 1);
}
