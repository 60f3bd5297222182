//! Stand-ins for the services: identity knows a few people, the others say what they were asked.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll};

use ed25519_dalek::SigningKey;
use http::{Request, Response};
use kit_access::Principal;
use kit_proto::common::v1::{
    DeleteRequest, GetRequest, HealthReply, ListRequest, Reply, WriteRequest,
};
use kit_proto::configuration::v1::LocationFile;
use kit_proto::identity::v1::{
    AuthenticateReply, AuthenticateRequest, DeviceRequest, ResolveTenantRequest, SignInReply,
    SignInRequest, SignOutReply, SignOutRequest, Tenant,
};
use kit_proto::records::v1::{FindScopesReply, FindScopesRequest, RecordScope};
use kit_proto::reporting::v1::{GetReadingRequest, Reading};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal, sign_principal, verify_principal};
use prost::Message;
use serde_json::{Value, json};
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request as Rpc, Response as Answer, Status};
use tonic_prost::ProstCodec;
use uuid::Uuid;

pub const TENANT: Uuid = Uuid::from_u128(0xa);

/// What all stand-ins share.
#[derive(Debug, Default)]
pub struct World {
    pub authentications: AtomicI64,
    /// Sessions that are open.
    pub sessions: Mutex<Vec<String>>,
    /// What reporting says of everybody: read this hour, and usually.
    pub reading: Mutex<(u64, u64)>,
    /// Paths of the rpcs called, in order.
    pub called: Mutex<Vec<String>>,
    /// Who reaches records, by id; nobody knows it while there is none.
    pub scopes: Mutex<Option<HashMap<String, RecordScope>>>,
    /// How often somebody only looked whether a session is still good.
    pub looks: AtomicI64,
}

/// Answers every rpc of every service.
#[derive(Clone)]
pub struct Fake(pub Arc<World>);

macro_rules! named {
    ($($name:ident = $service:literal;)*) => {$(
        #[derive(Clone)]
        pub struct $name(pub Fake);

        impl NamedService for $name {
            const NAME: &'static str = $service;
        }

        impl tower::Service<Request<Body>> for $name {
            type Response = Response<Body>;
            type Error = Infallible;
            type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<Body>) -> Self::Future {
                let fake = self.0.clone();
                Box::pin(async move { Ok(fake.route(request).await) })
            }
        }
    )*};
}

named! {
    Identity = "amparo.identity.v1.Identity";
    Configuration = "amparo.configuration.v1.Configuration";
    Cases = "amparo.cases.v1.Cases";
    Incidents = "amparo.incidents.v1.Incidents";
    Records = "amparo.records.v1.Records";
    Tracing = "amparo.tracing.v1.Tracing";
    Reporting = "amparo.reporting.v1.Reporting";
    Health = "amparo.common.v1.Health";
}

/// An rpc as a function of its request.
struct Handler<F>(F);

impl<M, R, F> UnaryService<M> for Handler<F>
where
    F: Fn(Rpc<M>) -> Result<Answer<R>, Status>,
{
    type Response = R;
    type Future = std::future::Ready<Result<Answer<R>, Status>>;

    fn call(&mut self, request: Rpc<M>) -> Self::Future {
        std::future::ready((self.0)(request))
    }
}

async fn unary<M, R>(
    request: Request<Body>,
    answer: impl Fn(Rpc<M>) -> Result<Answer<R>, Status> + Send,
) -> Response<Body>
where
    M: Message + Default + 'static,
    R: Message + Default + 'static,
{
    let mut grpc = Grpc::new(ProstCodec::<R, M>::default()).max_decoding_message_size(16 << 20);
    grpc.unary(Handler(answer), request).await
}

impl Fake {
    async fn route(&self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let rpc = path.rsplit('/').next().unwrap_or("").to_owned();
        self.0.called.lock().unwrap().push(rpc.clone());
        let asks_with = |message: &str| REQUESTS.get(&path).is_some_and(|one| one == message);
        match rpc.as_str() {
            "CheckHealth" => unary(request, |_: Rpc<GetRequest>| Ok(well())).await,
            "ResolveTenant" => unary(request, |message| tenant(&message)).await,
            "SignIn" => unary(request, |message| self.sign_in(message)).await,
            "SignOut" => unary(request, |message| Ok(self.sign_out(message))).await,
            "Authenticate" => unary(request, |message| self.authenticate(message)).await,
            "FindScopes" => unary(request, |message| self.scopes(&message)).await,
            "GetReading" => unary(request, |_: Rpc<GetReadingRequest>| Ok(self.reading())).await,
            "GetLocationFile" => unary(request, |message| Ok(location_file(message))).await,
            name if asks_with("ListRequest") => {
                let said = |asked: &ListRequest| {
                    let named = asked.parameters.iter().map(|one| json!([one.name, one.value]));
                    (asked.encode_to_vec(), named.collect())
                };
                unary(request, echoing(name, said)).await
            }
            name if asks_with("DeleteRequest") => {
                let said = |asked: &DeleteRequest| {
                    let told = json!({"id": asked.id, "command_id": asked.command_id});
                    (asked.id.clone().into_bytes(), told)
                };
                unary(request, echoing(name, said)).await
            }
            name if asks_with("DeviceRequest") => {
                let said = |asked: &DeviceRequest| (vec![], json!({"user_id": asked.user_id}));
                unary(request, echoing(name, said)).await
            }
            name if asks_with("GetRequest") => {
                let said =
                    |asked: &GetRequest| (asked.id.clone().into_bytes(), json!({"id": asked.id}));
                unary(request, echoing(name, said)).await
            }
            name => {
                let name = name.to_owned();
                unary(request, move |message: Rpc<WriteRequest>| write(&name, &message)).await
            }
        }
    }

