//! The served crate against real Postgres and NATS, fed as the gateway feeds it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod boards;
mod million;
mod walls;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use kit_access::Principal;
use kit_bus::{Bus, Fact, Kind};
use kit_cabinet::catalogs::CatalogSource;
use kit_proto::common::v1::{GetRequest, ListRequest, Parameter, Reply};
use kit_proto::facts::v1::CallAudited;
use kit_proto::reporting::v1::{GetReadingRequest, Reading};
use kit_serve::{
    CallContext, Clock, InternalSettings, Platform, Process, Refusal, Secret, Service, Shared,
    Shutdown, SigningKey, Trigger, sign_principal,
};
use kit_test::{TestBus, TestDb};
use reporting::people::{PeopleSource, Person};
use reporting::{MIGRATIONS, Parts};
use serde_json::{Value, json};
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);

struct Names;

impl PeopleSource for Names {
    fn find(
        &self,
        _: Uuid,
        names: Vec<String>,
    ) -> BoxFuture<'_, anyhow::Result<HashMap<String, Person>>> {
        let person = |name: String| {
            let full_name = Some(format!("Full {name}"));
            (name, Person { full_name, role_name: Some("Worker".into()) })
        };
        let known = names.into_iter().filter(|name| name != "gone").map(person).collect();
        Box::pin(async move { Ok(known) })
    }
}

/// Forms as every tenant's.
#[derive(Default)]
struct Forms(kit_records::Catalog);

impl CatalogSource for Forms {
    fn fetch(
        &self,
        _: Uuid,
        newer_than: u64,
        _: u64,
    ) -> BoxFuture<'_, anyhow::Result<Option<kit_records::Catalog>>> {
        let catalog = self.0.clone();
        Box::pin(async move { Ok(Some(catalog).filter(|one| one.version > newer_than)) })
    }
}

pub struct Rig {
    shared: Shared,
    key: SigningKey,
    bus: Bus,
    db: TestDb,
    _trigger: Trigger,
    _bus: TestBus,
}

type Asked = Result<(Value, Value), Refusal>;

impl Rig {
    async fn start() -> Self {
        let db = TestDb::new("reporting", MIGRATIONS).await;
        let test_bus = TestBus::new().await;
        let mut platform = Platform {
            internal: InternalSettings {
                internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
                internal_token_file: None,
            },
            ..Default::default()
        };
        platform.postgres.postgres_url = Some(Secret::new(db.runtime_url()));
        platform.nats.nats_url = Some(Secret::new(test_bus.url()));
        let clock = Clock::system();
        let ids = kit_serve::Ids::system(clock.clone());
        platform.limits.reading_floor = 100;
        let process = Process::try_new(platform, clock, ids).unwrap();
        let shared = process.bind(Service::Reporting, None).await.unwrap();
        let key = SigningKey::from_bytes(&[3; 32]);
        shared.trust.set_keys(vec![key.verifying_key()]);
        let (trigger, shutdown) = Shutdown::new();
        let parts = Parts {
            store: db.store(),
            people: Arc::new(Names),
            catalogs: Arc::new(Forms(boards::catalog())),
        };
        let serving = reporting::serve(parts, shared.clone(), shutdown);
        tokio::spawn(async move { serving.await.unwrap() });
        let bus = Bus::connect(test_bus.url()).await.unwrap();
        Self { shared, key, bus, db, _trigger: trigger, _bus: test_bus }
    }

    /// Tells of a call; `second` after the epoch.
    async fn tell(&self, tenant: Uuid, second: i64, call: CallAudited) -> Fact {
        let fact = Fact {
            event_id: kit_test::fresh_id().to_string(),
            tenant: tenant.to_string(),
            stream: "audit".into(),
            recorded_at: second * 1_000_000,
            kind: Some(Kind::CallAudited(call)),
            ..Default::default()
        };
        self.publish(&fact).await;
        fact
    }

    async fn publish(&self, fact: &Fact) {
        self.publish_of("gateway", fact).await;
    }

    async fn publish_of(&self, service: &str, fact: &Fact) {
        while self.bus.publish(service, &fact.event_id, fact).await.is_err() {}
    }

    fn call(&self, tenant: Uuid, permissions: &[(&str, &str)]) -> CallContext {
        let mut principal = Principal {
            tenant,
            user_name: "root".into(),
            expires_at: i64::MAX,
            ..Default::default()
        };
        for (resource, action) in permissions {
            principal.permissions.entry((*resource).into()).or_default().push((*action).into());
        }
        let token = sign_principal(&self.key, &principal).unwrap();
        CallContext::principal(token, kit_test::fresh_id())
    }

