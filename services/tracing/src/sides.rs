//! Owns table `trace_sought`: the traces of all requests, and what matching needs of each.

use family_tracing_domain::{TracingRequest, sought};
use kit_cabinet::place_paths;
use kit_records::Record;
use kit_store::{Change, Projection, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::cards::Card;
use crate::keep_up::Waker;
use crate::turns::{self, What};

/// Writes what a request says of the children whom it looks for.
pub struct TracesSought {
    pub waker: Waker,
}

/// The index that keeps a trace from belonging to two requests.
const ONE_REQUEST: &str = "trace_sought_pkey";

impl Projection<TracingRequest> for TracesSought {
    const NAME: &'static str = "trace_sought";
    const BESIDE: &'static [&'static str] = &["matching_turn"];

    async fn project(&self, tx: &Tx, changes: &[Change<TracingRequest>]) -> Result<(), StoreError> {
        for change in changes.iter().filter(|change| !change.recorded.is_empty()) {
            self.write(tx, change).await?;
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let sql = "DELETE FROM trace_sought WHERE tenant = $1 AND request_id = $2 RETURNING id";
        let rows = tx.query(sql, &[&tenant, &id]).await?;
        let gone: Vec<Uuid> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        turns::note(tx, tenant, &gone, What::Trace).await?;
        self.waker.wake(tenant);
        Ok(())
    }
}

impl TracesSought {
    async fn write(&self, tx: &Tx, change: &Change<TracingRequest>) -> Result<(), StoreError> {
        let (tenant, request) = (change.tenant, &*change.after);
        let document = request.document(&Record::new());
        let Some(key) = &change.key else {
            return Err(StoreError::Internal(anyhow::anyhow!("a request has no key")));
        };
        let places = place_paths(tx, tenant, &[&document]).await?;
        let sql = "INSERT INTO trace_sought \
             (tenant, id, request_id, owned_by, wanted, key_id, sealed, people) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, id) DO UPDATE SET \
             owned_by = excluded.owned_by, people = excluded.people, wanted = excluded.wanted, key_id = excluded.key_id, \
             sealed = excluded.sealed WHERE trace_sought.request_id = excluded.request_id";
        let (people, mut ids) = (people_of(&document), Vec::new());
        for trace in sought(&document) {
            let sealed = Card::of_trace(&document, trace, &places).seal(key, tenant, trace.id)?;
            let wanted = request.record_state;
            let row: kit_store::Params<'_> = &[
                &tenant,
                &trace.id,
                &request.id,
                &request.owner,
                &wanted,
                &key.id,
                &sealed,
                &people,
            ];
            if tx.execute(sql, row).await? == 0 {
                return Err(StoreError::Taken { constraint: ONE_REQUEST.to_owned() });
            }
            ids.push(trace.id);
        }
        turns::note(tx, tenant, &ids, What::Trace).await?;
        self.waker.wake(tenant);
        Ok(())
    }
}

/// All who work on a record.
pub fn people_of(record: &Record) -> Vec<&str> {
    let names = record.get("associated_user_names").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}
