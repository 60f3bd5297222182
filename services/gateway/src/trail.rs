//! What a call leaves for the audit log: gathered while it is handled, made a fact afterwards.
//! Ids and coded values only; what was searched for is left out of the URL.

use kit_proto::facts::v1::CallAudited;

use crate::people::Person;
use crate::route::{Audit, Verb};
use crate::tenants::Tenant;
use crate::visit::Visit;

use std::sync::Arc;

/// More ids than a page has.
const MAX_RECORD_IDS: usize = 1_000;
/// Query keys whose values tell nothing about a person.
const PLAIN_KEYS: [&str; 9] =
    ["page", "per", "order", "order_by", "fields", "extended", "locale", "record_type", "disabled"];

/// What is known of a call so far.
#[derive(Debug, Default)]
pub struct Trail {
    pub tenant: Option<Arc<Tenant>>,
    pub person: Option<Arc<Person>>,
    pub audit: Option<Audit>,
    /// Takes the place of the route's verb.
    pub action: Option<String>,
    /// The id in the path, or of what was created.
    pub record_id: String,
    pub record_ids: Vec<String>,
    /// Who tried to sign in.
    pub claimed_name: Option<String>,
}

impl Trail {
    /// The entry, if the call leaves one.
    pub fn entry(&self, visit: &Visit, status: u16) -> Option<(Arc<Tenant>, CallAudited)> {
        let tenant = self.tenant.clone()?;
        let audit = self.audit?;
        let verb = audit.verb?;
        let principal = self.person.as_ref().map(|person| &person.principal);
        let id = |id: i64| if id == 0 { String::new() } else { id.to_string() };
        let entry = CallAudited {
            user_name: principal
                .map(|principal| principal.user_name.clone())
                .or_else(|| self.claimed_name.clone())
                .unwrap_or_default(),
            user_id: principal.map_or(0, |principal| principal.user_id),
            agency_id: principal.map(|principal| id(principal.agency_id)).unwrap_or_default(),
            role_id: principal.map(|principal| id(principal.role_id)).unwrap_or_default(),
            action: self.action.clone().unwrap_or_else(|| action(verb, visit).to_owned()),
            record_type: audit.record_type.to_owned(),
            record_id: self.record_id(),
            record_ids: self.record_ids.iter().take(MAX_RECORD_IDS).cloned().collect(),
            resource_url: resource_url(visit),
            remote_ip: visit.remote_ip.clone(),
            http_method: visit.method.to_string(),
            status: u32::from(status),
            display_id: String::new(),
        };
        Some((tenant, entry))
    }

    fn record_id(&self) -> String {
        if coded(&self.record_id) {
            return self.record_id.clone();
        }
        match self.record_ids.as_slice() {
            [only] if self.record_id.is_empty() => only.clone(),
            _ => String::new(),
        }
    }
}

fn action(verb: Verb, visit: &Visit) -> &'static str {
    match verb {
        Verb::List if visit.has_query => "index",
        Verb::List => "list",
        Verb::Delete if visit.has_query => "destroy",
        Verb::Delete => "delete",
        Verb::Named(name) => name,
    }
}

/// Scheme, host, path and query without what somebody typed.
fn resource_url(visit: &Visit) -> String {
    let scheme = if visit.secure { "https" } else { "http" };
    let path: Vec<&str> = visit
        .segments
        .iter()
        .map(|segment| if coded(segment) { segment.as_str() } else { "-" })
        .collect();
    let host = if coded(&visit.host) { visit.host.as_str() } else { "-" };
    let mut url = format!("{scheme}://{host}/{}", path.join("/"));
    for (place, parameter) in visit.parameters.iter().take(50).enumerate() {
        let name = parameter.name.as_str();
        if !name.bytes().all(|byte| is_code(byte) || b"[]:".contains(&byte)) || name.len() > 80 {
            continue;
        }
        let value = if PLAIN_KEYS.contains(&name) && coded(&parameter.value) {
            parameter.value.as_str()
        } else {
            ""
        };
        url.push(if place == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.push_str(value);
    }
    url
}

/// Looks like an id, a code or a list of them, not like something a person wrote.
pub fn coded(text: &str) -> bool {
    !text.is_empty() && text.len() <= 120 && text.bytes().all(|byte| is_code(byte) || byte == b',')
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::tests::visit;
    use uuid::Uuid;

    fn trail(verb: Verb) -> Trail {
        Trail {
            tenant: Some(Arc::new(Tenant {
                id: Uuid::nil(),
                name: "demo".into(),
                display_name: "Demo".into(),
                status: "open".into(),
            })),
            audit: Some(Audit { record_type: "child", verb: Some(verb) }),
            ..Default::default()
        }
    }

    #[test]
    fn what_was_searched_for_is_left_out() {
        let target =
            "/api/v2/cases?query=Rana&per=20&name=x&fields=short&loc:location_current=SY01";
        let (_, entry) = trail(Verb::List)
            .entry(&visit("GET", target, &[("host", "localhost:80")]), 200)
            .unwrap();
        assert_eq!(
            entry.resource_url,
            "http://localhost/api/v2/cases?query=&per=20&name=&fields=short&loc:location_current="
        );
        assert_eq!(entry.action, "index");
    }

    #[test]
    fn what_looks_written_by_a_person_never_enters_the_log() {
        let mut trail = trail(Verb::Named("show"));
        trail.record_id = "Rana Al Ali".into();
        let target = "/api/v2/cases/Rana%20Al%20Ali?Rana%20x=1";
        let (_, entry) = trail.entry(&visit("GET", target, &[("host", "a.b")]), 404).unwrap();
        assert_eq!(entry.resource_url, "http://a.b/api/v2/cases/-");
        assert_eq!(entry.record_id, "");
        assert_eq!(entry.status, 404);
    }

    #[test]
    fn verbs_depend_on_the_query_as_in_the_contract() {
        assert_eq!(action(Verb::List, &visit("GET", "/x", &[])), "list");
        assert_eq!(action(Verb::Delete, &visit("DELETE", "/x", &[])), "delete");
        assert_eq!(action(Verb::Delete, &visit("DELETE", "/x?a=1", &[])), "destroy");
    }
}
