//! One request from head to answer, in the order of the contract: throttling, signing in, CSRF,
//! body, call; then cookies, caching headers and the audit entry.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, StatusCode};
use kit_serve::{CallContext, trace};
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use crate::answer::Answer;
use crate::body::{self, Members};
use crate::caller::Caller;
use crate::figures::{self, Brake};
use crate::gateway::Gateway;
use crate::guesses::Named;
use crate::handlers::{self, sessions};
use crate::people::{Credentials, Person};
use crate::problem::Problem;
use crate::reading;
use crate::respond;
use crate::route::{Match, find};
use crate::tenants::Tenant;
use crate::trail::Trail;
use crate::turns::Turn;
use crate::visit::{Authorization, Visit};

/// A call that may be handled: whose it is, and what it says.
#[derive(Debug)]
pub struct Call<'c> {
    pub gateway: &'c Arc<Gateway>,
    pub visit: &'c Visit,
    pub found: Match<'c, 'c>,
    pub tenant: Arc<Tenant>,
    /// Nobody on public routes.
    pub person: Option<Arc<Person>>,
    pub members: Members,
}

impl Call<'_> {
    /// Whoever signed in.
    pub fn person(&self) -> Result<&Arc<Person>, Problem> {
        self.person.as_ref().ok_or_else(Problem::not_signed_in)
    }

    /// To call a service as the person.
    pub fn context(&self) -> Result<CallContext, Problem> {
        Ok(self.gateway.as_person(self.visit, self.person()?, self.found.route.upload))
    }
}

/// Answers a request. Runs to its end even when the client goes away: a write that was begun is
/// finished and audited.
pub async fn answer(gateway: Arc<Gateway>, peer: SocketAddr, request: Request<Body>) -> Response {
    let request_id = gateway.shared.ids.v7();
    let trace = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let trace = trace.and_then(trace::id_of).map(str::to_owned);
    let trace = trace.unwrap_or_else(|| request_id.simple().to_string());
    // Of the highest level, so that lines of every level belong to their call.
    let span = tracing::error_span!("http", request.id = %request_id, trace.id = trace);
    let handled = handle(gateway, peer, request, request_id).instrument(span);
    match tokio::spawn(handled).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(request.id = %request_id, panicked = error.is_panic(), "lost a request");
            respond::bare_failure(request_id)
        }
    }
}

async fn handle(
    gateway: Arc<Gateway>,
    peer: SocketAddr,
    request: Request<Body>,
    request_id: Uuid,
) -> Response {
    let started = Instant::now();
    let (parts, mut body) = request.into_parts();
    let trust = gateway.settings.gateway_trust_forwarded;
    let (visit, flaw) = Visit::read(parts, peer, trust, request_id);
    if let Some(response) = crate::health::answer(&gateway, &visit).await {
        return response;
    }
    let part = part_of_trace(&visit);
    let mut trail = Trail::default();
    let outcome = admitted(&gateway, &visit, flaw, &mut body, &mut trail).await;
    body::drain(&visit.headers, &mut body).await;
    let locale = trail.person.as_ref().and_then(|person| person.principal.locale.clone());
    let response = respond::finish(&gateway, &visit, outcome, locale.as_deref());
    let status = response.status();
    reading::note(&gateway, &visit, &mut trail, status);
    record(&gateway, &visit, &mut trail, status).await;
    figures::answered(&visit.method, trail.template, status, started.elapsed());
    if let Some(tenant) = &trail.tenant {
        figures::used(tenant.id, status, started.elapsed());
    }
    part.record("title", trail.template);
    part.record("status", status.as_u16());
    let (status, ms) = (status.as_u16(), started.elapsed().as_millis());
    tracing::info!(status, ms, route = trail.audit.map(|audit| audit.record_type), "answered");
    response
}

/// This call as a part of its trace; paths and hosts are not told, callers choose them.
fn part_of_trace(visit: &Visit) -> tracing::Span {
    let (here, parent, kind) = (visit.traceparent(), visit.client_trace(), "server");
    let (method, id) = (visit.method.as_str(), tracing::field::display(visit.request_id));
    tracing::trace_span!(
        target: trace::TARGET, "http", here, parent, kind, method, request.id = id,
        title = Empty, status = Empty
    )
}

/// Leaves the audit entry. A flood must not become one of the log: of calls refused for haste,
/// one per caller and second is told.
async fn record(gateway: &Gateway, visit: &Visit, trail: &mut Trail, status: StatusCode) {
    if !trail.is_kept() {
        return;
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        let person = trail.person.as_deref();
        let caller = person.map_or_else(|| Caller::stranger(visit), Caller::from);
        if !gateway.told.admit(caller, Instant::now()) {
            return;
        }
        if trail.tenant.is_none() {
            trail.tenant = gateway.tenants.of_host(&gateway.shared, &visit.host).await.ok();
        }
    }
    let now = gateway.shared.clock.now();
    for (tenant, id, entry) in trail.entries(visit, status.as_u16()) {
        gateway.ledger.write(tenant.id, (id, Some(visit.traceparent())), now, entry);
    }
}

