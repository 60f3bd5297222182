//! The relay: nothing is lost, nothing is told twice, whatever happens to it or to NATS.

use std::time::Duration;

use kit_bus::{Bus, BusError, Kept, Kind, Leader, Progress};
use kit_store::LogPosition;
use kit_test::{TestBus, meta};

use crate::town::{HouseEvent, Post, Town, doors, told, until};

/// Steps up to the end of the log. Transactions of other databases of the same server may
/// hold the horizon back for a moment.
async fn drain(town: &Town, leader: &mut Leader) {
    let sql = "select transaction::text, position from event \
         order by event.transaction desc, event.position desc limit 1";
    let row = town.db.admin().await.query_one(sql, &[]).await.unwrap();
    let (transaction, position): (String, i64) = (row.get(0), row.get(1));
    let end = LogPosition { transaction: transaction.parse().unwrap(), position };
    until("the log is published", async || {
        while leader.step().await.unwrap() == Progress::Published {}
        leader.published() >= end
    })
    .await;
}

async fn all(town: &Town) -> Vec<String> {
    town.published().await.iter().map(told).collect()
}

#[tokio::test]
async fn public_events_are_told_in_order_and_private_ones_are_not() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    for _ in 0..3 {
        town.build(1).await;
        town.record(1, HouseEvent::Swept).await;
    }
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    let facts = town.published().await;
    assert_eq!(
        facts.iter().map(told).collect::<Vec<_>>(),
        ["house-1: 1", "house-1: 2", "house-1: 3"]
    );
    assert_eq!(facts[1].version, 3);
    assert_eq!((facts[0].actor.as_str(), &facts[0].tenant), ("a", &town.tenant.to_string()));
    // And nothing more when it looks again.
    assert_eq!(leader.step().await.unwrap(), Progress::Idle);
}

#[tokio::test]
async fn there_is_one_relay_at_a_time() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    let first = town.relay().lead().await.unwrap();
    assert!(first.is_some());
    assert!(town.relay().lead().await.unwrap().is_none());
    drop(first);
    let second = town.relay();
    until("the lock is free", async || second.lead().await.unwrap().is_some()).await;
}

