//! A served tracing service, and everything that may be asked of it.

mod others;
mod people;

use std::sync::Arc;
use std::time::{Duration, Instant};

use family_tracing::pool::Pools;
use family_tracing::{MIGRATIONS, Parts};
use kit_access::Principal;
use kit_bus::{Bus, Fact};
use kit_proto::common::v1::{
    DeleteRequest, GetRequest, ListRequest, Parameter, Reply, WriteRequest,
};
use kit_proto::records::v1::records_client::RecordsClient;
use kit_proto::tracing::v1::tracing_client::TracingClient;
use kit_serve::{
    CallContext, Channel, InternalSettings, Platform, Process, Refusal, Secret, Service, Shared,
    Shutdown, SigningKey, TestClock, Trigger, sign_principal,
};
use kit_store::{KeyCache, Shredder as _};
use kit_test::{TestBus, TestDb};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::others::Others;
pub use self::people::{ann, bob, manager, no_matches, nobody};

pub const TENANT: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0007);
pub const MODULE: &str = "primeromodule-cp";
pub const TRACES: &str = "tracing_request_subform_section";
const REQUEST: &str = "tracing_request";

/// The service under test.
pub struct Rig {
    pub db: TestDb,
    _bus: TestBus,
    publisher: Bus,
    pub others: Arc<Others>,
    clock: TestClock,
    keys: Arc<KeyCache>,
    shared: Shared,
    key: SigningKey,
    _trigger: Trigger,
}

/// An answer: its JSON and what travels beside it.
#[derive(Debug)]
pub struct Answer {
    pub data: Value,
    pub metadata: Value,
    pub no_content: bool,
}

pub type Asked = Result<Answer, Refusal>;

fn parts(db: &TestDb, others: &Arc<Others>) -> Parts {
    Parts {
        store: db.store(),
        keys: db.keys().cache(),
        catalogs: others.clone(),
        people: others.clone(),
        shredder: Arc::new(db.keys().clone()),
    }
}

impl Rig {
    pub async fn start() -> Self {
        let db = TestDb::new("tracing", MIGRATIONS).await;
        let bus = TestBus::new().await;
        let others = Arc::new(Others::new());
        // A real day: what is signed has to be good for the guard as well.
        let clock = TestClock::new("2026-01-31T09:05:07.123Z".parse().unwrap());
        let process = process(&clock, &db, &bus);
        let shared = process.bind(Service::Tracing, None).await.unwrap();
        let key = SigningKey::from_bytes(&[3; 32]);
        shared.trust.set_keys(vec![key.verifying_key()]);
        let (trigger, shutdown) = Shutdown::new();
        let served =
            family_tracing::serve(parts(&db, &others), others.clone(), shared.clone(), shutdown);
        tokio::spawn(served);
        let publisher = Bus::connect(bus.url()).await.unwrap();
        let keys = db.keys().cache();
        Self { db, _bus: bus, publisher, others, clock, keys, shared, key, _trigger: trigger }
    }

    /// Another process's store over the same database.
    pub fn store(&self) -> kit_store::Store {
        family_tracing::store(parts(&self.db, &self.others))
    }

    /// What another process that starts now has in its memory.
    pub async fn digest(&self) -> [[u8; 32]; 2] {
        self.digest_of(&Pools::new(self.store())).await
    }

    pub async fn digest_of(&self, pools: &Pools) -> [[u8; 32]; 2] {
        let pool = pools.of(TENANT).await.unwrap();
        let sides = pool.sides();
        sides.digest()
    }

    /// A case of `owner` that `readers` reach; told as a fact.
    pub async fn case(&self, owner: &str, readers: &[&str], more: Value) -> Uuid {
        let id = self.unheard_case(owner, readers, more).await;
        self.tell(id, "created", &[]).await;
        id
    }

