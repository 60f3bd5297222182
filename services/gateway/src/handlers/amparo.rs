//! What goes beyond the reference's API.

use bytes::Bytes;
use kit_proto::common::v1::WriteRequest;
use serde_json::json;

use super::{command_id, list, send};
use crate::answer::{Answer, SessionChange};
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::rpc;
use crate::rpc::Message;
use crate::trail::Trail;

const OPEN_API: &str = include_str!("../../openapi/amparo-v1.json");

/// `GET /api/amparo/v1/session`
pub(super) fn session(call: &Call<'_>) -> Result<Answer, Problem> {
    let principal = &call.person()?.principal;
    Ok(Answer::value(&json!({"data": {
        "tenant": {"name": call.tenant.name, "display_name": call.tenant.display_name},
        "user": {
            "id": principal.user_id,
            "user_name": principal.user_name,
            "role_unique_id": principal.role,
            "group_permission": call.person()?.group_permission,
            "locale": principal.locale,
        },
        "by_session": principal.session.is_some(),
        "proven_at": principal.proven_at,
        "must_enrol": principal.must_enrol,
        "version": call.gateway.settings.version,
    }})))
}

/// `DELETE /api/amparo/v1/sessions`
pub(super) async fn sign_out_everywhere(
    call: &Call<'_>,
    trail: &mut Trail,
) -> Result<Answer, Problem> {
    let rpc = rpc!(Identity, "identity.v1.Identity/SignOutEverywhere");
    let answer = send(call, trail, rpc, list(call, rpc)).await;
    call.gateway.people.changed(call.tenant.id);
    Ok(answer?.with_session(SessionChange::End))
}

/// `POST /api/amparo/v1/configurations/:id/apply`: answers when it is done, or what is wrong.
pub(super) async fn apply_configuration(
    call: &Call<'_>,
    trail: &mut Trail,
) -> Result<Answer, Problem> {
    let rpc = rpc!(Configuration, "configuration.v1.Configuration/ApplyConfiguration");
    let message = Message::Write(WriteRequest {
        id: call.found.id().to_owned(),
        data: Bytes::from_static(br#"{"apply_now":true,"wait":true}"#),
        command_id: command_id(call)?,
        ..Default::default()
    });
    send(call, trail, rpc, message).await
}

/// `GET /api/amparo/v1/openapi.json`
pub(super) fn open_api() -> Answer {
    Answer::json(Bytes::from_static(OPEN_API.as_bytes()))
}
