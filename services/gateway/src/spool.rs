//! Audit facts on disk from before the answer goes out until some minutes after NATS took them, so
//! that neither a gateway that is killed nor a JetStream that loses its disk before reporting has
//! read them loses any. Append-only files in one folder, each locked by the process that writes
//! it; whoever finds one without a lock sends what it holds. A fact may be sent twice: its event
//! id makes that harmless. Files hold what the facts hold, which is ids and coded values.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use kit_serve::Ids;
use sha2::{Digest, Sha256};

/// A file is closed when it is this long.
const SEGMENT: u64 = 1 << 20;
/// How long a closed file stays when NATS has all of it: reporting may be that far behind when
/// JetStream loses its disk.
const KEEP: SignedDuration = SignedDuration::from_mins(10);
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
    /// Counts how often all had to be sent again.
    losses: u64,
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
    /// Since when NATS is known to have all of it.
    idle_since: Option<Timestamp>,
}

impl Segment {
    const fn new(file: File, path: PathBuf, length: u64) -> Self {
        Self { file, path, length, waiting: 0, spilled: false, idle_since: None }
    }

    const fn is_idle(&self) -> bool {
        self.waiting == 0 && !self.spilled
    }
}

/// Says where an entry lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt(u64);

/// Entries of one file to send again.
#[derive(Debug)]
pub struct Leftover {
    pub entries: Vec<Vec<u8>>,
    segment: u64,
    losses: u64,
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
        if !state.make_room(length, self.limit) {
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
        if let Some(segment) = state.segments.get_mut(&receipt.0) {
            segment.waiting = segment.waiting.saturating_sub(1);
        }
    }

    /// JetStream began anew, without what it had taken: all that is still here goes again.
    pub fn lost(&self) {
        let mut state = self.lock();
        state.current = None;
        state.losses += 1;
        for segment in state.segments.values_mut() {
            (segment.spilled, segment.idle_since) = (true, None);
        }
    }

    /// Removes what NATS has had for long enough.
    pub fn tidy(&self, now: Timestamp) {
        let mut state = self.lock();
        let current = state.current;
        state.segments.retain(|number, segment| {
            if current == Some(*number) || !segment.is_idle() {
                return true;
            }
            let since = *segment.idle_since.get_or_insert(now);
            let stays = now.duration_since(since) < KEEP;
            if !stays {
                remove(&segment.path);
            }
            stays
        });
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

    /// One file to send again; what nobody else writes any more becomes our own.
    pub fn leftover(&self) -> io::Result<Option<Leftover>> {
        if let Some(own) = self.spilled_one()? {
            return Ok(Some(own));
        }
        for found in std::fs::read_dir(&self.folder)? {
            let path = found?.path();
            if path.extension().is_none_or(|suffix| suffix != SUFFIX) || self.is_own(&path) {
                continue;
            }
            let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            if file.try_lock().is_ok() {
                let length = file.metadata()?.len();
                let segment = Segment { spilled: true, ..Segment::new(file, path, length) };
                self.lock().add(segment);
                return self.spilled_one();
            }
        }
        Ok(None)
    }

    /// All of a leftover was sent.
    pub fn done(&self, leftover: &Leftover) {
        let mut state = self.lock();
        let lost_again = state.losses != leftover.losses;
        if let Some(segment) = state.segments.get_mut(&leftover.segment) {
            (segment.waiting, segment.spilled) = (0, lost_again);
        }
    }

    fn spilled_one(&self) -> io::Result<Option<Leftover>> {
        let state = self.lock();
        let Some((number, segment)) = state.segments.iter().find(|(_, one)| one.spilled) else {
            return Ok(None);
        };
        let entries = read(&segment.path)?;
        Ok(Some(Leftover { entries, segment: *number, losses: state.losses }))
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
        let number = state.add(Segment::new(file, path, 0));
        state.current = Some(number);
        Ok(number)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, segment: Segment) -> u64 {
        let number = self.next;
        self.next += 1;
        self.segments.insert(number, segment);
        number
    }

    /// Whether `more` bytes fit, once what NATS has gave way, the oldest first.
    fn make_room(&mut self, more: u64, limit: u64) -> bool {
        while self.segments.values().map(|one| one.length).sum::<u64>() + more > limit {
            let closed = self.segments.iter().filter(|(number, _)| self.current != Some(**number));
            let idle = closed.filter(|(_, one)| one.is_idle()).map(|(number, _)| *number).min();
            let Some(oldest) = idle.and_then(|number| self.segments.remove(&number)) else {
                return false;
            };
            remove(&oldest.path);
        }
        true
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
