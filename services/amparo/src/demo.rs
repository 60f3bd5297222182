//! Demonstration organisations: opened, configured and staffed through the
//! services' own calls, so that nothing here can do what an operator and an
//! administrator could not. Each step is left out when it was done before.

mod organisation;
mod records;

use crate::install::{find_tenant, install};
use crate::tenant::explain;
use anyhow::{Context as _, Result};
use kit_proto::configuration::v1::GetCatalogRequest;
use kit_proto::identity::v1::{AuthenticateRequest, OpenTenantRequest, Tenant};
use kit_serve::{CallContext, Shared};
use organisation::Organisation;
use records::Caseload;
use tracing::warn;

/// The password of everyone in a demonstration organisation.
const PASSWORD: &str = "Amparo-demo-1";
/// The first administrator of each.
const ADMINISTRATOR: &str = "admin";

/// Someone who can sign in to a demonstration.
pub struct SignIn {
    pub host: String,
    pub user_name: String,
    pub password: &'static str,
    /// What they may do, in a few words.
    pub what: String,
}

/// Opens the demonstration organisations that are missing and tells who can sign in. `records`:
/// the first one has a caseload, and people for it.
pub async fn open(shared: &Shared, tenants: u16, records: bool) -> Result<Vec<SignIn>> {
    let organisation = Organisation::read()?;
    let others = if records { Some(Caseload::read()?.people()?) } else { None };
    let mut sign_ins = Vec::new();
    for number in 1..=tenants {
        let (name, host) = place(number);
        let tenant = open_tenant(shared, &name, &host, number).await?;
        if tenant.status != "open" {
            // Closed by somebody, who meant it.
            continue;
        }
        let others = others.as_ref().filter(|_| number == 1);
        match sign_in(shared, &tenant, ADMINISTRATOR).await {
            Ok(administrator) => {
                organisation.found(shared, &administrator).await?;
                if let Some(others) = others {
                    others.found(shared, &administrator).await?;
                }
            }
            Err(error) => {
                warn!(tenant = tenant.id, %error, "the demonstration administrator cannot sign in");
                continue;
            }
        }
        let people = std::iter::once((ADMINISTRATOR, "everything"))
            .chain(organisation.people())
            .chain(others.into_iter().flat_map(Organisation::people));
        // The others have the same people; naming all of them would hide the first.
        let people = people.take(if number == 1 { usize::MAX } else { 1 });
        sign_ins.extend(people.map(|(user_name, what)| SignIn {
            host: host.clone(),
            user_name: user_name.to_owned(),
            password: PASSWORD,
            what: what.to_owned(),
        }));
    }
    Ok(sign_ins)
}

/// Enters the caseload of the first demonstration organisation, as far as it is missing. It is
/// ready before that, and this takes its time beside those who work already.
pub async fn enter_records(shared: &Shared) {
    let entered = async {
        let tenant = find_tenant(shared, &place(1).0).await?.context("no such tenant")?;
        Caseload::read()?.enter(shared, &tenant).await
    };
    if let Err(error) = entered.await {
        warn!(error = format!("{error:#}"), "the caseload of the demonstration is not whole");
    }
}

/// Name and host of the n-th demonstration organisation.
fn place(number: u16) -> (String, String) {
    match number {
        1 => ("demo".into(), "localhost".into()),
        n => (format!("org{n}"), format!("org{n}.localhost")),
    }
}

async fn open_tenant(shared: &Shared, name: &str, host: &str, number: u16) -> Result<Tenant> {
    let tenant = if let Some(tenant) = find_tenant(shared, name).await? {
        tenant
    } else {
        let mut hosts = vec![host.to_owned(), format!("{name}.localhost")];
        hosts.dedup();
        let request = OpenTenantRequest {
            name: name.to_owned(),
            display_name: format!("Demonstration {number}"),
            hosts,
            locales: ["en", "fr", "es", "ar"].map(String::from).to_vec(),
            administrator_user_name: ADMINISTRATOR.into(),
            administrator_password: PASSWORD.into(),
            command_id: String::new(),
        };
        let request = shared.internal_call(None).request(request);
        shared.peers.identity().open_tenant(request).await.map_err(explain)?.into_inner()
    };
    if tenant.status == "open" && !has_configuration(shared, &tenant).await? {
        install(shared, &tenant, Vec::new()).await.context("standard configuration")?;
    }
    Ok(tenant)
}

async fn has_configuration(shared: &Shared, tenant: &Tenant) -> Result<bool> {
    let request = GetCatalogRequest { tenant: tenant.id.clone(), ..Default::default() };
    let call = shared.internal_call(Some(tenant.id.parse()?));
    let reply = shared.peers.configuration().get_catalog(call.request(request)).await;
    match reply {
        Ok(reply) => {
            let catalog: serde_json::Value =
                serde_json::from_slice(&reply.into_inner().json).unwrap_or_default();
            Ok(["forms", "modules"].iter().any(|part| match &catalog[*part] {
                serde_json::Value::Array(list) => !list.is_empty(),
                serde_json::Value::Object(map) => !map.is_empty(),
                _ => false,
            }))
        }
        Err(status) if status.code() == tonic::Code::NotFound => Ok(false),
        Err(status) => Err(explain(status)),
    }
}

async fn sign_in(shared: &Shared, tenant: &Tenant, user_name: &str) -> Result<CallContext> {
    let request = AuthenticateRequest {
        tenant: tenant.id.clone(),
        user_name: user_name.into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let call = shared.internal_call(Some(tenant.id.parse()?));
    let reply = shared.peers.identity().authenticate(call.request(request)).await;
    let token = reply.map_err(explain)?.into_inner().token;
    Ok(CallContext::principal(token, shared.ids.v7()))
}
