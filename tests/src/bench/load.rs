//! The load generator: so many connections that each ask as fast as they are answered, or at a
//! steady rate.

use crate::process::cpu_seconds;
use crate::wire::Wire;
use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Gives the n-th request of a client.
pub type Requests = Arc<dyn Fn(usize, u64) -> Bytes + Send + Sync>;

/// How to ask.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub port: u16,
    pub clients: usize,
    pub time: Duration,
    /// Requests per second over all clients; as many as possible when absent.
    pub rate: Option<f64>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Successes, in microseconds each, sorted.
    pub latencies: Vec<u32>,
    /// Answers that were no success, by what they said first.
    pub refused: Vec<u16>,
    pub seconds: f64,
    /// The share of one processor that asking took.
    pub cpu: f64,
}

impl Load {
    pub async fn run(self, requests: &Requests) -> Result<Outcome> {
        self.ask_all(u64::MAX, requests).await
    }

    /// So many requests of each client, however long it takes.
    pub async fn times(self, each: u64, requests: &Requests) -> Result<Outcome> {
        let time = Duration::from_hours(1);
        let outcome = Self { time, ..self }.ask_all(each, requests).await?;
        ensure!(outcome.refused.is_empty(), "refused with {}", outcome.refused[0]);
        Ok(outcome)
    }

    async fn ask_all(self, each: u64, requests: &Requests) -> Result<Outcome> {
        let (began, cpu) = (Instant::now(), cpu_seconds());
        let mut clients = JoinSet::new();
        for client in 0..self.clients {
            clients.spawn(self.ask(client, each, Arc::clone(requests), began));
        }
        let mut outcome = Outcome::default();
        while let Some(client) = clients.join_next().await {
            let (latencies, refused) = client??;
            outcome.latencies.extend(latencies);
            outcome.refused.extend(refused);
        }
        outcome.latencies.sort_unstable();
        outcome.seconds = began.elapsed().as_secs_f64();
        outcome.cpu = (cpu_seconds() - cpu) / outcome.seconds;
        if let Some(status) = outcome.refused.first() {
            println!("  {} answers were no success, such as {status}", outcome.refused.len());
        }
        Ok(outcome)
    }

    async fn ask(
        self,
        client: usize,
        each: u64,
        requests: Requests,
        began: Instant,
    ) -> Result<(Vec<u32>, Vec<u16>)> {
        let mut wire = Wire::connect(self.port).await?;
        let (mut latencies, mut refused) = (Vec::new(), Vec::new());
        for number in 0..each {
            if let Some(due) = self.due(client, number) {
                tokio::time::sleep_until((began + due).into()).await;
            }
            if began.elapsed() >= self.time {
                break;
            }
            let request = requests(client, number);
            let asked = Instant::now();
            let status = wire.ask(&request).await?;
            if (200..300).contains(&status) {
                latencies.push(u32::try_from(asked.elapsed().as_micros())?);
            } else {
                refused.push(status);
            }
        }
        Ok((latencies, refused))
    }

    /// When the n-th request of a client is due.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn due(self, client: usize, number: u64) -> Option<Duration> {
        let each = self.clients as f64 / self.rate?;
        let first = each * client as f64 / self.clients as f64;
        Some(Duration::from_secs_f64(first + each * number as f64))
    }
}

impl Outcome {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// A quantile of the latencies, in milliseconds.
    pub fn quantile(&self, share: f64) -> Result<f64> {
        quantile(&self.latencies, share).context("nothing succeeded")
    }
}

/// A quantile of sorted microseconds, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
pub fn quantile(sorted: &[u32], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some(f64::from(sorted[(last as f64 * share).round() as usize]) / 1_000.0)
}

/// The best of several numbers of clients, with that number.
pub async fn best(load: Load, clients: &[usize], requests: &Requests) -> Result<(usize, Outcome)> {
    let mut best: Option<(usize, Outcome)> = None;
    for &clients in clients {
        let outcome = Load { clients, ..load }.run(requests).await?;
        println!(
            "  {clients} clients: {:.0} a second, median {:.2} ms, p95 {:.2} ms, load generator {:.0}% of a processor",
            outcome.per_second(),
            outcome.quantile(0.5)?,
            outcome.quantile(0.95)?,
            outcome.cpu * 100.0,
        );
        if best.as_ref().is_none_or(|(_, other)| other.per_second() < outcome.per_second()) {
            best = Some((clients, outcome));
        }
    }
    best.context("no clients")
}
