//! For tests that look at the gateway from outside: its table of routes, and how it reads what
//! strangers send. Nothing of it runs in a served gateway.

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use uuid::Uuid;

use crate::body::{self, Member};
use crate::people::Credentials;
use crate::route::Action;
use crate::visit::Visit;
use crate::{parameters, routes};

/// One line of the table of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub method: String,
    /// Segments with `:name` for what varies; `*` at the end for any number of segments.
    pub path: &'static str,
    /// Callers need not have signed in.
    pub public: bool,
    /// The one rpc that answers, as `/package.Service/Rpc`; none for what takes more than one.
    pub rpc: Option<&'static str>,
    /// The record type that the rpc is told, if it is one of `Records`; else empty.
    pub record_type: &'static str,
}

/// Each record type that is kept anywhere, and the name of the service that keeps it.
pub fn kept() -> Vec<(&'static str, &'static str)> {
    let kept = routes::records::KEPT.iter();
    kept.map(|one| (one.record_type.as_str(), one.service.name())).collect()
}

/// Every route of the gateway but health.
pub fn table() -> Vec<Line> {
    let line = |route: crate::route::Route| {
        let rpc = match route.action {
            Action::List(rpc) | Action::Get(rpc) | Action::Write(rpc, _) | Action::Delete(rpc) => {
                Some(rpc)
            }
            Action::Special(_) => None,
        };
        Line {
            method: route.method.to_string(),
            path: route.path,
            public: route.public,
            rpc: rpc.map(|rpc| rpc.path),
            record_type: rpc.map_or("", |rpc| rpc.record_type),
        }
    };
    routes::all().into_iter().map(line).collect()
}

/// What the head of a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub host: String,
    pub segments: Vec<String>,
    /// Decoded names and values of the query.
    pub parameters: Vec<(String, String)>,
    /// What would be taken for a session, or for user name and password.
    pub credentials: Option<String>,
    /// Whether it would be let in so far.
    pub sound: bool,
}

/// Reads a head as a request's is read.
pub fn head(parts: Parts, trust_forwarded: bool) -> Head {
    let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let (visit, flaw) = Visit::read(parts, peer, trust_forwarded, Uuid::nil());
    let credentials = Credentials::of(&visit);
    let sound = flaw.is_ok() && credentials.is_ok();
    let _seen = (visit.language(None), visit.traceparent(), visit.is_within_api());
    Head {
        credentials: credentials.ok().flatten().map(|given| match given {
            Credentials::Session(session) => session,
            Credentials::Basic(basic) => format!("{}:{}", basic.user_name, basic.password),
        }),
        parameters: visit.parameters.into_iter().map(|one| (one.name, one.value)).collect(),
        host: visit.host,
        segments: visit.segments,
        sound,
    }
}

/// Reads a body as a request's is read: the `data` that a service would get, if it is let in.
pub fn body(headers: &HeaderMap, bytes: &Bytes) -> Option<Bytes> {
    let members = body::members(headers, bytes).ok()?;
    let _seen = (
        members.base_version(),
        members.seen(),
        members.record_action(),
        members.optional(Member::User),
    );
    members.require(Member::Data).ok()
}

/// The decoded pairs of a query; nothing when it is refused.
pub fn query(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = parameters::parse(text)?;
    Some(pairs.into_iter().map(|one| (one.name, one.value)).collect())
}
