//! Signed statements of how far each stream had come, so that a later truncation, or a history
//! that was written anew with all its hashes, is seen.

use std::collections::BTreeMap;

use kit_seal::{Hash, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::event_row::to_u64;
use crate::{Log, Store, StoreError, Tx};

/// Held while one process attests.
const LOCK: i64 = 0x616d_7061_726f_0004;
/// Events looked at in one step.
const STEP: i64 = 20_000;
/// Bytes of a hash in a statement.
pub(crate) const SHORT: usize = 16;

/// The last event of a stream at that time: its name, its version, the first bytes of its hash
/// in hexadecimal.
pub(crate) type Head = (String, u64, String);

/// What is signed: the streams of one tenant that went on since the statement before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub service: String,
    pub tenant: Uuid,
    pub number: i64,
    /// SHA-256 of the statement before, in hexadecimal; nothing before the first.
    pub previous: String,
    /// Unix microseconds.
    pub at: i64,
    /// Every event of an earlier transaction is covered by this statement and those before.
    pub upto: u64,
    pub heads: Vec<Head>,
}

/// A statement as it is stored and carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    pub tenant: Uuid,
    pub number: i64,
    pub body: Vec<u8>,
    pub signature: Vec<u8>,
}

/// One slice of the log: each tenant's heads in it, and where it ends.
struct Slice {
    tenants: BTreeMap<Uuid, BTreeMap<String, (u64, String)>>,
    upto: u64,
    more: bool,
}

impl Attestation {
    /// To be kept elsewhere: the signature, then the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.signature[..], &self.body[..]].concat()
    }

    /// What [`Attestation::to_bytes`] made.
    pub fn from_bytes(tenant: Uuid, number: i64, bytes: &[u8]) -> Self {
        let (signature, body) = bytes.split_at_checked(64).unwrap_or((bytes, &[]));
        Self { tenant, number, body: body.to_vec(), signature: signature.to_vec() }
    }

    /// The statement, if the holder of that key signed it about this tenant.
    pub(crate) fn statement(&self, public: &[u8; 32], service: &str) -> Option<Statement> {
        if !kit_seal::is_signed(public, &self.body, &self.signature) {
            return None;
        }
        let statement: Statement = serde_json::from_slice(&self.body).ok()?;
        let same = statement.tenant == self.tenant
            && statement.number == self.number
            && statement.service == service;
        same.then_some(statement)
    }
}

impl Store {
    /// Attests what was recorded since the last time, and says what is to be kept elsewhere.
    /// Nothing when another process is at it.
    pub async fn attest(
        &self,
        service: &str,
        log: &Log,
        now: jiff::Timestamp,
    ) -> Result<Vec<Attestation>, StoreError> {
        let mut made = Vec::new();
        let guard = self.begin_without_tenant().await?;
        let sql = "select pg_try_advisory_xact_lock($1)";
        if !guard.query_one(sql, &[&LOCK]).await?.try_get::<_, bool>(0)? {
            return Ok(made);
        }
        let start = "insert into attested (transaction) values ('0') on conflict do nothing";
        guard.execute(start, &[]).await?;
        let sql = "select transaction::text from attested";
        let text: String = guard.query_one(sql, &[]).await?.try_get(0)?;
        let mut from: u64 = text.parse().map_err(anyhow::Error::from)?;
        loop {
            let slice = slice(log, from).await?;
            for (tenant, heads) in slice.tenants {
                let heads =
                    heads.into_iter().map(|(stream, (version, hash))| (stream, version, hash));
                let statement = Statement {
                    service: service.to_owned(),
                    tenant,
                    number: 0,
                    previous: String::new(),
                    at: now.as_microsecond(),
                    upto: slice.upto,
                    heads: heads.collect(),
                };
                made.push(self.state(&guard, statement).await?);
            }
            from = slice.upto;
            if !slice.more {
                break;
            }
        }
        let sql = "update attested set transaction = $1::text::xid8";
        guard.execute(sql, &[&from.to_string()]).await?;
        guard.commit().await?;
        Ok(made)
    }

