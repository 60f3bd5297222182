//! A served identity with a small configuration beside it, and people who call it.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use identity::{ActivitySource, CatalogSource, MIGRATIONS, Parts, Paths, Settings};
use kit_access::Principal;
use kit_proto::common::v1::{
    DeleteRequest, GetRequest, ListRequest, Parameter, Reply, WriteRequest,
};
use kit_proto::identity::v1::identity_client::IdentityClient;
use kit_proto::identity::v1::{
    AuthenticateReply, AuthenticateRequest, ChangeTenantRequest, DeviceRequest, ListReadersRequest,
    OpenTenantRequest, Readers, SignInRequest, SignOutRequest, Tenant,
};
use kit_proto::reporting::v1::UserActivity;
use kit_records::{Catalog, Form, Module};
use kit_serve::{
    Call, CallContext, Channel, Code, Ids, InternalSettings, Platform, Process, Refusal, Secret,
    Service, Shared, Shutdown, TestClock, Trigger,
};
use kit_test::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

pub const MODULE: &str = "primeromodule-cp";
pub const PASSWORD: &str = "Long-enough-1";

/// Configuration, as far as identity asks it.
#[derive(Default)]
pub struct Configured(pub Mutex<Catalog>);

impl CatalogSource for Configured {
    fn newer(
        &self,
        _: &Call,
        _: Uuid,
        than: u64,
    ) -> BoxFuture<'static, Result<Option<Catalog>, Refusal>> {
        let catalog = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(Some(catalog).filter(|one| one.version > than)) })
    }

    fn places(
        &self,
        _: &Call,
        _: Uuid,
        codes: Vec<String>,
    ) -> BoxFuture<'static, Result<Paths, Refusal>> {
        // As with the places of a census: each code begins with that of the place above.
        let path =
            |code: &String| (2..=code.len()).step_by(2).map(|to| code[..to].into()).collect();
        let paths = codes.iter().map(|code| (code.clone(), path(code))).collect();
        Box::pin(async move { Ok(paths) })
    }
}

/// Reporting, as far as identity asks it.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<UserActivity>>);

impl ActivitySource for Told {
    fn of(
        &self,
        _: &Call,
        _: Uuid,
        names: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<UserActivity>, Refusal>> {
        let told = self.0.lock().unwrap().clone();
        let asked = told.into_iter().filter(|one| names.contains(&one.user_name)).collect();
        Box::pin(async move { Ok(asked) })
    }
}

/// One or more running identities over one database.
pub struct Rig {
    pub db: TestDb,
    pub clock: TestClock,
    pub catalog: Arc<Configured>,
    pub told: Arc<Told>,
    pub shared: Shared,
    pub settings: Settings,
    triggers: Vec<Trigger>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    pub tenant: Uuid,
    pub session: String,
    pub principal: Principal,
    context: CallContext,
    client: IdentityClient<Channel>,
}

impl Rig {
    pub async fn start() -> Self {
        let db = TestDb::new("identity", MIGRATIONS).await;
        let clock = TestClock::new("2026-03-01T08:00:00Z".parse().unwrap());
        let settings = Settings {
            identity_hash_memory: 8_192,
            identity_hash_passes: 1,
            ..Settings::default()
        };
        let catalog = Arc::new(Configured(Mutex::new(catalog())));
        let told = Arc::<Told>::default();
        let parts = parts(&db, &catalog, &told);
        let (shared, trigger) = serve(parts, &clock, &settings).await;
        Self { db, clock, catalog, told, shared, settings, triggers: vec![trigger] }
    }

    /// Another process over the same database.
    pub async fn another(&mut self) -> Shared {
        let parts = parts(&self.db, &self.catalog, &self.told);
        let (shared, trigger) = serve(parts, &self.clock, &self.settings).await;
        self.triggers.push(trigger);
        shared
    }

    pub fn client(&self) -> IdentityClient<Channel> {
        self.shared.peers.identity()
    }

    pub fn internal(&self) -> CallContext {
        self.shared.internal_call(None)
    }

    pub async fn try_open(&self, name: &str, host: &str) -> Result<Tenant, Refusal> {
        let message = OpenTenantRequest {
            name: name.into(),
            display_name: name.to_uppercase(),
            hosts: vec![host.into()],
            locales: vec!["en".into(), "fr".into(), "ar".into()],
            administrator_user_name: "Chief".into(),
            administrator_password: PASSWORD.into(),
            command_id: String::new(),
        };
        let opened = self.client().open_tenant(self.internal().request(message)).await;
        Ok(opened.map_err(Refusal::from)?.into_inner())
    }

    /// Opens a tenant; its administrator is `chief`.
    pub async fn open(&self, name: &str) -> Uuid {
        let tenant = self.try_open(name, &format!("{name}.example.org")).await.unwrap();
        tenant.id.parse().unwrap()
    }

