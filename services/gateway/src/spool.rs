//! Audit facts on disk from before the answer goes out until NATS has them, so that a gateway that
//! is killed loses none. Append-only files in one folder, each locked by the process that writes
//! it; whoever finds one without a lock sends what it holds. A fact may be sent twice: its event
//! id makes that harmless. Files hold what the facts hold, which is ids and coded values.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kit_serve::Ids;
use sha2::{Digest, Sha256};

/// A file is closed when it is this long; closed ones are removed when all of it was sent.
const SEGMENT: u64 = 1 << 20;
const SUFFIX: &str = "spool";
/// Length and checksum before each entry.
const HEAD: usize = 8;
/// No fact is longer.
const MAX_ENTRY: usize = 1 << 20;

/// The folder, and what this process has in it.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    limit: u64,
    ids: Ids,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The file that is written now.
    current: Option<u64>,
    segments: HashMap<u64, Segment>,
    next: u64,
    dirty: bool,
}

#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    length: u64,
    /// Entries that NATS does not have.
    waiting: u64,
    /// Some entries are on disk only.
    spilled: bool,
}

/// Says where an entry lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt(u64);

/// Entries to send again, of a file that is removed when they are done with.
#[derive(Debug)]
pub struct Leftover {
    pub entries: Vec<Vec<u8>>,
    path: PathBuf,
    own: Option<u64>,
    /// Holds the lock until the end.
    _file: Option<File>,
}

impl Spool {
    /// Opens a folder, made if it is missing; it may hold `limit` bytes of this process.
    pub fn open(folder: &Path, limit: u64, ids: Ids) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let spool =
            Self { folder: folder.to_owned(), limit, ids, state: Mutex::new(State::default()) };
        // Found out now rather than with the first entry.
        spool.begin(&mut spool.lock())?;
        Ok(spool)
    }

    /// Writes an entry; fails when there is no room or the disk does not take it.
    pub fn append(&self, entry: &[u8]) -> io::Result<Receipt> {
        let mut state = self.lock();
        let length = (HEAD + entry.len()) as u64;
        if state.segments.values().map(|segment| segment.length).sum::<u64>() + length > self.limit
        {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the spool is full"));
        }
        let number = match state.current {
            Some(number) => number,
            None => self.begin(&mut state)?,
        };
        state.dirty = true;
        let Some(segment) = state.segments.get_mut(&number) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        if let Err(error) = segment.file.write_all(&framed(entry)) {
            // Half an entry may stand there; what comes next must not stand behind it.
            state.current = None;
            return Err(error);
        }
        segment.length += length;
        segment.waiting += 1;
        if segment.length >= SEGMENT {
            state.current = None;
        }
        Ok(Receipt(number))
    }

    /// NATS has the entry.
    pub fn sent(&self, receipt: Receipt) {
        let mut state = self.lock();
        let closed = state.current != Some(receipt.0);
        let Some(segment) = state.segments.get_mut(&receipt.0) else { return };
        segment.waiting = segment.waiting.saturating_sub(1);
        if segment.waiting == 0 && closed && !segment.spilled {
            remove(&segment.path);
            state.segments.remove(&receipt.0);
        }
    }

    /// The entry is not in memory: it has to be read again.
    pub fn spilled(&self, receipt: Receipt) {
        let mut state = self.lock();
        if state.current == Some(receipt.0) {
            state.current = None;
        }
        if let Some(segment) = state.segments.get_mut(&receipt.0) {
            segment.spilled = true;
        }
    }

    /// How many entries of this process wait, and how many bytes its files have.
    pub fn depth(&self) -> (u64, u64) {
        let state = self.lock();
        let segments = state.segments.values();
        segments.fold((0, 0), |(n, bytes), one| (n + one.waiting, bytes + one.length))
    }

    /// Puts on the disk itself what the operating system still holds.
    pub fn sync(&self) -> io::Result<()> {
        let files: Vec<File> = {
            let mut state = self.lock();
            if !std::mem::take(&mut state.dirty) {
                return Ok(());
            }
            state.segments.values().map(|one| one.file.try_clone()).collect::<Result<_, _>>()?
        };
        files.iter().try_for_each(File::sync_data)
    }

    /// One file to send again: of our own what was spilled, else what nobody writes any more.
    pub fn leftover(&self) -> io::Result<Option<Leftover>> {
        if let Some(own) = self.own_spilled() {
            return Ok(Some(own));
        }
        for found in std::fs::read_dir(&self.folder)? {
            let path = found?.path();
            if path.extension().is_none_or(|suffix| suffix != SUFFIX) || self.is_own(&path) {
                continue;
            }
            let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            if file.try_lock().is_ok() {
                let entries = read(&path)?;
                return Ok(Some(Leftover { entries, path, own: None, _file: Some(file) }));
            }
        }
        Ok(None)
    }

    /// All of a leftover was sent.
    pub fn done(&self, leftover: &Leftover) {
        if let Some(number) = leftover.own {
            self.lock().segments.remove(&number);
        }
        remove(&leftover.path);
    }

    /// At the end: files without a waiting entry are of no use to anyone.
    pub fn close(&self) {
        let mut state = self.lock();
        state.current = None;
        state.segments.retain(|_, segment| {
            if segment.waiting == 0 {
                remove(&segment.path);
            }
            segment.waiting > 0
        });
    }

    fn own_spilled(&self) -> Option<Leftover> {
        let state = self.lock();
        let (number, segment) = state.segments.iter().find(|(_, one)| one.spilled)?;
        let entries = read(&segment.path).ok()?;
        Some(Leftover { entries, path: segment.path.clone(), own: Some(*number), _file: None })
    }

    fn is_own(&self, path: &Path) -> bool {
        self.lock().segments.values().any(|segment| segment.path == path)
    }

    /// A new file, locked before anyone can find it.
    fn begin(&self, state: &mut State) -> io::Result<u64> {
        let name = self.ids.v7();
        let (unborn, path) =
            (self.folder.join(format!("{name}.new")), self.folder.join(format!("{name}.{SUFFIX}")));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&unborn)?;
        file.try_lock()?;
        std::fs::rename(&unborn, &path)?;
        let number = state.next;
        state.next += 1;
        let segment = Segment { file, path, length: 0, waiting: 0, spilled: false };
        state.segments.insert(number, segment);
        state.current = Some(number);
        Ok(number)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn framed(entry: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(HEAD + entry.len());
    let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
    framed.extend_from_slice(&length.to_le_bytes());
    framed.extend_from_slice(&checksum(entry));
    framed.extend_from_slice(entry);
    framed
}

fn checksum(entry: &[u8]) -> [u8; 4] {
    let digest = Sha256::digest(entry);
    [digest[0], digest[1], digest[2], digest[3]]
}

/// The whole entries of a file; the last one may be torn.
fn read(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let (mut entries, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let Some((sum, tail)) = tail.split_first_chunk::<4>() else { break };
        let length = u32::from_le_bytes(*length) as usize;
        let Some((entry, tail)) = tail.split_at_checked(length) else { break };
        if length > MAX_ENTRY || checksum(entry) != *sum {
            break;
        }
        entries.push(entry.to_vec());
        rest = tail;
    }
    Ok(entries)
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(kind = ?error.kind(), "a spooled file stays; it will be sent again");
    }
}

#[cfg(test)]
mod tests;
