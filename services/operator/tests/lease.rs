//! One of several replicas leads.

use std::time::Duration;

use http::Method;
use kit_serve::{Clock, Shutdown};
use operator::lease::{Held, Leadership};
use serde_json::json;

use crate::cluster::Cluster;

const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/protection/leases/amparo-operator";

fn replica(cluster: &Cluster, holder: &str, term: Duration) -> Leadership {
    let client = cluster.client();
    Leadership::new(client, "protection", "amparo-operator", holder, term, Clock::system())
}

#[tokio::test]
async fn one_leads_until_it_gives_up() {
    let cluster = Cluster::default();
    let mut one = replica(&cluster, "one", Duration::from_mins(1));
    let mut two = replica(&cluster, "two", Duration::from_mins(1));
    assert_eq!(one.try_hold().await.unwrap(), Held::Mine);
    assert_eq!(two.try_hold().await.unwrap(), Held::Others);
    assert_eq!(one.try_hold().await.unwrap(), Held::Mine);
    one.give_up().await.unwrap();
    assert_eq!(two.try_hold().await.unwrap(), Held::Mine);
    assert_eq!(one.try_hold().await.unwrap(), Held::Others);
    assert_eq!(cluster.get(LEASE).unwrap()["spec"]["leaseTransitions"], json!(2));
    // Giving up what is another's changes nothing.
    one.give_up().await.unwrap();
    assert_eq!(cluster.get(LEASE).unwrap()["spec"]["holderIdentity"], "two");
}

#[tokio::test]
async fn who_renews_no_longer_is_followed() {
    let cluster = Cluster::default();
    let mut one = replica(&cluster, "one", Duration::from_secs(1));
    let mut two = replica(&cluster, "two", Duration::from_secs(1));
    assert_eq!(one.try_hold().await.unwrap(), Held::Mine);
    assert_eq!(two.try_hold().await.unwrap(), Held::Others);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(one.try_hold().await.unwrap(), Held::Mine);
    assert_eq!(two.try_hold().await.unwrap(), Held::Others);
    // Counted anew from the renewal that was seen.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(two.try_hold().await.unwrap(), Held::Others);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(two.try_hold().await.unwrap(), Held::Mine);
    assert_eq!(one.try_hold().await.unwrap(), Held::Others);
}

#[tokio::test]
async fn of_two_that_write_at_once_one_is_refused() {
    let cluster = Cluster::default();
    let mut one = replica(&cluster, "one", Duration::from_mins(1));
    cluster.fail(Method::POST, "/leases", 409);
    assert_eq!(one.try_hold().await.unwrap(), Held::Others);
    cluster.mend();
    assert_eq!(one.try_hold().await.unwrap(), Held::Mine);
    cluster.fail(Method::PUT, "/leases", 409);
    assert_eq!(one.try_hold().await.unwrap(), Held::Others);
}

#[tokio::test]
async fn who_cannot_renew_leads_no_longer() {
    let cluster = Cluster::default();
    let term = Duration::from_millis(900);
    let (_trigger, shutdown) = Shutdown::new();
    let mut one = replica(&cluster, "one", term);
    assert!(one.won(&shutdown).await);
    cluster.fail(Method::GET, "/leases", 500);
    let began = std::time::Instant::now();
    let lost = tokio::time::timeout(Duration::from_secs(10), one.kept(&shutdown)).await.unwrap();
    assert!(lost.is_err());
    // Before anyone else may lead.
    assert!(began.elapsed() < term, "{:?}", began.elapsed());
}

#[tokio::test]
async fn being_told_to_stop_ends_the_wait() {
    let cluster = Cluster::default();
    let (trigger, shutdown) = Shutdown::new();
    let mut one = replica(&cluster, "one", Duration::from_mins(1));
    assert!(one.won(&shutdown).await);
    let mut two = replica(&cluster, "two", Duration::from_mins(1));
    let waits = shutdown.clone();
    let waiting = tokio::spawn(async move { two.won(&waits).await });
    trigger.stop();
    assert!(!waiting.await.unwrap());
    one.kept(&shutdown).await.unwrap();
}