    pub async fn try_sign_in(
        &self,
        tenant: Uuid,
        name: &str,
        password: &str,
    ) -> Result<Person, Refusal> {
        self.sign_in_at(&self.shared, tenant, name, password).await
    }

    pub async fn sign_in_with(
        &self,
        tenant: Uuid,
        name: &str,
        password: &str,
        otp: &str,
    ) -> Result<Person, Refusal> {
        self.signed_in(&self.shared, tenant, name, password, otp).await
    }

    /// The person with a principal of now, as the gateway asks for every few seconds.
    pub async fn refreshed(&self, person: &Person) -> Person {
        let message = AuthenticateRequest {
            tenant: person.tenant.to_string(),
            session: person.session.clone(),
            ..AuthenticateRequest::default()
        };
        let reply = self.authenticate(&self.shared, message).await.unwrap();
        Person {
            principal: serde_json::from_slice(&reply.principal).unwrap(),
            context: CallContext::principal(reply.token, Uuid::nil()),
            ..person.clone()
        }
    }

    pub async fn sign_in_at(
        &self,
        shared: &Shared,
        tenant: Uuid,
        name: &str,
        password: &str,
    ) -> Result<Person, Refusal> {
        self.signed_in(shared, tenant, name, password, "").await
    }

    async fn signed_in(
        &self,
        shared: &Shared,
        tenant: Uuid,
        name: &str,
        password: &str,
        otp: &str,
    ) -> Result<Person, Refusal> {
        let message = SignInRequest {
            tenant: tenant.to_string(),
            user_name: name.into(),
            password: password.into(),
            otp: otp.into(),
            ..SignInRequest::default()
        };
        let mut client = shared.peers.identity();
        let reply =
            client.sign_in(self.internal().request(message)).await.map_err(Refusal::from)?;
        let reply = reply.into_inner();
        let caller = reply.caller.unwrap();
        Ok(Person {
            tenant,
            session: reply.session,
            principal: serde_json::from_slice(&caller.principal).unwrap(),
            context: CallContext::principal(caller.token, Uuid::nil()),
            client,
        })
    }

    pub async fn sign_in(&self, tenant: Uuid, name: &str) -> Person {
        self.try_sign_in(tenant, name, PASSWORD).await.unwrap()
    }

    /// Opens a tenant and signs its administrator in.
    pub async fn chief(&self) -> Person {
        let tenant = self.open("relief").await;
        self.sign_in(tenant, "chief").await
    }

    pub async fn authenticate(
        &self,
        shared: &Shared,
        message: AuthenticateRequest,
    ) -> Result<AuthenticateReply, Refusal> {
        let mut client = shared.peers.identity();
        let reply = client.authenticate(self.internal().request(message)).await;
        Ok(reply.map_err(Refusal::from)?.into_inner())
    }

    /// The principal of a session as it is now, at any process.
    pub async fn still(&self, shared: &Shared, person: &Person) -> Result<Principal, Refusal> {
        let message = AuthenticateRequest {
            tenant: person.tenant.to_string(),
            session: person.session.clone(),
            ..AuthenticateRequest::default()
        };
        let reply = self.authenticate(shared, message).await?;
        Ok(serde_json::from_slice(&reply.principal).unwrap())
    }

    /// The same, for whoever only looks whether it is still so.
    pub async fn watched(&self, person: &Person) -> Result<Principal, Refusal> {
        let message = AuthenticateRequest {
            tenant: person.tenant.to_string(),
            session: person.session.clone(),
            watching: true,
            ..AuthenticateRequest::default()
        };
        let reply = self.authenticate(&self.shared, message).await?;
        Ok(serde_json::from_slice(&reply.principal).unwrap())
    }

    pub async fn basic(
        &self,
        tenant: Uuid,
        name: &str,
        password: &str,
    ) -> Result<Principal, Refusal> {
        self.basic_with(tenant, name, password, "").await
    }

    pub async fn basic_with(
        &self,
        tenant: Uuid,
        name: &str,
        password: &str,
        otp: &str,
    ) -> Result<Principal, Refusal> {
        let message = AuthenticateRequest {
            tenant: tenant.to_string(),
            user_name: name.into(),
            password: password.into(),
            otp: otp.into(),
            ..AuthenticateRequest::default()
        };
        let reply = self.authenticate(&self.shared, message).await?;
        Ok(serde_json::from_slice(&reply.principal).unwrap())
    }

    pub async fn sign_out(&self, person: &Person) -> String {
        let message =
            SignOutRequest { tenant: person.tenant.to_string(), session: person.session.clone() };
        let reply = self.client().sign_out(self.internal().request(message)).await.unwrap();
        reply.into_inner().user_name
    }

