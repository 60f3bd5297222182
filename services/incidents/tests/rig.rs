//! A served incidents service, a catalog, people, cases of others, and callers of every kind.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use incidents::cases::{CaseSource, card};
use incidents::catalogs::CatalogSource;
use incidents::people::{PeopleSource, Person};
use incidents::{MIGRATIONS, Parts};
use incidents_domain::CaseCard;
use kit_access::{FormAccess, Principal, Scope};
use kit_bus::{Bus, Fact, Kind};
use kit_proto::cases::v1::NoteIncidentRequest;
use kit_proto::common::v1::{
    DeleteRequest, GetRequest, ListRequest, Parameter, Reply, WriteRequest,
};
use kit_proto::facts::v1::{CaseChanged, RecordErased};
use kit_records::Catalog;
use kit_serve::{
    Call, CallContext, InternalSettings, Platform, Process, Refusal, Secret, Service, Shared,
    Shutdown, SigningKey, TestClock, Trigger, sign_principal,
};
use kit_test::{TestBus, TestDb};
use serde_json::{Value, json};
use uuid::Uuid;

pub const TENANT: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0007);
pub const MODULE: &str = "primeromodule-cp";
const INCIDENT: &str = "incident";

/// Configuration, identity and cases, as far as incidents asks them.
#[derive(Debug, Default)]
pub struct Others {
    pub catalog: Mutex<Catalog>,
    pub people: Mutex<Vec<Person>>,
    /// Cases, and who reaches them.
    pub cases: Mutex<HashMap<Uuid, (Value, Vec<String>)>>,
    /// Cases that are erased right after they were asked for once.
    pub fleeting: Mutex<Vec<Uuid>>,
    /// What cases were told of incidents.
    pub noted: Mutex<Vec<NoteIncidentRequest>>,
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
}

impl CaseSource for Others {
    fn find<'a>(&'a self, call: &'a Call, id: &'a str) -> BoxFuture<'a, Result<CaseCard, Refusal>> {
        Box::pin(async move {
            let user = &call.principal()?.user_name;
            let mut cases = self.cases.lock().unwrap();
            let id: Option<Uuid> = id.parse().ok();
            let is_fleeting = id.is_some_and(|id| self.fleeting.lock().unwrap().contains(&id));
            let found =
                id.and_then(
                    |id| {
                        if is_fleeting { cases.remove(&id) } else { cases.get(&id).cloned() }
                    },
                );
            let (case, readers) = found.ok_or_else(|| Refusal::not_found("Couldn't find Child"))?;
            if !readers.contains(user) {
                return Err(Refusal::forbidden());
            }
            Ok(card(case.as_object().unwrap().clone()).unwrap())
        })
    }

    fn note(&self, _: Uuid, told: NoteIncidentRequest) -> BoxFuture<'_, Result<(), Refusal>> {
        self.noted.lock().unwrap().push(told);
        Box::pin(async { Ok(()) })
    }
}

