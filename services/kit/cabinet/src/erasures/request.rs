//! `POST /erasures`: somebody asks that a record be erased.

use kit_dossier::Stamp;
use kit_dossier::erasure::{Erasure, Known, LapseErasure, REASONS, RequestErasure, SealedText};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::values::Record;
use kit_serve::{FieldProblem, Refusal};
use kit_store::StoreError;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Erasures;
use super::{REQUEST, answer, executed};
use crate::office::Asking;
use crate::refusals;
use crate::stored::Stored;
use crate::writes::body;

/// The most characters of the text.
const LONGEST: usize = 1_000;
const OPEN: &str = "SELECT id FROM erasure_row WHERE tenant = $1 AND record_type = $3 \
     AND record_id = $2 AND status = 'requested'";

/// What is asked for, checked.
struct Sent {
    record_id: String,
    reason: String,
    text: Option<String>,
}

impl Erasures {
    /// Opens a request on a record within the caller's reach.
    pub async fn request_erasure(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must_prove(REQUEST, self.office.clock.now())?;
        let body = body(&request.data)?;
        let kept = self.drawers.named(&request.record_type).map(|drawer| drawer.record_type());
        let asking = &asking.about(kept.unwrap_or(asking.record_type));
        asking.must("read")?;
        let sent = Sent::read(&body, kept.is_some())?;
        let row = self.office.reachable(asking, &sent.record_id).await?;
        let row = self.office.must_stand_alone(asking, row).await?;
        let meta = self.office.meta(asking, &request.command_id);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        self.make_room(asking, row.id, &stamp).await?;
        // The same command makes the same request, also when its first answer was lost.
        let id = Uuid::new_v5(&meta.command_id, b"erasure");
        let command = RequestErasure {
            stamp,
            id,
            record_type: asking.record_type.as_str().to_owned(),
            record_id: row.id,
            reason: sent.reason,
            text: self.sealed(asking, &row, id, sent.text.as_deref()).await?,
            known: known(&row),
        };
        let outcome = self.office.store.execute(&meta, id, command).await;
        let outcome = outcome.map_err(|error| executed(error, id))?;
        Ok(reply(answer::shown(&outcome.state, meta.now), &outcome.state, outcome.version))
    }

    /// A request for the same record that has run out ends, so that it can be asked again.
    async fn make_room(&self, asking: &Asking, record: Uuid, stamp: &Stamp) -> Result<(), Refusal> {
        let tx = self.office.read(asking).await?;
        let open = tx
            .query_opt(OPEN, &[&asking.tenant, &record, &asking.record_type.as_str()])
            .await
            .map_err(refusals::store)?;
        drop(tx);
        let Some(row) = open else { return Ok(()) };
        let id: Uuid = row.try_get(0).map_err(Refusal::internal)?;
        let meta = self.office.meta(asking, "");
        let lapse = LapseErasure { stamp: stamp.clone() };
        let lapsed = self.office.store.execute(&meta, id, lapse).await;
        lapsed.map_err(|error| executed(error, id)).map(drop)
    }

    /// Sealed with the record's own key, so that it goes with the record.
    async fn sealed(
        &self,
        asking: &Asking,
        row: &Stored,
        erasure: Uuid,
        text: Option<&str>,
    ) -> Result<Option<SealedText>, Refusal> {
        let Some(text) = text else { return Ok(None) };
        let key = self.office.store.keys().open_one(asking.tenant, row.key).await;
        let key = key.map_err(refusals::store)?;
        let sealed = key.seal(&text_context(&asking.tenant, &erasure), text.as_bytes());
        Ok(Some(SealedText { key_id: key.id, sealed }))
    }

    /// The text of a request, while the record is there.
    pub(super) async fn text_of(
        &self,
        asking: &Asking,
        erasure: &Erasure,
    ) -> Result<Option<String>, Refusal> {
        let Some(text) = &erasure.text else { return Ok(None) };
        let key = match self.office.store.keys().open_one(asking.tenant, text.key_id).await {
            Err(StoreError::Erased) => return Ok(None),
            key => key.map_err(refusals::store)?,
        };
        let opened = key.open(&text_context(&asking.tenant, &erasure.id), &text.sealed);
        let opened = opened.map_err(|_| Refusal::internal("a text of an erasure is damaged"))?;
        Ok(String::from_utf8(opened).ok())
    }
}

/// What a write answers.
pub(super) fn reply(shown: Map<String, Value>, erasure: &Erasure, version: u64) -> Reply {
    Reply {
        data: Value::Object(shown).to_string().into_bytes().into(),
        version,
        record_ids: vec![erasure.id.to_string(), erasure.record_id.to_string()],
        ..Reply::default()
    }
}

fn text_context<'a>(tenant: &'a Uuid, erasure: &'a Uuid) -> [&'a [u8]; 3] {
    [b"erasure_text", tenant.as_bytes(), erasure.as_bytes()]
}

pub(super) fn known(row: &Stored) -> Known {
    Known {
        user_names: row.user_names.clone(),
        groups: row.groups.clone(),
        agencies: row.agencies.clone(),
    }
}

impl Sent {
    fn read(body: &Record, is_kept: bool) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        if !is_kept {
            wrong.push(FieldProblem::new("/record_type", "not_an_option"));
        }
        let record_id = body.get("record_id").and_then(Value::as_str).unwrap_or_default();
        if record_id.parse::<Uuid>().is_err() {
            wrong.push(FieldProblem::new("/record_id", "not_a_uuid"));
        }
        let reason = body.get("reason").and_then(Value::as_str).unwrap_or_default();
        if !REASONS.contains(&reason) {
            wrong.push(FieldProblem::new("/reason", "not_an_option"));
        }
        let text = match body.get("text") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() > LONGEST => {
                wrong.push(FieldProblem::new("/text", "too_long").with("max", LONGEST));
                None
            }
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
            Some(_) => {
                wrong.push(FieldProblem::new("/text", "wrong_type").with("expected", "string"));
                None
            }
        };
        if !wrong.is_empty() {
            return Err(Refusal::invalid_record(wrong));
        }
        Ok(Self { record_id: record_id.to_owned(), reason: reason.to_owned(), text })
    }
}
