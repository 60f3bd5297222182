//! `amparo backup`: everything that a data folder holds, of one moment, sealed into one file that
//! is tried out at once.
//!
//! All service databases lie in one Postgres, so that a base backup of it with its write-ahead
//! log is one moment of them all, taken while everybody goes on writing. Facts in NATS are not
//! in it: they are published again.

pub mod archive;
pub mod keys;
pub mod room;
mod source;
pub mod trial;

use crate::embedded::{DataFolder, Secrets, Tools};
use crate::ground::JOURNAL;
use anyhow::{Context as _, Result, bail};
use archive::{Manifest, Packing, unpack};
use clap::Args;
use keyring::{LocalRoot, RootKey as _};
use keys::{Locks, Unlocked};
use kit_serve::{Clock, Shutdown, init_telemetry};
use room::Scratch;
use source::Source;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::task::spawn_blocking;

/// Seals all that a data folder holds, of one moment, into a file, and tries the file out.
#[derive(Debug, Args)]
pub struct Backup {
    /// The data folder of `amparo up`, whether it runs or not.
    #[arg(long, env = "AMPARO_DATA", default_value = ".data")]
    data: PathBuf,
    /// The file to make, or a folder in which one named by the time is made.
    #[arg(long, required_unless_present = "make_key")]
    to: Option<PathBuf>,
    #[command(flatten)]
    locks: Locks,
    /// Puts the root key into the backup too, so that it alone opens everything. Without this a
    /// restore needs the root key from elsewhere.
    #[arg(long)]
    recovery_secret: bool,
    /// Does not restore the file into a scratch folder beside it, start it and verify it.
    #[arg(long)]
    no_verify: bool,
    /// Makes a pair of keys for backups and nothing else: the secret one into this file, to be
    /// kept elsewhere; prints the public one, for --recipient.
    #[arg(long, conflicts_with_all = ["to", "passphrase_file", "recipient"])]
    make_key: Option<PathBuf>,
    /// Folder with the server programs; those on the PATH are used when it lacks them.
    #[arg(long, env = "AMPARO_TOOLS")]
    tools: Option<PathBuf>,
    /// Log filter.
    #[arg(long, env = "AMPARO_LOG", default_value = "error,deadpool.postgres=off")]
    log: String,
}

impl Backup {
    /// Makes the file, tries it out, says what is in it.
    pub async fn run(self) -> Result<()> {
        if let Some(path) = &self.make_key {
            return keys::make(path);
        }
        quiet(&self.log)?;
        let shutdown = Shutdown::on_signals()?;
        if !self.data.join("postgres/PG_VERSION").exists() {
            bail!("{} is no data folder of Amparo", self.data.display());
        }
        let folder = DataFolder::open(&self.data)?;
        let tools = Tools::find(&self.tools.clone().unwrap_or_else(|| folder.path("tools")))?;
        let target = target(self.to.as_deref().context("--to is needed")?)?;
        let part = target.with_added_extension("part");
        let made = tokio::select! {
            made = self.make(&folder, &tools, &part, &shutdown) => made,
            () = shutdown.wait() => Err(anyhow::anyhow!("told to stop")),
        };
        if let Err(error) = made {
            let _ = fs::remove_file(&part);
            return Err(error.context("there is no backup"));
        }
        fs::rename(&part, &target)?;
        fs::File::open(room::parent(&target))?.sync_all()?;
        println!("{} is whole", target.display());
        Ok(())
    }

    async fn make(
        &self,
        folder: &DataFolder,
        tools: &Tools,
        part: &Path,
        shutdown: &Shutdown,
    ) -> Result<()> {
        let begun = Instant::now();
        let unlocked = self.locks.read(!self.no_verify)?;
        let source = Source::open(folder, tools).await?;
        let manifest = self.manifest(folder, tools, source.bytes())?;
        // The file, and what it is unpacked to when it is tried out.
        let copies = if self.no_verify { 1 } else { 2 };
        room::need(room::parent(part), manifest.bytes * copies)?;
        let packed = self.pack(folder, &source, &unlocked, &manifest, part).await;
        source.close().await;
        packed?;
        let size = fs::metadata(part)?.len();
        println!("sealed {} MB in {:.1?}", size.div_ceil(1_000_000), begun.elapsed());
        if self.no_verify {
            println!("not tried out (--no-verify)");
            return Ok(());
        }
        let root_key = Secrets::open(folder)?.file("root-key")?;
        try_out(part, &unlocked, &root_key, tools, shutdown).await
    }

