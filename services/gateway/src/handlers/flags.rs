//! Flags of all records, whoever keeps them.

use kit_records::RecordType;

use super::keepers::{self, Pages, member};
use crate::answer::Answer;
use crate::dispatch::Call;
use crate::parameters;
use crate::problem::Problem;
use crate::route::Rpc;
use crate::routes::records::KEPT;
use crate::trail::Trail;

const LIST: &str = "/amparo.records.v1.Records/ListFlags";

/// `GET /api/v2/flags`: of the types that the query names, or of all; newest date first.
pub(super) async fn all(call: &Call<'_>, trail: &mut Trail) -> Result<Answer, Problem> {
    let named = parameters::first(&call.visit.parameters, "record_type").unwrap_or_default();
    let wanted: Vec<RecordType> =
        named.split(',').filter_map(|name| RecordType::parse(name.trim())).collect();
    let is_wanted = |one: RecordType| named.trim().is_empty() || wanted.contains(&one);
    let kept = KEPT.iter().filter(|kept| is_wanted(kept.record_type));
    let rpcs = kept.map(|kept| Rpc {
        service: kept.service,
        path: LIST,
        record_type: kept.record_type.as_str(),
    });
    let rpcs: Vec<Rpc> = rpcs.collect();
    keepers::merged(call, trail, &rpcs, &|row| member(row, "date"), Pages::WhenAsked).await
}
