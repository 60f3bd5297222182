//! Open conflicts: two values for one place, until somebody settles it.

use cases_domain::{Case, Conflict, Stamp};
use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::values::format_time;
use kit_serve::Refusal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::queries::history::top_field;
use crate::refusals;
use crate::service::{Asking, Cases};

impl Cases {
    /// The open conflicts of one case, in places that the caller may read.
    pub async fn list_conflicts(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.reachable(asking, &request.id).await?;
        let loaded = self.store.load::<Case>(asking.tenant, row.id).await;
        let case = loaded.map_err(refusals::store)?;
        let readable = asking.permitted(row.module.as_deref()).readable();
        let open = shown(&case.state.conflicts, |field| readable.contains(field));
        Ok(Reply {
            data: Value::Array(open).to_string().into_bytes().into(),
            version: case.version,
            record_ids: vec![row.id.to_string()],
            ..Reply::default()
        })
    }
}

/// Conflicts as the API shows them, in places that the caller may read.
pub fn shown<'a>(
    conflicts: impl IntoIterator<Item = (&'a Uuid, &'a Conflict)>,
    may_read: impl Fn(&str) -> bool,
) -> Vec<Value> {
    let readable = conflicts.into_iter().filter(|(_, one)| may_read(top_field(&one.path)));
    readable.map(|(id, one)| entry(*id, one)).collect()
}

fn entry(id: Uuid, conflict: &Conflict) -> Value {
    let side = |value: &Value, stamp: &Stamp| json!({"value": value, "user_name": stamp.by, "datetime": format_time(stamp.at)});
    json!({
        "id": id,
        "field": top_field(&conflict.path),
        "path": conflict.path,
        "base_version": conflict.base,
        "kept": side(&conflict.kept, &conflict.kept_by),
        "proposed": side(&conflict.proposed, &conflict.proposed_by),
    })
}
