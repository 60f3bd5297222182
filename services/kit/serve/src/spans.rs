//! Parts of traces on their way out: spans of the target [`kit_trace::TARGET`], which name their
//! own place in the trace, are sent to an OTLP receiver in batches. One that cannot be sent is
//! lost; no call ever waits for it.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// How long a part waits for others to be sent along.
const DELAY: Duration = Duration::from_secs(1);
/// How long the receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends every part once it ended.
#[derive(Debug)]
pub(crate) struct Spans {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
}

impl Spans {
    /// To the receiver at an address; connects when there is something to send.
    pub fn try_new(endpoint: &str, service: &str) -> anyhow::Result<Self> {
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(PATIENCE)
            .build()
            .context("--otlp-endpoint")?;
        let config = BatchConfigBuilder::default().with_scheduled_delay(DELAY).build();
        let mut processor = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        let resource = Resource::builder_empty()
            .with_service_name(service.to_owned())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        processor.set_resource(&resource);
        Ok(Self { processor, scope: InstrumentationScope::builder("amparo").build() })
    }
}

/// A part that has not ended.
struct Part {
    began: SystemTime,
    said: Said,
}

/// What its fields say.
#[derive(Default)]
struct Said {
    here: Option<(u128, u64)>,
    parent: Option<u64>,
    title: Option<String>,
    kind: Option<SpanKind>,
    attributes: Vec<KeyValue>,
}

impl Said {
    fn say(&mut self, name: &'static str, value: &str) {
        match name {
            "here" => self.here = kit_trace::parts_of(value),
            "parent" => self.parent = kit_trace::parts_of(value).map(|(_, span)| span),
            "title" => self.title = Some(value.to_owned()),
            "kind" => self.kind = Some(kind(value)),
            _ => self.attributes.push(KeyValue::new(name, value.to_owned())),
        }
    }
}

fn kind(word: &str) -> SpanKind {
    match word {
        "server" => SpanKind::Server,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.say(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.say(field.name(), &format!("{value:?}"));
    }
}

impl<S> Layer<S> for Spans
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut said = Said::default();
        attributes.record(&mut said);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Part { began: now(), said });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(part) = span.extensions_mut().get_mut::<Part>()
        {
            values.record(&mut part.said);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Part { began, said }) = span.extensions_mut().remove::<Part>() else { return };
        let Some((trace, here)) = said.here else { return };
        let place = |id| {
            let (trace, id) = (TraceId::from(trace), SpanId::from(id));
            SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::default())
        };
        self.processor.on_end(SpanData {
            span_context: place(here),
            parent_span_id: said.parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote: said.parent.is_some(),
            span_kind: said.kind.unwrap_or(SpanKind::Internal),
            name: said.title.map_or_else(|| span.name().into(), Into::into),
            start_time: began,
            end_time: now(),
            attributes: said.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        });
    }
}

#[expect(clippy::disallowed_methods, reason = "when a part began and ended is of the edge")]
fn now() -> SystemTime {
    SystemTime::now()
}
