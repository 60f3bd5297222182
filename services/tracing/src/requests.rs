//! Tracing requests as records: what a call means here beyond what it means for every type.

use std::collections::HashMap;

use family_tracing_domain::{TRACES, Trace, TracingKind, sought};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kit_cabinet::{Asking, Beside, Cabinet, Drawer, Office, Opened, refusals};
use kit_records::{Record, RecordType};
use kit_serve::Refusal;
use kit_store::{Burial, Meta, Removed, StoreError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

/// A cabinet of requests that knows of their traces.
pub struct RequestDrawer(pub Cabinet<TracingKind>);

/// Adds to the children whom a request seeks which case each was matched with.
pub struct Matched;

const TRACES_OF: &str =
    "SELECT id FROM trace_sought WHERE tenant = $1 AND request_id = $2 ORDER BY id";
const MATCHED: &str = "SELECT trace_id, case_id FROM trace_pair \
     WHERE tenant = $1 AND trace_id = ANY($2) AND standing = 'confirmed'";

impl Drawer for RequestDrawer {
    fn within(&self) -> &dyn Drawer {
        &self.0
    }

    fn bury<'a>(
        &'a self,
        meta: &'a Meta,
        id: Uuid,
        note: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Burial>, StoreError>> {
        async move {
            self.bury_traces(meta, id, note).await?;
            self.within().bury(meta, id, note).await
        }
        .boxed()
    }
}

impl RequestDrawer {
    /// What was proposed and decided about the traces of a request goes before it does, so that a
    /// crash between leaves the request, and with it the way to what is left.
    async fn bury_traces(&self, meta: &Meta, id: Uuid, note: &Value) -> Result<(), StoreError> {
        let store = &self.0.office.store;
        let rows = store.read(meta.tenant).await?.query(TRACES_OF, &[&meta.tenant, &id]).await?;
        for row in rows {
            let trace: Uuid = row.try_get(0)?;
            let command_id = Uuid::new_v5(&meta.command_id, trace.as_bytes());
            let meta = Meta { command_id, ..meta.clone() };
            store.bury::<Trace>(&meta, trace, note, nothing_more).await?;
        }
        Ok(())
    }
}

/// What goes with a trace is taken away by its projection.
fn nothing_more(_: &Tx) -> BoxFuture<'_, Result<Removed, StoreError>> {
    async { Ok(Vec::new()) }.boxed()
}

impl Beside for Matched {
    fn add<'a>(
        &'a self,
        office: &'a Office,
        asking: &'a Asking,
        records: &'a mut [Opened],
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        async move {
            if asking.record_type != RecordType::TracingRequest {
                return Ok(());
            }
            let mut requests: Vec<(usize, Record)> = Vec::new();
            for (at, one) in records.iter().enumerate() {
                requests.push((at, serde_json::from_slice(&one.json).map_err(Refusal::internal)?));
            }
            let traces: Vec<Uuid> =
                requests.iter().flat_map(|(_, one)| sought(one).map(|trace| trace.id)).collect();
            if traces.is_empty() {
                return Ok(());
            }
            let matched = matched(office, asking.tenant, &traces).await.map_err(refusals::store)?;
            for (at, mut request) in requests {
                show(&mut request, &matched);
                records[at].json = serde_json::to_vec(&request).map_err(Refusal::internal)?;
            }
            Ok(())
        }
        .boxed()
    }
}

async fn matched(
    office: &Office,
    tenant: Uuid,
    traces: &[Uuid],
) -> Result<HashMap<Uuid, Uuid>, StoreError> {
    let rows = office.store.read(tenant).await?.query(MATCHED, &[&tenant, &traces]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn show(request: &mut Record, matched: &HashMap<Uuid, Uuid>) {
    let entries = request.get_mut(TRACES).and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
        let id = entry.get("unique_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let case = id.and_then(|id: Uuid| matched.get(&id));
        entry.insert("matched_case_id".into(), json!(case));
    }
}