    /// The same, of which no fact was told yet.
    pub async fn unheard_case(&self, owner: &str, readers: &[&str], more: Value) -> Uuid {
        let key = self.keys.fresh(TENANT).await.unwrap();
        self.others.add(owner, readers, &more, key)
    }

    /// A case changes, and tells.
    pub async fn change(&self, id: Uuid, changes: Value) {
        let fields = self.others.change(id, &changes);
        self.tell(id, "updated", &fields).await;
    }

    async fn tell(&self, id: Uuid, action: &str, fields: &[String]) {
        let fact = self.others.fact(id, action, fields);
        self.publish(id, &fact).await;
    }

    pub async fn publish(&self, id: Uuid, fact: &Fact) {
        while self.publisher.publish("cases", &id.to_string(), fact).await.is_err() {}
    }

    /// A case is erased: its key first, then it is told.
    pub async fn erase(&self, id: Uuid) {
        let (key, fact) = self.others.remove(id);
        self.db.keys().destroy(TENANT, key, json!({})).await.unwrap();
        self.publish(id, &fact).await;
    }

    fn call(&self, principal: &Principal) -> CallContext {
        let token = sign_principal(&self.key, principal).unwrap();
        CallContext::principal(token, kit_test::fresh_id())
    }

    fn records(&self) -> RecordsClient<Channel> {
        self.shared.peers.records(Service::Tracing)
    }

    fn own(&self) -> TracingClient<Channel> {
        self.shared.peers.tracing()
    }

    pub async fn create(&self, by: &Principal, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = self.call(by).request(write("", &data));
        Ok(self.records().create_record(request).await?.into_inner().into())
    }

    /// A tracing request of `by` for one child; the ids of both.
    pub async fn request(&self, by: &Principal, inquirer: Value, child: Value) -> (String, String) {
        let trace = kit_test::fresh_id().to_string();
        let (mut data, mut child) = (inquirer, child);
        child["unique_id"] = json!(trace);
        data["module_id"] = json!(MODULE);
        data[TRACES] = json!([child]);
        let answer = self.create(by, data).await.unwrap();
        (answer.data["id"].as_str().unwrap().to_owned(), trace)
    }

    pub async fn patch(&self, by: &Principal, id: &str, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = self.call(by).request(write(id, &data));
        Ok(self.records().update_record(request).await?.into_inner().into())
    }

