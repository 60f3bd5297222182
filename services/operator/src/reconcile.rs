//! One look at one Tenant, as its own diagram.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, Event, finalizer};
use metrics::{counter, histogram};

use crate::apply::{Outcome, apply};
use crate::build::build;
use crate::definition::Tenant;
use crate::dereference::dereference;
use crate::finish::{Ending, finish, say_why};
use crate::office::Office;
use crate::trouble::Trouble;
use crate::update_status::{findings, status, update_status};
use crate::validate::validate;

/// Keeps the object until its tenant is closed.
pub const FINALIZER: &str = "amparo.dev/tenant";
/// Until the next try of what may pass.
const SOON: Duration = Duration::from_secs(10);

/// Why a look came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the API server: {0}")]
    Api(#[from] kube::Error),
    #[error("{}: {}", .0.reason, .0.message)]
    Waits(Trouble),
    #[error("{0}")]
    Finalizer(#[source] Box<finalizer::Error<Fault>>),
}

/// Brings one tenant to what its object says, or to its end.
pub async fn reconcile(tenant: Arc<Tenant>, office: Arc<Office>) -> Result<Action, Fault> {
    let started = Instant::now();
    let tenants = office.tenants();
    let done = finalizer(&tenants, FINALIZER, tenant, async |event| match event {
        Event::Apply(tenant) => look(&office, &tenant).await,
        Event::Cleanup(tenant) => end(&office, &tenant).await,
    });
    let done = done.await.map_err(|error| Fault::Finalizer(Box::new(error)));
    let outcome = if done.is_ok() { "done" } else { "failed" };
    counter!("amparo_operator_reconciles_total", "outcome" => outcome).increment(1);
    histogram!("amparo_operator_reconcile_seconds").record(started.elapsed().as_secs_f64());
    done
}

async fn look(office: &Office, tenant: &Tenant) -> Result<Action, Fault> {
    let found = dereference(office, tenant).await?; // client required
    let wish = validate(tenant, found, &office.cell); // no client required
    let outcome = match &wish {
        Ok(wish) => {
            let resources = build(&wish.name, &wish.hosts, &office.routing); // no client required
            apply(office, tenant, wish, resources).await // client required
        }
        Err(trouble) => Outcome::nothing(trouble),
    };
    let before = tenant.status.as_ref();
    let found = findings(wish.as_ref().ok(), &outcome, before); // no client required
    let after = status(tenant, found, Some(&outcome), office.now()); // no client required
    update_status(office, tenant, &after).await?; // client required
    Ok(Action::requeue(if outcome.may_pass() { SOON } else { office.resync }))
}

async fn end(office: &Office, tenant: &Tenant) -> Result<Action, Fault> {
    let mut ending = Ending::of(tenant);
    match finish(office, tenant, &mut ending).await {
        Ok(()) => Ok(Action::await_change()),
        Err(trouble) => {
            say_why(office, tenant, &ending, &trouble).await?;
            Err(Fault::Waits(trouble))
        }
    }
}

/// When to look again after a look that came to no end.
#[expect(clippy::needless_pass_by_value, reason = "this is what the controller calls")]
pub fn again(tenant: Arc<Tenant>, fault: &Fault, office: Arc<Office>) -> Action {
    let name = tenant.metadata.name.as_deref().unwrap_or_default();
    tracing::warn!(tenant = name, %fault, "this look at a tenant came to no end");
    match fault {
        Fault::Finalizer(error) => match &**error {
            finalizer::Error::CleanupFailed(Fault::Waits(trouble)) if !trouble.passing => {
                Action::requeue(office.resync)
            }
            _ => Action::requeue(SOON),
        },
        _ => Action::requeue(SOON),
    }
}
