//! What a device says of itself, by its secret in a header: no URL and no log holds it.

use kit_proto::common::v1::WriteRequest;
use kit_proto::identity::v1::DeviceRequest;
use serde_json::{Value, json};

use super::send;
use crate::answer::Answer;
use crate::body::Member;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::rpc;
use crate::rpc::Message;
use crate::trail::Trail;

const SECRET: &str = "Amparo-Device";
/// 128 bits in base64url, and more than anybody needs.
const LENGTHS: std::ops::RangeInclusive<usize> = 22..=128;

/// The device's secret, if it looks like one.
fn secret(call: &Call<'_>) -> Result<String, Problem> {
    let given = call.visit.header(SECRET).unwrap_or("").trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if LENGTHS.contains(&given.len()) && given.bytes().all(plain) {
        return Ok(given.to_owned());
    }
    Err(Problem::header(SECRET))
}

/// `POST /api/amparo/v1/devices`: the caller's session is used on this device.
pub(super) async fn register(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let data = call.members.require(Member::Data)?;
    let sent: Value = serde_json::from_slice(&data).unwrap_or_default();
    let data = json!({"label": sent["label"], "secret": secret(call)?});
    let rpc = rpc!(Identity, "identity.v1.Identity/RegisterDevice");
    let message =
        Message::Write(WriteRequest { data: data.to_string().into(), ..Default::default() });
    send(call, trail, rpc, message).await
}

/// `GET /api/amparo/v1/devices/order`: whether it has to wipe what it keeps, and of whom.
pub(super) async fn order(call: &Call<'_>) -> Result<Answer, Problem> {
    let request = asked(call, 0)?;
    let context = call.gateway.as_gateway(call.visit, &call.tenant);
    let mut identity = call.gateway.shared.peers.identity();
    let reply = identity.get_device_order(context.request(request)).await?;
    Ok(Answer::of_reply(&reply.into_inner()))
}

/// `POST /api/amparo/v1/devices/wiped`: it did.
pub(super) async fn wiped(call: &Call<'_>) -> Result<Answer, Problem> {
    let data = call.members.require(Member::OptionalData)?;
    let sent: Value = serde_json::from_slice(&data).unwrap_or_default();
    let request = asked(call, sent["user_id"].as_i64().unwrap_or_default())?;
    let context = call.gateway.as_gateway(call.visit, &call.tenant);
    let mut identity = call.gateway.shared.peers.identity();
    let reply = identity.confirm_wipe(context.request(request)).await;
    call.gateway.people.changed(call.tenant.id);
    Ok(Answer::of_reply(&reply?.into_inner()))
}

fn asked(call: &Call<'_>, user_id: i64) -> Result<DeviceRequest, Problem> {
    Ok(DeviceRequest { tenant: call.tenant.id.to_string(), secret: secret(call)?, user_id })
}
