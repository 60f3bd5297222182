//! `GET /cases/identified`: the one case that is the caller's own.

use kit_cabinet::{Asking, COLUMNS, Stored};
use kit_proto::common::v1::{GetRequest, Reply};
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};

use crate::cases::Cases;
use kit_cabinet::refusals;

impl Cases {
    /// The case that the caller is the identified person of.
    pub async fn get_identified_case(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let tx = self.office.read(asking).await?;
        let found = select(&tx, asking).await.map_err(refusals::store)?;
        drop(tx);
        let row = found.ok_or_else(|| refusals::no_such(asking.record_type, ""))?;
        self.office.shown(asking, row, request).await
    }
}

async fn select(tx: &Tx, asking: &Asking) -> Result<Option<Stored>, StoreError> {
    let user_name = &asking.principal.user_name;
    let sql = format!(
        "SELECT {COLUMNS} FROM case_term t JOIN case_row r ON r.tenant = t.tenant AND r.id = t.id \
         WHERE t.tenant = $1 AND t.term = scope_term('identified_by', $2) LIMIT 1"
    );
    let row = tx.query_opt(&sql, &[&asking.tenant, user_name]).await?;
    row.as_ref().map(Stored::read).transpose()
}
