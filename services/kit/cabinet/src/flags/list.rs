//! Flags of all records of a type that the caller reaches.

use std::collections::HashMap;

use kit_access::Reach;
use kit_proto::common::v1::{ListRequest, Parameter, Reply};
use kit_records::{RecordType, query};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::shown;
use crate::flag_row;
use crate::office::{Asking, Office, pairs};
use crate::refusals;
use crate::sql::{Statement, told};
use crate::stored::{COLUMNS, Opened, Stored, open_all};
use crate::terms;

/// A list without pages ends here.
const MOST: i64 = 10_000;

/// A flag's row and that of its record.
struct Found {
    sealed: Vec<u8>,
    record: Uuid,
}

impl Office {
    /// `GET /flags`, of one record type: newest date first.
    pub async fn list_flags(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        let reads = |one: &RecordType| asking.principal.may(one.as_str(), "read");
        let dashboard = asking.principal.may("dashboard", "dash_flags");
        if !dashboard || !RecordType::ALL.iter().any(reads) {
            return Err(Refusal::forbidden());
        }
        let pairs = pairs(&request.parameters);
        let paging = query::parse(&pairs, &|_| false).map_err(refusals::unreadable)?;
        let paged = is_paged(&request.parameters);
        let (total, flags) = if asking.may("read") {
            let per = i64::try_from(paging.per).unwrap_or(MOST);
            let page = i64::try_from(paging.page).unwrap_or(i64::MAX);
            let window = if paged { (per, (page - 1).saturating_mul(per)) } else { (MOST, 0) };
            self.some_flags(asking, &pairs, window).await.map_err(refusals::store)?
        } else {
            (0, Vec::new())
        };
        let echo = |number: u64| if paged { json!(number) } else { Value::Null };
        let metadata = json!({"total": total, "per": echo(paging.per), "page": echo(paging.page)});
        let ids = flags.iter().filter_map(|flag| flag["record_id"].as_str().map(str::to_owned));
        Ok(Reply {
            record_ids: ids.collect(),
            data: Value::Array(flags).to_string().into_bytes().into(),
            metadata: metadata.to_string().into_bytes().into(),
            ..Reply::default()
        })
    }

    async fn some_flags(
        &self,
        asking: &Asking,
        pairs: &[(String, String)],
        (limit, skip): (i64, i64),
    ) -> Result<(i64, Vec<Value>), StoreError> {
        let mut sql = statement(asking, pairs);
        sql.push(" ORDER BY f.date DESC, f.id DESC LIMIT ").bind(limit);
        sql.push(" OFFSET ").bind(skip);
        told(&sql.text);
        let tx = self.store.read(asking.tenant).await?;
        let rows = tx.query(&sql.text, &sql.params()).await?;
        drop(tx);
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        let mut found = Vec::with_capacity(rows.len());
        let mut records: HashMap<Uuid, Stored> = HashMap::new();
        for row in &rows {
            let record = Stored::read(row)?;
            found.push(Found { sealed: row.try_get("sealed")?, record: record.id });
            records.insert(record.id, record);
        }
        let (keys, tables) = (self.store.keys(), asking.tables());
        let records: Vec<Stored> = records.into_values().collect();
        let opened = open_all(keys, tables, asking.tenant, records).await?;
        let opened: HashMap<Uuid, Opened> =
            opened.into_iter().map(|one| (one.row.id, one)).collect();
        let mut flags = Vec::with_capacity(found.len());
        for Found { sealed, record } in found {
            let Some(record) = opened.get(&record) else { continue };
            let key = keys.open_one(asking.tenant, record.row.key).await?;
            let flag = flag_row::opened(tables, (asking.tenant, record.row.id), &key, &sealed)?;
            flags.push(shown(asking, &flag, record)?);
        }
        Ok((total, flags))
    }
}

/// The flags within the caller's reach, as far as they are asked for.
fn statement(asking: &Asking, pairs: &[(String, String)]) -> Statement {
    let on = |name: &str| pairs.iter().any(|(one, value)| one == name && value == "true");
    let mut sql = Statement::of(asking.tenant);
    let select = asking.tables().fill(
        "SELECT f.sealed, count(*) OVER () AS total, {columns} FROM {flag} f \
         JOIN {row} r ON r.tenant = f.tenant AND r.id = f.record WHERE f.tenant = ",
    );
    sql.push(&select.replace("{columns}", COLUMNS)).again();
    if let Reach::Any(reached) = asking.reach() {
        let terms: Vec<i64> = reached.iter().map(terms::scope_term).collect();
        let within = asking.tables().fill(
            " AND EXISTS (SELECT 1 FROM {term} t WHERE t.tenant = f.tenant \
             AND t.created_at = r.created_at AND t.id = r.id AND t.term = ANY(",
        );
        sql.push(&within).bind(terms).push("))");
    }
    if on("active_only") {
        sql.push(" AND f.open");
    }
    if on("flagged_by_me") {
        sql.push(" AND f.raised_by = ").bind(asking.principal.user_name.clone());
    }
    sql
}

fn is_paged(parameters: &[Parameter]) -> bool {
    parameters.iter().any(|one| matches!(one.name.as_str(), "page" | "per"))
}
