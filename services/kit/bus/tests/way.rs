//! NATS over TLS, and with passwords that are changed while we are connected.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kit_bus::{Bus, Way};
use kit_test::{TestBus, authority};

#[tokio::test]
async fn only_a_server_that_is_vouched_for_is_spoken_to() {
    let dir = tempfile::tempdir().unwrap();
    authority(dir.path(), "ours");
    authority(dir.path(), "theirs");
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (file("ours-end.pem"), file("ours-end.key"));
    let server = TestBus::with_flags(&["--tls", "--tlscert", &certificate, "--tlskey", &key]).await;
    // The certificate is for this name, and for no address.
    let url = server.url().replace("127.0.0.1", "localhost");
    let connect = async |ca: &str, url: String| {
        let way = Way::new(move || url.clone()).vouched_for(Some(file(ca).into()));
        let bus = Bus::open(way).await.unwrap();
        let connected = gets_connected(&bus, Duration::from_secs(3)).await;
        if connected {
            bus.stream("town").await.unwrap();
        }
        connected
    };
    assert!(connect("ours.pem", url.clone()).await);
    assert!(connect("ours.pem", url.replace("nats://", "tls://")).await);
    assert!(!connect("theirs.pem", url.clone()).await, "by another authority");
    assert!(!connect("ours.pem", server.url().to_owned()).await, "for another name");
    let clear = TestBus::private().await;
    let url = clear.url().replace("127.0.0.1", "localhost");
    assert!(!connect("ours.pem", url).await, "in clear");
}

#[tokio::test]
async fn a_changed_password_counts_from_the_next_connection_on() {
    let flags = |password: &'static str| ["--user", "amparo", "--pass", password];
    let mut server = TestBus::with_flags(&flags("first")).await;
    let address = server.url().replace("nats://", "nats://amparo:first@");
    let told = Arc::new(Mutex::new(address));
    let asked = Arc::clone(&told);
    let bus = Bus::open(Way::new(move || asked.lock().unwrap().clone())).await.unwrap();
    assert!(gets_connected(&bus, Duration::from_secs(5)).await);
    server.start_anew(&flags("second")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!bus.is_connected(), "the first password still is one");
    let changed = told.lock().unwrap().replace("first", "second");
    *told.lock().unwrap() = changed;
    assert!(gets_connected(&bus, Duration::from_secs(15)).await);
    bus.stream("town").await.unwrap();
}

async fn gets_connected(bus: &Bus, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    while !bus.is_connected() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bus.is_connected()
}
