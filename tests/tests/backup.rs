//! The drill: a backup is taken while ten people go on writing, a record is erased, the data
//! folder is lost, and another machine has it all again from the file.

use crate::erasure::{People, erase, register, rows};
use crate::journey::eventually;
use crate::shared::PASSWORD;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::{Client, Installation, Scanner, UP, markers, repository, tell};
use tokio::task::{JoinHandle, block_in_place};

const PASSPHRASE: &str = "a long walk along the coast";
const WRITERS: usize = 10;

/// A case that was acknowledged: its id and the name in it.
pub type Acknowledged = Vec<(Value, String)>;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_data_folder_comes_back_from_the_file() -> Result<()> {
    let mut installation = Installation::together(1)?;
    let by = |name| Client::with_basic(installation.port, "localhost", name, PASSWORD);
    let people = People { asker: by("admin"), officer: by("karim"), worker: by("salma") };
    let away = Away::new(installation.folder())?;
    let gone = register(&people.worker, "Zenobia").await?;
    let writers = Writers::start(&|| by("salma"));
    eventually("everybody writes", async || Ok(writers.so_far().len() > 2 * WRITERS)).await?;
    let before = writers.so_far();
    let begun = Instant::now();
    let said = away.backup(&installation, &["--passphrase-file", &away.passphrase])?;
    tell(&format!(
        "backup and its trial, while {WRITERS} people write: {:.1?}\n{said}",
        begun.elapsed()
    ));
    let after = writers.stop().await?;
    assert!(after.len() > before.len(), "nobody wrote meanwhile");
    assert!(said.contains("nothing is damaged") && said.contains("is whole"), "{said}");
    away.holds_one_file_without_a_word(&before)?;

    // Later a record is erased; the journal lies elsewhere, as it should.
    erase(&people, &gone).await?;
    away.keep(&installation.data().join("journal/destroyed-keys"), "journal")?;
    away.keep(&installation.data().join("secrets/root-key"), "root-key")?;
    installation.stop()?;
    fs::remove_dir_all(installation.data())?;

    away.refuses_what_is_wrong(&installation)?;
    let begun = Instant::now();
    let said = restore(&installation, &away.file()?, &away.passphrase, &away.all())?;
    tell(&format!("restored and verified in {:.1?}\n{said}", begun.elapsed()));
    installation.start(UP)?;
    for (id, name) in &before {
        let path = format!("/api/v2/cases/{}", id.as_str().unwrap());
        assert_eq!(people.asker.get(&path).await?.data()?["name_first"], **name);
    }
    let path = format!("/api/v2/cases/{}", gone.as_str().unwrap());
    assert_eq!(people.worker.get(&path).await?.status, 410);
    assert!(installation.amparo(&["verify"])?.contains("nothing is damaged"));
    let restored = rows(&installation).await?;
    installation.amparo(&["rebuild", "cases"])?;
    assert_eq!(rows(&installation).await?, restored);
    // The audit log, too: somebody read those cases just now, somebody wrote them before.
    eventually("the audit log goes on", async || {
        let log = people.asker.get("/api/v2/audit_logs?per=1000").await?.data()?;
        Ok(["show", "create"].iter().all(|action| log.to_string().contains(action)))
    })
    .await?;
    people.worker.get("/api/v2/cases").await?.data()?;
    register(&people.worker, "Afterwards").await?;
    installation.stop()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_folder_is_backed_up_for_a_key_that_lies_elsewhere() -> Result<()> {
    let mut installation = Installation::together(1)?;
    let worker = Client::with_basic(installation.port, "localhost", "salma", PASSWORD);
    let id = register(&worker, "Kept").await?;
    let away = Away::new(installation.folder())?;
    let identity = away.folder.join("identity").display().to_string();
    let public = installation.amparo(&["backup", "--make-key", &identity])?;
    assert!(installation.amparo(&["backup", "--make-key", &identity]).is_err());
    installation.stop()?;
    let flags = ["--recipient", public.trim(), "--recovery-secret"];
    let said = away.backup(&installation, &flags)?;
    assert!(said.contains("nothing is damaged"), "{said}");
    let file = away.file()?;

    let error = restore(&installation, &file, &away.passphrase, &[]).unwrap_err();
    assert!(error.to_string().contains("has databases already; --replace"), "{error}");
    fs::remove_dir_all(installation.data())?;
    let wrong = restore(&installation, &file, &away.passphrase, &["--without-later-erasures"]);
    assert!(wrong.unwrap_err().to_string().contains("is not the one that it was sealed with"));
    // Nothing but the file and its key is needed.
    let from = file.display().to_string();
    let tools = tools();
    let arguments = ["restore", &from, "--identity-file", &identity, "--tools", &tools];
    installation.amparo(&[&arguments[..], &["--without-later-erasures"]].concat())?;
    installation.start(UP)?;
    let path = format!("/api/v2/cases/{}", id.as_str().unwrap());
    assert_eq!(worker.get(&path).await?.data()?["name_first"], "Kept");
    let running = restore(&installation, &file, &away.passphrase, &["--replace"]);
    assert!(running.unwrap_err().to_string().contains("end it first"));
    installation.stop()?;
    Ok(())
}

/// Where backups are kept: not in the data folder.
struct Away {
    folder: PathBuf,
    backups: PathBuf,
    passphrase: String,
}

impl Away {
    fn new(beside: &Path) -> Result<Self> {
        let folder = beside.join("away");
        let backups = folder.join("backups");
        fs::create_dir_all(&backups)?;
        let passphrase = folder.join("passphrase");
        fs::write(&passphrase, PASSPHRASE)?;
        Ok(Self { passphrase: passphrase.display().to_string(), folder, backups })
    }

    fn backup(&self, installation: &Installation, flags: &[&str]) -> Result<String> {
        let (to, tools) = (self.backups.display().to_string(), tools());
        let arguments = [&["backup", "--to", &to, "--tools", &tools], flags].concat();
        block_in_place(|| installation.amparo(&arguments))
    }

    fn keep(&self, file: &Path, name: &str) -> Result<()> {
        fs::copy(file, self.folder.join(name)).map(drop).context("a copy")
    }

    /// The one backup, and nothing beside it.
    fn file(&self) -> Result<PathBuf> {
        let files: Vec<_> = fs::read_dir(&self.backups)?.collect::<Result<_, _>>()?;
        assert_eq!(files.len(), 1, "{files:?}");
        Ok(files[0].path())
    }

    /// Flags for what a new machine does not have.
    fn all(&self) -> [&'static str; 4] {
        let kept = |name: &str| -> &'static str {
            Box::leak(self.folder.join(name).display().to_string().into_boxed_str())
        };
        ["--journal", kept("journal"), "--root-key-file", kept("root-key")]
    }

    fn holds_one_file_without_a_word(&self, written: &Acknowledged) -> Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.file()?;
        assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
        let names: Vec<_> = written.iter().map(|(_, name)| name.as_str()).collect();
        let looked_for: Vec<_> =
            markers(1000).into_iter().filter(|it| names.contains(&it.text.as_str())).collect();
        assert!(looked_for.len() > WRITERS);
        let found = Scanner::new(&looked_for).scan(&fs::read(&file)?);
        assert!(found.is_empty(), "{found:?}");
        Ok(())
    }

    /// Each mistake is told as what it is, and leaves no database behind.
    fn refuses_what_is_wrong(&self, installation: &Installation) -> Result<()> {
        let (file, all) = (self.file()?, self.all());
        let bytes = fs::read(&file)?;
        let odd = |name: &str, bytes: &[u8]| -> Result<PathBuf> {
            let path = self.folder.join(name);
            fs::write(&path, bytes).map(|()| path).context("an odd file")
        };
        let short = odd("short", &bytes[..bytes.len() * 2 / 3])?;
        let mut altered = bytes.clone();
        altered[bytes.len() / 2] ^= 1;
        let altered = odd("altered", &altered)?;
        let other = odd("other", b"another passphrase")?.display().to_string();
        let key = odd("key", b"cHJldGVuZCB0aGF0IHRoaXMgaXMgYSByb290IGtleSE")?;
        let key = key.display().to_string();
        let mine = self.passphrase.as_str();
        for (file, passphrase, flags, told) in [
            (&file, other.as_str(), &all[..], "is not the one that it was sealed with"),
            (&short, mine, &all, "it was cut short"),
            (&altered, mine, &all, "altered"),
            (&PathBuf::from(mine), mine, &all, "no parcel of Amparo"),
            (&file, mine, &all[2..], "give the latest copy of the journal"),
            (&file, mine, &all[..2], "it does not hold the root key"),
            (
                &file,
                mine,
                &[all[0], all[1], "--root-key-file", &key],
                "is not the root key of this",
            ),
        ] {
            let error = restore(installation, file, passphrase, flags).unwrap_err();
            assert!(error.to_string().contains(told), "wanted {told}, and read {error}");
            for name in ["postgres", "restore.new", "journal"] {
                assert!(!installation.data().join(name).exists(), "{told}: {name}");
            }
        }
        Ok(())
    }
}

