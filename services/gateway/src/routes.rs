//! The route table: one small file per group of resources. What is not here is a 404.

mod alerts;
mod amparo;
mod cases;
mod configuration;
mod devices;
mod erasures;
mod flags;
mod identity;
mod incidents;
pub(crate) mod records;
mod reporting;
mod second_factor;
mod sessions;
mod tracing;

use crate::route::Route;

/// Every route of the gateway but health.
pub fn all() -> Vec<Route> {
    [
        sessions::routes(),
        records::routes(),
        cases::routes(),
        incidents::routes(),
        tracing::routes(),
        configuration::routes(),
        identity::routes(),
        reporting::routes(),
        amparo::routes(),
        erasures::routes(),
        alerts::routes(),
        flags::routes(),
        second_factor::routes(),
        devices::routes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::Method;

    use super::*;
    use crate::path::segments;
    use crate::route::{Action, Verb, find};

    fn found(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        let (routes, segments) = (all(), segments(path).unwrap());
        find(&routes, method, &segments).map(|found| {
            (found.route.path, found.varying.iter().map(|one| (*one).to_owned()).collect())
        })
    }

    #[test]
    fn every_rpc_is_in_the_contracts() {
        let known: BTreeSet<String> = kit_proto::rpcs()
            .into_iter()
            .map(|(service, rpc)| format!("/{service}/{rpc}"))
            .collect();
        for route in all() {
            let (Action::List(rpc)
            | Action::Get(rpc)
            | Action::Write(rpc, _)
            | Action::Delete(rpc)) = route.action
            else {
                continue;
            };
            assert!(known.contains(rpc.path), "{} calls {}", route.path, rpc.path);
            let package = format!("/amparo.{}.v1.", rpc.service.name());
            let of_records = rpc.path.starts_with("/amparo.records.v1.");
            assert_eq!(of_records, !rpc.record_type.is_empty(), "{}", route.path);
            let known = of_records || rpc.path.starts_with(&package);
            assert!(known, "{} asks the wrong service", route.path);
        }
    }

    #[test]
    fn no_route_is_there_twice() {
        let mut seen = BTreeSet::new();
        for route in all() {
            let shape: Vec<&str> = route
                .path
                .split('/')
                .map(|part| if part.starts_with(':') { ":" } else { part })
                .collect();
            assert!(seen.insert((route.method.to_string(), shape.join("/"))), "{}", route.path);
        }
    }

    #[test]
    fn the_audit_log_has_the_words_that_the_settings_promise_and_no_others() {
        let audited: Vec<_> = all().into_iter().map(|route| route.audit).collect();
        let mut actions: BTreeSet<&str> = kit_access::RECORD_ACTIONS.into();
        actions.extend(["failed_login", "unknown"]);
        let mut types = BTreeSet::new();
        for audit in audited.iter().filter(|audit| audit.verb.is_some()) {
            types.insert(audit.record_type);
            match audit.verb {
                Some(Verb::Named(name)) => actions.extend([name]),
                Some(Verb::List) => actions.extend(["list", "index"]),
                Some(Verb::Delete) => actions.extend(["delete", "destroy"]),
                None => {}
            }
        }
        types.remove("");
        let promised: BTreeSet<&str> = kit_access::audit_actions().collect();
        assert_eq!(actions, promised, "services/kit/access/src/audit.rs");
        assert_eq!(
            types,
            kit_access::AUDIT_RECORD_TYPES.into(),
            "services/kit/access/src/audit.rs"
        );
    }

    #[test]
    fn fixed_segments_win_and_put_is_patch() {
        assert_eq!(found(&Method::GET, "/api/v2/cases/identified").unwrap().1, [""; 0]);
        let path = "//api/v2//cases/0b1c/record_history/";
        assert_eq!(
            found(&Method::GET, path),
            Some(("/api/v2/cases/:id/record_history", vec!["0b1c".to_owned()]))
        );
        assert_eq!(
            found(&Method::PUT, "/api/v2/roles/3.json"),
            Some(("/api/v2/roles/:id", vec!["3".to_owned()]))
        );
        assert!(found(&Method::HEAD, "/api/v2/forms").is_some());
        assert!(found(&Method::OPTIONS, "/api/v2/forms").is_none());
        assert!(found(&Method::GET, "/api/v2/cases.xml").is_none());
        assert!(found(&Method::GET, "/api/v3/cases").is_none());
        assert!(found(&Method::DELETE, "/api/v2/cases").is_none());
    }

    #[test]
    fn the_openapi_file_describes_each_route_beyond_the_reference_and_no_other() {
        let file = include_str!("../openapi/amparo-v1.json");
        let document: serde_json::Value = serde_json::from_str(file).unwrap();
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in ["get", "post", "patch", "put", "delete"] {
                if item.get(method).is_some() {
                    described.insert((method.to_uppercase(), format!("/api/amparo/v1{path}")));
                }
            }
        }
        let with_braces = |path: &str| {
            let part = |part: &str| match part.strip_prefix(':') {
                Some(name) => format!("{{{name}}}"),
                None => part.to_owned(),
            };
            path.split('/').map(part).collect::<Vec<_>>().join("/")
        };
        let ours: BTreeSet<(String, String)> = all()
            .iter()
            .filter(|route| route.path.starts_with("/api/amparo/"))
            .map(|route| (route.method.to_string(), with_braces(route.path)))
            .collect();
        assert_eq!(described, ours);
    }

    /// Where the list of the reference's endpoints is at hand: ours of /api/v2 are among them.
    #[test]
    fn every_v2_route_is_one_of_the_references() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/endpoints.tsv");
        let Ok(text) = std::fs::read_to_string(file) else { return };
        let plain = |path: &str| {
            let parts = path.split('/').map(|part| if part.starts_with(':') { ":" } else { part });
            parts.collect::<Vec<_>>().join("/")
        };
        let known: BTreeSet<(String, String)> = text
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut columns = line.split('\t');
                Some((columns.next()?.to_owned(), plain(columns.next()?)))
            })
            .collect();
        let ours: Vec<(String, String)> = all()
            .iter()
            .filter(|route| route.path.starts_with("/api/v2/"))
            .map(|route| (route.method.to_string(), plain(route.path)))
            .collect();
        assert!(ours.len() > 75, "only {} routes", ours.len());
        for route in ours {
            assert!(known.contains(&route), "{route:?} is not in the reference");
        }
    }
}
