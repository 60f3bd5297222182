//! A read model made anew beside the running one equals what it was, whatever happens meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kit_store::{Change, Projection, Store, StoreError, Tx};
use kit_test::{TestDb, fresh_id, meta};
use uuid::Uuid;

use crate::catalogue::{Book, BookTable, Lend, MIGRATIONS, Mark, Shelve, library, rows};

/// Everything that the catalogue says of a table: columns, keys, policies, rights.
async fn shape(db: &TestDb, table: &str) -> Vec<String> {
    let sql = "select format('%s %s %s %s', attname, atttypid::regtype, attnotnull, attnum) \
             from pg_attribute where attrelid = $1::text::regclass and attnum > 0 \
         union all select pg_get_indexdef(indexrelid) from pg_index \
             where indrelid = $1::text::regclass \
         union all select format('%s %s', conname, pg_get_constraintdef(oid)) \
             from pg_constraint where conrelid = $1::text::regclass \
         union all select format('%s %s %s %s %s', policyname, roles, cmd, qual, with_check) \
             from pg_policies where schemaname = 'public' and tablename = $1::text \
         union all select format('%s %s %s %s', relrowsecurity, relforcerowsecurity, \
             (select array_agg(acl::text order by acl::text) from unnest(relacl) acl), \
             pg_get_userbyid(relowner)) from pg_class where oid = $1::text::regclass \
         order by 1";
    let rows = db.admin().await.query(sql, &[&table]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn marks(store: &Store, tenant: Uuid) -> Vec<(String, String)> {
    let tx = store.read(tenant).await.unwrap();
    let rows = tx.query("select mark, id from shelf_mark order by mark", &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Nothing of a rebuild is left in the database.
async fn tidy(db: &TestDb) -> bool {
    let sql = "select exists (select from pg_namespace where nspname = 'amparo_rebuild') \
         or exists (select from pg_trigger where tgname like 'amparo%')";
    !db.admin().await.query_one(sql, &[]).await.unwrap().get::<_, bool>(0)
}

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
    let before = (rows(&store, tenant).await, rows(&store, other).await);
    let shapes = (shape(&db, "book").await, shape(&db, "shelf_mark").await);
    let sql = format!(
        "delete from book where tenant = '{tenant}' and id < '2'; update book set lent = 77; \
         delete from shelf_mark"
    );
    db.admin().await.batch_execute(&sql).await.unwrap();
    assert_ne!(rows(&store, tenant).await, before.0);
    let rebuilt = store.rebuild(&db.owner(), &["book"]).await.unwrap();
    assert_eq!((rebuilt.streams, rebuilt.projections), (31, vec!["book"]));
    assert_eq!((rows(&store, tenant).await, rows(&store, other).await), before);
    assert_eq!(marks(&store, tenant).await, [("X1".to_owned(), "3".to_owned())]);
    assert_eq!((shape(&db, "book").await, shape(&db, "shelf_mark").await), shapes);
    assert!(tidy(&db).await);
    assert!(store.rebuild(&db.owner(), &["nothing"]).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_readers_go_on_while_it_is_made() {
    let (db, store) = library().await;
    let tenants: Vec<_> = (0..3).map(|_| fresh_id()).collect();
    for tenant in &tenants {
        for book in 0..4 {
            store.execute(&meta(*tenant, "a"), book, Shelve("A", None)).await.unwrap();
        }
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut at_work = Vec::new();
    for (tenant, book) in tenants.iter().flat_map(|tenant| (0..4).map(|book| (*tenant, book))) {
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        at_work.push(tokio::spawn(async move {
            let mut count = 0;
            while !stop.load(Ordering::SeqCst) {
                let lend = Lend { to: "b", most: u32::MAX };
                store.execute(&meta(tenant, "a"), book, lend).await.unwrap();
                count += 1;
                // What was written is read, also just after the tables changed places.
                let seen = rows(&store, tenant).await[book].clone();
                assert!(seen.1 >= count, "{seen:?} after {count}");
            }
        }));
    }
    for _ in 0..4 {
        let rebuilt = store.rebuild(&db.owner(), &["book"]).await.unwrap();
        assert!(rebuilt.waited < Duration::from_secs(2), "{rebuilt:?}");
    }
    stop.store(true, Ordering::SeqCst);
    for one in at_work {
        one.await.unwrap();
    }
    for tenant in tenants {
        equals_a_fresh_fold(&store, tenant).await;
    }
}

async fn equals_a_fresh_fold(store: &Store, tenant: Uuid) {
    for (id, lent, version) in rows(store, tenant).await {
        let history = store.history::<Book>(tenant, &id).await.unwrap();
        assert_eq!(i64::try_from(history.len()).unwrap(), version);
        assert_eq!(i64::from(lent), version - 1);
    }
}

/// As [`BookTable`], slowly, so that there is time for something to happen.
struct Slow(Duration);

impl Projection<Book> for Slow {
    const NAME: &'static str = "book";
    const TABLES: &'static [&'static str] = BookTable::TABLES;
    const TOUCHED: Option<(&'static str, &'static str)> = BookTable::TOUCHED;
    const VERSION: i32 = 2;

    async fn project(&self, tx: &Tx, changes: &[Change<Book>]) -> Result<(), StoreError> {
        BookTable.project(tx, changes).await
    }

    async fn fill(&self, tx: &Tx, changes: &[Change<Book>]) -> Result<(), StoreError> {
        tokio::time::sleep(self.0).await;
        BookTable.project(tx, changes).await
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        BookTable.erase(tx, tenant, id).await
    }
}

fn slow(db: &TestDb, pause: Duration) -> Store {
    db.store().projection(Slow(pause)).build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_write_meanwhile_is_in_it() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    for (id, mark) in [(1, Some("M1")), (2, Some("M2")), (3, None), (4, Some("M4"))] {
        store.execute(&meta(tenant, "a"), id, Shelve("A", mark)).await.unwrap();
    }
    let rebuilding = {
        let (db_owner, store) = (db.owner(), slow(&db, Duration::from_millis(1_500)));
        tokio::spawn(async move { store.rebuild(&db_owner, &["book"]).await })
    };
    tokio::time::sleep(Duration::from_millis(700)).await;
    // A mark goes from one book to another, in one go: each order but the real one is refused.
    let a = meta(tenant, "a");
    store.execute(&a, 1, Mark(None)).await.unwrap();
    store.execute(&meta(tenant, "a"), 2, Mark(Some("M1"))).await.unwrap();
    store.execute(&meta(tenant, "a"), 1, Mark(Some("M2"))).await.unwrap();
    store.execute(&meta(tenant, "a"), 5, Shelve("E", Some("M5"))).await.unwrap();
    // An erased record leaves no row, although it was read before.
    store.erase::<Book>(tenant, 4).await.unwrap();
    rebuilding.await.unwrap().unwrap();
    let mut expected: Vec<_> = [("M1", "2"), ("M2", "1"), ("M5", "5")].into();
    expected.sort_unstable();
    let marks = marks(&store, tenant).await;
    let seen: Vec<_> = marks.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    assert_eq!(seen, expected);
    let ids: Vec<_> = rows(&store, tenant).await.into_iter().map(|row| row.0).collect();
    assert_eq!(ids, ["1", "2", "3", "5"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_on_the_way_leaves_the_running_model_and_a_clean_start() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    for id in 0..3 {
        store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
    }
    let before = rows(&store, tenant).await;
    let stuck = slow(&db, Duration::from_mins(10));
    let owner = db.owner();
    let rebuilding = stuck.rebuild(&owner, &["book"]);
    assert!(tokio::time::timeout(Duration::from_millis(800), rebuilding).await.is_err());
    assert!(!tidy(&db).await, "it was not under way");
    assert_eq!(rows(&store, tenant).await, before);
    store.execute(&meta(tenant, "a"), 1, Lend { to: "b", most: 9 }).await.unwrap();
    assert_eq!(rows(&store, tenant).await[1], ("1".to_owned(), 1, 2));
    // The dead process's lock goes with its connection.
    let mut again = store.rebuild(&db.owner(), &["book"]).await;
    for _ in 0..100 {
        if !matches!(again, Err(StoreError::Conflict)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = store.rebuild(&db.owner(), &["book"]).await;
    }
    assert_eq!(again.unwrap().streams, 3);
    assert_eq!(rows(&store, tenant).await[1], ("1".to_owned(), 1, 2));
    assert!(tidy(&db).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_rebuild_at_a_time() {
    let (db, store) = library().await;
    store.execute(&meta(fresh_id(), "a"), 1, Shelve("A", None)).await.unwrap();
    let first = {
        let (store, owner) = (slow(&db, Duration::from_millis(800)), db.owner());
        tokio::spawn(async move { store.rebuild(&owner, &["book"]).await })
    };
    tokio::time::sleep(Duration::from_millis(400)).await;
    let second = store.rebuild(&db.owner(), &["book"]).await;
    assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
    first.await.unwrap().unwrap();
}

#[tokio::test]
async fn rows_of_another_version_are_known_and_made_anew() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 1, Shelve("A", None)).await.unwrap();
    assert!(store.outdated().await.unwrap().is_empty());
    let next = slow(&db, Duration::ZERO);
    assert_eq!(next.outdated().await.unwrap(), ["book"]);
    let admin = db.admin().await;
    admin.batch_execute("delete from book").await.unwrap();
    next.rebuild(&db.owner(), &["book"]).await.unwrap();
    assert!(next.outdated().await.unwrap().is_empty());
    assert_eq!(rows(&next, tenant).await, [("1".to_owned(), 0, 1)]);
    // A database without a history has rows of whatever version is first to come.
    let empty = TestDb::new("library", MIGRATIONS).await;
    let next = slow(&empty, Duration::ZERO);
    next.note_versions().await.unwrap();
    assert!(next.outdated().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_table_that_others_hang_on_is_not_exchanged() {
    let (db, store) = library().await;
    let view = "create view shelf as select id from book";
    db.admin().await.batch_execute(view).await.unwrap();
    let refused = store.rebuild(&db.owner(), &["book"]).await.unwrap_err();
    assert!(format!("{refused:?}").contains("a view is in the way"), "{refused:?}");
    assert!(tidy(&db).await);
}
