//! Saves of what administrators keep (roles, users, groups, agencies, forms, lookups ...), based on
//! what they have read: `If-Match` with the `ETag` of that answer. Somebody else's save between is
//! not written over. Records have versions of their own, and merge.

use http::Method;
use http::header::IF_MATCH;
use kit_serve::Service;
use tokio::sync::MutexGuard;

use super::{ask, get};
use crate::answer::Answer;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::respond;
use crate::route::{Action, Rpc, find};

/// Refuses a save of what is not any more as its author has read it. Others who save the same wait
/// until what is given back is dropped.
pub(super) async fn on<'c>(
    call: &Call<'c>,
    rpc: Rpc,
) -> Result<Option<MutexGuard<'c, ()>>, Problem> {
    let Some(tags) = call.visit.header(IF_MATCH.as_str()).filter(|tags| names_answers(tags)) else {
        return Ok(None);
    };
    let gateway = call.gateway;
    let read = find(&gateway.routes, &Method::GET, &call.visit.segments);
    let read = match read.map(|found| found.route.action) {
        Some(Action::Get(read)) if is_kept_by_administrators(rpc.service) => read,
        _ => return Ok(None),
    };
    let saving = gateway.saves.turn(call.tenant.id, &call.visit.segments).await;
    let now = ask(call, read, get(call, read, call.found.id())).await?.reply;
    if respond::names(tags, &Answer::of_reply(&now).body) {
        Ok(Some(saving))
    } else {
        Err(Problem::stale())
    }
}

/// Whether these are tags of answers: numbers are versions of records.
fn names_answers(tags: &str) -> bool {
    let bare = tags.trim().trim_start_matches("W/").trim_matches('"');
    bare != "*" && !bare.bytes().all(|byte| byte.is_ascii_digit())
}

const fn is_kept_by_administrators(service: Service) -> bool {
    matches!(service, Service::Identity | Service::Configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_records_are_no_tags() {
        for (tags, wanted) in [
            ("\"7\"", false),
            ("W/\"12\"", false),
            ("*", false),
            ("", false),
            ("W/\"aBc\"", true),
            ("\"x\", \"y\"", true),
        ] {
            assert_eq!(names_answers(tags), wanted, "{tags}");
        }
    }
}
