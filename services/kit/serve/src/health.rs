//! Whether a service can do its work, and whether all is well: named checks, asked at most once a
//! second. What is not well elsewhere must not take a service out of traffic that it can serve.

use std::fmt::{Debug, Formatter};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kit_proto::common::v1::{HealthReply, HealthRequest, health_server};
use tonic::{Request, Response, Status};

const FRESH: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(3);

type Verdict = Pin<Box<dyn Future<Output = bool> + Send>>;
/// When was asked, and what was not well.
type Asked = (Instant, Vec<Failing>);
type Ask = Arc<dyn Fn() -> Verdict + Send + Sync>;
type Remark = Arc<dyn Fn() -> Option<String> + Send + Sync>;

#[derive(Clone)]
struct Check {
    name: String,
    /// Without it no call can be answered.
    needed: bool,
    ask: Ask,
}

#[derive(Clone)]
struct Failing {
    name: String,
    needed: bool,
}

/// The checks of one service.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Mutex<Vec<Check>>>,
    remarks: Arc<Mutex<Vec<Remark>>>,
    last: Arc<tokio::sync::Mutex<Option<Asked>>>,
}

impl Debug for Health {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Health")
    }
}

impl Health {
    /// Adds a check of something without which no call can be answered; it has three seconds to
    /// say that it is there.
    pub fn need<F, W>(&self, name: impl Into<String>, check: F)
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = bool> + Send + 'static,
    {
        self.add(name.into(), true, check);
    }

    /// Adds a check of something that the service can be without for a while: facts wait, other
    /// calls are answered. It has three seconds to say that all is well.
    pub fn watch<F, W>(&self, name: impl Into<String>, check: F)
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = bool> + Send + 'static,
    {
        self.add(name.into(), false, check);
    }

    fn add<F, W>(&self, name: String, needed: bool, check: F)
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = bool> + Send + 'static,
    {
        let ask: Ask = Arc::new(move || Box::pin(check()));
        self.lock().push(Check { name, needed, ask });
    }

    /// Adds something that may be worth a look, though the service can do its work.
    pub fn remark(&self, remark: impl Fn() -> Option<String> + Send + Sync + 'static) {
        self.remarks.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::new(remark));
    }

    /// What is worth a look now.
    pub fn remarks(&self) -> Vec<String> {
        let remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        remarks.iter().filter_map(|remark| remark()).collect()
    }

    /// The names of what is not well now.
    pub async fn failing(&self) -> Vec<String> {
        self.asked().await.into_iter().map(|one| one.name).collect()
    }

    /// Whether calls can be answered now.
    pub async fn is_able(&self) -> bool {
        !self.asked().await.iter().any(|one| one.needed)
    }

    async fn asked(&self) -> Vec<Failing> {
        let mut last = self.last.lock().await;
        if let Some((at, failing)) = &*last
            && at.elapsed() < FRESH
        {
            return failing.clone();
        }
        let failing = self.ask_all().await;
        *last = Some((Instant::now(), failing.clone()));
        failing
    }

    async fn ask_all(&self) -> Vec<Failing> {
        let checks = self.lock().clone();
        let asked = checks.into_iter().map(|Check { name, needed, ask }| async move {
            let well = tokio::time::timeout(PATIENCE, ask()).await.unwrap_or(false);
            (!well).then_some(Failing { name, needed })
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Check>> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl health_server::Health for Health {
    async fn check_health(
        &self,
        _: Request<HealthRequest>,
    ) -> Result<Response<HealthReply>, Status> {
        let failing = self.failing().await;
        Ok(Response::new(HealthReply { ready: failing.is_empty(), failing }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_what_is_not_well() {
        let health = Health::default();
        health.need("postgres", || async { true });
        health.watch("nats", || async { false });
        assert_eq!(health.failing().await, ["nats"]);
        assert!(health.is_able().await);
    }

    #[tokio::test]
    async fn is_unable_only_without_what_it_needs() {
        let health = Health::default();
        health.need("postgres", || async { false });
        assert!(!health.is_able().await);
        assert_eq!(health.failing().await, ["postgres"]);
    }
}
