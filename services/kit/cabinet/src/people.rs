//! What a service knows of people: from identity's facts, and from identity itself where a fact has
//! not arrived yet.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex};

use futures_util::future::BoxFuture;
use kit_access::FormAccess;
use kit_records::{Record, RecordType};
use kit_store::{Store, StoreError, Tx};
use uuid::Uuid;

use crate::tables::{PerType, Tables};

const FIND: &str = "SELECT user_name, version, user_id, agency, agency_office, groups, location, \
     disabled, deleted FROM directory_user WHERE tenant = $1 AND user_name = ANY($2)";
/// An older answer or a fact told twice changes nothing.
const TAKE: &str = "INSERT INTO directory_user AS d (tenant, user_name, version, user_id, agency, \
     agency_office, groups, location, disabled, deleted) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (tenant, user_name) DO UPDATE SET version = excluded.version, \
     user_id = excluded.user_id, agency = excluded.agency, agency_office = excluded.agency_office, \
     groups = excluded.groups, location = excluded.location, \
     disabled = excluded.disabled, deleted = excluded.deleted WHERE d.version < excluded.version";
/// Nobody else writes the rows of a user's records while they move.
const HOLD: &str = "SELECT r.id FROM {term} t JOIN {row} r ON r.tenant = t.tenant \
     AND r.id = t.id WHERE t.tenant = $1 AND t.term = scope_term('associated_user_names', $2) \
     ORDER BY r.id FOR UPDATE OF r";

/// The statements that move a user's records of one type.
struct Sql {
    hold: String,
    move_all: String,
}

static SQL: LazyLock<PerType<Sql>> = LazyLock::new(|| {
    PerType::new(|tables| Sql {
        hold: tables.fill(HOLD),
        move_all: tables.fill(include_str!("sql/move_user.sql")),
    })
});

/// More names than this are not remembered.
const REMEMBERED: usize = 100_000;

/// A user, as far as it matters to records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub user_name: String,
    /// Version of the user's stream in identity.
    pub version: u64,
    pub user_id: i64,
    pub agency: Option<String>,
    pub agency_office: Option<String>,
    pub groups: Vec<String>,
    pub location: Option<String>,
    /// Told by identity when asked, and by no fact: it belongs to the user's role.
    pub user_category: Option<String>,
    pub disabled: bool,
    pub deleted: bool,
}

impl Person {
    /// Whether the user can be given work.
    pub const fn is_active(&self) -> bool {
        !self.disabled && !self.deleted
    }
}

/// Somebody who can read a record, and why.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    pub user_name: String,
    pub full_name: String,
    /// Unique id.
    pub role: String,
    /// What the role opens.
    pub forms: Arc<BTreeMap<String, FormAccess>>,
    /// Reaches every record of the type.
    pub all: bool,
    /// Field and value of the record that lead to it otherwise.
    pub through: Vec<(String, String)>,
}

/// Who knows about users of whom no fact has arrived yet.
pub trait PeopleSource: Send + Sync + 'static {
    /// Those of the named users that exist.
    fn find(&self, tenant: Uuid, names: Vec<String>) -> BoxFuture<'_, anyhow::Result<Vec<Person>>>;

    /// Everybody who may read records of this type and reaches the one of this scope. A source
    /// that knows no roles has no answer.
    fn readers(
        &self,
        _tenant: Uuid,
        _record_type: RecordType,
        _scope: Record,
    ) -> BoxFuture<'_, anyhow::Result<Vec<Reader>>> {
        Box::pin(async { anyhow::bail!("who reaches a record is not known here") })
    }
}

/// The directory of users.
pub struct People {
    source: Arc<dyn PeopleSource>,
    /// Where records follow their people.
    tables: Vec<&'static Tables>,
    /// Users that have a row.
    known: Mutex<HashSet<(Uuid, String)>>,
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("People").finish_non_exhaustive()
    }
}

impl People {
    pub fn new(source: Arc<dyn PeopleSource>, tables: Vec<&'static Tables>) -> Self {
        Self { source, tables, known: Mutex::default() }
    }

