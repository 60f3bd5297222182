//! Table `matching_turn`: what changed last on either side, and what was not matched since.

use kit_store::{StoreError, Tx};
use tokio_postgres::Row;
use uuid::Uuid;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Case,
    Trace,
    /// A case that can never be matched again.
    ErasedCase,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Trace => "trace",
            Self::ErasedCase => "erased_case",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "trace" => Self::Trace,
            "erased_case" => Self::ErasedCase,
            _ => Self::Case,
        }
    }
}

/// A change that is to be matched.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    pub id: Uuid,
    pub what: What,
    pub changed_in: i64,
}

/// Notes that these changed, in the transaction that changed them.
pub async fn note(tx: &Tx, tenant: Uuid, ids: &[Uuid], what: What) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO matching_turn (tenant, id, kind, changed_in, pending) \
         SELECT $1, u.id, $3, pg_current_xact_id()::text::bigint, true \
         FROM unnest($2::uuid[]) u(id) ON CONFLICT (tenant, id) DO UPDATE SET \
         kind = excluded.kind, changed_in = excluded.changed_in, pending = true";
    tx.execute(sql, &[&tenant, &ids, &what.as_str()]).await?;
    Ok(())
}

/// What waits to be matched, the oldest first.
pub async fn pending(tx: &Tx, tenant: Uuid, most: i64) -> Result<Vec<Turn>, StoreError> {
    let sql = "SELECT id, kind, changed_in FROM matching_turn WHERE tenant = $1 AND pending \
         ORDER BY changed_in, id LIMIT $2";
    let rows = tx.query(sql, &[&tenant, &most]).await?;
    let read = |row: &Row| {
        let kind: &str = row.try_get(1)?;
        Ok(Turn { id: row.try_get(0)?, what: What::read(kind), changed_in: row.try_get(2)? })
    };
    rows.iter().map(read).collect()
}

/// These were matched, unless they changed again meanwhile.
pub async fn matched(tx: &Tx, tenant: Uuid, turns: &[Turn]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = turns.iter().map(|turn| turn.id).collect();
    let changed: Vec<i64> = turns.iter().map(|turn| turn.changed_in).collect();
    let sql = "UPDATE matching_turn t SET pending = false \
         FROM unnest($2::uuid[], $3::bigint[]) u(id, changed_in) \
         WHERE t.tenant = $1 AND t.id = u.id AND t.changed_in = u.changed_in";
    tx.execute(sql, &[&tenant, &ids, &changed]).await?;
    Ok(())
}
