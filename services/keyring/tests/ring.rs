//! Keys are durable, open in bulk, rotate without rewriting what they sealed, and can be
//! destroyed for good. Every rule holds for both vaults.

use std::sync::Arc;

use jiff::Timestamp;
use keyring::{
    Journal, Keyring, KeyringError, LocalRoot, MIGRATIONS, MemoryVault, PostgresVault, Vault,
};
use kit_seal::SecretKey;
use kit_store::KeyState;
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

struct Setup {
    db: TestDb,
    vaults: Vec<Arc<dyn Vault>>,
}

impl Setup {
    async fn new() -> Self {
        let db = TestDb::new("keyring", MIGRATIONS).await;
        let vaults: Vec<Arc<dyn Vault>> =
            vec![Arc::new(PostgresVault::new(db.pool())), Arc::new(MemoryVault::default())];
        Self { db, vaults }
    }

    fn rings(&self) -> Vec<(&Arc<dyn Vault>, Keyring)> {
        self.vaults.iter().map(|vault| (vault, Keyring::new(root(), Arc::clone(vault)))).collect()
    }
}

#[tokio::test]
async fn reserved_keys_are_there_after_a_restart() {
    let setup = Setup::new().await;
    for (vault, ring) in setup.rings() {
        let tenant = fresh_id();
        let keys = ring.reserve(tenant, &ids(500)).await.unwrap();
        let restarted = Keyring::new(root(), Arc::clone(vault));
        let mut wanted: Vec<_> = keys.iter().map(|key| key.id).collect();
        wanted.push(wanted[0]);
        let opened = restarted.open(tenant, wanted).await.unwrap();
        assert_eq!(opened.len(), 500);
        assert!(keys.iter().all(|key| opened.contains(&KeyState::Live(key.clone()))));
    }
}

#[tokio::test]
async fn another_organisation_cannot_open_a_key() {
    let setup = Setup::new().await;
    for (_, ring) in setup.rings() {
        let (mine, theirs) = (fresh_id(), fresh_id());
        let key = ring.reserve(theirs, &ids(1)).await.unwrap().remove(0);
        let refused = ring.open(mine, vec![key.id]).await;
        assert!(matches!(refused, Err(KeyringError::Unknown)));
        assert!(matches!(ring.destroy(mine, key.id, None, NOW).await, Err(KeyringError::Unknown)));
        assert_eq!(ring.open(theirs, vec![key.id]).await.unwrap(), [KeyState::Live(key)]);
    }
}

