//! Owns `directory_entry`: users, roles, groups, agencies and the code of conduct as they are.

use std::sync::Arc;

use identity_domain::{Agency, CodeOfConduct, Role, User, UserGroup};
use jiff::Timestamp;
use kit_decider::{Recorded, Stored};
use kit_store::{Change, DataKey, KeyCache, Projection, StoreError, Tx};
use uuid::Uuid;

/// An aggregate that the directory lists.
pub(crate) trait Listed: Stored {
    /// The value of `kind`; also the projection's part of the table.
    const KIND: &'static str;
    const PROJECTION: &'static str;

    fn is_deleted(&self) -> bool {
        false
    }

    fn unique_id(&self) -> Option<&str>;

    /// What else is unique among its kind.
    fn name(&self) -> Option<&str> {
        None
    }

    fn email(&self) -> Option<&str> {
        None
    }

    /// A name that is nobody else's for ever.
    fn lasting_name(&self) -> Option<&str> {
        None
    }
}

impl Listed for User {
    const KIND: &'static str = "user";
    const PROJECTION: &'static str = "directory_user";

    fn is_deleted(&self) -> bool {
        self.deleted
    }

    fn unique_id(&self) -> Option<&str> {
        Some(&self.user_name)
    }

    fn email(&self) -> Option<&str> {
        self.profile.email.as_deref()
    }

    fn lasting_name(&self) -> Option<&str> {
        Some(&self.user_name)
    }
}

impl Listed for Role {
    const KIND: &'static str = "role";
    const PROJECTION: &'static str = "directory_role";

    fn is_deleted(&self) -> bool {
        self.deleted
    }

    fn unique_id(&self) -> Option<&str> {
        Some(&self.unique_id)
    }

    fn name(&self) -> Option<&str> {
        Some(&self.attributes.name)
    }
}

impl Listed for UserGroup {
    const KIND: &'static str = "user_group";
    const PROJECTION: &'static str = "directory_user_group";

    fn is_deleted(&self) -> bool {
        self.deleted
    }

    fn unique_id(&self) -> Option<&str> {
        Some(&self.unique_id)
    }
}

impl Listed for Agency {
    const KIND: &'static str = "agency";
    const PROJECTION: &'static str = "directory_agency";

    fn unique_id(&self) -> Option<&str> {
        Some(&self.unique_id)
    }

    fn name(&self) -> Option<&str> {
        Some(&self.attributes.agency_code)
    }
}

impl Listed for CodeOfConduct {
    const KIND: &'static str = "code_of_conduct";
    const PROJECTION: &'static str = "directory_code_of_conduct";

    fn unique_id(&self) -> Option<&str> {
        None
    }
}

/// Writes one row per aggregate, and tells by the revision that something changed.
pub(crate) struct DirectoryEntries {
    keys: Arc<KeyCache>,
}

impl DirectoryEntries {
    pub const fn new(keys: Arc<KeyCache>) -> Self {
        Self { keys }
    }

    async fn write<A: Listed>(
        &self,
        tx: &Tx,
        change: &Change<A>,
        revision: i64,
    ) -> Result<(), StoreError> {
        let (tenant, state) = (change.tenant, &*change.after);
        let number: i64 = change.id.parse().unwrap_or(0);
        let deleted = state.is_deleted();
        if let Some(name) = state.lasting_name() {
            claim(tx, tenant, name, number).await?;
        }
        let kept = |text: Option<&str>| text.filter(|_| !deleted).map(str::to_owned);
        let (unique_id, name) = (kept(state.unique_id()), kept(state.name()));
        let email = match state.email().filter(|_| !deleted) {
            Some(email) => Some(email_token(&self.keys, tenant, email).await?),
            None => None,
        };
        let document = (!deleted).then(|| sealed(change, number)).transpose()?;
        // Kept when deleted, until the key is destroyed: `erasure` looks for it.
        let key_id = change.key.as_ref().map(|key| key.id);
        let version = i64::try_from(change.version).unwrap_or(i64::MAX);
        let at = |event: Option<&Recorded<A::Event>>| {
            event
                .and_then(|one| Timestamp::from_microsecond(one.at_unix_us).ok())
                .unwrap_or_default()
        };
        let (created_at, updated_at) = (at(change.recorded.first()), at(change.recorded.last()));
        tx.execute(
            "insert into directory_entry (tenant, kind, number, unique_id, name, email_token, \
             version, revision, deleted, key_id, document, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             on conflict (tenant, kind, number) do update set unique_id = excluded.unique_id, \
             name = excluded.name, email_token = excluded.email_token, \
             version = excluded.version, revision = excluded.revision, \
             deleted = excluded.deleted, key_id = excluded.key_id, document = excluded.document, \
             updated_at = excluded.updated_at",
            &[
                &tenant,
                &A::KIND,
                &number,
                &unique_id,
                &name,
                &email,
                &version,
                &revision,
                &deleted,
                &key_id,
                &document,
                &created_at,
                &updated_at,
            ],
        )
        .await?;
        Ok(())
    }
}

