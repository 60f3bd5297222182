//! Which records a device keeps, and how they stand: ids and columns only, no document of theirs
//! is read.

use std::collections::HashMap;
use std::mem::take;

use kit_access::{Reach, Term};
use kit_records::query;
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use super::once;
use crate::apart::index_purpose;
use crate::filter_sql::has_term;
use crate::get::WITHOUT_DOCUMENT;
use crate::list::Asked;
use crate::list_sql::scope_terms;
use crate::office::{Asking, Office};
use crate::refusals;
use crate::sql::{Statement, told};
use crate::stored::{Opened, Stored};
use crate::terms;

const OPEN: &str = "open";

/// A record without its document.
pub struct Looked {
    pub row: Stored,
    /// Open and enabled.
    pub open: bool,
    pub merged_into: Option<String>,
    /// A document of the fields that lead to others, then with what those say; empty where there
    /// are none.
    pub beside: Vec<u8>,
}

impl Office {
    /// The caseload: the caller's own, then others' as far as there is room.
    pub(super) async fn chosen(&self, asking: &Asking, most: i64) -> Result<Vec<Uuid>, Refusal> {
        let mut chosen = self.ids(asking, &mine(asking, most)).await.map_err(refusals::store)?;
        let room = most - i64::try_from(chosen.len()).unwrap_or(most);
        if room > 0 {
            let others = self.newest(asking, most).await?;
            chosen.extend(self.ids(asking, &others).await.map_err(refusals::store)?);
        }
        let mut chosen = once(chosen);
        chosen.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(chosen)
    }

    /// The newest open records within the caller's reach.
    async fn newest(&self, asking: &Asking, most: i64) -> Result<Statement, Refusal> {
        let filters = [("status", OPEN), ("record_state", "true")];
        let filters = filters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let query = query::parse(&filters, &|_| true).map_err(refusals::unreadable)?;
        let purpose = index_purpose(asking.record_type);
        let blind = self.store.keys().index(asking.tenant, purpose).await;
        let blind = blind.map_err(refusals::store)?;
        Ok(Asked { asking, query, reach: asking.reach(), blind }.newest(most))
    }

    async fn ids(&self, asking: &Asking, sql: &Statement) -> Result<Vec<Uuid>, StoreError> {
        told(&sql.text);
        let tx = self.store.read(asking.tenant).await?;
        let rows = tx.query(&sql.text, &sql.params()).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The records of these ids that there are.
    pub(super) async fn looked(
        &self,
        asking: &Asking,
        ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Looked>, Refusal> {
        let mut sql = Statement::of(asking.tenant);
        sql.push("SELECT r.status, r.facets->>'merged_into' AS merged_into, ");
        sql.push("(SELECT jsonb_object_agg(l.key, l.value) FROM jsonb_each(r.facets) l ");
        sql.push("WHERE l.key = ANY(").bind(self.links(asking.record_type)).push(")) AS links, ");
        sql.push(&WITHOUT_DOCUMENT).push(" FROM ").push(asking.tables().row);
        sql.push(" r WHERE r.tenant = ").again().push(" AND r.id = ANY(").bind(ids).push(")");
        told(&sql.text);
        let tx = self.read(asking).await?;
        let rows = tx.query(&sql.text, &sql.params()).await.map_err(refusals::store)?;
        drop(tx);
        let read = |row: &tokio_postgres::Row| -> Result<(Uuid, Looked), StoreError> {
            let status: Option<String> = row.try_get("status")?;
            let merged_into = row.try_get("merged_into")?;
            let links: Option<Value> = row.try_get("links")?;
            let beside = links.map(|links| links.to_string().into_bytes()).unwrap_or_default();
            let row = Stored::read(row)?;
            let open = row.enabled && status.as_deref() == Some(OPEN);
            Ok((row.id, Looked { row, open, merged_into, beside }))
        };
        let looked: Result<_, StoreError> = rows.iter().map(read).collect();
        let mut looked = looked.map_err(refusals::store)?;
        self.look_beside(asking, &mut looked).await?;
        Ok(looked)
    }

    /// Asks what the records show of others.
    async fn look_beside(
        &self,
        asking: &Asking,
        looked: &mut HashMap<Uuid, Looked>,
    ) -> Result<(), Refusal> {
        let linked = looked.values_mut().filter(|one| !one.beside.is_empty());
        let opened =
            |one: &mut Looked| Opened { row: one.row.clone(), json: take(&mut one.beside) };
        let mut linked: Vec<Opened> = linked.map(opened).collect();
        self.add_beside(asking, &mut linked).await?;
        for Opened { row, json } in linked {
            if let Some(one) = looked.get_mut(&row.id) {
                one.beside = json;
            }
        }
        Ok(())
    }
}

/// Open records that the caller owns or is assigned to, those changed last first.
fn mine(asking: &Asking, most: i64) -> Statement {
    let (tables, name) = (asking.tables(), &asking.principal.user_name);
    let me = Term { field: "associated_user_names", value: name.clone() };
    let mut sql = Statement::of(asking.tenant);
    let from = "SELECT k.id FROM {term} k JOIN {row} r ON r.tenant = k.tenant AND r.id = k.id \
         WHERE k.tenant = $1 AND r.record_state AND r.status = ";
    sql.push(&tables.fill(from)).bind(OPEN.to_owned());
    sql.push(" AND k.term = ").bind(terms::scope_term(&me));
    // To be associated is not enough for everyone's scope.
    if let Reach::Any(_) = asking.reach() {
        sql.push(" AND ");
        has_term(&mut sql, tables, scope_terms(&asking.reach()).unwrap_or_default());
    }
    sql.push(" ORDER BY r.last_updated_at DESC, r.id LIMIT ").bind(most);
    sql
}