#[tokio::test]
async fn a_relay_that_lost_its_lock_tells_nothing_twice() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    for house in 0..20 {
        town.build(house).await;
    }
    let mut old = town.relay().lead().await.unwrap().unwrap();
    // The lock is taken from it behind its back; it has not noticed when the next one starts.
    let admin = town.db.admin().await;
    admin
        .batch_execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' \
            and database = (select oid from pg_database where datname = current_database())",
        )
        .await
        .unwrap();
    let new = town.relay();
    let mut new = loop {
        if let Some(leader) = new.lead().await.unwrap() {
            break leader;
        }
    };
    // Both read the same log and publish at once.
    let (a, b) = futures_util::future::join(old.step(), new.step()).await;
    assert!(a.is_ok() || matches!(a, Err(BusError::TakenOver)), "{a:?}");
    assert!(b.is_ok() || matches!(b, Err(BusError::TakenOver)), "{b:?}");
    let next = town.relay();
    drop((old, new));
    let mut next = loop {
        if let Some(leader) = next.lead().await.unwrap() {
            break leader;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    drain(&town, &mut next).await;
    let mut told = all(&town).await;
    told.sort();
    let mut expected: Vec<_> = (0..20).map(|house| format!("house-{house}: 1")).collect();
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_crash_between_publishing_and_moving_the_cursor_repeats_nothing() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    for house in 0..30 {
        town.build(house).await;
    }
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    drop(leader);
    // As if the cursor had never been moved, and as if the dedup window were long over.
    let admin = town.db.admin().await;
    admin
        .batch_execute(
            "update relay_cursor set transaction = '0', position = 0; \
            delete from relay_partition",
        )
        .await
        .unwrap();
    town.build(1).await;
    let relay = town.relay();
    let mut leader = loop {
        if let Some(leader) = relay.lead().await.unwrap() {
            break leader;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    drain(&town, &mut leader).await;
    let told = all(&town).await;
    assert_eq!(told.len(), 31);
    assert_eq!(told.last().unwrap(), "house-1: 2");
}

#[tokio::test]
async fn a_slow_transaction_is_not_skipped() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    let slow = town.db.admin().await;
    slow.batch_execute("begin; select pg_current_xact_id()").await.unwrap();
    town.build(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(leader.step().await.unwrap(), Progress::Idle);
    assert!(all(&town).await.is_empty());
    slow.batch_execute("commit").await.unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(all(&town).await, ["house-1: 1"]);
}

#[tokio::test]
async fn what_nats_loses_is_published_again() {
    let mut bus = TestBus::private().await;
    let town = Town::new(&bus).await;
    for house in 0..25 {
        town.build(house).await;
    }
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(all(&town).await.len(), 25);

    bus.lose_disk().await;
    until("NATS is back", async || town.bus.is_connected()).await;
    town.build(1).await;
    // Whether it is noticed while publishing or by looking, the outcome is the same.
    while leader.reconcile().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drain(&town, &mut leader).await;
    let mut again = all(&town).await;
    assert_eq!(again.len(), 26);
    again.sort();
    again.dedup();
    assert_eq!(again.len(), 26);
}

/// Postgres was put back to an earlier moment and NATS was not emptied: what is new would lie
/// before the end of the partition, and nobody would ever hear of it.
#[tokio::test]
async fn facts_of_a_history_that_was_given_up_are_not_gone_on_with() {
    let mut bus = TestBus::private().await;
    let town = Town::new(&bus).await;
    town.build(1).await;
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    let admin = town.db.admin().await;
    let kept = "create table kept as select * from relay_cursor; \
                create table kept_partition as select * from relay_partition";
    admin.batch_execute(kept).await.unwrap();
    town.build(1).await;
    town.build(1).await;
    drain(&town, &mut leader).await;
    drop(leader);
    let back = "delete from event where version > 1; delete from snapshot; \
                delete from relay_cursor; insert into relay_cursor select * from kept; \
                delete from relay_partition; insert into relay_partition select * from kept_partition";
    admin.batch_execute(back).await.unwrap();

    let relay = town.relay();
    until("the lock is free", async || !matches!(relay.lead().await, Ok(None))).await;
    assert!(matches!(relay.lead().await, Err(BusError::OtherHistory)));

    // With an empty disk of NATS everything is told from the first fact on.
    bus.lose_disk().await;
    until("NATS is back", async || town.bus.is_connected()).await;
    let mut leader = relay.lead().await.unwrap().unwrap();
    town.build(2).await;
    drain(&town, &mut leader).await;
    let mut told = all(&town).await;
    told.sort();
    assert_eq!(told, ["house-1: 1", "house-2: 1"]);
}

#[tokio::test]
async fn a_running_relay_is_woken_and_survives_the_loss_of_nats() {
    let mut bus = TestBus::private().await;
    let town = Town::new(&bus).await;
    let running = tokio::spawn(town.relay().run());
    town.build(1).await;
    until("the fact is there", async || all(&town).await.len() == 1).await;
    let begun = std::time::Instant::now();
    town.build(2).await;
    until("the next is there", async || all(&town).await.len() == 2).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    bus.lose_disk().await;
    until("NATS is back", async || town.bus.is_connected()).await;
    town.build(3).await;
    until("all are there again", async || all(&town).await.len() == 3).await;
    running.abort();
}

#[tokio::test]
async fn facts_of_a_tenant_that_ended_are_gone_and_all_others_go_on() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    let other = kit_test::fresh_id();
    for house in 0..24 {
        town.build_of(other, house).await;
        town.build(house).await;
    }
    let relay = town.relay();
    let mut leader = relay.lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(all(&town).await.len(), 48);

    // Every partition ends with one of its facts, which the relay believes to be there.
    relay.forget_tenant(town.tenant);
    for purged in [24, 0] {
        assert_eq!(town.bus.purge_tenant("town", town.tenant).await.unwrap(), purged);
    }
    town.build(1).await;
    town.build_of(other, 1).await;
    // It notices, and starts anew.
    if leader.step().await.is_err() {
        drop(leader);
        leader = loop {
            if let Some(leader) = relay.lead().await.unwrap() {
                break leader;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
    }
    leader.reconcile().await.unwrap();
    drain(&town, &mut leader).await;
    let left = town.published().await;
    assert_eq!(left.len(), 25, "{left:?}");
    assert!(left.iter().all(|fact| fact.tenant == other.to_string()));
    // What the stream lost is not looked for again and again.
    leader.reconcile().await.unwrap();
    assert_eq!(leader.step().await.unwrap(), Progress::Idle);
}

#[tokio::test]
async fn an_erased_record_is_passed_over() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    town.build(1).await;
    town.build(2).await;
    let loaded = town.store.load::<crate::town::House>(town.tenant, 1).await.unwrap();
    town.store.keys().destroy(town.tenant, loaded.key.unwrap().id).await.unwrap();
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(all(&town).await, ["house-2: 1"]);
}

#[tokio::test]
async fn a_batch_that_was_broken_off_does_not_hold_up_the_next() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    for house in 1..=3 {
        town.build(house).await;
    }
    // What a relay that was killed within a batch leaves behind: the first messages of it.
    let sql = "select id from event order by transaction, position";
    let rows = town.db.admin().await.query(sql, &[]).await.unwrap();
    let address = bus.url().split('?').next().unwrap().to_owned();
    let client = async_nats::connect(address).await.unwrap();
    town.bus.stream("town").await.unwrap();
    let namespace = bus.url().split("namespace=").nth(1).unwrap();
    for (index, row) in rows.iter().take(2).enumerate() {
        let mut headers = async_nats::HeaderMap::new();
        let id = row.get::<_, uuid::Uuid>(0).to_string();
        headers.insert("Nats-Msg-Id", id.as_str());
        headers.insert("Nats-Batch-Id", "broken-off");
        headers.insert("Nats-Batch-Sequence", (index + 1).to_string());
        let subject = format!("{namespace}.facts.town.1.x.y.z");
        client.publish_with_headers(subject, headers, "".into()).await.unwrap();
    }
    client.flush().await.unwrap();
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(all(&town).await.len(), 3);
}

#[tokio::test]
async fn many_events_go_in_batches() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    let seed = meta(town.tenant, "seed");
    let mut unit = town.store.unit(&seed, "Seed");
    for house in 0..1_500 {
        let decide = |_: &crate::town::House| Ok::<_, ()>(vec![HouseEvent::DoorBuilt; 2]);
        unit.decide(&seed, "Seed", house, decide).await.unwrap();
    }
    unit.commit().await.unwrap();
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    let begun = std::time::Instant::now();
    drain(&town, &mut leader).await;
    println!("3,000 facts: {:?}", begun.elapsed());
    assert_eq!(all(&town).await.len(), 3_000);
}

#[tokio::test]
async fn a_record_too_large_for_a_message_goes_without_its_document() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    town.record(1, HouseEvent::Painted { with: "x".repeat(2 << 20) }).await;
    town.build(1).await;
    let mut leader = town.relay().lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    let facts = town.published().await;
    assert_eq!(facts.len(), 2);
    let Some(Kind::CaseChanged(case)) = &facts[0].kind else { panic!("another kind") };
    assert!(case.sealed.is_empty() && case.action == "painted");
}

