//! How many records have alerts, whoever keeps them.

use kit_proto::common::v1::ListRequest;
use kit_records::RecordType;
use serde_json::{Map, Value, json};

use super::ask;
use crate::answer::Answer;
use crate::dispatch::Call;
use crate::problem::Problem;
use crate::route::Rpc;
use crate::routes::records::KEPT;
use crate::rpc::Message;

const COUNT: &str = "/amparo.records.v1.Records/CountAlerts";
/// The types that are counted.
const COUNTED: [RecordType; 3] =
    [RecordType::Case, RecordType::Incident, RecordType::TracingRequest];

/// `GET /api/v2/alerts`: open, enabled records within the caller's reach, by type.
pub(super) async fn counts(call: &Call<'_>) -> Result<Answer, Problem> {
    let mut counts = Map::new();
    for kept in KEPT.iter().filter(|kept| COUNTED.contains(&kept.record_type)) {
        let record_type = kept.record_type.as_str();
        let rpc = Rpc { service: kept.service, path: COUNT, record_type };
        let parameters = Vec::new();
        let message = ListRequest { parameters, record_type: record_type.to_owned() };
        let counted = ask(call, rpc, Message::List(message)).await?.reply;
        let records: Value =
            serde_json::from_slice(&counted.data).map_err(Problem::not_understood)?;
        counts.insert(record_type.to_owned(), records);
    }
    Ok(Answer::value(&json!({ "data": counts })))
}
