//! A unit of work: several streams, one transaction.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use kit_decider::Command;
use uuid::Uuid;

use crate::append::{self, CommandRow, Span};
use crate::draft::{AnyBatch, Batch};
use crate::load::{Loaded, find};
use crate::store::Inner;
use crate::{ExecuteError, Meta, StoreError, Stored, Tx, stream_name};

/// The longest list of streams that is kept for one command.
const KEPT_SPANS: usize = 1_000;

/// Commands carried out on several streams, stored together by [`Unit::commit`] or not at all.
///
/// Streams are read outside the transaction that writes. The version guards each one that is
/// written; one that is only read may have changed by then.
pub struct Unit {
    pub(crate) inner: Arc<Inner>,
    pub(crate) meta: Meta,
    batches: HashMap<TypeId, Box<dyn AnyBatch>>,
    commands: Vec<CommandRow>,
    command_at: HashMap<Uuid, usize>,
}

impl Unit {
    pub(crate) fn new(inner: Arc<Inner>, meta: &Meta, name: &str) -> Self {
        let mut unit = Self {
            inner,
            meta: meta.clone(),
            batches: HashMap::new(),
            commands: Vec::new(),
            command_at: HashMap::new(),
        };
        unit.command(meta, name);
        unit
    }

    /// Under what this unit acts.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The state of a stream, as this unit has left it so far.
    pub async fn load<A: Stored>(
        &mut self,
        id: impl std::fmt::Display + Send,
    ) -> Result<Loaded<A>, StoreError> {
        self.current(&stream_name::<A>(id)).await
    }

    /// Loads many streams in one go, so that commands on them need not.
    pub async fn preload<A: Stored>(
        &mut self,
        ids: impl IntoIterator<Item = impl std::fmt::Display>,
    ) -> Result<(), StoreError> {
        let streams: Vec<_> = ids.into_iter().map(stream_name::<A>).collect();
        let found = self.inner.load_many::<A>(self.meta.tenant, streams).await?;
        let meta = self.meta.clone();
        let batch = self.batch::<A>();
        for (stream, loaded) in found {
            if batch.current(&stream).is_none() {
                batch.open(&meta, stream, loaded);
            }
        }
        Ok(())
    }

    /// Decides a command on a stream; its events are stored with the rest by [`Unit::commit`].
    pub async fn execute<C>(
        &mut self,
        id: impl std::fmt::Display + Send,
        command: C,
    ) -> Result<Loaded<C::Of>, ExecuteError<C::Refusal>>
    where
        C: Command<Of: Stored> + Send,
    {
        let meta = self.meta.clone();
        self.execute_as(&meta, id, command).await
    }

    /// As [`Unit::execute`], by another actor, at another time, under its own command id.
    pub async fn execute_as<C>(
        &mut self,
        meta: &Meta,
        id: impl std::fmt::Display + Send,
        command: C,
    ) -> Result<Loaded<C::Of>, ExecuteError<C::Refusal>>
    where
        C: Command<Of: Stored> + Send,
    {
        let name = command_name::<C>();
        self.decide(meta, name, id, |state| command.decide(state)).await
    }

    /// As [`Unit::execute`] for a stream that is known to be new: nothing is loaded, and if
    /// it exists after all, [`Unit::commit`] says [`StoreError::Conflict`].
    pub async fn create<C>(
        &mut self,
        meta: &Meta,
        id: impl std::fmt::Display + Send,
        command: C,
    ) -> Result<Loaded<C::Of>, ExecuteError<C::Refusal>>
    where
        C: Command<Of: Stored> + Send,
    {
        let stream = stream_name::<C::Of>(&id);
        let batch = self.batch::<C::Of>();
        if batch.current(&stream).is_none() {
            batch.open(meta, stream, Loaded::nothing());
        }
        self.execute_as(meta, id, command).await
    }

    /// Decides by a function instead of a command.
    pub async fn decide<A: Stored, R>(
        &mut self,
        meta: &Meta,
        name: &str,
        id: impl std::fmt::Display + Send,
        decide: impl FnOnce(&A) -> Result<Vec<A::Event>, R> + Send,
    ) -> Result<Loaded<A>, ExecuteError<R>> {
        let stream = stream_name::<A>(id);
        let current = self.current::<A>(&stream).await?;
        let events = decide(&current.state).map_err(ExecuteError::Refused)?;
        self.append::<A>(meta, name, &stream, current, events).await.map_err(Into::into)
    }

