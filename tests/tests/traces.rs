//! One call of a client is one trace, from its HTTP request to the tables of those who heard of it,
//! through as many processes: looked at with a receiver of our own, as a collector would get it.

use crate::erasure;
use crate::shared::MODULE;
use anyhow::{Context as _, Result};
use http::Method;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValue;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::Installation;
use tonic::{Request, Response, Status};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CLIENT: &str = "00f067aa0ba902b7";
const NAME: &str = "Zainab Trazada";

/// A part of a trace, and the process that it is of.
#[derive(Clone, Debug)]
struct Part {
    service: String,
    span: Span,
}

/// Keeps every part that is sent.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Part>>>);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for one in request.into_inner().resource_spans {
            let service = service_of(&one).unwrap_or_default();
            let spans = one.scope_spans.into_iter().flat_map(|scope| scope.spans);
            let parts = spans.map(|span| Part { service: service.clone(), span });
            self.0.lock().unwrap().extend(parts);
        }
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
    fn parts(&self) -> Vec<Part> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|one| hex(&one.span.trace_id) == TRACE).cloned().collect()
    }
}

fn service_of(sent: &ResourceSpans) -> Option<String> {
    let attributes = &sent.resource.as_ref()?.attributes;
    let name = attributes.iter().find(|one| one.key == "service.name")?;
    match name.value.as_ref()?.value.as_ref()? {
        AnyValue::StringValue(text) => Some(text.clone()),
        _ => None,
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

/// One step: in which process, of which kind, with which title.
type Step = (&'static str, i32, &'static str);

/// The way of one write: request, rpc, commit, publish, apply, each the child of the one before.
const WRITE: [Step; 5] = [
    ("gateway", SERVER, "cases"),
    ("cases", SERVER, "amparo.records.v1.Records/CreateRecord"),
    ("cases", INTERNAL, "Register"),
    ("cases", PRODUCER, "case"),
    ("reporting", CONSUMER, ""),
];
/// The same fact elsewhere.
const SOUGHT: [Step; 5] = [WRITE[0], WRITE[1], WRITE[2], WRITE[3], ("tracing", CONSUMER, "")];
/// The way of its entry in the audit log: request, publish, apply.
const AUDIT: [Step; 3] = [
    ("gateway", SERVER, "cases"),
    ("gateway", PRODUCER, "call_audited"),
    ("reporting", CONSUMER, ""),
];

fn way<'p>(parts: &'p [Part], steps: &[Step]) -> Option<Vec<&'p Span>> {
    let mut at = CLIENT.to_owned();
    let mut way = Vec::new();
    for (service, kind, title) in steps {
        let fits = |one: &&Part| {
            let Part { service: of, span } = one;
            let follows = hex(&span.parent_span_id) == at && of == service;
            follows && span.kind == *kind && span.name.contains(title)
        };
        let part = &parts.iter().find(fits)?.span;
        at = hex(&part.span_id);
        way.push(part);
    }
    Some(way)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_one_trace_from_the_request_to_those_who_hear_of_it() -> Result<()> {
    let receiver = Receiver::default();
    let endpoint = receiver.listen()?;
    let mut installation = Installation::servers_only()?;
    installation.prepare_services(&mut |_, port| port)?;
    installation.tell_services(&[format!("--otlp-endpoint={endpoint}")]);
    installation.start_services()?;
    let worker = erasure::staff(&installation).await?.worker;
    let mut data = json!({"sex": "female", "age": 9, "module_id": MODULE});
    data["name_first"] = NAME.into();
    let body = json!({ "data": data });
    let headers = [("traceparent", &*format!("00-{TRACE}-{CLIENT}-01"))];
    let body = Some(body.to_string().into());
    worker.send_with(Method::POST, "/api/v2/cases", body, &headers).await?.data()?;

    let deadline = Instant::now() + Duration::from_secs(30);
    let ways = [&WRITE[..], &SOUGHT, &AUDIT];
    let whole = |parts: &[Part]| ways.iter().all(|steps| way(parts, steps).is_some());
    while !whole(&receiver.parts()) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let parts = receiver.parts();
    let titles = parts.iter().map(|one| (&one.service, &one.span.name));
    let titles: Vec<_> = titles.collect();
    for steps in ways {
        let way = way(&parts, steps).with_context(|| format!("{titles:?}"))?;
        for pair in way.windows(2) {
            assert!(pair[0].start_time_unix_nano <= pair[1].start_time_unix_nano, "{titles:?}");
        }
    }
    // Nothing of what was written, nothing of who wrote it.
    let told = format!("{:?}", receiver.0.lock().unwrap());
    for word in [NAME, "Zainab", "worker.one", "First-entry-1"] {
        assert!(!told.contains(word), "{word}");
    }
    Ok(())
}
