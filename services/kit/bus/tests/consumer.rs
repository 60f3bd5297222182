//! Consumers: at least once delivered, exactly once applied.

use std::sync::atomic::Ordering::SeqCst;

use kit_bus::{Consuming, skip};
use kit_store::Store;
use kit_test::{TestBus, TestDb};

use crate::town::{Doors, POST, Town, doors, until};

/// Town, its relay at work, and the post's own database.
struct Rig {
    town: Town,
    post: TestDb,
    store: Store,
    relay: tokio::task::JoinHandle<()>,
}

impl Rig {
    async fn new(bus: &TestBus) -> Self {
        let town = Town::new(bus).await;
        let relay = tokio::spawn(town.relay().run());
        let post = TestDb::new("post", POST).await;
        let store = post.store().build();
        Self { town, post, store, relay }
    }

    fn consume(&self, consumer: &Doors) -> Consuming {
        let config = self.post.runtime_url().parse().unwrap();
        Consuming::start(&self.store, &self.town.bus, &config, consumer.clone())
    }

    async fn doors(&self) -> Vec<(String, i32, i32)> {
        doors(&self.store, self.town.tenant).await
    }

    async fn has(&self, house: u32, number: i32) -> bool {
        let name = format!("house-{house}");
        self.doors().await.iter().any(|(house, doors, _)| *house == name && *doors == number)
    }

