//! Which journal of erasures counts after a restore: the longest of those that are known, none of
//! which may contradict another.

use crate::embedded::{DataFolder, write_private};
use crate::ground::JOURNAL;
use anyhow::{Context as _, Result, ensure};
use keyring::{JournalEntry, parse_journal};
use std::fs;
use std::path::Path;

/// Journals that do not come from the backup.
pub struct Known(Vec<(String, Vec<JournalEntry>)>);

impl Known {
    /// What the data folder has, and what the operator gave.
    pub fn read(folder: &DataFolder, given: Option<&Path>) -> Result<Self> {
        let here = folder.path("journal").join(JOURNAL);
        let mut known = Vec::new();
        for path in given.into_iter().chain(here.exists().then_some(here.as_path())) {
            known.push(read(path)?);
        }
        Ok(Self(known))
    }

    pub const fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The longest of all, with the one in an unpacked backup.
    pub fn with(mut self, unpacked: &Path) -> Result<String> {
        self.0.push(read(&unpacked.join("journal").join(JOURNAL))?);
        longest(self.0)
    }
}

/// On the disk when this answers.
pub fn write(folder: &Path, text: &str) -> Result<()> {
    let draft = folder.join(format!(".{JOURNAL}"));
    write_private(&draft, text)?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(&draft, folder.join(JOURNAL))?;
    Ok(fs::File::open(folder)?.sync_all()?)
}

fn read(path: &Path) -> Result<(String, Vec<JournalEntry>)> {
    let name = path.display();
    let mut text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    // A line that was cut short was never acknowledged.
    text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
    let entries = parse_journal(&text).with_context(|| format!("the journal {name}"))?;
    Ok((text, entries))
}

fn longest(journals: Vec<(String, Vec<JournalEntry>)>) -> Result<String> {
    let mut longest: (String, Vec<JournalEntry>) = Default::default();
    for other in journals {
        // Each hash covers all before it.
        let both = longest.1.len().min(other.1.len());
        let agree = longest.1[..both].last() == other.1[..both].last();
        ensure!(agree, "the journals of erasures differ from entry {both} or before");
        if other.1.len() > longest.1.len() {
            longest = other;
        }
    }
    Ok(longest.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::Value;
    use uuid::Uuid;

    fn journal(keys: &[u128]) -> (String, Vec<JournalEntry>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let journal = keyring::Journal::open(&path).unwrap();
        for key in keys {
            let (tenant, key) = (Uuid::from_u128(1), Uuid::from_u128(*key));
            journal.append(tenant, key, Timestamp::UNIX_EPOCH, &Value::Null).unwrap();
        }
        read(&path).unwrap()
    }

    #[test]
    fn the_longest_counts_wherever_it_is_from() {
        let (short, long) = (journal(&[1]), journal(&[1, 2]));
        assert_eq!(longest(vec![short.clone(), long.clone()]).unwrap(), long.0);
        assert_eq!(longest(vec![long.clone(), short]).unwrap(), long.0);
        assert_eq!(longest(vec![journal(&[]), long.clone()]).unwrap(), long.0);
    }

    #[test]
    fn two_that_contradict_each_other_are_nobodys() {
        assert!(longest(vec![journal(&[1, 2]), journal(&[1, 3, 4])]).is_err());
        assert!(longest(vec![journal(&[1, 2]), journal(&[3])]).is_err());
    }
}
