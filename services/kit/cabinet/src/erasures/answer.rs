//! An erasure as the API shows it.

use jiff::Timestamp;
use kit_dossier::Stamp;
use kit_dossier::erasure::Erasure;
use kit_records::values::format_time;
use serde_json::{Map, Value, json};

/// Everything but the text and the certificate.
pub fn shown(erasure: &Erasure, now: Timestamp) -> Map<String, Value> {
    let by = |stamp: Option<&Stamp>| stamp.map(|stamp| stamp.by.clone());
    let at = |stamp: Option<&Stamp>| stamp.map(|stamp| format_time(stamp.at));
    let members = json!({
        "id": erasure.id,
        "record_type": erasure.record_type,
        "record_id": erasure.record_id,
        "reason": erasure.reason,
        "status": erasure.status_at(now).as_str(),
        "requested_by": erasure.requested.by,
        "requested_at": format_time(erasure.requested.at),
        "expires_at": format_time(erasure.expires_at()),
        "approved_by": by(erasure.approved.as_ref()),
        "approved_at": at(erasure.approved.as_ref()),
        "ended_by": by(erasure.ended.as_ref()),
        "ended_at": at(erasure.ended.as_ref()),
        "recovered": erasure.recovered,
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
