//! The end of a Tenant: no longer routed, closed, exported, and its keys destroyed when somebody
//! agreed.

use std::time::Duration;

use kit_proto::identity::v1::{DestroyTenantRequest, TenantRequest};
use kit_serve::{Code, Refusal};
use kube::api::DeleteParams;

use crate::apply::of_api;
use crate::build::route_name;
use crate::definition::{DeletionPolicy, ExportStatus, Tenant, TenantStatus};
use crate::office::{MANAGER, Office};
use crate::settings::Exporting;
use crate::trouble::Trouble;
use crate::update_status::{Finding, status, update_status};

/// A tenant with a million records has a million keys.
const DESTROYING: Duration = Duration::from_mins(15);

/// How far the end of a tenant has come.
#[derive(Debug, Default)]
pub struct Ending {
    export: Option<ExportStatus>,
    destroyed: bool,
}

impl Ending {
    /// As far as the object's status says.
    pub fn of(tenant: &Tenant) -> Self {
        let export = tenant.status.as_ref().and_then(|status| status.export.clone());
        Self { export, destroyed: false }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(ExportStatus { file, lines, sha256 }) = &self.export {
            let message = format!("{file}: {lines} lines, sha256 {sha256}");
            found.push(Finding::yes("Exported", "Exported", message));
        }
        if self.destroyed {
            let message = "its keys are destroyed; nobody reads anything of it again";
            found.push(Finding::yes("Destroyed", "KeysDestroyed", message));
        }
        found
    }
}

/// Ends it; safe to repeat. The object stays until this went well.
pub async fn finish(office: &Office, tenant: &Tenant, ending: &mut Ending) -> Result<(), Trouble> {
    let name = tenant.metadata.name.clone().unwrap_or_default();
    if tenant.spec.cell != office.cell {
        // It never was ours.
        return Ok(());
    }
    unroute(office, &name).await?;
    if !close(office, &name).await? {
        return Ok(());
    }
    tracing::info!(tenant = name, "closed, as its object was deleted");
    let exported = match tenant.spec.deletion.policy {
        DeletionPolicy::Retain => return Ok(()),
        DeletionPolicy::Destroy => "nothing".to_owned(),
        DeletionPolicy::ExportThenDestroy => exported(office, tenant, &name, ending).await?,
    };
    agreed(tenant, &name)?;
    destroy(office, &name, exported).await?;
    ending.destroyed = true;
    tracing::warn!(tenant = name, "its keys were destroyed, as its object says");
    let gone = Trouble::lasting("Destroyed", "closed, and its keys are destroyed");
    say_why(office, tenant, ending, &gone).await.map_err(|error| of_api(&error))
}

/// Destroying takes the tenant's name, written by whoever agrees.
fn agreed(tenant: &Tenant, name: &str) -> Result<(), Trouble> {
    if tenant.spec.deletion.confirm.as_deref() == Some(name) {
        return Ok(());
    }
    Err(Trouble::lasting(
        "ConfirmationMissing",
        "write the tenant's name into deletion.confirm: its keys are then destroyed for ever",
    ))
}

async fn unroute(office: &Office, name: &str) -> Result<(), Trouble> {
    let Some((api, _)) = office.routes() else { return Ok(()) };
    match api.delete(&route_name(name), &DeleteParams::default()).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        Err(error) => Err(of_api(&error)),
    }
}

/// Whether there is such a tenant.
async fn close(office: &Office, name: &str) -> Result<bool, Trouble> {
    let call = office.shared.internal_call(None);
    let request = call.request(TenantRequest { name: name.to_owned() });
    match office.shared.peers.identity().close_tenant(request).await {
        Ok(_) => Ok(true),
        Err(status) => match Refusal::from(status.clone()).code {
            // It was never opened.
            Code::NotFound | Code::Gone => Ok(false),
            _ => Err(Trouble::of_service("identity", status)),
        },
    }
}

/// Exports it once, and notes that at once; gives the digest.
async fn exported(
    office: &Office,
    tenant: &Tenant,
    name: &str,
    ending: &mut Ending,
) -> Result<String, Trouble> {
    let exporting = office.exporting.as_ref().ok_or_else(|| {
        Trouble::lasting(
            "ExportNotConfigured",
            "the operator has no folder for exports (operator.exports in the chart's values)",
        )
    })?;
    if let Some(known) = ending.export.as_ref().filter(|it| is_there(exporting, it)) {
        return Ok(known.sha256.clone());
    }
    let made = export(office, exporting, name).await.map_err(|error| {
        tracing::warn!(tenant = name, error = format!("{error:#}"), "not exported");
        Trouble::passing("ExportFailed", format!("{error:#}"))
    })?;
    let digest = made.sha256.clone();
    ending.export = Some(made);
    let why = Trouble::passing("Ending", "exported; its keys are next");
    say_why(office, tenant, ending, &why).await.map_err(|error| of_api(&error))?;
    Ok(digest)
}

/// A volume may have been exchanged since.
fn is_there(exporting: &Exporting, export: &ExportStatus) -> bool {
    exporting.folder.join(&export.file).is_file()
}

async fn export(
    office: &Office,
    exporting: &Exporting,
    name: &str,
) -> anyhow::Result<ExportStatus> {
    let found = kit_takeout::find(&office.shared, name).await?;
    let now = office.now().strftime("%Y%m%dT%H%M%SZ");
    let file = format!("{name}-{now}.amparo-export");
    let with = (exporting.locks.as_slice(), &exporting.opener);
    let path = exporting.folder.join(&file);
    let taken = kit_takeout::export(&office.shared, &found, with, &path).await?;
    let lines = i64::try_from(taken.lines).unwrap_or(i64::MAX);
    Ok(ExportStatus { file, lines, sha256: taken.sha256 })
}

/// The certificate lies beside the export, where there is a place.
async fn destroy(office: &Office, name: &str, exported: String) -> Result<(), Trouble> {
    let request = DestroyTenantRequest {
        name: name.to_owned(),
        confirm: name.to_owned(),
        by: MANAGER.to_owned(),
        reason: "the Tenant was deleted, and deletion.confirm names it".to_owned(),
        exported,
    };
    let call = office.shared.internal_call(None).with_timeout(DESTROYING);
    let done = office.shared.peers.identity().destroy_tenant(call.request(request)).await;
    let done = done.map_err(|status| Trouble::of_service("identity", status))?.into_inner();
    if let Some(exporting) = &office.exporting {
        let path = exporting.folder.join(format!("{name}.certificate.json"));
        std::fs::write(&path, &done.certificate).map_err(|error| {
            Trouble::passing("CertificateNotKept", format!("the folder of exports: {error}"))
        })?;
    }
    Ok(())
}

/// Says on the object why it is still there, and how far its end has come.
pub async fn say_why(
    office: &Office,
    tenant: &Tenant,
    ending: &Ending,
    trouble: &Trouble,
) -> Result<(), kube::Error> {
    let mut found = vec![Finding::no("Ready", trouble.reason, trouble.message.clone())];
    found.extend(ending.findings());
    let export = ending.export.clone();
    let after = TenantStatus { export, ..status(tenant, found, None, office.now()) };
    update_status(office, tenant, &after).await
}
