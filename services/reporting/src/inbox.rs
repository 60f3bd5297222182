//! Others' facts: every call that the gateway let through or refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kit_bus::{Consumer, Delivered, Kind, partition_of};
use kit_proto::facts::v1::CallAudited;
use kit_store::{StoreError, Tx};
use tokio::sync::mpsc;
use tokio_postgres::types::ToSql;

use crate::reading::{Reader, hour_of};

/// Keeps tables `audit_entry` and `reading_hour`, and gives word of who reads.
#[derive(Debug)]
pub struct GatewayFacts {
    pub readers: mpsc::Sender<Reader>,
}

/// Entries of one partition, and what they add to their readers' hours. What came before adds
/// nothing.
const WRITE: &str = "WITH entry AS (\
     INSERT INTO audit_entry (tenant, event_id, at, user_name, user_id, action, record_type, \
     record_id, record_ids, display_id, resource_url, remote_ip, agency_id, role_id, \
     http_method, status, records_read) \
     SELECT $1, event_id, at, user_name, user_id, action, record_type, record_id, \
     record_ids::text[], display_id, resource_url, remote_ip, agency_id, role_id, http_method, \
     status, records_read \
     FROM unnest($3::uuid[], $4::timestamptz[], $5::text[], $6::bigint[], $7::text[], $8::text[], \
     $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], \
     $16::text[], $17::integer[], $18::integer[]) given (event_id, at, user_name, user_id, \
     action, record_type, record_id, record_ids, display_id, resource_url, remote_ip, agency_id, \
     role_id, http_method, status, records_read) \
     ON CONFLICT (tenant, event_id) DO NOTHING \
     RETURNING user_id, at, user_name, records_read) \
     INSERT INTO reading_hour (tenant, user_id, hour, shard, user_name, records) \
     SELECT $1, user_id, date_bin('1 hour', at, '1970-01-01 00:00:00Z') AS hour, $2::smallint, \
     coalesce(max(user_name), ''), sum(records_read) FROM entry \
     WHERE user_id IS NOT NULL AND records_read > 0 GROUP BY user_id, hour \
     ON CONFLICT (tenant, user_id, hour, shard) DO UPDATE SET \
     records = reading_hour.records + excluded.records, user_name = excluded.user_name";

impl Consumer for GatewayFacts {
    const NAME: &'static str = "audit";
    const SOURCE: &'static str = "gateway";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        self.apply_all(tx, &[delivered]).await
    }

    async fn apply_all(&self, tx: &Tx, facts: &[&Delivered]) -> Result<(), StoreError> {
        let calls: Vec<Call<'_>> = facts.iter().filter_map(|fact| Call::of(fact)).collect();
        let shard = |call: &Call<'_>| partition_of(call.0.tenant, &call.0.fact.stream);
        for calls in calls.chunk_by(|one, other| shard(one) == shard(other)) {
            write(tx, calls, shard(&calls[0]).cast_signed()).await?;
        }
        Ok(())
    }

    fn applied(&self, facts: &[&Delivered]) {
        let readers: BTreeSet<Reader> = facts.iter().filter_map(|fact| reader(fact)).collect();
        for reader in readers {
            // When nobody listens or there is no room, the next round finds it.
            let _dropped = self.readers.try_send(reader);
        }
    }
}

/// Who reads by this call, if anyone does.
fn reader(delivered: &Delivered) -> Option<Reader> {
    let Some(Kind::CallAudited(call)) = &delivered.fact.kind else { return None };
    let at = Timestamp::from_microsecond(delivered.fact.recorded_at).ok()?;
    let reads = call.records_read > 0 && call.user_id != 0;
    let (tenant, user_id, hour) = (delivered.tenant, call.user_id, hour_of(at));
    reads.then_some(Reader { tenant, user_id, hour })
}

/// A call, and the fact that tells of it.
struct Call<'a>(&'a Delivered, &'a CallAudited);

impl<'a> Call<'a> {
    fn of(delivered: &'a Delivered) -> Option<Self> {
        match &delivered.fact.kind {
            Some(Kind::CallAudited(call)) => Some(Self(delivered, call)),
            _ => None,
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.fact.recorded_at).unwrap_or_default()
    }
}

/// Writes calls of one tenant and partition in one statement.
async fn write(tx: &Tx, calls: &[Call<'_>], shard: i16) -> Result<(), StoreError> {
    let columns: [&(dyn ToSql + Sync); 18] = [
        &calls[0].0.tenant,
        &shard,
        &column(calls, |it| it.0.event_id),
        &column(calls, Call::at),
        &column(calls, |it| filled(&it.1.user_name)),
        &column(calls, |it| Some(it.1.user_id).filter(|id| *id != 0)),
        &column(calls, |it| it.1.action.as_str()),
        &column(calls, |it| it.1.record_type.as_str()),
        &column(calls, |it| filled(&it.1.record_id)),
        &column(calls, |it| literal(&it.1.record_ids)),
        &column(calls, |it| filled(&it.1.display_id)),
        &column(calls, |it| it.1.resource_url.as_str()),
        &column(calls, |it| filled(&it.1.remote_ip)),
        &column(calls, |it| filled(&it.1.agency_id)),
        &column(calls, |it| filled(&it.1.role_id)),
        &column(calls, |it| it.1.http_method.as_str()),
        &column(calls, |it| i32::try_from(it.1.status).unwrap_or_default()),
        &column(calls, |it| i32::try_from(it.1.records_read).unwrap_or(i32::MAX)),
    ];
    tx.execute(WRITE, &columns).await?;
    Ok(())
}

/// A column of many rows.
fn column<'c, 'a, T>(calls: &'c [Call<'a>], of: impl Fn(&'c Call<'a>) -> T) -> Vec<T> {
    calls.iter().map(of).collect()
}

/// Texts in the notation of a Postgres array: there are no arrays of arrays of many lengths.
fn literal(texts: &[String]) -> String {
    let quoted = |text: &String| {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    };
    format!("{{{}}}", texts.iter().map(quoted).collect::<Vec<_>>().join(","))
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn array_notation_keeps_every_text() {
        let texts = ["a,b", "", "\"q\"", "back\\slash", "{}", "NULL"].map(str::to_owned);
        assert_eq!(literal(&[]), "{}");
        let wanted = r#"{"a,b","","\"q\"","back\\slash","{}","NULL"}"#;
        assert_eq!(literal(&texts), wanted);
    }
}
