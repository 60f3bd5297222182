//! A served configuration service with a database of its own, and callers of every kind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use configuration::{
    Answer, App, MIGRATIONS, Organisation, OrganisationPart, OrganisationPort, OrganisationProblem,
};
use kit_access::Principal;
use kit_proto::common::v1::{
    DeleteRequest, GetRequest, ListRequest, Parameter, Reply, WriteRequest,
};
use kit_proto::configuration::v1::configuration_client::ConfigurationClient;
use kit_proto::configuration::v1::{
    FormsWorkbook, GetCatalogRequest, InstallConfigurationReply, InstallConfigurationRequest,
};
use kit_records::Catalog;
use kit_serve::{
    CallContext, Channel, Clock, Code, Ids, InternalSettings, Platform, Process, Refusal, Secret,
    Service, Shared, Shutdown, SigningKey, Texts, Trigger, sign_principal,
};
use kit_test::{TestDb, fresh_id};
use serde_json::{Value, json};
use uuid::Uuid;

/// What identity would remember: the only part of the system that is not here.
#[derive(Default)]
pub struct People {
    pub parts: Mutex<Vec<(Uuid, OrganisationPart)>>,
    pub grants: Mutex<Vec<(Uuid, String, String)>>,
    pub problems: Mutex<Vec<OrganisationProblem>>,
    pub away: Mutex<bool>,
    /// What applying anything would change, as far as identity is asked.
    pub changes: Mutex<Vec<String>>,
}

impl OrganisationPort for People {
    fn describe(&self, _: Uuid) -> Answer<'_, Organisation> {
        Box::pin(async {
            let agencies = vec![json!({"unique_id": "agency-x"})];
            Ok(Organisation { agencies, ..Organisation::default() })
        })
    }

    fn export(&self, tenant: Uuid) -> Answer<'_, [Vec<Value>; 3]> {
        let parts = self.parts.lock().unwrap();
        let last = parts.iter().rev().find(|(of, _)| *of == tenant).map(|(_, part)| part.clone());
        let last = last.unwrap_or_default();
        Box::pin(async { Ok([last.agencies, last.user_groups, last.roles]) })
    }

    fn check(&self, _: Uuid, _: OrganisationPart) -> Answer<'_, Vec<OrganisationProblem>> {
        let problems = self.problems.lock().unwrap().clone();
        Box::pin(async { Ok(problems) })
    }

    fn changes(&self, _: Uuid, _: OrganisationPart) -> Answer<'_, Vec<String>> {
        let changes = self.changes.lock().unwrap().clone();
        Box::pin(async { Ok(changes) })
    }

    fn apply(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<OrganisationProblem>> {
        let away = *self.away.lock().unwrap();
        if !away {
            self.parts.lock().unwrap().push((tenant, part));
        }
        Box::pin(async move { if away { Err(Refusal::unavailable()) } else { Ok(vec![]) } })
    }

    fn grant_form(&self, tenant: Uuid, role: String, form: String) -> Answer<'_, ()> {
        self.grants.lock().unwrap().push((tenant, role, form));
        Box::pin(async { Ok(()) })
    }
}

pub struct Rig {
    pub shared: Shared,
    pub people: Arc<People>,
    pub app: App,
    pub db: TestDb,
    key: SigningKey,
    trigger: Trigger,
}

/// Someone who calls.
#[derive(Clone)]
pub struct Caller {
    context: CallContext,
    client: ConfigurationClient<Channel>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.trigger.stop();
    }
}

impl Rig {
    pub async fn start() -> Self {
        let db = TestDb::new("configuration", MIGRATIONS).await;
        let platform = Platform {
            internal: InternalSettings {
                internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
                internal_token_file: None,
            },
            ..Platform::default()
        };
        let ids = Ids::system(Clock::system());
        let process = Process::try_new(platform, Clock::system(), ids).unwrap();
        let shared = process.bind(Service::Configuration, None).await.unwrap();
        let key = SigningKey::from_bytes(&[3; 32]);
        shared.trust.set_keys(vec![key.verifying_key()]);
        let people = Arc::new(People::default());
        let store = configuration::store(db.store());
        let port: Arc<dyn OrganisationPort> = people.clone();
        let app = App::new(store, port, shared.clock.clone(), shared.ids.clone());
        let (trigger, shutdown) = Shutdown::new();
        let (served, serving) = (app.clone(), shared.clone());
        tokio::spawn(async move { configuration::serve(served, &serving, shutdown).await });
        Self { shared, people, app, db, key, trigger }
    }