    fn manifest(&self, folder: &DataFolder, tools: &Tools, bytes: u64) -> Result<Manifest> {
        let root = LocalRoot::read(&Secrets::open(folder)?.file("root-key")?)?;
        Ok(Manifest {
            format: archive::FORMAT,
            amparo: env!("CARGO_PKG_VERSION").into(),
            postgres: tools.postgres_release()?,
            made_at: Clock::system().now(),
            bytes,
            root_key: root.name().to_owned(),
            holds_root_key: self.recovery_secret,
        })
    }

    async fn pack(
        &self,
        folder: &DataFolder,
        source: &Source,
        unlocked: &Unlocked,
        manifest: &Manifest,
        part: &Path,
    ) -> Result<()> {
        let (path, locks, manifest) = (part.to_owned(), unlocked.locks.clone(), manifest.clone());
        let mut secrets = vec!["postgres-password", "postgres-roles-password", "internal-token"];
        if self.recovery_secret {
            secrets.push("root-key");
        }
        let from = Secrets::open(folder)?;
        let secrets = secrets.into_iter().map(|name| Ok((name, from.text(name)?)));
        let secrets: Vec<_> = secrets.collect::<Result<_>>()?;
        let (mut base, stream) = source.base_backup()?;
        let packing = spawn_blocking(move || -> Result<Packing> {
            let mut packing = Packing::create(&path, &locks, &manifest)?;
            for (name, text) in &secrets {
                packing.file(&format!("secrets/{name}"), text.as_bytes())?;
            }
            packing.tree("postgres", stream)?;
            Ok(packing)
        });
        let packed = packing.await?;
        // Whether Postgres sent all of it matters more than what the archive thought of it.
        base.ended_well().await?;
        let (mut packing, folder) = (packed?, folder.clone());
        spawn_blocking(move || {
            add_spool(&mut packing, &folder.path("gateway"))?;
            // Last: it lists whatever the databases know as destroyed.
            packing.file(&format!("journal/{JOURNAL}"), whole_journal(&folder)?.as_bytes())?;
            packing.finish()
        })
        .await?
    }
}

/// Entries of the audit log that may not have reached their database.
fn add_spool(packing: &mut Packing, folder: &Path) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        // One that is gone by now was not needed any more.
        if let (Some(name), Ok(bytes)) = (name.to_str(), fs::read(entry.path())) {
            packing.file(&format!("gateway/{name}"), &bytes)?;
        }
    }
    Ok(())
}

/// The journal of destroyed keys, up to its last whole line.
fn whole_journal(folder: &DataFolder) -> Result<String> {
    let path = folder.path("journal").join(JOURNAL);
    let mut text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).context("the journal of destroyed keys"),
    };
    text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
    keyring::parse_journal(&text).context("the journal of destroyed keys")?;
    Ok(text)
}

/// Restores the file into a folder beside it, starts that, verifies it, and removes it again.
async fn try_out(
    file: &Path,
    unlocked: &Unlocked,
    root_key: &Path,
    tools: &Tools,
    shutdown: &Shutdown,
) -> Result<()> {
    let begun = Instant::now();
    let scratch = Scratch::make(room::parent(file))?;
    let folder = DataFolder::open(scratch.path())?;
    let lock = folder.lock_alone()?;
    let (from, to, opener) = (file.to_owned(), scratch.path().to_owned(), unlocked.opener()?);
    spawn_blocking(move || unpack(&from, &opener, &to, |_| Ok(())))
        .await?
        .context("the backup does not open")?;
    crate::restore::hand_over(&folder)?;
    println!("unpacked in {:.1?}", begun.elapsed());
    let tried = trial::hold(&folder, root_key, tools, shutdown).await;
    drop(lock);
    print!("{}", tried.context("the backup was restored, and does not hold")?);
    Ok(())
}

/// What was asked for, as a file that does not exist yet.
fn target(to: &Path) -> Result<PathBuf> {
    let file = if to.is_dir() {
        let now = Clock::system().now().strftime("%Y%m%dT%H%M%SZ").to_string();
        to.join(format!("amparo-{now}.backup"))
    } else {
        to.to_owned()
    };
    if file.exists() {
        bail!("{} exists; a backup is never written over another file", file.display());
    }
    let folder = room::parent(&file);
    let folder = folder.canonicalize().with_context(|| format!("{}", folder.display()))?;
    Ok(folder.join(file.file_name().context("--to names no file")?))
}

/// Logs little: what is said goes to whoever typed the command.
pub fn quiet(log: &str) -> Result<()> {
    init_telemetry(&kit_serve::LogSettings { log: log.to_owned(), ..Default::default() })
}