    /// Sees to it that those of the named users that exist have a row.
    pub async fn ensure(
        &self,
        store: &Store,
        tenant: Uuid,
        names: &[&str],
    ) -> Result<(), StoreError> {
        let unknown: Vec<&str> = {
            let known = self.known.lock().expect("not poisoned");
            names
                .iter()
                .filter(|name| !known.contains(&(tenant, (**name).to_owned())))
                .copied()
                .collect()
        };
        if !unknown.is_empty() {
            self.find(store, tenant, &unknown).await?;
        }
        Ok(())
    }

    /// The named users that exist, by name.
    pub async fn find(
        &self,
        store: &Store,
        tenant: Uuid,
        names: &[&str],
    ) -> Result<HashMap<String, Person>, StoreError> {
        let mut found = select(&store.read(tenant).await?, tenant, names).await?;
        let missing: Vec<String> = names
            .iter()
            .filter(|name| !name.is_empty() && !found.contains_key(**name))
            .map(|name| (*name).to_owned())
            .collect();
        if !missing.is_empty() {
            let told = self.source.find(tenant, missing).await.map_err(StoreError::Unavailable)?;
            let tx = store.begin(tenant).await?;
            for person in told {
                take(&tx, tenant, &self.tables, &person).await?;
                found.insert(person.user_name.clone(), person);
            }
            tx.commit().await?;
        }
        self.remember(tenant, found.keys());
        Ok(found)
    }

    /// The user as identity knows them at this moment.
    pub async fn ask(&self, tenant: Uuid, name: &str) -> Result<Option<Person>, StoreError> {
        let told = self.source.find(tenant, vec![name.to_owned()]).await;
        let told = told.map_err(StoreError::Unavailable)?;
        Ok(told.into_iter().find(|one| one.user_name == name))
    }

    /// Everybody who can read a record of this scope.
    pub async fn readers(
        &self,
        tenant: Uuid,
        record_type: RecordType,
        scope: Record,
    ) -> Result<Vec<Reader>, StoreError> {
        let readers = self.source.readers(tenant, record_type, scope).await;
        readers.map_err(StoreError::Unavailable)
    }

    fn remember<'a>(&self, tenant: Uuid, names: impl Iterator<Item = &'a String>) {
        let mut known = self.known.lock().expect("not poisoned");
        if known.len() > REMEMBERED {
            known.clear();
        }
        known.extend(names.map(|name| (tenant, name.clone())));
    }
}

/// Takes what is newly known of a user; the rows of their records follow in the same transaction.
pub async fn take(
    tx: &Tx,
    tenant: Uuid,
    tables: &[&Tables],
    person: &Person,
) -> Result<(), StoreError> {
    let version = i64::try_from(person.version).unwrap_or(i64::MAX);
    let newer = tx
        .execute(
            TAKE,
            &[
                &tenant,
                &person.user_name,
                &version,
                &person.user_id,
                &person.agency,
                &person.agency_office,
                &person.groups,
                &person.location,
                &person.disabled,
                &person.deleted,
            ],
        )
        .await?;
    for sql in tables.iter().filter(|_| newer > 0).map(|one| SQL.of(one)) {
        tx.query(&sql.hold, &[&tenant, &person.user_name]).await?;
        tx.execute(&sql.move_all, &[&tenant, &person.user_name]).await?;
    }
    Ok(())
}

async fn select(
    tx: &Tx,
    tenant: Uuid,
    names: &[&str],
) -> Result<HashMap<String, Person>, StoreError> {
    let rows = tx.query(FIND, &[&tenant, &names]).await?;
    let read = |row: &tokio_postgres::Row| -> Result<(String, Person), StoreError> {
        let version: i64 = row.try_get(1)?;
        let person = Person {
            user_name: row.try_get(0)?,
            version: u64::try_from(version).unwrap_or_default(),
            user_id: row.try_get(2)?,
            agency: row.try_get(3)?,
            agency_office: row.try_get(4)?,
            groups: row.try_get(5)?,
            location: row.try_get(6)?,
            user_category: None,
            disabled: row.try_get(7)?,
            deleted: row.try_get(8)?,
        };
        Ok((person.user_name.clone(), person))
    };
    rows.iter().map(read).collect()
}