    /// Every fact had its effect exactly once.
    async fn each_once(&self) -> bool {
        self.doors().await.iter().all(|(_, doors, times)| doors == times)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

#[tokio::test]
async fn a_fact_reaches_the_other_service() {
    let bus = TestBus::new().await;
    let rig = Rig::new(&bus).await;
    let consuming = rig.consume(&Doors::default());
    for house in 1..=5 {
        rig.town.build(house).await;
        rig.town.build(house).await;
    }
    until("all are there", async || {
        let doors = rig.doors().await;
        doors.len() == 5 && doors.iter().all(|it| it.1 == 2)
    })
    .await;
    assert!(rig.each_once().await);
    assert!(consuming.well()());
    assert_eq!(consuming.status().iter().map(|it| it.applied).sum::<u64>(), 10);
}

#[tokio::test]
async fn a_consumer_that_restarts_goes_on_where_it_was() {
    let bus = TestBus::new().await;
    let rig = Rig::new(&bus).await;
    for round in 1..=3 {
        let consuming = rig.consume(&Doors::default());
        for house in 1..=6 {
            rig.town.build(house).await;
        }
        until("this round is there", async || {
            let doors = rig.doors().await;
            doors.len() == 6 && doors.iter().all(|it| it.1 == round)
        })
        .await;
        drop(consuming);
    }
    assert!(rig.each_once().await);
}

#[tokio::test]
async fn a_crash_between_rows_and_checkpoint_applies_once() {
    let bus = TestBus::new().await;
    let rig = Rig::new(&bus).await;
    // Postgres refuses to move any checkpoint: rows were written, the transaction is lost.
    let admin = rig.post.admin().await;
    admin
        .batch_execute(
            "create function crash() returns trigger language plpgsql as \
            $$ begin raise exception 'crash' using errcode = '57P01'; end $$; \
            create trigger crash before update on checkpoint for each row execute function crash()",
        )
        .await
        .unwrap();
    let consuming = rig.consume(&Doors::default());
    for house in 1..=4 {
        rig.town.build(house).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert!(rig.doors().await.is_empty());
    assert!(consuming.well()(), "a database that fails is no poison fact");
    admin.batch_execute("drop trigger crash on checkpoint").await.unwrap();
    until("all are there", async || rig.doors().await.len() == 4).await;
    assert!(rig.each_once().await);
}

#[tokio::test]
async fn facts_published_again_have_no_effect() {
    let mut bus = TestBus::private().await;
    let rig = Rig::new(&bus).await;
    let _consuming = rig.consume(&Doors::default());
    for house in 1..=8 {
        rig.town.build(house).await;
    }
    until("all are there", async || rig.doors().await.len() == 8).await;
    bus.lose_disk().await;
    until("NATS is back", async || rig.town.bus.is_connected()).await;
    for house in 1..=8 {
        rig.town.build(house).await;
    }
    until("the second doors are there", async || {
        rig.doors().await.iter().all(|(_, doors, _)| *doors == 2)
    })
    .await;
    assert!(rig.each_once().await, "{:?}", rig.doors().await);
}

#[tokio::test]
async fn a_poison_fact_stops_its_partition_until_it_is_skipped() {
    let bus = TestBus::new().await;
    let rig = Rig::new(&bus).await;
    let consumer = Doors::default();
    consumer.superstitious.store(true, SeqCst);
    let consuming = rig.consume(&consumer);
    rig.town.build(13).await;
    until("it is reported", async || !consuming.well()()).await;
    let stopped = consuming.status().into_iter().find(|it| it.poison.is_some()).unwrap();
    let event = stopped.poison.unwrap();
    // Others go on.
    for house in 0..40 {
        rig.town.build(house).await;
    }
    until("other partitions go on", async || rig.doors().await.len() > 20).await;
    assert!(rig.doors().await.len() < 40);
    let admin = rig.post.admin().await;
    let row = admin.query_one("select event_id, reason from poison", &[]).await.unwrap();
    assert_eq!(row.get::<_, uuid::Uuid>(0), event);
    assert_eq!(row.get::<_, String>(1), "sqlstate 23502");

    assert!(!skip(&rig.store, "town", "doors", kit_test::fresh_id()).await.unwrap());
    assert!(skip(&rig.store, "town", "doors", event).await.unwrap());
    // The second door of house 13 is poison too, and is not skipped with the first.
    until("the next one stops it", async || {
        consuming.status().iter().any(|it| it.poison.is_some_and(|id| id != event))
    })
    .await;
    consumer.superstitious.store(false, SeqCst);
    until("it goes on by itself once it can", async || rig.has(13, 2).await).await;
    until("all are there", async || rig.doors().await.len() == 40).await;
    assert!(consuming.well()());
    let left: i64 = admin.query_one("select count(*) from poison", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn of_two_processes_one_applies() {
    let bus = TestBus::new().await;
    let rig = Rig::new(&bus).await;
    let (one, two) = (rig.consume(&Doors::default()), rig.consume(&Doors::default()));
    for round in 1..=3 {
        for house in 1..=8 {
            rig.town.build(house).await;
        }
        until("this round is there", async || {
            let doors = rig.doors().await;
            doors.len() == 8 && doors.iter().all(|it| it.1 == round)
        })
        .await;
    }
    let active = |it: &Consuming| it.status().iter().filter(|it| it.active).count();
    assert!(active(&one) == 0 || active(&two) == 0);
    // The other takes over.
    let (gone, left) = if active(&one) > 0 { (one, two) } else { (two, one) };
    drop(gone);
    rig.town.build(1).await;
    until("the other goes on", async || rig.has(1, 4).await).await;
    assert!(active(&left) > 0 && rig.each_once().await);
}

#[tokio::test]
async fn facts_without_a_log_are_applied_once_too() {
    use kit_bus::{Fact, Kind};
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    let post = TestDb::new("post", POST).await;
    let store = post.store().build();
    let config = post.runtime_url().parse().unwrap();
    let fact = |n: u32| Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: town.tenant.to_string(),
        stream: "house-1".into(),
        kind: Some(Kind::PeopleChanged(kit_proto::facts::v1::PeopleChanged {
            kind: "door".into(),
            unique_id: n.to_string(),
        })),
        ..Fact::default()
    };
    let mut heard = town.bus.overhear("town").await.unwrap();
    town.bus.stream("town").await.unwrap();
    let first = fact(1);
    town.bus.publish("town", "1", &first).await.unwrap();
    town.bus.publish("town", "1", &first).await.unwrap();
    assert_eq!(heard.next().await.unwrap(), first);
    let consuming = Consuming::start(&store, &town.bus, &config, Doors::default());
    until("it is there", async || doors(&store, town.tenant).await.len() == 1).await;
    drop(consuming);
    let _consuming = Consuming::start(&store, &town.bus, &config, Doors::default());
    town.bus.publish("town", "1", &fact(2)).await.unwrap();
    until("the second is there", async || {
        doors(&store, town.tenant).await == [("house-1".to_owned(), 2, 2)]
    })
    .await;
}
