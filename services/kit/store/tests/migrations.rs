//! Migrations are applied once, in order, and never differ afterwards.

use kit_store::{Migration, OWN_MIGRATIONS, SchemaGap, migrate, schema_gap};
use kit_test::{TestDb, fresh_id, meta};
use tokio_postgres::{Client, NoTls};

use crate::catalogue::{MIGRATIONS, Shelve, library};

async fn owner(db: &TestDb) -> Client {
    let (client, connection) = tokio_postgres::connect(&db.owner_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn what_is_applied_is_left_alone_and_what_is_new_is_added() {
    let (db, store) = library().await;
    let mut client = owner(&db).await;
    let next = Migration {
        name: "0002_shelf.sql",
        sql: "create table shelf (tenant uuid not null, name text not null)",
    };
    for _ in 0..2 {
        migrate(&mut client, "amparo_library", &[MIGRATIONS[0], next]).await.unwrap();
    }
    let tx = store.read(fresh_id()).await.unwrap();
    assert!(tx.query("select * from shelf", &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_migration_changed_afterwards_is_refused() {
    let (db, _store) = library().await;
    let changed = Migration { name: MIGRATIONS[0].name, sql: "select 1" };
    let refused = migrate(&mut owner(&db).await, "amparo_library", &[changed]).await.unwrap_err();
    assert!(refused.to_string().contains("0001_book.sql"), "{refused}");
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_behind() {
    let (db, store) = library().await;
    let bad = Migration { name: "0002_bad.sql", sql: "create table half (x int); select 1 / 0" };
    let mut client = owner(&db).await;
    assert!(migrate(&mut client, "amparo_library", &[MIGRATIONS[0], bad]).await.is_err());
    let tx = store.read(fresh_id()).await.unwrap();
    assert!(tx.query("select * from half", &[]).await.is_err());
}

#[tokio::test]
async fn many_processes_may_migrate_at_once() {
    let (db, _store) = library().await;
    let next = Migration { name: "0002_once.sql", sql: "create table just_once (x int)" };
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let connecting = owner(&db);
            async move {
                let mut client = connecting.await;
                migrate(&mut client, "amparo_library", &[MIGRATIONS[0], next]).await
            }
        })
        .collect();
    for done in futures_util::future::join_all(tasks).await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_history_from_another_servers_future_is_refused() {
    let (db, store) = library().await;
    store.execute(&meta(fresh_id(), "a"), 1, Shelve("A", None)).await.unwrap();
    let sql = "update event set transaction = '99999999999'";
    db.admin().await.batch_execute(sql).await.unwrap();
    let refused = migrate(&mut owner(&db).await, "amparo_library", MIGRATIONS).await.unwrap_err();
    assert!(refused.to_string().contains("restored from a dump"), "{refused}");
}

/// As when the next version migrates beside the one that works.
#[tokio::test]
async fn what_others_write_meanwhile_is_not_from_the_future() {
    let (db, store) = library().await;
    let slow =
        Migration { name: "0002_slow.sql", sql: "create table slow (x int); select pg_sleep(2)" };
    let mut client = owner(&db).await;
    let migrating = tokio::spawn(async move {
        migrate(&mut client, "amparo_library", &[MIGRATIONS[0], slow]).await
    });
    while !migrating.is_finished() {
        store.execute(&meta(fresh_id(), "a"), 1, Shelve("A", None)).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    migrating.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_a_broken_off_rebuild_left_is_cleared_away() {
    let (db, _store) = library().await;
    let admin = db.admin().await;
    let left = "create schema amparo_rebuild authorization amparo_owner; \
         create table amparo_rebuild.book (like book); \
         alter table amparo_rebuild.book owner to amparo_owner";
    admin.batch_execute(left).await.unwrap();
    migrate(&mut owner(&db).await, "amparo_library", MIGRATIONS).await.unwrap();
    let sql = "select count(*) from pg_namespace where nspname = 'amparo_rebuild'";
    let there: i64 = admin.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(there, 0);
}

#[tokio::test]
async fn a_program_knows_whether_a_database_is_there_yet() {
    let (db, _store) = library().await;
    let mut client = owner(&db).await;
    let next = Migration { name: "0002_more.sql", sql: "alter table book add column more text" };
    let (before, after) = (MIGRATIONS, [MIGRATIONS[0], next]);
    assert_eq!(schema_gap(&client, before).await.unwrap(), None);
    let gap = schema_gap(&client, &after).await.unwrap();
    assert_eq!(gap, Some(SchemaGap::Missing("0002_more.sql")));
    migrate(&mut client, "amparo_library", &after).await.unwrap();
    // As the role that serves, which may read what was applied and not touch it.
    let service = db.pool().get().await.unwrap();
    assert_eq!(schema_gap(&service, &after).await.unwrap(), None);
    assert_eq!(schema_gap(&service, before).await.unwrap(), None, "an earlier program goes on");
    let other = Migration { name: "0002_more.sql", sql: "alter table book add column more int" };
    let gap = schema_gap(&service, &[MIGRATIONS[0], other]).await.unwrap();
    assert_eq!(gap, Some(SchemaGap::Altered("0002_more.sql")));
}

#[tokio::test]
async fn an_empty_database_lacks_everything() {
    let (db, _store) = library().await;
    db.admin().await.batch_execute("drop table migration").await.unwrap();
    let client = owner(&db).await;
    let newest = OWN_MIGRATIONS.last().unwrap().name;
    assert_eq!(schema_gap(&client, &[]).await.unwrap(), Some(SchemaGap::Missing(newest)));
    let gap = schema_gap(&client, MIGRATIONS).await.unwrap();
    assert_eq!(gap, Some(SchemaGap::Missing(MIGRATIONS.last().unwrap().name)));
}