    pub async fn get(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id));
        Ok(self.records().get_record(request).await?.into_inner().into())
    }

    pub async fn disable(&self, by: &Principal, id: &str) -> Asked {
        let request =
            DeleteRequest { id: id.to_owned(), record_type: REQUEST.into(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().disable_record(request).await?.into_inner().into())
    }

    pub async fn traces(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id));
        Ok(self.own().list_traces(request).await?.into_inner().into())
    }

    pub async fn trace(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id));
        Ok(self.own().get_trace(request).await?.into_inner().into())
    }

    pub async fn of_case(&self, by: &Principal, id: Uuid) -> Asked {
        let request = self.call(by).request(get(&id.to_string()));
        Ok(self.own().list_case_traces(request).await?.into_inner().into())
    }

    pub async fn confirm(&self, by: &Principal, trace: &str, case: Value) -> Asked {
        let request = self.call(by).request(write(trace, &json!({ "matched_case_id": case })));
        Ok(self.own().update_trace(request).await?.into_inner().into())
    }

    pub async fn reject(&self, by: &Principal, trace: &str, case: Value) -> Asked {
        let request = self.call(by).request(write(trace, &json!({ "case_id": case })));
        Ok(self.own().reject_match(request).await?.into_inner().into())
    }

    /// As the reference shows them.
    pub async fn potential(&self, by: &Principal, trace: &str) -> Asked {
        let request = self.call(by).request(get(trace));
        Ok(self.own().list_trace_potential_matches(request).await?.into_inner().into())
    }

    pub async fn potential_of_case(&self, by: &Principal, case: Uuid) -> Asked {
        let request = self.call(by).request(get(&case.to_string()));
        Ok(self.own().list_case_potential_matches(request).await?.into_inner().into())
    }

    /// With reasons.
    pub async fn matches(&self, by: &Principal, trace: &str, locale: &str) -> Asked {
        let call = self.call(by).with_locale(Some(locale.to_owned()));
        let request = call.request(get(trace));
        Ok(self.own().list_trace_matches(request).await?.into_inner().into())
    }

    pub async fn matches_of_case(&self, by: &Principal, case: Uuid) -> Asked {
        let request = self.call(by).request(get(&case.to_string()));
        Ok(self.own().list_case_matches(request).await?.into_inner().into())
    }

    pub async fn notices(&self, by: &Principal, query: &str) -> Asked {
        let request = ListRequest { parameters: parameters(query), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.own().list_notices(request).await?.into_inner().into())
    }

    pub async fn see(&self, by: &Principal, id: &str, data: Value) -> Asked {
        let request = self.call(by).request(write(id, &data));
        Ok(self.own().update_notice(request).await?.into_inner().into())
    }

    /// Waits until a trace finds, or no longer finds, a case; says how long that took.
    pub async fn until_found(&self, trace: &str, case: Uuid, is_found: bool) -> Duration {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            if self.potential(&ann(), trace).await.unwrap().cases().contains(&case) == is_found {
                return began.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the case is {} found", if is_found { "not" } else { "still" });
    }

    /// Looks for a while.
    pub async fn never_found(&self, trace: &str, case: Uuid) {
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let found = self.potential(&ann(), trace).await.unwrap().cases();
            assert!(!found.contains(&case), "it came back");
        }
    }

    /// Waits until somebody has so many notices.
    pub async fn until_notices(&self, by: &Principal, count: usize) -> Vec<Value> {
        let mut last = Vec::new();
        for _ in 0..400 {
            last.clone_from(self.notices(by, "").await.unwrap().data.as_array().unwrap());
            if last.len() == count {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{count} notices wanted: {last:?}");
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let read = |json: &[u8]| {
            if json.is_empty() { Value::Null } else { serde_json::from_slice(json).unwrap() }
        };
        let (data, metadata) = (read(&reply.data), read(&reply.metadata));
        Self { data, metadata, no_content: reply.no_content }
    }
}

impl Answer {
    /// Ids of a list's rows.
    pub fn ids(&self) -> Vec<&str> {
        self.data.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
    }

    /// Ids of the cases that were found.
    pub fn cases(&self) -> Vec<Uuid> {
        let found = self.data["potential_matches"].as_array().unwrap().iter();
        found.map(|one| one["case"]["id"].as_str().unwrap().parse().unwrap()).collect()
    }
}

/// The code of a refusal, as HTTP has it.
pub fn status(asked: Asked) -> u16 {
    match asked {
        Ok(_) => 200,
        Err(refusal) => refusal.code.http_status(),
    }
}

fn process(clock: &TestClock, db: &TestDb, bus: &TestBus) -> Process {
    let mut platform = Platform {
        internal: InternalSettings {
            internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
            internal_token_file: None,
        },
        ..Default::default()
    };
    platform.postgres.postgres_url = Some(Secret::new(db.runtime_url()));
    platform.nats.nats_url = Some(Secret::new(bus.url()));
    let ids = kit_serve::Ids::system(clock.clock());
    Process::try_new(platform, clock.clock(), ids).unwrap()
}

fn write(id: &str, data: &Value) -> WriteRequest {
    WriteRequest {
        id: id.to_owned(),
        data: data.to_string().into_bytes().into(),
        record_type: REQUEST.into(),
        ..Default::default()
    }
}

fn get(id: &str) -> GetRequest {
    GetRequest { id: id.to_owned(), parameters: vec![], record_type: REQUEST.into() }
}

fn parameters(query: &str) -> Vec<Parameter> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Parameter { name: name.to_owned(), value: value.to_owned() }
    };
    pairs.map(one).collect()
}
