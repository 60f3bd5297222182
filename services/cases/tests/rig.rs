//! A served cases service, a catalog, people, and callers of every kind.

mod forms;
mod marks;
mod principals;

use std::sync::{Arc, Mutex};

use cases::catalogs::CatalogSource;
use cases::people::{PeopleSource, Person, Reader};
use cases::{MIGRATIONS, Parts};
use futures_util::future::BoxFuture;
use kit_access::{Principal, Reach};
use kit_bus::{Bus, Fact, Kind};
use kit_proto::common::v1::{
    DeleteRequest, GetRequest, ListRequest, Parameter, Reply, WriteRequest,
};
use kit_proto::records::v1::records_client::RecordsClient;
use kit_proto::records::v1::{ImportRecordsRequest, ImportedRecord};
use kit_records::{Catalog, Record, RecordType};
use kit_serve::{
    CallContext, Channel, InternalSettings, Platform, Process, Refusal, Secret, Service, Shared,
    Shutdown, SigningKey, TestClock, Trigger, sign_principal,
};
use kit_test::{TestBus, TestDb};
use serde_json::{Value, json};
use uuid::Uuid;

pub use forms::catalog;
pub use principals::{limited, manager, nobody, reader, root, searcher, worker_a, worker_b};

pub const TENANT: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0007);
/// The record type of all calls here.
const CASE: &str = "case";
pub const MODULE: &str = "primeromodule-cp";

/// Configuration and identity, as far as cases asks them.
#[derive(Debug, Default)]
pub struct Others {
    pub catalog: Mutex<Catalog>,
    pub people: Mutex<Vec<Person>>,
    /// Everyone whom identity would judge.
    pub principals: Mutex<Vec<Principal>>,
}

impl CatalogSource for Others {
    fn fetch(
        &self,
        _: Uuid,
        newer_than: u64,
        _: u64,
    ) -> BoxFuture<'_, anyhow::Result<Option<Catalog>>> {
        let catalog = self.catalog.lock().unwrap().clone();
        Box::pin(async move { Ok(Some(catalog).filter(|one| one.version > newer_than)) })
    }
}

impl PeopleSource for Others {
    fn find(&self, _: Uuid, names: Vec<String>) -> BoxFuture<'_, anyhow::Result<Vec<Person>>> {
        let people = self.people.lock().unwrap().clone();
        Box::pin(async move {
            Ok(people.into_iter().filter(|one| names.contains(&one.user_name)).collect())
        })
    }

    fn readers(
        &self,
        _: Uuid,
        record_type: RecordType,
        scope: Record,
    ) -> BoxFuture<'_, anyhow::Result<Vec<Reader>>> {
        let people = self.principals.lock().unwrap().clone();
        Box::pin(async move {
            let judged = people.into_iter().filter_map(|one| {
                let reach = Reach::of(&one, record_type);
                let reads = one.may(record_type.as_str(), "read") && reach.covers(&scope);
                let through = reach.through(&scope);
                reads.then(|| Reader {
                    through: through.map(|term| (term.field.into(), term.value.clone())).collect(),
                    all: reach == Reach::All,
                    forms: Arc::new(one.forms),
                    user_name: one.user_name,
                    full_name: one.full_name,
                    role: one.role,
                })
            });
            Ok(judged.collect())
        })
    }
}

/// The service under test.
pub struct Rig {
    pub db: TestDb,
    pub bus: TestBus,
    pub others: Arc<Others>,
    pub clock: TestClock,
    pub shared: Shared,
    key: SigningKey,
    trigger: Trigger,
}

fn parts(db: &TestDb, others: &Arc<Others>) -> Parts {
    Parts {
        store: db.store(),
        keys: db.keys().cache(),
        catalogs: others.clone(),
        people: others.clone(),
        shredder: Arc::new(db.keys().clone()),
    }
}

/// An answer: its JSON and what travels beside it.
#[derive(Debug)]
pub struct Answer {
    pub data: Value,
    pub metadata: Value,
    pub no_content: bool,
    pub version: u64,
    pub record_ids: Vec<String>,
}

type Asked = Result<Answer, Refusal>;

impl Rig {
    pub async fn start() -> Self {
        let db = TestDb::new("cases", MIGRATIONS).await;
        let bus = TestBus::new().await;
        let others = Arc::new(Others::default());
        *others.catalog.lock().unwrap() = catalog();
        *others.people.lock().unwrap() = people();
        // A real day: what is signed has to be good for the guard as well.
        let clock = TestClock::new("2026-01-31T09:05:07.123Z".parse().unwrap());
        let process = process(&clock, &db, &bus);
        let shared = process.bind(Service::Cases, None).await.unwrap();
        let key = SigningKey::from_bytes(&[3; 32]);
        shared.trust.set_keys(vec![key.verifying_key()]);
        let (trigger, shutdown) = Shutdown::new();
        tokio::spawn(cases::serve(parts(&db, &others), shared.clone(), shutdown));
        Self { db, bus, others, clock, shared, key, trigger }
    }