    async fn logs(&self, query: &str) -> Asked {
        let call = self.call(TENANT, &[("audit_log", "read")]);
        let request =
            call.request(ListRequest { parameters: parameters(query), ..Default::default() });
        Ok(read(self.shared.peers.reporting().list_audit_logs(request).await?.get_ref()))
    }

    async fn access(&self, record: &str, query: &str) -> Asked {
        let call = self.call(TENANT, &[("case", "access_log")]);
        let message =
            GetRequest { id: record.into(), parameters: parameters(query), ..Default::default() };
        let request = call.request(message);
        Ok(read(self.shared.peers.reporting().list_access_log(request).await?.get_ref()))
    }

    async fn reading(&self, user_id: i64, hour: i64) -> (u64, u64) {
        let tenant = TENANT.to_string();
        let message = GetReadingRequest { tenant, user_id, hour };
        let call = self.shared.internal_call(Some(TENANT));
        let reply = self.shared.peers.reporting().get_reading(call.request(message)).await;
        let Reading { records, usual } = reply.unwrap().into_inner();
        (records, usual)
    }

    async fn alarms(&self, tenant: Uuid, query: &str) -> Asked {
        let call = self.call(tenant, &[("audit_log", "read")]);
        let request =
            call.request(ListRequest { parameters: parameters(query), ..Default::default() });
        Ok(read(self.shared.peers.reporting().list_reading_alarms(request).await?.get_ref()))
    }