/// Streams may lie in two partitions, which have no order among them; each keeps its own.
fn by_house(mut told: Vec<String>) -> Vec<String> {
    told.sort_by(|one, other| one[..7].cmp(&other[..7]));
    told
}

#[tokio::test]
async fn an_event_that_makes_no_fact_holds_up_its_own_stream_alone() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    for house in 1..=3 {
        town.build(house).await;
    }
    let admin = town.db.admin().await;
    let damage = "update event set payload = payload || '\\x00' where stream = 'house-2'";
    admin.batch_execute(damage).await.unwrap();
    let relay = town.relay();
    let mut leader = relay.lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(by_house(all(&town).await), ["house-1: 1", "house-3: 1"]);
    // It is named, for whoever watches, and nothing of its stream overtakes it.
    let sql = "select id from event where stream = 'house-2'";
    let parked: uuid::Uuid = admin.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(relay.status().parked, [parked]);
    let post = Post::new(&town, &bus).await;
    until("the others are applied", async || doors(&post.store, town.tenant).await.len() == 2)
        .await;
    let repair = "update event set payload = substr(payload, 1, length(payload) - 1) \
        where stream = 'house-2' and version = 1";
    admin.batch_execute(repair).await.unwrap();
    town.build(2).await;
    town.build(3).await;
    drain(&town, &mut leader).await;
    leader.reconcile().await.unwrap();
    let told = by_house(all(&town).await);
    assert_eq!(told, ["house-1: 1", "house-2: 1", "house-2: 2", "house-3: 1", "house-3: 2"]);
    assert!(relay.status().parked.is_empty());
    // Late as they are, they are applied, each once; also by whoever starts anew.
    let expected = [("house-1", 1, 1), ("house-2", 2, 2), ("house-3", 2, 2)];
    let expected: Vec<_> = expected.map(|(house, n, times)| (house.to_owned(), n, times)).into();
    until("all are applied", async || doors(&post.store, town.tenant).await == expected).await;
    let late = Post::new(&town, &bus).await;
    until("all are applied anew", async || doors(&late.store, town.tenant).await == expected).await;
    drop(leader);
    let next = town.relay();
    until("another leads", async || next.lead().await.unwrap().is_some()).await;
    assert_eq!(all(&town).await.len(), 5);
}

