//! `--data DIR`: an installation that was seeded stays there for later runs, and beside it one
//! like it whose rows were copied until there were so many, so that both sizes are measured one
//! after the other in one run.

use crate::copies;
use crate::room;
use crate::site::{Site, connect};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{BACK, Installation};

/// The folder that was given.
#[derive(Debug, Clone)]
pub struct Kept(PathBuf);

/// What was seeded there.
#[derive(Debug, Clone)]
pub struct Seeded {
    pub cases: u64,
    pub seconds: f64,
    /// How long after the end others had heard of all of it.
    pub told: f64,
}

impl Kept {
    pub fn at(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        Ok(Self(folder.canonicalize()?))
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Where the seeded installation lies.
    pub fn seeded_folder(&self) -> PathBuf {
        self.0.join("seeded")
    }

    fn note(&self) -> PathBuf {
        self.0.join("bench.json")
    }

    /// What an earlier run seeded to its end. Another number of cases is an error.
    pub fn seeded(&self, cases: u64) -> Result<Option<Seeded>> {
        let Ok(text) = std::fs::read_to_string(self.note()) else { return Ok(None) };
        let note: Value = serde_json::from_str(&text)?;
        let number = |name: &str| note[name].as_f64().with_context(|| format!("no {name}"));
        let seeded = Seeded {
            cases: note["cases"].as_u64().context("no number of cases")?,
            seconds: number("seconds")?,
            told: number("told")?,
        };
        if seeded.cases != cases {
            bail!("{} holds {} cases, not {cases}", self.0.display(), seeded.cases);
        }
        Ok(Some(seeded))
    }

    /// All was seeded.
    pub fn note_seeded(&self, cases: u64, seconds: f64, told: f64) -> Result<()> {
        let note = json!({ "cases": cases, "seconds": seconds, "told": told });
        Ok(std::fs::write(self.note(), note.to_string())?)
    }

    /// Ends the seeded installation and gives one like it with so many rows, made now or before.
    pub async fn grown(&self, site: &mut Site, rows: u64) -> Result<Site> {
        site.installation.stop()?;
        let folder = self.0.join(format!("rows-{rows}"));
        let done = folder.join("grown");
        if done.exists() {
            println!("{} holds {rows} rows from before", folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&folder);
            room::ask_for_copy(&self.0, site.cases(), rows)?;
            copy(&self.seeded_folder().join("data"), &folder.join("data"))?;
            forget_facts(&folder).await?;
        }
        let mut grown = Site::beside(site, &folder).await?;
        grown.meet().await?;
        if !done.exists() {
            copies::grow(&grown, rows).await?;
            std::fs::write(done, "")?;
        }
        Ok(grown)
    }
}

/// All of an installation but the facts that were told.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == "nats" {
            continue;
        }
        let copied = Command::new("cp")
            .args(["-a", "--reflink=auto"])
            .args([entry.path().as_path(), to])
            .status()
            .context("cp does not run")?;
        if !copied.success() {
            bail!("{} cannot be copied", entry.path().display());
        }
    }
    Ok(())
}

/// Nobody tells once more what was told: the copy is for reading and patching.
async fn forget_facts(folder: &Path) -> Result<()> {
    let mut servers = Installation::kept_in(folder, &["--servers-only"])?;
    for service in BACK {
        let url = servers.superuser_url(&format!("amparo_{service}"))?;
        let client = connect(&url).await?;
        let sql = "select to_regclass('relay_partition') is not null";
        if client.query_one(sql, &[]).await?.get(0) {
            client.batch_execute("delete from relay_partition").await?;
        }
    }
    servers.stop()?;
    Ok(())
}
