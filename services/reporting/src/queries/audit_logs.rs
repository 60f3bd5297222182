//! `GET /audit_logs`: every call to the API, newest first.

use jiff::Timestamp;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use super::Conditions;
use crate::parameters::{Page, Parameters};

/// Entries per page when nothing is asked for. There is no cap in the contract; this is ours.
const PER: (i64, i64) = (100, 10_000);

/// What of the log is asked for.
#[derive(Debug)]
pub struct AuditLogs {
    user_name: Option<String>,
    actions: Vec<String>,
    record_types: Vec<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    order: &'static str,
    page: Page,
}

impl TryFrom<Parameters<'_>> for AuditLogs {
    type Error = Refusal;

    fn try_from(sent: Parameters<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            user_name: sent.one("user_name").map(str::to_owned),
            actions: sent.many("audit_log_actions"),
            record_types: sent.many("record_type"),
            from: sent.moment("from")?,
            to: sent.moment_until("to")?,
            order: order(sent.one("order_by"), sent.one("order")),
            page: sent.page(PER.0, PER.1)?,
        })
    }
}

fn order(by: Option<&str>, direction: Option<&str>) -> &'static str {
    match (by, direction) {
        (Some("user_name"), Some("desc")) => "user_name DESC, at DESC, id DESC",
        (Some("user_name"), _) => "user_name, at DESC, id DESC",
        (Some(_), Some("asc") | None) => "at, id",
        _ => "at DESC, id DESC",
    }
}

/// The entries of a page and how many there are in all.
pub async fn search_audit_logs(
    tx: &Tx,
    tenant: Uuid,
    asked: &AuditLogs,
) -> Result<(Vec<Value>, i64, Page), StoreError> {
    let mut conditions = Conditions::new(tenant);
    if let Some(user_name) = &asked.user_name {
        conditions.and("user_name = ?", user_name.clone());
    }
    if !asked.actions.is_empty() {
        conditions.and("action = ANY(?)", asked.actions.clone());
    }
    if !asked.record_types.is_empty() {
        conditions.and("record_type = ANY(?)", asked.record_types.clone());
    }
    if let Some(from) = asked.from {
        conditions.and("at >= ?", from);
    }
    if let Some(to) = asked.to {
        conditions.and("at <= ?", to);
    }
    let (rows, total) = conditions.page(tx, COLUMNS, asked.order, asked.page).await?;
    let entries = rows.iter().map(entry).collect::<Result<_, _>>()?;
    Ok((entries, total, asked.page))
}

const COLUMNS: &str = "id, at, user_name, action, record_type, record_id, record_ids, display_id, \
     resource_url, remote_ip, agency_id, role_id, http_method";

fn entry(row: &Row) -> Result<Value, StoreError> {
    let text = |column| row.try_get::<_, Option<String>>(column);
    let at: Timestamp = row.try_get("at")?;
    let (action, record_type) =
        (text("action")?.unwrap_or_default(), text("record_type")?.unwrap_or_default());
    let (display_id, record_id, user_name) =
        (text("display_id")?, text("record_id")?, text("user_name")?);
    let display_id = display_id.or_else(|| short_id(&record_type, record_id.as_deref()));
    let shown = display_id.as_deref().or(record_id.as_deref());
    Ok(json!({
        "id": row.try_get::<_, i64>("id")?,
        "display_id": display_id,
        "record_type": record_type,
        "user_name": user_name,
        "action": action,
        "resource_url": text("resource_url")?,
        "timestamp": format!("{at:.3}"),
        "log_message": {
            "prefix": {"key": format!("logger.actions.{action}"), "approval_type": null},
            "identifier": identifier(&record_type, shown),
            "suffix": {"key": "logger.by_user", "user": user_name},
        },
        "metadata": {
            "user_name": user_name,
            "remote_ip": text("remote_ip")?,
            "agency_id": text("agency_id")?,
            "role_id": text("role_id")?,
            "http_method": text("http_method")?,
            "record_ids": row.try_get::<_, Vec<String>>("record_ids")?,
        },
        "record_id": record_id,
        "display_name": null,
    }))
}

/// What people call a record by: the end of its id.
fn short_id(record_type: &str, record_id: Option<&str>) -> Option<String> {
    let id: Uuid = record_id?.parse().ok()?;
    let records = ["child", "incident", "tracing_request", "registry_record", "family"];
    let text = id.to_string();
    records.contains(&record_type).then(|| text[text.len() - 7..].to_owned())
}

/// `Child '4c1d2ab'`, or `Child` where the call was about no one record.
fn identifier(record_type: &str, id: Option<&str>) -> String {
    let words = record_type.split('_').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    let model = words.collect::<String>();
    id.map_or_else(|| model.clone(), |id| format!("{model} '{id}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_its_model_as_the_app_shows_it() {
        assert_eq!(identifier("child", Some("4c1d2ab")), "Child '4c1d2ab'");
        assert_eq!(identifier("tracing_request", None), "TracingRequest");
    }

    #[test]
    fn a_record_is_called_by_the_end_of_its_id() {
        let id = Some("0198c0de-0000-7000-8000-0000004c1d2a");
        assert_eq!(short_id("child", id).as_deref(), Some("04c1d2a"));
        assert_eq!(short_id("role", id), None);
        assert_eq!(short_id("child", Some("été")), None);
        assert_eq!(short_id("child", None), None);
    }

    #[test]
    fn the_newest_come_first_unless_asked_otherwise() {
        assert_eq!(order(None, None), "at DESC, id DESC");
        assert_eq!(order(Some("timestamp"), Some("desc")), "at DESC, id DESC");
        assert_eq!(order(Some("timestamp"), Some("asc")), "at, id");
        assert!(order(Some("user_name"), None).starts_with("user_name,"));
    }
}
