//! Cards: what is kept of a child on either side, sealed with the key of the record that said it.

use std::collections::HashMap;

use family_tracing_domain::{Sought, of_trace};
use kit_matching::Profile;
use kit_matching::of_record::of_case;
use kit_records::Record;
use kit_store::{DataKey, KeyState, Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

/// Paths of places, from the country down to each, by code.
type Places = HashMap<String, Vec<String>>;

/// What the reference shows of a case to whoever finds it.
const OF_CASE: [&str; 6] =
    ["case_id_display", "name", "age", "sex", "owned_by", "owned_by_agency_id"];
/// What is shown of a trace to whoever does not reach its request.
const OF_TRACE: [&str; 4] = ["name", "age", "sex", "relation"];
/// What a protected name is shown as.
const STARS: &str = "*******";

fn path(places: &Places) -> impl Fn(&str) -> Vec<String> {
    |code| places.get(code).cloned().unwrap_or_default()
}

/// A child who is sought, or who may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub profile: Profile,
    /// What is shown to whoever does not reach the record itself.
    pub shown: Record,
}

impl Card {
    /// Of a case.
    pub fn of_case(case: &Record, places: &Places) -> Self {
        let mut shown = only(case, &OF_CASE);
        if case.get("hidden_name") == Some(&Value::Bool(true)) {
            shown.insert("name".into(), json!(STARS));
        }
        shown.insert("id".into(), case.get("id").cloned().unwrap_or_default());
        Self { profile: of_case(case, &path(places)), shown }
    }

    /// Of a trace.
    pub fn of_trace(request: &Record, trace: Sought<'_>, places: &Places) -> Self {
        let mut shown = only(trace.entry, &OF_TRACE);
        shown.extend(only(request, &["inquiry_date", "owned_by", "owned_by_agency_id"]));
        shown.insert("id".into(), json!(trace.id));
        let request_id = request.get("id").cloned().unwrap_or_default();
        shown.insert("tracing_request_id".into(), request_id);
        Self { profile: of_trace(request, trace, &path(places)), shown }
    }

    /// Sealed, for a row.
    pub fn seal(&self, key: &DataKey, tenant: Uuid, id: Uuid) -> Result<Vec<u8>, StoreError> {
        Ok(key.seal(&context(&tenant, &id), &serde_json::to_vec(self)?))
    }

    /// Out of a row.
    pub fn open(key: &DataKey, tenant: Uuid, id: Uuid, sealed: &[u8]) -> Result<Self, StoreError> {
        let json = key.open(&context(&tenant, &id), sealed).map_err(|_| {
            StoreError::Internal(anyhow::anyhow!("what is kept of {id} is damaged"))
        })?;
        Ok(serde_json::from_slice(&json)?)
    }
}

fn context<'a>(tenant: &'a Uuid, id: &'a Uuid) -> [&'a [u8]; 3] {
    [b"sought", tenant.as_bytes(), id.as_bytes()]
}

fn only(record: &Record, names: &[&str]) -> Record {
    let known = names.iter().filter_map(|name| record.get_key_value(*name));
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// On which side a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Case,
    Trace,
}

/// The cards of children that may be found, by id; those that may not are left out.
pub async fn cards(
    store: &Store,
    tenant: Uuid,
    side: Side,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Card>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = match side {
        Side::Case => {
            "SELECT id, key_id, sealed FROM case_sought WHERE tenant = $1 AND id = ANY($2)"
        }
        Side::Trace => {
            "SELECT id, key_id, sealed FROM trace_sought \
             WHERE tenant = $1 AND id = ANY($2) AND wanted"
        }
    };
    let rows = store.read(tenant).await?.query(sql, &[&tenant, &ids]).await?;
    let rows: Vec<SealedCard> = rows.iter().map(SealedCard::read).collect::<Result<_, _>>()?;
    open_cards(store, tenant, rows).await
}

/// A card as a row holds it.
#[derive(Debug)]
pub struct SealedCard {
    pub id: Uuid,
    pub key: Uuid,
    pub sealed: Vec<u8>,
}

impl SealedCard {
    /// Reads the first three columns of a row: id, key, sealed card.
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { id: row.try_get(0)?, key: row.try_get(1)?, sealed: row.try_get(2)? })
    }
}

/// Opens cards, asking the keyring once for all. What was erased meanwhile is left out.
pub async fn open_cards(
    store: &Store,
    tenant: Uuid,
    cards: Vec<SealedCard>,
) -> Result<HashMap<Uuid, Card>, StoreError> {
    let keys = store.keys().open_once(tenant, cards.iter().map(|card| card.key)).await?;
    let mut opened = HashMap::with_capacity(cards.len());
    for card in cards {
        if let Some(KeyState::Live(key)) = keys.get(&card.key) {
            opened.insert(card.id, Card::open(key, tenant, card.id, &card.sealed)?);
        }
    }
    Ok(opened)
}
