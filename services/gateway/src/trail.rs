//! What a call leaves for the audit log: gathered while it is handled, made a fact afterwards.
//! Ids and coded values only; what was searched for is left out of the URL.

use kit_proto::facts::v1::CallAudited;

use crate::discreet;
use crate::people::Person;
use crate::route::{Audit, Match, Route, Verb};
use crate::tenants::Tenant;
use crate::visit::Visit;

use std::sync::Arc;

use uuid::Uuid;

/// More ids than a page has.
const MAX_RECORD_IDS: usize = 1_000;
/// A call of no route.
const UNKNOWN: Audit = Audit { record_type: "", verb: Some(Verb::Named("unknown")) };

/// What is known of a call so far.
#[derive(Debug, Default)]
pub struct Trail {
    pub tenant: Option<Arc<Tenant>>,
    pub person: Option<Arc<Person>>,
    pub audit: Option<Audit>,
    /// The route's own path; empty when there is none.
    pub template: &'static str,
    /// Takes the place of the route's verb.
    pub action: Option<&'static str>,
    /// The path, as far as it may be written down.
    pub path: String,
    /// The id in the path, as the record has it.
    pub record_id: Option<String>,
    pub record_ids: Vec<String>,
    /// The same by type, as the log calls it, where an answer shows several: each is told apart.
    pub parts: Vec<(&'static str, Vec<String>)>,
    /// How many records the answer shows.
    pub records_read: usize,
    /// The user who tried to sign in, or signed out.
    pub user_name: Option<String>,
}

impl Trail {
    /// The beginning: what is asked for. Paths of no route leave an entry within the API only.
    pub fn of(visit: &Visit, found: Option<&Match<'_, '_>>, routes: &[Route]) -> Self {
        let Some(found) = found else {
            return Self {
                audit: visit.is_within_api().then_some(UNKNOWN),
                path: discreet::unknown_path(routes, &visit.segments),
                ..Default::default()
            };
        };
        Self {
            audit: Some(found.route.audit),
            template: found.route.path,
            path: discreet::path(found),
            record_id: discreet::id(found.route.audit.record_type, found.id()),
            ..Default::default()
        }
    }

    /// Whether the call leaves an entry once its tenant is known.
    pub fn is_kept(&self) -> bool {
        self.audit.is_some_and(|audit| audit.verb.is_some())
    }

    /// Learns which action an update of a record is.
    pub fn learn_action(&mut self, sent: &str) {
        let updates = Audit { record_type: "child", verb: Some(Verb::Named("update")) };
        if self.audit == Some(updates) {
            // Any other word, those of reading above all, would hide a change from whoever asks
            // who changed the record.
            self.action = kit_access::RECORD_ACTIONS.into_iter().find(|change| *change == sent);
        }
    }

    /// What the call leaves: an entry, or one for each type of record that it shows; each under an
    /// id that follows from the call's.
    pub fn entries(&self, visit: &Visit, status: u16) -> Vec<(Arc<Tenant>, Uuid, CallAudited)> {
        let Some((tenant, entry)) = self.entry(visit, status) else { return Vec::new() };
        let shown = self.parts.iter().filter(|(_, ids)| !ids.is_empty());
        let parts: Vec<_> = shown
            .map(|(record_type, ids)| {
                let read = if entry.records_read > 0 { ids.len() } else { 0 };
                let part = CallAudited {
                    record_type: (*record_type).to_owned(),
                    record_id: if let [only] = ids.as_slice() {
                        only.clone()
                    } else {
                        String::new()
                    },
                    record_ids: ids.iter().take(MAX_RECORD_IDS).cloned().collect(),
                    records_read: u32::try_from(read).unwrap_or(u32::MAX),
                    ..entry.clone()
                };
                let id = Uuid::new_v5(&visit.request_id, record_type.as_bytes());
                (Arc::clone(&tenant), id, part)
            })
            .collect();
        if parts.is_empty() { vec![(tenant, visit.request_id, entry)] } else { parts }
    }

