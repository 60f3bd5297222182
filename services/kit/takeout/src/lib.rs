//! An organisation's own copy of what is its own, as a sealed file. Knows which services keep
//! something and how the file is built, nothing of what is in it.

mod file;

use anyhow::{Context as _, Result, ensure};
use kit_parcel::{Lock, Opener};
use kit_proto::common::v1::{ReadTenantRequest, TenantPage};
use kit_proto::identity::v1::{ListTenantsRequest, Tenant};
use kit_serve::{Service, Shared};
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use file::Writing;
pub use file::{Taken, read};

/// Who keeps something of a tenant.
pub const KEEPERS: [Service; 6] = [
    Service::Identity,
    Service::Configuration,
    Service::Cases,
    Service::Incidents,
    Service::Tracing,
    Service::Reporting,
];

/// For one page; some are slow on a busy day.
const PATIENCE: Duration = Duration::from_mins(2);

/// Writes all of a tenant into a file that is not there yet, and reads that to its end: it is there,
/// whole and on the disk, when this answers well, and not there otherwise.
pub async fn export(
    shared: &Shared,
    tenant: &Tenant,
    (locks, opener): (&[Lock], &Opener),
    path: &Path,
) -> Result<Taken> {
    ensure!(!path.exists(), "{} exists; it is never written over", path.display());
    let part = path.with_added_extension("part");
    let _ = fs::remove_file(&part);
    let made = async {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
        let file = file.with_context(|| format!("cannot write {}", part.display()))?;
        let (file, taken) = write(shared, tenant, locks, BufWriter::new(file)).await?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        let file = BufReader::new(File::open(&part)?);
        let found = read(opener, file, io::sink()).context("it does not open")?;
        ensure!(found == taken, "it is not what was written");
        fs::rename(&part, path)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(taken)
    };
    let made: Result<Taken> = made.await;
    if made.is_err() {
        let _ = fs::remove_file(&part);
    }
    made
}

/// Writes all of a tenant, sealed.
async fn write<W: Write>(
    shared: &Shared,
    tenant: &Tenant,
    locks: &[Lock],
    to: W,
) -> Result<(W, Taken)> {
    let mut writing = Writing::begin(locks, to)?;
    writing.line(&json!({
        "kind": "begin",
        "format": file::FORMAT,
        "tenant": tenant.id,
        "name": tenant.name,
        "display_name": tenant.display_name,
        "hosts": tenant.hosts,
        "locales": tenant.locales,
        "made_at": shared.clock.now(),
        "amparo": env!("CARGO_PKG_VERSION"),
    }))?;
    for service in KEEPERS {
        writing.line(&json!({ "kind": "service", "service": service.name() }))?;
        let all = read_all(shared, service, &tenant.id, &mut writing).await;
        all.with_context(|| format!("{service} did not tell all that it keeps"))?;
    }
    writing.end()
}

async fn read_all<W: Write>(
    shared: &Shared,
    service: Service,
    tenant: &str,
    writing: &mut Writing<W>,
) -> Result<()> {
    let call = shared.internal_call(Some(tenant.parse()?)).with_timeout(PATIENCE);
    let mut after = String::new();
    loop {
        let request = ReadTenantRequest { tenant: tenant.to_owned(), after };
        let asked = shared.peers.takeout(service).read_tenant(call.request(request)).await;
        let asked = asked.map_err(|status| anyhow::anyhow!("it said {:?}", status.code()))?;
        let TenantPage { lines, count, next } = asked.into_inner();
        writing.lines(&lines, count)?;
        if next.is_empty() {
            return Ok(());
        }
        after = next;
    }
}

/// The tenant that operators call so.
pub async fn find(shared: &Shared, name: &str) -> Result<Tenant> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let asked = shared.peers.identity().list_tenants(request).await;
    let asked = asked.map_err(|status| anyhow::anyhow!("identity said {:?}", status.code()))?;
    let mut tenants = asked.into_inner().tenants;
    tenants.retain(|tenant| tenant.name == name);
    let tenant = tenants.pop().with_context(|| format!("no tenant is named {name}"))?;
    ensure!(tenant.status != "destroyed", "its keys are destroyed: nothing can be read any more");
    Ok(tenant)
}