/// Everything that can refuse a call before it is looked at closely.
async fn admitted(
    gateway: &Arc<Gateway>,
    visit: &Visit,
    flaw: Result<(), Problem>,
    body: &mut Body,
    trail: &mut Trail,
) -> Result<Answer, Problem> {
    let _place = gateway.capacity.try_acquire().map_err(|_full| {
        figures::braked(Brake::Capacity);
        Problem::busy()
    })?;
    let found = find(&gateway.routes, &visit.method, &visit.segments);
    *trail = Trail::of(visit, found.as_ref(), &gateway.routes);
    limit(gateway, Caller::stranger(visit))?;
    let found = match found {
        None if !trail.is_kept() => return Err(flaw.err().unwrap_or_else(Problem::unknown_path)),
        found => found,
    };
    // The entry names the tenant, also when the call is refused for another reason.
    let tenant = gateway.tenants.of_host(&gateway.shared, &visit.host).await;
    trail.tenant = tenant.as_ref().ok().cloned();
    flaw?;
    let found = found.ok_or_else(Problem::unknown_path)?;
    let tenant = tenant?;
    tenant.admits()?;
    limit_tenant(gateway, &tenant)?;
    let person = authenticated(gateway, visit, &tenant, found.route.public).await?;
    trail.person.clone_from(&person);
    if let Some(person) = person.as_deref() {
        gateway.rate.give_back(&Caller::stranger(visit));
        limit(gateway, person.into())?;
    }
    // Throttling comes before the CSRF check, and needs to know whose name it is.
    let members = read_body(gateway, visit, body, found.route.upload).await;
    if let Ok(members) = &members {
        sessions::throttle(gateway, &tenant, &found, members, trail)?;
    }
    // HTTP Basic is not sent by browsers on their own, unlike cookies.
    if visit.is_write()
        && visit.authorization() == Authorization::Absent
        && !gateway.csrf.holds(visit)
    {
        return Err(Problem::csrf());
    }
    let members = members?;
    // Once the body is here: nobody holds a place by sending slowly.
    let _share = turn(gateway, &tenant).await?;
    let _turn = match person.as_deref() {
        Some(person) => reading::brake(gateway, visit, found.route, &tenant, person).await?,
        None => None,
    };
    let call = Call { gateway, visit, found, tenant, person, members };
    handlers::handle(&call, trail).await
}

/// So many requests per second and caller.
fn limit(gateway: &Gateway, caller: Caller) -> Result<(), Problem> {
    if gateway.rate.admit(caller, Instant::now()) {
        return Ok(());
    }
    figures::braked(Brake::Rate);
    Err(Problem::retry_later())
}

/// So many requests per second and organisation.
fn limit_tenant(gateway: &Gateway, tenant: &Tenant) -> Result<(), Problem> {
    if gateway.tenant_rate.admit_at(tenant.id, tenant.requests_per_second, Instant::now()) {
        return Ok(());
    }
    figures::braked(Brake::TenantRate);
    Err(Problem::retry_after(1))
}

/// A place among the calls that are handled now, as far as the organisation's share goes.
async fn turn(gateway: &Gateway, tenant: &Tenant) -> Result<Turn, Problem> {
    let turn = gateway.turns.take(tenant.id).await;
    turn.inspect_err(|_shed| figures::braked(Brake::TenantShare))
}

/// Who calls; nobody on public routes.
async fn authenticated(
    gateway: &Gateway,
    visit: &Visit,
    tenant: &Tenant,
    public: bool,
) -> Result<Option<Arc<Person>>, Problem> {
    let credentials = Credentials::of(visit)?;
    if public {
        return Ok(None);
    }
    let credentials = credentials.ok_or_else(Problem::not_signed_in)?;
    let context = gateway.as_gateway(visit, tenant);
    let people = &gateway.people;
    if let Some(person) = people.recall(&gateway.shared, tenant.id, &credentials) {
        return Ok(Some(person));
    }
    let _turn = people.turn(tenant.id, &credentials).await;
    let asked = people.authenticate(&gateway.shared, tenant.id, &credentials, &context);
    match &credentials {
        Credentials::Basic(basic) if !people.knows(tenant.id, &credentials) => {
            let named = Named::new(tenant.id, &basic.user_name);
            let guesses = &gateway.guesses;
            let guess = guesses.begin(Caller::stranger(visit), named, Instant::now());
            sessions::weighed(guesses, guess, asked).await.map(Some)
        }
        _ => asked.await.map(Some),
    }
}

async fn read_body(
    gateway: &Gateway,
    visit: &Visit,
    body: &mut Body,
    upload: bool,
) -> Result<Members, Problem> {
    if !visit.is_write() {
        return Ok(Members::default());
    }
    let settings = &gateway.settings;
    let limit = if upload { settings.gateway_upload_limit } else { settings.gateway_body_limit };
    let bytes: Bytes = body::read(&visit.headers, body, limit).await?;
    body::members(&visit.headers, &bytes)
}
