//! A gateway in a process of its own, killed while NATS is away: what it audited is not lost.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gateway::settings::Settings;
use kit_bus::{Bus, Kind};
use kit_serve::{Clock, Ids, Process, Service, Shutdown};
use kit_test::TestBus;

use crate::fake::{Fake, World};
use crate::rig::{Browser, PASSWORD, platform, serve};

/// Not a test: what the process below runs until it is killed.
#[tokio::test]
#[ignore = "runs as a process of its own"]
async fn a_gateway() {
    let Ok(listen) = std::env::var("GATEWAY_LISTEN") else { return };
    let given = |name: &str| std::env::var(name).unwrap();
    let settings = Settings {
        gateway_listen: listen.parse().unwrap(),
        gateway_spool: Some(given("GATEWAY_SPOOL").into()),
        ..Default::default()
    };
    let platform = platform(&given("GATEWAY_SERVICES"), &given("GATEWAY_NATS"));
    let process = Process::try_new(platform, Clock::system(), Ids::system(Clock::system()));
    let (_trigger, shutdown) = Shutdown::new();
    gateway::run(settings, process.unwrap().share(Service::Gateway), shutdown).await.unwrap();
}

struct Gateway {
    child: Child,
    address: String,
}

impl Gateway {
    async fn start(services: &str, nats: &str, spool: &std::path::Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["killed::a_gateway", "--exact", "--ignored"])
            .env("GATEWAY_LISTEN", &address)
            .env("GATEWAY_SERVICES", services)
            .env("GATEWAY_NATS", nats)
            .env("GATEWAY_SPOOL", spool)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let this = Self { child, address };
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(&this.address).await.is_ok() {
                return this;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the gateway does not start");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // SIGKILL, with no chance to write anything more.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test]
async fn a_gateway_that_is_killed_while_nats_is_away_loses_no_audit_entry() {
    const CALLS: usize = 25;
    let services = serve(Fake(Arc::new(World::default()))).await;
    let test_bus = TestBus::new().await;
    let bus = Bus::connect(test_bus.url()).await.unwrap();
    bus.stream("gateway").await.unwrap();
    let mut overheard = bus.overhear("gateway").await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let spool = tempfile::tempdir().unwrap();

    let nowhere = "nats://127.0.0.1:1";
    let first = Gateway::start(&services, nowhere, spool.path()).await;
    let mut script = Browser::at(&first.address).with_basic("ann", PASSWORD);
    for _ in 0..CALLS {
        assert_eq!(script.post("/api/v2/cases", r#"{"data":{"age":9}}"#).await.status, 200);
    }
    drop(first);
    let files = || std::fs::read_dir(spool.path()).unwrap().count();
    assert!(files() > 0, "nothing was written down");
    for file in std::fs::read_dir(spool.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(PASSWORD) && !text.contains("age"), "{text}");
    }

    let second = Gateway::start(&services, test_bus.url(), spool.path()).await;
    let mut found = std::collections::BTreeSet::new();
    while found.len() < CALLS {
        let next = tokio::time::timeout(Duration::from_secs(20), overheard.next()).await;
        let fact = next.expect("entries were lost").unwrap();
        let Some(Kind::CallAudited(call)) = fact.kind else { panic!("{fact:?}") };
        assert_eq!((call.action.as_str(), call.user_name.as_str()), ("create", "ann"));
        found.insert(fact.event_id);
    }
    // They stay for some minutes, in case JetStream loses them; nobody sends them once more.
    let more = tokio::time::timeout(Duration::from_secs(3), overheard.next()).await;
    assert!(more.is_err(), "an entry went twice");
    drop(second);
}
