//! The served keyring, asked by a store as other services ask it.

use kit_proto::keyring::v1::{GetKeysRequest, ReserveKeysRequest};
use kit_serve::{
    Clock, Ids, InternalSettings, Platform, PostgresSettings, Process, Secret, Service, Shared,
    Shutdown, Trigger,
};
use kit_shell::RemoteKeys;
use kit_store::{KeyState, StoreError};
use kit_test::{TestDb, fresh_id};

struct Served {
    _db: TestDb,
    shared: Shared,
    trigger: Trigger,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Served {
    async fn start() -> Self {
        let db = TestDb::new("keyring", keyring::MIGRATIONS).await;
        let platform = Platform {
            internal: InternalSettings {
                internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
                internal_token_file: None,
            },
            postgres: PostgresSettings {
                postgres_url: Some(Secret::new(db.runtime_url())),
                ..Default::default()
            },
            ..Default::default()
        };
        let ids = Ids::system(Clock::system());
        let process = Process::try_new(platform, Clock::system(), ids).unwrap();
        let shared = process.bind(Service::Keyring, None).await.unwrap();
        let root = Secret::new("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
        let settings = keyring::Settings { keyring_root_key: Some(root), ..Default::default() };
        let (trigger, shutdown) = Shutdown::new();
        let serving = tokio::spawn(keyring::run(settings, shared.clone(), shutdown));
        Self { _db: db, shared, trigger, serving }
    }

    async fn stop(self) {
        self.trigger.stop();
        self.serving.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_store_takes_its_keys_from_the_served_keyring() {
    let served = Served::start().await;
    let tenant = fresh_id();
    let cache = RemoteKeys::cached(&served.shared);
    let keys = cache.fresh_many(tenant, 100).await.unwrap();
    let key = cache.fresh(tenant).await.unwrap();

    let elsewhere = RemoteKeys::cached(&served.shared);
    let opened = elsewhere.open(tenant, keys.iter().map(|key| key.id)).await.unwrap();
    assert!(keys.iter().all(|key| opened[&key.id] == KeyState::Live(key.clone())));
    let index = elsewhere.index(tenant, "names").await.unwrap();
    assert_eq!(index, cache.index(tenant, "names").await.unwrap());

    elsewhere.destroy(tenant, key.id).await.unwrap();
    let gone = RemoteKeys::cached(&served.shared).open_one(tenant, key.id).await;
    assert!(matches!(gone, Err(StoreError::Erased)));
    served.stop().await;
}

#[tokio::test]
async fn only_services_may_ask() {
    let served = Served::start().await;
    let request = ReserveKeysRequest { tenant: fresh_id().to_string(), count: 1 };
    let refused = served.shared.peers.keyring().reserve_keys(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
    served.stop().await;
}

#[tokio::test]
async fn nonsense_is_told_apart_from_trouble() {
    let served = Served::start().await;
    let call = served.shared.internal_call(None);
    let ask = |tenant: String, key: String| {
        let request = call.request(GetKeysRequest { tenant, key_ids: vec![key] });
        let mut keyring = served.shared.peers.keyring();
        async move { keyring.get_keys(request).await.unwrap_err().code() }
    };
    let id = fresh_id().to_string();
    assert_eq!(ask("../etc".into(), id.clone()).await, tonic::Code::InvalidArgument);
    assert_eq!(ask(id.clone(), "' or 1=1".into()).await, tonic::Code::InvalidArgument);
    assert_eq!(ask(id.clone(), id).await, tonic::Code::NotFound);
    let many = ReserveKeysRequest { tenant: fresh_id().to_string(), count: 1_000_000 };
    let mut keyring = served.shared.peers.keyring();
    let refused = keyring.reserve_keys(call.request(many)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    served.stop().await;
}

#[test]
fn a_root_key_must_be_given() {
    assert!(keyring::Settings::default().root().is_err());
}
