//! Who saw a record: its owner says whether the caller may know, reporting knows.

use kit_proto::common::v1::GetRequest;
use kit_records::RecordType;
use serde_json::Value;

use super::{ask, get, send};
use crate::answer::Answer;
use crate::discreet;
use crate::dispatch::Call;
use crate::parameters::first;
use crate::problem::Problem;
use crate::route::{Rpc, rpc};
use crate::routes::records::check_access_log;
use crate::rpc::{self, Message};
use crate::trail::Trail;

/// `GET /cases/:id/access_log`, and so of each type
pub(super) async fn log(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let (model, id) = (call.found.route.audit.record_type, call.found.id());
    ask_owner(call, model, id).await?;
    let rpc = rpc!(Reporting, "reporting.v1.Reporting/ListAccessLog");
    let answer = send(call, trail, rpc, get(call, rpc, &logged(model, id))).await;
    trail.record_ids.clear();
    answer
}

/// `GET /users/access?record_type=case&record_id=…`
pub(super) async fn users(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let parameter = |name| first(&call.visit.parameters, name).filter(|value| !value.is_empty());
    let record_type = parameter("record_type").ok_or_else(|| Problem::missing("record_type"))?;
    let id = parameter("record_id").ok_or_else(|| Problem::missing("record_id"))?;
    let named = |one: &RecordType| [one.as_str(), one.path(), one.model()].contains(&record_type);
    let found = RecordType::ALL.into_iter().find(named);
    let unknown = || Problem::field("/record_type", "not_an_option");
    let model = found.ok_or_else(unknown)?.model();
    ask_owner(call, model, id).await?;
    let rpc = rpc!(Reporting, "reporting.v1.Reporting/ListAccessUsers");
    send(call, trail, rpc, get(call, rpc, &logged(model, id))).await
}

/// `GET /<type>/:id/visibility`: who can see the record, and when they last did.
pub(super) async fn visibility(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let (model, id) = (call.found.route.audit.record_type, call.found.id());
    let keeper = check_access_log(model).ok_or_else(Problem::unknown_path)?;
    let keeper = Rpc { path: "/amparo.records.v1.Records/ListVisibility", ..keeper };
    let mut reply = ask(call, keeper, get(call, keeper, id)).await?.reply;
    let log = rpc!(Reporting, "reporting.v1.Reporting/ListAccessUsers");
    let seen = ask(call, log, get(call, log, &logged(model, id))).await?.reply;
    let seen: Vec<Value> = serde_json::from_slice(&seen.data).map_err(Problem::not_understood)?;
    let mut people: Vec<Value> =
        serde_json::from_slice(&reply.data).map_err(Problem::not_understood)?;
    for person in &mut people {
        let last = seen.iter().find(|one| one["user_name"] == person["user_name"]);
        person["last_seen"] = last.map_or(Value::Null, |one| one["last_seen"].clone());
    }
    reply.data = Value::Array(people).to_string().into();
    trail.record_ids.clone_from(&reply.record_ids);
    Ok(Answer::of_reply(&reply))
}

async fn ask_owner(call: &Call<'_>, model: &str, id: &str) -> Result<(), Problem> {
    let unknown = || Problem::field("/record_type", "not_an_option");
    let rpc = check_access_log(model).ok_or_else(unknown)?;
    let request = GetRequest {
        id: id.to_owned(),
        record_type: rpc.record_type.to_owned(),
        ..Default::default()
    };
    rpc::call(&call.gateway.shared.peers, rpc, &call.context()?, Message::Get(request)).await?;
    Ok(())
}

/// As the audit log names a record.
fn logged(model: &str, typed: &str) -> String {
    let id = discreet::id(model, typed).unwrap_or_default();
    format!("{model}/{id}")
}
