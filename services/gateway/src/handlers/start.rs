//! What the start page may know before anyone signed in.

use kit_proto::common::v1::ListRequest;
use kit_proto::configuration::v1::GetPublicDataRequest;

use crate::answer::Answer;
use crate::dispatch::Call;
use crate::problem::Problem;

/// `GET /primero`
pub(super) async fn public_data(call: &Call<'_>) -> Result<Answer, Problem> {
    let context = call.gateway.as_gateway(call.visit, &call.tenant);
    let request = GetPublicDataRequest { tenant: call.tenant.id.to_string() };
    let mut configuration = call.gateway.shared.peers.configuration();
    let reply = configuration.get_public_data(context.request(request)).await?;
    Ok(Answer::of_reply(&reply.into_inner()))
}

/// `GET /identity_providers`
pub(super) async fn identity_providers(call: &Call<'_>) -> Result<Answer, Problem> {
    let context = call.gateway.as_gateway(call.visit, &call.tenant);
    let request = ListRequest { parameters: call.visit.parameters.clone(), ..Default::default() };
    let mut identity = call.gateway.shared.peers.identity();
    let reply = identity.list_identity_providers(context.request(request)).await?;
    Ok(Answer::of_reply(&reply.into_inner()))
}
