//! The hot reads use their indexes, as the runtime role, under row-level security.

use kit_store::{Store, Tx};
use kit_test::{fresh_id, meta};

use crate::catalogue::{Lend, Shelve, library};

async fn plan(tx: &Tx, sql: &str) -> String {
    let rows = tx.client().query(&format!("explain {sql}"), &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

async fn fill(store: &Store, tenant: uuid::Uuid) {
    let seed = meta(tenant, "seed");
    let mut unit = store.unit(&seed, "Seed");
    for n in 0..1_000 {
        unit.create(&meta(tenant, "a"), n, Shelve("A", None)).await.unwrap();
        for _ in 0..11 {
            unit.execute(n, Lend { to: "b", most: 99 }).await.unwrap();
        }
    }
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn no_hot_read_scans_a_table() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    fill(&store, tenant).await;
    fill(&store, fresh_id()).await;
    db.admin().await.batch_execute("analyze").await.unwrap();
    let tx = store.read(tenant).await.unwrap();
    let own = format!("tenant = '{tenant}'");
    let reads = [
        format!(
            "select payload from event where {own} and stream = 'book-7' and version > \
             greatest(0, (select version from snapshot where {own} and stream = 'book-7' \
             and schema = 1)) order by version"
        ),
        format!("select payload from snapshot where {own} and stream = 'book-7' and version > 0"),
        format!("select streams from command where {own} and id = '{tenant}'"),
        format!(
            "select stream from event where {own} and stream > 'book-' and stream < 'book.' \
             and version = 1 order by stream limit 10"
        ),
    ];
    for sql in reads {
        let plan = plan(&tx, &sql).await;
        assert!(plan.contains("Index") && !plan.contains("Seq Scan"), "{sql}\n{plan}");
    }
    drop(tx);
    let relay = db.runtime_url().replace("amparo_library@", "amparo_library_relay@");
    let relay = kit_store::connect(&relay.parse().unwrap(), 1).unwrap();
    let tx = Tx::of(&relay, fresh_id()).await.unwrap();
    let log = "select payload from event where (transaction, position) > ('5'::xid8, 7) \
         and transaction < pg_snapshot_xmin(pg_current_snapshot()) \
         order by event.transaction, event.position limit 100";
    let plan = plan(&tx, log).await;
    assert!(plan.contains("event_order") && !plan.contains("Sort"), "{plan}");
}
