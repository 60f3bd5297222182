//! `amparo verify`: walks the hash chains of everything that was recorded, and compares them
//! with what was attested.

use crate::reach::Reach;
use crate::serve::ServiceSettings;
use crate::stores::{self, WITH_STORE};
use crate::tenant::explain;
use anyhow::{Context as _, Result, bail};
use cases::erasures::{certificate_in, check_certificate, unhex};
use clap::Args;
use kit_proto::identity::v1::{ListTenantsRequest, Tenant};
use kit_proto::keyring::v1::GetSigningKeyRequest;
use kit_serve::{Process, Service, Shared};
use std::path::PathBuf;

/// Checks the hash chains of everything that was recorded.
#[derive(Debug, Args)]
pub struct Verify {
    /// Name of the only tenant to look at.
    #[arg(long)]
    tenant: Option<String>,
    /// Checks certificates of erasures, and nothing else.
    #[arg(long)]
    certificate: Vec<PathBuf>,
    /// The keyring's public key as `amparo verify` tells it: certificates are then checked without
    /// asking anybody.
    #[arg(long, requires = "certificate")]
    public_key: Option<String>,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    settings: ServiceSettings,
}

impl Verify {
    /// Names the first bad event of each damaged stream; fails when there is one.
    pub async fn run(self) -> Result<()> {
        if !self.certificate.is_empty() {
            return self.certificates().await;
        }
        let process = self.reach.process()?;
        let checked = check(&process, &self.settings, self.tenant.as_deref()).await?;
        let public = signing_key(&process.share(Service::Gateway)).await?;
        println!("{checked} tenants verified, nothing is damaged");
        println!("the keyring signs with {}", kit_seal::hex(&public));
        Ok(())
    }

    /// Whether certificates are the keyring's word.
    async fn certificates(self) -> Result<()> {
        let public = match &self.public_key {
            Some(text) => unhex(text).and_then(|bytes| bytes.try_into().ok()),
            None => Some(signing_key(&self.reach.process()?.share(Service::Gateway)).await?),
        };
        let public: [u8; 32] = public.context("the public key is not 64 hexadecimal digits")?;
        for path in &self.certificate {
            let name = path.display();
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
            let checked = certificate_in(&text).and_then(|one| check_certificate(&one, &public));
            checked.with_context(|| name.to_string())?;
            println!("{name}: signed by the keyring, unaltered");
        }
        Ok(())
    }
}

/// Walks the chains of all tenants, or of one; says of how many. Names the first bad event of each
/// damaged stream, and fails when there is one.
pub async fn check(
    process: &Process,
    settings: &ServiceSettings,
    tenant: Option<&str>,
) -> Result<usize> {
    let tenants = tenants(&process.share(Service::Gateway), tenant).await?;
    let mut damaged = 0_usize;
    for service in WITH_STORE {
        let shared = process.share(service);
        let store = stores::open(settings, &shared).await?;
        let bus = kit_shell::bus(&shared).await?;
        for tenant in &tenants {
            let id = tenant.id.parse()?;
            let kept = kit_shell::kept(&bus, service.name(), id).await?;
            let findings = store
                .verify_against(service.name(), id, &kept)
                .await
                .with_context(|| format!("{service}, tenant {}", tenant.name))?;
            for finding in &findings {
                let kit_store::Finding { stream, version, problem } = finding;
                println!("{}\t{service}\t{stream}\tevent {version}: {problem}", tenant.name);
            }
            damaged += findings.len();
        }
    }
    if damaged > 0 {
        bail!("{damaged} streams are damaged");
    }
    Ok(tenants.len())
}

/// What the keyring's signatures are checked with.
async fn signing_key(shared: &Shared) -> Result<[u8; 32]> {
    let request = shared.internal_call(None).request(GetSigningKeyRequest {});
    let reply = shared.peers.keyring().get_signing_key(request).await.map_err(explain)?;
    let public = reply.into_inner().public_key.to_vec();
    public.try_into().ok().context("the keyring's public key does not have 32 bytes")
}

/// All tenants, or the one of that name.
pub async fn tenants(shared: &Shared, name: Option<&str>) -> Result<Vec<Tenant>> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let reply = shared.peers.identity().list_tenants(request).await.map_err(explain)?;
    let mut tenants = reply.into_inner().tenants;
    if let Some(name) = name {
        tenants.retain(|tenant| tenant.name == name);
        if tenants.is_empty() {
            bail!("no tenant is named {name}");
        }
    }
    Ok(tenants)
}