fn restore(
    installation: &Installation,
    file: &Path,
    passphrase: &str,
    flags: &[&str],
) -> Result<String> {
    let (from, tools) = (file.display().to_string(), tools());
    let arguments = ["restore", &from, "--tools", &tools, "--passphrase-file", passphrase];
    block_in_place(|| installation.amparo(&[&arguments[..], flags].concat()))
}

fn tools() -> String {
    std::env::var("AMPARO_TOOLS")
        .unwrap_or_else(|_| repository().join(".data/tools").display().to_string())
}

/// People who register one case after another.
pub struct Writers {
    acknowledged: Arc<Mutex<Acknowledged>>,
    ended: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Writers {
    pub fn start(by: &dyn Fn() -> Client) -> Self {
        let (acknowledged, ended) = <(Arc<Mutex<Acknowledged>>, Arc<AtomicBool>)>::default();
        let tasks = (0..WRITERS).map(|number| {
            let (acknowledged, ended, client) = (acknowledged.clone(), ended.clone(), by());
            tokio::spawn(async move {
                let mut names = markers(1000).into_iter().skip(number).step_by(WRITERS);
                while !ended.load(Ordering::Relaxed) {
                    let Some(marker) = names.next() else { break };
                    let id = register(&client, &marker.text).await?;
                    acknowledged.lock().unwrap().push((id, marker.text));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(())
            })
        });
        let tasks = tasks.collect();
        Self { acknowledged, ended, tasks }
    }

    pub fn so_far(&self) -> Acknowledged {
        self.acknowledged.lock().unwrap().clone()
    }

    pub async fn stop(self) -> Result<Acknowledged> {
        self.ended.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await??;
        }
        Ok(Arc::into_inner(self.acknowledged).unwrap().into_inner()?)
    }
}
