//! The first pass: all histories as one snapshot sees them, read by one and written by several.

use std::sync::Arc;

use deadpool_postgres::Pool;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Work;
use super::part::{AnyRebuilder, Part};
use super::snapshot::Snapshot;
use crate::event_row::EventRow;
use crate::{Store, StoreError, Tx};

/// Events of one part, about: bounds the memory, which holds a few parts at a time.
const PAGE: i64 = 4_000;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filled {
    pub streams: u64,
    pub events: u64,
}

/// Fills the tables of projections of one category.
pub(super) async fn fill(
    work: &Work<'_>,
    together: &[&dyn AnyRebuilder],
    tenants: &[Uuid],
    seen: &Snapshot,
    workers: usize,
) -> Result<Filled, StoreError> {
    let (send, receive) = channel(1);
    let receive = Arc::new(Mutex::new(receive));
    let mut writers = JoinSet::new();
    let names: Vec<&'static str> = together.iter().map(|it| it.name()).collect();
    for _ in 0..workers {
        let (store, pool) = (work.store.clone(), work.pool.clone());
        writers.spawn(write(store, pool, names.clone(), Arc::clone(&receive)));
    }
    // When all writers have failed, the channel is closed and the reader ends too.
    drop(receive);
    let category = together.first().map_or("", |it| it.category());
    let read = read(work, category, tenants, seen, send).await;
    while let Some(written) = writers.join_next().await {
        written.map_err(anyhow::Error::from)??;
    }
    read
}

async fn read(
    work: &Work<'_>,
    category: &str,
    tenants: &[Uuid],
    seen: &Snapshot,
    send: Sender<Part>,
) -> Result<Filled, StoreError> {
    let mut filled = Filled::default();
    for tenant in tenants {
        // '.' follows '-' in the order of bytes.
        let (mut at, end) = ((format!("{category}-"), 0), format!("{category}."));
        let mut rows: Vec<EventRow> = Vec::new();
        loop {
            let tx = Tx::begin_with(work.pool.get().await?, "begin read only");
            let page = seen.page(&tx, *tenant, (&at.0, at.1), &end, PAGE).await?;
            drop(tx);
            let more = page.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
            filled.events += page.len() as u64;
            rows.extend(page);
            let Some(last) = rows.last() else { break };
            at = (last.stream.clone(), last.version);
            // The last stream may go on in the next page.
            let whole = if more {
                rows.iter().rposition(|row| row.stream != at.0).map_or(0, |index| index + 1)
            } else {
                rows.len()
            };
            let rest = rows.split_off(whole);
            let part = std::mem::replace(&mut rows, rest);
            filled.streams += part.chunk_by(|a, b| a.stream == b.stream).count() as u64;
            let part = Part { tenant: *tenant, rows: part, ..Part::default() };
            if !part.rows.is_empty() && send.send(part).await.is_err() {
                return Ok(filled);
            }
            if !more {
                break;
            }
        }
    }
    Ok(filled)
}

async fn write(
    store: Store,
    pool: Pool,
    names: Vec<&'static str>,
    parts: Arc<Mutex<Receiver<Part>>>,
) -> Result<(), StoreError> {
    let all = store.inner.rebuilders.iter().map(|it| &**it);
    let together: Vec<&dyn AnyRebuilder> = all.filter(|it| names.contains(&it.name())).collect();
    let [first, others @ ..] = &together[..] else {
        return Err(StoreError::internal("a projection is gone"));
    };
    loop {
        let Some(part) = parts.lock().await.recv().await else { return Ok(()) };
        let tx = Tx::begin(pool.get().await?, part.tenant);
        first.fill(&store.inner, &tx, part, others).await?;
        tx.commit().await?;
    }
}
