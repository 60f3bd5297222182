//! Calls services by a route's rpc, whatever its request: the table decides, no code per call.

use std::time::Duration;

use http::uri::PathAndQuery;
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_serve::{CallContext, MAX_REPLY, MAX_REQUEST, Peers};
use tonic::client::Grpc;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::route::Rpc;

/// Says which catalog a write has made.
const CATALOG_VERSION: &str = "amparo-catalog-version";
const PAUSE: Duration = Duration::from_millis(100);

/// A service's reply, and the catalog version that its headers name.
#[derive(Debug)]
pub struct Called {
    pub reply: Reply,
    pub catalog_version: Option<u64>,
}

/// A call of one of the four kinds.
#[derive(Debug, Clone)]
pub enum Message {
    List(ListRequest),
    Get(GetRequest),
    Write(WriteRequest),
    Delete(DeleteRequest),
}

/// Sends a message to a route's rpc.
pub async fn call(
    peers: &Peers,
    rpc: Rpc,
    context: &CallContext,
    message: Message,
) -> Result<Called, Status> {
    let response = match message {
        Message::List(message) => read(peers, rpc, context, message).await?,
        Message::Get(message) => read(peers, rpc, context, message).await?,
        Message::Write(message) => unary(peers, rpc, context.request(message)).await?,
        Message::Delete(message) => unary(peers, rpc, context.request(message)).await?,
    };
    let version = response.metadata().get(CATALOG_VERSION);
    let catalog_version =
        version.and_then(|value| value.to_str().ok()).and_then(|digits| digits.parse().ok());
    Ok(Called { reply: response.into_inner(), catalog_version })
}

/// Reads are tried once more when a connection was lost: the service may just have restarted.
async fn read<M: prost::Message + Clone + 'static>(
    peers: &Peers,
    rpc: Rpc,
    context: &CallContext,
    message: M,
) -> Result<Response<Reply>, Status> {
    match unary(peers, rpc, context.request(message.clone())).await {
        Err(status) if status.code() == Code::Unavailable && status.details().is_empty() => {
            tokio::time::sleep(PAUSE).await;
            unary(peers, rpc, context.request(message)).await
        }
        other => other,
    }
}

async fn unary<M: prost::Message + 'static>(
    peers: &Peers,
    rpc: Rpc,
    request: Request<M>,
) -> Result<Response<Reply>, Status> {
    let mut grpc = Grpc::new(peers.channel(rpc.service))
        .max_decoding_message_size(MAX_REPLY)
        .max_encoding_message_size(MAX_REQUEST);
    grpc.ready().await.map_err(|_gone| Status::unavailable("not connected"))?;
    let path = PathAndQuery::from_static(rpc.path);
    grpc.unary(request, path, ProstCodec::<M, Reply>::default()).await
}
