//! Facts of cases: which children may be sought. Only with consent is anything kept of a case.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use family_tracing_domain::{is_wanted, tells_of};
use kit_bus::{Consumer, Delivered, Kind};
use kit_cabinet::{ServiceName, place_paths};
use kit_proto::facts::v1::CaseChanged;
use kit_records::Record;
use kit_store::{DataKey, KeyCache, KeyState, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::Service;
use crate::cards::Card;
use crate::keep_up::Waker;
use crate::sides::people_of;
use crate::turns::{self, What};

/// Hears what cases say of the children whom somebody may look for.
pub struct CaseFacts {
    pub keys: Arc<KeyCache>,
    pub waker: Waker,
}

/// What the last fact of a case leaves of it.
enum News {
    Told {
        version: u64,
        case: Box<Record>,
        key: DataKey,
    },
    /// It may not be sought: no consent, disabled, or nobody can tell.
    Silent,
    Erased,
}

impl Consumer for CaseFacts {
    const NAME: &'static str = Service::NAME;
    const SOURCE: &'static str = "cases";

    async fn apply(&self, tx: &Tx, fact: &Delivered) -> Result<(), StoreError> {
        self.apply_all(tx, &[fact]).await
    }

    async fn apply_all(&self, tx: &Tx, facts: &[&Delivered]) -> Result<(), StoreError> {
        let Some(tenant) = facts.first().map(|fact| fact.tenant) else { return Ok(()) };
        let news = self.news(tenant, facts).await?;
        let (mut told, mut silent, mut erased) = (Vec::new(), Vec::new(), Vec::new());
        for (id, news) in news {
            match news {
                News::Told { version, case, key } if is_wanted(&case) => {
                    told.push((id, version, case, key));
                }
                News::Told { .. } | News::Silent => silent.push(id),
                News::Erased => erased.push(id),
            }
        }
        forget(tx, tenant, &silent, What::Case).await?;
        forget(tx, tenant, &erased, What::ErasedCase).await?;
        keep(tx, tenant, told).await
    }

    fn applied(&self, facts: &[&Delivered]) {
        for fact in facts {
            if let Some(Kind::RecordErased(erased)) = &fact.fact.kind {
                let keys = erased.key_ids.iter().filter_map(|id| id.parse().ok());
                self.keys.forget(fact.tenant, keys);
            }
        }
        let tenants: BTreeSet<Uuid> = facts.iter().map(|fact| fact.tenant).collect();
        for tenant in tenants {
            self.waker.wake(tenant);
        }
    }
}

impl CaseFacts {
    /// The last thing told of each case, opened.
    async fn news(
        &self,
        tenant: Uuid,
        facts: &[&Delivered],
    ) -> Result<BTreeMap<Uuid, News>, StoreError> {
        let mut news = BTreeMap::new();
        let mut sealed: BTreeMap<Uuid, (&Delivered, &CaseChanged)> = BTreeMap::new();
        for fact in facts {
            match &fact.fact.kind {
                Some(Kind::CaseChanged(changed)) => {
                    let Ok(id) = changed.case_id.parse() else { continue };
                    if !changed.sealed.is_empty() && concerns(changed) {
                        sealed.insert(id, (fact, changed));
                        news.remove(&id);
                    } else if changed.sealed.is_empty() && is_about_consent(changed) {
                        sealed.remove(&id);
                        news.insert(id, News::Silent);
                    }
                }
                Some(Kind::RecordErased(erased)) if erased.record_type == "case" => {
                    let Ok(id) = erased.record_id.parse() else { continue };
                    sealed.remove(&id);
                    news.insert(id, News::Erased);
                }
                _ => {}
            }
        }
        let ids = sealed.values().filter_map(|(_, changed)| changed.key_id.parse().ok());
        let keys = self.keys.open(tenant, ids).await?;
        for (id, (fact, changed)) in sealed {
            news.insert(id, opened(&keys, fact, changed)?);
        }
        Ok(news)
    }
}

/// Whether a fact tells anything that tracing looks at.
fn concerns(changed: &CaseChanged) -> bool {
    changed.action != "updated" || changed.changed_fields.iter().any(|field| tells_of(field))
}

/// A record too large for a message: whether it may still be sought is not known then.
fn is_about_consent(changed: &CaseChanged) -> bool {
    let told = |field: &String| field == "consent_for_tracing" || field == "record_state";
    matches!(changed.action.as_str(), "created" | "disabled")
        || changed.changed_fields.iter().any(told)
}

/// The record that a fact carries. The key of an erased record opens nothing.
fn opened(
    keys: &HashMap<Uuid, KeyState>,
    fact: &Delivered,
    changed: &CaseChanged,
) -> Result<News, StoreError> {
    let key = changed.key_id.parse().ok().and_then(|id: Uuid| keys.get(&id));
    let Some(KeyState::Live(key)) = key else { return Ok(News::Erased) };
    let version = fact.fact.version;
    let place = version.to_be_bytes();
    let context: [&[u8]; 4] =
        [b"case_changed", fact.tenant.as_bytes(), changed.case_id.as_bytes(), &place];
    let json = key.open(&context, &changed.sealed).map_err(|_| {
        StoreError::Internal(anyhow::anyhow!("the fact {} does not open", fact.event_id))
    })?;
    let case = Box::new(serde_json::from_slice(&json)?);
    Ok(News::Told { version, case, key: key.clone() })
}

/// Keeps what matching needs of these cases.
async fn keep(
    tx: &Tx,
    tenant: Uuid,
    told: Vec<(Uuid, u64, Box<Record>, DataKey)>,
) -> Result<(), StoreError> {
    if told.is_empty() {
        return Ok(());
    }
    let cases: Vec<&Record> = told.iter().map(|(_, _, case, _)| &**case).collect();
    let places = place_paths(tx, tenant, &cases).await?;
    let sql = "INSERT INTO case_sought (tenant, id, version, owned_by, key_id, sealed, people) \
         SELECT $1, n.id, n.version, n.owner, n.key, n.sealed, string_to_array(n.people, E'\\x1f') \
         FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::bytea[], $7::text[]) \
         n(id, version, owner, key, sealed, people) ON CONFLICT (tenant, id) DO UPDATE SET \
         version = excluded.version, owned_by = excluded.owned_by, people = excluded.people, key_id = excluded.key_id, \
         sealed = excluded.sealed WHERE case_sought.version <= excluded.version";
    let ids: Vec<Uuid> = told.iter().map(|(id, ..)| *id).collect();
    let (mut versions, mut owners) = (Vec::new(), Vec::new());
    let (mut key_ids, mut sealed, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for (id, version, case, key) in &told {
        versions.push(i64::try_from(*version).unwrap_or(i64::MAX));
        owners.push(case.get("owned_by").and_then(Value::as_str).unwrap_or_default());
        people.push(people_of(case).join("\u{1f}"));
        key_ids.push(key.id);
        sealed.push(Card::of_case(case, &places).seal(key, tenant, *id)?);
    }
    tx.execute(sql, &[&tenant, &ids, &versions, &owners, &key_ids, &sealed, &people]).await?;
    turns::note(tx, tenant, &ids, What::Case).await
}

/// Keeps nothing of these cases any more. Of those that nothing was kept of, nothing is noted,
/// unless they were erased: they may be confirmed somewhere.
async fn forget(tx: &Tx, tenant: Uuid, ids: &[Uuid], what: What) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "DELETE FROM case_sought WHERE tenant = $1 AND id = ANY($2) RETURNING id";
    let rows = tx.query(sql, &[&tenant, &ids]).await?;
    let gone: Vec<Uuid> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let noted = if what == What::ErasedCase { ids } else { &gone[..] };
    turns::note(tx, tenant, noted, what).await
}
