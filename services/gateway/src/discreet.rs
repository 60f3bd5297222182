//! What of a URL may be written down. People type names, numbers and addresses into URLs; only
//! what the route table knows and what has the shape of an id is kept.

use kit_proto::common::v1::Parameter;
use uuid::Uuid;

use crate::route::{Match, Route};

/// Stands for what is left out.
const LEFT_OUT: &str = "-";
/// More digits could be a phone number.
const MAX_DIGITS: usize = 7;
const MAX_UNIQUE_ID: usize = 120;
/// Names of parameters that the contract knows; never their values.
const PARAMETERS: [&str; 51] = [
    "age",
    "agency",
    "assign",
    "associated_user_names",
    "case_id_display",
    "created_at",
    "created_by",
    "disabled",
    "exclude_subforms",
    "extended",
    "fields",
    "filters",
    "flagged",
    "from",
    "hierarchy",
    "id",
    "id_search",
    "include_archived",
    "last_updated_at",
    "loc:location_current",
    "locale",
    "location_current",
    "managed",
    "module_id",
    "name",
    "not",
    "or",
    "order",
    "order_by",
    "owned_by",
    "owned_by_agency_id",
    "owned_by_groups",
    "page",
    "per",
    "phone_number",
    "phonetic",
    "query",
    "record_action",
    "record_id",
    "record_state",
    "record_type",
    "registration_date",
    "risk_level",
    "sex",
    "short_id",
    "status",
    "to",
    "unique_id",
    "user_group_ids",
    "user_name",
    "workflow",
];

/// How the ids of a type look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Uuid,
    Number,
    /// A number or a unique id.
    Named,
}

fn shape(record_type: &str) -> Shape {
    match record_type {
        "child"
        | "incident"
        | "tracing_request"
        | "family"
        | "registry_record"
        | "trace"
        | "task"
        | "erasure"
        | "primero_configuration"
        | "device" => Shape::Uuid,
        "form_section" | "lookup" | "location" | "primero_module" => Shape::Named,
        _ => Shape::Number,
    }
}

/// The id as the log writes it, however it was typed; nothing when it can't be one.
pub fn id(record_type: &str, typed: &str) -> Option<String> {
    match shape(record_type) {
        Shape::Uuid => typed.parse().ok().map(|id: Uuid| id.to_string()),
        Shape::Number => number(typed),
        Shape::Named => number(typed).or_else(|| unique_id(typed)),
    }
}

fn number(typed: &str) -> Option<String> {
    let fits = typed.len() <= MAX_DIGITS && typed.bytes().all(|byte| byte.is_ascii_digit());
    typed.parse().ok().filter(|_| fits).map(|number: u32| number.to_string())
}

/// Unique ids are made by machines: lower case, of several parts.
fn unique_id(typed: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let made = typed.len() <= MAX_UNIQUE_ID
        && typed.starts_with(|first: char| first.is_ascii_lowercase())
        && typed.contains(['-', '_'])
        && typed.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_');
    made.then(|| typed.to_owned())
}

/// A path of the table, with the ids of what was asked for.
pub fn path(found: &Match<'_, '_>) -> String {
    let mut varying = found.varying.iter();
    let mut path = String::new();
    for part in found.route.path.split('/').filter(|part| !part.is_empty()) {
        path.push('/');
        if part.starts_with(':') {
            let typed = varying.next().copied().unwrap_or("");
            let id = id(found.route.audit.record_type, typed);
            path.push_str(id.as_deref().unwrap_or(LEFT_OUT));
        } else {
            path.push_str(if part == "*" { LEFT_OUT } else { part });
        }
    }
    path
}

/// As much of an unknown path as some route begins with.
pub fn unknown_path(routes: &[Route], segments: &[String]) -> String {
    let known = routes.iter().map(|route| shared(route.path, segments)).max().unwrap_or(0);
    let kept = segments.iter().take(known).map(String::as_str);
    let rest = (known < segments.len()).then_some(LEFT_OUT);
    kept.chain(rest).flat_map(|part| ["/", part]).collect()
}

fn shared(pattern: &str, segments: &[String]) -> usize {
    let fixed = pattern.split('/').filter(|part| !part.is_empty());
    fixed
        .zip(segments)
        .take_while(|(part, segment)| part == segment && !part.starts_with(':'))
        .count()
}

/// The names of known parameters, each once.
pub fn query(parameters: &[Parameter]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for parameter in parameters {
        let name = parameter.name.split('[').next().unwrap_or("");
        if PARAMETERS.contains(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { String::new() } else { format!("?{}=", names.join("=&")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::parse;
    use crate::path::segments;
    use crate::route::find;
    use http::Method;

    fn kept(typed: &str) -> String {
        let (routes, segments) = (crate::routes::all(), segments(typed).unwrap());
        match find(&routes, &Method::GET, &segments) {
            Some(found) => path(&found),
            None => unknown_path(&routes, &segments),
        }
    }

    #[test]
    fn ids_stay_in_paths_and_nothing_else_that_varies() {
        let upper = "0B1C7C1E-8F5B-4D3C-9A55-2D8F3A6B7C1D";
        assert_eq!(
            kept(&format!("/api/v2/cases/{upper}/record_history")),
            format!("/api/v2/cases/{}/record_history", upper.to_lowercase())
        );
        for (typed, wanted) in [
            ("/api/v2/cases/Rana", "/api/v2/cases/-"),
            ("/api/v2/cases/0770123456", "/api/v2/cases/-"),
            ("/api/v2/users/12", "/api/v2/users/12"),
            ("/api/v2/users/0770123456", "/api/v2/users/-"),
            ("/api/v2/users/rana-ali", "/api/v2/users/-"),
            ("/api/v2/forms/basic_identity", "/api/v2/forms/basic_identity"),
            ("/api/v2/forms/Rana", "/api/v2/forms/-"),
            ("/api/v2/forms/rana@example.org", "/api/v2/forms/-"),
            ("/api/v2/cases/x/Rana", "/api/v2/cases/-"),
            ("/api/v2/Rana/x", "/api/v2/-"),
            ("/api/v3", "/api/-"),
            ("/api/v2/:id", "/api/v2/-"),
        ] {
            assert_eq!(kept(typed), wanted, "{typed}");
        }
    }

    #[test]
    fn of_a_query_only_known_names_stay() {
        let text = "query=Rana&per=20&Rana=1&rana@example.org=2&sex[0]=a&sex[1]=b&filters[Rana]=3";
        assert_eq!(query(&parse(text).unwrap()), "?query=&per=&sex=&filters=");
        assert_eq!(query(&parse("Rana=1").unwrap()), "");
    }

    #[test]
    fn numbers_are_written_in_one_way() {
        assert_eq!(id("role", "007").as_deref(), Some("7"));
        for odd in ["", "+7", "-7", "7.0", "12345678", "٧"] {
            assert_eq!(id("role", odd), None, "{odd}");
        }
    }
}
