//! One case.

use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::query;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use uuid::Uuid;

use crate::answer::{Answer, View};
use crate::refusals;
use crate::service::{Asking, Cases, pairs};
use crate::sql::told;
use crate::stored::{COLUMNS, Opened, Stored, open_all};

impl Cases {
    /// `GET /cases/:id`.
    pub async fn get_case(&self, asking: &Asking, request: &GetRequest) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.reachable(asking, &request.id).await?;
        self.shown(asking, row, request).await
    }

    /// `GET /cases/identified`: the one case that is the caller's own.
    pub async fn get_identified_case(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let tx = self.read(asking).await?;
        let found = select_identified(&tx, asking).await.map_err(refusals::store)?;
        drop(tx);
        let row = found.ok_or_else(|| refusals::no_such_case(""))?;
        self.shown(asking, row, request).await
    }

    async fn shown(
        &self,
        asking: &Asking,
        row: Stored,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let asked = query::parse(&pairs(&request.parameters), &|_| false);
        let fields = asked.map_err(refusals::unreadable)?.fields;
        let module = row.module.clone();
        let case = self.opened(asking, row).await?;
        let view = View::Asked(&fields);
        let answer = Answer::new(&asking.principal, &asking.index, module.as_deref(), view);
        let json = answer.write(&case, &[]).map_err(Refusal::internal)?;
        Ok(reply_with(json, &case))
    }

    /// The row of a case that exists (404) and lies within the caller's reach (403).
    pub async fn reachable(&self, asking: &Asking, id: &str) -> Result<Stored, Refusal> {
        let row = self.existing(asking, id).await?;
        if row.is_within(&asking.reach()) { Ok(row) } else { Err(Refusal::forbidden()) }
    }

    /// The row of a case that exists.
    pub async fn existing(&self, asking: &Asking, id: &str) -> Result<Stored, Refusal> {
        let unknown = || refusals::no_such_case(id);
        let parsed: Uuid = id.parse().map_err(|_| unknown())?;
        let tx = self.read(asking).await?;
        let found = select_case(&tx, asking.tenant, parsed).await.map_err(refusals::store)?;
        drop(tx);
        match found {
            Some(row) => Ok(row),
            None => Err(self.gone(asking, parsed).await),
        }
    }

    /// The document of one row.
    pub async fn opened(&self, asking: &Asking, row: Stored) -> Result<Opened, Refusal> {
        let id = row.id;
        let opened = open_all(self.store.keys(), asking.tenant, vec![row]).await;
        let case = opened.map_err(refusals::store)?.pop();
        match case {
            Some(case) => Ok(case),
            None => Err(self.gone(asking, id).await),
        }
    }
}

/// An answer that holds one case.
pub fn reply_with(json: Vec<u8>, case: &Opened) -> Reply {
    Reply {
        data: json.into(),
        version: case.row.version,
        record_ids: vec![case.row.id.to_string()],
        ..Reply::default()
    }
}

async fn select_case(tx: &Tx, tenant: Uuid, id: Uuid) -> Result<Option<Stored>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM case_row r WHERE r.tenant = $1 AND r.id = $2");
    told(&sql);
    let row = tx.query_opt(&sql, &[&tenant, &id]).await?;
    row.as_ref().map(Stored::read).transpose()
}

async fn select_identified(tx: &Tx, asking: &Asking) -> Result<Option<Stored>, StoreError> {
    let user_name = &asking.principal.user_name;
    let sql = format!(
        "SELECT {COLUMNS} FROM case_term t JOIN case_row r ON r.tenant = t.tenant AND r.id = t.id \
         WHERE t.tenant = $1 AND t.term = scope_term('identified_by', $2) LIMIT 1"
    );
    let row = tx.query_opt(&sql, &[&asking.tenant, user_name]).await?;
    row.as_ref().map(Stored::read).transpose()
}
