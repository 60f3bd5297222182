//! What is asked of the audit read model.

pub mod access_log;
pub mod activity;
pub mod audit_logs;
pub mod reading;

use futures_util::future::try_join;
use kit_store::{StoreError, Tx};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::parameters::Page;

type Param = Box<dyn ToSql + Sync + Send>;

/// Conditions on a table, with their parameters. The first is the tenant.
pub(crate) struct Conditions {
    table: &'static str,
    text: String,
    params: Vec<Param>,
}

impl Conditions {
    pub fn new(tenant: Uuid) -> Self {
        Self::on("audit_entry", tenant)
    }

    pub fn on(table: &'static str, tenant: Uuid) -> Self {
        Self { table, text: "tenant = $1".to_owned(), params: vec![Box::new(tenant)] }
    }

    /// Adds a condition; `?` in it stands for the parameter.
    pub fn and(&mut self, condition: &str, value: impl ToSql + Sync + Send + 'static) {
        self.params.push(Box::new(value));
        let place = format!("${}", self.params.len());
        self.text.push_str(" AND ");
        self.text.push_str(&condition.replace('?', &place));
    }

    fn refs(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect()
    }

    /// A page of entries and how many there are in all, in one trip.
    pub async fn page(
        &self,
        tx: &Tx,
        columns: &str,
        order: &str,
        page: Page,
    ) -> Result<(Vec<Row>, i64), StoreError> {
        let (at, table) = (self.params.len(), self.table);
        let rows = format!(
            "SELECT {columns} FROM {table} WHERE {} ORDER BY {order} LIMIT ${} OFFSET ${}",
            self.text,
            at + 1,
            at + 2
        );
        let total = format!("SELECT count(*) FROM {table} WHERE {}", self.text);
        let offset = page.offset();
        let (params, mut with_page) = (self.refs(), self.refs());
        with_page.push(&page.per);
        with_page.push(&offset);
        let (rows, total) =
            try_join(tx.query(&rows, &with_page), tx.query_one(&total, &params)).await?;
        Ok((rows, total.try_get(0)?))
    }
}
