//! Of several replicas one leads: whoever holds the Lease. Others count by their own clocks how
//! long it was not renewed, so that clocks need not agree.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kit_serve::{Clock, Shutdown};
use kube::api::PostParams;
use kube::{Api, Client};
use metrics::gauge;

/// A lease and who asks for it.
pub struct Leadership {
    api: Api<Lease>,
    name: String,
    holder: String,
    term: Duration,
    clock: Clock,
    /// What was seen last of another holder, and when that was.
    seen: Option<(LeaseSpec, Instant)>,
}

/// What one try came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Mine,
    Others,
}

impl Leadership {
    pub fn new(
        client: Client,
        namespace: &str,
        name: &str,
        holder: &str,
        term: Duration,
        clock: Clock,
    ) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            holder: holder.to_owned(),
            term,
            clock,
            seen: None,
        }
    }

    /// Returns once this replica leads; never when told to stop first.
    pub async fn won(&mut self, shutdown: &Shutdown) -> bool {
        gauge!("amparo_operator_leads").set(0.0);
        while !shutdown.is_stopping() {
            match self.try_hold().await {
                Ok(Held::Mine) => {
                    gauge!("amparo_operator_leads").set(1.0);
                    return true;
                }
                Ok(Held::Others) => {}
                Err(error) => tracing::warn!(%error, "the lease could not be asked for"),
            }
            tokio::select! {
                () = tokio::time::sleep(self.term / 3) => {}
                () = shutdown.wait() => {}
            }
        }
        false
    }

    /// Renews while it can; returns when it leads no longer, or was told to stop.
    pub async fn kept(&mut self, shutdown: &Shutdown) -> anyhow::Result<()> {
        let mut renewed = Instant::now();
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.term / 3) => {}
                () = shutdown.wait() => return Ok(()),
            }
            // Whoever waits begins to count when it sees a renewal, which is after it was sent.
            let asked = Instant::now();
            let answer = tokio::time::timeout(self.term / 3, self.try_hold()).await;
            match answer {
                Ok(Ok(Held::Mine)) => renewed = asked,
                Ok(Ok(Held::Others)) => anyhow::bail!("another replica leads"),
                Ok(Err(error)) => tracing::warn!(%error, "the lease could not be renewed"),
                Err(_elapsed) => tracing::warn!("the lease could not be renewed in time"),
            }
            if renewed.elapsed() + self.term / 3 >= self.term {
                anyhow::bail!("the lease could not be renewed for too long");
            }
        }
    }

    /// Lets another replica lead at once.
    pub async fn give_up(&mut self) -> Result<(), kube::Error> {
        gauge!("amparo_operator_leads").set(0.0);
        let Some(mut lease) = self.api.get_opt(&self.name).await? else { return Ok(()) };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(&self.holder) {
            return Ok(());
        }
        spec.holder_identity = None;
        self.api.replace(&self.name, &PostParams::default(), &lease).await?;
        Ok(())
    }

    /// One try: makes, renews or takes the lease. Of two that try at once, one is refused by the
    /// version of the object.
    pub async fn try_hold(&mut self) -> Result<Held, kube::Error> {
        let now = self.clock.now();
        let Some(mut lease) = self.api.get_opt(&self.name).await? else {
            let mut lease = Lease::default();
            lease.metadata.name = Some(self.name.clone());
            lease.spec = Some(self.mine(None, now));
            return settled(self.api.create(&PostParams::default(), &lease).await);
        };
        let spec = lease.spec.clone().unwrap_or_default();
        if !self.may_take(&spec) {
            return Ok(Held::Others);
        }
        lease.spec = Some(self.mine(Some(&spec), now));
        settled(self.api.replace(&self.name, &PostParams::default(), &lease).await)
    }

    fn may_take(&mut self, spec: &LeaseSpec) -> bool {
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        if holder.is_empty() || holder == self.holder {
            return true;
        }
        match &self.seen {
            Some((seen, at)) if seen == spec => {
                let theirs = spec.lease_duration_seconds.and_then(|it| u64::try_from(it).ok());
                at.elapsed() > theirs.map_or(self.term, Duration::from_secs)
            }
            _ => {
                self.seen = Some((spec.clone(), Instant::now()));
                false
            }
        }
    }

    fn mine(&self, before: Option<&LeaseSpec>, now: Timestamp) -> LeaseSpec {
        let was_mine = before.filter(|spec| spec.holder_identity.as_deref() == Some(&self.holder));
        let transitions = before.and_then(|spec| spec.lease_transitions).unwrap_or(0);
        LeaseSpec {
            holder_identity: Some(self.holder.clone()),
            lease_duration_seconds: i32::try_from(self.term.as_secs().max(1)).ok(),
            renew_time: Some(MicroTime(now)),
            acquire_time: was_mine
                .and_then(|spec| spec.acquire_time.clone())
                .or(Some(MicroTime(now))),
            lease_transitions: Some(if was_mine.is_some() { transitions } else { transitions + 1 }),
            ..LeaseSpec::default()
        }
    }
}

fn settled(answer: Result<Lease, kube::Error>) -> Result<Held, kube::Error> {
    match answer {
        Ok(_) => Ok(Held::Mine),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(Held::Others),
        Err(error) => Err(error),
    }
}
