//! Signing in and out.

use std::time::Instant;

use kit_proto::identity::v1::{SignInRequest, SignOutRequest};
use serde_json::{Value, json};

use crate::answer::{Answer, SessionChange};
use crate::body::Member;
use crate::dispatch::Call;
use crate::people::{Credentials, Person, person};
use crate::problem::Problem;
use crate::trail::Trail;

/// By this identity tells us, and nobody else, that the name in a refused sign-in is a user's.
const KNOWN_USER: &str = "amparo-known-user";

/// `POST /tokens`: opens a session; without a user it confirms the caller's own.
pub(super) async fn sign_in(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    match claimed(call) {
        Some((user_name, password)) => open(call, trail, user_name, password).await,
        None => refresh(call, trail).await,
    }
}

fn claimed(call: &Call<'_>) -> Option<(String, String)> {
    let user: Value = serde_json::from_slice(&call.members.optional(Member::User)?).ok()?;
    let text = |name: &str| user.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((text("user_name")?, text("password").unwrap_or_default()))
}

async fn open(
    call: &Call<'_>,
    trail: &mut Trail,
    user_name: String,
    password: String,
) -> Result<Answer, Problem> {
    let gateway = call.gateway;
    let name = user_name.trim().to_lowercase();
    trail.action = Some("failed_login");
    if !gateway.sign_ins.admit((call.tenant.id, name.clone()), Instant::now()) {
        return Err(Problem::retry_later());
    }
    let request = SignInRequest {
        tenant: call.tenant.id.to_string(),
        user_name,
        password,
        remote_ip: call.visit.remote_ip.to_string(),
        user_agent: call.visit.header("user-agent").unwrap_or("").chars().take(200).collect(),
    };
    let context = gateway.as_gateway(call.visit, &call.tenant);
    let mut identity = gateway.shared.peers.identity();
    let reply = identity.sign_in(context.request(request)).await.inspect_err(|refused| {
        // Otherwise it may be a password, an e-mail address or a phone number.
        trail.user_name = refused.metadata().contains_key(KNOWN_USER).then_some(name);
    });
    let reply = reply?.into_inner();
    // Signing in ends the user's other sessions.
    gateway.people.changed(call.tenant.id);
    let person = person(reply.caller.unwrap_or_default())?;
    trail.action = None;
    let answer = Answer::value(&whoami(&person)).with_session(SessionChange::Start(reply.session));
    trail.person = Some(person.into());
    Ok(answer)
}

async fn refresh(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let gateway = call.gateway;
    let credentials = Credentials::of(call.visit)?.ok_or_else(Problem::not_signed_in)?;
    let context = gateway.as_gateway(call.visit, &call.tenant);
    let people = &gateway.people;
    let person =
        people.authenticate(&gateway.shared, call.tenant.id, &credentials, &context).await?;
    let answer = Answer::value(&whoami(&person));
    trail.person = Some(person);
    Ok(answer)
}

fn whoami(person: &Person) -> Value {
    json!({
        "id": person.principal.user_id,
        "user_name": person.principal.user_name,
        "group_permission": person.group_permission,
    })
}

/// `DELETE /tokens`: ends the session, if there is one.
pub(super) async fn sign_out(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let ended = Answer::value(&json!({})).with_session(SessionChange::End);
    let Some(session) = call.visit.session() else { return Ok(ended) };
    let gateway = call.gateway;
    let request =
        SignOutRequest { tenant: call.tenant.id.to_string(), session: session.to_owned() };
    let context = gateway.as_gateway(call.visit, &call.tenant);
    let reply = gateway.shared.peers.identity().sign_out(context.request(request)).await;
    gateway.people.changed(call.tenant.id);
    let user_name = reply?.into_inner().user_name;
    trail.user_name = (!user_name.is_empty()).then_some(user_name);
    Ok(ended)
}

/// `POST /users/password-reset-request`: the same answer whoever asks, for whatever address.
pub(super) fn request_password_reset(call: &Call<'_>) -> Result<Answer, Problem> {
    let user: Value = serde_json::from_slice(&call.members.require(Member::User)?)
        .map_err(|_broken| Problem::missing("user"))?;
    let email = user.get("email").and_then(Value::as_str).unwrap_or("").trim().to_lowercase();
    if !call.gateway.resets.admit((call.tenant.id, email), Instant::now()) {
        return Err(Problem::retry_later());
    }
    Ok(Answer::value(&json!({"data": {"message": "user.password_reset.request_submitted"}})))
}