#[tokio::test]
async fn rotation_changes_the_wrapping_and_no_key() {
    let setup = Setup::new().await;
    for (vault, ring) in setup.rings() {
        let tenant = fresh_id();
        let keys = ring.reserve(tenant, &ids(20)).await.unwrap();
        let index = ring.index(tenant, "names").await.unwrap();
        ring.destroy(tenant, keys[3].id, None, NOW).await.unwrap();
        let wanted: Vec<_> = keys.iter().map(|key| key.id).collect();
        let before = vault.data_keys(tenant, wanted.clone()).await.unwrap();
        assert_eq!(ring.rotate(tenant).await.unwrap(), (2, 20));
        let after = vault.data_keys(tenant, wanted.clone()).await.unwrap();
        assert!(after.iter().all(|row| row.generation == 2));
        assert!(before.iter().all(|row| row.wrapped.is_none() || !after.contains(row)));
        // The old key-encryption key is gone for good.
        assert!(vault.generation(tenant, 1).await.unwrap().is_none());

        let restarted = Keyring::new(root(), Arc::clone(vault));
        for state in restarted.open(tenant, wanted).await.unwrap() {
            match state {
                KeyState::Live(key) => assert!(keys.contains(&key)),
                KeyState::Destroyed(id) => assert_eq!(id, keys[3].id),
            }
        }
        assert_eq!(restarted.index(tenant, "names").await.unwrap(), index);
        assert_eq!(restarted.rotate(tenant).await.unwrap(), (3, 20));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_reserved_while_rotating_are_not_lost() {
    let setup = Setup::new().await;
    for vault in &setup.vaults {
        let tenant = fresh_id();
        let ring = Arc::new(Keyring::new(root(), Arc::clone(vault)));
        let reserving: Vec<_> = (0..6)
            .map(|_| {
                let ring = Arc::clone(&ring);
                tokio::spawn(async move {
                    let mut keys = Vec::new();
                    for _ in 0..10 {
                        keys.extend(ring.reserve(tenant, &ids(5)).await.unwrap());
                    }
                    keys
                })
            })
            .collect();
        let other = Keyring::new(root(), Arc::clone(vault));
        for _ in 0..8 {
            other.rotate(tenant).await.unwrap();
        }
        let mut keys = Vec::new();
        for task in reserving {
            keys.extend(task.await.unwrap());
        }
        other.rotate(tenant).await.unwrap();
        let restarted = Keyring::new(root(), Arc::clone(vault));
        let wanted = keys.iter().map(|key| key.id).collect();
        let opened = restarted.open(tenant, wanted).await.unwrap();
        assert!(keys.iter().all(|key| opened.contains(&KeyState::Live(key.clone()))));
    }
}

#[tokio::test]
async fn a_destroyed_key_stays_destroyed() {
    let setup = Setup::new().await;
    for (_, ring) in setup.rings() {
        let tenant = fresh_id();
        let keys = ring.reserve(tenant, &ids(2)).await.unwrap();
        ring.destroy(tenant, keys[0].id, None, NOW).await.unwrap();
        ring.destroy(tenant, keys[0].id, None, NOW).await.unwrap();
        let states = ring.open(tenant, vec![keys[0].id]).await.unwrap();
        assert_eq!(states, [KeyState::Destroyed(keys[0].id)]);
        assert!(matches!(
            ring.destroy(tenant, fresh_id(), None, NOW).await,
            Err(KeyringError::Unknown)
        ));
    }
    let left =
        "select count(*) from data_key where destroyed_at is not null and wrapped is not null";
    let left: i64 = setup.db.admin().await.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn index_keys_differ_by_purpose_and_organisation_and_are_stable() {
    let setup = Setup::new().await;
    for (vault, ring) in setup.rings() {
        let (one, two) = (fresh_id(), fresh_id());
        let names = ring.index(one, "names").await.unwrap();
        assert_ne!(names, ring.index(one, "phones").await.unwrap());
        assert_ne!(names, ring.index(two, "names").await.unwrap());
        let restarted = Keyring::new(root(), Arc::clone(vault));
        assert_eq!(names, restarted.index(one, "names").await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_organisation_gets_one_key_whoever_comes_first() {
    let setup = Setup::new().await;
    let tenant = fresh_id();
    let vault = &setup.vaults[0];
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let ring = Keyring::new(root(), Arc::clone(vault));
            tokio::spawn(async move {
                let key = ring.reserve(tenant, &ids(1)).await.unwrap().remove(0);
                (key, ring.index(tenant, "names").await.unwrap())
            })
        })
        .collect();
    let ring = Keyring::new(root(), Arc::clone(vault));
    let index = ring.index(tenant, "names").await.unwrap();
    for task in tasks {
        let (key, theirs) = task.await.unwrap();
        assert_eq!(theirs, index);
        assert_eq!(ring.open(tenant, vec![key.id]).await.unwrap(), [KeyState::Live(key)]);
    }
}

#[tokio::test]
async fn another_root_key_opens_nothing() {
    let setup = Setup::new().await;
    for (vault, ring) in setup.rings() {
        let tenant = fresh_id();
        let key = ring.reserve(tenant, &ids(1)).await.unwrap().remove(0);
        let thief = Arc::new(LocalRoot::new(&SecretKey::new([8; 32])));
        let thief = Keyring::new(thief, Arc::clone(vault));
        let refused = thief.open(tenant, vec![key.id]).await;
        assert!(matches!(refused, Err(KeyringError::Root(_))));
    }
}

#[tokio::test]
async fn too_many_at_once_is_refused() {
    let setup = Setup::new().await;
    for (_, ring) in setup.rings() {
        let refused = ring.reserve(fresh_id(), &ids(10_001)).await;
        assert!(matches!(refused, Err(KeyringError::TooMany)));
    }
}

#[tokio::test]
async fn nothing_in_the_database_opens_anything() {
    let setup = Setup::new().await;
    let ring = Keyring::new(root(), Arc::clone(&setup.vaults[0]));
    let tenant = fresh_id();
    let key = ring.reserve(tenant, &ids(1)).await.unwrap().remove(0);
    let index = ring.index(tenant, "names").await.unwrap();
    let hex =
        |bytes: &[u8]| bytes.iter().fold(String::new(), |it, byte| it + &format!("{byte:02x}"));
    let admin = setup.db.admin().await;
    for table in ["tenant_key", "data_key", "index_secret"] {
        let sql = format!("select {table}::text from {table}");
        let rows = admin.query(&sql, &[]).await.unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            let text: String = row.get(0);
            for secret in [key.secret.expose(), index.0.expose(), &[7; 32]] {
                assert!(!text.contains(&hex(secret)), "{table}");
            }
        }
    }
}

#[tokio::test]
async fn a_restored_backup_loses_again_what_the_journal_lists() {
    let setup = Setup::new().await;
    let folder = tempfile::tempdir().unwrap();
    for (at, vault) in setup.vaults.iter().enumerate() {
        let journal = Journal::open(&folder.path().join(at.to_string())).unwrap();
        let ring = Keyring::new(root(), Arc::clone(vault)).with_journal(Some(journal.clone()));
        let tenant = fresh_id();
        let keys = ring.reserve(tenant, &ids(3)).await.unwrap();
        let backup = vault.data_keys(tenant, vec![keys[0].id, keys[1].id]).await.unwrap();
        let note = json!({"record_id": 7});
        for _ in 0..2 {
            let listed = ring.destroy(tenant, keys[0].id, Some(note.clone()), NOW).await.unwrap();
            assert_eq!(listed.unwrap().number, 1);
        }
        // What is unknown is not listed: the journal stays what was done.
        let unknown = ring.destroy(tenant, fresh_id(), None, NOW).await;
        assert!(matches!(unknown, Err(KeyringError::Unknown)));
        assert_eq!(journal.entries().unwrap().len(), 1);

        // Another database, restored from a backup of before.
        let restored = MemoryVault::default();
        let generation = vault.newest(tenant).await.unwrap().unwrap();
        restored.add_generation(tenant, generation).await.unwrap();
        restored.add_data_keys(tenant, backup).await.unwrap();
        let ring = Keyring::new(root(), Arc::new(restored)).with_journal(Some(journal.clone()));
        let states = ring.open(tenant, vec![keys[0].id]).await.unwrap();
        assert_eq!(states, [KeyState::Live(keys[0].clone())]);
        assert_eq!(ring.replay(journal.entries().unwrap()).await.unwrap(), 1);
        let states = ring.open(tenant, vec![keys[0].id, keys[1].id]).await.unwrap();
        assert!(states.contains(&KeyState::Destroyed(keys[0].id)));
        assert!(states.contains(&KeyState::Live(keys[1].clone())));
        assert_eq!(ring.destroyed(tenant).await.unwrap(), [(keys[0].id, note)]);
        assert_eq!(ring.destroyed(fresh_id()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn nothing_is_destroyed_that_the_journal_cannot_list() {
    let setup = Setup::new().await;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal")).unwrap();
    let vault = &setup.vaults[0];
    let ring = Keyring::new(root(), Arc::clone(vault)).with_journal(Some(journal));
    let tenant = fresh_id();
    let keys = ring.reserve(tenant, &ids(1)).await.unwrap();
    std::fs::write(folder.path().join("journal"), "something else\n").unwrap();
    let refused = ring.destroy(tenant, keys[0].id, None, NOW).await;
    assert!(matches!(refused, Err(KeyringError::Journal(_))));
    let states = ring.open(tenant, vec![keys[0].id]).await.unwrap();
    assert_eq!(states, [KeyState::Live(keys[0].clone())]);
}