    /// The alarms as soon as the newest has this value, or at last.
    async fn alarm_with(&self, query: &str, name: &str, value: Value) -> Value {
        let mut seen = json!(null);
        for _ in 0..200 {
            seen = self.alarms(TENANT, query).await.unwrap().0;
            if seen[0][name] == value {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        seen
    }

    async fn until(&self, total: i64) {
        for _ in 0..200 {
            if self.logs("").await.unwrap().1["total"] == total {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never {total} entries");
    }
}

fn read(reply: &Reply) -> (Value, Value) {
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    (json(&reply.data), json(&reply.metadata))
}

fn parameters(query: &str) -> Vec<Parameter> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let one = |(name, value): (&str, &str)| Parameter { name: name.into(), value: value.into() };
    pairs.map(one).collect()
}

fn audited(user_name: &str, action: &str, record_id: &str, status: u32) -> CallAudited {
    CallAudited {
        user_name: user_name.into(),
        user_id: i64::try_from(user_name.len()).unwrap(),
        action: action.into(),
        record_type: "child".into(),
        record_id: record_id.into(),
        display_id: "4c1d2ab".into(),
        resource_url: format!("/api/v2/cases/{record_id}"),
        remote_ip: "192.0.2.1".into(),
        agency_id: "1".into(),
        role_id: "2".into(),
        http_method: "GET".into(),
        status,
        ..Default::default()
    }
}

#[tokio::test]
async fn every_call_is_told_once_newest_first() {
    let rig = Rig::start().await;
    let fact = rig.tell(TENANT, 100, audited("ann", "show", "c1", 200)).await;
    rig.tell(TENANT, 200, audited("bobby", "update", "c1", 403)).await;
    rig.tell(OTHER, 150, audited("eve", "show", "c1", 200)).await;
    rig.publish(&fact).await;
    rig.until(2).await;
    let (data, metadata) = rig.logs("").await.unwrap();
    assert_eq!(metadata, json!({"total": 2, "per": 100, "page": 1}));
    assert_eq!((&data[0]["user_name"], &data[1]["user_name"]), (&json!("bobby"), &json!("ann")));
    for (name, value) in json!({
        "display_id": "4c1d2ab", "record_type": "child", "action": "show", "record_id": "c1",
        "resource_url": "/api/v2/cases/c1", "timestamp": "1970-01-01T00:01:40.000Z",
        "log_message": {"prefix": {"key": "logger.actions.show", "approval_type": null},
            "identifier": "Child '4c1d2ab'", "suffix": {"key": "logger.by_user", "user": "ann"}},
        "metadata": {"user_name": "ann", "remote_ip": "192.0.2.1", "agency_id": "1",
            "role_id": "2", "http_method": "GET", "record_ids": []},
    })
    .as_object()
    .unwrap()
    {
        assert_eq!(&data[1][name], value, "{name}");
    }
}

#[tokio::test]
async fn the_log_is_filtered_ordered_and_paged() {
    let rig = Rig::start().await;
    rig.tell(TENANT, 100, audited("ann", "show", "c1", 200)).await;
    rig.tell(TENANT, 200, audited("bobby", "update", "c1", 200)).await;
    let login = CallAudited { record_type: "user".into(), ..audited("ann", "login", "", 200) };
    rig.tell(TENANT, 300, login).await;
    rig.until(3).await;
    for (query, actions) in [
        ("user_name=ann", vec!["login", "show"]),
        ("audit_log_actions[0]=show&audit_log_actions[1]=update", vec!["update", "show"]),
        ("record_type[0]=user", vec!["login"]),
        ("from=1970-01-01T00:03:20Z", vec!["login", "update"]),
        ("to=1970-01-01T00:03:20Z", vec!["update", "show"]),
        ("from=1970-01-02", vec![]),
        ("order_by=timestamp&order=asc", vec!["show", "update", "login"]),
        ("order_by=user_name&order=desc", vec!["update", "login", "show"]),
        ("per=1&page=2", vec!["update"]),
        ("user_name=' OR true --", vec![]),
    ] {
        let (data, _) = rig.logs(query).await.unwrap();
        let told: Vec<&str> =
            data.as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
        assert_eq!(told, actions, "{query}");
    }
    for wrong in ["page=0", "from=yesterday"] {
        assert_eq!(rig.logs(wrong).await.unwrap_err().code.http_status(), 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_record_tells_who_saw_or_changed_it() {
    let rig = Rig::start().await;
    for (second, call) in [
        (100, audited("ann", "show", "c1", 200)),
        (200, audited("bobby", "update", "c1", 200)),
        (300, audited("bobby", "update", "c1", 403)),
        (400, audited("ann", "close", "c1", 200)),
        (500, audited("gone", "show", "c1", 200)),
        (600, audited("ann", "show", "c2", 200)),
    ] {
        rig.tell(TENANT, second, call).await;
    }
    rig.until(6).await;
    let (data, metadata) = rig.access("child/c1", "").await.unwrap();
    assert_eq!(metadata, json!({"total": 3, "per": 20, "page": 1}));
    assert_eq!((&data[0]["user_name"], &data[0]["full_name"]), (&json!("gone"), &json!(null)));
    assert_eq!(
        (&data[1]["full_name"], &data[1]["role_name"]),
        (&json!("Full bobby"), &json!("Worker"))
    );
    assert_eq!((&data[2]["record_type"], &data[2]["record_id"]), (&json!("cases"), &json!("c1")));
    let (data, _) = rig.access("cases/c1", "filters[actions][0]=close").await.unwrap();
    assert_eq!(data.as_array().unwrap().len(), 1);
    let (data, _) = rig.access("cases/c1", "filters[access_users][0]=5").await.unwrap();
    assert_eq!(data[0]["user_name"], "bobby");
    let (data, _) =
        rig.access("cases/c1", "filters[timestamp][from]=1970-01-01T00:05:00Z").await.unwrap();
    assert_eq!(data[0]["user_name"], "gone");
    assert_eq!(rig.access("people/c1", "").await.unwrap_err().code.http_status(), 404);
    let call = rig.call(TENANT, &[("case", "access_log")]);
    let request = call.request(GetRequest { id: "child/c1".into(), ..Default::default() });
    let users = rig.shared.peers.reporting().list_access_users(request).await.unwrap();
    let (users, _) = read(users.get_ref());
    assert_eq!((&users[0]["id"], &users[0]["user_name"]), (&json!(3), &json!("ann")));
    assert!(users[0]["last_seen"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(users.as_array().unwrap().len(), 3);
}

/// A list of so many records, shown to somebody.
fn shown(user_name: &str, records_read: u32) -> CallAudited {
    CallAudited { records_read, ..audited(user_name, "list", "", 200) }
}

#[tokio::test]
async fn who_reads_far_more_than_usual_raises_one_alarm_an_hour() {
    const HOUR: i64 = 3600;
    let rig = Rig::start().await;
    rig.bus.stream("reporting").await.unwrap();
    let mut overheard = rig.bus.overhear("reporting").await.unwrap();
    // bobby always reads 60 an hour, ann next to nothing; then both read 250.
    for hour in 0..5 {
        rig.tell(TENANT, hour * HOUR, shown("bobby", 60)).await;
        rig.tell(TENANT, hour * HOUR, shown("ann", 1)).await;
    }
    for part in 0..5 {
        for name in ["bobby", "ann"] {
            rig.tell(TENANT, 5 * HOUR + part, shown(name, 50)).await;
        }
    }
    let again = rig.tell(OTHER, 5 * HOUR, shown("eve", 90)).await;
    rig.publish(&again).await;
    rig.until(20).await;
    let next = tokio::time::timeout(Duration::from_secs(10), overheard.next()).await;
    let fact = next.expect("no alarm was told").unwrap();
    let Some(Kind::ReadingAlarmRaised(raised)) = fact.kind else { panic!("{fact:?}") };
    assert_eq!((raised.user_name.as_str(), raised.user_id, raised.limit), ("ann", 3, 100));
    assert_eq!(raised.hour, 5 * HOUR);

    let seen = rig.alarm_with("", "records_read", json!(250)).await;
    assert_eq!(seen.as_array().unwrap().len(), 1, "{seen}");
    for (name, value) in json!({
        "user_name": "ann", "user_id": 3, "hour": "1970-01-01T05:00:00.000Z", "usual": 1,
        "limit": 100, "records_read": 250, "stopped": false,
    })
    .as_object()
    .unwrap()
    {
        assert_eq!(&seen[0][name], value, "{name}");
    }
    assert_eq!(rig.reading(3, 5 * HOUR).await, (250, 1));
    assert_eq!(rig.reading(5, 5 * HOUR).await, (250, 60), "bobby is as usual");
    assert_eq!(rig.reading(5, 9 * HOUR).await, (0, 60));

    // At its end nothing more is shown; still the same alarm.
    rig.tell(TENANT, 5 * HOUR + 9, shown("ann", 300)).await;
    let seen = rig.alarm_with("user_name=ann", "stopped", json!(true)).await;
    assert_eq!((&seen[0]["stopped"], &seen[0]["records_read"]), (&json!(true), &json!(550)));
    assert_eq!(seen.as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(rig.alarms(OTHER, "").await.unwrap().1["total"], 0);
    assert_eq!(rig.alarms(TENANT, "user_name=bobby").await.unwrap().1["total"], 0);
    let stranger = rig.call(TENANT, &[("case", "read")]).request(ListRequest::default());
    let refused = rig.shared.peers.reporting().list_reading_alarms(stranger).await.unwrap_err();
    assert_eq!(Refusal::from(refused), Refusal::forbidden());
}

#[tokio::test]
async fn logs_are_for_those_who_may_see_them() {
    let rig = Rig::start().await;
    let reporting = || rig.shared.peers.reporting();
    let stranger = rig.call(TENANT, &[("case", "read")]);
    let logs = reporting().list_audit_logs(stranger.request(ListRequest::default())).await;
    assert_eq!(Refusal::from(logs.unwrap_err()), Refusal::forbidden());
    let access = GetRequest { id: "child/c1".into(), ..Default::default() };
    let access = reporting().list_access_log(stranger.request(access)).await;
    assert_eq!(Refusal::from(access.unwrap_err()), Refusal::forbidden());
    let activity = reporting().list_activity_log(stranger.request(ListRequest::default())).await;
    assert_eq!(Refusal::from(activity.unwrap_err()), Refusal::forbidden());
    let manager = rig.call(TENANT, &[("activity_log", "manage")]);
    let activity = reporting().list_activity_log(manager.request(ListRequest::default())).await;
    let (data, metadata) = read(activity.unwrap().get_ref());
    assert_eq!((data, metadata), (json!([]), json!({"total": 0})));
    let other = rig.call(OTHER, &[("audit_log", "read")]);
    rig.tell(TENANT, 100, audited("ann", "show", "c1", 200)).await;
    rig.until(1).await;
    let logs = reporting().list_audit_logs(other.request(ListRequest::default())).await.unwrap();
    assert_eq!(read(logs.get_ref()).1["total"], 0);
    let admin = rig.db.admin().await;
    let sql = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'audit_entry'";
    assert!(admin.query_one(sql, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn people_are_told_by_when_they_last_did_something() {
    use kit_proto::reporting::v1::{GetActivityRequest, UserActivity};
    let rig = Rig::start().await;
    let login = CallAudited { record_type: "user".into(), ..audited("ann", "login", "", 200) };
    for (second, call) in [
        (100, audited("ann", "show", "c1", 200)),
        (200, audited("ann", "update", "c1", 200)),
        (300, login),
        (400, audited("ann", "update", "c2", 403)),
        (500, audited("bobby", "show", "c1", 404)),
        (600, audited("carla", "show", "c1", 200)),
    ] {
        rig.tell(TENANT, second, call).await;
    }
    rig.tell(OTHER, 700, audited("ann", "show", "c1", 200)).await;
    rig.until(6).await;
    let ask = |names: &[&str]| GetActivityRequest {
        tenant: TENANT.to_string(),
        user_names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let internal = rig.shared.internal_call(Some(TENANT));
    let request = internal.request(ask(&["ann", "bobby", "nobody"]));
    let reply = rig.shared.peers.reporting().get_activity(request).await.unwrap();
    let ann = UserActivity {
        user_name: "ann".into(),
        last_access: 300_000_000,
        last_case_viewed: 100_000_000,
        last_case_updated: 200_000_000,
    };
    assert_eq!(reply.into_inner().users, [ann], "refused calls do not count");
    let person = rig.call(TENANT, &[("audit_log", "read"), ("user", "read")]);
    let refused = rig.shared.peers.reporting().get_activity(person.request(ask(&["ann"]))).await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::Unauthenticated, "services alone ask");
}
