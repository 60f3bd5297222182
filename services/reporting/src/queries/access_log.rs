//! `GET /<type>/:id/access_log`: who saw or changed one record.

use jiff::Timestamp;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use uuid::Uuid;

use super::Conditions;
use crate::parameters::{Page, Parameters};

const PER: (i64, i64) = (20, 1_000);
/// What counts as access when nothing else is asked for.
const ACTIONS: [&str; 2] = ["show", "update"];

/// A record by its names in permissions, paths and audit entries, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName {
    /// Of the permission table.
    pub resource: &'static str,
    pub path: &'static str,
    pub model: &'static str,
    pub id: String,
}

impl RecordName {
    /// Reads `cases/<id>`, or any other name of the type before the slash.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('/')?;
        let (resource, path, model) = match kind {
            "cases" | "case" | "child" => ("case", "cases", "child"),
            "incidents" | "incident" => ("incident", "incidents", "incident"),
            "tracing_requests" | "tracing_request" => {
                ("tracing_request", "tracing_requests", "tracing_request")
            }
            "registry_records" | "registry_record" => {
                ("registry_record", "registry_records", "registry_record")
            }
            "families" | "family" => ("family", "families", "family"),
            _ => return None,
        };
        Some(Self { resource, path, model, id: id.to_owned() })
    }
}

/// What of the log is asked for.
#[derive(Debug)]
pub struct AccessLog {
    actions: Vec<String>,
    users: Vec<i64>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    page: Page,
}

impl TryFrom<Parameters<'_>> for AccessLog {
    type Error = Refusal;

    fn try_from(sent: Parameters<'_>) -> Result<Self, Refusal> {
        let actions = sent.many("filters[actions]");
        let users = sent.many("filters[access_users]");
        Ok(Self {
            actions: if actions.is_empty() { ACTIONS.map(str::to_owned).to_vec() } else { actions },
            users: users.iter().filter_map(|id| id.parse().ok()).collect(),
            from: sent.moment("filters[timestamp][from]")?,
            to: sent.moment_until("filters[timestamp][to]")?,
            page: sent.page(PER.0, PER.1)?,
        })
    }
}

/// One access, before its user's names are known.
#[derive(Debug, Clone)]
pub struct Access {
    pub id: i64,
    pub at: Timestamp,
    pub action: String,
    pub user_name: Option<String>,
}

/// The accesses of a page, newest first, and how many there are in all.
pub async fn search_access_log(
    tx: &Tx,
    tenant: Uuid,
    record: &RecordName,
    asked: &AccessLog,
) -> Result<(Vec<Access>, i64, Page), StoreError> {
    let mut conditions = Conditions::new(tenant);
    conditions.and("record_type = ?", record.model);
    conditions.and("record_id = ?", record.id.clone());
    conditions.and("action = ANY(?)", asked.actions.clone());
    conditions.and("status < ?", 400_i32);
    if !asked.users.is_empty() {
        conditions.and("user_id = ANY(?)", asked.users.clone());
    }
    if let Some(from) = asked.from {
        conditions.and("at >= ?", from);
    }
    if let Some(to) = asked.to {
        conditions.and("at <= ?", to);
    }
    let columns = "id, at, action, user_name";
    let (rows, total) = conditions.page(tx, columns, "at DESC, id DESC", asked.page).await?;
    let read = |row: &tokio_postgres::Row| -> Result<Access, StoreError> {
        Ok(Access {
            id: row.try_get(0)?,
            at: row.try_get(1)?,
            action: row.try_get(2)?,
            user_name: row.try_get(3)?,
        })
    };
    let entries = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok((entries, total, asked.page))
}

/// Somebody who saw or changed a record.
#[derive(Debug, Clone)]
pub struct AccessUser {
    pub id: i64,
    pub user_name: String,
    pub last: Timestamp,
}

/// Everyone who saw or changed the record, and when they last did.
pub async fn search_access_users(
    tx: &Tx,
    tenant: Uuid,
    record: &RecordName,
) -> Result<Vec<AccessUser>, StoreError> {
    let sql = "SELECT user_id, max(user_name), max(at) FROM audit_entry \
         WHERE tenant = $1 AND record_type = $2 AND record_id = $3 AND action = ANY($4) \
         AND status < 400 AND user_id IS NOT NULL AND user_name IS NOT NULL \
         GROUP BY user_id ORDER BY 2";
    let actions = ACTIONS.map(str::to_owned).to_vec();
    let rows = tx.query(sql, &[&tenant, &record.model, &record.id, &actions]).await?;
    let read = |row: &tokio_postgres::Row| -> Result<AccessUser, StoreError> {
        Ok(AccessUser { id: row.try_get(0)?, user_name: row.try_get(1)?, last: row.try_get(2)? })
    };
    rows.iter().map(read).collect()
}