    fn sign_in(&self, request: Rpc<SignInRequest>) -> Result<Answer<SignInReply>, Status> {
        let request = request.into_inner();
        wants_code(&request.user_name, &request.otp)?;
        let caller =
            caller(&request.user_name, &request.password, None).map_err(|mut status| {
                let name = request.user_name.trim().to_lowercase();
                if ["ann", "farid"].contains(&name.as_str()) {
                    status.metadata_mut().insert("amparo-known-user", "1".parse().unwrap());
                }
                status
            })?;
        let session = format!("session-{}-{}", request.user_name, request.password.len());
        self.0.sessions.lock().unwrap().push(session.clone());
        Ok(Answer::new(SignInReply { session, caller: Some(caller) }))
    }

    fn sign_out(&self, request: Rpc<SignOutRequest>) -> Answer<SignOutReply> {
        let session = request.into_inner().session;
        self.0.sessions.lock().unwrap().retain(|open| *open != session);
        Answer::new(SignOutReply { user_name: "ann".into() })
    }

    fn scopes(&self, request: &Rpc<FindScopesRequest>) -> Result<Answer<FindScopesReply>, Status> {
        assert!(request.metadata().get("authorization").is_some(), "services ask, not people");
        let known = self.0.scopes.lock().unwrap();
        let known = known.as_ref().ok_or_else(|| Status::unavailable("away"))?;
        let ids = &request.get_ref().ids;
        let records = ids.iter().filter_map(|id| known.get(id).cloned()).collect();
        Ok(Answer::new(FindScopesReply { records }))
    }

    fn reading(&self) -> Answer<Reading> {
        let (records, usual) = *self.0.reading.lock().unwrap();
        Answer::new(Reading { records, usual })
    }

    fn authenticate(
        &self,
        request: Rpc<AuthenticateRequest>,
    ) -> Result<Answer<AuthenticateReply>, Status> {
        self.0.authentications.fetch_add(1, Ordering::SeqCst);
        let request = request.into_inner();
        self.0.looks.fetch_add(i64::from(request.watching), Ordering::SeqCst);
        if request.session.is_empty() {
            wants_code(&request.user_name, &request.otp)?;
            return caller(&request.user_name, &request.password, None).map(Answer::new);
        }
        let open = self.0.sessions.lock().unwrap().contains(&request.session);
        let name = request.session.split('-').nth(1).unwrap_or("").to_owned();
        if !open {
            return Err(Refusal::unauthenticated("Your session has ended.").into());
        }
        caller(&name, "Sesame-123", Some(Uuid::from_u128(5))).map(Answer::new)
    }
}

fn well() -> Answer<HealthReply> {
    Answer::new(HealthReply { ready: true, failing: vec![] })
}

/// `nour` has a second factor.
fn wants_code(name: &str, otp: &str) -> Result<(), Status> {
    if name != "nour" || otp == "123456" {
        return Ok(());
    }
    let code = if otp.is_empty() { "otp_wanted" } else { "otp_wrong" };
    let field = FieldProblem::new("/user/otp", code);
    let error = ErrorItem::new("Invalid User name or password.").with_fields(vec![field]);
    Err(Refusal::new(Code::Unauthenticated, error).into())
}

/// By the path of each rpc the message that it is asked with, as the contracts say.
static REQUESTS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let set = prost_types::FileDescriptorSet::decode(kit_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut requests = HashMap::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let message = method.input_type().rsplit('.').next().unwrap_or_default();
                requests.insert(path, message.to_owned());
            }
        }
    }
    requests
});

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn tenant(request: &Rpc<ResolveTenantRequest>) -> Result<Answer<Tenant>, Status> {
    let status = match request.get_ref().host.as_str() {
        "demo.example" => "open",
        "closed.example" => "suspended",
        _ => return Err(Refusal::not_found("no such host").into()),
    };
    Ok(Answer::new(Tenant {
        id: TENANT.to_string(),
        name: "demo".into(),
        display_name: "Demo".into(),
        status: status.into(),
        ..Default::default()
    }))
}

