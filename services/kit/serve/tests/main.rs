//! A real server and real clients over loopback: who gets in, and what they meet.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod tls;

use std::time::Duration;

use kit_access::Principal;
use kit_proto::common::v1::{GetRequest, HealthRequest, ListRequest, Reply};
use kit_proto::reporting::v1::reporting_server::{Reporting, ReportingServer};
use kit_proto::reporting::v1::{Activity, GetActivityRequest, GetReadingRequest, Reading};
use kit_serve::{
    Access, Call, CallContext, Clock, Code, Ids, InternalSettings, InternalToken, LimitSettings,
    Platform, Process, Refusal, Secret, Server, Service, Shared, Shutdown, SigningKey, Trigger,
    serve_admin, sign_principal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

const ACCESS: Access = Access::new("amparo.reporting.v1.Reporting")
    .principal(&["ListAuditLogs", "ListReadingAlarms", "ListDashboards", "GetHome"])
    .enrolling(&["ListActivityLog"])
    .internal(&["ListAccessLog", "GetReading", "GetActivity"])
    .either(&["ListAccessUsers"]);
const TENANT: Uuid = Uuid::from_u128(7);

/// Answers who called, or waits as long as it is told.
struct Echo;

#[tonic::async_trait]
impl Reporting for Echo {
    async fn list_audit_logs(&self, r: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        let name = Call::of(&r)?.principal()?.user_name.clone();
        Ok(Response::new(Reply { data: name.into(), ..Default::default() }))
    }

    async fn list_activity_log(&self, _: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        Err(Refusal::forbidden().into())
    }

    async fn list_access_log(&self, r: Request<GetRequest>) -> Result<Response<Reply>, Status> {
        let call = Call::of(&r)?;
        let tenant = call.tenant()?;
        let wait: u64 = r.into_inner().id.parse().unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        Ok(Response::new(Reply {
            data: format!("{tenant} {} {:?}", call.catalog_min, call.locale).into(),
            ..Default::default()
        }))
    }

    async fn list_reading_alarms(
        &self,
        _: Request<ListRequest>,
    ) -> Result<Response<Reply>, Status> {
        Err(Refusal::forbidden().into())
    }

    async fn list_dashboards(&self, _: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        Err(Refusal::forbidden().into())
    }

    async fn get_home(&self, _: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        Err(Refusal::forbidden().into())
    }

    async fn get_reading(
        &self,
        _: Request<GetReadingRequest>,
    ) -> Result<Response<Reading>, Status> {
        Ok(Response::new(Reading::default()))
    }

    async fn get_activity(
        &self,
        _: Request<GetActivityRequest>,
    ) -> Result<Response<Activity>, Status> {
        Ok(Response::new(Activity::default()))
    }

    async fn list_access_users(&self, r: Request<GetRequest>) -> Result<Response<Reply>, Status> {
        let big = "x".repeat(r.into_inner().id.parse().unwrap_or(0));
        Ok(Response::new(Reply { data: big.into(), ..Default::default() }))
    }
}

struct Rig {
    shared: Shared,
    key: SigningKey,
    trigger: Trigger,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Rig {
    async fn start(limits: LimitSettings) -> Self {
        let platform = Platform {
            internal: InternalSettings {
                internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
                internal_token_file: None,
            },
            limits,
            ..Default::default()
        };
        let ids = Ids::system(Clock::system());
        let process = Process::try_new(platform, Clock::system(), ids).unwrap();
        let shared = process.bind(Service::Reporting, None).await.unwrap();
        let key = SigningKey::from_bytes(&[3; 32]);
        shared.trust.set_keys(vec![key.verifying_key()]);
        let (trigger, shutdown) = Shutdown::new();
        let server = Server::try_new(&shared).unwrap().add(ReportingServer::new(Echo), ACCESS);
        let serving = tokio::spawn(server.unwrap().serve(shutdown));
        Self { shared, key, trigger, serving }
    }

    fn as_user(&self, lives: i64) -> CallContext {
        let now = Clock::system().now().as_second();
        let principal = Principal {
            tenant: TENANT,
            user_name: "ann".into(),
            expires_at: now + lives,
            ..Default::default()
        };
        let token = sign_principal(&self.key, &principal).unwrap();
        CallContext::principal(token, Uuid::nil())
    }

    fn as_service(&self) -> CallContext {
        self.shared.internal_call(Some(TENANT))
    }

    async fn audit_logs(&self, context: &CallContext) -> Result<String, Refusal> {
        let request = context.request(ListRequest::default());
        let reply = self.shared.peers.reporting().list_audit_logs(request).await?;
        Ok(String::from_utf8(reply.into_inner().data.to_vec()).unwrap())
    }

    async fn access_log(&self, context: &CallContext, wait: &str) -> Result<String, Refusal> {
        let request = context.request(GetRequest { id: wait.into(), ..Default::default() });
        let reply = self.shared.peers.reporting().list_access_log(request).await?;
        Ok(String::from_utf8(reply.into_inner().data.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn each_rpc_wants_its_own_kind_of_caller() {
    let rig = Rig::start(LimitSettings::default()).await;
    assert_eq!(rig.audit_logs(&rig.as_user(60)).await.unwrap(), "ann");
    assert_eq!(rig.audit_logs(&rig.as_service()).await.unwrap_err().code, Code::Unauthenticated);
    assert_eq!(rig.access_log(&rig.as_user(60), "").await.unwrap_err().code, Code::Unauthenticated);
    let service = rig.as_service().with_catalog_min(5).with_locale(Some("fr".into()));
    let said = rig.access_log(&service, "").await.unwrap();
    assert_eq!(said, format!("{TENANT} 5 Some(\"fr\")"));
}

#[tokio::test]
async fn whoever_must_set_up_a_second_factor_does_nothing_else() {
    let rig = Rig::start(LimitSettings::default()).await;
    let principal =
        Principal { tenant: TENANT, must_enrol: true, expires_at: i64::MAX, ..Default::default() };
    let token = sign_principal(&rig.key, &principal).unwrap();
    let context = CallContext::principal(token, Uuid::nil());
    let refusal = rig.audit_logs(&context).await.unwrap_err();
    assert_eq!(refusal, Refusal::must_enrol());
    let request = context.request(GetRequest::default());
    let either = rig.shared.peers.reporting().list_access_users(request).await.unwrap_err();
    assert_eq!(Refusal::from(either), Refusal::must_enrol());
    let request = context.request(ListRequest::default());
    let let_in = rig.shared.peers.reporting().list_activity_log(request).await.unwrap_err();
    assert_eq!(Refusal::from(let_in), Refusal::forbidden(), "the rpc itself says no");
}

#[tokio::test]
async fn forged_and_expired_tokens_are_worth_nothing() {
    let rig = Rig::start(LimitSettings::default()).await;
    let expired = rig.audit_logs(&rig.as_user(-1)).await.unwrap_err();
    assert_eq!(expired.code, Code::Unauthenticated);
    let stranger = SigningKey::from_bytes(&[4; 32]);
    let principal = Principal { tenant: TENANT, expires_at: i64::MAX, ..Default::default() };
    let forged = sign_principal(&stranger, &principal).unwrap();
    let refusal = rig.audit_logs(&CallContext::principal(forged, Uuid::nil())).await.unwrap_err();
    // Identity is asked whether it has new keys; here it can't be reached.
    assert_eq!(refusal.code, Code::Unavailable);
    let guess = InternalToken::try_new(Secret::new("f".repeat(32))).unwrap();
    let refusal = rig.access_log(&CallContext::internal(&guess, Uuid::nil()), "").await;
    assert_eq!(refusal.unwrap_err().code, Code::Unauthenticated);
}

#[tokio::test]
async fn health_needs_no_credentials_and_names_what_fails() {
    let rig = Rig::start(LimitSettings::default()).await;
    rig.shared.health.watch("postgres", || async { false });
    let reply = rig.shared.peers.health(Service::Reporting).check_health(HealthRequest {}).await;
    let reply = reply.unwrap().into_inner();
    assert!(!reply.ready);
    assert_eq!(reply.failing, ["postgres"]);
}

#[tokio::test]
async fn sheds_what_is_too_much_and_gives_up_on_what_takes_too_long() {
    let limits =
        LimitSettings { max_calls: 1, call_timeout: 1, drain_timeout: 1, ..Default::default() };
    let rig = Rig::start(limits).await;
    let context = rig.as_service();
    let slow = rig.access_log(&context, "600");
    let quick = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        rig.access_log(&context, "0").await
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert!(slow.is_ok());
    assert_eq!(quick.unwrap_err().code, Code::Unavailable);
    let endless = rig.access_log(&context, "60000").await;
    assert_eq!(endless.unwrap_err().code, Code::Unavailable);
    let hasty = context.with_timeout(Duration::from_millis(50));
    assert_eq!(rig.access_log(&hasty, "700").await.unwrap_err().code, Code::Unavailable);
}

#[tokio::test]
async fn large_answers_arrive() {
    let rig = Rig::start(LimitSettings::default()).await;
    let request =
        rig.as_service().request(GetRequest { id: "9000000".into(), ..Default::default() });
    let reply = rig.shared.peers.reporting().list_access_users(request).await.unwrap();
    assert_eq!(reply.into_inner().data.len(), 9_000_000);
}

#[tokio::test]
async fn figures_are_told_by_rpc_and_code_and_name_nobody() {
    let rig = Rig::start(LimitSettings::default()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_trigger, shutdown) = Shutdown::new();
    rig.shared.health.remark(|| Some("7 wait".into()));
    let services = vec![("reporting".to_owned(), rig.shared.health.clone())];
    tokio::spawn(serve_admin(listener, services, shutdown));
    rig.audit_logs(&rig.as_user(60)).await.unwrap();
    rig.audit_logs(&rig.as_user(-1)).await.unwrap_err();
    let unknown = rig.shared.peers.channel(Service::Reporting);
    let odd = tonic_odd_call(unknown, "/amparo.reporting.v1.Reporting/Rana").await;
    assert_eq!(odd, tonic::Code::Unimplemented);
    let told = read(address, "/metrics").await;
    for line in [
        r#"amparo_rpc_requests_total{service="reporting",method="ListAuditLogs",code="OK"} "#,
        r#"service="reporting",method="ListAuditLogs",code="UNAUTHENTICATED"} "#,
        r#"amparo_rpc_seconds_count{service="reporting",method="ListAuditLogs"} "#,
        r#"amparo_rpc_requests_total{service="",method="",code="UNIMPLEMENTED"} "#,
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    assert!(!told.contains("ann") && !told.contains("Rana"), "{told}");
    let ready = read(address, "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("(reporting: 7 wait)"), "{ready}");
    rig.shared.health.watch("nats", || async { false });
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let ready = read(address, "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("reporting.nats"), "{ready}");
    assert!(read(address, "/health").await.starts_with("HTTP/1.1 503"), "NATS is away");
}

async fn tonic_odd_call(channel: kit_serve::Channel, path: &'static str) -> tonic::Code {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<ListRequest, Reply>::default();
    let path = http::uri::PathAndQuery::from_static(path);
    grpc.unary(Request::new(ListRequest::default()), path, codec).await.unwrap_err().code()
}

async fn read(address: std::net::SocketAddr, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn running_calls_end_before_the_server_does() {
    let rig = Rig::start(LimitSettings::default()).await;
    let context = rig.as_service();
    let call = rig.access_log(&context, "300");
    let stop = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.trigger.stop();
    };
    let (answer, ()) = tokio::join!(call, stop);
    assert!(answer.is_ok());
    tokio::time::timeout(Duration::from_secs(3), rig.serving).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn old_connections_are_left_without_losing_a_call() {
    let limits = LimitSettings { max_connection_age: 1, ..Default::default() };
    let rig = Rig::start(limits).await;
    let between = Between::start(rig.shared.address().unwrap()).await;
    rig.shared.peers.set(Service::Reporting, format!("http://{}", between.address));
    let context = rig.as_service();
    let begun = std::time::Instant::now();
    let mut calls = 0;
    while begun.elapsed() < Duration::from_secs(4) {
        // One is always on its way when its connection is told to end.
        let both = tokio::join!(rig.access_log(&context, "40"), rig.access_log(&context, "0"));
        assert!(both.0.is_ok() && both.1.is_ok(), "{both:?} after {calls} calls");
        calls += 2;
    }
    let connections = between.connections.load(std::sync::atomic::Ordering::Relaxed);
    assert!((3..=8).contains(&connections), "{connections} connections for {calls} calls");
}

/// Passes bytes on and counts connections, as the network of a cluster sees them.
struct Between {
    address: std::net::SocketAddr,
    connections: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Between {
    async fn start(to: std::net::SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut on = tokio::net::TcpStream::connect(to).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut from, &mut on).await;
                });
            }
        });
        Self { address, connections }
    }
}