    /// What a device is told before anyone signed in.
    pub async fn device_order(&self, tenant: Uuid, secret: &str) -> Value {
        let request = self.internal().request(device(tenant, secret));
        data(&self.client().get_device_order(request).await.unwrap().into_inner())
    }

    /// A device says that it kept nothing.
    pub async fn confirm_wipe(&self, tenant: Uuid, secret: &str) -> Answer {
        let request = self.internal().request(device(tenant, secret));
        Ok(data(&self.client().confirm_wipe(request).await.map_err(Refusal::from)?.into_inner()))
    }

    /// Everybody who may read a record of this scope.
    pub async fn readers(&self, tenant: Uuid, record_type: &str, scope: Value) -> Readers {
        let message = ListReadersRequest {
            tenant: tenant.to_string(),
            record_type: record_type.to_owned(),
            scope: scope.to_string().into(),
        };
        let reply = self.client().list_readers(self.internal().request(message)).await;
        reply.unwrap().into_inner()
    }

    /// Moves the clock on.
    pub fn wait(&self, minutes: i64) {
        self.clock.advance(jiff::SignedDuration::from_mins(minutes));
    }
}

fn device(tenant: Uuid, secret: &str) -> DeviceRequest {
    DeviceRequest { tenant: tenant.to_string(), secret: secret.to_owned(), user_id: 0 }
}

/// What identity stands on in tests.
pub fn parts(db: &TestDb, catalog: &Arc<Configured>, told: &Arc<Told>) -> Parts {
    let catalogs = Arc::<Configured>::clone(catalog);
    let activity = Arc::<Told>::clone(told);
    Parts { pool: db.pool(), keys: db.keys().cache(), catalogs, activity }
}

async fn serve(parts: Parts, clock: &TestClock, settings: &Settings) -> (Shared, Trigger) {
    let internal = InternalSettings {
        internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
        internal_token_file: None,
    };
    let platform = Platform { internal, ..Platform::default() };
    let process = Process::try_new(platform, clock.clock(), Ids::system(clock.clock())).unwrap();
    let shared = process.bind(Service::Identity, None).await.unwrap();
    let (trigger, shutdown) = Shutdown::new();
    tokio::spawn(identity::serve_parts(settings.clone(), parts, shared.clone(), shutdown));
    (shared, trigger)
}

fn catalog() -> Catalog {
    let form = |unique_id: &str, modules: &[&str]| Form {
        unique_id: unique_id.into(),
        parent_form: "case".into(),
        visible: true,
        module_ids: modules.iter().map(|one| (*one).into()).collect(),
        ..Form::default()
    };
    let module =
        |id, unique_id: &str| Module { id, unique_id: unique_id.into(), ..Module::default() };
    let settings = json!({"reporting_location_config": {
        "field_key": "owned_by_location", "admin_level": 2, "admin_level_map": {"1": ["province"], "2": ["district"]}}});
    Catalog {
        version: 1,
        locales: vec!["en".into(), "fr".into(), "ar".into()],
        modules: vec![module(1, MODULE), module(2, "primeromodule-gbv")],
        forms: vec![
            form("basic", &[MODULE]),
            form("notes", &[MODULE]),
            form("gbv", &["primeromodule-gbv"]),
        ],
        settings: settings.as_object().unwrap().clone(),
        ..Catalog::default()
    }
}

/// What a service answered, as JSON.
pub type Answer = Result<Value, Refusal>;

pub fn data(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.data).unwrap_or(Value::Null)
}

macro_rules! calls {
    ($(list $list:ident; )* $(get $get:ident; )* $(write $write:ident; )* $(delete $delete:ident;)*) => {
        impl Person {
            $(pub async fn $list(&self, query: &str) -> Result<(Vec<Value>, Value), Refusal> {
                let message = ListRequest { parameters: parameters(query), ..Default::default() };
                let reply = self.client.clone().$list(self.context.request(message)).await;
                let reply = reply.map_err(Refusal::from)?.into_inner();
                let metadata = serde_json::from_slice(&reply.metadata).unwrap_or(Value::Null);
                Ok((data(&reply).as_array().cloned().unwrap_or_default(), metadata))
            })*
            $(pub async fn $get(&self, id: impl ToString, query: &str) -> Answer {
                let message =
                    GetRequest {
                        id: id.to_string(),
                        parameters: parameters(query),
                        ..Default::default()
                    };
                let reply = self.client.clone().$get(self.context.request(message)).await;
                Ok(data(&reply.map_err(Refusal::from)?.into_inner()))
            })*
            $(pub async fn $write(&self, id: impl ToString, body: Value) -> Answer {
                let message = WriteRequest {
                    id: id.to_string(),
                    data: body.to_string().into(),
                    ..WriteRequest::default()
                };
                let reply = self.client.clone().$write(self.context.request(message)).await;
                Ok(data(&reply.map_err(Refusal::from)?.into_inner()))
            })*
            $(pub async fn $delete(&self, id: impl ToString) -> Answer {
                let message = DeleteRequest { id: id.to_string(), ..DeleteRequest::default() };
                let reply = self.client.clone().$delete(self.context.request(message)).await;
                Ok(data(&reply.map_err(Refusal::from)?.into_inner()))
            })*
        }
    };
}