    /// Stops the service.
    pub fn stop(&self) {
        self.trigger.stop();
    }

    /// Another process's store over the same database.
    pub fn store(&self) -> kit_store::Store {
        cases::store(parts(&self.db, &self.others))
    }

    /// Says something as another service.
    pub async fn tell(&self, service: &str, id: &str, version: u64, kind: Kind) {
        let bus = Bus::connect(self.bus.url()).await.unwrap();
        let fact = Fact {
            event_id: kit_test::fresh_id().to_string(),
            tenant: TENANT.to_string(),
            stream: format!("x-{id}"),
            version,
            kind: Some(kind),
            ..Default::default()
        };
        while bus.publish(service, id, &fact).await.is_err() {}
    }

    /// What identity would vouch for a caller with.
    pub fn token(&self, principal: &Principal) -> bytes::Bytes {
        sign_principal(&self.key, principal).unwrap()
    }

    fn call(&self, principal: &Principal) -> CallContext {
        CallContext::principal(self.token(principal), kit_test::fresh_id())
    }

    pub async fn create_of(&self, record_type: &str, by: &Principal, data: Value) -> Asked {
        self.write_of(record_type, by, "", data).await
    }

    pub async fn patch_of(
        &self,
        record_type: &str,
        by: &Principal,
        id: &str,
        data: Value,
    ) -> Asked {
        self.write_of(record_type, by, id, data).await
    }

    async fn write_of(&self, record_type: &str, by: &Principal, id: &str, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = WriteRequest {
            id: id.to_owned(),
            data: bytes(&data),
            record_type: record_type.to_owned(),
            ..Default::default()
        };
        let request = self.call(by).request(request);
        let mut records = self.records();
        let reply = if id.is_empty() {
            records.create_record(request).await?
        } else {
            records.update_record(request).await?
        };
        Ok(reply.into_inner().into())
    }

    pub async fn get_of(&self, record_type: &str, by: &Principal, id: &str) -> Asked {
        let request = GetRequest { record_type: record_type.to_owned(), ..get(id, "") };
        let request = self.call(by).request(request);
        Ok(self.records().get_record(request).await?.into_inner().into())
    }

    pub async fn list_of(&self, record_type: &str, by: &Principal, query: &str) -> Asked {
        let request = ListRequest { record_type: record_type.to_owned(), ..list(query) };
        let request = self.call(by).request(request);
        Ok(self.records().list_records(request).await?.into_inner().into())
    }

    pub async fn history_of(&self, record_type: &str, by: &Principal, id: &str) -> Asked {
        let request = GetRequest { record_type: record_type.to_owned(), ..get(id, "") };
        let request = self.call(by).request(request);
        Ok(self.records().list_record_history(request).await?.into_inner().into())
    }

    /// Merges a case into another.
    pub async fn merge(&self, by: &Principal, id: &str, data: Value) -> Asked {
        let request = self.written(by, id, &data);
        Ok(self.shared.peers.cases().merge_cases(request).await?.into_inner().into())
    }

    /// Takes a merge back.
    pub async fn unmerge(&self, by: &Principal, id: &str, other: &str) -> Asked {
        let request = self.written(by, id, &json!({"case_id": other}));
        Ok(self.shared.peers.cases().unmerge_cases(request).await?.into_inner().into())
    }

    /// Cases that may be of the child of a body.
    pub async fn similar(&self, by: &Principal, data: Value) -> Asked {
        let request = self.written(by, "", &data);
        Ok(self.shared.peers.cases().find_similar_cases(request).await?.into_inner().into())
    }

