//! Open conflicts: two values for one place, until somebody settles it.

use kit_dossier::{Conflict, Dossier, Kind, Stamp};
use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::values::format_time;
use kit_serve::Refusal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cabinet::Cabinet;
use crate::history::top_field;
use crate::office::Asking;
use crate::refusals;

impl<K: Kind> Cabinet<K> {
    /// The open conflicts of one record, in places that the caller may read.
    pub async fn list_conflicts(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.office.reachable(asking, &request.id).await?;
        let loaded = self.office.store.load::<Dossier<K>>(asking.tenant, row.id).await;
        let record = loaded.map_err(refusals::store)?;
        let readable = asking.permitted(row.module.as_deref()).readable();
        let open = shown(&record.state.conflicts, |field| readable.contains(field));
        Ok(Reply {
            data: Value::Array(open).to_string().into_bytes().into(),
            version: record.version,
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

/// One conflict as the API shows it.
pub fn entry(id: Uuid, conflict: &Conflict) -> Value {
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
