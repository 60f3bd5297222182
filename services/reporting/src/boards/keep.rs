//! Moves rows and counts together: what a record counted for goes, what it counts for now comes.

use std::collections::{BTreeMap, BTreeSet};

use kit_store::{StoreError, Tx};
use uuid::Uuid;

use super::tally::{self, Cell, Tally, scope};
use super::told::{Placed, Row, Told};

/// Who writes: records of one type, of one partition.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    pub tenant: Uuid,
    pub record_type: &'a str,
    pub shard: i16,
}

/// What is now known of a record.
#[derive(Debug, Clone)]
pub struct News {
    pub id: Uuid,
    pub told: Told,
}

/// As far as the directory knows a user.
#[derive(Debug, Clone, Default)]
struct Person {
    groups: Vec<String>,
    agency: Option<String>,
    location: Option<String>,
}

const LOCK: &str =
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('boards ' || $1::uuid::text, 0))";
const LOCK_ALONE: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('boards ' || $1::uuid::text, 0))";

/// Waits while somebody moves, so that no record is placed by where its people were. Records of
/// different partitions do not wait for each other.
pub async fn together(tx: &Tx, tenant: Uuid) -> Result<(), StoreError> {
    tx.query(LOCK, &[&tenant]).await.map(drop)
}

/// Waits until nobody else writes rows of the tenant.
pub async fn alone(tx: &Tx, tenant: Uuid) -> Result<(), StoreError> {
    tx.query(LOCK_ALONE, &[&tenant]).await.map(drop)
}

/// The rows of these records.
pub async fn rows_of(
    tx: &Tx,
    hand: Hand<'_>,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Row>, StoreError> {
    let sql = "SELECT id, told::text FROM board_record \
               WHERE tenant = $1 AND record_type = $2 AND id = ANY($3)";
    let rows = tx.query(sql, &[&hand.tenant, &hand.record_type, &ids]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, serde_json::from_str(row.try_get::<_, &str>(1)?)?)))
        .collect()
}

/// Takes in what is new. What is older than what is known changes nothing.
pub async fn take(
    tx: &Tx,
    hand: Hand<'_>,
    before: &BTreeMap<Uuid, Row>,
    news: Vec<News>,
) -> Result<(), StoreError> {
    let people = news.iter().flat_map(|one| one.told.people.iter().cloned()).collect();
    let known = directory(tx, hand.tenant, &people).await?;
    let after =
        news.into_iter().map(|News { id, told }| (id, Row { placed: placed(&told, &known), told }));
    write(tx, hand, before, &after.collect()).await
}

/// A user's records are where the user is now.
pub async fn follow(tx: &Tx, tenant: Uuid, user_name: &str) -> Result<(), StoreError> {
    let sql = "SELECT record_type, array_agg(id ORDER BY id) FROM board_person \
               WHERE tenant = $1 AND user_name = $2 GROUP BY record_type ORDER BY record_type";
    for row in tx.query(sql, &[&tenant, &user_name]).await? {
        let (record_type, ids): (String, Vec<Uuid>) = (row.try_get(0)?, row.try_get(1)?);
        let hand = Hand { tenant, record_type: &record_type, shard: 0 };
        for ids in ids.chunks(1_000) {
            let before = rows_of(tx, hand, ids).await?;
            let same = |(id, row): (&Uuid, &Row)| News { id: *id, told: row.told.clone() };
            let news = before.iter().map(same).collect();
            take(tx, hand, &before, news).await?;
        }
    }
    Ok(())
}

async fn directory(
    tx: &Tx,
    tenant: Uuid,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Person>, StoreError> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let sql = "SELECT user_name, groups, agency, location FROM directory_user \
               WHERE tenant = $1 AND user_name = ANY($2)";
    let rows = tx.query(sql, &[&tenant, &names]).await?;
    let read = |row: &tokio_postgres::Row| -> Result<(String, Person), StoreError> {
        let (groups, agency, location) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        Ok((row.try_get(0)?, Person { groups, agency, location }))
    };
    rows.iter().map(read).collect()
}

fn placed(told: &Told, known: &BTreeMap<String, Person>) -> Placed {
    let people = || told.people.iter().filter_map(|name| known.get(name));
    Placed {
        groups: people().flat_map(|one| one.groups.iter().cloned()).collect(),
        agencies: people().filter_map(|one| one.agency.clone()).collect(),
        owners_place: known.get(&told.owner).and_then(|owner| owner.location.clone()),
    }
}

