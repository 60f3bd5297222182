//! The journal of destroyed keys: an append-only file outside every database, so that a restored
//! backup cannot bring an erased record back. Each line is chained to the one before it.

use kit_seal::hex;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Stands in the journal for all keys of a tenant that there are.
pub const EVERY_KEY: Uuid = Uuid::nil();

/// One destroyed key, or all of a tenant's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Counts from 1.
    pub number: u64,
    pub tenant: Uuid,
    /// [`EVERY_KEY`] where the tenant itself came to its end.
    pub key_id: Uuid,
    pub destroyed_at: Timestamp,
    /// What it was destroyed for: ids and coded values, or null.
    #[serde(default)]
    pub note: Value,
    /// SHA-256, as hex, of this entry and of the hash before it.
    pub hash: String,
}

impl JournalEntry {
    fn digest(&self, previous: &str) -> String {
        let Self { number, tenant, key_id, destroyed_at, note, hash: _ } = self;
        // As JSON, no two different entries look alike.
        let covered = serde_json::json!([
            "amparo journal 1",
            previous,
            number,
            tenant,
            key_id,
            destroyed_at,
            note
        ]);
        hex(&Sha256::digest(covered.to_string()))
    }

    /// The hash as bytes.
    pub fn hash_bytes(&self) -> Vec<u8> {
        let pairs = self.hash.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok());
        pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
    }
}

/// The file. Several processes may share it: each append takes a lock.
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// Makes the file when it is missing, and checks what it lists.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let journal = Self { path: path.to_owned() };
        journal.locked(read)?;
        Ok(journal)
    }

    /// Everything it lists, in order.
    pub fn entries(&self) -> anyhow::Result<Vec<JournalEntry>> {
        self.locked(read)
    }

    /// Lists a destroyed key; durable when this answers. One that is listed already stays as it is.
    pub fn append(
        &self,
        tenant: Uuid,
        key_id: Uuid,
        destroyed_at: Timestamp,
        note: &Value,
    ) -> anyhow::Result<JournalEntry> {
        self.locked(|file| {
            let entries = read(file)?;
            if let Some(known) =
                entries.iter().find(|it| (it.tenant, it.key_id) == (tenant, key_id))
            {
                return Ok(known.clone());
            }
            let previous = entries.last().map_or("", |last| last.hash.as_str());
            let (number, note) = (entries.len() as u64 + 1, note.clone());
            let hash = String::new();
            let mut entry = JournalEntry { number, tenant, key_id, destroyed_at, note, hash };
            entry.hash = entry.digest(previous);
            let line = serde_json::to_string(&entry)? + "\n";
            file.write_all(line.as_bytes())?;
            file.sync_all()?;
            Ok(entry)
        })
    }

    fn locked<T>(&self, act: impl FnOnce(&mut File) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let path = self.path.display();
        let mut options = OpenOptions::new();
        let made = !self.path.exists();
        let file = options.read(true).append(true).create(true).mode(0o600).open(&self.path);
        let mut file = file.with_context(|| format!("cannot open the journal {path}"))?;
        if made && let Some(folder) = self.path.parent().filter(|it| !it.as_os_str().is_empty()) {
            // The file's name is durable too.
            File::open(folder)?.sync_all()?;
        }
        file.lock().with_context(|| format!("cannot lock the journal {path}"))?;
        // The lock ends with the file.
        act(&mut file).with_context(|| format!("the journal of destroyed keys, {path}"))
    }
}

/// What a journal's text lists, checked.
pub fn parse_journal(text: &str) -> anyhow::Result<Vec<JournalEntry>> {
    let mut entries: Vec<JournalEntry> = Vec::new();
    for (at, line) in (1_u64..).zip(text.lines()) {
        let Ok(entry) = serde_json::from_str::<JournalEntry>(line) else {
            bail!("line {at} cannot be read");
        };
        let previous = entries.last().map_or("", |last| last.hash.as_str());
        ensure!(
            entry.number == at && entry.hash == entry.digest(previous),
            "line {at} is not what was once written there"
        );
        entries.push(entry);
    }
    Ok(entries)
}

fn read(file: &mut File) -> anyhow::Result<Vec<JournalEntry>> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    if whole < text.len() {
        // A write that was cut short, and so never acknowledged.
        tracing::warn!("the journal's last line was cut short and is removed");
        file.set_len(whole as u64)?;
        text.truncate(whole);
    }
    parse_journal(&text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn journal() -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal")).unwrap();
        (folder, journal)
    }

    fn add(journal: &Journal, key: u128) -> JournalEntry {
        let note = json!({"record_id": key.to_string()});
        journal
            .append(Uuid::from_u128(1), Uuid::from_u128(key), Timestamp::UNIX_EPOCH, &note)
            .unwrap()
    }

    #[test]
    fn a_key_is_listed_once_and_found_after_a_restart() {
        let (_folder, journal) = journal();
        let (first, second) = (add(&journal, 7), add(&journal, 8));
        assert_eq!(add(&journal, 7), first);
        assert_eq!(Journal::open(&journal.path).unwrap().entries().unwrap(), [first, second]);
    }

    #[test]
    fn a_line_that_was_cut_short_goes_and_others_stay() {
        let (_folder, journal) = journal();
        let first = add(&journal, 7);
        let mut file = OpenOptions::new().append(true).open(&journal.path).unwrap();
        file.write_all(br#"{"number":2,"tena"#).unwrap();
        assert_eq!(journal.entries().unwrap(), [first]);
        assert_eq!(add(&journal, 8).number, 2);
        assert_eq!(journal.entries().unwrap().len(), 2);
    }

    #[test]
    fn what_was_altered_or_removed_is_noticed() {
        let (_folder, journal) = journal();
        for key in 7..10 {
            add(&journal, key);
        }
        let text = std::fs::read_to_string(&journal.path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(parse_journal(&lines[1..].join("\n")).is_err());
        assert!(parse_journal(&[lines[0], lines[2]].join("\n")).is_err());
        assert!(
            parse_journal(&text.replace("\"record_id\":\"8\"", "\"record_id\":\"9\"")).is_err()
        );
        assert_eq!(parse_journal(&text).unwrap().len(), 3);
    }

    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, journal) = journal();
        let mode = std::fs::metadata(&journal.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