    /// The statements about a tenant after number `after` that lie in the database, in order, not
    /// more than `most`: one may name every stream that there is.
    pub async fn attestations(
        &self,
        tenant: Uuid,
        after: i64,
        most: i64,
    ) -> Result<Vec<Attestation>, StoreError> {
        let sql = "select number, body, signature from attestation \
             where tenant = $1 and number > $2 order by number limit $3";
        let rows = self.read(tenant).await?.query(sql, &[&tenant, &after, &most]).await?;
        rows.iter()
            .map(|row| {
                let (number, body, signature) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                Ok(Attestation { tenant, number, body, signature })
            })
            .collect()
    }

    /// Numbers, signs and stores a statement, in the transaction that says how far it went.
    async fn state(&self, tx: &Tx, mut statement: Statement) -> Result<Attestation, StoreError> {
        let tenant = statement.tenant;
        tx.set_tenant(tenant);
        let sql = "select number, body from attestation where tenant = $1 \
             order by number desc limit 1";
        let last = tx.query_opt(sql, &[&tenant]).await?;
        statement.number = 1;
        if let Some(last) = last {
            statement.number = last.try_get::<_, i64>(0)? + 1;
            statement.previous = hex(&Sha256::digest(last.try_get::<_, &[u8]>(1)?));
        }
        let body = serde_json::to_vec(&statement)?;
        let signature = self.keys().sign(body.clone()).await?;
        let made = Attestation { tenant, number: statement.number, body, signature };
        let sql = "insert into attestation (tenant, number, body, signature) \
             values ($1, $2, $3, $4)";
        tx.execute(sql, &[&tenant, &made.number, &made.body, &made.signature]).await?;
        Ok(made)
    }
}

/// The next part of the log from a transaction on, cut where a transaction ends.
async fn slice(log: &Log, from: u64) -> Result<Slice, StoreError> {
    let mut limit = STEP;
    loop {
        let tx = log.begin().await?;
        let (rows, horizon) = heads(&tx, from, limit).await?;
        let more = rows.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let last = rows.last().map_or(horizon, |row| row.0);
        if more && rows.first().is_some_and(|row| row.0 == last) {
            // One transaction larger than a step.
            limit *= 4;
            continue;
        }
        let upto = if more { last } else { horizon };
        let mut tenants: BTreeMap<Uuid, BTreeMap<String, (u64, String)>> = BTreeMap::new();
        for (transaction, tenant, stream, version, hash) in rows {
            if transaction < upto {
                tenants.entry(tenant).or_default().insert(stream, (version, hash));
            }
        }
        return Ok(Slice { tenants, upto, more });
    }
}

type EventHead = (u64, Uuid, String, u64, String);

/// Events from a transaction on, in order, and the oldest transaction that still runs.
async fn heads(tx: &Tx, from: u64, limit: i64) -> Result<(Vec<EventHead>, u64), StoreError> {
    let sql = "select transaction::text, tenant, stream, version, hash from event \
         where transaction >= $1::text::xid8 \
         and transaction < pg_snapshot_xmin(pg_current_snapshot()) \
         order by event.transaction, event.position limit $2";
    // Taken first: what it leaves out, the statement after it may see, and does not matter.
    let horizon = "select pg_snapshot_xmin(pg_current_snapshot())::text";
    let horizon: String = tx.query_one(horizon, &[]).await?.try_get(0)?;
    let horizon = horizon.parse().map_err(anyhow::Error::from)?;
    let rows = tx.query(sql, &[&from.to_string(), &limit]).await?;
    let rows = rows.iter().map(|row| {
        let transaction: &str = row.try_get(0)?;
        let transaction: u64 = transaction.parse().map_err(anyhow::Error::from)?;
        let hash: &[u8] = row.try_get(4)?;
        Ok((transaction, row.try_get(1)?, row.try_get(2)?, to_u64(row.try_get(3)?), short(hash)))
    });
    Ok((rows.collect::<Result<Vec<_>, StoreError>>()?, horizon))
}

/// The part of an event's hash that a statement holds.
pub(crate) fn short(hash: &[u8]) -> String {
    hex(&hash[..SHORT.min(hash.len())])
}

/// SHA-256 of a statement, as the next one names it.
pub(crate) fn digest(body: &[u8]) -> String {
    hex(&Hash::from(Sha256::digest(body)))
}
