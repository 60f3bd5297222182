//! What applies another service's facts.

use futures_util::future::BoxFuture;
use kit_proto::facts::v1::Fact;
use kit_store::{LogPosition, StoreError, Tx};
use uuid::Uuid;

/// A fact as it arrived.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub tenant: Uuid,
    pub event_id: Uuid,
    /// Its place in the source's log; grows within a partition.
    pub at: LogPosition,
    /// W3C `traceparent` of the call that led to it.
    pub trace: Option<String>,
    pub fact: Fact,
}

/// Applies the facts of one other service to this service's tables.
pub trait Consumer: Send + Sync + 'static {
    /// Names its checkpoint. Another name starts from the first fact again.
    const NAME: &'static str;
    /// The service whose facts these are.
    const SOURCE: &'static str;

    /// Gives the commands that follow from facts of one tenant to streams of this service; called
    /// before the transaction is begun, and again until it commits: the id of each command has to
    /// follow from the fact. Whoever asks the store for a connection asks here, never in
    /// [`Consumer::apply`], where one is held: with every partition holding one and waiting for
    /// another, the pool gives none to anybody.
    fn react(&self, facts: &[&Delivered]) -> impl Future<Output = Result<(), StoreError>> + Send {
        let _ = facts;
        std::future::ready(Ok(()))
    }

    /// Writes what the fact means. The transaction acts for the fact's tenant, and also moves
    /// the checkpoint: each fact has its effect once.
    fn apply(
        &self,
        tx: &Tx,
        fact: &Delivered,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// As [`Consumer::apply`], of facts of one tenant that came together, in order. Override it
    /// where fewer statements will do: a consumer is as fast as its round trips are few.
    fn apply_all(
        &self,
        tx: &Tx,
        facts: &[&Delivered],
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move {
            for fact in facts {
                self.apply(tx, fact).await?;
            }
            Ok(())
        }
    }

    /// Called after the transaction was committed: to drop caches, never to write.
    fn applied(&self, facts: &[&Delivered]) {
        let _ = facts;
    }
}

/// [`Consumer`] as a trait object.
pub(crate) trait AnyConsumer: Send + Sync {
    fn name(&self) -> &'static str;
    fn source(&self) -> &'static str;
    fn react<'a>(&'a self, facts: &'a [&'a Delivered]) -> BoxFuture<'a, Result<(), StoreError>>;
    fn apply_all<'a>(
        &'a self,
        tx: &'a Tx,
        facts: &'a [&'a Delivered],
    ) -> BoxFuture<'a, Result<(), StoreError>>;
    fn applied(&self, facts: &[&Delivered]);
}

impl<C: Consumer> AnyConsumer for C {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn source(&self) -> &'static str {
        C::SOURCE
    }

    fn react<'a>(&'a self, facts: &'a [&'a Delivered]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(Consumer::react(self, facts))
    }

    fn apply_all<'a>(
        &'a self,
        tx: &'a Tx,
        facts: &'a [&'a Delivered],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(Consumer::apply_all(self, tx, facts))
    }

    fn applied(&self, facts: &[&Delivered]) {
        Consumer::applied(self, facts);
    }
}
