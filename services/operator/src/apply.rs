//! Fourth step, client required: the services and the API server are brought to what is wished.

use kit_proto::identity::v1::{
    ChangeTenantRequest, OpenTenantRequest, Tenant as Opened, TenantLimits, TenantRequest,
};
use kube::api::{Patch, PatchParams};

use crate::build::{Applied, Prepared, Resources, route_name};
use crate::configure::configure;
use crate::definition::{ConfigurationStatus, Tenant};
use crate::office::{MANAGER, Office};
use crate::trouble::Trouble;
use crate::validate::Wish;

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
    tenant: &Tenant,
    wish: &Wish,
    resources: Resources<Prepared>,
) -> Outcome {
    let opened = match open(office, wish).await {
        Ok(opened) => opened,
        Err(trouble) => return Outcome::nothing(&trouble),
    };
    let configured = match &wish.configuration {
        Ok(content) => configure(office, tenant, &opened, content).await,
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
        && opened.locales == wish.locales
        && opened.limits.unwrap_or_default() == wish.limits;
    if same || matches!(opened.status.as_str(), "closed" | "destroyed") {
        return Ok(opened);
    }
    let request = ChangeTenantRequest {
        name: wish.name.clone(),
        display_name: Some(wish.display_name.clone()),
        hosts: wish.hosts.clone(),
        locales: wish.locales.clone(),
        // 0 takes one away.
        limits: Some(TenantLimits {
            users: wish.limits.users.or(Some(0)),
            requests_per_second: wish.limits.requests_per_second.or(Some(0)),
        }),
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
