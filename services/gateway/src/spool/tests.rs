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

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

#[test]
fn closed_files_go_some_minutes_after_all_of_them_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 8 << 20);
    let big = vec![7; 300_000];
    let receipts: Vec<Receipt> = (0..8).map(|_| spool.append(&big).unwrap()).collect();
    spool.append(b"the current file stays").unwrap();
    assert_eq!(spool.depth().0, 9);
    assert_eq!(files(folder.path()).len(), 3);
    spool.tidy(at(0));
    for receipt in receipts {
        spool.sent(receipt);
    }
    assert_eq!(spool.depth().0, 1);
    spool.tidy(at(1000));
    spool.tidy(at(1599));
    assert_eq!(files(folder.path()).len(), 3);
    spool.tidy(at(1600));
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn what_jetstream_took_and_lost_goes_again() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 1 << 20);
    spool.sent(spool.append(b"taken").unwrap());
    assert!(spool.leftover().unwrap().is_none());
    spool.lost();
    let left = spool.leftover().unwrap().unwrap();
    assert_eq!(left.entries, [b"taken".to_vec()]);
    // Lost once more while it was on its way: what arrived before does not count.
    spool.lost();
    spool.done(&left);
    let left = spool.leftover().unwrap().unwrap();
    spool.done(&left);
    assert!(spool.leftover().unwrap().is_none());
    spool.tidy(at(0));
    spool.tidy(at(600));
    assert_eq!(files(folder.path()).len(), 0);
}

#[test]
fn what_nats_has_gives_way_to_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 2 << 20);
    let big = vec![7; 600_000];
    let sent: Vec<Receipt> = (0..2).map(|_| spool.append(&big).unwrap()).collect();
    spool.append(&big).unwrap();
    assert!(spool.append(&big).is_err(), "nothing of it was sent");
    for receipt in sent {
        spool.sent(receipt);
    }
    spool.append(&big).unwrap();
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
