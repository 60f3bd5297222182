//! Read models that commit with the events they show.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_decider::Recorded;
use kit_seal::DataKey;
use uuid::Uuid;

use crate::{StoreError, Stored, Tx};

/// What one transaction, or a rebuild, did to one stream.
#[derive(Debug)]
pub struct Change<A: Stored> {
    pub tenant: Uuid,
    pub stream: String,
    /// The stream's name without its category.
    pub id: String,
    /// In order. A rebuild hands over the whole history at once.
    pub recorded: Vec<Recorded<A::Event>>,
    pub before: Arc<A>,
    pub after: Arc<A>,
    /// Of `after`.
    pub version: u64,
    /// The record's own key, to seal what its rows hold; none for unsealed streams.
    pub key: Option<DataKey>,
}

/// A read model: events written as rows in the transaction that appends them.
///
/// The rows must follow from the events and the last state alone (not from the clock, and
/// not from how the events were grouped), so that a rebuild gives the same.
pub trait Projection<A: Stored>: Send + Sync + 'static {
    /// What it is called; as a rule the table it owns.
    const NAME: &'static str;
    /// Raise it when the rows must be made anew; the next start rebuilds them.
    const VERSION: i32 = 1;
    /// The tables whose rows it makes, alone or with other projections of the same table: a
    /// rebuild makes new ones and puts them in their place.
    const TABLES: &'static [&'static str] = &[Self::NAME];
    /// Tables it also writes, of which only what the running model wrote counts, such as
    /// counters of changes: a rebuild leaves them as they are.
    const BESIDE: &'static [&'static str] = &[];
    /// Where others than this projection write its rows too (consumers, upkeep): the table, and
    /// the column with the id of the row's stream. A rebuild then makes those rows once more that
    /// were touched meanwhile: `project` has to overwrite what is there.
    const TOUCHED: Option<(&'static str, &'static str)> = None;

    /// Whether `fill` only adds rows. A rebuild then makes keys and indexes when all rows are there,
    /// which costs a fraction; until then nothing but `fill` writes, and nothing can be looked up.
    const BARE: bool = false;

    /// Writes the rows of these changes. Many at once in an import: use multi-row statements.
    fn project(
        &self,
        tx: &Tx,
        changes: &[Change<A>],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// As [`Projection::project`], of whole histories into tables that hold nothing of these
    /// streams yet: a rebuild. Override it where COPY or fewer statements will do.
    fn fill(
        &self,
        tx: &Tx,
        changes: &[Change<A>],
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.project(tx, changes)
    }

    /// Deletes the rows of a record whose key was destroyed.
    fn erase(
        &self,
        tx: &Tx,
        tenant: Uuid,
        id: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        let _ = (tx, tenant, id);
        std::future::ready(Ok(()))
    }
}

/// [`Projection`] as a trait object.
pub(crate) trait AnyProjection<A: Stored>: Send + Sync {
    fn name(&self) -> &'static str;
    fn version(&self) -> i32;
    fn tables(&self) -> &'static [&'static str];
    fn beside(&self) -> &'static [&'static str];
    fn touched(&self) -> Option<(&'static str, &'static str)>;
    fn is_bare(&self) -> bool;
    fn fill<'a>(
        &'a self,
        tx: &'a Tx,
        changes: &'a [Change<A>],
    ) -> BoxFuture<'a, Result<(), StoreError>>;
    fn project<'a>(
        &'a self,
        tx: &'a Tx,
        changes: &'a [Change<A>],
    ) -> BoxFuture<'a, Result<(), StoreError>>;
    fn erase<'a>(
        &'a self,
        tx: &'a Tx,
        tenant: Uuid,
        id: &'a str,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl<A: Stored, P: Projection<A>> AnyProjection<A> for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> i32 {
        P::VERSION
    }

    fn project<'a>(
        &'a self,
        tx: &'a Tx,
        changes: &'a [Change<A>],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(Projection::project(self, tx, changes))
    }

    fn tables(&self) -> &'static [&'static str] {
        P::TABLES
    }

    fn beside(&self) -> &'static [&'static str] {
        P::BESIDE
    }

    fn touched(&self) -> Option<(&'static str, &'static str)> {
        P::TOUCHED
    }

    fn is_bare(&self) -> bool {
        P::BARE
    }

    fn fill<'a>(
        &'a self,
        tx: &'a Tx,
        changes: &'a [Change<A>],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(Projection::fill(self, tx, changes))
    }

    fn erase<'a>(
        &'a self,
        tx: &'a Tx,
        tenant: Uuid,
        id: &'a str,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(Projection::erase(self, tx, tenant, id))
    }
}
