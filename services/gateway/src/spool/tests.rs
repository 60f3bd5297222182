//! Files as they are after a kill, a torn write, a full disk.

use kit_serve::Clock;

use super::*;

fn open(folder: &Path, limit: u64) -> Spool {
    Spool::open(folder, limit, Ids::system(Clock::system())).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect()
}

#[test]
fn what_was_not_sent_is_found_by_the_next_process_and_by_nobody_before() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), 1 << 20);
    let receipt = first.append(b"one").unwrap();
    first.append(b"two").unwrap();
    first.sent(receipt);
    let second = open(folder.path(), 1 << 20);
    assert!(second.leftover().unwrap().is_none(), "the first still writes it");
    // As when the process is killed: locks go, files stay.
    drop(first);
    let left = second.leftover().unwrap().unwrap();
    assert_eq!(left.entries, [b"one".to_vec(), b"two".to_vec()]);
    second.done(&left);
    drop(left);
    assert!(second.leftover().unwrap().is_none());
}

#[test]
fn a_torn_entry_hides_none_that_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 1 << 20);
    spool.append(b"whole").unwrap();
    drop(spool);
    let path = files(folder.path()).remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let torn = framed(b"torn entry");
    bytes.extend_from_slice(&torn[..torn.len() - 3]);
    std::fs::write(&path, bytes).unwrap();
    let left = open(folder.path(), 1 << 20).leftover().unwrap().unwrap();
    assert_eq!(left.entries, [b"whole".to_vec()]);
}

#[test]
fn files_go_when_all_of_them_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 8 << 20);
    let big = vec![7; 300_000];
    let receipts: Vec<Receipt> = (0..8).map(|_| spool.append(&big).unwrap()).collect();
    assert_eq!(spool.depth().0, 8);
    assert_eq!(files(folder.path()).len(), 2);
    for receipt in receipts {
        spool.sent(receipt);
    }
    assert_eq!(spool.depth().0, 0);
    spool.close();
    assert!(files(folder.path()).is_empty());
}

#[test]
fn what_memory_has_no_room_for_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 1 << 20);
    let kept = spool.append(b"in memory").unwrap();
    spool.spilled(spool.append(b"on disk only").unwrap());
    let later = spool.append(b"later").unwrap();
    assert_ne!(kept, later, "a spilled file is closed");
    spool.sent(kept);
    let left = spool.leftover().unwrap().unwrap();
    assert_eq!(left.entries.len(), 2);
    spool.done(&left);
    assert_eq!(spool.depth().0, 1);
    assert!(spool.leftover().unwrap().is_none());
}

#[test]
fn a_full_spool_takes_no_more_and_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let spool = open(&folder.path().join("state"), 100);
    spool.append(&[1; 60]).unwrap();
    assert_eq!(spool.append(&[1; 60]).unwrap_err().kind(), io::ErrorKind::StorageFull);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("state")), 0o700);
    assert_eq!(mode(&files(&folder.path().join("state"))[0]), 0o600);
}
