//! A gateway on a free port before stand-ins, and browsers that talk to it.

use std::sync::Arc;

use bytes::Bytes;
use gateway::settings::Settings;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kit_bus::Bus;
use kit_serve::{
    Clock, Ids, InternalSettings, LimitSettings, NatsSettings, PeerSettings, Platform, Process,
    Secret, Service, Shutdown, Trigger,
};
use kit_test::TestBus;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::fake::{
    Cases, Configuration, Fake, Health, Identity, Incidents, Records, Reporting, Tracing, World,
};

pub const PASSWORD: &str = "Sesame-123";

/// A running gateway.
pub struct Rig {
    pub world: Arc<World>,
    pub bus: Bus,
    address: String,
    services: String,
    trigger: Trigger,
    running: JoinHandle<anyhow::Result<()>>,
    test_bus: TestBus,
}

/// Another gateway of the same installation.
pub struct Another {
    pub address: String,
    _trigger: Trigger,
}

impl Rig {
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::within(settings, LimitSettings::default()).await
    }

    pub async fn within(settings: Settings, limits: LimitSettings) -> Self {
        let world = Arc::new(World::default());
        let services = serve(Fake(Arc::clone(&world))).await;
        let test_bus = TestBus::new().await;
        let bus = Bus::connect(test_bus.url()).await.unwrap();
        for service in ["gateway", "identity", "configuration"] {
            bus.stream(service).await.unwrap();
        }
        let platform = Platform { limits, ..platform(&services, test_bus.url()) };
        let (address, trigger, running) = begin(settings, platform).await;
        Self { world, bus, address, services, trigger, running, test_bus }
    }

    /// Starts another gateway beside this one.
    pub async fn another(&self) -> Another {
        let platform = platform(&self.services, self.test_bus.url());
        let (address, trigger, _) = begin(Settings::default(), platform).await;
        Another { address, _trigger: trigger }
    }

    /// Where the gateway listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Tells the gateway to stop and waits for its end.
    pub async fn stop(self) {
        self.trigger.stop();
        let end = tokio::time::timeout(std::time::Duration::from_secs(20), self.running).await;
        end.unwrap().unwrap().unwrap();
    }

    /// A browser without cookies, on the demo organisation.
    pub fn browser(&self) -> Browser {
        Browser::at(&self.address)
    }

    /// A browser in which `ann` has signed in.
    pub async fn signed_in(&self) -> Browser {
        let mut browser = self.browser();
        browser.get("/api/v2/primero").await;
        let answer = browser.sign_in("ann", PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser
    }

    /// A script with HTTP Basic.
    pub fn script(&self, user_name: &str, password: &str) -> Browser {
        self.browser().with_basic(user_name, password)
    }
}

/// A gateway that answers.
async fn begin(
    settings: Settings,
    platform: Platform,
) -> (String, Trigger, JoinHandle<anyhow::Result<()>>) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let settings = Settings { gateway_listen: address.parse().unwrap(), ..settings };
    let clock = Clock::system();
    let process = Process::try_new(platform, clock.clone(), Ids::system(clock));
    let shared = process.unwrap().share(Service::Gateway);
    let (trigger, shutdown) = Shutdown::new();
    let running = tokio::spawn(gateway::run(settings, shared, shutdown));
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(&address).await.is_ok() {
            return (address, trigger, running);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the gateway does not start");
}

pub async fn serve(fake: Fake) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tonic::transport::Server::builder()
        .add_service(Identity(fake.clone()))
        .add_service(Configuration(fake.clone()))
        .add_service(Cases(fake.clone()))
        .add_service(Incidents(fake.clone()))
        .add_service(Tracing(fake.clone()))
        .add_service(Records(fake.clone()))
        .add_service(Reporting(fake.clone()))
        .add_service(Health(fake))
        .serve_with_incoming(tokio_stream::wrappers::TcpListenerStream::new(listener));
    tokio::spawn(server);
    url
}

pub fn platform(services: &str, nats: &str) -> Platform {
    Platform {
        internal: InternalSettings {
            internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
            internal_token_file: None,
        },
        nats: NatsSettings { nats_url: Some(Secret::new(nats)), ..Default::default() },
        peers: PeerSettings {
            keyring_url: services.into(),
            identity_url: services.into(),
            configuration_url: services.into(),
            cases_url: services.into(),
            reporting_url: services.into(),
            incidents_url: services.into(),
            tracing_url: services.into(),
        },
        ..Default::default()
    }
}

/// An HTTP client that keeps cookies and repeats the CSRF token.
pub struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    address: String,
    pub host: String,
    pub cookies: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub csrf: bool,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    /// A browser without cookies, on the demo organisation of the gateway at this address.
    pub fn at(address: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            address: address.to_owned(),
            host: "demo.example".into(),
            cookies: Vec::new(),
            headers: Vec::new(),
            csrf: true,
        }
    }

    /// With HTTP Basic on every call.
    pub fn with_basic(mut self, user_name: &str, password: &str) -> Self {
        use base64::Engine;
        let pair = format!("{user_name}:{password}");
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        self.headers.push(("authorization".into(), format!("Basic {encoded}")));
        self.csrf = false;
        self
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub async fn get(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, "").await
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Seen {
        self.send(Method::POST, path, body).await
    }

    pub async fn sign_in(&mut self, user_name: &str, password: &str) -> Seen {
        let body = format!(r#"{{"user":{{"user_name":"{user_name}","password":"{password}"}}}}"#);
        self.post("/api/v2/tokens", &body).await
    }

    pub async fn send(&mut self, method: Method, path: &str, body: impl AsRef<[u8]>) -> Seen {
        let (parts, body) = self.begin(method, path, body).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Seen { status: parts.status, headers: parts.headers, body }
    }

    /// The same, with the body still on its way.
    pub async fn begin(
        &mut self,
        method: Method,
        path: &str,
        body: impl AsRef<[u8]>,
    ) -> http::Response<hyper::body::Incoming> {
        let mut request = Request::builder()
            .method(&method)
            .uri(format!("http://{}{path}", self.address))
            .header("host", &self.host)
            .header("content-type", "application/json");
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        if let Some(token) = self.cookie("CSRF-TOKEN").filter(|_| self.csrf) {
            request = request.header("x-csrf-token", token);
        }
        for (name, value) in &self.headers {
            request.headers_mut().unwrap().insert(
                http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_ref()))).unwrap();
        let response = self.client.request(request).await.unwrap();
        self.keep(response.headers());
        response
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(key, _)| key != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
    }
}