    /// The likely duplicates of a case.
    pub async fn duplicates(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id, ""));
        Ok(self.shared.peers.cases().list_duplicates_of_case(request).await?.into_inner().into())
    }

    /// All likely duplicates that a caller hears of.
    pub async fn all_duplicates(&self, by: &Principal) -> Asked {
        let request = self.call(by).request(list(""));
        Ok(self.shared.peers.cases().list_duplicates(request).await?.into_inner().into())
    }

    /// Says whether another case is of the same child.
    pub async fn judge(&self, by: &Principal, id: &str, data: Value) -> Asked {
        let request = self.written(by, id, &data);
        Ok(self.shared.peers.cases().judge_duplicate(request).await?.into_inner().into())
    }

    fn written(&self, by: &Principal, id: &str, data: &Value) -> tonic::Request<WriteRequest> {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let (id, data) = (id.to_owned(), bytes(data));
        self.call(by).request(WriteRequest { id, data, ..Default::default() })
    }

    /// A case for a member of a family.
    pub async fn case_of_family(&self, by: &Principal, request: WriteRequest) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = self.call(by).request(request);
        let reply = self.shared.peers.cases().create_case_from_family(request).await?;
        Ok(reply.into_inner().into())
    }

    /// A case for a relative of a case's child.
    pub async fn family_of_case(&self, by: &Principal, request: WriteRequest) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = self.call(by).request(request);
        Ok(self.shared.peers.cases().create_family_case(request).await?.into_inner().into())
    }

    fn records(&self) -> RecordsClient<Channel> {
        self.shared.peers.records(Service::Cases)
    }

    pub async fn create(&self, by: &Principal, data: Value) -> Asked {
        self.write(by, WriteRequest { data: bytes(&data), ..Default::default() }, true).await
    }

    /// A case of `by` that surely exists.
    pub async fn case(&self, by: &Principal, mut data: Value) -> String {
        data["module_id"] = json!(MODULE);
        let answer = self.create(by, data).await.unwrap();
        answer.data["id"].as_str().unwrap().to_owned()
    }

    pub async fn patch(&self, by: &Principal, id: &str, data: Value) -> Asked {
        self.patch_as(by, id, data, "", 0).await
    }

    pub async fn patch_as(
        &self,
        by: &Principal,
        id: &str,
        data: Value,
        record_action: &str,
        base_version: u64,
    ) -> Asked {
        let request = WriteRequest {
            id: id.to_owned(),
            data: bytes(&data),
            record_action: record_action.to_owned(),
            base_version,
            ..Default::default()
        };
        self.write(by, request, false).await
    }

    pub async fn write(&self, by: &Principal, mut request: WriteRequest, new: bool) -> Asked {
        // No two saves of one person fall on the same instant.
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let mut records = self.records();
        request.record_type = CASE.into();
        let request = self.call(by).request(request);
        let reply = if new {
            records.create_record(request).await?
        } else {
            records.update_record(request).await?
        };
        Ok(reply.into_inner().into())
    }

    pub async fn settle(&self, by: &Principal, id: &str, data: Value) -> Asked {
        let request = WriteRequest {
            id: id.to_owned(),
            data: bytes(&data),
            record_type: CASE.into(),
            ..Default::default()
        };
        let request = self.call(by).request(request);
        Ok(self.records().settle_conflict(request).await?.into_inner().into())
    }

    pub async fn conflicts(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id, ""));
        Ok(self.records().list_conflicts(request).await?.into_inner().into())
    }

    pub async fn get(&self, by: &Principal, id: &str) -> Asked {
        self.get_with(by, id, "").await
    }

    pub async fn get_with(&self, by: &Principal, id: &str, query: &str) -> Asked {
        let request = self.call(by).request(get(id, query));
        Ok(self.records().get_record(request).await?.into_inner().into())
    }

    pub async fn identified(&self, by: &Principal) -> Asked {
        let request = self.call(by).request(get("", ""));
        Ok(self.shared.peers.cases().get_identified_case(request).await?.into_inner().into())
    }

    pub async fn disable(&self, by: &Principal, id: &str) -> Asked {
        let request =
            DeleteRequest { id: id.to_owned(), record_type: CASE.into(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().disable_record(request).await?.into_inner().into())
    }

    pub async fn list(&self, by: &Principal, query: &str) -> Asked {
        let request = self.call(by).request(list(query));
        Ok(self.records().list_records(request).await?.into_inner().into())
    }

    pub async fn tasks(&self, by: &Principal, query: &str) -> Asked {
        let request = self.call(by).request(list(query));
        Ok(self.shared.peers.cases().list_tasks(request).await?.into_inner().into())
    }

    pub async fn history(&self, by: &Principal, id: &str, query: &str) -> Asked {
        let request = self.call(by).request(get(id, query));
        Ok(self.records().list_record_history(request).await?.into_inner().into())
    }

    /// What a device keeps of the caller's records.
    pub async fn sync(&self, by: &Principal, data: Value) -> Asked {
        let data = bytes(&data);
        let request = WriteRequest { data, record_type: CASE.into(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().sync_records(request).await?.into_inner().into())
    }

    /// How many cases each value of some filters leads to.
    pub async fn counts(&self, by: &Principal, query: &str) -> Asked {
        self.counts_of(CASE, by, query).await
    }

    pub async fn counts_of(&self, record_type: &str, by: &Principal, query: &str) -> Asked {
        let request = ListRequest { record_type: record_type.to_owned(), ..list(query) };
        let request = self.call(by).request(request);
        Ok(self.records().count_records(request).await?.into_inner().into())
    }

    /// Takes over whole cases.
    pub async fn import(&self, user_name: &str, data: Vec<Value>) {
        let at: jiff::Timestamp = "2026-01-30T09:00:00Z".parse().unwrap();
        let record = |data: &Value| ImportedRecord {
            id: kit_test::fresh_id().to_string(),
            at_unix_us: at.as_microsecond(),
            user_name: user_name.to_owned(),
            data: bytes(data),
        };
        let records = data.iter().map(record).collect();
        let message = ImportRecordsRequest { record_type: CASE.into(), records };
        let request = self.shared.internal_call(Some(TENANT)).request(message);
        let reply = self.records().import_records(request).await.unwrap().into_inner();
        assert_eq!((reply.stored, reply.refused), (data.len() as u64, vec![]));
    }

    /// Open conflicts of all cases.
    pub async fn all_conflicts(&self, by: &Principal, query: &str) -> Asked {
        let request = self.call(by).request(list(query));
        Ok(self.records().list_open_conflicts(request).await?.into_inner().into())
    }

    /// Who can see a case.
    pub async fn visibility(&self, by: &Principal, id: &str, query: &str) -> Asked {
        let request = self.call(by).request(get(id, query));
        Ok(self.records().list_visibility(request).await?.into_inner().into())
    }

    pub async fn request_erasure(&self, by: &Principal, mut data: Value) -> Asked {
        let record_type = data["record_type"].take().as_str().unwrap_or_default().to_owned();
        let request = WriteRequest { data: bytes(&data), record_type, ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().request_erasure(request).await?.into_inner().into())
    }

    pub async fn approve_erasure(&self, by: &Principal, id: &str) -> Asked {
        let request = WriteRequest { id: id.to_owned(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().approve_erasure(request).await?.into_inner().into())
    }

    pub async fn refuse_erasure(&self, by: &Principal, id: &str) -> Asked {
        let request = DeleteRequest { id: id.to_owned(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().refuse_erasure(request).await?.into_inner().into())
    }

    pub async fn get_erasure(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id, ""));
        Ok(self.records().get_erasure(request).await?.into_inner().into())
    }

    pub async fn list_erasures(&self, by: &Principal, query: &str) -> Asked {
        let request = self.call(by).request(list(query));
        Ok(self.records().list_erasures(request).await?.into_inner().into())
    }

    pub async fn access(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id, ""));
        Ok(self.records().check_access_log(request).await?.into_inner().into())
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let read = |json: &[u8]| {
            if json.is_empty() { Value::Null } else { serde_json::from_slice(json).unwrap() }
        };
        Self {
            data: read(&reply.data),
            metadata: read(&reply.metadata),
            no_content: reply.no_content,
            version: reply.version,
            record_ids: reply.record_ids,
        }
    }
}

