//! A read model made anew equals what it was.

use kit_test::{fresh_id, meta};

use crate::catalogue::{Lend, Shelve, library, rows};

#[tokio::test]
async fn a_rebuild_equals_what_was_there() {
    let (db, store) = library().await;
    let (tenant, other) = (fresh_id(), fresh_id());
    for n in 0..30u32 {
        let mark = if n == 3 { Some("X1") } else { None };
        store.execute(&meta(tenant, "a"), n, Shelve("A", mark)).await.unwrap();
        for _ in 0..n % 4 {
            store.execute(&meta(tenant, "a"), n, Lend { to: "b", most: 9 }).await.unwrap();
        }
    }
    store.execute(&meta(other, "a"), 1, Shelve("B", None)).await.unwrap();
    let before = rows(&store, tenant).await;
    let admin = db.admin().await;
    let sql = format!(
        "delete from book where tenant = '{tenant}' and id < '2'; update book set lent = 77"
    );
    admin.batch_execute(&sql).await.unwrap();
    assert_ne!(rows(&store, tenant).await, before);
    assert_eq!(store.rebuild(tenant, "book").await.unwrap(), 30);
    assert_eq!(rows(&store, tenant).await, before);
    let marks: i64 = admin.query_one("select count(*) from shelf_mark", &[]).await.unwrap().get(0);
    assert_eq!(marks, 1);
    // Only this organisation's rows were touched.
    assert_eq!(rows(&store, other).await, [("1".to_owned(), 77, 1)]);
    assert!(store.rebuild(tenant, "nothing").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_written_during_a_rebuild_is_not_lost() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 0, Shelve("A", None)).await.unwrap();
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..30 {
                store.execute(&meta(tenant, "a"), 0, Lend { to: "b", most: 99 }).await.unwrap();
            }
        })
    };
    for _ in 0..5 {
        store.rebuild(tenant, "book").await.unwrap();
    }
    writer.await.unwrap();
    assert_eq!(rows(&store, tenant).await, [("0".to_owned(), 30, 31)]);
}

#[tokio::test]
async fn rows_of_an_older_projection_are_made_anew_once() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 1, Shelve("A", None)).await.unwrap();
    assert_eq!(store.bring_up_to_date().await.unwrap(), ["book"]);
    assert!(store.bring_up_to_date().await.unwrap().is_empty());
    let admin = db.admin().await;
    admin.batch_execute("update projection set version = 0; delete from book").await.unwrap();
    assert_eq!(store.bring_up_to_date().await.unwrap(), ["book"]);
    assert_eq!(rows(&store, tenant).await, [("1".to_owned(), 0, 1)]);
}
