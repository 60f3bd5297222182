//! A flag as the API shows it, with what names its record.

use jiff::Timestamp;
use kit_access::Permitted;
use kit_dossier::flags::Flag;
use kit_records::values::format_time;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::answer::STARS;
use crate::office::Asking;
use crate::shallow::Shallow;
use crate::stored::Opened;

/// The flag of a record that the caller reaches.
pub fn shown(asking: &Asking, flag: &Flag, record: &Opened) -> serde_json::Result<Value> {
    let row = &record.row;
    let document = Shallow::parse(&record.json)?;
    let value = |name: &str| -> Value {
        let raw = document.get(name).map(RawValue::get);
        raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    };
    let permitted = asking.permitted(None);
    let readable =
        Permitted { module: row.module.as_deref(), ..permitted }.readable().contains("name");
    let name = match (readable, document.is_true("hidden_name")) {
        (false, _) => Value::Null,
        (true, true) => json!(STARS),
        (true, false) => value("name"),
    };
    let resolved = flag.resolved.as_ref();
    Ok(json!({
        "id": flag.id,
        "record_id": row.id,
        "record_uuid": row.id,
        "record_type": asking.record_type.path(),
        "date": flag.date,
        "message": flag.message,
        "flagged_by": flag.raised.by,
        "removed": !flag.is_open(),
        "created_at": format_time(flag.raised.at),
        "system_generated_followup": false,
        "unflag_message": resolved.map(|one| &one.message),
        "unflagged_by": resolved.map(|one| &one.stamp.by),
        "unflagged_date": resolved.map(|one| day(one.stamp.at)),
        "name": name,
        "short_id": value("short_id"),
        "owned_by": row.owned_by,
        "owned_by_agency_id": row.owner_agency,
        "record_access_denied": false,
    }))
}

fn day(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
