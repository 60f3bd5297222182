//! Destroying a key makes every copy unreadable, and the history stays verifiable.

use kit_store::{ExecuteError, StoreError};
use kit_test::{fresh_id, meta};

use crate::catalogue::{Book, Lend, Shelve, library, rows};

#[tokio::test]
async fn a_record_whose_key_is_destroyed_cannot_be_read_again() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    for id in [1, 2] {
        store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
        for _ in 0..12 {
            store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 99 }).await.unwrap();
        }
    }
    let key = store.load::<Book>(tenant, 1).await.unwrap().key.unwrap();
    store.keys().destroy(tenant, key.id).await.unwrap();

    let erased = |result: Result<_, StoreError>| matches!(result, Err(StoreError::Erased));
    // In this process, which had it in memory, and in one that starts now.
    for store in [store.clone(), db.store().build()] {
        assert!(erased(store.load::<Book>(tenant, 1).await.map(drop)));
        assert!(erased(store.history::<Book>(tenant, 1).await.map(drop)));
        let refused = store.execute(&meta(tenant, "a"), 1, Lend { to: "b", most: 99 }).await;
        assert!(matches!(refused, Err(ExecuteError::Store(StoreError::Erased))));
        let many = store.load_many::<Book>(tenant, [1, 2]).await.unwrap();
        assert_eq!(many.keys().collect::<Vec<_>>(), ["2"]);
    }
    assert!(store.verify(tenant).await.unwrap().is_empty());
    store.rebuild(&db.owner(), &["book"]).await.unwrap();
    let left: Vec<_> = rows(&store, tenant).await.into_iter().map(|row| row.0).collect();
    assert_eq!(left, ["2"]);
}

#[tokio::test]
async fn an_erased_record_leaves_no_row_and_a_verifiable_history() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    for id in [1, 2] {
        store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
        for _ in 0..12 {
            store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 99 }).await.unwrap();
        }
    }
    store.erase::<Book>(tenant, 1).await.unwrap();
    store.erase::<Book>(tenant, 1).await.unwrap();
    assert!(matches!(store.load::<Book>(tenant, 1).await, Err(StoreError::Erased)));
    let left: Vec<_> = rows(&store, tenant).await.into_iter().map(|row| row.0).collect();
    assert_eq!(left, ["2"]);
    let sql = "select count(*) from snapshot where stream = 'book-1'";
    let snapshots: i64 = db.admin().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(snapshots, 0);
    assert!(store.verify(tenant).await.unwrap().is_empty());
}
