//! Figures about relays, consumers and pools, for whoever watches. No tenant, id or name.

use std::sync::Weak;
use std::time::Duration;

use kit_bus::{Consuming, Relay};
use metrics::{counter, gauge};

const EVERY: Duration = Duration::from_secs(5);

/// Reports how a relay, and the pool of its store, are doing.
pub(crate) async fn of_relay(service: &'static str, relay: Weak<Relay>) {
    while let Some(relay) = relay.upgrade() {
        let status = relay.status();
        // Where another process leads, that one reports; what was said here before would stay.
        let (events, seconds, parked) = if status.leading {
            (status.behind.events, status.behind.seconds, status.parked.len() as u64)
        } else {
            (0, 0.0, 0)
        };
        gauge!("amparo_relay_leading", "service" => service).set(f64::from(status.leading));
        gauge!("amparo_relay_pending", "service" => service).set(float(events));
        gauge!("amparo_relay_lag_seconds", "service" => service).set(seconds);
        gauge!("amparo_relay_parked", "service" => service).set(float(parked));
        counter!("amparo_relay_failures_total", "service" => service).absolute(status.all_failures);
        counter!("amparo_relay_facts_total", "service" => service).absolute(status.facts);
        let figures = relay.store().figures();
        counter!("amparo_events_appended_total", "service" => service).absolute(figures.appended);
        counter!("amparo_conflicts_total", "service" => service).absolute(figures.conflicts);
        of_pool(service, relay.store().pool().status());
        drop(relay);
        tokio::time::sleep(EVERY).await;
    }
}

fn of_pool(service: &'static str, pool: kit_store::PoolStatus) {
    let states = [
        ("used", pool.size.saturating_sub(pool.available)),
        ("idle", pool.available),
        ("max", pool.max_size),
    ];
    for (state, count) in states {
        gauge!("amparo_pool_connections", "service" => service, "state" => state)
            .set(float(count as u64));
    }
    gauge!("amparo_pool_waiting", "service" => service).set(float(pool.waiting as u64));
}

/// Reports how far a consumer is behind.
pub(crate) async fn of_consumer(service: &'static str, consuming: Weak<Consuming>) {
    while let Some(consuming) = consuming.upgrade() {
        let (source, consumer) = (consuming.source(), consuming.name());
        let (mut applied, mut active) = (0, 0);
        for status in consuming.status() {
            applied += status.applied;
            active += u64::from(status.active);
            let (lag, poisoned) = if status.active {
                (status.lag, u64::from(status.poison.is_some()))
            } else {
                (0, 0)
            };
            let labels = [
                ("service", service.to_owned()),
                ("source", source.to_owned()),
                ("consumer", consumer.to_owned()),
                ("partition", status.partition.to_string()),
            ];
            gauge!("amparo_consumer_lag", &labels).set(float(lag));
            gauge!("amparo_consumer_poisoned", &labels).set(float(poisoned));
        }
        gauge!("amparo_consumer_active", "service" => service, "source" => source,
            "consumer" => consumer)
        .set(float(active));
        counter!("amparo_consumer_applied_total", "service" => service, "source" => source,
            "consumer" => consumer)
        .absolute(applied);
        drop(consuming);
        tokio::time::sleep(EVERY).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
