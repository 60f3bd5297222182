//! The end of a Tenant: closed, no longer routed, and its keys destroyed when somebody agreed.

use kit_proto::identity::v1::TenantRequest;
use kit_serve::{Code, Refusal};
use kube::api::DeleteParams;

use crate::apply::of_api;
use crate::build::route_name;
use crate::definition::{DeletionPolicy, Tenant};
use crate::office::Office;
use crate::trouble::Trouble;
use crate::update_status::{Finding, status, update_status};

/// Ends it; safe to repeat. The object stays until this went well.
pub async fn finish(office: &Office, tenant: &Tenant) -> Result<(), Trouble> {
    let name = tenant.metadata.name.clone().unwrap_or_default();
    if tenant.spec.cell != office.cell {
        // It never was ours.
        return Ok(());
    }
    agreed(tenant)?;
    unroute(office, &name).await?;
    close(office, &name).await?;
    tracing::info!(tenant = name, "closed, as its object was deleted");
    Ok(())
}

/// Destroying takes an agreement in so many words.
fn agreed(tenant: &Tenant) -> Result<(), Trouble> {
    let deletion = &tenant.spec.deletion;
    match deletion.policy {
        DeletionPolicy::Retain => Ok(()),
        DeletionPolicy::Destroy => Err(Trouble::lasting(
            "NotAvailable",
            "this version destroys no tenant's keys; set deletion.policy to Retain",
        )),
    }
}

async fn unroute(office: &Office, name: &str) -> Result<(), Trouble> {
    let Some((api, _)) = office.routes() else { return Ok(()) };
    match api.delete(&route_name(name), &DeleteParams::default()).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        Err(error) => Err(of_api(&error)),
    }
}

async fn close(office: &Office, name: &str) -> Result<(), Trouble> {
    let call = office.shared.internal_call(None);
    let request = call.request(TenantRequest { name: name.to_owned() });
    match office.shared.peers.identity().close_tenant(request).await {
        Ok(_) => Ok(()),
        Err(status) => match Refusal::from(status.clone()).code {
            // It was never opened.
            Code::NotFound | Code::Gone => Ok(()),
            _ => Err(Trouble::of_service("identity", status)),
        },
    }
}

/// Says on the object why it is still there.
pub async fn say_why(
    office: &Office,
    tenant: &Tenant,
    trouble: &Trouble,
) -> Result<(), kube::Error> {
    let found = vec![Finding::no("Ready", trouble.reason, trouble.message.clone())];
    update_status(office, tenant, &status(tenant, found, None, office.now())).await
}