impl Answer {
    /// Ids of a list's rows.
    pub fn ids(&self) -> Vec<&str> {
        self.data.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
    }

    pub fn total(&self) -> usize {
        self.metadata["total"].as_u64().unwrap().try_into().unwrap()
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

fn bytes(data: &Value) -> bytes::Bytes {
    data.to_string().into_bytes().into()
}

fn list(query: &str) -> ListRequest {
    ListRequest { parameters: parameters(query), record_type: CASE.into() }
}

fn get(id: &str, query: &str) -> GetRequest {
    GetRequest { id: id.to_owned(), parameters: parameters(query), record_type: CASE.into() }
}

/// `a=1&b[0]=2`, not encoded.
pub fn parameters(query: &str) -> Vec<Parameter> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Parameter { name: name.to_owned(), value: value.to_owned() }
    };
    pairs.map(one).collect()
}

/// The code of a refusal, as HTTP has it.
pub fn status(asked: Asked) -> u16 {
    match asked {
        Ok(_) => 200,
        Err(refusal) => refusal.code.http_status(),
    }
}

fn people() -> Vec<Person> {
    let one = |name: &str, agency: &str, group: &str| Person {
        user_name: name.to_owned(),
        version: 1,
        user_id: 1,
        agency: Some(agency.to_owned()),
        groups: vec![group.to_owned()],
        ..Person::default()
    };
    vec![
        one("worker_a", "agency-a", "group-a"),
        one("worker_b", "agency-b", "group-b"),
        one("manager", "agency-a", "group-a"),
        one("root", "agency-a", "group-a"),
        Person { disabled: true, ..one("gone", "agency-a", "group-a") },
    ]
}
