//! Places: pages, one, by code, all.

use configuration_domain::{Place, with_languages};
use kit_records::Text;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::params::Page;

const COLUMNS: &str = "id, code, hierarchy, admin_level, place_type, placename, name, disabled";

/// A row of the table.
#[derive(Debug)]
pub struct PlaceRow {
    pub place: Place,
    pub name: Text,
}

impl PlaceRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let place = Place {
            id: row.get(0),
            hierarchy: row.get(2),
            place_type: row.get(4),
            placename: serde_json::from_str(row.get(5))?,
            disabled: row.get(7),
            exists: true,
        };
        Ok(Self { place, name: serde_json::from_str(row.get(6))? })
    }

    /// As lists show it, or with its place in the tree.
    pub fn document(&self, languages: &[String], whole: bool) -> Value {
        let place = &self.place;
        let text =
            |text: &Text| with_languages(serde_json::to_value(text).ok().as_ref(), languages);
        let mut document = json!({
            "id": place.id,
            "code": place.code(),
            "type": place.place_type,
            "disabled": place.disabled,
            "name": text(&self.name),
            "admin_level": place.admin_level(),
        });
        if whole {
            document["placename"] = text(&place.placename);
            document["hierarchy"] = json!(place.hierarchy);
        }
        document
    }
}

/// How a list is sorted.
#[derive(Debug, Clone, Copy)]
pub struct Sorting<'a> {
    pub by: Option<&'a str>,
    pub descending: bool,
}

impl Sorting<'_> {
    /// Columns as they stand in the statement: chosen here, never taken from the caller.
    fn columns(self) -> String {
        let column = match self.by {
            Some("code") => "code",
            Some("hierarchy") => "hierarchy",
            Some("name" | "placename") => "sort_name",
            Some("type") => "place_type",
            Some("admin_level") => "admin_level",
            Some("disabled") => "disabled",
            _ => "id",
        };
        let direction = if self.descending { "desc" } else { "asc" };
        let tie = if column == "id" { "" } else { ", id" };
        format!("{column} {direction}{tie}")
    }
}

/// A page of places and how many there are.
pub async fn list(
    tx: &Tx,
    tenant: Uuid,
    disabled: Option<bool>,
    sorting: Sorting<'_>,
    page: Page,
) -> Result<(Vec<PlaceRow>, i64), StoreError> {
    let filter = if disabled.is_some() { "and disabled = $2" } else { "and $2::bool is null" };
    let columns = sorting.columns();
    let rows = format!(
        "select {COLUMNS} from location where tenant = $1 {filter} order by {columns} \
         limit $3 offset $4"
    );
    let total = format!("select count(*) from location where tenant = $1 {filter}");
    let (per, offset) = (page.per, page.offset());
    let (rows, total) = (
        tx.query(&rows, &[&tenant, &disabled, &per, &offset]).await?,
        tx.query_one(&total, &[&tenant, &disabled]).await?,
    );
    let rows = rows.iter().map(PlaceRow::read).collect::<Result<_, _>>()?;
    Ok((rows, total.get(0)))
}

/// One place by number.
pub async fn get(tx: &Tx, tenant: Uuid, id: i64) -> Result<Option<PlaceRow>, StoreError> {
    let sql = format!("select {COLUMNS} from location where tenant = $1 and id = $2");
    tx.query_opt(&sql, &[&tenant, &id]).await?.as_ref().map(PlaceRow::read).transpose()
}

/// Some places by number.
pub async fn some(tx: &Tx, tenant: Uuid, ids: &[i64]) -> Result<Vec<PlaceRow>, StoreError> {
    let sql =
        format!("select {COLUMNS} from location where tenant = $1 and id = any($2) order by id");
    tx.query(&sql, &[&tenant, &ids]).await?.iter().map(PlaceRow::read).collect()
}

/// Codes from the top down to the place with this code.
pub async fn hierarchy(
    tx: &Tx,
    tenant: Uuid,
    code: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let sql = "select hierarchy from location where tenant = $1 and code = $2";
    Ok(tx.query_opt(sql, &[&tenant, &code]).await?.map(|row| row.get(0)))
}

/// Codes of some places, each with the codes from the top down to it.
pub async fn hierarchies(
    tx: &Tx,
    tenant: Uuid,
    codes: &[String],
) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let sql = "select code, hierarchy from location where tenant = $1 and code = any($2)";
    let rows = tx.query(sql, &[&tenant, &codes]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Whether there are places below the one with this number.
pub async fn has_children(tx: &Tx, tenant: Uuid, id: i64) -> Result<bool, StoreError> {
    let sql = "select exists (select from location child join location on \
         child.parent_code = location.code where child.tenant = $1 and location.tenant = $1 \
         and location.id = $2)";
    Ok(tx.query_one(sql, &[&tenant, &id]).await?.get(0))
}

/// Every place.
pub async fn all(tx: &Tx, tenant: Uuid) -> Result<Vec<PlaceRow>, StoreError> {
    let sql = format!("select {COLUMNS} from location where tenant = $1 order by id");
    tx.query(&sql, &[&tenant]).await?.iter().map(PlaceRow::read).collect()
}
