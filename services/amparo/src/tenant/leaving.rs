//! What an organisation takes with it when it leaves, and the end of its keys.

use crate::backup::keys::{Key, Locks};
use crate::tenant::explain;
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use kit_proto::identity::v1::DestroyTenantRequest;
use kit_serve::Shared;
use kit_takeout::Taken;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A tenant with a million records has a million keys.
const DESTROYING: Duration = Duration::from_mins(15);

/// Writes all of a tenant into a sealed file.
#[derive(Debug, Args)]
pub struct Export {
    /// Name of the tenant.
    pub name: String,
    /// The file to make.
    #[arg(long)]
    pub to: PathBuf,
    #[command(flatten)]
    pub locks: Locks,
}

impl Export {
    /// Makes the file, reads it again, says what is in it.
    pub async fn run(self, shared: &Shared) -> Result<()> {
        let unlocked = self.locks.read(true)?;
        let to = self.to.display();
        let tenant = kit_takeout::find(shared, &self.name).await?;
        if tenant.status == "open" {
            eprintln!("{} is open: what people write meanwhile may be missing", self.name);
        }
        let with = (unlocked.locks.as_slice(), &unlocked.opener()?);
        let made = kit_takeout::export(shared, &tenant, with, &self.to).await;
        let Taken { lines, sha256 } = made.context("there is no export")?;
        println!("{to} is whole: {lines} lines, sha256 {sha256}");
        Ok(())
    }
}

/// Opens an export.
#[derive(Debug, Args)]
pub struct ReadExport {
    /// The file.
    pub from: PathBuf,
    #[command(flatten)]
    pub key: Key,
    /// Where its lines go, in clear, for the owner of this account alone; without it they are
    /// compared with the digest and go nowhere.
    #[arg(long)]
    pub to: Option<PathBuf>,
}

impl ReadExport {
    /// Compares it to its end; says what is in it.
    pub fn run(self) -> Result<()> {
        let opener = self.key.read()?;
        let from = self.from.display();
        let file = File::open(&self.from).with_context(|| format!("cannot read {from}"))?;
        let file = BufReader::new(file);
        let read = match &self.to {
            None => kit_takeout::read(&opener, file, io::sink()),
            Some(to) => {
                let out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
                let out = out.with_context(|| format!("cannot write {}", to.display()))?;
                let mut out = BufWriter::new(out);
                let read = kit_takeout::read(&opener, file, &mut out);
                out.flush()?;
                if read.is_err() {
                    let _ = fs::remove_file(to);
                }
                read
            }
        };
        let Taken { lines, sha256 } = read.with_context(|| from.to_string())?;
        println!("{from} is whole: {lines} lines, sha256 {sha256}");
        Ok(())
    }
}

/// Destroys all keys of a closed tenant.
#[derive(Debug, Args)]
pub struct Destroy {
    /// Name of the tenant.
    pub name: String,
    /// The name once more: nothing brings anything of it back.
    #[arg(long)]
    pub confirm: String,
    /// Who wants it: a function or a user name, for the certificate.
    #[arg(long)]
    pub by: String,
    /// Why, for the certificate; nothing personal.
    #[arg(long)]
    pub reason: String,
    /// The sha256 that `amparo tenant export` told.
    #[arg(long, conflicts_with = "without_export", required_unless_present = "without_export")]
    pub exported: Option<String>,
    /// Agrees that nothing was exported.
    #[arg(long)]
    pub without_export: bool,
    /// Where the certificate goes; without it, to the screen.
    #[arg(long)]
    pub certificate: Option<PathBuf>,
}

impl Destroy {
    /// Safe to repeat: it tells the first certificate again.
    pub async fn run(self, shared: &Shared) -> Result<()> {
        if self.confirm != self.name {
            bail!("--confirm does not name the tenant");
        }
        let place = self.certificate.clone();
        ensure!(
            !place.as_deref().is_some_and(Path::exists),
            "the file for the certificate exists already"
        );
        let request = DestroyTenantRequest {
            name: self.name,
            confirm: self.confirm,
            by: self.by,
            reason: self.reason,
            exported: self.exported.unwrap_or_else(|| "nothing".to_owned()),
        };
        let call = shared.internal_call(None).with_timeout(DESTROYING);
        let mut identity = shared.peers.identity();
        let done = identity.destroy_tenant(call.request(request)).await.map_err(explain)?;
        let certificate = String::from_utf8(done.into_inner().certificate.to_vec())?;
        let Some(path) = place else {
            println!("{certificate}");
            return Ok(());
        };
        fs::write(&path, certificate + "\n")
            .with_context(|| format!("the keys are destroyed; {}", path.display()))
    }
}
