//! Everything at once: many writers, slow transactions, a relay that is replaced, consumers
//! that come and go. In the end the listener's rows equal the teller's history.

use std::time::Duration;

use kit_bus::Consuming;
use kit_test::{TestBus, TestDb, meta};

use crate::town::{Doors, House, HouseEvent, POST, Town, doors, until};

const HOUSES: u32 = 12;
const WRITERS: u32 = 6;
const ROUNDS: u32 = 25;

/// Builds doors, one by one or in several houses at once.
async fn write(store: kit_store::Store, tenant: uuid::Uuid, writer: u32) {
    let build = |_: &House| Ok::<_, ()>(vec![HouseEvent::DoorBuilt]);
    for round in 0..ROUNDS {
        let house = (writer * 7 + round * 5) % HOUSES;
        let meta = meta(tenant, "w");
        if round % 3 == 0 {
            loop {
                let mut unit = store.unit(&meta, "Build");
                unit.decide(&meta, "Build", house, build).await.unwrap();
                unit.decide(&meta, "Build", (house + 1) % HOUSES, build).await.unwrap();
                if unit.commit().await.is_ok() {
                    break;
                }
            }
        } else {
            // Ten writers on few houses: a conflict may outlast the store's own tries.
            while store.decide(&meta, "Build", house, build).await.is_err() {}
        }
    }
}

/// Holds a transaction id open for a while, again and again.
async fn dawdle(town: &Town) {
    let slow = town.db.admin().await;
    for _ in 0..10 {
        slow.batch_execute("begin; select pg_current_xact_id()").await.unwrap();
        tokio::time::sleep(Duration::from_millis(70)).await;
        slow.batch_execute("commit").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_happens_each_fact_has_its_effect_once_and_in_order() {
    let bus = TestBus::new().await;
    let town = Town::new(&bus).await;
    let post = TestDb::new("post", POST).await;
    let store = post.store().build();
    let config = post.runtime_url().parse().unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            // Each in a process of its own, so to say.
            tokio::spawn(write(town.db.store().build(), town.tenant, writer))
        })
        .collect();
    let disturb = async {
        for _ in 0..4 {
            let relay = tokio::spawn(town.relay().run());
            let consuming = Consuming::start(&store, &town.bus, &config, Doors::default());
            tokio::time::sleep(Duration::from_millis(600)).await;
            relay.abort();
            drop(consuming);
        }
    };
    futures_util::future::join(disturb, dawdle(&town)).await;
    for writer in writers {
        writer.await.unwrap();
    }
    let relay = tokio::spawn(town.relay().run());
    let _consuming = Consuming::start(&store, &town.bus, &config, Doors::default());

    let mut expected = Vec::new();
    for house in 0..HOUSES {
        let loaded = town.store.load::<House>(town.tenant, house).await.unwrap();
        let built = i32::try_from(loaded.state.doors).unwrap();
        expected.push((format!("house-{house}"), built, built));
    }
    expected.sort();
    until("all facts have arrived", async || doors(&store, town.tenant).await == expected).await;
    assert!(town.store.verify(town.tenant).await.unwrap().is_empty());
    relay.abort();
}
