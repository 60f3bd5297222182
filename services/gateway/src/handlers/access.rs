//! Who saw a record: its owner says whether the caller may know, reporting knows.

use kit_proto::common::v1::GetRequest;

use super::{get, send};
use crate::answer::Answer;
use crate::discreet;
use crate::dispatch::Call;
use crate::parameters::first;
use crate::problem::Problem;
use crate::route::rpc;
use crate::trail::Trail;

/// `GET /cases/:id/access_log`
pub(super) async fn log(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let id = call.found.id();
    ask_owner(call, id).await?;
    let rpc = rpc!(Reporting, "reporting.v1.Reporting/ListAccessLog");
    let answer = send(call, trail, rpc, get(call, &logged(id))).await;
    trail.record_ids.clear();
    answer
}

/// `GET /users/access?record_type=case&record_id=…`
pub(super) async fn users(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let parameter = |name| first(&call.visit.parameters, name).filter(|value| !value.is_empty());
    let record_type = parameter("record_type").ok_or_else(|| Problem::missing("record_type"))?;
    let id = parameter("record_id").ok_or_else(|| Problem::missing("record_id"))?;
    if !matches!(record_type, "case" | "cases" | "child") {
        return Err(Problem::field("/record_type", "not_an_option"));
    }
    ask_owner(call, id).await?;
    let rpc = rpc!(Reporting, "reporting.v1.Reporting/ListAccessUsers");
    send(call, trail, rpc, get(call, &logged(id))).await
}

async fn ask_owner(call: &Call<'_>, id: &str) -> Result<(), Problem> {
    let request = GetRequest { id: id.to_owned(), parameters: Vec::new() };
    let mut cases = call.gateway.shared.peers.cases();
    cases.check_access_log(call.context()?.request(request)).await?;
    Ok(())
}

/// As the audit log names a case.
fn logged(typed: &str) -> String {
    let id = discreet::id("child", typed).unwrap_or_default();
    format!("child/{id}")
}
