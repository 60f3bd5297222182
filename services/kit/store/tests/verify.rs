//! Damage to the history is found, and named.

use kit_seal::{ChainLink, GENESIS};
use kit_store::{Attestation, Finding, Store};
use kit_test::{TestDb, fresh_id, meta};
use uuid::Uuid;

use crate::catalogue::{Lend, Shelve, library};

/// One stream of five events, damaged by `sql`, then verified.
async fn damaged(sql: &str) -> Vec<Finding> {
    let (db, store) = library().await;
    let tenant = fresh_id();
    for id in ["one", "two"] {
        store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
        for _ in 0..4 {
            store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 9 }).await.unwrap();
        }
    }
    assert!(store.verify(tenant).await.unwrap().is_empty());
    damage(&db, tenant, sql).await;
    store.verify(tenant).await.unwrap()
}

async fn damage(db: &TestDb, tenant: Uuid, sql: &str) {
    let admin = db.admin().await;
    let sql = sql.replace("AT", &format!("tenant = '{tenant}' and stream = 'book-one'"));
    admin.batch_execute(&sql).await.unwrap();
}

fn found(version: u64, problem: &'static str) -> Vec<Finding> {
    vec![Finding { stream: "book-one".into(), version, problem }]
}

#[tokio::test]
async fn an_altered_event_is_found() {
    let altered = "altered, or not in its place";
    for column in [
        "payload = payload || 'x'",
        "actor = 'someone else'",
        "recorded_at = recorded_at - interval '1 day'",
        "type = 'shelved'",
        "key_id = gen_random_uuid()",
        "hash = hash || 'x'",
    ] {
        let sql = format!("update event set {column} where AT and version = 3");
        assert_eq!(damaged(&sql).await, found(3, altered), "{column}");
    }
}

#[tokio::test]
async fn a_removed_event_is_found() {
    assert_eq!(damaged("delete from event where AT and version = 2").await, found(2, "missing"));
    let sql = "delete from event where AT and version >= 4";
    assert_eq!(damaged(sql).await, found(4, "missing at the end"));
    assert_eq!(damaged("delete from event where AT").await, found(1, "missing at the end"));
}

#[tokio::test]
async fn reordered_events_are_found() {
    let sql = "update event set version = 99 where AT and version = 2; \
         update event set version = 2 where AT and version = 3; \
         update event set version = 3 where AT and version = 99";
    assert_eq!(damaged(sql).await, found(2, "altered, or not in its place"));
}

/// The tenant's library after some years: two books, attested, and what was kept elsewhere.
struct Years {
    db: TestDb,
    store: Store,
    tenant: Uuid,
    kept: Vec<Attestation>,
}

impl Years {
    async fn new() -> Self {
        let (db, store) = library().await;
        let tenant = fresh_id();
        for id in ["one", "two"] {
            store.execute(&meta(tenant, "a"), id, Shelve("A", None)).await.unwrap();
            for _ in 0..4 {
                store.execute(&meta(tenant, "a"), id, Lend { to: "b", most: 99 }).await.unwrap();
            }
        }
        let mut years = Self { db, store, tenant, kept: Vec::new() };
        years.attest().await;
        assert!(years.found().await.is_empty());
        years
    }

