//! Erasing records for good.

use kit_proto::common::v1::WriteRequest;

use super::{command_id, send};
use crate::answer::Answer;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::rpc;
use crate::rpc::Message;
use crate::trail::Trail;

/// `POST /api/amparo/v1/erasures/:id/approval`: there is nothing to say but yes, so that the body
/// may be empty.
pub(super) async fn approve(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let rpc = rpc!(Cases, "cases.v1.Cases/ApproveErasure");
    let message = Message::Write(WriteRequest {
        id: call.found.id().to_owned(),
        command_id: command_id(call)?,
        ..Default::default()
    });
    send(call, trail, rpc, message).await
}