#[tokio::test]
async fn a_fact_too_large_for_any_message_does_not_stop_the_others() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    town.record(1, HouseEvent::Named { name: "x".repeat(2 << 20) }).await;
    town.build(1).await;
    town.build(2).await;
    let relay = town.relay();
    let mut leader = relay.lead().await.unwrap().unwrap();
    drain(&town, &mut leader).await;
    assert_eq!(all(&town).await, ["house-2: 1"]);
    assert_eq!(relay.status().parked.len(), 1);
}

#[tokio::test]
async fn what_is_kept_about_histories_is_read_back() {
    let bus = TestBus::new().await;
    let bus = Bus::connect(bus.url()).await.unwrap();
    let (one, other) = (kit_test::fresh_id(), kit_test::fresh_id());
    assert!(bus.kept("town", None).await.unwrap().is_empty());
    let kept = |tenant, number| Kept { tenant, number, bytes: vec![7; 300].into() };
    for number in 1..=700 {
        bus.keep("town", &kept(one, number)).await.unwrap();
    }
    bus.keep("town", &kept(other, 1)).await.unwrap();
    bus.keep("town", &kept(other, 1)).await.unwrap();
    assert_eq!(bus.kept("town", None).await.unwrap().len(), 701);
    assert_eq!(bus.kept("town", Some(other)).await.unwrap(), [kept(other, 1)]);
    assert!(bus.kept("village", None).await.unwrap().is_empty());
}

#[tokio::test]
async fn user_and_password_of_the_address_are_used() {
    let bus = TestBus::guarded().await;
    let signed_in = Bus::connect(bus.url()).await.unwrap();
    until("it is let in", async || signed_in.stream("town").await.is_ok()).await;
    let stranger = Bus::connect(&bus.url().replace("secret", "guess")).await.unwrap();
    assert!(stranger.stream("town").await.is_err());
    assert!(!stranger.is_connected());
}