    /// Attests all that is there: other databases of the server may hold the horizon back.
    async fn attest(&mut self) {
        let admin = self.db.admin().await;
        let sql = "select max(transaction)::text from event";
        let end: String = admin.query_one(sql, &[]).await.unwrap().get(0);
        let end: u64 = end.parse().unwrap();
        for _ in 0..400 {
            let (log, now) = (self.db.log(), meta(self.tenant, "a").now);
            self.kept.extend(self.store.attest("library", &log, now).await.unwrap());
            let upto: String = admin
                .query_one("select transaction::text from attested", &[])
                .await
                .unwrap()
                .get(0);
            if upto.parse::<u64>().unwrap() > end {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the horizon does not move");
    }

    async fn found(&self) -> Vec<Finding> {
        self.store.verify_against("library", self.tenant, &self.kept).await.unwrap()
    }

    /// As a superuser who knows how hashes are made, and has no key.
    async fn tamper(&self, sql: &str, from: i64) {
        damage(&self.db, self.tenant, sql).await;
        let admin = self.db.admin().await;
        let sql = "select id, type, schema, payload, key_id, actor, command_id, correlation, \
             causation, trace, recorded_at, version from event \
             where tenant = $1 and stream = 'book-one' order by version";
        let mut hash = GENESIS;
        for row in admin.query(sql, &[&self.tenant]).await.unwrap() {
            let at: jiff::Timestamp = row.get(10);
            let version: i64 = row.get(11);
            let link = ChainLink {
                tenant: self.tenant,
                stream: "book-one",
                version,
                event_id: row.get(0),
                kind: row.get(1),
                schema: row.get(2),
                key_id: row.get(4),
                actor: row.get(5),
                command_id: row.get(6),
                correlation: row.get(7),
                causation: row.get(8),
                trace: row.get(9),
                recorded_at: at.as_microsecond(),
                payload: row.get(3),
            };
            hash = link.hash(&hash);
            if version >= from {
                let sql = "update event set hash = $3 \
                     where tenant = $1 and stream = 'book-one' and version = $2";
                admin.execute(sql, &[&self.tenant, &version, &hash.to_vec()]).await.unwrap();
            }
        }
    }
}

/// What an attacker may do to event 3 of five, hashes made anew from there on.
const FORGERIES: [(&str, &str, u64); 6] = [
    ("altered", "update event set actor = 'someone else' where AT and version = 3", 3),
    (
        "back-dated",
        "update event set recorded_at = recorded_at - interval '1 y' where AT and version = 3",
        3,
    ),
    (
        "removed",
        "delete from event where AT and version = 3; \
         update event set version = version - 1 where AT and version = 4; \
         update event set version = version - 1 where AT and version = 5",
        3,
    ),
    (
        "reordered",
        "update event set version = 99 where AT and version = 3; \
         update event set version = 3 where AT and version = 4; \
         update event set version = 4 where AT and version = 99",
        3,
    ),
    (
        "inserted",
        "update event set version = version + 1 where AT and version = 5; \
         update event set version = version + 1 where AT and version = 4; \
         update event set version = version + 1 where AT and version = 3; \
         insert into event (tenant, stream, version, id, type, schema, payload, key_id, actor, \
         command_id, correlation, recorded_at, hash, mac) select tenant, stream, 3, \
         gen_random_uuid(), type, schema, payload, key_id, actor, command_id, correlation, \
         recorded_at, hash, mac from event where AT and version = 2",
        3,
    ),
    (
        "added at the end",
        "insert into event (tenant, stream, version, id, type, schema, payload, key_id, actor, \
         command_id, correlation, recorded_at, hash, mac) select tenant, stream, 6, \
         gen_random_uuid(), type, schema, payload, key_id, actor, command_id, correlation, \
         recorded_at, hash, null from event where AT and version = 5",
        6,
    ),
];

#[tokio::test]
async fn a_forgery_with_all_hashes_made_anew_is_found_and_named() {
    for (what, sql, version) in FORGERIES {
        let years = Years::new().await;
        years.tamper(sql, version.cast_signed()).await;
        let findings = years.found().await;
        let seen: Vec<_> = findings.iter().map(|it| (it.stream.as_str(), it.version)).collect();
        assert_eq!(seen, [("book-one", version)], "{what}: {findings:?}");
    }
}

#[tokio::test]
async fn a_truncation_is_found_though_nothing_else_tells_of_it() {
    for (what, sql, version) in [
        ("the last events", "delete from event where AT and version >= 4", 4),
        ("the stream", "delete from event where AT", 1),
    ] {
        let years = Years::new().await;
        damage(
            &years.db,
            years.tenant,
            &format!("{sql}; delete from command; delete from snapshot"),
        )
        .await;
        let missing = "missing, though it was attested";
        assert_eq!(years.found().await, found(version, missing), "{what}");
        // The statements in the database go with it: what was kept elsewhere tells of both.
        damage(&years.db, years.tenant, "delete from attestation").await;
        let findings = years.found().await;
        assert_eq!(findings[0].stream, "attestation", "{what}: {findings:?}");
        assert_eq!(findings[1..], found(version, missing)[..], "{what}");
    }
}

#[tokio::test]
async fn statements_that_were_changed_are_found() {
    for sql in [
        "update attestation set body = convert_to(replace(convert_from(body, 'UTF8'), \
         'book-one', 'book-two'), 'UTF8') where number = 1",
        "update attestation set signature = decode(repeat('00', 64), 'hex') where number = 1",
        "delete from attestation where number = 1",
        "update attestation set number = 7 where number = 2",
    ] {
        let mut years = Years::new().await;
        years
            .store
            .execute(&meta(years.tenant, "a"), "one", Lend { to: "b", most: 99 })
            .await
            .unwrap();
        years.attest().await;
        assert!(years.kept.len() >= 2 && years.found().await.is_empty());
        damage(&years.db, years.tenant, sql).await;
        let findings = years.found().await;
        assert!(findings.iter().any(|it| it.stream == "attestation"), "{sql}: {findings:?}");
    }
}

#[tokio::test]
async fn an_event_slipped_into_the_past_of_the_log_is_found() {
    let mut years = Years::new().await;
    years.store.execute(&meta(years.tenant, "a"), "one", Lend { to: "b", most: 99 }).await.unwrap();
    // With all proofs in order, as one who has stolen the tenant's key could do it.
    damage(&years.db, years.tenant, "update event set transaction = '5' where AT and version = 6")
        .await;
    assert_eq!(years.found().await, found(6, "moved within the log"));
    damage(&years.db, years.tenant, "update event set transaction = '5' where AT").await;
    assert_eq!(years.found().await, found(6, "was not there when the log was attested"));
    years.attest().await;
}

#[tokio::test]
async fn what_was_recorded_before_there_were_proofs_passes_once_attested() {
    let (db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), "one", Shelve("A", None)).await.unwrap();
    damage(&db, tenant, "update event set mac = null").await;
    assert_eq!(store.verify(tenant).await.unwrap(), found(1, "not recorded by this installation"));
    let mut years = Years { db, store, tenant, kept: Vec::new() };
    years.attest().await;
    assert!(years.found().await.is_empty());
    years.store.execute(&meta(tenant, "a"), "one", Lend { to: "b", most: 9 }).await.unwrap();
    damage(&years.db, tenant, "update event set mac = null").await;
    assert_eq!(years.found().await, found(2, "not recorded by this installation"));
}

#[tokio::test]
async fn an_event_moved_to_another_stream_is_found() {
    let sql = "update event set stream = 'book-two', version = 6 where AT and version = 5";
    let findings = damaged(sql).await;
    let names: Vec<_> = findings.iter().map(|it| (it.stream.as_str(), it.version)).collect();
    assert_eq!(names, [("book-one", 5), ("book-two", 6)]);
}
