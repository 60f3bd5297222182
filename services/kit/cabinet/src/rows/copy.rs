//! Rows of a rebuild: added by COPY to tables that have neither keys nor policies yet.

use futures_util::pin_mut;
use kit_store::{StoreError, Tx};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::whole::Whole;
use super::{Row, colleagues, names_of};
use crate::apart::Ground;
use crate::sql::told;

/// Columns of a row, in the order of [`Whole::columns`].
const ROW: (&str, [Type; 25]) = (
    "COPY {row} (tenant, id, version, created_at, last_updated_at, record_state, status, workflow, \
     module_id, short_id, {display}, owned_by, identified_by, associated_user_names, \
     associated_user_groups, associated_user_agencies, owned_by_groups, owned_by_agency_id, \
     owned_by_agency_office, owned_by_location, facets, terms, document, key_id, forms) \
     FROM STDIN BINARY",
    [
        Type::UUID,
        Type::UUID,
        Type::INT8,
        Type::TIMESTAMPTZ,
        Type::TIMESTAMPTZ,
        Type::BOOL,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT_ARRAY,
        Type::TEXT_ARRAY,
        Type::TEXT_ARRAY,
        Type::TEXT_ARRAY,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::JSONB,
        Type::INT8_ARRAY,
        Type::BYTEA,
        Type::UUID,
        Type::INT8,
    ],
);
const TERM: (&str, [Type; 4]) = (
    "COPY {term} (tenant, term, created_at, id) FROM STDIN BINARY",
    [Type::UUID, Type::INT8, Type::TIMESTAMPTZ, Type::UUID],
);
const MARK: (&str, [Type; 4]) = (
    "COPY {mark} (tenant, id, created_at, codes) FROM STDIN BINARY",
    [Type::UUID, Type::UUID, Type::TIMESTAMPTZ, Type::INT8_ARRAY],
);

/// Adds rows, terms and marks of records of which the tables hold nothing yet.
pub async fn add(tx: &Tx, tenant: Uuid, ground: &Ground, rows: &[Row]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let people = colleagues(tx, tenant, &names_of(rows)).await?;
    let whole: Vec<Whole<'_>> = rows.iter().map(|row| Whole::new(row, &people, ground)).collect();
    add_rows(tx, tenant, ground, &whole).await?;
    let terms = copy(tx, ground, TERM).await?;
    pin_mut!(terms);
    for Whole { row, terms: all, .. } in &whole {
        for term in all {
            terms.as_mut().write(&[&tenant, term, &row.created_at, &row.id]).await?;
        }
    }
    terms.finish().await?;
    let marks = copy(tx, ground, MARK).await?;
    pin_mut!(marks);
    for row in rows.iter().filter(|row| !row.apart.is_hidden()) {
        marks.as_mut().write(&[&tenant, &row.id, &row.created_at, &row.apart.codes]).await?;
    }
    marks.finish().await?;
    Ok(())
}

async fn add_rows(
    tx: &Tx,
    tenant: Uuid,
    ground: &Ground,
    whole: &[Whole<'_>],
) -> Result<(), StoreError> {
    let writer = copy(tx, ground, ROW).await?;
    pin_mut!(writer);
    for one in whole {
        writer.as_mut().write(&one.columns(&tenant, &ground.forms)).await?;
    }
    writer.finish().await?;
    Ok(())
}

async fn copy<const N: usize>(
    tx: &Tx,
    ground: &Ground,
    (sql, types): (&str, [Type; N]),
) -> Result<BinaryCopyInWriter, StoreError> {
    let sql = ground.tables.fill(sql);
    told(&sql);
    Ok(BinaryCopyInWriter::new(tx.client().copy_in(sql.as_str()).await?, &types))
}
