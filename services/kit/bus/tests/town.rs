//! Two services to test with: `town` tells of its houses, `post` keeps their doors.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use futures_util::StreamExt;
use kit_bus::{Bus, Consumer, Delivered, Fact, Facts, Kind, Relay, RelayBuilder};
use kit_decider::{Aggregate, Stored};
use kit_proto::facts::v1::{CaseChanged, PeopleChanged};
use kit_store::{DataKey, Migration, Recorded, Store, StoreError, Tx};
use kit_test::{TestBus, TestDb, meta};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct House {
    pub doors: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HouseEvent {
    DoorBuilt,
    /// Told with the whole of it, however large.
    Painted {
        with: String,
    },
    /// Told under its name, however long.
    Named {
        name: String,
    },
    /// Nobody else's business.
    Swept,
}

impl Aggregate for House {
    const CATEGORY: &'static str = "house";
    type Event = HouseEvent;

    fn evolve(&mut self, event: &HouseEvent) {
        match event {
            HouseEvent::DoorBuilt => self.doors += 1,
            HouseEvent::Painted { .. } | HouseEvent::Named { .. } | HouseEvent::Swept => {}
        }
    }
}

impl Stored for House {}

pub struct HouseFacts;

impl Facts<House> for HouseFacts {
    fn fact(
        &self,
        recorded: &Recorded<HouseEvent>,
        after: &House,
        key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        assert!(key.is_some(), "houses are sealed");
        Ok(match &recorded.event {
            HouseEvent::DoorBuilt => {
                let unique_id = after.doors.to_string();
                let kind = "door".to_owned();
                Some((
                    recorded.stream.clone(),
                    Kind::PeopleChanged(PeopleChanged { kind, unique_id }),
                ))
            }
            HouseEvent::Painted { with } => {
                let sealed = with.clone().into_bytes().into();
                let action = "painted".to_owned();
                let painted = CaseChanged { action, sealed, ..CaseChanged::default() };
                Some((recorded.stream.clone(), Kind::CaseChanged(painted)))
            }
            HouseEvent::Named { name } => {
                let named = PeopleChanged { kind: "named".to_owned(), unique_id: name.clone() };
                Some((recorded.stream.clone(), Kind::PeopleChanged(named)))
            }
            HouseEvent::Swept => None,
        })
    }
}

/// The service that publishes.
pub struct Town {
    pub db: TestDb,
    pub store: Store,
    pub bus: Bus,
    pub tenant: Uuid,
}

impl Town {
    pub async fn new(bus: &TestBus) -> Self {
        let db = TestDb::new("town", &[]).await;
        let store = db.store().build();
        let bus = Bus::connect(bus.url()).await.unwrap();
        Self { db, store, bus, tenant: kit_test::fresh_id() }
    }

    pub fn relay(&self) -> Arc<Relay> {
        let config = self.db.runtime_url().parse().unwrap();
        RelayBuilder::new(self.store.clone(), self.bus.clone(), "town", config)
            .facts::<House>(HouseFacts)
            .build()
    }

    pub async fn build(&self, house: u32) {
        self.record(house, HouseEvent::DoorBuilt).await;
    }

    /// In another tenant of the same service.
    pub async fn build_of(&self, tenant: Uuid, house: u32) {
        let decide = |_: &House| Ok::<_, ()>(vec![HouseEvent::DoorBuilt]);
        self.store.decide(&meta(tenant, "a"), "Build", house, decide).await.unwrap();
    }

    pub async fn record(&self, house: u32, event: HouseEvent) {
        let decide = |_: &House| Ok::<_, ()>(vec![event.clone()]);
        self.store.decide(&meta(self.tenant, "a"), "Build", house, decide).await.unwrap();
    }

    /// All facts in the stream, in order.
    pub async fn published(&self) -> Vec<Fact> {
        use prost::Message;
        let stream = self.bus.stream("town").await.unwrap();
        let count = usize::try_from(stream.get_info().await.unwrap().state.messages).unwrap();
        let config = pull::Config { ack_policy: AckPolicy::None, ..pull::Config::default() };
        let consumer = stream.create_consumer(config).await.unwrap();
        let mut messages = consumer.fetch().max_messages(count.max(1)).messages().await.unwrap();
        let mut facts = Vec::new();
        while let Some(message) = messages.next().await {
            facts.push(Fact::decode(message.unwrap().payload.clone()).unwrap());
        }
        facts
    }
}

/// `house-1: 3` for a fact that tells of the third door of house 1.
pub fn told(fact: &Fact) -> String {
    let Some(Kind::PeopleChanged(told)) = &fact.kind else { panic!("another kind") };
    format!("{}: {}", fact.stream, told.unique_id)
}

pub const POST: &[Migration] = &[Migration {
    name: "0001_door.sql",
    sql: "create table door (tenant uuid not null, house text not null, doors integer not null, \
          times integer not null default 1, primary key (tenant, house)); \
          alter table door enable row level security; alter table door force row level security; \
          create policy tenant on door \
          using (tenant = current_setting('amparo.tenant', true)::uuid);",
}];

/// What the service that listens does; refuses the doors of house 13 while told to.
#[derive(Clone, Default)]
pub struct Doors {
    pub superstitious: Arc<std::sync::atomic::AtomicBool>,
    pub seen: Arc<std::sync::atomic::AtomicUsize>,
}

impl Consumer for Doors {
    const NAME: &'static str = "doors";
    const SOURCE: &'static str = "town";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        use std::sync::atomic::Ordering::SeqCst;
        let Some(Kind::PeopleChanged(told)) = &delivered.fact.kind else { return Ok(()) };
        if delivered.fact.stream == "house-13" && self.superstitious.load(SeqCst) {
            let sql = "insert into door (tenant, house, doors) values ($1, null, 0)";
            tx.execute(sql, &[&delivered.tenant]).await?;
        }
        let doors: i32 = told.unique_id.parse().unwrap();
        let sql = "insert into door (tenant, house, doors) values ($1, $2, $3) \
             on conflict (tenant, house) do update set doors = excluded.doors, \
             times = door.times + 1";
        tx.execute(sql, &[&delivered.tenant, &delivered.fact.stream, &doors]).await?;
        Ok(())
    }

    fn applied(&self, facts: &[&Delivered]) {
        self.seen.fetch_add(facts.len(), std::sync::atomic::Ordering::SeqCst);
    }
}

/// `(house, doors, times written)`; equal numbers mean that each fact had its effect once.
pub async fn doors(store: &Store, tenant: Uuid) -> Vec<(String, i32, i32)> {
    let tx = store.read(tenant).await.unwrap();
    let sql = "select house, doors, times from door order by house";
    let rows = tx.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// Waits until it is so, for as long as a slow machine may need.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..2_400 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain until {what}");
}

/// The service that listens, at work.
pub struct Post {
    pub store: Store,
    _db: TestDb,
    _consuming: kit_bus::Consuming,
}

impl Post {
    pub async fn new(town: &Town, _: &TestBus) -> Self {
        let db = TestDb::new("post", POST).await;
        let store = db.store().build();
        let config = db.runtime_url().parse().unwrap();
        let consuming = kit_bus::Consuming::start(&store, &town.bus, &config, Doors::default());
        Self { store, _db: db, _consuming: consuming }
    }
}
