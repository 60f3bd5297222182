//! Who can see a record, and why. Identity judges each of its people with the very rule that
//! judges a read (`kit_access::Reach`), over the very values of the record that a read looks at.

use kit_access::FormAccess;
use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::query;
use kit_serve::Refusal;
use serde_json::{Value, json};

use crate::list::index;
use crate::office::{Asking, Office, pairs};
use crate::people::Reader;
use crate::refusals;
use crate::stored::Stored;

impl Office {
    /// `GET /<type>/:id/visibility`, for those who may see who saw the record.
    pub async fn list_visibility(
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
        let paging = query::parse(&pairs(&request.parameters), &|_| false);
        let paging = paging.map_err(refusals::unreadable)?;
        let readers = self.people.readers(asking.tenant, asking.record_type, row.scope()).await;
        let mut readers = readers.map_err(refusals::store)?;
        readers.sort_by_cached_key(|one| (one.full_name.to_lowercase(), one.user_name.clone()));
        let total = readers.len();
        let (per, page) = (paging.per, paging.page);
        let count = |number: u64| index(i64::try_from(number).unwrap_or(i64::MAX));
        let page_of = readers.iter().skip(count((page - 1).saturating_mul(per))).take(count(per));
        let shown: Vec<Value> = page_of.map(|one| shown(asking, &row, one)).collect();
        Ok(Reply {
            data: Value::Array(shown).to_string().into(),
            metadata: json!({"total": total, "per": per, "page": page}).to_string().into(),
            record_ids: vec![row.id.to_string()],
            ..Reply::default()
        })
    }
}

fn shown(asking: &Asking, row: &Stored, reader: &Reader) -> Value {
    let granted = |access: FormAccess| {
        let forms = asking.index.forms(asking.record_type, row.module.as_deref());
        forms.filter(|form| reader.forms.get(&form.unique_id) == Some(&access)).count()
    };
    json!({
        "user_name": reader.user_name,
        "full_name": reader.full_name,
        "role_unique_id": reader.role,
        "reasons": reasons(row, reader),
        "forms": {"rw": granted(FormAccess::ReadWrite), "r": granted(FormAccess::Read)},
    })
}

/// What of the record leads this person to it.
fn reasons(row: &Stored, reader: &Reader) -> Vec<Value> {
    let owns = row.owned_by.as_deref() == Some(reader.user_name.as_str());
    let reason = |(field, value): &(String, String)| match field.as_str() {
        "associated_user_names" if owns => json!({"code": "owner"}),
        "associated_user_names" => json!({"code": "shared"}),
        "associated_user_groups" => json!({"code": "team", "user_group_unique_id": value}),
        "associated_user_agencies" => json!({"code": "agency", "agency_unique_id": value}),
        // The only other term of a reach.
        _ => json!({"code": "identified"}),
    };
    let mut reasons: Vec<Value> = reader.through.iter().map(reason).collect();
    if reader.all {
        reasons.push(json!({"code": "all"}));
    }
    reasons
}
