//! Tables `reading_hour` and `reading_alarm`.

use jiff::Timestamp;
use kit_proto::facts::v1::ReadingAlarmRaised;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use super::Conditions;
use crate::parameters::{Page, Parameters};
use crate::reading::Alarm;

/// Alarms per page, and at most.
const PER: (i64, i64) = (20, 1_000);

/// What an account read in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub user_name: String,
    pub records: u64,
}

/// What an account read in an hour; nothing when it read nothing.
pub async fn count(
    tx: &Tx,
    tenant: Uuid,
    user_id: i64,
    hour: Timestamp,
) -> Result<Option<Count>, StoreError> {
    let sql = "SELECT max(user_name), coalesce(sum(records), 0)::bigint FROM reading_hour \
         WHERE tenant = $1 AND user_id = $2 AND hour = $3";
    let row = tx.query_one(sql, &[&tenant, &user_id, &hour]).await?;
    let Some(user_name) = row.try_get::<_, Option<String>>(0)? else { return Ok(None) };
    Ok(Some(Count { user_name, records: unsigned(&row, 1)? }))
}

/// What an account read in each of its hours from one up to another.
pub async fn hours(
    tx: &Tx,
    tenant: Uuid,
    user_id: i64,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<u64>, StoreError> {
    let sql = "SELECT sum(records)::bigint FROM reading_hour \
         WHERE tenant = $1 AND user_id = $2 AND hour >= $3 AND hour < $4 GROUP BY hour";
    let rows = tx.query(sql, &[&tenant, &user_id, &from, &until]).await?;
    rows.iter().map(|row| unsigned(row, 0)).collect()
}

/// Who has read more than so much in an hour since then.
pub async fn busy(
    tx: &Tx,
    tenant: Uuid,
    since: Timestamp,
    floor: u64,
) -> Result<Vec<(i64, Timestamp)>, StoreError> {
    let sql = "SELECT user_id, hour FROM reading_hour WHERE tenant = $1 AND hour >= $2 \
         GROUP BY user_id, hour HAVING sum(records) > $3::bigint";
    let rows = tx.query(sql, &[&tenant, &since, &signed(floor)]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Drops what is older.
pub async fn forget(tx: &Tx, tenant: Uuid, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM reading_hour WHERE tenant = $1 AND hour < $2";
    tx.execute(sql, &[&tenant, &before]).await?;
    Ok(())
}

/// Keeps an alarm: one for an account and hour, with the most that was read.
pub async fn keep(tx: &Tx, alarm: &Alarm) -> Result<(), StoreError> {
    let sql = "INSERT INTO reading_alarm \
         (tenant, id, user_id, user_name, hour, raised_at, records, usual, allowed, stopped) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, user_id, hour) \
         DO UPDATE SET records = greatest(reading_alarm.records, excluded.records), \
         stopped = reading_alarm.stopped OR excluded.stopped";
    let (reader, count) = (&alarm.reader, &alarm.count);
    tx.execute(
        sql,
        &[
            &reader.tenant,
            &alarm.id,
            &reader.user_id,
            &count.user_name,
            &reader.hour,
            &alarm.raised_at,
            &signed(count.records),
            &signed(alarm.habit.usual),
            &signed(alarm.allowed),
            &alarm.stopped,
        ],
    )
    .await?;
    Ok(())
}

/// Alarms that no fact tells of yet.
pub async fn untold(tx: &Tx, tenant: Uuid) -> Result<Vec<(Uuid, ReadingAlarmRaised)>, StoreError> {
    let sql = "SELECT id, user_id, user_name, hour, records, allowed FROM reading_alarm \
         WHERE tenant = $1 AND NOT told";
    let rows = tx.query(sql, &[&tenant]).await?;
    let read = |row: &Row| {
        let id = row.try_get(0)?;
        let user = (row.try_get(1)?, row.try_get(2)?);
        let read = (unsigned(row, 4)?, unsigned(row, 5)?);
        Ok((id, Alarm::raised(id, user, row.try_get(3)?, read)))
    };
    rows.iter().map(read).collect()
}

/// A fact tells of it; says whether that is new.
pub async fn told(tx: &Tx, tenant: Uuid, id: Uuid) -> Result<bool, StoreError> {
    let sql = "UPDATE reading_alarm SET told = true WHERE tenant = $1 AND id = $2 AND NOT told";
    Ok(tx.execute(sql, &[&tenant, &id]).await? > 0)
}

/// Which alarms are asked for.
#[derive(Debug)]
pub struct Alarms {
    user_name: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    page: Page,
}

impl TryFrom<Parameters<'_>> for Alarms {
    type Error = Refusal;

    fn try_from(sent: Parameters<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            user_name: sent.one("user_name").map(str::to_owned),
            from: sent.moment("from")?,
            to: sent.moment_until("to")?,
            page: sent.page(PER.0, PER.1)?,
        })
    }
}

/// The alarms of a page, newest first, and how many there are in all.
pub async fn search_alarms(
    tx: &Tx,
    tenant: Uuid,
    asked: &Alarms,
) -> Result<(Vec<Value>, i64, Page), StoreError> {
    let mut conditions = Conditions::on("reading_alarm", tenant);
    if let Some(user_name) = &asked.user_name {
        conditions.and("user_name = ?", user_name.clone());
    }
    if let Some(from) = asked.from {
        conditions.and("raised_at >= ?", from);
    }
    if let Some(to) = asked.to {
        conditions.and("raised_at <= ?", to);
    }
    let columns = "id, user_id, user_name, hour, raised_at, records, usual, allowed, stopped";
    let (rows, total) = conditions.page(tx, columns, "raised_at DESC, id DESC", asked.page).await?;
    let alarms = rows.iter().map(shown).collect::<Result<_, _>>()?;
    Ok((alarms, total, asked.page))
}

fn shown(row: &Row) -> Result<Value, StoreError> {
    let time = |column| row.try_get::<_, Timestamp>(column).map(|at| format!("{at:.3}"));
    Ok(json!({
        "id": row.try_get::<_, Uuid>("id")?,
        "user_id": row.try_get::<_, i64>("user_id")?,
        "user_name": row.try_get::<_, String>("user_name")?,
        "hour": time("hour")?,
        "raised_at": time("raised_at")?,
        "records_read": row.try_get::<_, i64>("records")?,
        "usual": row.try_get::<_, i64>("usual")?,
        "limit": row.try_get::<_, i64>("allowed")?,
        "stopped": row.try_get::<_, bool>("stopped")?,
    }))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row, column: usize) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.try_get::<_, i64>(column)?).unwrap_or_default())
}