/// The service under test.
pub struct Rig {
    pub db: TestDb,
    pub bus: TestBus,
    pub others: Arc<Others>,
    pub clock: TestClock,
    shared: Shared,
    key: SigningKey,
    trigger: Trigger,
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
        let db = TestDb::new("incidents", MIGRATIONS).await;
        let others = Arc::new(Others::default());
        *others.catalog.lock().unwrap() = catalog();
        *others.people.lock().unwrap() = people();
        Self::over(db, TestBus::new().await, others).await
    }

    /// The service over what is there.
    async fn over(db: TestDb, bus: TestBus, others: Arc<Others>) -> Self {
        // A real day: what is signed has to be good for the guard as well.
        let clock = TestClock::new("2026-01-31T09:05:07.123Z".parse().unwrap());
        let process = process(&clock, &db, &bus);
        let shared = process.bind(Service::Incidents, None).await.unwrap();
        let key = SigningKey::from_bytes(&[3; 32]);
        shared.trust.set_keys(vec![key.verifying_key()]);
        let (trigger, shutdown) = Shutdown::new();
        let served =
            incidents::serve(parts(&db, &others), others.clone(), shared.clone(), shutdown);
        tokio::spawn(served);
        Self { db, bus, others, clock, shared, key, trigger }
    }

    /// Another process's store over the same database.
    pub fn store(&self) -> kit_store::Store {
        incidents::store(parts(&self.db, &self.others), self.others.clone())
    }

    /// A case of `owner` that `readers` reach.
    pub fn case(&self, owner: &str, readers: &[&str], mut case: Value) -> Uuid {
        let id = kit_test::fresh_id();
        case["id"] = json!(id);
        case["owned_by"] = json!(owner);
        case["case_id_display"] = json!("SY-1234567");
        case["module_id"] = json!(MODULE);
        let readers = readers.iter().map(|one| (*one).to_owned()).collect();
        self.others.cases.lock().unwrap().insert(id, (case, readers));
        id
    }

    /// Cases tells that a case has an owner since.
    pub async fn tell_owner(&self, case: Uuid, version: u64, owner: &str) {
        let changed = CaseChanged {
            case_id: case.to_string(),
            action: "updated".into(),
            facets: json!({ "owned_by": owner }).to_string().into_bytes().into(),
            changed_fields: vec!["owned_by".into()],
            ..Default::default()
        };
        self.tell(case, version, Kind::CaseChanged(changed)).await;
    }

    /// Cases tells that a case was merged into another, or that this was taken back.
    pub async fn tell_merge(
        &self,
        case: Uuid,
        version: u64,
        into: Option<(Uuid, &str)>,
        owner: &str,
    ) {
        let mut facets = json!({ "owned_by": owner });
        if let Some((kept, their_owner)) = into {
            facets["merged_into"] = json!(kept);
            facets["merged_into_display_id"] = json!("K-1");
            facets["merged_into_owned_by"] = json!(their_owner);
        }
        let changed = CaseChanged {
            case_id: case.to_string(),
            action: if into.is_some() { "merged" } else { "restored" }.into(),
            facets: facets.to_string().into_bytes().into(),
            changed_fields: vec!["merged_into".into()],
            ..Default::default()
        };
        self.tell(case, version, Kind::CaseChanged(changed)).await;
    }

    async fn tell(&self, case: Uuid, version: u64, kind: Kind) {
        let fact = Fact {
            event_id: kit_test::fresh_id().to_string(),
            tenant: TENANT.to_string(),
            stream: format!("case-{case}"),
            version,
            actor: "manager".into(),
            kind: Some(kind),
            ..Default::default()
        };
        let bus = Bus::connect(self.bus.url()).await.unwrap();
        while bus.publish("cases", &case.to_string(), &fact).await.is_err() {}
    }

    /// Cases tells that a case was erased; whoever asks finds it no more.
    pub async fn erase_case(&self, case: Uuid, version: u64) {
        self.others.cases.lock().unwrap().remove(&case);
        let erased = RecordErased {
            record_type: "case".into(),
            record_id: case.to_string(),
            ..Default::default()
        };
        self.tell(case, version, Kind::RecordErased(erased)).await;
    }

    fn call(&self, principal: &Principal) -> CallContext {
        let token = sign_principal(&self.key, principal).unwrap();
        CallContext::principal(token, kit_test::fresh_id())
    }

    fn records(&self) -> kit_proto::records::v1::records_client::RecordsClient<kit_serve::Channel> {
        self.shared.peers.records(Service::Incidents)
    }

    pub async fn create(&self, by: &Principal, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request =
            WriteRequest { data: bytes(&data), record_type: INCIDENT.into(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().create_record(request).await?.into_inner().into())
    }

    /// An incident of `by` that surely exists.
    pub async fn incident(&self, by: &Principal, mut data: Value) -> String {
        data["module_id"] = json!(MODULE);
        let answer = self.create(by, data).await.unwrap();
        answer.data["id"].as_str().unwrap().to_owned()
    }

    pub async fn patch(&self, by: &Principal, id: &str, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = WriteRequest {
            id: id.to_owned(),
            data: bytes(&data),
            record_type: INCIDENT.into(),
            ..Default::default()
        };
        let request = self.call(by).request(request);
        Ok(self.records().update_record(request).await?.into_inner().into())
    }

    pub async fn get(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id));
        Ok(self.records().get_record(request).await?.into_inner().into())
    }

    pub async fn history(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id));
        Ok(self.records().list_record_history(request).await?.into_inner().into())
    }

    pub async fn disable(&self, by: &Principal, id: &str) -> Asked {
        let request =
            DeleteRequest { id: id.to_owned(), record_type: INCIDENT.into(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().disable_record(request).await?.into_inner().into())
    }

    pub async fn list(&self, by: &Principal, query: &str) -> Asked {
        let request = ListRequest { parameters: parameters(query), record_type: INCIDENT.into() };
        let request = self.call(by).request(request);
        Ok(self.records().list_records(request).await?.into_inner().into())
    }

    pub async fn request_erasure(&self, by: &Principal, id: &str) -> Asked {
        let data = json!({"record_id": id, "reason": "legal_order"});
        let request =
            WriteRequest { data: bytes(&data), record_type: INCIDENT.into(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().request_erasure(request).await?.into_inner().into())
    }

    pub async fn approve_erasure(&self, by: &Principal, id: &str) -> Asked {
        let request = WriteRequest { id: id.to_owned(), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.records().approve_erasure(request).await?.into_inner().into())
    }

    pub async fn get_erasure(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id));
        Ok(self.records().get_erasure(request).await?.into_inner().into())
    }

    pub async fn list_erasures(&self, by: &Principal) -> Asked {
        let request = self.call(by).request(ListRequest::default());
        Ok(self.records().list_erasures(request).await?.into_inner().into())
    }

    /// As the keyring does when it reads its journal.
    pub async fn destroy_key(&self, key: Uuid, note: Value) {
        kit_store::Shredder::destroy(self.db.keys(), TENANT, key, note).await.unwrap();
    }

    /// Another process over the same database, as after a start.
    pub async fn restart(self) -> Self {
        self.trigger.stop();
        Self::over(self.db, self.bus, self.others).await
    }

    pub async fn of_case(&self, by: &Principal, case: Uuid) -> Asked {
        let request = self.call(by).request(get(&case.to_string()));
        let reply = self.shared.peers.incidents().list_case_incidents(request).await?;
        Ok(reply.into_inner().into())
    }

    pub async fn new_of_case(&self, by: &Principal, case: Uuid) -> Asked {
        let request = self.call(by).request(get(&case.to_string()));
        Ok(self.shared.peers.incidents().get_new_incident(request).await?.into_inner().into())
    }

    pub async fn link(&self, by: &Principal, case: Uuid, data: Value) -> Asked {
        let request =
            WriteRequest { id: case.to_string(), data: bytes(&data), ..Default::default() };
        let request = self.call(by).request(request);
        Ok(self.shared.peers.incidents().link_incidents(request).await?.into_inner().into())
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

fn bytes(data: &Value) -> bytes::Bytes {
    data.to_string().into_bytes().into()
}

fn get(id: &str) -> GetRequest {
    GetRequest { id: id.to_owned(), parameters: vec![], record_type: INCIDENT.into() }
}

fn parameters(query: &str) -> Vec<Parameter> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Parameter { name: name.to_owned(), value: value.to_owned() }
    };
    pairs.map(one).collect()
}

