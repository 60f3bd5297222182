//! One call of a client is one trace, from its HTTP request to the tables of those who heard of it:
//! looked at with a receiver of our own, as a collector would get it.

use anyhow::{Context as _, Result};
use http::Method;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::{Client, Installation};
use tonic::{Request, Response, Status};

use crate::shared::MODULE;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CLIENT: &str = "00f067aa0ba902b7";
const PASSWORD: &str = "Amparo-demo-1";
const NAME: &str = "Zainab Trazada";

/// Keeps every part that is sent.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let resources = request.into_inner().resource_spans;
        let scopes = resources.into_iter().flat_map(|one| one.scope_spans);
        self.0.lock().unwrap().extend(scopes.flat_map(|one| one.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Receiver {
    fn listen(&self) -> Result<String> {
        let port = tests::free_port()?;
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(self.clone()))
            .serve(([127, 0, 0, 1], port).into());
        tokio::spawn(server);
        Ok(format!("http://127.0.0.1:{port}"))
    }

    /// Parts of the trace so far.
    fn parts(&self) -> Vec<Span> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|one| hex(&one.trace_id) == TRACE).cloned().collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

const SERVER: i32 = 2;
const INTERNAL: i32 = 1;
const PRODUCER: i32 = 4;
const CONSUMER: i32 = 5;

/// The way of one write: request, rpc, commit, publish, apply, each the child of the one before.
const WRITE: [(i32, &str); 5] = [
    (SERVER, "cases"),
    (SERVER, "amparo.records.v1.Records/CreateRecord"),
    (INTERNAL, "Register"),
    (PRODUCER, "case"),
    (CONSUMER, ""),
];
/// The way of its entry in the audit log: request, publish, apply.
const AUDIT: [(i32, &str); 3] = [(SERVER, "cases"), (PRODUCER, "call_audited"), (CONSUMER, "")];

fn way<'p>(parts: &'p [Span], steps: &[(i32, &str)]) -> Option<Vec<&'p Span>> {
    let mut at = CLIENT.to_owned();
    let mut way = Vec::new();
    for (kind, title) in steps {
        let fits = |one: &&Span| {
            hex(&one.parent_span_id) == at && one.kind == *kind && one.name.contains(title)
        };
        let part = parts.iter().find(fits)?;
        at = hex(&part.span_id);
        way.push(part);
    }
    Some(way)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_one_trace_from_the_request_to_those_who_hear_of_it() -> Result<()> {
    let receiver = Receiver::default();
    let endpoint = receiver.listen()?;
    let installation =
        Installation::together_with(&["--tenants", "1", "--otlp-endpoint", &endpoint])?;
    let worker = Client::signed_in(installation.port, "localhost", "tomas", PASSWORD).await?;
    let mut data = json!({"sex": "female", "age": 9, "module_id": MODULE});
    data["name_first"] = NAME.into();
    let body = json!({ "data": data });
    let headers = [("traceparent", &*format!("00-{TRACE}-{CLIENT}-01"))];
    let body = Some(body.to_string().into());
    worker.send_with(Method::POST, "/api/v2/cases", body, &headers).await?.data()?;

    let deadline = Instant::now() + Duration::from_secs(30);
    let whole = |parts: &[Span]| way(parts, &WRITE).is_some() && way(parts, &AUDIT).is_some();
    while !whole(&receiver.parts()) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let parts = receiver.parts();
    let titles: Vec<_> = parts.iter().map(|one| (&one.name, hex(&one.parent_span_id))).collect();
    for steps in [&WRITE[..], &AUDIT] {
        let way = way(&parts, steps).with_context(|| format!("{titles:?}"))?;
        for pair in way.windows(2) {
            assert!(pair[0].start_time_unix_nano <= pair[1].start_time_unix_nano, "{titles:?}");
        }
    }
    // Nothing of what was written, nothing of who wrote it.
    let told = format!("{:?}", receiver.0.lock().unwrap());
    for word in [NAME, "Zainab", "tomas", PASSWORD] {
        assert!(!told.contains(word), "{word}");
    }
    Ok(())
}
