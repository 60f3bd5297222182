//! Places with their full names: table `location`. A renamed place renames all below it.

use std::collections::{BTreeSet, HashMap};

use configuration_domain::{Place, full_names};
use kit_records::Text;
use kit_store::{Change, Projection, StoreError, Tx};
use tokio_postgres::Row;
use uuid::Uuid;

/// Writes the rows of places.
pub struct Places;

impl Projection<Place> for Places {
    const NAME: &'static str = "location";
    const BESIDE: &'static [&'static str] = &["configuration_version"];

    async fn project(&self, tx: &Tx, changes: &[Change<Place>]) -> Result<(), StoreError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let tenant = first.tenant;
        count_change(tx, tenant).await?;
        let gone: Vec<i64> =
            changes.iter().filter(|one| !one.after.exists).map(|one| one.after.id).collect();
        let sql = "delete from location where tenant = $1 and id = any($2)";
        tx.execute(sql, &[&tenant, &gone]).await?;
        let there = || changes.iter().filter(|one| one.after.exists);
        write(tx, tenant, there().map(|one| &*one.after)).await?;
        let renamed = there().filter(|one| one.before.placename != one.after.placename);
        let codes: Vec<String> = renamed.map(|one| one.after.code().to_owned()).collect();
        rename(tx, tenant, codes).await
    }
}

async fn count_change(tx: &Tx, tenant: Uuid) -> Result<(), StoreError> {
    let sql = "insert into configuration_version (tenant, places) values ($1, 1) \
         on conflict (tenant) do update set places = configuration_version.places + 1";
    tx.execute(sql, &[&tenant]).await?;
    Ok(())
}

async fn write<'a>(
    tx: &Tx,
    tenant: Uuid,
    places: impl Iterator<Item = &'a Place>,
) -> Result<(), StoreError> {
    let (mut ids, mut paths, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    let (mut types, mut texts, mut disabled) = (Vec::new(), Vec::new(), Vec::new());
    for place in places {
        ids.push(place.id);
        paths.push(place.hierarchy.join("\n"));
        levels.push(i32::try_from(place.admin_level()).unwrap_or_default());
        types.push(place.place_type.as_str());
        texts.push(serde_json::to_string(&place.placename)?);
        disabled.push(place.disabled);
    }
    let sql = "insert into location (tenant, id, code, parent_code, hierarchy, admin_level, \
         place_type, placename, name, sort_name, disabled) \
         select $1, id, path[cardinality(path)], coalesce(path[cardinality(path) - 1], ''), path, \
         level, type, placename, '{}', '', disabled \
         from (select id, string_to_array(path, e'\\n') as path, level, type, placename, disabled \
         from unnest($2::int8[], $3::text[], $4::int4[], $5::text[], $6::text[], $7::bool[]) \
         as given (id, path, level, type, placename, disabled)) as given \
         on conflict (tenant, id) do update set place_type = excluded.place_type, \
         placename = excluded.placename, disabled = excluded.disabled";
    tx.execute(sql, &[&tenant, &ids, &paths, &levels, &types, &texts, &disabled]).await?;
    Ok(())
}

/// Renews the full names of these places and of all below them.
async fn rename(tx: &Tx, tenant: Uuid, codes: Vec<String>) -> Result<(), StoreError> {
    if codes.is_empty() {
        return Ok(());
    }
    let below = "with recursive below as (select code from location where tenant = $1 \
         and code = any($2) union select child.code from location child \
         join below on child.parent_code = below.code where child.tenant = $1) \
         select id, code, hierarchy, placename from location where tenant = $1 \
         and code in (select code from below)";
    let rows = tx.query(below, &[&tenant, &codes]).await?;
    let mut texts: HashMap<String, Text> = HashMap::with_capacity(rows.len());
    remember(&mut texts, &rows)?;
    let above = |row: &Row| row.get::<_, Vec<String>>(2);
    let missing: BTreeSet<String> =
        rows.iter().flat_map(above).filter(|code| !texts.contains_key(code)).collect();
    let missing: Vec<String> = missing.into_iter().collect();
    let sql = "select id, code, hierarchy, placename from location \
         where tenant = $1 and code = any($2)";
    remember(&mut texts, &tx.query(sql, &[&tenant, &missing]).await?)?;
    store_names(tx, tenant, &rows, &texts).await
}

fn remember(texts: &mut HashMap<String, Text>, rows: &[Row]) -> Result<(), StoreError> {
    for row in rows {
        texts.insert(row.get(1), serde_json::from_str(row.get(3))?);
    }
    Ok(())
}

async fn store_names(
    tx: &Tx,
    tenant: Uuid,
    rows: &[Row],
    texts: &HashMap<String, Text>,
) -> Result<(), StoreError> {
    let (mut ids, mut names, mut sort_names) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let path: Vec<String> = row.get(2);
        let path: Vec<&Text> = path.iter().filter_map(|code| texts.get(code)).collect();
        let name = full_names(&path);
        ids.push(row.get::<_, i64>(0));
        sort_names.push(name.get("en").map(|text| text.to_lowercase()).unwrap_or_default());
        names.push(serde_json::to_string(&name)?);
    }
    let sql = "update location set name = new.name, sort_name = new.sort_name \
         from unnest($2::int8[], $3::text[], $4::text[]) as new (id, name, sort_name) \
         where location.tenant = $1 and location.id = new.id";
    tx.execute(sql, &[&tenant, &ids, &names, &sort_names]).await?;
    Ok(())
}
