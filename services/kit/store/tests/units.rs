//! Several streams in one transaction, few or thousands.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kit_store::{Done, ExecuteError, Meta, StoreError};
use kit_test::{fresh_id, meta};

use crate::catalogue::{Book, BookRefusal, Lend, Shelve, library, rows};

#[tokio::test]
async fn all_of_it_or_nothing() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    let (one, two) = (fresh_id(), fresh_id());
    let request = meta(tenant, "a");
    let refused = store
        .transact(&request, "Two", |unit| {
            Box::pin(async move {
                unit.execute(one, Shelve("A", None)).await?;
                unit.execute(two, Lend { to: "b", most: 1 }).await?;
                Ok(())
            })
        })
        .await;
    assert!(matches!(refused, Err(ExecuteError::Refused(BookRefusal::NotShelved))));
    assert!(rows(&store, tenant).await.is_empty());
    let done = store
        .transact(&request, "Two", |unit| {
            Box::pin(async move {
                unit.execute(one, Shelve("A", None)).await?;
                unit.execute(two, Shelve("B", None)).await?;
                // Sees what the unit did before.
                let lent = unit.execute(one, Lend { to: "b", most: 1 }).await?;
                Ok::<_, ExecuteError<BookRefusal>>(lent.version)
            })
        })
        .await;
    assert!(matches!(done, Ok(Done::Now(2))));
    assert_eq!(rows(&store, tenant).await.len(), 2);
    let again = store
        .transact(&request, "Two", |_| Box::pin(async { Ok::<_, ExecuteError<()>>(()) }))
        .await;
    let Ok(Done::Before(spans)) = again else { panic!("it was done before") };
    let spans: Vec<_> = spans.into_iter().map(|(_, first, last)| (first, last)).collect();
    assert_eq!(spans, [(1, 1), (1, 1), (2, 2)]);
    let other =
        store.transact(&request, "Other", |_| Box::pin(async { Ok::<_, ExecuteError<()>>(()) }));
    assert!(matches!(other.await, Err(ExecuteError::Store(StoreError::CommandReused))));
}

#[tokio::test]
async fn a_unit_that_met_another_writer_is_done_anew() {
    let (_db, store) = library().await;
    let (tenant, id) = (fresh_id(), fresh_id());
    store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
    let tries = Arc::new(AtomicUsize::new(0));
    let (inner, counted) = (store.clone(), Arc::clone(&tries));
    let done = store
        .transact(&meta(tenant, "a"), "Lend", |unit| {
            let (inner, tries) = (inner.clone(), Arc::clone(&counted));
            Box::pin(async move {
                unit.execute(id, Lend { to: "b", most: 9 }).await?;
                if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                    inner.execute(&meta(tenant, "c"), id, Lend { to: "d", most: 9 }).await?;
                }
                Ok::<_, ExecuteError<BookRefusal>>(())
            })
        })
        .await;
    assert!(matches!(done, Ok(Done::Now(()))));
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    assert_eq!(rows(&store, tenant).await, [(id.to_string(), 2, 3)]);
    assert!(store.verify(tenant).await.unwrap().is_empty());
}

#[tokio::test]
async fn thousands_of_streams_and_their_histories_go_in_at_once() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    let begun = std::time::Instant::now();
    let mut unit = store.unit(&meta(tenant, "seed"), "Seed");
    for n in 0..1_000u32 {
        let shelve = meta(tenant, "amina");
        unit.create(&shelve, n, Shelve("A", None)).await.unwrap();
        for actor in ["yusuf", "leila"] {
            let lend = meta(tenant, actor);
            unit.execute_as(&lend, n, Lend { to: "b", most: 9 }).await.unwrap();
        }
    }
    unit.commit().await.unwrap();
    println!("1,000 streams, 3,000 events: {:?}", begun.elapsed());
    let found = store.load_many::<Book>(tenant, 0..1_200u32).await.unwrap();
    assert_eq!(found.len(), 1_000);
    assert!(found.values().all(|book| book.version == 3 && book.state.lent == 2));
    let history = store.history::<Book>(tenant, 7).await.unwrap();
    let actors: Vec<_> = history.iter().map(|event| event.by.as_str()).collect();
    assert_eq!(actors, ["amina", "yusuf", "leila"]);
    assert!(store.verify(tenant).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_stream_thought_to_be_new_but_there_is_a_conflict() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 7, Shelve("A", None)).await.unwrap();
    let seed = meta(tenant, "seed");
    let mut unit = store.unit(&seed, "Seed");
    unit.create(&seed, 7, Shelve("A", None)).await.unwrap();
    assert!(matches!(unit.commit().await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn one_call_reads_and_writes_many_known_streams() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    let seed = meta(tenant, "seed");
    let mut unit = store.unit(&seed, "Seed");
    for n in 0..300 {
        unit.create(&seed, n, Shelve("A", None)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let next = Meta { command_id: fresh_id(), ..seed };
    let mut unit = store.unit(&next, "LendAll");
    unit.preload::<Book>(0..300).await.unwrap();
    for n in 0..300 {
        unit.execute(n, Lend { to: "b", most: 1 }).await.unwrap();
    }
    assert_eq!(unit.commit().await.unwrap().len(), 300);
    assert!(rows(&store, tenant).await.iter().all(|row| row.1 == 1 && row.2 == 2));
}
