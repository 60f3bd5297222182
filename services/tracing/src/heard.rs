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

/// What is known of a case after some facts.
enum News {
    Told {
        version: u64,
        case: Box<Record>,
        key: DataKey,
    },
    /// It may not be sought: no consent, disabled, or nobody can tell.
    Silent(u64),
    Erased,
}

/// What the newest fact of a case says, whatever came in which order.
enum Heard<'a> {
    Sealed(&'a Delivered, &'a CaseChanged),
    Silent(u64),
    Erased,
}

impl Heard<'_> {
    /// What is erased is newer than anything told of it.
    fn version(&self) -> u64 {
        match self {
            Self::Sealed(fact, _) => fact.fact.version,
            Self::Silent(version) => *version,
            Self::Erased => u64::MAX,
        }
    }
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
                News::Told { version, .. } | News::Silent(version) => silent.push((id, version)),
                News::Erased => erased.push((id, u64::MAX)),
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
    /// The newest of what is told of each case, opened.
    async fn news(
        &self,
        tenant: Uuid,
        facts: &[&Delivered],
    ) -> Result<BTreeMap<Uuid, News>, StoreError> {
        let mut newest: BTreeMap<Uuid, Heard<'_>> = BTreeMap::new();
        for (id, heard) in facts.iter().filter_map(|fact| hear(fact)) {
            if newest.get(&id).is_none_or(|known| known.version() <= heard.version()) {
                newest.insert(id, heard);
            }
        }
        let sealed = newest.values().filter_map(|heard| match heard {
            Heard::Sealed(_, changed) => changed.key_id.parse().ok(),
            Heard::Silent(_) | Heard::Erased => None,
        });
        let keys = self.keys.open(tenant, sealed).await?;
        let mut news = BTreeMap::new();
        for (id, heard) in newest {
            let one = match heard {
                Heard::Sealed(fact, changed) => opened(&keys, fact, changed)?,
                Heard::Silent(version) => News::Silent(version),
                Heard::Erased => News::Erased,
            };
            news.insert(id, one);
        }
        Ok(news)
    }
}

/// What a fact says of a case, if that is any of our business.
fn hear(fact: &Delivered) -> Option<(Uuid, Heard<'_>)> {
    match fact.fact.kind.as_ref()? {
        Kind::CaseChanged(changed) => {
            let id = changed.case_id.parse().ok()?;
            if changed.sealed.is_empty() {
                return is_about_consent(changed).then_some((id, Heard::Silent(fact.fact.version)));
            }
            concerns(changed).then_some((id, Heard::Sealed(fact, changed)))
        }
        Kind::RecordErased(erased) if erased.record_type == "case" => {
            Some((erased.record_id.parse().ok()?, Heard::Erased))
        }
        _ => None,
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

/// Keeps what matching needs of these cases, but of those that are known to have fallen silent
/// later than what is told.
async fn keep(
    tx: &Tx,
    tenant: Uuid,
    mut told: Vec<(Uuid, u64, Box<Record>, DataKey)>,
) -> Result<(), StoreError> {
    let silent = silent_since(tx, tenant, told.iter().map(|(id, ..)| *id).collect()).await?;
    told.retain(|(id, version, ..)| silent.get(id).is_none_or(|since| *since < number(*version)));
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
        versions.push(number(*version));
        owners.push(case.get("owned_by").and_then(Value::as_str).unwrap_or_default());
        people.push(people_of(case).join("\u{1f}"));
        key_ids.push(key.id);
        sealed.push(Card::of_case(case, &places).seal(key, tenant, *id)?);
    }
    tx.execute(sql, &[&tenant, &ids, &versions, &owners, &key_ids, &sealed, &people]).await?;
    if !silent.is_empty() {
        let sql = "DELETE FROM case_silent WHERE tenant = $1 AND id = ANY($2)";
        tx.execute(sql, &[&tenant, &ids]).await?;
    }
    turns::note(tx, tenant, &ids, What::Case).await
}

/// The versions since which these cases may not be sought, of those that are known to.
async fn silent_since(
    tx: &Tx,
    tenant: Uuid,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, i64>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT id, version FROM case_silent WHERE tenant = $1 AND id = ANY($2)";
    let rows = tx.query(sql, &[&tenant, &ids]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Keeps nothing of these cases any more but since which version, so that what is told late brings
/// nothing back. Of those that nothing was kept of, nothing is noted, unless they were erased: they
/// may be confirmed somewhere.
async fn forget(
    tx: &Tx,
    tenant: Uuid,
    silent: &[(Uuid, u64)],
    what: What,
) -> Result<(), StoreError> {
    let silent: Vec<(Uuid, i64)> = silent.iter().map(|(id, at)| (*id, number(*at))).collect();
    let ids: Vec<Uuid> = silent.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let versions: Vec<i64> = silent.iter().map(|(_, version)| *version).collect();
    let sql = "INSERT INTO case_silent (tenant, id, version) \
         SELECT $1, n.id, n.version FROM unnest($2::uuid[], $3::bigint[]) n(id, version) \
         WHERE n.version > 1 ON CONFLICT (tenant, id) DO UPDATE \
         SET version = greatest(case_silent.version, excluded.version)";
    tx.execute(sql, &[&tenant, &ids, &versions]).await?;
    let sql = "DELETE FROM case_sought s USING unnest($2::uuid[], $3::bigint[]) n(id, version) \
         WHERE s.tenant = $1 AND s.id = n.id AND s.version <= n.version RETURNING s.id";
    let rows = tx.query(sql, &[&tenant, &ids, &versions]).await?;
    let gone: Vec<Uuid> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let noted = if what == What::ErasedCase { &ids } else { &gone };
    turns::note(tx, tenant, noted, what).await
}

/// A version as it is stored.
fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
