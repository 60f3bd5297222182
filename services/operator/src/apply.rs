//! Fourth step, client required: the services and the API server are brought to what is wished.

use std::time::Duration;

use kit_proto::configuration::v1::InstallConfigurationRequest;
use kit_proto::identity::v1::{
    ChangeTenantRequest, OpenTenantRequest, Tenant as Opened, TenantRequest,
};
use kube::api::{Patch, PatchParams};

use crate::build::{Applied, Prepared, Resources, route_name};
use crate::definition::{ConfigurationStatus, TenantStatus};
use crate::office::{MANAGER, Office};
use crate::trouble::Trouble;
use crate::validate::{Content, Wish};

/// A large configuration takes a while.
const INSTALLING: Duration = Duration::from_mins(5);

/// What came of each part; a later one is not tried without those that it needs.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub opened: Result<Opened, Trouble>,
    pub routed: Result<Resources<Applied>, Trouble>,
    pub configured: Result<ConfigurationStatus, Trouble>,
}

impl Outcome {
    /// Nothing could be tried.
    pub fn nothing(trouble: &Trouble) -> Self {
        Self {
            opened: Err(trouble.clone()),
            routed: Err(trouble.clone()),
            configured: Err(trouble.clone()),
        }
    }

    /// Whether another try, without a change by anybody, may help.
    pub fn may_pass(&self) -> bool {
        let troubles = [
            self.opened.as_ref().err(),
            self.routed.as_ref().err(),
            self.configured.as_ref().err(),
        ];
        troubles.into_iter().flatten().any(|trouble| trouble.passing)
    }
}

/// Does all of it; safe to repeat from any point.
pub async fn apply(
    office: &Office,
    wish: &Wish,
    resources: Resources<Prepared>,
    before: Option<&TenantStatus>,
) -> Outcome {
    let opened = match open(office, wish).await {
        Ok(opened) => opened,
        Err(trouble) => return Outcome::nothing(&trouble),
    };
    let configured = match &wish.configuration {
        Ok(content) => configure(office, &opened, content, before).await,
        Err(trouble) => Err(trouble.clone()),
    };
    Outcome { routed: route(office, wish, resources).await, opened: Ok(opened), configured }
}

/// Opens the tenant, or finds it open, and lets people in or keeps them out.
async fn open(office: &Office, wish: &Wish) -> Result<Opened, Trouble> {
    let mut identity = office.shared.peers.identity();
    let call = office.shared.internal_call(None);
    let request = OpenTenantRequest {
        name: wish.name.clone(),
        display_name: wish.display_name.clone(),
        hosts: wish.hosts.clone(),
        locales: wish.locales.clone(),
        administrator_user_name: wish.administrator.clone(),
        administrator_password: wish
            .password
            .as_ref()
            .map(|password| password.reveal().to_owned())
            .unwrap_or_default(),
        command_id: String::new(),
    };
    let opened = identity.open_tenant(call.request(request)).await;
    let opened = opened.map_err(|status| unopened(wish, status))?.into_inner();
    let named = call.request(TenantRequest { name: wish.name.clone() });
    let opened = as_wished(office, opened, wish).await?;
    let changed = match (opened.status.as_str(), wish.suspended) {
        ("closed" | "destroyed", _) => {
            let message = "the tenant was closed for good; a new one needs another name";
            return Err(Trouble::lasting("Closed", message));
        }
        ("open", true) => identity.suspend_tenant(named).await,
        ("suspended", false) => identity.resume_tenant(named).await,
        _ => return Ok(opened),
    };
    let changed = changed.map_err(|status| Trouble::of_service("identity", status))?;
    Ok(changed.into_inner())
}

fn unopened(wish: &Wish, status: tonic::Status) -> Trouble {
    let trouble = Trouble::of_service("identity", status);
    if wish.password.is_none() && !trouble.passing {
        let message = "the Secret with the administrator's first password, or its key, is missing";
        return Trouble::passing("PasswordNotFound", message);
    }
    trouble
}

/// Brings what was opened, perhaps long ago, to what is wished now.
async fn as_wished(office: &Office, opened: Opened, wish: &Wish) -> Result<Opened, Trouble> {
    let sorted = |hosts: &[String]| {
        let mut hosts = hosts.to_vec();
        hosts.sort();
        hosts
    };
    let same = opened.display_name == wish.display_name
        && sorted(&opened.hosts) == sorted(&wish.hosts)
        && opened.locales == wish.locales;
    if same || matches!(opened.status.as_str(), "closed" | "destroyed") {
        return Ok(opened);
    }
    let request = ChangeTenantRequest {
        name: wish.name.clone(),
        display_name: Some(wish.display_name.clone()),
        hosts: wish.hosts.clone(),
        locales: wish.locales.clone(),
    };
    let call = office.shared.internal_call(None);
    let changed = office.shared.peers.identity().change_tenant(call.request(request)).await;
    Ok(changed.map_err(|status| Trouble::of_service("identity", status))?.into_inner())
}

async fn route(
    office: &Office,
    wish: &Wish,
    resources: Resources<Prepared>,
) -> Result<Resources<Applied>, Trouble> {
    if let (Some(object), Some((api, _))) = (&resources.route, office.routes()) {
        let force = PatchParams::apply(MANAGER).force();
        let sent = api.patch(&route_name(&wish.name), &force, &Patch::Apply(object)).await;
        sent.map_err(|error| of_api(&error))?;
    }
    Ok(resources.applied())
}

/// What the API server answered; it names objects and fields.
pub fn of_api(error: &kube::Error) -> Trouble {
    match error {
        kube::Error::Api(status) if status.code < 500 && status.code != 429 => {
            Trouble::lasting("RouteRefused", status.message.clone())
        }
        _ => Trouble::passing("ApiUnreachable", "the API server does not answer"),
    }
}

/// Installs once; what was installed is what the status says.
async fn configure(
    office: &Office,
    opened: &Opened,
    content: &Content,
    before: Option<&TenantStatus>,
) -> Result<ConfigurationStatus, Trouble> {
    let known = before.and_then(|status| status.configuration.as_ref());
    match known {
        Some(known) if known.digest == content.digest => return Ok(known.clone()),
        Some(_) => {
            let message = "a configuration is installed once; people change it in the program";
            return Err(Trouble::lasting("InstalledOtherwise", message));
        }
        None => {}
    }
    let id = opened.id.parse().map_err(|_broken| {
        Trouble::passing("Unreachable", "identity answered without the tenant's id")
    })?;
    let call = office.shared.internal_call(Some(id)).with_timeout(INSTALLING);
    let request = InstallConfigurationRequest {
        tenant: opened.id.clone(),
        snapshot: content.snapshot.clone().into(),
        locales: opened.locales.clone(),
        actor: "operator".into(),
    };
    let mut configuration = office.shared.peers.configuration();
    let reply = configuration.install_configuration(call.request(request)).await;
    let reply = reply.map_err(|status| Trouble::of_service("configuration", status))?;
    let reply = reply.into_inner();
    let warnings = serde_json::from_slice::<Vec<serde_json::Value>>(&reply.warnings);
    Ok(ConfigurationStatus {
        catalog_version: i64::try_from(reply.catalog_version).unwrap_or(i64::MAX),
        digest: content.digest.clone(),
        warnings: warnings.map_or(0, |list| i64::try_from(list.len()).unwrap_or(i64::MAX)),
    })
}
