//! From a call to its answer: the four kinds of rpc by the table, the rest by hand.

mod access;
mod alerts;
mod amparo;
mod based;
mod devices;
mod erasures;
mod events;
mod files;
mod flags;
mod keepers;
pub(crate) mod sessions;
mod start;
mod sync;

use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, WriteRequest};
use kit_serve::{Refusal, Service};

use crate::answer::Answer;
use crate::body::Member;
use crate::dispatch::Call;
use crate::parameters;
use crate::problem::Problem;
use crate::route::{Action, Rpc, Special};
use crate::rpc::{self, Message};
use crate::trail::Trail;

/// Answers a call that was let in.
pub async fn handle(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    match call.found.route.action {
        Action::List(rpc) => send(call, trail, rpc, list(call, rpc)).await,
        Action::Get(rpc) => send(call, trail, rpc, get(call, rpc, call.found.id())).await,
        Action::Write(rpc, member) => {
            let _saving = based::on(call, rpc).await?;
            let message = write(call, trail, rpc, member)?;
            send(call, trail, rpc, message).await
        }
        Action::Delete(rpc) => {
            let message = Message::Delete(DeleteRequest {
                id: call.found.id().to_owned(),
                command_id: command_id(call)?,
                parameters: call.visit.parameters.clone(),
                record_type: rpc.record_type.to_owned(),
                part_id: part_id(call),
            });
            send(call, trail, rpc, message).await
        }
        Action::Special(special) => handle_special(call, trail, special).await,
    }
}

async fn handle_special(
    call: &Call<'_>,
    trail: &mut Trail,
    special: Special,
) -> Result<Answer, Problem> {
    let confined = call.person.as_ref().is_some_and(|person| person.principal.must_enrol);
    if confined && !matches!(special, Special::Session | Special::SignOutEverywhere) {
        return Err(Refusal::must_enrol().into());
    }
    match special {
        Special::SignIn => sessions::sign_in(call, trail).await,
        Special::SignOut => sessions::sign_out(call, trail).await,
        Special::PasswordResetRequest => sessions::request_password_reset(call),
        // As `GET /primero` says: nobody registers themselves here.
        Special::SelfRegistration => Err(Refusal::forbidden().into()),
        Special::NoSuchPage => Err(Problem::unknown_path()),
        Special::PublicData => start::public_data(call).await,
        Special::IdentityProviders => start::identity_providers(call).await,
        Special::AccessLog => access::log(call, trail).await,
        Special::AccessUsers => access::users(call, trail).await,
        Special::LocationFile => files::locations(call).await,
        Special::AgencyFile => files::agency(call).await,
        Special::FormsWorkbook => files::forms(call).await,
        Special::Session => amparo::session(call),
        Special::SignOutEverywhere => amparo::sign_out_everywhere(call, trail).await,
        Special::ApplyConfiguration => amparo::apply_configuration(call, trail).await,
        Special::Visibility => access::visibility(call, trail).await,
        Special::Sync => sync::sync(call, trail).await,
        Special::OpenConflicts => sync::conflicts(call, trail).await,
        Special::Events => events::stream(call).await,
        Special::RegisterDevice => devices::register(call, trail).await,
        Special::DeviceOrder => devices::order(call).await,
        Special::ConfirmWipe => devices::wiped(call).await,
        Special::CountAlerts => alerts::counts(call).await,
        Special::ListFlags => flags::all(call, trail).await,
        Special::ListErasures => erasures::all(call, trail).await,
        Special::RequestErasure => erasures::request(call, trail).await,
        Special::GetErasure => erasures::one(call, trail).await,
        Special::RefuseErasure => erasures::refuse(call, trail).await,
        Special::ApproveErasure => erasures::approve(call, trail).await,
        Special::OpenApi => Ok(amparo::open_api()),
    }
}

fn list(call: &Call<'_>, rpc: Rpc) -> Message {
    Message::List(ListRequest {
        parameters: call.visit.parameters.clone(),
        record_type: rpc.record_type.to_owned(),
    })
}

fn get(call: &Call<'_>, rpc: Rpc, id: &str) -> Message {
    Message::Get(GetRequest {
        id: id.to_owned(),
        parameters: call.visit.parameters.clone(),
        record_type: rpc.record_type.to_owned(),
    })
}

fn write(call: &Call<'_>, trail: &mut Trail, rpc: Rpc, member: Member) -> Result<Message, Problem> {
    let in_query = || parameters::first(&call.visit.parameters, "record_action");
    let record_action = call.members.record_action().or_else(in_query).unwrap_or("").to_owned();
    trail.learn_action(&record_action);
    Ok(Message::Write(WriteRequest {
        id: call.found.id().to_owned(),
        data: call.members.require(member)?,
        command_id: command_id(call)?,
        record_action,
        base_version: base_version(call)?,
        parameters: call.visit.parameters.clone(),
        strict: is_strict(call),
        seen: call.members.seen()?,
        record_type: rpc.record_type.to_owned(),
        part_id: part_id(call),
    }))
}

/// The second varying segment: the id of what hangs off a record.
fn part_id(call: &Call<'_>) -> String {
    call.found.varying.get(1).copied().unwrap_or_default().to_owned()
}

/// `Prefer: handling=strict` (RFC 7240): the caller wants fields refused that do not exist.
fn is_strict(call: &Call<'_>) -> bool {
    let preferences = call.visit.header("Prefer").unwrap_or("");
    preferences.split([',', ';']).any(|one| one.trim().eq_ignore_ascii_case("handling=strict"))
}

/// The client's own id of a write, so that a repeat does no harm.
fn command_id(call: &Call<'_>) -> Result<String, Problem> {
    const NAME: &str = "Idempotency-Key";
    let Some(given) = call.visit.header(NAME) else { return Ok(String::new()) };
    let id = given.trim().trim_matches('"').parse::<uuid::Uuid>();
    id.map(|id| id.to_string()).map_err(|_not_a_uuid| Problem::header(NAME))
}

/// What a write is based on: `If-Match` with the number of `Record-Version`, or the body says so.
/// Tags of another kind mean nothing here, as in the reference.
fn base_version(call: &Call<'_>) -> Result<u64, Problem> {
    const NAME: &str = "If-Match";
    if let Some(version) = call.members.base_version()? {
        return Ok(version);
    }
    match call.visit.header(NAME).map(str::trim) {
        None | Some("*") => Ok(0),
        Some(tag) => {
            let digits = tag.trim_start_matches("W/").trim_matches('"');
            Ok(digits.parse().unwrap_or(0))
        }
    }
}

/// Sends a message as the person.
async fn ask(call: &Call<'_>, rpc: Rpc, message: Message) -> Result<rpc::Called, Problem> {
    Ok(rpc::call(&call.gateway.shared.peers, rpc, &call.context()?, message).await?)
}

/// Sends a message as the person and wraps the reply.
async fn send(
    call: &Call<'_>,
    trail: &mut Trail,
    rpc: Rpc,
    message: Message,
) -> Result<Answer, Problem> {
    let writes = matches!(message, Message::Write(_) | Message::Delete(_));
    let tenant = call.tenant.id;
    let touches_people =
        writes && matches!(rpc.service, Service::Identity | Service::Configuration);
    let called = ask(call, rpc, message).await;
    if touches_people {
        call.gateway.people.changed(tenant);
    }
    let called = called?;
    if let Some(version) = called.catalog_version {
        call.gateway.catalogs.saw(tenant, version);
    }
    trail.record_ids.clone_from(&called.reply.record_ids);
    Ok(Answer::of_reply(&called.reply))
}