fn principal(user_name: &str, scope: Scope, actions: &[&str]) -> Principal {
    let actions = actions.iter().map(|action| (*action).to_owned()).collect();
    Principal {
        tenant: TENANT,
        user_name: user_name.to_owned(),
        scope,
        agency: "agency-a".to_owned(),
        groups: vec!["group-a".to_owned()],
        modules: vec![MODULE.to_owned()],
        forms: BTreeMap::from([("basic".to_owned(), FormAccess::ReadWrite)]),
        permissions: BTreeMap::from([(INCIDENT.to_owned(), actions)]).into_iter().collect(),
        expires_at: i64::MAX,
        ..Default::default()
    }
}

const WORKER: [&str; 7] = [
    "read",
    "create",
    "write",
    "enable_disable_record",
    "change_log",
    "assign",
    "link_incident_to_case",
];

pub fn ann() -> Principal {
    principal("ann", Scope::Own, &WORKER)
}

pub fn bob() -> Principal {
    principal("bob", Scope::Own, &WORKER)
}

pub fn manager() -> Principal {
    principal("manager", Scope::Group, &["read"])
}

pub fn nobody() -> Principal {
    principal("nobody", Scope::Own, &[])
}

/// May do nothing with incidents, but register one from a case.
pub fn from_case_only() -> Principal {
    let mut one = principal("ann", Scope::Own, &[]);
    let actions = ["incident_from_case".to_owned()].into_iter().collect();
    one.permissions.insert("case".to_owned(), actions);
    one
}

fn people() -> Vec<Person> {
    let one = |name: &str| Person {
        user_name: name.to_owned(),
        version: 1,
        user_id: 1,
        agency: Some("agency-a".to_owned()),
        groups: vec!["group-a".to_owned()],
        ..Person::default()
    };
    ["ann", "bob", "carla", "manager"].map(one).to_vec()
}

fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind, "visible": true, "display_name": {"en": name}})
}

/// One form, and the case's fields that an incident takes over.
fn catalog() -> Catalog {
    let form = json!({
        "id": 1, "unique_id": "basic", "parent_form": INCIDENT, "visible": true,
        "module_ids": [MODULE],
        "fields": [
            field("incident_date", "date_field"),
            field("date_of_first_report", "date_field"),
            field("description", "textarea"),
            field("age", "numeric_field"),
            field("elapsed_reporting_time", "text_field"),
        ],
    });
    let module = json!({
        "unique_id": MODULE, "associated_record_types": ["case", INCIDENT],
        "field_map": {"map_to": MODULE, "fields": [{"source": "age", "target": "age"}]},
    });
    let catalog = json!({"version": 1, "modules": [module], "forms": [form]});
    serde_json::from_value(catalog).unwrap()
}
