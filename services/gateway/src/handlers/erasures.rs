//! Erasing records for good. A request names the record's type, and with it the service that keeps
//! it; an erasure is known by its own id to the service that keeps its record.

use kit_proto::common::v1::{DeleteRequest, WriteRequest};
use kit_records::RecordType;
use kit_serve::Service;
use serde_json::Value;

use super::keepers::{self, Pages, keepers, member};
use super::{command_id, get, send};
use crate::answer::Answer;
use crate::body::Member;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::Rpc;
use crate::routes::records::KEPT;
use crate::rpc::Message;
use crate::trail::Trail;

const REQUEST: &str = "/amparo.records.v1.Records/RequestErasure";
const APPROVE: &str = "/amparo.records.v1.Records/ApproveErasure";
const REFUSE: &str = "/amparo.records.v1.Records/RefuseErasure";
const LIST: &str = "/amparo.records.v1.Records/ListErasures";
const GET: &str = "/amparo.records.v1.Records/GetErasure";

/// `GET /api/amparo/v1/erasures`: of records of every type, newest first.
pub(super) async fn all(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let by = |row: &Value| member(row, "requested_at");
    keepers::merged(call, trail, &keepers(LIST), &by, Pages::Always).await
}

/// `POST /api/amparo/v1/erasures`: of a case, unless the body says of what.
pub(super) async fn request(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let data = call.members.require(Member::Data)?;
    let record_type =
        match serde_json::from_slice::<Value>(&data).unwrap_or_default().get("record_type") {
            None | Some(Value::Null) => RecordType::Case.as_str().to_owned(),
            Some(Value::String(name)) => name.clone(),
            // No type is called so; whoever keeps cases says it.
            Some(other) => other.to_string(),
        };
    let kept = KEPT.iter().find(|kept| kept.record_type.as_str() == record_type);
    let service = kept.map_or(Service::Cases, |kept| kept.service);
    let message = Message::Write(WriteRequest {
        data,
        command_id: command_id(call)?,
        record_type,
        ..Default::default()
    });
    send(call, trail, Rpc { service, path: REQUEST, record_type: "" }, message).await
}

/// `GET /api/amparo/v1/erasures/:id`
pub(super) async fn one(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    keepers::first(call, trail, GET, |rpc| get(call, rpc, call.found.id())).await
}

/// `DELETE /api/amparo/v1/erasures/:id`
pub(super) async fn refuse(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let command_id = command_id(call)?;
    let message = |rpc: Rpc| {
        Message::Delete(DeleteRequest {
            id: call.found.id().to_owned(),
            command_id: command_id.clone(),
            record_type: rpc.record_type.to_owned(),
            ..Default::default()
        })
    };
    keepers::first(call, trail, REFUSE, message).await
}

/// `POST /api/amparo/v1/erasures/:id/approval`: there is nothing to say but yes, so that the body
/// may be empty.
pub(super) async fn approve(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let command_id = command_id(call)?;
    let message = |rpc: Rpc| {
        Message::Write(WriteRequest {
            id: call.found.id().to_owned(),
            command_id: command_id.clone(),
            record_type: rpc.record_type.to_owned(),
            ..Default::default()
        })
    };
    keepers::first(call, trail, APPROVE, message).await
}
