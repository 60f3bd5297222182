//! Calls that concern every service that keeps records: asked one after the other, or all of them
//! for one list.

use bytes::Bytes;
use kit_proto::common::v1::{ListRequest, Parameter, Reply};
use kit_serve::Service;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::ask;
use crate::answer::Answer;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::Rpc;
use crate::routes::records::KEPT;
use crate::rpc::Message;
use crate::trail::Trail;

/// As many rows as a service gives on one page.
const MOST: u64 = 1000;

/// An rpc of `Records` at each service that keeps any type, named with one of its types.
pub fn keepers(path: &'static str) -> Vec<Rpc> {
    let mut asked: Vec<Service> = Vec::new();
    let mut rpcs = Vec::new();
    for kept in KEPT.iter() {
        if !asked.contains(&kept.service) {
            asked.push(kept.service);
            rpcs.push(Rpc { service: kept.service, path, record_type: kept.record_type.as_str() });
        }
    }
    rpcs
}

/// What is known by an id of its own alone: the first keeper that knows it answers.
pub async fn first(
    call: &Call<'_>,
    trail: &mut Trail,
    path: &'static str,
    message: impl Fn(Rpc) -> Message,
) -> Result<Answer, Problem> {
    let mut unknown = None;
    for rpc in keepers(path) {
        match ask(call, rpc, message(rpc)).await {
            Ok(called) => {
                trail.record_ids.clone_from(&called.reply.record_ids);
                return Ok(Answer::of_reply(&called.reply));
            }
            Err(problem) if problem.is_not_found() => unknown = unknown.or(Some(problem)),
            Err(problem) => return Err(problem),
        }
    }
    Err(unknown.unwrap_or_else(Problem::unknown_path))
}

/// One row of a list, and the text that lists are ordered by.
struct Row {
    by: String,
    json: Box<RawValue>,
    id: String,
}

/// One list over all keepers: each tells its own in falling order of `by`.
pub async fn merged(
    call: &Call<'_>,
    trail: &mut Trail,
    rpcs: &[Rpc],
    by: &str,
) -> Result<Answer, Problem> {
    let mut lists = Vec::new();
    let (mut total, mut page, mut per) = (0, 1, 0);
    for rpc in rpcs {
        // The first page says whether the query is sound, and how long a page is.
        let asked = ask(call, *rpc, list(call, *rpc, None)).await?.reply;
        let metadata: Value = read(&asked.metadata)?;
        let number = |name: &str| metadata[name].as_u64().unwrap_or_default();
        (page, per) = (number("page").max(1), number("per"));
        total += number("total");
        let wanted = page.saturating_mul(per).min(number("total"));
        let rows = if page == 1 { rows(&asked, by)? } else { many(call, *rpc, wanted, by).await? };
        lists.push(rows.into_iter());
    }
    let rows = interleaved(lists);
    let skipped = usize::try_from((page - 1).saturating_mul(per)).unwrap_or(usize::MAX);
    let shown = rows.skip(skipped).take(usize::try_from(per).unwrap_or(usize::MAX));
    let shown: Vec<Row> = shown.collect();
    trail.record_ids = shown.iter().map(|row| row.id.clone()).collect();
    let data: Vec<&RawValue> = shown.iter().map(|row| &*row.json).collect();
    let metadata = json!({"total": total, "per": per, "page": page});
    Ok(Answer::value(&json!({"data": data, "metadata": metadata})))
}

/// The first `wanted` rows of a keeper.
async fn many(call: &Call<'_>, rpc: Rpc, wanted: u64, by: &str) -> Result<Vec<Row>, Problem> {
    let mut found = Vec::new();
    for page in 1..=wanted.div_ceil(MOST) {
        let asked = ask(call, rpc, list(call, rpc, Some(page))).await?.reply;
        found.extend(rows(&asked, by)?);
    }
    Ok(found)
}

/// The call's own query, or with another page of the greatest length.
fn list(call: &Call<'_>, rpc: Rpc, page: Option<u64>) -> Message {
    let mut parameters = call.visit.parameters.clone();
    if let Some(page) = page {
        parameters.retain(|one| !matches!(one.name.as_str(), "page" | "per"));
        let one = |name: &str, value: u64| Parameter { name: name.into(), value: value.to_string() };
        parameters.extend([one("page", page), one("per", MOST)]);
    }
    Message::List(ListRequest { parameters, record_type: rpc.record_type.to_owned() })
}

fn rows(reply: &Reply, by: &str) -> Result<Vec<Row>, Problem> {
    let rows: Vec<Box<RawValue>> = read(&reply.data)?;
    let row = |json: Box<RawValue>| {
        let value: Value = serde_json::from_str(json.get()).map_err(Problem::not_understood)?;
        let text = |name: &str| match &value[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (by, id) = (text(by), text("id"));
        Ok(Row { by, id, json })
    };
    rows.into_iter().map(row).collect()
}

fn read<T: serde::de::DeserializeOwned>(json: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(json).map_err(Problem::not_understood)
}

/// Lists that are each in order, as one.
fn interleaved(lists: Vec<std::vec::IntoIter<Row>>) -> impl Iterator<Item = Row> {
    let mut lists: Vec<_> = lists.into_iter().map(Iterator::peekable).collect();
    std::iter::from_fn(move || {
        let heads = lists.iter_mut().enumerate().filter_map(|(at, list)| {
            list.peek().map(|row| (row.by.clone(), std::cmp::Reverse(at)))
        });
        let (_, std::cmp::Reverse(at)) = heads.max()?;
        lists[at].next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(times: &[&str]) -> std::vec::IntoIter<Row> {
        let row = |by: &&str| Row {
            by: (*by).to_owned(),
            id: (*by).to_owned(),
            json: serde_json::value::to_raw_value(by).unwrap(),
        };
        times.iter().map(row).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn lists_in_order_make_one_in_order() {
        let lists = vec![list(&["9", "5", "1"]), list(&[]), list(&["7", "5"])];
        let merged: Vec<String> = interleaved(lists).map(|row| row.by).collect();
        assert_eq!(merged, ["9", "7", "5", "5", "1"]);
    }

    #[test]
    fn each_keeper_is_asked_once() {
        let rpcs = keepers("/amparo.records.v1.Records/ListErasures");
        let mut services: Vec<_> = rpcs.iter().map(|rpc| rpc.service.name()).collect();
        let all = services.len();
        services.sort_unstable();
        services.dedup();
        assert_eq!(services.len(), all);
        assert!(services.contains(&"cases") && services.contains(&"incidents"));
    }
}
