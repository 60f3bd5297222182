//! What was destroyed, and where: recorded in the erasure's stream, whose hash chain covers it.

use jiff::Timestamp;
use kit_dossier::erasure::Erasure;
use kit_seal::hex;
use kit_store::Burial;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Listed;

/// What came of carrying an erasure out.
pub struct Parts<'a> {
    pub service: &'a str,
    pub tenant: Uuid,
    pub at: Timestamp,
    /// None where the record's history is not in this database.
    pub burial: Option<&'a Burial>,
    pub keys: &'a [(Uuid, Option<Listed>)],
}

/// The certificate, which the keyring signs as it is here.
pub fn certificate(erasure: &Erasure, parts: &Parts<'_>) -> Value {
    json!({
        "format": "amparo erasure certificate 1",
        "erasure_id": erasure.id,
        "tenant": parts.tenant,
        "record": { "type": erasure.record_type, "id": erasure.record_id },
        "reason": erasure.reason,
        "requested": erasure.requested,
        "approved": erasure.approved,
        "carried_out_at": parts.at,
        "recovered_after_restore": erasure.recovered,
        "known": erasure.known,
        "keys": parts.keys.iter().map(key).collect::<Vec<_>>(),
        "streams": parts.burial.into_iter().map(|one| stream(parts, one)).collect::<Vec<_>>(),
        "removed": parts.burial.map(|one| removed(parts, one)).unwrap_or_default(),
        "forgotten_in": parts.burial.map(|one| one.note["forgotten"].clone()),
        "told": ["cases", "incidents", "tracing", "reporting", "gateway"],
        "remaining": [
            "hash chain and metadata of the stream; its sealed events open for nobody",
            "sealed histories of records that held a copy (`forgotten_in`, incidents): no call tells it",
            "sealed copies in NATS and in backups, which open for nobody",
            "ids in the audit log",
            "this certificate and the entry in the keyring's journal",
        ],
    })
}

fn key((id, listed): &(Uuid, Option<Listed>)) -> Value {
    let journal = listed.as_ref().map(|it| json!({ "entry": it.number, "hash": it.hash }));
    json!({ "service": "keyring", "key_id": id, "journal": journal })
}

fn stream(parts: &Parts<'_>, burial: &Burial) -> Value {
    json!({
        "service": parts.service,
        "stream": burial.stream,
        "events": burial.events,
        "head": hex(&burial.head),
    })
}

fn removed(parts: &Parts<'_>, burial: &Burial) -> Value {
    let tables = burial.note["removed"].as_object().into_iter().flatten();
    let row = |(table, rows): (&String, &Value)| json!({ "service": parts.service, "table": table, "rows": rows });
    tables.map(row).collect()
}
