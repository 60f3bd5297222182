//! Whether a service can do its work: named checks, asked at most once a second.

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
/// When was asked, and the names of what was not well.
type Asked = (Instant, Vec<String>);
type Check = Arc<dyn Fn() -> Verdict + Send + Sync>;
type Remark = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// The checks of one service.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Mutex<Vec<(String, Check)>>>,
    remarks: Arc<Mutex<Vec<Remark>>>,
    last: Arc<tokio::sync::Mutex<Option<Asked>>>,
}

impl Debug for Health {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Health")
    }
}

impl Health {
    /// Adds a check; it has three seconds to say that all is well.
    pub fn watch<F, W>(&self, name: impl Into<String>, check: F)
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = bool> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.lock().push((name.into(), check));
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

    async fn ask_all(&self) -> Vec<String> {
        let checks = self.lock().clone();
        let asked = checks.into_iter().map(|(name, check)| async move {
            let well = tokio::time::timeout(PATIENCE, check()).await.unwrap_or(false);
            (!well).then_some(name)
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Check)>> {
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
        health.watch("postgres", || async { true });
        health.watch("nats", || async { false });
        assert_eq!(health.failing().await, ["nats"]);
    }
}
