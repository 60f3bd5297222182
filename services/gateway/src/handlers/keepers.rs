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
    for kept in &KEPT {
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

/// One row of a list, the text that lists are ordered by, and what the audit log calls it by.
struct Row {
    by: String,
    json: Box<RawValue>,
    id: String,
    record_type: &'static str,
}

/// What a list is put in order by: the text of a row.
pub type By<'a> = &'a (dyn Fn(&Value) -> String + Sync);

/// The member of a row.
pub fn member(row: &Value, name: &str) -> String {
    match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a list has pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Always,
    /// Everything, unless the query says which page.
    WhenAsked,
}

/// One list over all keepers: each tells its own in falling order of `by`.
pub async fn merged(
    call: &Call<'_>,
    trail: &mut Trail,
    rpcs: &[Rpc],
    by: By<'_>,
    pages: Pages,
) -> Result<Answer, Problem> {
    let shown = joined(call, rpcs, by, pages).await?;
    trail.record_ids = shown.ids.into_iter().map(|(_, id)| id).collect();
    Ok(shown.answer)
}

/// A list over several keepers, and the type and id of each record in it.
pub struct Joined {
    pub answer: Answer,
    pub ids: Vec<(&'static str, String)>,
}

/// The same, for those who tell the audit log by type.
pub async fn joined(
    call: &Call<'_>,
    rpcs: &[Rpc],
    by: By<'_>,
    pages: Pages,
) -> Result<Joined, Problem> {
    let mut lists = Vec::new();
    let (mut total, mut window) = (0, Window { page: 1, per: 0 });
    for rpc in rpcs {
        // The first page says whether the query is sound, and how long a page is.
        let asked = ask(call, *rpc, list(call, *rpc, None)).await?.reply;
        let metadata: Value = read(&asked.metadata)?;
        let number = |name: &str| metadata[name].as_u64().unwrap_or_default();
        window = Window { page: number("page").max(1), per: number("per") };
        total += number("total");
        let wanted = window.end().min(number("total"));
        let whole = window.page == 1 || is_whole(call, pages);
        let rows =
            if whole { rows(*rpc, &asked, by)? } else { many(call, *rpc, wanted, by).await? };
        lists.push(rows.into_iter());
    }
    let rows = interleaved(lists);
    let shown: Vec<Row> = if is_whole(call, pages) { rows.collect() } else { window.of(rows) };
    let ids = shown.iter().map(|row| (row.record_type, row.id.clone())).collect();
    let data: Vec<&RawValue> = shown.iter().map(|row| &*row.json).collect();
    let metadata = if is_whole(call, pages) {
        json!({"total": total, "per": null, "page": null})
    } else {
        json!({"total": total, "per": window.per, "page": window.page})
    };
    Ok(Joined { answer: Answer::value(&json!({"data": data, "metadata": metadata})), ids })
}

/// Whether all rows are shown.
fn is_whole(call: &Call<'_>, pages: Pages) -> bool {
    let asked = |name: &str| crate::parameters::first(&call.visit.parameters, name).is_some();
    pages == Pages::WhenAsked && !asked("page") && !asked("per")
}

/// Which rows a page shows.
#[derive(Debug, Clone, Copy)]
struct Window {
    page: u64,
    per: u64,
}

impl Window {
    /// After how many rows the page ends.
    fn end(self) -> u64 {
        self.page.saturating_mul(self.per)
    }

    fn of(self, rows: impl Iterator<Item = Row>) -> Vec<Row> {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let skipped = self.end().saturating_sub(self.per);
        rows.skip(count(skipped)).take(count(self.per)).collect()
    }
}

/// The first `wanted` rows of a keeper.
async fn many(call: &Call<'_>, rpc: Rpc, wanted: u64, by: By<'_>) -> Result<Vec<Row>, Problem> {
    let mut found = Vec::new();
    for page in 1..=wanted.div_ceil(MOST) {
        let asked = ask(call, rpc, list(call, rpc, Some(page))).await?.reply;
        found.extend(rows(rpc, &asked, by)?);
    }
    Ok(found)
}

/// The call's own query, or with another page of the greatest length.
fn list(call: &Call<'_>, rpc: Rpc, page: Option<u64>) -> Message {
    let mut parameters = call.visit.parameters.clone();
    if let Some(page) = page {
        parameters.retain(|one| !matches!(one.name.as_str(), "page" | "per"));
        let one =
            |name: &str, value: u64| Parameter { name: name.into(), value: value.to_string() };
        parameters.extend([one("page", page), one("per", MOST)]);
    }
    Message::List(ListRequest { parameters, record_type: rpc.record_type.to_owned() })
}

fn rows(rpc: Rpc, reply: &Reply, by: By<'_>) -> Result<Vec<Row>, Problem> {
    let rows: Vec<Box<RawValue>> = read(&reply.data)?;
    let row = |(json, id): (Box<RawValue>, &String)| {
        let value: Value = serde_json::from_str(json.get()).map_err(Problem::not_understood)?;
        Ok(Row { by: by(&value), id: id.clone(), json, record_type: rpc.record_type })
    };
    rows.into_iter().zip(&reply.record_ids).map(row).collect()
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
            record_type: "case",
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