    /// A tenant with the standard configuration.
    pub async fn tenant(&self) -> Uuid {
        let tenant = fresh_id();
        self.install(tenant, b"").await.unwrap();
        tenant
    }

    pub async fn install(&self, tenant: Uuid, snapshot: &[u8]) -> Result<Value, Refusal> {
        let message = InstallConfigurationRequest {
            tenant: tenant.to_string(),
            snapshot: snapshot.to_vec().into(),
            ..InstallConfigurationRequest::default()
        };
        let request = self.shared.internal_call(Some(tenant)).request(message);
        let reply = self.client().install_configuration(request).await?.into_inner();
        Ok(serde_json::from_slice(&reply.warnings).unwrap())
    }

    /// As the operator asks, over and over.
    pub async fn deliver(
        &self,
        tenant: Uuid,
        snapshot: &Value,
        agreement: &str,
    ) -> Result<InstallConfigurationReply, Refusal> {
        let message = InstallConfigurationRequest {
            tenant: tenant.to_string(),
            snapshot: serde_json::to_vec(snapshot).unwrap().into(),
            actor: "operator".into(),
            follow: true,
            agreement: agreement.into(),
            ..InstallConfigurationRequest::default()
        };
        let request = self.shared.internal_call(Some(tenant)).request(message);
        Ok(self.client().install_configuration(request).await?.into_inner())
    }

    pub fn client(&self) -> ConfigurationClient<Channel> {
        self.shared.peers.configuration()
    }

    /// A caller with these permissions.
    pub fn caller(&self, tenant: Uuid, permissions: &[(&str, &str)], epoch: u64) -> Caller {
        let mut granted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (resource, action) in permissions {
            granted.entry((*resource).to_owned()).or_default().push((*action).to_owned());
        }
        let principal = Principal {
            tenant,
            user_name: "conf_root".into(),
            role: "role-root".into(),
            permissions: granted,
            epoch,
            expires_at: i64::from(u32::MAX),
            ..Principal::default()
        };
        let token = sign_principal(&self.key, &principal).unwrap();
        let context = CallContext::principal(token, fresh_id());
        Caller { context, client: self.client() }
    }

    /// May do everything that this service offers.
    pub fn root(&self, tenant: Uuid) -> Caller {
        self.root_of_epoch(tenant, u64::MAX)
    }

    pub fn root_of_epoch(&self, tenant: Uuid, epoch: u64) -> Caller {
        let all =
            [("metadata", "manage"), ("system", "manage"), ("primero_configuration", "manage")];
        self.caller(tenant, &all, epoch)
    }

    /// May only restyle.
    pub fn restricted(&self, tenant: Uuid) -> Caller {
        self.caller(tenant, &[("metadata", "manage_restricted")], u64::MAX)
    }

    /// May nothing in particular.
    pub fn worker(&self, tenant: Uuid) -> Caller {
        self.caller(tenant, &[("case", "read")], u64::MAX)
    }

    pub async fn catalog(&self, tenant: Uuid, epoch: u64) -> Catalog {
        let message = GetCatalogRequest { tenant: tenant.to_string(), newer_than: 0, epoch };
        let request = self.shared.internal_call(Some(tenant)).request(message);
        let reply = self.client().get_catalog(request).await.unwrap().into_inner();
        let catalog: Catalog = serde_json::from_slice(&reply.json).unwrap();
        assert_eq!(catalog.version, reply.version);
        catalog
    }
}

macro_rules! calls {
    ($($name:ident: $kind:ident;)*) => {$(calls!(@$kind $name);)*};
    (@list $name:ident) => {
        pub async fn $name(&self, query: &[(&str, &str)]) -> Result<Value, Refusal> {
            let parameters = query.iter().map(parameter).collect();
            let request = self.context.request(ListRequest { parameters, ..Default::default() });
            whole(self.client.clone().$name(request).await)
        }
    };
    (@get $name:ident) => {
        pub async fn $name(&self, id: impl ToString) -> Result<Value, Refusal> {
            let message = GetRequest { id: id.to_string(), ..Default::default() };
            whole(self.client.clone().$name(self.context.request(message)).await)
        }
    };
    (@create $name:ident) => {
        pub async fn $name(&self, data: Value) -> Result<Value, Refusal> {
            let message = write("", &data);
            whole(self.client.clone().$name(self.context.request(message)).await)
        }
    };
    (@update $name:ident) => {
        pub async fn $name(&self, id: impl ToString, data: Value) -> Result<Value, Refusal> {
            let message = write(&id.to_string(), &data);
            whole(self.client.clone().$name(self.context.request(message)).await)
        }
    };
    (@delete $name:ident) => {
        pub async fn $name(&self, id: impl ToString) -> Result<Value, Refusal> {
            let message = DeleteRequest { id: id.to_string(), ..DeleteRequest::default() };
            whole(self.client.clone().$name(self.context.request(message)).await)
        }
    };
}

