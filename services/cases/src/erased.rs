//! A case that is erased leaves nothing behind in its families: its child's entry among the
//! members, and what other cases say of that entry.
//!
//! It is done before the case itself goes, and again whenever an erasure is carried out once more.

use std::collections::BTreeSet;

use cases_domain::families::{DETAILS, FAMILY, FamilyKind, MEMBER, MEMBERS, cases_of};
use cases_domain::{Case, CaseKind, CaseRefusal};
use kit_dossier::{Assign, Event, Forget, ForgottenEntry, Stamp, fields};
use kit_records::Record;
use kit_store::{ExecuteError, Meta, StoreError, Unit};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::incidents;
use crate::links::{Family, Fault, LinkedCases, owners};

/// A family, and the entry of a case among its members.
type Place = (Uuid, String);

/// Of the rows: a restored backup has them when the case itself opens for nobody.
const ROW: &str = "SELECT facets->>'family_id', facets->>'family_member_id' FROM case_row \
     WHERE tenant = $1 AND id = $2";

impl LinkedCases {
    /// Takes the case out of every family that it is or was in; says which.
    pub async fn leave_for_good(&self, meta: &Meta, id: Uuid) -> Result<Vec<Value>, StoreError> {
        let mut left = Vec::new();
        for (family, entry) in self.places(meta.tenant, id).await? {
            let meta = Meta {
                command_id: Uuid::new_v5(&meta.command_id, entry.as_bytes()),
                ..meta.clone()
            };
            match self.forget_member(&meta, id, family, &entry).await {
                Ok(()) => left.push(json!({"record_type": "family", "record_id": family})),
                // The family was erased itself, or never was.
                Err(
                    ExecuteError::Store(StoreError::Erased)
                    | ExecuteError::Refused(CaseRefusal::NotRegistered),
                ) => {}
                Err(ExecuteError::Store(error)) => return Err(error),
                Err(ExecuteError::Refused(refusal)) => {
                    tracing::warn!(family.id = %family, %refusal, "a family forgot no member");
                }
            }
        }
        Ok(left)
    }

    /// Removes what the case showed of its incidents.
    pub async fn forget_incidents(&self, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
        let tx = self.office().store.begin(tenant).await?;
        incidents::remove_all(&tx, tenant, id).await?;
        tx.commit().await
    }

    /// Where the case is a member, and where it was one.
    async fn places(&self, tenant: Uuid, id: Uuid) -> Result<BTreeSet<Place>, StoreError> {
        let store = &self.office().store;
        let row = store.read(tenant).await?.query_opt(ROW, &[&tenant, &id]).await?;
        let mut places = BTreeSet::new();
        if let Some(row) = row {
            let (family, entry): (Option<String>, Option<String>) =
                (row.try_get(0)?, row.try_get(1)?);
            let family = family.and_then(|family| family.parse().ok());
            places.extend(family.zip(entry));
        }
        match store.history::<Case>(tenant, id).await {
            Ok(events) => places.extend(told(events.iter().map(|one| &one.event))),
            Err(StoreError::Erased) => {}
            Err(error) => return Err(error),
        }
        Ok(places)
    }

    async fn forget_member(
        &self,
        meta: &Meta,
        case: Uuid,
        family: Uuid,
        entry: &str,
    ) -> Result<(), Fault> {
        let done = self.office().store.transact(meta, "ForgetMember", |unit| {
            let (this, meta, entry) = (self.clone(), meta.clone(), entry.to_owned());
            Box::pin(async move { this.forget_within(unit, &meta, case, family, entry).await })
        });
        done.await.map(drop)
    }

    async fn forget_within(
        &self,
        unit: &mut Unit,
        meta: &Meta,
        case: Uuid,
        family: Uuid,
        entry: String,
    ) -> Result<(), Fault> {
        let before = unit.load::<Family>(family).await?.state;
        if is_of_another(&before.values, &entry, case) {
            return Ok(());
        }
        let others: Vec<Uuid> =
            cases_of(&before.values).into_iter().filter(|one| *one != case).collect();
        drop(before);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let entries =
            |subform: &str| vec![ForgottenEntry { subform: subform.into(), id: entry.clone() }];
        let fields = Vec::new;
        let (kind, of_family) = (FamilyKind, entries(MEMBERS));
        let forget = Forget { kind, stamp: stamp.clone(), fields: fields(), entries: of_family };
        unit.execute(family, forget).await?;
        for other in &others {
            let (kind, of_case) = (CaseKind, entries(DETAILS));
            let forget = Forget { kind, stamp: stamp.clone(), fields: fields(), entries: of_case };
            match unit.execute(*other, forget).await {
                Ok(_) | Err(ExecuteError::Store(StoreError::Erased)) => {}
                Err(error) => return Err(error),
            }
        }
        let users = owners(self.office(), meta.tenant, others.iter()).await?;
        unit.execute(family, Assign { kind: FamilyKind, stamp, users }).await?;
        Ok(())
    }
}

/// The places that a case's history tells of.
fn told<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Place> {
    let mut now = Record::new();
    let mut places = Vec::new();
    for event in events {
        let changes = match event {
            Event::Registered(one) => [&one.values, &one.computed],
            Event::Changed(one) => [&one.changes, &one.computed],
            Event::Absorbed(one) => [&one.changes, &one.computed],
            _ => continue,
        };
        for (name, value) in changes.into_iter().flatten() {
            if name == FAMILY || name == MEMBER {
                now.insert(name.clone(), value.clone());
            }
        }
        let family = fields::text(&now, FAMILY).and_then(|id| id.parse().ok());
        places.extend(family.zip(fields::text(&now, MEMBER).map(str::to_owned)));
    }
    places
}

/// Whether an entry has become that of another case.
fn is_of_another(family: &Record, entry: &str, case: Uuid) -> bool {
    let member =
        fields::entries(family, MEMBERS).find(|one| fields::text(one, "unique_id") == Some(entry));
    let of = member.and_then(|one| fields::text(one, "case_id"));
    of.is_some_and(|of| of != case.to_string())
}
