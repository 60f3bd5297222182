//! The tables of likely duplicates, and of what was said of them.

use cases_domain::duplicates::{Pair, Verdict};
use kit_matching::model_version;
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

use super::comparing::Compared;

/// Owns table `duplicate_verdict`: pairs that are not proposed any more.
pub struct DuplicateVerdict;

impl Projection<Verdict> for DuplicateVerdict {
    const NAME: &'static str = "duplicate_verdict";

    async fn project(&self, tx: &Tx, changes: &[Change<Verdict>]) -> Result<(), StoreError> {
        for change in changes {
            let Some(Pair { one, other }) = change.after.pair else { continue };
            let sql = if change.after.distinct.is_some() {
                "INSERT INTO duplicate_verdict (tenant, one, other) VALUES ($1, $2, $3) \
                 ON CONFLICT DO NOTHING"
            } else {
                "DELETE FROM duplicate_verdict WHERE tenant = $1 AND one = $2 AND other = $3"
            };
            tx.execute(sql, &[&change.tenant, &one, &other]).await?;
        }
        Ok(())
    }
}

/// A case that waits to be compared.
pub struct Due {
    pub id: Uuid,
    pub noted: i64,
}

/// Notes cases that changed.
pub async fn note(tx: &Tx, tenant: Uuid, ids: &[Uuid]) -> Result<(), StoreError> {
    let sql = "INSERT INTO duplicate_due AS d (tenant, id) SELECT $1, unnest($2::uuid[]) \
         ON CONFLICT (tenant, id) DO UPDATE SET noted = d.noted + 1";
    tx.execute(sql, &[&tenant, &ids]).await?;
    Ok(())
}

/// The next cases that wait: those registered last, whose authors are still at them.
pub async fn due(tx: &Tx, tenant: Uuid, most: i64) -> Result<Vec<Due>, StoreError> {
    let sql = "SELECT id, noted FROM duplicate_due WHERE tenant = $1 ORDER BY id DESC LIMIT $2";
    let rows = tx.query(sql, &[&tenant, &most]).await?;
    rows.iter().map(|row| Ok(Due { id: row.try_get(0)?, noted: row.try_get(1)? })).collect()
}

/// Puts what a case matches with in the place of what was known; it waits no more, unless it
/// changed meanwhile.
pub async fn put(tx: &Tx, tenant: Uuid, due: &Due, found: &[Compared]) -> Result<(), StoreError> {
    const GONE: &str = "DELETE FROM duplicate_pair WHERE tenant = $1 AND one = $2";
    const GONE_TOO: &str = "DELETE FROM duplicate_pair WHERE tenant = $1 AND other = $2";
    for sql in [GONE, GONE_TOO] {
        tx.execute(sql, &[&tenant, &due.id]).await?;
    }
    for one in found {
        let Pair { one: first, other } = Pair::of(due.id, one.opened.row.id);
        let sql = "INSERT INTO duplicate_pair (tenant, one, other, chance, tier, model) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, one, other) DO UPDATE \
             SET chance = excluded.chance, tier = excluded.tier, model = excluded.model";
        let model = i32::try_from(model_version()).unwrap_or(i32::MAX);
        let tier = serde_json::to_value(one.chance.tier)?;
        let tier = tier.as_str().unwrap_or_default();
        tx.execute(sql, &[&tenant, &first, &other, &thousandths(one), &tier, &model]).await?;
    }
    let sql = "DELETE FROM duplicate_due WHERE tenant = $1 AND id = $2 AND noted = $3";
    tx.execute(sql, &[&tenant, &due.id, &due.noted]).await?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "a chance is between 0 and 1")]
fn thousandths(one: &Compared) -> i32 {
    (one.chance.child * 1000.0) as i32
}

/// With whom a case is proposed to be one, the likeliest first.
pub async fn of_case(tx: &Tx, tenant: Uuid, id: Uuid, most: i64) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT p.twin FROM (\
         SELECT other AS twin, chance, one, other FROM duplicate_pair WHERE tenant = $1 AND one = $2 \
         UNION ALL SELECT one, chance, one, other FROM duplicate_pair \
         WHERE tenant = $1 AND other = $2) p \
         WHERE NOT EXISTS (SELECT 1 FROM duplicate_verdict v WHERE v.tenant = $1 \
         AND v.one = p.one AND v.other = p.other) \
         ORDER BY p.chance DESC, p.twin LIMIT $3";
    let rows = tx.query(sql, &[&tenant, &id, &most]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Pairs of which both cases are there, the likeliest first, after so many.
pub async fn likeliest(
    tx: &Tx,
    tenant: Uuid,
    scope: Option<&[i64]>,
    both: bool,
    (limit, offset): (i64, i64),
) -> Result<Vec<Pair>, StoreError> {
    let reached = |id: &str| {
        format!(
            "EXISTS (SELECT 1 FROM case_term t JOIN case_row r ON r.tenant = t.tenant \
             AND r.id = t.id AND r.created_at = t.created_at WHERE t.tenant = $1 \
             AND t.term = ANY($4) AND t.id = {id})"
        )
    };
    let joined = if both { "AND" } else { "OR" };
    let within = match scope {
        Some(_) => format!("({} {joined} {})", reached("p.one"), reached("p.other")),
        None => "$4::bigint[] IS NULL".to_owned(),
    };
    let sql = format!(
        "SELECT p.one, p.other FROM duplicate_pair p \
         JOIN case_mark a ON a.tenant = p.tenant AND a.id = p.one \
         JOIN case_mark b ON b.tenant = p.tenant AND b.id = p.other \
         WHERE p.tenant = $1 AND {within} \
         AND NOT EXISTS (SELECT 1 FROM duplicate_verdict v WHERE v.tenant = $1 \
         AND v.one = p.one AND v.other = p.other) \
         ORDER BY p.chance DESC, p.one, p.other LIMIT $2 OFFSET $3"
    );
    let rows = tx.query(&sql, &[&tenant, &limit, &offset, &scope]).await?;
    rows.iter().map(|row| Ok(Pair { one: row.try_get(0)?, other: row.try_get(1)? })).collect()
}
