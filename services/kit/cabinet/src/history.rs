//! The change history of a record, and whether its access log may be seen.

use std::collections::BTreeSet;

use kit_dossier::history::{self, HistoryEntry};
use kit_dossier::{Dossier, Kind};
use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::query;
use kit_records::values::Record;
use kit_serve::Refusal;
use serde_json::{Value, json};

use crate::cabinet::Cabinet;
use crate::office::{Asking, Office, pairs};
use crate::refusals;

/// Fields and forms whose changes are asked for; none means all.
#[derive(Debug, Default)]
struct Wanted {
    fields: BTreeSet<String>,
    is_limited: bool,
}

impl<K: Kind> Cabinet<K> {
    /// What was changed, by whom and when.
    pub async fn list_record_history(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.office.existing(asking, &request.id).await?;
        asking.must("read")?;
        asking.must("change_log")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let pairs = pairs(&request.parameters);
        let paging = query::parse(&pairs, &|_| false).map_err(refusals::unreadable)?;
        let wanted = wanted(asking, &pairs);
        let events = self.office.store.history::<Dossier<K>>(asking.tenant, row.id).await;
        let events = events.map_err(refusals::store)?;
        let readable = asking.permitted(row.module.as_deref()).readable();
        let entries: Vec<Value> = history::entries::<K>(events.iter().map(|one| &one.event))
            .iter()
            .filter_map(|entry| shown(asking, &request.id, entry, &readable, &wanted))
            .collect();
        let from =
            usize::try_from((paging.page - 1).saturating_mul(paging.per)).unwrap_or(usize::MAX);
        let per = usize::try_from(paging.per).unwrap_or(usize::MAX);
        let total = entries.len();
        let page: Vec<Value> = entries.into_iter().skip(from).take(per).collect();
        let metadata = json!({ "total": total, "per": paging.per, "page": paging.page });
        Ok(Reply {
            data: Value::Array(page).to_string().into_bytes().into(),
            metadata: metadata.to_string().into_bytes().into(),
            record_ids: vec![row.id.to_string()],
            ..Reply::default()
        })
    }
}

impl Office {
    /// Asked before another service tells who saw the record.
    pub async fn check_access_log(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.existing(asking, &request.id).await?;
        asking.must("read")?;
        asking.must("access_log")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        Ok(Reply { record_ids: vec![row.id.to_string()], ..Reply::default() })
    }
}

fn wanted(asking: &Asking, pairs: &[(String, String)]) -> Wanted {
    let mut wanted = Wanted::default();
    for (name, value) in pairs {
        let fields = name.starts_with("filters[field_names]");
        if !fields && !name.starts_with("filters[form_unique_ids]") {
            continue;
        }
        wanted.is_limited = true;
        for one in value.split(',') {
            if fields {
                wanted.fields.insert(one.trim().to_owned());
            } else if let Some(form) = asking.index.form(one.trim()) {
                wanted.fields.extend(form.fields.iter().map(|field| field.name.clone()));
            }
        }
    }
    wanted
}

/// The entry as the contract has it; the caller sees changes of fields that they may read.
fn shown(
    asking: &Asking,
    id: &str,
    entry: &HistoryEntry,
    readable: &BTreeSet<String>,
    wanted: &Wanted,
) -> Option<Value> {
    let may_see = |field: &str| {
        readable.contains(field) && (!wanted.is_limited || wanted.fields.contains(field))
    };
    let changes: Vec<Value> = entry
        .changes
        .iter()
        .filter(|change| may_see(&change.field))
        .map(kit_records::history::Change::to_json)
        .collect();
    if changes.is_empty() && wanted.is_limited {
        return None;
    }
    let mut shown = Record::new();
    shown.insert("record_id".into(), json!(id));
    shown.insert("record_type".into(), json!(asking.record_type.path()));
    shown.insert("datetime".into(), json!(format!("{:.0}", entry.stamp.at)));
    shown.insert("user_name".into(), json!(entry.stamp.by));
    shown.insert("action".into(), json!(entry.action.as_str()));
    shown.insert("record_changes".into(), Value::Array(changes));
    let clashes: Vec<Value> = entry
        .clashes
        .iter()
        .filter(|clash| may_see(top_field(&clash.path)))
        .map(|clash| {
            json!({"path": clash.path, "kept": clash.kept, "proposed": clash.proposed, "open": clash.open})
        })
        .collect();
    // A member of ours; other clients ignore it.
    if !clashes.is_empty() {
        shown.insert("clashes".into(), Value::Array(clashes));
    }
    Some(Value::Object(shown))
}

/// The field that a path such as `/contacts/<id>/age` lies in.
pub fn top_field(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}