/// Takes the name for ever; fails on the primary key when another has or had it.
async fn claim(tx: &Tx, tenant: Uuid, name: &str, number: i64) -> Result<(), StoreError> {
    let sql = "insert into user_name (tenant, user_name, number) select $1, $2, $3 \
         where not exists (select from user_name \
         where tenant = $1 and user_name = $2 and number = $3)";
    tx.execute(sql, &[&tenant, &name, &number]).await?;
    Ok(())
}

/// The token under which an address is found again.
pub(crate) async fn email_token(
    keys: &KeyCache,
    tenant: Uuid,
    email: &str,
) -> Result<i64, StoreError> {
    let key = keys.index(tenant, "identity e-mail").await?;
    Ok(key.blind(email.trim().to_lowercase().as_bytes()))
}

/// What a sealed document is bound to.
pub(crate) fn context<'a>(tenant: &'a Uuid, kind: &'a str, number: &'a [u8; 8]) -> [&'a [u8]; 4] {
    [b"directory_entry", tenant.as_bytes(), kind.as_bytes(), number]
}

fn sealed<A: Listed>(change: &Change<A>, number: i64) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(&*change.after)?;
    let number = number.to_be_bytes();
    let seal = |key: &DataKey| key.seal(&context(&change.tenant, A::KIND, &number), &json);
    Ok(change.key.as_ref().map_or_else(|| json.clone(), seal))
}

impl<A: Listed> Projection<A> for DirectoryEntries {
    const NAME: &'static str = A::PROJECTION;
    const TABLES: &'static [&'static str] = &["directory_entry"];
    const BESIDE: &'static [&'static str] = &["directory_state", "user_name"];

    async fn project(&self, tx: &Tx, changes: &[Change<A>]) -> Result<(), StoreError> {
        let told: Vec<_> = changes.iter().filter(|one| !one.recorded.is_empty()).collect();
        let Some(first) = told.first() else { return Ok(()) };
        let revision = next_revision(tx, first.tenant).await?;
        for change in told {
            self.write(tx, change, revision).await?;
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let number: i64 = id.parse().unwrap_or(0);
        let revision = next_revision(tx, tenant).await?;
        // The row stays without content, so that every process drops what it has in memory.
        let sql = "update directory_entry set deleted = true, unique_id = null, name = null, \
             email_token = null, key_id = null, document = null, revision = $4 \
             where tenant = $1 and kind = $2 and number = $3";
        tx.execute(sql, &[&tenant, &A::KIND, &number, &revision]).await?;
        Ok(())
    }
}

/// Locks the tenant's directory until the commit, so that revisions appear in their order.
async fn next_revision(tx: &Tx, tenant: Uuid) -> Result<i64, StoreError> {
    let sql = "insert into directory_state (tenant, revision, epoch) values ($1, 1, 0) \
         on conflict (tenant) do update set revision = directory_state.revision + 1 \
         returning revision";
    Ok(tx.query_one(sql, &[&tenant]).await?.try_get(0)?)
}
