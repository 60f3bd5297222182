//! Facts of cases: a case's incidents follow its owner, and forget a case that was erased.

use incidents_domain::case::{FollowMerge, of_erased_case};
use incidents_domain::{Incident, IncidentKind};
use kit_bus::{Consumer, Delivered, Kind};
use kit_cabinet::{Office, ServiceName};
use kit_dossier::{ChangeOwner, Forget, Named, Stamp};
use kit_proto::facts::v1::CaseChanged;
use kit_records::{Record, RecordType};
use kit_store::{ExecuteError, Meta, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::Service;
use crate::projection::{cases_with_incidents, incidents_from, incidents_of};

/// Hears who owns a case.
pub struct CaseFacts {
    pub office: Office,
}

impl Consumer for CaseFacts {
    const NAME: &'static str = Service::NAME;
    const SOURCE: &'static str = "cases";

    /// Most cases have no incidents: one question spares the others. The first fact that means
    /// something may give others a meaning.
    async fn react(&self, facts: &[&Delivered]) -> Result<(), StoreError> {
        let Some(tenant) = facts.first().map(|first| first.tenant) else { return Ok(()) };
        let cases: Vec<Uuid> = facts.iter().filter_map(|fact| concerns(fact)).collect();
        if cases.is_empty() {
            return Ok(());
        }
        let tx = self.office.store.read(tenant).await?;
        let with = cases_with_incidents(&tx, tenant, &cases).await?;
        drop(tx);
        let means = |fact: &&&Delivered| concerns(fact).is_some_and(|case| with.contains(&case));
        let Some(first) = facts.iter().position(|fact| means(&fact)) else { return Ok(()) };
        for fact in &facts[first..] {
            self.follow(fact).await?;
        }
        Ok(())
    }

    /// All that follows are commands to incidents.
    async fn apply(&self, _: &Tx, _: &Delivered) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The case that a fact is about, if its incidents might have to follow.
fn concerns(delivered: &Delivered) -> Option<Uuid> {
    match &delivered.fact.kind {
        Some(Kind::RecordErased(erased)) if erased.record_type == RecordType::Case.as_str() => {
            erased.record_id.parse().ok()
        }
        Some(Kind::CaseChanged(changed))
            if matches!(changed.action.as_str(), "created" | "merged" | "restored")
                || changed.changed_fields.iter().any(|name| name == "owned_by") =>
        {
            changed.case_id.parse().ok()
        }
        _ => None,
    }
}

/// The owner that a case has since, if that changed.
fn new_owner(changed: &CaseChanged) -> Option<String> {
    let is_told = |name: &String| name == "owned_by";
    if changed.action != "created" && !changed.changed_fields.iter().any(is_told) {
        return None;
    }
    let facets: Record = serde_json::from_slice(&changed.facets).ok()?;
    facets.get("owned_by").and_then(Value::as_str).map(str::to_owned)
}

/// Where the incidents of a case go when it is merged into another, or back.
struct Moved {
    /// The case that is kept, and what people call it; nothing when the merge was taken back.
    into: Option<(Uuid, String)>,
    /// Who owns the case that they belong to then.
    owner: String,
}

impl Moved {
    fn of(changed: &CaseChanged) -> Option<Self> {
        let facets = || serde_json::from_slice::<Record>(&changed.facets).ok();
        let text = |facets: &Record, name: &str| {
            facets.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        match changed.action.as_str() {
            "restored" => Some(Self { into: None, owner: text(&facets()?, "owned_by") }),
            "merged" => {
                let facets = facets()?;
                let into = text(&facets, "merged_into").parse().ok()?;
                let name = text(&facets, "merged_into_display_id");
                let owner = text(&facets, "merged_into_owned_by");
                Some(Self { into: Some((into, name)), owner })
            }
            _ => None,
        }
    }
}

impl CaseFacts {
    /// What a fact means to the incidents of its case.
    async fn follow(&self, delivered: &Delivered) -> Result<(), StoreError> {
        let changed = match &delivered.fact.kind {
            Some(Kind::CaseChanged(changed)) => changed,
            Some(Kind::RecordErased(erased)) if erased.record_type == RecordType::Case.as_str() => {
                let Ok(case) = erased.record_id.parse() else { return Ok(()) };
                return self.case_is_gone(delivered, case).await;
            }
            _ => return Ok(()),
        };
        if let (Some(merge), Ok(case)) = (Moved::of(changed), changed.case_id.parse()) {
            return self.move_with(delivered, case, merge).await;
        }
        let (Some(owner), Ok(case)) = (new_owner(changed), changed.case_id.parse()) else {
            return Ok(());
        };
        let incidents = self.of_case(delivered.tenant, case).await?;
        if incidents.is_empty() {
            return Ok(());
        }
        let people = &self.office.people;
        people.ensure(&self.office.store, delivered.tenant, &[&owner]).await?;
        for id in incidents {
            self.give(delivered, id, &owner).await?;
        }
        Ok(())
    }

    async fn of_case(&self, tenant: Uuid, case: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let tx = self.office.store.read(tenant).await?;
        incidents_of(&tx, tenant, case).await
    }

    /// Incidents go with their case when it is merged, and come back with it.
    async fn move_with(
        &self,
        fact: &Delivered,
        case: Uuid,
        moved: Moved,
    ) -> Result<(), StoreError> {
        let ids = if moved.into.is_some() {
            self.of_case(fact.tenant, case).await?
        } else {
            let tx = self.office.store.read(fact.tenant).await?;
            incidents_from(&tx, fact.tenant, case).await?
        };
        for id in ids {
            let meta = self.meta(fact, id);
            let stamp = Stamp { by: fact.fact.actor.clone(), at: meta.now };
            let follow = FollowMerge { stamp, case, into: moved.into.clone() };
            match self.office.execute(&meta, id, follow).await {
                Ok(_) | Err(ExecuteError::Store(StoreError::Erased)) => {}
                Err(ExecuteError::Store(error)) => return Err(error),
                Err(ExecuteError::Refused(refusal)) => {
                    tracing::warn!(incident.id = %id, %refusal, "an incident did not follow");
                }
            }
            if !moved.owner.is_empty() {
                let people = &self.office.people;
                people.ensure(&self.office.store, fact.tenant, &[&moved.owner]).await?;
                let given = Uuid::new_v5(&meta.command_id, b"owner");
                self.give_as(fact, Meta { command_id: given, ..meta }, id, &moved.owner).await?;
            }
        }
        Ok(())
    }

    /// Of a case that was erased nothing stays in its incidents.
    async fn case_is_gone(&self, fact: &Delivered, case: Uuid) -> Result<(), StoreError> {
        for id in self.of_case(fact.tenant, case).await? {
            let meta = self.meta(fact, id);
            forget_case(&self.office, &meta, id).await?;
        }
        Ok(())
    }

    fn meta(&self, fact: &Delivered, id: Uuid) -> Meta {
        Meta {
            command_id: Uuid::new_v5(&fact.event_id, id.as_bytes()),
            correlation: fact.event_id,
            causation: Some(fact.event_id),
            trace: fact.trace.clone(),
            ..self.office.own_meta(fact.tenant)
        }
    }

    /// Gives one incident to the case's owner. The command has an id that follows from the fact:
    /// a fact that comes twice changes nothing more.
    async fn give(&self, fact: &Delivered, id: Uuid, owner: &str) -> Result<(), StoreError> {
        self.give_as(fact, self.meta(fact, id), id, owner).await
    }

    async fn give_as(
        &self,
        fact: &Delivered,
        meta: Meta,
        id: Uuid,
        owner: &str,
    ) -> Result<(), StoreError> {
        let stamp = Stamp { by: fact.fact.actor.clone(), at: meta.now };
        let command =
            ChangeOwner { kind: IncidentKind, stamp, to: owner.to_owned(), owner: Named::Known };
        match self.office.execute(&meta, id, command).await {
            // What was erased meanwhile follows nobody.
            Ok(_) | Err(ExecuteError::Store(StoreError::Erased)) => Ok(()),
            Err(ExecuteError::Store(error)) => Err(error),
            Err(ExecuteError::Refused(refusal)) => {
                tracing::warn!(incident.id = %id, %refusal, "an incident did not follow its case");
                Ok(())
            }
        }
    }
}

/// Takes the link to an erased case, and what was taken over from it, out of an incident.
pub async fn forget_case(office: &Office, meta: &Meta, id: Uuid) -> Result<(), StoreError> {
    let incident = match office.store.load::<Incident>(meta.tenant, id).await {
        Ok(loaded) => loaded.state,
        // It is gone itself.
        Err(StoreError::Erased) => return Ok(()),
        Err(error) => return Err(error),
    };
    let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
    let fields = of_erased_case(&incident);
    let command = Forget { kind: IncidentKind, stamp, fields, entries: Vec::new() };
    match office.execute(meta, id, command).await {
        Ok(_) | Err(ExecuteError::Store(StoreError::Erased)) => Ok(()),
        Err(ExecuteError::Store(error)) => Err(error),
        Err(ExecuteError::Refused(refusal)) => {
            tracing::warn!(incident.id = %id, %refusal, "an incident did not forget its case");
            Ok(())
        }
    }
}