/// Each answers `{"data", "metadata", "no_content"}`.
impl Caller {
    calls! {
        list_forms: list;
        get_form: get;
        create_form: create;
        export_forms: list;
        update_form: update;
        delete_form: delete;
        list_lookups: list;
        get_lookup: get;
        create_lookup: create;
        update_lookup: update;
        delete_lookup: delete;
        list_locations: list;
        get_location: get;
        create_location: create;
        update_location: update;
        delete_location: delete;
        update_locations: create;
        import_locations: create;
        list_modules: list;
        get_module: get;
        update_module: update;
        get_contact_information: get;
        update_contact_information: create;
        list_configurations: list;
        get_configuration: get;
        create_configuration: create;
        apply_configuration: update;
        delete_configuration: delete;
        export_configuration: get;
    }

    /// The file behind the address that `export_forms` answers.
    pub async fn forms_workbook(&self, query: &[(&str, &str)]) -> Result<FormsWorkbook, Refusal> {
        let parameters = query.iter().map(parameter).collect();
        let request = self.context.request(ListRequest { parameters, ..Default::default() });
        Ok(self.client.clone().get_forms_workbook(request).await?.into_inner())
    }

    pub async fn settings(&self, extended: bool) -> Value {
        let parameters = vec![parameter(&("extended", if extended { "true" } else { "false" }))];
        let message = GetRequest { parameters, ..Default::default() };
        let reply = self.client.clone().get_system_settings(self.context.request(message)).await;
        whole(reply).unwrap()["data"].clone()
    }

    /// A write under a command id, with the version of the catalog that it led to.
    pub async fn create_form_as(&self, command_id: Uuid, data: &Value) -> (Value, u64) {
        let message = WriteRequest { command_id: command_id.to_string(), ..write("", data) };
        let reply = self.client.clone().create_form(self.context.request(message)).await.unwrap();
        let version = reply.metadata().get("amparo-catalog-version").unwrap();
        let version = version.to_str().unwrap().parse().unwrap();
        (whole(Ok(reply)).unwrap()["data"].clone(), version)
    }

    pub async fn create_lookup_as(&self, command_id: Uuid, data: &Value) -> Value {
        let message = WriteRequest { command_id: command_id.to_string(), ..write("", data) };
        let reply = self.client.clone().create_lookup(self.context.request(message)).await;
        whole(reply).unwrap()["data"].clone()
    }

    pub async fn create_location_as(&self, command_id: Uuid, data: &Value) -> Value {
        let message = WriteRequest { command_id: command_id.to_string(), ..write("", data) };
        let reply = self.client.clone().create_location(self.context.request(message)).await;
        whole(reply).unwrap()["data"].clone()
    }

    pub async fn raw_create_form(&self, data: &[u8]) -> Result<Value, Refusal> {
        let message = WriteRequest { data: data.to_vec().into(), ..WriteRequest::default() };
        whole(self.client.clone().create_form(self.context.request(message)).await)
    }
}

fn parameter((name, value): &(&str, &str)) -> Parameter {
    Parameter { name: (*name).to_owned(), value: (*value).to_owned() }
}

fn write(id: &str, data: &Value) -> WriteRequest {
    let data = serde_json::to_vec(data).unwrap().into();
    WriteRequest { id: id.to_owned(), data, ..WriteRequest::default() }
}

fn whole(reply: Result<tonic::Response<Reply>, tonic::Status>) -> Result<Value, Refusal> {
    let reply = reply?.into_inner();
    let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    Ok(json!({
        "data": parse(&reply.data),
        "metadata": parse(&reply.metadata),
        "no_content": reply.no_content,
    }))
}

/// The details of a 422, as they are in the answer.
pub fn details(refused: Result<Value, Refusal>) -> Vec<String> {
    let refusal = refused.unwrap_err();
    assert_eq!(refusal.code.http_status(), 422, "{refusal:?}");
    let detail = |texts: &Texts| match texts {
        Texts::One(text) => vec![text.clone()],
        Texts::Many(texts) => texts.clone(),
    };
    refusal.errors.iter().filter_map(|one| one.detail.as_ref()).flat_map(detail).collect()
}

/// The code of a refusal.
pub fn code(refused: Result<Value, Refusal>) -> Code {
    refused.unwrap_err().code
}