    pub(crate) async fn append<A: Stored>(
        &mut self,
        meta: &Meta,
        name: &str,
        stream: &str,
        current: Loaded<A>,
        events: Vec<A::Event>,
    ) -> Result<Loaded<A>, StoreError> {
        let before = current.version;
        let after = before + events.len() as u64;
        let fresh = A::SEALED && current.key.is_none();
        // While nobody else holds the state, the events are folded into it without a copy.
        drop(current);
        if !events.is_empty() {
            let key = if fresh { Some(self.inner.keys.fresh(meta.tenant).await?) } else { None };
            self.batch::<A>().add(meta, stream, events, key)?;
        }
        let at = self.command(meta, name);
        let spans = &mut self.commands[at].streams;
        if spans.len() < KEPT_SPANS {
            spans.push((stream.to_owned(), before + 1, after));
        }
        let vanished = || StoreError::internal("a unit lost its stream");
        self.batch::<A>().current(stream).ok_or_else(vanished)
    }

    async fn current<A: Stored>(&mut self, stream: &str) -> Result<Loaded<A>, StoreError> {
        if let Some(current) = self.batch::<A>().current(stream) {
            return Ok(current);
        }
        let loaded = self.inner.load::<A>(self.meta.tenant, stream).await?;
        let meta = self.meta.clone();
        self.batch::<A>().open(&meta, stream.to_owned(), loaded.clone());
        Ok(loaded)
    }

    pub(crate) fn batch<A: Stored>(&mut self) -> &mut Batch<A> {
        self.batches
            .entry(TypeId::of::<A>())
            .or_insert_with(|| Box::new(Batch::<A>::new()))
            .as_any()
            .downcast_mut()
            .expect("kept under its own type")
    }

    /// The row of this command; many steps may belong to one.
    fn command(&mut self, meta: &Meta, name: &str) -> usize {
        let commands = &mut self.commands;
        *self.command_at.entry(meta.command_id).or_insert_with(|| {
            commands.push(CommandRow {
                id: meta.command_id,
                actor: meta.actor.clone(),
                name: name.to_owned(),
                streams: Vec::new(),
                recorded_at: meta.now,
            });
            commands.len() - 1
        })
    }

    /// Stores all of it in one transaction with the projections' rows, or nothing.
    pub async fn commit(mut self) -> Result<Vec<Span>, StoreError> {
        self.store().await?;
        Ok(self.commands.swap_remove(0).streams)
    }

    pub(crate) async fn store(&mut self) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        let chain = inner.keys.index(self.meta.tenant, append::CHAIN).await?;
        let tx = inner.begin(self.meta.tenant).await?;
        append::prepare(&tx).await?;
        let rows: Vec<_> = self.batches.values_mut().flat_map(|batch| batch.rows()).collect();
        let mut snapshots = Vec::new();
        for batch in self.batches.values() {
            snapshots.extend(batch.snapshots()?);
        }
        let tenant = self.meta.tenant;
        let (logged, snapshots, projected) = futures_util::future::join3(
            append::log(&tx, tenant, &self.commands, &rows, &chain),
            append::snapshots(&tx, tenant, &snapshots),
            self.project(&tx),
        )
        .await;
        // In the order sent: the first failure is the cause of those after it.
        logged.map_err(as_conflict).inspect_err(|error| {
            if matches!(error, StoreError::Conflict) {
                inner.conflicts.fetch_add(1, Relaxed);
            }
        })?;
        snapshots?;
        projected?;
        tx.commit().await?;
        for batch in self.batches.values() {
            batch.remember(&inner);
        }
        inner.appended.fetch_add(rows.len() as u64, Relaxed);
        if !rows.is_empty() {
            inner.woken.notify_one();
        }
        Ok(())
    }

    async fn project(&self, tx: &Tx) -> Result<(), StoreError> {
        for batch in self.batches.values() {
            batch.project(&self.inner, tx).await?;
        }
        Ok(())
    }
}

/// A version or a command id that another transaction took first.
fn as_conflict(error: StoreError) -> StoreError {
    match error {
        StoreError::Taken { constraint }
            if constraint == "event_pkey" || constraint == "command_pkey" =>
        {
            StoreError::Conflict
        }
        other => other,
    }
}

/// `CloseCase` of `cases_domain::commands::CloseCase`.
pub(crate) fn command_name<C>() -> &'static str {
    let name = std::any::type_name::<C>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

impl Inner {
    pub(crate) async fn load<A: Stored>(
        &self,
        tenant: Uuid,
        stream: &str,
    ) -> Result<Loaded<A>, StoreError> {
        let tx = self.read(tenant).await?;
        self.load_within(&tx, tenant, stream).await
    }

    pub(crate) async fn load_within<A: Stored>(
        &self,
        tx: &Tx,
        tenant: Uuid,
        stream: &str,
    ) -> Result<Loaded<A>, StoreError> {
        let known = self.recall::<A>(tenant, stream);
        let found = find::<A>(tx, tenant, stream, known.version).await?;
        let known_version = known.version;
        let loaded = self.open_found(tenant, stream, known, found).await?;
        if loaded.version > known_version {
            self.remember(tenant, stream, loaded.clone());
        }
        Ok(loaded)
    }
}