/// Rows as they are now, their people, and the counts that differ.
async fn write(
    tx: &Tx,
    hand: Hand<'_>,
    before: &BTreeMap<Uuid, Row>,
    after: &BTreeMap<Uuid, Row>,
) -> Result<(), StoreError> {
    let mut tally = Tally::new();
    let (mut ids, mut rows) = (Vec::new(), Vec::new());
    let mut people = People::default();
    let mut cohorts: BTreeMap<String, &BTreeSet<String>> = BTreeMap::new();
    for (id, now) in after {
        let was = before.get(id);
        if was == Some(now) {
            continue;
        }
        if let Some(row) = was {
            tally::add(&mut tally, row, hand.record_type, -1);
        }
        tally::add(&mut tally, now, hand.record_type, 1);
        people.compare(*id, was, now);
        ids.push(*id);
        rows.push(serde_json::to_string(now)?);
        let groups = &now.placed.groups;
        cohorts.extend((!groups.is_empty()).then(|| (scope::cohort(groups), groups)));
    }
    tally::settle(&mut tally);
    put_rows(tx, hand, &ids, &rows).await?;
    people.write(tx, hand).await?;
    put_cohorts(tx, hand.tenant, &cohorts).await?;
    count(tx, hand, &tally).await
}

async fn put_rows(
    tx: &Tx,
    hand: Hand<'_>,
    ids: &[Uuid],
    rows: &[String],
) -> Result<(), StoreError> {
    if !ids.is_empty() {
        let sql = "INSERT INTO board_record (tenant, record_type, id, told) \
             SELECT $1, $2, r.id, r.told::jsonb FROM unnest($3::uuid[], $4::text[]) r(id, told) \
             ON CONFLICT (tenant, record_type, id) DO UPDATE SET told = excluded.told";
        tx.execute(sql, &[&hand.tenant, &hand.record_type, &ids, &rows]).await?;
    }
    Ok(())
}

/// Who came to records and who left them.
#[derive(Default)]
struct People {
    came: (Vec<String>, Vec<Uuid>),
    left: (Vec<String>, Vec<Uuid>),
}

impl People {
    fn compare(&mut self, id: Uuid, was: Option<&Row>, now: &Row) {
        let none = BTreeSet::new();
        let (was, now) = (was.map_or(&none, |row| &row.told.people), &now.told.people);
        let put = |list: &mut (Vec<String>, Vec<Uuid>), name: &String| {
            list.0.push(name.clone());
            list.1.push(id);
        };
        now.difference(was).for_each(|name| put(&mut self.came, name));
        was.difference(now).for_each(|name| put(&mut self.left, name));
    }

    async fn write(&self, tx: &Tx, hand: Hand<'_>) -> Result<(), StoreError> {
        let come = "INSERT INTO board_person (tenant, user_name, record_type, id) \
             SELECT $1, p.name, $2, p.id FROM unnest($3::text[], $4::uuid[]) p(name, id) \
             ON CONFLICT DO NOTHING";
        let leave = "DELETE FROM board_person b USING unnest($3::text[], $4::uuid[]) p(name, id) \
             WHERE b.tenant = $1 AND b.user_name = p.name AND b.record_type = $2 AND b.id = p.id";
        for (sql, (names, ids)) in [(come, &self.came), (leave, &self.left)] {
            if !ids.is_empty() {
                tx.execute(sql, &[&hand.tenant, &hand.record_type, names, ids]).await?;
            }
        }
        Ok(())
    }
}

async fn put_cohorts(
    tx: &Tx,
    tenant: Uuid,
    cohorts: &BTreeMap<String, &BTreeSet<String>>,
) -> Result<(), StoreError> {
    for (scope, groups) in cohorts {
        let groups: Vec<&String> = groups.iter().collect();
        let sql = "INSERT INTO board_cohort (tenant, scope, groups) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        tx.execute(sql, &[&tenant, scope, &groups]).await?;
    }
    Ok(())
}

/// Adds a tally to the counts, in one order, so that nobody waits in a circle.
pub async fn count(tx: &Tx, hand: Hand<'_>, tally: &Tally) -> Result<(), StoreError> {
    let cells: Vec<(&Cell, i64)> = tally.iter().map(|(cell, records)| (cell, *records)).collect();
    // All partitions meet in the counts of one person: with one part of each they would wait for
    // one another's commits, and apply facts as if there were one.
    let shard =
        |cell: &Cell| if scope::is_personal(&cell.scope) { hand.shard % 2 } else { hand.shard };
    for some in cells.chunks(5_000) {
        let text = |of: fn(&Cell) -> &String| -> Vec<&str> {
            some.iter().map(|(cell, _)| of(cell).as_str()).collect()
        };
        let days: Vec<i32> = some.iter().map(|(cell, _)| cell.day).collect();
        let shards: Vec<i16> = some.iter().map(|(cell, _)| shard(cell)).collect();
        let records: Vec<i64> = some.iter().map(|(_, records)| *records).collect();
        let sql = "INSERT INTO board_count AS c \
             (tenant, measure, day, scope, module, key, shard, records) \
             SELECT $1, n.* FROM unnest($2::text[], $3::integer[], $4::text[], $5::text[], \
             $6::text[], $7::smallint[], $8::bigint[]) n \
             ON CONFLICT (tenant, measure, day, scope, module, key, shard) \
             DO UPDATE SET records = c.records + excluded.records";
        tx.execute(
            sql,
            &[
                &hand.tenant,
                &text(|cell| &cell.measure),
                &days,
                &text(|cell| &cell.scope),
                &text(|cell| &cell.module),
                &text(|cell| &cell.key),
                &shards,
                &records,
            ],
        )
        .await?;
    }
    Ok(())
}