calls! {
    list list_users; list list_roles; list list_user_groups; list list_agencies;
    list list_saved_searches; list list_identified_users; list sign_out_everywhere;
    list list_devices;
    get get_user; get get_role; get get_user_group; get get_agency; get get_code_of_conduct;
    get get_second_factor; get list_user_devices; get get_recovery_key;
    write create_user; write update_user; write update_users; write request_password_reset;
    write message_users; write create_role; write update_role; write create_user_group;
    write update_user_group; write create_agency; write update_agency;
    write begin_second_factor; write confirm_second_factor; write renew_recovery_codes;
    write reauthenticate; write create_code_of_conduct; write create_saved_search;
    write register_device; write order_wipe; write recover_key;
    delete delete_user; delete delete_role; delete delete_user_group; delete delete_agency;
    delete delete_saved_search; delete reset_second_factor; delete remove_second_factor;
}

impl Person {
    /// A device of somebody else's is to wipe itself.
    pub async fn order_user_wipe(&self, user: &Value, device: &Value) -> Answer {
        let message = WriteRequest {
            id: user.to_string(),
            part_id: device.as_str().unwrap_or_default().to_owned(),
            ..WriteRequest::default()
        };
        let reply = self.client.clone().order_user_wipe(self.context.request(message)).await;
        Ok(data(&reply.map_err(Refusal::from)?.into_inner()))
    }

    /// The whole reply of a write, under a command id.
    pub async fn create_user_as(&self, command: Uuid, body: Value) -> Result<Reply, Refusal> {
        let message = WriteRequest {
            data: body.to_string().into(),
            command_id: command.to_string(),
            ..WriteRequest::default()
        };
        let reply = self.client.clone().create_user(self.context.request(message)).await;
        Ok(reply.map_err(Refusal::from)?.into_inner())
    }

    /// A role with these permissions; answers its unique id.
    pub async fn role(&self, name: &str, scope: &str, permissions: Value) -> String {
        let unique_id = format!("role-{name}");
        let body = json!({"unique_id": unique_id, "name": name, "group_permission": scope,
            "module_unique_ids": [MODULE], "permissions": permissions});
        self.create_role("", body).await.unwrap();
        unique_id
    }

    pub async fn group(&self, name: &str) -> String {
        let unique_id = format!("usergroup-{name}");
        let body = json!({"unique_id": unique_id, "name": name});
        self.create_user_group("", body).await.unwrap();
        unique_id
    }

    pub async fn agency(&self, code: &str) -> i64 {
        let body = json!({"agency_code": code, "name": {"en": code}});
        self.create_agency("", body).await.unwrap()["id"].as_i64().unwrap()
    }

    /// As nobody of an organisation may.
    pub async fn change_tenant(&self, message: ChangeTenantRequest) -> Result<(), Refusal> {
        self.client.clone().change_tenant(self.context.request(message)).await?;
        Ok(())
    }

    /// A user with this role in these groups; answers their number.
    pub async fn user(&self, name: &str, role: &str, groups: &[&str]) -> i64 {
        let user = self.create_user("", user_body(self, name, role, groups).await).await;
        user.unwrap()["id"].as_i64().unwrap()
    }
}

impl Person {
    /// The answer of `GET /permissions`.
    pub async fn list_permissions_document(&self) -> Value {
        let request = self.context.request(ListRequest::default());
        let reply = self.client.clone().list_permissions(request).await.unwrap();
        data(&reply.into_inner())
    }
}

/// A good body for a new user.
pub async fn user_body(by: &Person, name: &str, role: &str, groups: &[&str]) -> Value {
    let (agencies, _) = by.list_agencies("per=1").await.unwrap();
    json!({"user_name": name, "full_name": format!("Full {name}"), "agency_id": agencies[0]["id"],
        "email": format!("{}@example.org", name.to_lowercase()), "role_unique_id": role, "user_group_unique_ids": groups,
        "password": PASSWORD, "password_confirmation": PASSWORD, "locale": "en"})
}

/// `a=b&c[]=d`, decoded already.
fn parameters(query: &str) -> Vec<Parameter> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| Parameter { name: name.into(), value: value.into() })
        .collect()
}

/// The details of a refusal, in order.
pub fn details(refusal: &Refusal) -> Value {
    refusal.errors.iter().map(|error| json!(error.detail)).collect()
}

/// The code of an answer that has to be a refusal.
pub fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Code {
    answer.unwrap_err().code
}
