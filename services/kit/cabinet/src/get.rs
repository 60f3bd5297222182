//! One record.

use std::sync::LazyLock;

use futures_util::future::join;
use kit_dossier::{Dossier, Kind};
use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::query;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use uuid::Uuid;

use crate::answer::{Answer, View};
use crate::office::{Asking, Office, pairs};
use crate::refusals;
use crate::sql::told;
use crate::stored::{COLUMNS, Opened, Stored, open_all};

impl Office {
    /// One record.
    pub async fn get_record(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.reachable(asking, &request.id).await?;
        self.shown(asking, row, request).await
    }

    /// The answer that shows one record.
    pub async fn shown(
        &self,
        asking: &Asking,
        row: Stored,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let asked = query::parse(&pairs(&request.parameters), &|_| false);
        let fields = asked.map_err(refusals::unreadable)?.fields;
        let module = row.module.clone();
        let mut record = self.opened(asking, row).await?;
        self.add_beside(asking, std::slice::from_mut(&mut record)).await?;
        let view = View::Asked(&fields);
        let answer = Answer::new(asking, module.as_deref(), view);
        let json = answer.write(&record, &[]).map_err(Refusal::internal)?;
        Ok(reply_with(json, &record))
    }

    /// The row of a record that exists (404) and lies within the caller's reach (403).
    pub async fn reachable(&self, asking: &Asking, id: &str) -> Result<Stored, Refusal> {
        let row = self.existing(asking, id).await?;
        if row.is_within(&asking.reach()) { Ok(row) } else { Err(Refusal::forbidden()) }
    }

    /// The row of a record that exists.
    pub async fn existing(&self, asking: &Asking, id: &str) -> Result<Stored, Refusal> {
        let id = known_form(asking, id)?;
        let tx = self.read(asking).await?;
        let found = select_record(&tx, asking, id).await;
        drop(tx);
        self.row_or_gone(asking, id, found).await
    }

    /// As [`Office::existing`], for a change: the record's state is read on the same way, so that
    /// the command need not ask for it, and not the document, which follows from the state.
    pub async fn existing_to_change<K: Kind>(
        &self,
        asking: &Asking,
        id: &str,
    ) -> Result<Stored, Refusal>
    where
        Dossier<K>: kit_store::Stored,
    {
        let id = known_form(asking, id)?;
        let tx = self.read(asking).await?;
        let state = self.store.load_within::<Dossier<K>>(&tx, asking.tenant, id);
        // Whatever keeps it from being read, the command meets it again.
        let (found, _state) = join(select(&tx, asking, id, WITHOUT_DOCUMENT.as_str()), state).await;
        drop(tx);
        self.row_or_gone(asking, id, found).await
    }

    async fn row_or_gone(
        &self,
        asking: &Asking,
        id: Uuid,
        found: Result<Option<Stored>, StoreError>,
    ) -> Result<Stored, Refusal> {
        match found.map_err(refusals::store)? {
            Some(row) => Ok(row),
            None => Err(self.gone(asking, id).await),
        }
    }

    /// The document of one row.
    pub async fn opened(&self, asking: &Asking, row: Stored) -> Result<Opened, Refusal> {
        let id = row.id;
        let opened = open_all(self.store.keys(), asking.tables(), asking.tenant, vec![row]).await;
        let record = opened.map_err(refusals::store)?.pop();
        match record {
            Some(record) => Ok(record),
            None => Err(self.gone(asking, id).await),
        }
    }
}

/// The id, if it is one.
fn known_form(asking: &Asking, id: &str) -> Result<Uuid, Refusal> {
    id.parse().map_err(|_| refusals::no_such(asking.record_type, id))
}

/// An answer that holds one record.
pub fn reply_with(json: Vec<u8>, record: &Opened) -> Reply {
    Reply {
        data: json.into(),
        version: record.row.version,
        record_ids: vec![record.row.id.to_string()],
        ..Reply::default()
    }
}

/// The document lies apart from its row, and takes several reads.
pub(crate) static WITHOUT_DOCUMENT: LazyLock<String> =
    LazyLock::new(|| COLUMNS.replace("r.document", "''::bytea AS document"));

async fn select_record(tx: &Tx, asking: &Asking, id: Uuid) -> Result<Option<Stored>, StoreError> {
    select(tx, asking, id, COLUMNS).await
}

async fn select(
    tx: &Tx,
    asking: &Asking,
    id: Uuid,
    columns: &str,
) -> Result<Option<Stored>, StoreError> {
    let row = asking.tables().row;
    let sql = format!("SELECT {columns} FROM {row} r WHERE r.tenant = $1 AND r.id = $2");
    told(&sql);
    let row = tx.query_opt(&sql, &[&asking.tenant, &id]).await?;
    row.as_ref().map(Stored::read).transpose()
}
