//! Forms, lookups, modules, reports and settings as they are now: table `object`.

use std::marker::PhantomData;

use configuration_domain::{Form, Lookup, Module, Report, Settings};
use jiff::Timestamp;
use kit_store::{Change, Projection, StoreError, Stored, Tx};
use uuid::Uuid;

use super::count_change;

/// An aggregate whose state is kept as one row.
pub trait Kept: Stored {
    /// The name of the projection.
    const TABLE: &'static str;
    /// The kind in the table.
    const KIND: &'static str;
    fn number(&self) -> i64;
    fn unique_id(&self) -> &str;
    fn exists(&self) -> bool;
}

macro_rules! kept {
    ($($aggregate:ty, $kind:literal;)*) => {$(
        impl Kept for $aggregate {
            const TABLE: &'static str = concat!("object_", $kind);
            const KIND: &'static str = $kind;
            fn number(&self) -> i64 {
                self.id
            }
            fn unique_id(&self) -> &str {
                <$aggregate>::unique_id(self)
            }
            fn exists(&self) -> bool {
                self.exists
            }
        }
    )*};
}

kept! {
    Form, "form";
    Lookup, "lookup";
    Module, "module";
    Report, "report";
}

impl Kept for Settings {
    const TABLE: &'static str = "object_settings";
    const KIND: &'static str = "settings";

    fn number(&self) -> i64 {
        1
    }

    fn unique_id(&self) -> &'static str {
        "system"
    }

    fn exists(&self) -> bool {
        self.exists
    }
}

/// Writes the rows of one kind.
pub struct Objects<A>(PhantomData<fn() -> A>);

impl<A> Objects<A> {
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

#[derive(Default)]
struct Rows {
    ids: Vec<i64>,
    unique_ids: Vec<String>,
    documents: Vec<String>,
    created: Vec<Timestamp>,
    updated: Vec<Timestamp>,
}

impl<A: Kept> Projection<A> for Objects<A> {
    const NAME: &'static str = A::TABLE;
    const TABLES: &'static [&'static str] = &["object"];
    const BESIDE: &'static [&'static str] = &["configuration_version"];

    async fn project(&self, tx: &Tx, changes: &[Change<A>]) -> Result<(), StoreError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let tenant = first.tenant;
        count_change(tx, tenant).await?;
        let gone: Vec<i64> = changes
            .iter()
            .filter(|one| !one.after.exists())
            .map(|one| one.after.number())
            .collect();
        let sql = "delete from object where tenant = $1 and kind = $2 and id = any($3)";
        tx.execute(sql, &[&tenant, &A::KIND, &gone]).await?;
        let mut rows = Rows::default();
        for change in changes.iter().filter(|one| one.after.exists()) {
            rows.add(change)?;
        }
        rows.write(tx, tenant, A::KIND).await
    }
}

impl Rows {
    fn add<A: Kept>(&mut self, change: &Change<A>) -> Result<(), StoreError> {
        let at = |micros| Timestamp::from_microsecond(micros).unwrap_or_default();
        self.ids.push(change.after.number());
        self.unique_ids.push(change.after.unique_id().to_owned());
        self.documents.push(serde_json::to_string(&*change.after)?);
        self.created.push(at(change.recorded.first().map_or(0, |one| one.at_unix_us)));
        self.updated.push(at(change.recorded.last().map_or(0, |one| one.at_unix_us)));
        Ok(())
    }

    async fn write(self, tx: &Tx, tenant: Uuid, kind: &str) -> Result<(), StoreError> {
        let sql = "insert into object \
             (tenant, kind, id, unique_id, document, created_at, updated_at) \
             select $1, $2, * from unnest($3::int8[], $4::text[], $5::text[], \
             $6::timestamptz[], $7::timestamptz[]) \
             on conflict (tenant, kind, id) do update set unique_id = excluded.unique_id, \
             document = excluded.document, updated_at = excluded.updated_at";
        let Self { ids, unique_ids, documents, created, updated } = self;
        tx.execute(sql, &[&tenant, &kind, &ids, &unique_ids, &documents, &created, &updated])
            .await?;
        Ok(())
    }
}
