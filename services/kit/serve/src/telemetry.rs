//! Logs: one line per event to standard error, text for people or JSON for machines. Traces, where
//! somebody receives them. Fields hold ids only, never what a person said, wrote or is called.

use kit_trace::TARGET;
use tracing::Subscriber;
use tracing_subscriber::filter::{FilterExt as _, Targets, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use crate::settings::{LogFormat, LogSettings};
use crate::spans::Spans;

/// Starts logging for the process; a second call changes nothing. Within a runtime when traces
/// are sent.
pub fn init_telemetry(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.log)?;
    let format = settings.log_format;
    let started = match &settings.otlp_endpoint {
        // As one filter before everything, it costs least.
        None => Registry::default().with(filter).with(lines(format)).try_init(),
        Some(endpoint) => {
            let spans = Spans::try_new(endpoint, &settings.otlp_service)?;
            // Of parts of traces, all and nothing else; they are no lines.
            let ours = Targets::new().with_target(TARGET, tracing::Level::TRACE);
            let lines =
                lines(format).with_filter(filter.and(filter_fn(|it| it.target() != TARGET)));
            Registry::default().with(lines).with(spans.with_filter(ours)).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
    Ok(())
}

fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let lines = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.with_target(false).compact().boxed(),
    }
}