    /// The entry, if the call leaves one.
    fn entry(&self, visit: &Visit, status: u16) -> Option<(Arc<Tenant>, CallAudited)> {
        // Of one that is destroyed nothing is kept, nor who knocks where it was.
        let tenant = self.tenant.clone().filter(|tenant| tenant.status != "destroyed")?;
        let audit = self.audit?;
        let verb = audit.verb?;
        let principal = self.person.as_ref().map(|person| &person.principal);
        let id = |id: i64| if id == 0 { String::new() } else { id.to_string() };
        let entry = CallAudited {
            user_name: principal
                .map(|principal| principal.user_name.clone())
                .or_else(|| self.user_name.clone())
                .unwrap_or_default(),
            user_id: principal.map_or(0, |principal| principal.user_id),
            agency_id: principal.map(|principal| id(principal.agency_id)).unwrap_or_default(),
            role_id: principal.map(|principal| id(principal.role_id)).unwrap_or_default(),
            action: self.action.unwrap_or_else(|| action(verb, visit)).to_owned(),
            record_type: audit.record_type.to_owned(),
            record_id: self.record_id(),
            record_ids: self.record_ids.iter().take(MAX_RECORD_IDS).cloned().collect(),
            resource_url: self.resource_url(visit),
            remote_ip: visit.remote_ip.to_string(),
            http_method: visit.method.to_string(),
            status: u32::from(status),
            display_id: String::new(),
            records_read: u32::try_from(self.records_read).unwrap_or(u32::MAX),
        };
        Some((tenant, entry))
    }

    fn record_id(&self) -> String {
        match (&self.record_id, self.record_ids.as_slice()) {
            (Some(id), _) => id.clone(),
            (None, [only]) => only.clone(),
            (None, _) => String::new(),
        }
    }

    /// Scheme, host, path and query without what somebody typed. The host is one of the tenant's.
    fn resource_url(&self, visit: &Visit) -> String {
        let scheme = if visit.secure { "https" } else { "http" };
        let query = discreet::query(&visit.parameters);
        format!("{scheme}://{}{}{query}", visit.host, self.path)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::find;
    use crate::visit::tests::visit;

    fn entry(method: &str, target: &str) -> CallAudited {
        let visit = visit(method, target, &[("host", "localhost:80")]);
        let routes = crate::routes::all();
        let found = find(&routes, &visit.method, &visit.segments);
        let mut trail = Trail::of(&visit, found.as_ref(), &routes);
        trail.tenant = Some(Arc::new(Tenant {
            id: Uuid::nil(),
            name: "demo".into(),
            display_name: "Demo".into(),
            status: "open".into(),
            requests_per_second: None,
        }));
        trail.entry(&visit, 200).unwrap().1
    }

    #[test]
    fn what_was_searched_for_is_left_out() {
        let entry = entry("GET", "/api/v2/cases?query=Rana&per=20&loc:location_current=SY01");
        assert_eq!(
            entry.resource_url,
            "http://localhost/api/v2/cases?query=&per=&loc:location_current="
        );
        assert_eq!(entry.action, "index");
    }

    #[test]
    fn what_looks_written_by_a_person_never_enters_the_log() {
        let entry = entry("GET", "/api/v2/cases/Rana%20Al%20Ali?Rana%20x=1");
        assert_eq!(entry.resource_url, "http://localhost/api/v2/cases/-");
        assert_eq!((entry.record_id.as_str(), entry.action.as_str()), ("", "show"));
    }

    #[test]
    fn paths_of_no_route_leave_an_entry_within_the_api_only() {
        let entry = entry("GET", "//api/v2/Rana");
        assert_eq!(entry.resource_url, "http://localhost/api/v2/-");
        assert_eq!((entry.record_type.as_str(), entry.action.as_str()), ("", "unknown"));
        let outside = visit("GET", "/robots.txt", &[]);
        assert!(!Trail::of(&outside, None, &[]).is_kept());
    }

    #[test]
    fn verbs_depend_on_the_query_as_in_the_contract() {
        assert_eq!(action(Verb::List, &visit("GET", "/x", &[])), "list");
        assert_eq!(action(Verb::Delete, &visit("DELETE", "/x", &[])), "delete");
        assert_eq!(action(Verb::Delete, &visit("DELETE", "/x?a=1", &[])), "destroy");
    }
}
