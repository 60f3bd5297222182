//! Two organisations in one database never meet.

use kit_test::{assert_walls, fresh_id, meta};

use crate::catalogue::{Book, Shelve, library, rows};

#[tokio::test]
async fn without_a_tenant_the_runtime_role_sees_and_writes_nothing() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 1, Shelve("A", None)).await.unwrap();
    let client = db.pool().get().await.unwrap();
    for table in ["event", "command", "snapshot", "counter", "book", "shelf_mark"] {
        let sql = format!("select count(*) from {table}");
        let seen: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(seen, 0, "{table}");
    }
    let insert = "insert into counter (tenant, kind, last) values ($1, 'x', 1)";
    assert!(client.execute(insert, &[&tenant]).await.is_err());
    let bypass: bool = client
        .query_one(
            "select rolbypassrls or rolsuper from pg_roles where rolname = current_user",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert!(!bypass);
}

#[tokio::test]
async fn the_same_id_in_two_organisations_is_two_things() {
    let (db, store) = library().await;
    let (one, two) = (fresh_id(), fresh_id());
    store.execute(&meta(one, "a"), 1, Shelve("A", None)).await.unwrap();
    store.execute(&meta(two, "a"), 1, Shelve("B", None)).await.unwrap();
    let title = |tenant| {
        let store = store.clone();
        async move { store.load::<Book>(tenant, 1).await.unwrap().state.title.clone() }
    };
    assert_eq!(title(one).await.as_deref(), Some("A"));
    assert_eq!(title(two).await.as_deref(), Some("B"));
    assert_eq!(rows(&store, one).await.len(), 1);
    let mut tenants = db.log().tenants().await.unwrap();
    tenants.sort();
    assert_eq!(tenants, if one < two { [one, two] } else { [two, one] });
}

#[tokio::test]
async fn rows_of_another_organisation_cannot_be_written_or_reached() {
    let (_db, store) = library().await;
    let (mine, theirs) = (fresh_id(), fresh_id());
    store.execute(&meta(theirs, "a"), 1, Shelve("A", None)).await.unwrap();
    let tx = store.begin(mine).await.unwrap();
    let seen = tx.query("select from book where tenant = $1", &[&theirs]).await.unwrap();
    assert!(seen.is_empty());
    let insert = "insert into shelf_mark (tenant, mark, id) values ($1, 'x', '1')";
    assert!(tx.execute(insert, &[&theirs]).await.is_err());
    drop(tx);
    let tx = store.begin(mine).await.unwrap();
    assert_eq!(tx.execute("delete from book where tenant = $1", &[&theirs]).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(rows(&store, theirs).await.len(), 1);
}

#[tokio::test]
async fn the_tenant_does_not_outlive_its_transaction() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 1, Shelve("A", None)).await.unwrap();
    let pool = kit_store::connect(&db.runtime_url().parse().unwrap(), 1).unwrap();
    let store = kit_store::StoreBuilder::new(pool.clone(), db.keys().cache()).build();
    assert_eq!(rows(&store, tenant).await.len(), 1);
    let client = pool.get().await.unwrap();
    let seen: i64 = client.query_one("select count(*) from book", &[]).await.unwrap().get(0);
    assert_eq!(seen, 0);
}

#[tokio::test]
async fn the_history_cannot_be_changed_by_the_service_itself() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), 1, Shelve("A", None)).await.unwrap();
    for sql in ["delete from event", "update event set actor = 'b'", "truncate event"] {
        let tx = store.begin(tenant).await.unwrap();
        assert!(tx.client().batch_execute(sql).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn queries_of_ever_new_shapes_do_not_pile_up() {
    let (db, _store) = library().await;
    let pool = kit_store::connect(&db.runtime_url().parse().unwrap(), 1).unwrap();
    let store = kit_store::StoreBuilder::new(pool, db.keys().cache()).build();
    for n in 0..700 {
        let tx = store.read(fresh_id()).await.unwrap();
        tx.query(&format!("select {n} from book"), &[]).await.unwrap();
    }
    let tx = store.read(fresh_id()).await.unwrap();
    let sql = "select count(*) from pg_prepared_statements";
    let kept: i64 = tx.query_one(sql, &[]).await.unwrap().get(0);
    assert!(kept <= 301, "{kept}");
}

#[tokio::test]
async fn every_table_is_walled_off() {
    let (db, store) = library().await;
    store.execute(&meta(fresh_id(), "a"), 1, Shelve("A", Some("M"))).await.unwrap();
    assert_walls(&db, &[]).await;
}

#[tokio::test]
async fn a_hole_in_a_wall_is_noticed() {
    for hole in [
        "create table hole (tenant uuid primary key)",
        "create table hole (id uuid primary key)",
        "create index hole on book (id)",
        "alter table book no force row level security",
        "alter table book disable row level security",
        "drop policy tenant on book",
        "create policy hole on book for select using (true)",
        "create policy hole on book using (current_setting('amparo.hole', true) = 'on')",
        "create view hole as select * from book",
        "alter table book owner to amparo_library",
    ] {
        let (db, store) = library().await;
        store.execute(&meta(fresh_id(), "a"), 1, Shelve("A", None)).await.unwrap();
        db.admin().await.batch_execute(hole).await.unwrap();
        let walls = std::panic::AssertUnwindSafe(assert_walls(&db, &[]));
        let noticed = futures_util::FutureExt::catch_unwind(walls).await.is_err();
        assert!(noticed, "{hole}");
    }
}

#[tokio::test]
async fn no_setting_lets_the_service_read_the_whole_log() {
    let (db, store) = library().await;
    store.execute(&meta(fresh_id(), "a"), 1, Shelve("A", None)).await.unwrap();
    let client = db.pool().get().await.unwrap();
    client.batch_execute("set amparo.relay = 'on'").await.unwrap();
    let sql = "select count(*) from event";
    let seen: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(seen, 0);
    for role in ["amparo_library_relay", "amparo_owner"] {
        assert!(client.batch_execute(&format!("set role {role}")).await.is_err(), "{role}");
    }
    // And the relay's role reads it, and does nothing else.
    assert_eq!(db.log().tenants().await.unwrap().len(), 1);
    let url = db.runtime_url().replace("amparo_library@", "amparo_library_relay@");
    let relay = kit_store::connect(&url.parse().unwrap(), 1).unwrap();
    let relay = relay.get().await.unwrap();
    for sql in [
        "delete from event",
        "select from book",
        "update event set actor = ''",
        "insert into counter values (gen_random_uuid(), 'x', 1)",
    ] {
        assert!(relay.batch_execute(sql).await.is_err(), "{sql}");
    }
}
