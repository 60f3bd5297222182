//! Open conflicts of all records of a type that the caller reaches.

use std::collections::{BTreeSet, HashMap};

use kit_access::{Permitted, Reach};
use kit_proto::common::v1::{ListRequest, Reply};
use kit_records::{RecordType, query};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::STARS;
use crate::conflict_row;
use crate::conflicts::entry;
use crate::list::{index, rows_of};
use crate::office::{Asking, Office, pairs};
use crate::refusals;
use crate::shallow::Shallow;
use crate::sql::{Statement, told};
use crate::stored::{Opened, open_all};
use crate::terms;

/// Conflicts are few; of a caller who reaches more, the newest count.
const MOST: i64 = 10_000;

/// A conflict before it is opened: what says whether, and where, it is shown.
struct Found {
    id: Uuid,
    record: Uuid,
    field: String,
    module: Option<String>,
    mine: bool,
}

impl Office {
    /// `GET /conflicts`, of one record type: the caller's own records first, then newest first.
    pub async fn list_open_conflicts(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        let reads = |one: &RecordType| asking.principal.may(one.as_str(), "read");
        if !RecordType::ALL.iter().any(reads) {
            return Err(Refusal::forbidden());
        }
        let paging = query::parse(&pairs(&request.parameters), &|_| false);
        let paging = paging.map_err(refusals::unreadable)?;
        let found = if asking.may("read") {
            let found = self.found(asking).await.map_err(refusals::store)?;
            permitted(asking, found)
        } else {
            Vec::new()
        };
        let total = found.len();
        let (per, page) = (paging.per, paging.page);
        let skipped = index(i64::try_from((page - 1).saturating_mul(per)).unwrap_or(i64::MAX));
        let per_page = index(i64::try_from(per).unwrap_or(i64::MAX));
        let page_of: Vec<Found> = found.into_iter().skip(skipped).take(per_page).collect();
        let data = self.opened_conflicts(asking, page_of).await?;
        let ids = data.iter().filter_map(|one| one["record_id"].as_str().map(str::to_owned));
        Ok(Reply {
            record_ids: ids.collect(),
            metadata: json!({"total": total, "per": per, "page": page}).to_string().into(),
            data: Value::Array(data).to_string().into(),
            ..Reply::default()
        })
    }

    /// All within the caller's reach, in their order.
    async fn found(&self, asking: &Asking) -> Result<Vec<Found>, StoreError> {
        let sql = statement(asking);
        told(&sql.text);
        let tx = self.store.read(asking.tenant).await?;
        let rows = tx.query(&sql.text, &sql.params()).await?;
        let read = |row: &tokio_postgres::Row| -> Result<Found, StoreError> {
            Ok(Found {
                id: row.try_get(0)?,
                record: row.try_get(1)?,
                field: row.try_get(2)?,
                module: row.try_get(3)?,
                mine: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn opened_conflicts(
        &self,
        asking: &Asking,
        found: Vec<Found>,
    ) -> Result<Vec<Value>, Refusal> {
        let (tenant, tables) = (asking.tenant, asking.tables());
        let tx = self.read(asking).await?;
        let ids: Vec<Uuid> = found.iter().map(|one| one.id).collect();
        let sql =
            tables.fill("SELECT id, sealed FROM {conflict} WHERE tenant = $1 AND id = ANY($2)");
        let sealed = tx.query(&sql, &[&tenant, &ids]).await.map_err(refusals::store)?;
        let records: BTreeSet<Uuid> = found.iter().map(|one| one.record).collect();
        let rows = rows_of(&tx, tables, tenant, records.into_iter().collect()).await;
        drop(tx);
        let keys = self.store.keys();
        let opened = open_all(keys, tables, tenant, rows.map_err(refusals::store)?).await;
        let opened = opened.map_err(refusals::store)?;
        let opened: HashMap<Uuid, Opened> =
            opened.into_iter().map(|one| (one.row.id, one)).collect();
        let sealed: HashMap<Uuid, Vec<u8>> =
            sealed.iter().map(|row| (row.get(0), row.get(1))).collect();
        let mut shown = Vec::with_capacity(found.len());
        for one in found {
            // Erased or settled meanwhile.
            let (Some(record), Some(sealed)) = (opened.get(&one.record), sealed.get(&one.id))
            else {
                continue;
            };
            let key = keys.open_one(tenant, record.row.key).await.map_err(refusals::store)?;
            let conflict = conflict_row::opened(tables, (tenant, one.record), &key, sealed);
            let mut entry = entry(one.id, &conflict.map_err(refusals::store)?);
            name(asking, &mut entry, record, one.mine).map_err(Refusal::internal)?;
            shown.push(entry);
        }
        Ok(shown)
    }
}

/// The conflicts of records that lists lead the caller to.
fn statement(asking: &Asking) -> Statement {
    let tables = asking.tables();
    let mut sql = Statement::of(asking.tenant);
    sql.push("SELECT c.id, c.record, c.field, r.module_id, COALESCE(r.owned_by = ");
    sql.bind(asking.principal.user_name.clone());
    // What was merged into another record has no marks: no list leads to it.
    let from = ", false) AS mine FROM {conflict} c \
         JOIN {row} r ON r.tenant = c.tenant AND r.id = c.record \
         JOIN {mark} m ON m.tenant = c.tenant AND m.id = c.record WHERE c.tenant = ";
    sql.push(&tables.fill(from)).again();
    if let Reach::Any(reached) = asking.reach() {
        let terms: Vec<i64> = reached.iter().map(terms::scope_term).collect();
        let within = " AND EXISTS (SELECT 1 FROM {term} t WHERE t.tenant = c.tenant \
             AND t.created_at = r.created_at AND t.id = r.id AND t.term = ANY(";
        sql.push(&tables.fill(within)).bind(terms).push("))");
    }
    sql.push(" ORDER BY mine DESC, c.proposed_at DESC, c.id DESC LIMIT ").bind(MOST);
    sql
}

/// Those in places that the caller may read.
fn permitted(asking: &Asking, found: Vec<Found>) -> Vec<Found> {
    let mut readable: HashMap<Option<String>, BTreeSet<String>> = HashMap::new();
    let mut may_read = |one: &Found| {
        let fields = readable
            .entry(one.module.clone())
            .or_insert_with(|| asking.permitted(one.module.as_deref()).readable());
        fields.contains(&one.field)
    };
    found.into_iter().filter(|one| may_read(one)).collect()
}

/// Which record a conflict is of, as far as the caller may know it.
fn name(asking: &Asking, entry: &mut Value, record: &Opened, mine: bool) -> serde_json::Result<()> {
    let document = Shallow::parse(&record.json)?;
    let text = |name: &str| -> Option<String> {
        let raw = document.get(name).map(RawValue::get);
        raw.and_then(|raw| serde_json::from_str(raw).ok())
    };
    let at = Permitted { module: record.row.module.as_deref(), ..asking.permitted(None) };
    let title = match (at.readable().contains("name"), document.is_true("hidden_name")) {
        (true, true) => Some(STARS.to_owned()),
        (true, false) => text("name").filter(|name| !name.trim().is_empty()),
        (false, _) => None,
    };
    entry["record_type"] = json!(asking.record_type.as_str());
    entry["record_id"] = json!(record.row.id);
    entry["title"] = json!(title.or_else(|| text(asking.tables().display)));
    entry["short_id"] = json!(text("short_id"));
    entry["owned_by"] = json!(record.row.owned_by);
    entry["mine"] = json!(mine);
    Ok(())
}