/// `ann` speaks no language in particular, `farid` French; `amal` has yet to set up a second
/// factor, `nour` has one. Their password is `Sesame-123`.
fn caller(name: &str, password: &str, session: Option<Uuid>) -> Result<AuthenticateReply, Status> {
    if password != "Sesame-123" || !["ann", "farid", "amal", "nour"].contains(&name) {
        return Err(Refusal::unauthenticated("Invalid User name or password.").into());
    }
    let user_id = if name == "ann" { 7 } else { 8 };
    let principal = Principal {
        tenant: TENANT,
        user_id,
        user_name: name.into(),
        role_id: 3,
        agency_id: 4,
        locale: (name == "farid").then(|| "fr".to_owned()),
        session,
        must_enrol: name == "amal",
        permissions: [("case".to_owned(), vec!["read".to_owned()])].into(),
        expires_at: i64::MAX,
        ..Default::default()
    };
    Ok(AuthenticateReply {
        token: sign_principal(&key(), &principal).unwrap(),
        principal: serde_json::to_vec(&principal).unwrap().into(),
        token_expires_at: i64::MAX,
        user_id,
        user_name: name.into(),
        group_permission: "self".into(),
        directory_version: 1,
    })
}

fn location_file(
    request: Rpc<kit_proto::configuration::v1::GetLocationFileRequest>,
) -> Answer<LocationFile> {
    use std::io::Write;
    let known = request.into_inner().known_etag == "v1";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(br#"{"data":[{"code":"SY"}]}"#).unwrap();
    let gzip = if known { Vec::new() } else { gzip.finish().unwrap() };
    Answer::new(LocationFile { etag: "v1".into(), gzip: gzip.into() })
}

fn write(rpc: &str, message: &Rpc<WriteRequest>) -> Result<Answer<Reply>, Status> {
    let asked = message.get_ref();
    let sent: &[u8] = if asked.data.is_empty() { b"null" } else { &asked.data };
    let data: Value = serde_json::from_slice(sent)
        .map_err(|_broken| Status::from(Refusal::internal("the gateway sent no JSON")))?;
    let said = json!({
        "id": asked.id,
        "data": data,
        "command_id": asked.command_id,
        "record_action": asked.record_action,
        "base_version": asked.base_version,
    });
    let mut answer = echo(rpc, asked.id.as_bytes(), message.metadata(), &said)?;
    answer.get_mut().version = 8;
    answer.get_mut().no_content = data.get("id").is_some();
    answer.metadata_mut().insert("amparo-catalog-version", "41".parse().unwrap());
    Ok(answer)
}

/// An rpc that answers what it was asked: `said` gives the id that may be refused, and the rest.
fn echoing<M>(
    rpc: &str,
    said: impl Fn(&M) -> (Vec<u8>, Value),
) -> impl Fn(Rpc<M>) -> Result<Answer<Reply>, Status> {
    move |message: Rpc<M>| {
        let (id, asked) = said(message.get_ref());
        echo(rpc, &id, message.metadata(), &asked)
    }
}

/// What was asked, by whom; some ids are refused.
fn echo(
    rpc: &str,
    id: &[u8],
    metadata: &MetadataMap,
    asked: &Value,
) -> Result<Answer<Reply>, Status> {
    match id {
        b"missing" => {
            return Err(Refusal::not_found("Couldn't find Child with 'id'=missing").into());
        }
        b"hidden" => return Err(Refusal::forbidden().into()),
        b"broken" => return Err(Status::internal("column \"secret\" does not exist")),
        b"wrong" => {
            let field = FieldProblem::new("/age", "out_of_range").with("min", 0).with("max", 130);
            return Err(Refusal::invalid_record(vec![field]).into());
        }
        b"taken" => return Err(Refusal::taken().into()),
        b"many" => {
            let item = ErrorItem::new(vec!["errors.models.user.email".to_owned()]);
            return Err(Refusal::new(Code::InvalidArgument, item.with_detail("email")).into());
        }
        _ => {}
    }
    let text = |name: &str| metadata.get(name).and_then(|value| value.to_str().ok());
    let who = match metadata.get_bin("amparo-principal-bin") {
        Some(token) => {
            let token = token.to_bytes().unwrap();
            let keys = [key().verifying_key()];
            verify_principal(&keys, &token, 0).unwrap().user_name
        }
        None => text("authorization").map_or("nobody", |_| "gateway").to_owned(),
    };
    let data = json!({
        "rpc": rpc,
        "asked": asked,
        "who": who,
        "locale": text("amparo-locale"),
        "catalog_min": text("amparo-catalog-min"),
    });
    // Lists that the gateway reads itself are lists.
    let is_read =
        ["ListErasures", "ListFlags", "ListOpenConflicts", "ListVisibility", "ListAccessUsers"];
    let is_read = is_read.contains(&rpc);
    Ok(Answer::new(Reply {
        data: if is_read { json!([data]) } else { data }.to_string().into(),
        metadata: if rpc.starts_with("List") {
            r#"{"total":1,"per":20,"page":1}"#.into()
        } else {
            bytes::Bytes::new()
        },
        record_ids: vec![Uuid::from_u128(77).to_string()],
        ..Default::default()
    }))
}
