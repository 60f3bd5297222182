//! The statements of an append: commands, events, snapshots.

use kit_seal::IndexKey;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::draft::SnapshotRow;
use crate::event_row::EventRow;
use crate::load::hash_of;
use crate::{StoreError, Tx};

/// Rows per statement: bounds the memory of one message.
const CHUNK: usize = 2_000;

/// What is stored about a command that was carried out.
#[derive(Debug, Clone)]
pub(crate) struct CommandRow {
    pub id: Uuid,
    pub actor: String,
    pub name: String,
    pub streams: Vec<Span>,
    pub recorded_at: jiff::Timestamp,
}

/// The events that a command added to one stream: `(stream, first version, last version)`.
/// Where it added none, `last` is the version it saw and `first` one more.
pub type Span = (String, u64, u64);

const COMMANDS: &str = "insert into command (tenant, id, actor, name, streams, recorded_at) \
     select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])";

const EVENTS: &str = "insert into event (tenant, stream, version, id, type, schema, payload, \
     key_id, actor, command_id, correlation, causation, trace, recorded_at, hash, mac) \
     select $1, * from unnest($2::text[], $3::int8[], $4::uuid[], $5::text[], $6::int4[], \
     $7::bytea[], $8::uuid[], $9::text[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], \
     $14::timestamptz[], $15::bytea[], $16::bytea[])";

/// One command that led to one event, which is what most are.
const ONE: &str = "with noted as (insert into command (tenant, id, actor, name, streams, \
     recorded_at) values ($1, $9, $8, $15, $16, $13)) \
     insert into event (tenant, stream, version, id, type, schema, payload, key_id, actor, \
     command_id, correlation, causation, trace, recorded_at, hash, mac) \
     values ($1, $2, $3, $4, $5, $6, $7, $17, $8, $9, $10, $11, $12, $13, $14, $18)";

const SNAPSHOTS: &str = "insert into snapshot (tenant, stream, version, schema, payload, key_id, \
     hash) select $1, * from unnest($2::text[], $3::int8[], $4::int4[], $5::bytea[], $6::uuid[], \
     $7::bytea[]) on conflict (tenant, stream) do update set version = excluded.version, \
     schema = excluded.schema, payload = excluded.payload, key_id = excluded.key_id, \
     hash = excluded.hash where snapshot.version < excluded.version \
     or snapshot.schema <> excluded.schema";

/// Prepares what an append needs, so that its statements leave before any of a projection.
pub(crate) async fn prepare(tx: &Tx) -> Result<(), StoreError> {
    for sql in [ONE, COMMANDS, EVENTS, SNAPSHOTS] {
        tx.prepare(sql).await?;
    }
    Ok(())
}

/// Adds commands, and events with the proof that whoever added them has the tenant's key.
pub(crate) async fn log(
    tx: &Tx,
    tenant: Uuid,
    of: &[CommandRow],
    rows: &[EventRow],
    chain: &IndexKey,
) -> Result<(), StoreError> {
    if let ([command], [row]) = (of, rows)
        && command.id == row.command_id
    {
        return one(tx, tenant, command, row, chain).await;
    }
    // In the order sent: the first failure is the cause of those after it.
    let (commands, events) =
        futures_util::future::join(commands(tx, tenant, of), events(tx, tenant, rows, chain)).await;
    commands.and(events)
}

async fn one(
    tx: &Tx,
    tenant: Uuid,
    command: &CommandRow,
    row: &EventRow,
    chain: &IndexKey,
) -> Result<(), StoreError> {
    let columns: [&(dyn ToSql + Sync); 18] = [
        &tenant,
        &row.stream,
        &row.version,
        &row.id,
        &row.kind,
        &row.schema,
        &row.payload,
        &row.actor,
        &row.command_id,
        &row.correlation,
        &row.causation,
        &row.trace,
        &row.recorded_at,
        &row.hash,
        &command.name,
        &serde_json::json!(command.streams),
        &row.key_id,
        &chain.prove(&hash_of(row)?).to_vec(),
    ];
    tx.execute(ONE, &columns).await?;
    Ok(())
}

/// A column of many rows.
fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

async fn commands(tx: &Tx, tenant: Uuid, rows: &[CommandRow]) -> Result<(), StoreError> {
    for rows in rows.chunks(CHUNK) {
        let streams: Vec<_> = rows.iter().map(|row| serde_json::json!(row.streams)).collect();
        tx.execute(
            COMMANDS,
            &[
                &tenant,
                &column(rows, |row| row.id),
                &column(rows, |row| row.actor.as_str()),
                &column(rows, |row| row.name.as_str()),
                &streams,
                &column(rows, |row| row.recorded_at),
            ],
        )
        .await?;
    }
    Ok(())
}

/// The purpose under which the keyring gives the key for the proofs of events.
pub const CHAIN: &str = "history";

async fn events(
    tx: &Tx,
    tenant: Uuid,
    rows: &[EventRow],
    chain: &IndexKey,
) -> Result<(), StoreError> {
    for rows in rows.chunks(CHUNK) {
        let mut macs = Vec::with_capacity(rows.len());
        for row in rows {
            macs.push(chain.prove(&hash_of(row)?).to_vec());
        }
        let columns: [&(dyn ToSql + Sync); 16] = [
            &tenant,
            &column(rows, |row| row.stream.as_str()),
            &column(rows, |row| row.version),
            &column(rows, |row| row.id),
            &column(rows, |row| row.kind.as_str()),
            &column(rows, |row| row.schema),
            &column(rows, |row| row.payload.as_slice()),
            &column(rows, |row| row.key_id),
            &column(rows, |row| row.actor.as_str()),
            &column(rows, |row| row.command_id),
            &column(rows, |row| row.correlation),
            &column(rows, |row| row.causation),
            &column(rows, |row| row.trace.as_deref()),
            &column(rows, |row| row.recorded_at),
            &column(rows, |row| row.hash.as_slice()),
            &macs,
        ];
        tx.execute(EVENTS, &columns).await?;
    }
    Ok(())
}

pub(crate) async fn snapshots(
    tx: &Tx,
    tenant: Uuid,
    rows: &[SnapshotRow],
) -> Result<(), StoreError> {
    for rows in rows.chunks(CHUNK) {
        tx.execute(
            SNAPSHOTS,
            &[
                &tenant,
                &column(rows, |row| row.stream.as_str()),
                &column(rows, |row| row.version),
                &column(rows, |row| row.schema),
                &column(rows, |row| row.payload.as_slice()),
                &column(rows, |row| row.key_id),
                &column(rows, |row| row.hash.as_slice()),
            ],
        )
        .await?;
    }
    Ok(())
}

/// What is known of a command id, if it was used before.
pub(crate) async fn known_command(
    tx: &Tx,
    tenant: Uuid,
    id: Uuid,
) -> Result<Option<CommandRow>, StoreError> {
    let sql = "select actor, name, streams, recorded_at from command where tenant = $1 and id = $2";
    let Some(row) = tx.query_opt(sql, &[&tenant, &id]).await? else { return Ok(None) };
    let streams: serde_json::Value = row.try_get(2)?;
    Ok(Some(CommandRow {
        id,
        actor: row.try_get(0)?,
        name: row.try_get(1)?,
        streams: serde_json::from_value(streams)?,
        recorded_at: row.try_get(3)?,
    }))
}
