//! What a device keeps of its person's records, and the open conflicts: of all types at once.

use std::collections::BTreeMap;

use kit_proto::common::v1::WriteRequest;
use kit_records::RecordType;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::ask;
use super::keepers::{self, Pages, member};
use crate::answer::Answer;
use crate::body::Member;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::Rpc;
use crate::routes::records::{KEPT, Kept};
use crate::rpc::Message;
use crate::trail::Trail;

const SYNC: &str = "/amparo.records.v1.Records/SyncRecords";
const CONFLICTS: &str = "/amparo.records.v1.Records/ListOpenConflicts";
/// Records in one answer, and what they weigh before they are compressed.
const RECORDS: usize = 100;
const BYTES: usize = 1_000_000;

/// What a device asks with; each service reads what is about its types.
#[derive(Debug, Deserialize)]
struct Sent {
    known: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    pinned: BTreeMap<String, Box<RawValue>>,
    /// One for all types, or one for each.
    #[serde(default)]
    limit: Value,
}

/// What a service answers of one type.
#[derive(Debug, Deserialize)]
struct Part {
    changed: Vec<Box<RawValue>>,
    gone: Vec<Map<String, Value>>,
    more: bool,
    kept: usize,
}

/// The whole answer while it grows.
#[derive(Debug, Default)]
struct Caseload {
    changed: Vec<Box<RawValue>>,
    gone: Vec<Map<String, Value>>,
    more: bool,
    kept: Map<String, Value>,
    bytes: usize,
}

impl Caseload {
    fn take(&mut self, record_type: &str, part: Part) {
        self.bytes += part.changed.iter().map(|one| one.get().len()).sum::<usize>();
        self.changed.extend(part.changed);
        self.gone.extend(part.gone.into_iter().map(|mut one| {
            one.insert("record_type".into(), record_type.into());
            one
        }));
        self.more |= part.more;
        self.kept.insert(record_type.to_owned(), part.kept.into());
    }
}

/// `POST /api/amparo/v1/sync`: each type that the device knows of is asked for, and fills what the
/// types before it have left of the answer.
pub(super) async fn sync(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let sent = read(call)?;
    let as_of = call.gateway.shared.clock.now();
    let mut caseload = Caseload::default();
    for kept in KEPT.iter().filter(|kept| sent.known.contains_key(kept.record_type.as_str())) {
        let record_type = kept.record_type.as_str();
        let rpc = Rpc { service: kept.service, path: SYNC, record_type };
        let message = Message::Write(WriteRequest {
            data: wish(&sent, kept, &caseload).into(),
            record_type: record_type.to_owned(),
            ..Default::default()
        });
        let reply = ask(call, rpc, message).await?.reply;
        let part = serde_json::from_slice(&reply.data).map_err(Problem::not_understood)?;
        caseload.take(record_type, part);
        trail.record_ids.extend(reply.record_ids.iter().cloned());
        trail.parts.push((kept.record_type.model(), reply.record_ids));
    }
    Ok(Answer::value(&json!({"data": {
        "changed": caseload.changed,
        "gone": caseload.gone,
        "more": caseload.more,
        "as_of": format!("{as_of:.3}"),
        "kept": caseload.kept,
    }})))
}

fn read(call: &Call<'_>) -> Result<Sent, Problem> {
    let data = call.members.require(Member::Data)?;
    // An array would be read as the members of an object in their order.
    let object = data.trim_ascii_start().starts_with(b"{");
    let sent: Option<Sent> = serde_json::from_slice(&data).ok().filter(|_| object);
    let sent = sent.ok_or_else(|| Problem::field("/known", "wrong_type"))?;
    let names = sent.known.keys().chain(sent.pinned.keys());
    match names.into_iter().find(|name| RecordType::parse(name).is_none()) {
        Some(_) => Err(Problem::field("/known", "not_an_option")),
        None => Ok(sent),
    }
}

/// What one service is asked, with the room that is left.
fn wish(sent: &Sent, kept: &Kept, so_far: &Caseload) -> Vec<u8> {
    let record_type = kept.record_type.as_str();
    let left = BYTES.saturating_sub(so_far.bytes);
    let records = if left == 0 { 0 } else { RECORDS.saturating_sub(so_far.changed.len()) };
    let limit = sent.limit.get(record_type).unwrap_or(&sent.limit).as_i64();
    let none = || to_raw_value(&Value::Array(Vec::new())).ok();
    let pinned = sent.pinned.get(record_type).cloned().or_else(none);
    let wish = json!({
        "known": sent.known.get(record_type),
        "pinned": pinned,
        "limit": limit,
        "records": records,
        "bytes": left,
    });
    wish.to_string().into_bytes()
}

/// `GET /api/amparo/v1/conflicts`: the caller's own records first, then newest first.
pub(super) async fn conflicts(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let rpcs: Vec<Rpc> = KEPT
        .iter()
        .map(|kept| Rpc {
            service: kept.service,
            path: CONFLICTS,
            record_type: kept.record_type.as_str(),
        })
        .collect();
    let by = |row: &Value| {
        let mine = u8::from(row["mine"] == true);
        format!("{mine}{}", member(&row["proposed"], "datetime"))
    };
    let shown = keepers::joined(call, &rpcs, &by, Pages::Always).await?;
    for kept in &KEPT {
        let of_type = shown.ids.iter().filter(|(name, _)| *name == kept.record_type.as_str());
        let mut ids: Vec<String> = of_type.map(|(_, id)| id.clone()).collect();
        ids.dedup();
        trail.parts.push((kept.record_type.model(), ids));
    }
    trail.record_ids = shown.ids.into_iter().map(|(_, id)| id).collect();
    Ok(shown.answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_earlier_types_have_left_is_what_later_ones_may_fill() {
        let sent: Sent = serde_json::from_value(json!({
            "known": {"case": {}, "incident": {"x": "1-a"}}, "limit": {"case": 7},
        }))
        .unwrap();
        let asked = |so_far: &Caseload, at: usize| -> Value {
            serde_json::from_slice(&wish(&sent, &KEPT[at], so_far)).unwrap()
        };
        let mut so_far = Caseload::default();
        let first = json!({"known": {}, "pinned": [], "limit": 7, "records": 100, "bytes": BYTES});
        assert_eq!(asked(&so_far, 0), first);
        let part = json!({"changed": [{"id": 1}], "gone": [{"id": "y"}], "more": true, "kept": 3});
        so_far.take("case", serde_json::from_value(part).unwrap());
        let second = asked(&so_far, 1);
        assert_eq!((&second["records"], &second["limit"]), (&json!(99), &Value::Null));
        assert_eq!(second["known"], json!({"x": "1-a"}));
        assert_eq!(so_far.gone[0]["record_type"], "case");
        so_far.bytes = BYTES;
        assert_eq!(asked(&so_far, 1)["records"], 0);
    }
}
