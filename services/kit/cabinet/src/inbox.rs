//! Others' facts: people from identity, places from configuration.

use std::marker::PhantomData;
use std::sync::Arc;

use kit_bus::{Consumer, Delivered, Kind};
use kit_proto::facts::v1::{Location, UserChanged};
use kit_records::values::is_place_code;
use kit_store::{KeyCache, StoreError, Tx};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::apart::Ground;
use crate::catalogs::Catalogs;
use crate::people::{self, Person};
use crate::refacet;
use crate::remote::filled;
use crate::tables::Tables;

/// The service that hears: facts are taken in under its name.
pub trait ServiceName: Send + Sync + 'static {
    /// As in the settings, the relay and the log, such as `cases`.
    const NAME: &'static str;
}

/// Keeps the directory of users, and the scopes that follow from it.
pub struct IdentityFacts<S> {
    pub tables: Vec<&'static Tables>,
    pub service: PhantomData<S>,
}

impl<S: ServiceName> Consumer for IdentityFacts<S> {
    const NAME: &'static str = S::NAME;
    const SOURCE: &'static str = "identity";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        match &delivered.fact.kind {
            Some(Kind::UserChanged(user)) => {
                let person = person(user, delivered.fact.version);
                people::take(tx, delivered.tenant, &self.tables, &person).await
            }
            // Roles, groups and tenants are in the principal of each call.
            _ => Ok(()),
        }
    }
}

/// A user as a fact tells of them.
pub fn person(user: &UserChanged, version: u64) -> Person {
    Person {
        user_name: user.user_name.clone(),
        version,
        user_id: user.id,
        agency: filled(user.agency.clone()),
        agency_office: filled(user.agency_office.clone()),
        groups: user.groups.clone(),
        location: filled(user.location.clone()),
        user_category: None,
        disabled: user.disabled,
        deleted: user.deleted,
    }
}

/// Keeps the directory of places, and says where records may have to follow new forms and places.
pub struct ConfigurationFacts<S> {
    pub tables: Vec<&'static Tables>,
    pub service: PhantomData<S>,
    pub catalogs: Arc<Catalogs>,
    pub keys: Arc<KeyCache>,
    pub changed: mpsc::UnboundedSender<Uuid>,
}

impl<S: ServiceName> ConfigurationFacts<S> {
    /// Notes the records that named a place before it was known.
    async fn unsettle(&self, tx: &Tx, tenant: Uuid, places: &[Location]) -> Result<(), StoreError> {
        if places.iter().any(is_odd) {
            for tables in &self.tables {
                let ground = Ground::of(&self.catalogs, &self.keys, tenant, tables).await?;
                let codes = places.iter().filter(|one| is_odd(one)).map(|one| one.code.as_str());
                refacet::unsettle_places(tx, tenant, &ground, codes).await?;
            }
        }
        Ok(())
    }
}

/// Whether records may have sealed the code of a place, since it looks like words.
fn is_odd(place: &Location) -> bool {
    !place.deleted && !is_place_code(&place.code)
}

impl<S: ServiceName> Consumer for ConfigurationFacts<S> {
    const NAME: &'static str = S::NAME;
    const SOURCE: &'static str = "configuration";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        match &delivered.fact.kind {
            Some(Kind::LocationsChanged(changed)) => {
                take_places(tx, delivered.tenant, &changed.locations).await?;
                self.unsettle(tx, delivered.tenant, &changed.locations).await
            }
            _ => Ok(()),
        }
    }

    fn applied(&self, facts: &[&Delivered]) {
        for fact in facts {
            let follows = match &fact.fact.kind {
                Some(Kind::CatalogChanged(_)) => true,
                Some(Kind::LocationsChanged(changed)) => changed.locations.iter().any(is_odd),
                _ => false,
            };
            if follows {
                // Nobody listens any more when the process is stopping.
                let _ = self.changed.send(fact.tenant);
            }
        }
    }
}

/// Takes what is newly known of places into table `directory_location`.
pub async fn take_places(tx: &Tx, tenant: Uuid, places: &[Location]) -> Result<(), StoreError> {
    let gone: Vec<&str> =
        places.iter().filter(|one| one.deleted).map(|one| one.code.as_str()).collect();
    if !gone.is_empty() {
        let sql = "DELETE FROM directory_location WHERE tenant = $1 AND code = ANY($2)";
        tx.execute(sql, &[&tenant, &gone]).await?;
    }
    // A place told twice in one fact is as it was told last.
    let mut kept: std::collections::BTreeMap<&str, &Location> = std::collections::BTreeMap::new();
    kept.extend(places.iter().filter(|one| !one.deleted).map(|one| (one.code.as_str(), one)));
    let kept: Vec<&Location> = kept.into_values().collect();
    for some in kept.chunks(1_000) {
        // Arrays of arrays have to be of one length: the paths travel joined.
        let codes: Vec<&str> = some.iter().map(|one| one.code.as_str()).collect();
        let paths: Vec<String> = some.iter().map(|one| one.hierarchy.join("\u{1f}")).collect();
        let types: Vec<&str> = some.iter().map(|one| one.r#type.as_str()).collect();
        let disabled: Vec<bool> = some.iter().map(|one| one.disabled).collect();
        let sql = "INSERT INTO directory_location (tenant, code, hierarchy, type, disabled) \
             SELECT $1, p.code, string_to_array(p.path, E'\\x1f'), nullif(p.type, ''), p.disabled \
             FROM unnest($2::text[], $3::text[], $4::text[], $5::bool[]) p(code, path, type, disabled) \
             ON CONFLICT (tenant, code) DO UPDATE SET hierarchy = excluded.hierarchy, \
             type = excluded.type, disabled = excluded.disabled";
        tx.execute(sql, &[&tenant, &codes, &paths, &types, &disabled]).await?;
    }
    Ok(())
}
