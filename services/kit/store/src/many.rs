//! Loading many streams with two statements and one call to the keyring.

use std::collections::HashMap;

use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow};
use crate::load::{Found, Loaded};
use crate::store::Inner;
use crate::{KeyState, Store, StoreError, Stored, stream_name};

/// Streams per statement.
const CHUNK: usize = 2_000;

impl Store {
    /// The present states of many streams, by id; erased and unknown ones are left out.
    pub async fn load_many<A: Stored>(
        &self,
        tenant: Uuid,
        ids: impl IntoIterator<Item = impl std::fmt::Display>,
    ) -> Result<HashMap<String, Loaded<A>>, StoreError> {
        let streams = ids.into_iter().map(stream_name::<A>).collect();
        let found = self.inner.load_many::<A>(tenant, streams).await?;
        let prefix = A::CATEGORY.len() + 1;
        let there = found.into_iter().filter(|(_, loaded)| loaded.exists());
        Ok(there.map(|(stream, loaded)| (stream[prefix..].to_owned(), loaded)).collect())
    }
}

impl Inner {
    /// Loads the streams; those that do not exist are at version 0, erased ones left out.
    pub(crate) async fn load_many<A: Stored>(
        &self,
        tenant: Uuid,
        streams: Vec<String>,
    ) -> Result<Vec<(String, Loaded<A>)>, StoreError> {
        let mut all = Vec::with_capacity(streams.len());
        for streams in streams.chunks(CHUNK) {
            self.load_chunk::<A>(tenant, streams, &mut all).await?;
        }
        Ok(all)
    }

    async fn load_chunk<A: Stored>(
        &self,
        tenant: Uuid,
        streams: &[String],
        all: &mut Vec<(String, Loaded<A>)>,
    ) -> Result<(), StoreError> {
        let mut found = self.find_many::<A>(tenant, streams).await?;
        let keys = found.values().flat_map(Found::key_ids);
        let keys = self.keys.open(tenant, keys).await?;
        let gone = |id: &Uuid| matches!(keys.get(id), Some(KeyState::Destroyed(_)));
        for stream in streams {
            let Some(found) = found.remove(stream) else {
                all.push((stream.clone(), Loaded::nothing()));
                continue;
            };
            if found.key_ids().iter().any(gone) {
                continue;
            }
            match self.open_found(tenant, stream, Loaded::nothing(), found).await {
                Err(StoreError::Erased) => {}
                loaded => all.push((stream.clone(), loaded?)),
            }
        }
        Ok(())
    }

    async fn find_many<A: Stored>(
        &self,
        tenant: Uuid,
        streams: &[String],
    ) -> Result<HashMap<String, Found>, StoreError> {
        let tail = format!(
            "select {COLUMNS} from event where tenant = $1 and stream = any($2) and version > \
             coalesce((select version from snapshot where snapshot.tenant = $1 \
             and snapshot.stream = event.stream and snapshot.schema = $3), 0) \
             order by stream, version"
        );
        let snapshots = "select version, payload, key_id, hash, stream from snapshot \
             where tenant = $1 and stream = any($2) and schema = $3";
        let tx = self.read(tenant).await?;
        let (tail, snapshots) = futures_util::future::try_join(
            tx.query(&tail, &[&tenant, &streams, &A::STATE]),
            tx.query(snapshots, &[&tenant, &streams, &A::STATE]),
        )
        .await?;
        let mut found: HashMap<String, Found> = HashMap::new();
        for row in snapshots {
            let stream: String = row.try_get(4)?;
            found.entry(stream).or_default().snapshot = Some(row);
        }
        for row in &tail {
            let row = EventRow::read(row)?;
            found.entry(row.stream.clone()).or_default().tail.push(row);
        }
        Ok(found)
    }
}
