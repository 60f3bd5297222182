//! Signing in and out.

use std::time::Instant;

use kit_proto::identity::v1::{SignInRequest, SignOutRequest};
use serde_json::{Value, json};

use crate::answer::{Answer, SessionChange};
use crate::body::{Member, Members};
use crate::caller::Caller;
use crate::dispatch::Call;
use crate::figures::{self, Brake};
use crate::gateway::Gateway;
use crate::guesses::{Guess, Guesses, Named};
use crate::people::{Credentials, Person, person};
use crate::problem::Problem;
use crate::route::{Action, Match, Special};
use crate::tenants::Tenant;
use crate::trail::Trail;

/// By this identity tells us, and nobody else, that the name in a refused sign-in is a user's.
const KNOWN_USER: &str = "amparo-known-user";

/// `POST /tokens`: opens a session; without a user it confirms the caller's own.
pub(super) async fn sign_in(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    match claimed(&call.members) {
        Some(claim) => open(call, trail, claim).await,
        None => refresh(call, trail).await,
    }
}

/// Refuses what comes too often from one name or for one address, before anything is looked at.
pub(crate) fn throttle(
    gateway: &Gateway,
    tenant: &Tenant,
    found: &Match<'_, '_>,
    members: &Members,
    trail: &mut Trail,
) -> Result<(), Problem> {
    let fits = match found.route.action {
        Action::Special(Special::SignIn) => claimed(members).is_none_or(|claim| {
            let named = Named::new(tenant.id, &claim.user_name);
            let fits = gateway.sign_ins.admit(named, Instant::now());
            if !fits {
                trail.action = Some("failed_login");
            }
            fits
        }),
        Action::Special(Special::PasswordResetRequest) => {
            let named = Named::new(tenant.id, &email(members).unwrap_or_default());
            gateway.resets.admit(named, Instant::now())
        }
        _ => true,
    };
    if fits { Ok(()) } else { Err(too_often()) }
}

/// Asks who it is; a wrong password counts, anything else does not.
pub(crate) async fn weighed<T>(
    guesses: &Guesses,
    guess: Option<Guess>,
    asked: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let guess = guess.ok_or_else(too_often)?;
    let answer = asked.await;
    match &answer {
        Ok(_) => guesses.was_right(guess),
        Err(problem) if problem.status == 401 && !problem.wants_code() => {}
        Err(_) => guesses.forgive(&guess),
    }
    answer
}

fn too_often() -> Problem {
    figures::braked(Brake::SignIn);
    Problem::retry_later()
}

fn email(members: &Members) -> Option<String> {
    let user: Value = serde_json::from_slice(&members.optional(Member::User)?).ok()?;
    user.get("email").and_then(Value::as_str).map(str::to_owned)
}

/// Who somebody says they are, and what they show for it.
struct Claim {
    user_name: String,
    password: String,
    otp: String,
}

fn claimed(members: &Members) -> Option<Claim> {
    let user: Value = serde_json::from_slice(&members.optional(Member::User)?).ok()?;
    let text = |name: &str| user.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Claim {
        user_name: text("user_name")?,
        password: text("password").unwrap_or_default(),
        otp: text("otp").unwrap_or_default(),
    })
}

async fn open(call: &Call<'_>, trail: &mut Trail, claim: Claim) -> Result<Answer, Problem> {
    let Claim { user_name, password, otp } = claim;
    let gateway = call.gateway;
    let named = Named::new(call.tenant.id, &user_name);
    let name = named.name.clone();
    trail.action = Some("failed_login");
    let from = Caller::stranger(call.visit);
    let guess = gateway.guesses.begin_sign_in(from, named, Instant::now());
    let request = SignInRequest {
        tenant: call.tenant.id.to_string(),
        user_name,
        password,
        otp,
        remote_ip: call.visit.remote_ip.to_string(),
        user_agent: call.visit.header("user-agent").unwrap_or("").chars().take(200).collect(),
    };
    let context = gateway.as_gateway(call.visit, &call.tenant);
    let mut identity = gateway.shared.peers.identity();
    let asked = async {
        let reply = identity.sign_in(context.request(request)).await.inspect_err(|refused| {
            // Otherwise it may be a password, an e-mail address or a phone number.
            trail.user_name = refused.metadata().contains_key(KNOWN_USER).then_some(name);
        });
        Ok::<_, Problem>(reply?.into_inner())
    };
    let reply = weighed(&gateway.guesses, guess, asked).await?;
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
    let mut me = json!({
        "id": person.principal.user_id,
        "user_name": person.principal.user_name,
        "group_permission": person.group_permission,
    });
    // Nothing else works before; clients of the reference never meet it.
    if person.principal.must_enrol {
        me["must_enrol"] = true.into();
    }
    me
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
    call.members.require(Member::User)?;
    Ok(Answer::value(&json!({"data": {"message": "user.password_reset.request_submitted"}})))
}
