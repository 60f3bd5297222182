//! The end of a tenant: no key of it opens or is made any more, whatever database is restored; what
//! proves its histories stays. Every rule holds for both vaults.

use std::sync::Arc;

use jiff::Timestamp;
use keyring::{
    EVERY_KEY, Journal, Keyring, KeyringError, LocalRoot, MIGRATIONS, MemoryVault, PostgresVault,
    Vault,
};
use kit_seal::SecretKey;
use kit_store::{CHAIN, KeyState};
use kit_test::{TestDb, fresh_id};
use serde_json::json;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn root() -> Arc<LocalRoot> {
    Arc::new(LocalRoot::new(&SecretKey::new([7; 32])))
}

fn ids(count: usize) -> Vec<Uuid> {
    (0..count).map(|_| fresh_id()).collect()
}

async fn vaults() -> (TestDb, Vec<Arc<dyn Vault>>) {
    let db = TestDb::new("keyring", MIGRATIONS).await;
    let vaults: Vec<Arc<dyn Vault>> =
        vec![Arc::new(PostgresVault::new(db.pool())), Arc::new(MemoryVault::default())];
    (db, vaults)
}

#[tokio::test]
async fn nothing_of_it_opens_and_nothing_of_another_is_touched() {
    let (db, vaults) = vaults().await;
    for vault in &vaults {
        let ring = Keyring::new(root(), Arc::clone(vault));
        let (gone, other) = (fresh_id(), fresh_id());
        let keys = ring.reserve(gone, &ids(7)).await.unwrap();
        let theirs = ring.reserve(other, &ids(1)).await.unwrap().remove(0);
        let proofs = ring.index(gone, CHAIN).await.unwrap();
        ring.rotate(gone).await.unwrap();
        for _ in 0..2 {
            ring.end(gone, json!({"name": "gone"}), NOW).await.unwrap();
        }
        // Also for one that knew the keys, and for one that begins.
        for ring in [&ring, &Keyring::new(root(), Arc::clone(vault))] {
            let all = keys.iter().map(|key| key.id).collect();
            let states = ring.open(gone, all).await.unwrap();
            assert!(states.iter().all(|state| matches!(state, KeyState::Destroyed(_))));
            let refused = ring.reserve(gone, &ids(1)).await;
            assert!(matches!(refused, Err(KeyringError::Ended)));
            assert!(matches!(ring.rotate(gone).await, Err(KeyringError::Ended)));
            assert!(matches!(ring.index(gone, "names").await, Err(KeyringError::Ended)));
            assert_eq!(ring.index(gone, CHAIN).await.unwrap(), proofs);
            assert_eq!(ring.ended().await.unwrap(), [(gone, json!({"name": "gone"}))]);
            let live = ring.open(other, vec![theirs.id]).await.unwrap();
            assert_eq!(live, [KeyState::Live(theirs.clone())]);
        }
    }
    let sql = "select count(*) from data_key where wrapped is not null and generation = 0";
    let left: i64 = db.admin().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn one_that_never_had_a_key_gets_none() {
    let (_db, vaults) = vaults().await;
    for vault in vaults {
        let ring = Keyring::new(root(), vault);
        let tenant = fresh_id();
        ring.end(tenant, json!({}), NOW).await.unwrap();
        assert!(matches!(ring.reserve(tenant, &ids(1)).await, Err(KeyringError::Ended)));
        assert!(ring.index(tenant, CHAIN).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_reserves_meanwhile_has_nothing_in_the_end() {
    let (_db, vaults) = vaults().await;
    for vault in vaults {
        let tenant = fresh_id();
        let reserving: Vec<_> = (0..6)
            .map(|_| {
                let ring = Keyring::new(root(), Arc::clone(&vault));
                tokio::spawn(async move {
                    let mut keys = Vec::new();
                    while let Ok(some) = ring.reserve(tenant, &ids(5)).await {
                        keys.extend(some.into_iter().map(|key| key.id));
                        // The vault in memory waits for nothing.
                        tokio::task::yield_now().await;
                    }
                    keys
                })
            })
            .collect();
        let ring = Keyring::new(root(), Arc::clone(&vault));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        while ring.end(tenant, json!({}), NOW).await.is_err() {}
        for task in reserving {
            let keys = task.await.unwrap();
            for some in keys.chunks(1_000) {
                let states = ring.open(tenant, some.to_vec()).await.unwrap();
                assert!(states.iter().all(|state| matches!(state, KeyState::Destroyed(_))));
            }
        }
    }
}

#[tokio::test]
async fn a_restored_database_loses_them_again() {
    let (_db, vaults) = vaults().await;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal")).unwrap();
    let tenant = fresh_id();
    let first = Keyring::new(root(), Arc::clone(&vaults[1])).with_journal(Some(journal.clone()));
    let note = json!({"name": "gone"});
    let listed = first.end(tenant, note.clone(), NOW).await.unwrap().unwrap();
    assert_eq!((listed.number, listed.key_id), (1, EVERY_KEY));
    let again = first.end(tenant, json!({"name": "other"}), NOW).await.unwrap().unwrap();
    assert_eq!(again, listed, "it is listed once");

    // Another database, in which the tenant lives.
    let ring = Keyring::new(root(), Arc::clone(&vaults[0]));
    let key = ring.reserve(tenant, &ids(1)).await.unwrap().remove(0);
    let proofs = ring.index(tenant, CHAIN).await.unwrap();
    assert_eq!(ring.replay(journal.entries().unwrap()).await.unwrap(), 1);
    let states = ring.open(tenant, vec![key.id]).await.unwrap();
    assert_eq!(states, [KeyState::Destroyed(key.id)]);
    assert_eq!(ring.index(tenant, CHAIN).await.unwrap(), proofs);
    assert_eq!(ring.ended().await.unwrap(), [(tenant, note)]);
}
