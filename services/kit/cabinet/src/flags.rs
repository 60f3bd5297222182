//! Flags on records: raised, corrected, dealt with; of one record and of all.

mod answer;
mod bulk;
mod list;
mod sent;

use kit_dossier::{
    AddFlag, Dossier, EditFlag, Event, Kind, Refusal as DossierRefusal, ResolveFlag, Stamp,
};
use kit_proto::common::v1::{GetRequest, Reply, WriteRequest};
use kit_records::RecordType;
use kit_serve::{Code, ErrorItem, Refusal};
use kit_store::{Command, Meta, Outcome};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::cabinet::Cabinet;
use crate::office::{Asking, Office};
use crate::refusals;
use crate::stored::{Opened, Stored};
use answer::shown;
use sent::Sent;

/// The permission actions.
const FLAG: &str = "flag";
const UPDATE: &str = "flag_update";
const RESOLVE_ANY: &str = "resolve_any_flag";

impl Office {
    /// Numbers for new flags, which no two flags of a tenant share, whichever service keeps them.
    async fn flag_numbers(&self, asking: &Asking, count: usize) -> Result<Vec<i64>, Refusal> {
        let types = RecordType::ALL;
        let place = types.iter().position(|one| *one == asking.record_type).unwrap_or_default();
        let (place, step) = (number(place), number(types.len()));
        let kind = format!("{}_flag", asking.record_type.as_str());
        let first = self.store.next_numbers(asking.tenant, &kind, number(count)).await;
        let first = first.map_err(refusals::store)?;
        Ok((first..first + number(count)).map(|one| one * step + place).collect())
    }
}

fn number(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl<K: Kind> Cabinet<K> {
    /// `GET /<type>/:id/flags`: all of them, by number.
    pub async fn list_record_flags(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.flaggable(asking, &request.id, &[FLAG]).await?;
        let loaded = self.office.store.load::<Dossier<K>>(asking.tenant, row.id).await;
        let state = loaded.map_err(refusals::store)?.state;
        let record = self.office.opened(asking, row).await?;
        let flags: Result<Vec<Value>, _> =
            state.flags.values().map(|flag| shown(asking, flag, &record)).collect();
        let flags = Value::Array(flags.map_err(Refusal::internal)?);
        Ok(Reply {
            data: flags.to_string().into_bytes().into(),
            record_ids: vec![record.row.id.to_string()],
            ..Reply::default()
        })
    }

    /// `POST /<type>/:id/flags`
    pub async fn create_flag(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.flaggable(asking, &request.id, &[FLAG]).await?;
        let sent = Sent::read(&request.data)?;
        let (meta, stamp) = self.about_flag(asking, request);
        let id = self.office.flag_numbers(asking, 1).await?[0];
        let date = sent.date.unwrap_or(asking.today);
        let message = sent.message.unwrap_or_default();
        let command = AddFlag { kind: K::default(), stamp, id, message, date };
        let outcome = self.decide_flag(&meta, &row, command).await?;
        if sent.own_id {
            return Ok(crate::create::no_content(row.id, outcome.version));
        }
        // A repeat finds the number that the first call was given.
        let first = outcome.recorded.iter().find_map(|one| match &one.event {
            Event::Flagged(flagged) => Some(flagged.id),
            _ => None,
        });
        self.answer_flag(asking, &outcome, row, first.unwrap_or(id)).await
    }

    /// `PATCH /<type>/:id/flags/:flag_id`: deals with a flag, or corrects it.
    pub async fn update_flag(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.flaggable(asking, &request.id, &[FLAG, RESOLVE_ANY]).await?;
        let id: i64 = request.part_id.parse().map_err(|_| no_such_flag())?;
        let sent = Sent::read(&request.data)?;
        let (meta, stamp) = self.about_flag(asking, request);
        let kind = K::default();
        let outcome = if let Some(message) = sent.unflag_message {
            self.decide_flag(&meta, &row, ResolveFlag { kind, stamp, id, message }).await?
        } else {
            asking.must(UPDATE)?;
            let Sent { message, date, .. } = sent;
            self.decide_flag(&meta, &row, EditFlag { kind, stamp, id, message, date }).await?
        };
        self.answer_flag(asking, &outcome, row, id).await
    }

    /// A record that is found (404), that the caller reaches, and whose flags are their business.
    async fn flaggable(&self, asking: &Asking, id: &str, any: &[&str]) -> Result<Stored, Refusal> {
        let row = self.office.existing(asking, id).await?;
        asking.must("read")?;
        if !any.iter().any(|action| asking.may(action)) || !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        Ok(row)
    }

    fn about_flag(&self, asking: &Asking, request: &WriteRequest) -> (Meta, Stamp) {
        let meta = self.office.meta(asking, &request.command_id);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        (meta, stamp)
    }

    async fn decide_flag<C>(
        &self,
        meta: &Meta,
        row: &Stored,
        command: C,
    ) -> Result<Outcome<Dossier<K>>, Refusal>
    where
        C: Command<Of = Dossier<K>, Refusal = DossierRefusal> + Clone + Send + Sync,
    {
        let outcome = self.office.execute(meta, row.id, command).await;
        outcome.map_err(|error| refusals::executed(K::RECORD_TYPE, error, row.id))
    }

    /// The flag, and what changed in its record.
    async fn answer_flag(
        &self,
        asking: &Asking,
        outcome: &Outcome<Dossier<K>>,
        row: Stored,
        id: i64,
    ) -> Result<Reply, Refusal> {
        let flag = outcome.state.flags.get(&id).ok_or_else(no_such_flag)?;
        let document = outcome.state.document(&asking.index.settings);
        let json = serde_json::to_vec(&document).map_err(Refusal::internal)?;
        let record = Opened { row, json };
        let mut told = shown(asking, flag, &record).map_err(Refusal::internal)?;
        let mut reply = self.changed(asking, outcome, Some(record.row)).await?;
        let changed: Box<RawValue> =
            serde_json::from_slice(&reply.data).map_err(Refusal::internal)?;
        told["record"] = serde_json::from_str(changed.get()).map_err(Refusal::internal)?;
        reply.data = told.to_string().into_bytes().into();
        Ok(reply)
    }
}

fn no_such_flag() -> Refusal {
    Refusal::new(Code::NotFound, ErrorItem::new("Couldn't find Flag"))
}
