//! A child is registered.

use jiff::{Timestamp, ToSpan};
use kit_decider::Command;
use kit_records::values::parse_time;
use kit_records::{Code, Record, Violation};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::case::{CLOSED, IDENTIFIED, OPEN, TRANSFERRED};
use crate::commands::{CloseCase, DisableCase};
use crate::compute::{self, Input};
use crate::{
    Case, CaseEvent, CaseRefusal, Context, Named, Registered, Rights, derived, naming, patch, save,
    short_id,
};

/// The module whose cases hide their names from the first moment.
const GBV: &str = "primeromodule-gbv";

/// Registers a child.
///
/// The id may come from the client, made offline; `created_at` and `owned_by` may be in the body.
/// The registering user owns the case unless the body names another.
#[derive(Debug, Clone)]
pub struct RegisterCase {
    pub context: Context,
    pub id: Uuid,
    /// Validated against `context.schema`.
    pub body: Record,
    pub rights: Rights,
    /// What the directory says of the body's `owned_by`.
    pub owner: Named,
    /// Whether another case is this author's own already; asked for identified authors only.
    pub identified: Named,
}

impl Command for RegisterCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if case.is_registered() {
            return Err(CaseRefusal::AlreadyRegistered);
        }
        let registered = self.registered(case)?;
        let mut registered_case = Case::default();
        kit_decider::Aggregate::evolve(
            &mut registered_case,
            &CaseEvent::Registered(registered.clone()),
        );
        let mut events = vec![CaseEvent::Registered(registered)];
        events.extend(self.closed(&registered_case)?);
        events.extend(self.disabled(&registered_case)?);
        Ok(events)
    }
}

impl RegisterCase {
    fn registered(&self, none: &Case) -> Result<Registered, CaseRefusal> {
        let module = self.module()?;
        let owner = self.owned_by()?;
        let created_at = self.created_at()?;
        let identified_by = self.identified_by()?;
        let mut values = save::prepared(none, &self.context, &self.body);
        values.shift_remove("workflow");
        let values = patch::patched(&Record::new(), &values);
        let computed = self.computed(module.as_deref(), &values)?;
        let chains = &self.context.chains;
        let mut whole = values.clone();
        whole.extend(computed.clone());
        let code = naming::auto_populated(&self.context.index, "case_id_code", &whole, chains);
        let author = &self.context.author;
        Ok(Registered {
            stamp: self.context.stamp(),
            id: self.id,
            module,
            status: self.status().to_owned(),
            owner,
            created_at,
            organization: author.agency.clone(),
            agency_office: author.agency_office.clone(),
            groups: author.groups.clone(),
            display_id: naming::display_id(
                &self.context.index,
                code.as_deref(),
                &short_id(self.id),
            ),
            code,
            identified_by,
            values,
            computed,
        })
    }

    /// The defaults of a new case and what the rules make of it.
    fn computed(&self, module: Option<&str>, values: &Record) -> Result<Record, CaseRefusal> {
        let mut started = values.clone();
        for (name, value) in self.defaults(module) {
            started.entry(name).or_insert(value);
        }
        started.insert("workflow".into(), json!("new"));
        derived::settle(&mut started);
        save::check(&self.context, module, None, values, &started)?;
        let moves_on = self.status() == OPEN;
        let input = Input { module, changes: values, after: &started, moves_on: false };
        let mut computed = kit_records::patch::changed(values, &started);
        computed.extend(compute::computed(&self.context, Input { moves_on, ..input }));
        // A new case starts at the beginning, whatever came with it.
        computed.insert("workflow".into(), json!("new"));
        Ok(computed)
    }

    fn defaults(&self, module: Option<&str>) -> Vec<(String, Value)> {
        let index = &self.context.index;
        let case_type = module.and_then(|module| index.module_option(module, "case_type"));
        let mut defaults = vec![
            ("registration_date".to_owned(), json!(self.context.today)),
            ("notes_section".to_owned(), json!([])),
            ("case_type".to_owned(), case_type.cloned().unwrap_or_else(|| json!("person"))),
        ];
        if module == Some(GBV) {
            defaults.push(("hidden_name".to_owned(), json!(true)));
        }
        defaults
    }

    fn module(&self) -> Result<Option<String>, CaseRefusal> {
        let module = patch::text(&self.body, "module_id");
        if module.is_some_and(|module| self.context.index.module(module).is_none()) {
            return Err(invalid("/module_id", Code::NotFound));
        }
        Ok(module.map(str::to_owned))
    }

    fn owned_by(&self) -> Result<String, CaseRefusal> {
        let author = &self.context.author.user_name;
        match patch::text(&self.body, "owned_by") {
            Some(owner) if owner == author => Ok(author.clone()),
            Some(owner) if self.owner == Named::Known => Ok(owner.to_owned()),
            Some(_) => Err(CaseRefusal::OwnerUnknown),
            None => Ok(author.clone()),
        }
    }

    fn identified_by(&self) -> Result<Option<String>, CaseRefusal> {
        if !self.context.author.identified {
            return Ok(None);
        }
        if self.identified == Named::Taken {
            return Err(CaseRefusal::IdentifiedByTaken);
        }
        Ok(Some(self.context.author.user_name.clone()))
    }

    /// The record's own time; a device's clock may be a day ahead, not more.
    fn created_at(&self) -> Result<Timestamp, CaseRefusal> {
        let Some(sent) = patch::text(&self.body, "created_at") else { return Ok(self.context.now) };
        let created = parse_time(sent).ok_or_else(|| invalid("/created_at", Code::NotATime))?;
        let latest = self.context.now.checked_add(24.hours()).unwrap_or(Timestamp::MAX);
        if created > latest { Err(invalid("/created_at", Code::FutureDate)) } else { Ok(created) }
    }

    fn status(&self) -> &str {
        if self.context.author.identified {
            return IDENTIFIED;
        }
        match patch::text(&self.body, "status") {
            None | Some(OPEN | CLOSED | TRANSFERRED | IDENTIFIED) => OPEN,
            Some(other) if self.rights.close => other,
            Some(_) => OPEN,
        }
    }

    fn closed(&self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if patch::text(&self.body, "status") != Some(CLOSED) || !self.rights.close {
            return Ok(vec![]);
        }
        CloseCase { stamp: self.context.stamp(), date: None, today: self.context.today }
            .decide(case)
    }

    fn disabled(&self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let off = self.body.get("record_state") == Some(&Value::Bool(false));
        if !(off && self.rights.enable_disable) {
            return Ok(vec![]);
        }
        DisableCase { stamp: self.context.stamp() }.decide(case)
    }
}

fn invalid(pointer: &str, code: Code) -> CaseRefusal {
    CaseRefusal::Invalid(vec![Violation::new(pointer, code)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CASE, Given, record};

    fn registered(command: RegisterCase) -> Result<Registered, CaseRefusal> {
        match command.decide(&Case::default())?.remove(0) {
            CaseEvent::Registered(event) => Ok(event),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_entered_stands_apart_from_what_was_computed() {
        let command = Given::nothing().register(
            json!({"name_first": "Amal", "name_last": "Haddad", "date_of_birth": "2016-02-01"}),
        );
        let event = registered(command).unwrap();
        assert_eq!(
            Value::Object(event.values),
            json!({"name_first": "Amal", "name_last": "Haddad", "date_of_birth": "2016-02-01"})
        );
        assert_eq!(
            Value::Object(event.computed),
            json!({
                "registration_date": "2026-01-31", "notes_section": [], "case_type": "person",
                "workflow": "new", "protection_concerns": [], "age": 9, "name": "Amal Haddad",
            })
        );
        assert_eq!(
            (event.id, event.owner.as_str(), event.display_id.as_str()),
            (CASE, "ann", "20260131-4c1d2ab")
        );
    }

    #[test]
    fn an_id_is_registered_once() {
        let mut given = Given::registered(json!({}));
        let again = given.register(json!({"name": "Again"}));
        assert_eq!(given.when(again), Err(CaseRefusal::AlreadyRegistered));
    }

    #[test]
    fn a_device_may_have_registered_earlier_but_not_in_the_future() {
        let register =
            |sent: &str| registered(Given::nothing().register(json!({"created_at": sent})));
        let earlier = register("2026-01-02T03:04:05.000Z").unwrap();
        assert_eq!(earlier.created_at.to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(register("2031-01-01T00:00:00Z"), Err(invalid("/created_at", Code::FutureDate)));
        assert_eq!(register("yesterday"), Err(invalid("/created_at", Code::NotATime)));
    }

    #[test]
    fn the_owner_is_the_author_or_somebody_known() {
        let command = Given::nothing().register(json!({"owned_by": "bob"}));
        assert_eq!(registered(command.clone()).unwrap().owner, "bob");
        let unknown = RegisterCase { owner: Named::Unknown, ..command };
        assert_eq!(registered(unknown), Err(CaseRefusal::OwnerUnknown));
    }

    #[test]
    fn the_module_must_exist_and_may_hide_names() {
        let register =
            |module: &str| registered(Given::nothing().register(json!({"module_id": module})));
        assert_eq!(register("primeromodule-none"), Err(invalid("/module_id", Code::NotFound)));
        assert_eq!(register(GBV).unwrap().computed["hidden_name"], true);
    }

    #[test]
    fn a_child_is_not_born_in_a_later_year() {
        let command = Given::nothing().register(json!({"date_of_birth": "2027-01-01"}));
        assert_eq!(registered(command), Err(CaseRefusal::BornInTheFuture));
    }

    #[test]
    fn a_self_identified_user_registers_their_own_case_once() {
        let mut command = Given::nothing().register(json!({"status": "open"}));
        command.context.author.identified = true;
        let event = registered(command.clone()).unwrap();
        assert_eq!(
            (event.status.as_str(), event.identified_by.as_deref()),
            (IDENTIFIED, Some("ann"))
        );
        command.identified = Named::Taken;
        assert_eq!(registered(command), Err(CaseRefusal::IdentifiedByTaken));
    }

    #[test]
    fn a_status_needs_its_right() {
        let command = Given::nothing().register(json!({"status": "closed", "record_state": false}));
        assert_eq!(command.clone().decide(&Case::default()).unwrap().len(), 3);
        let without = RegisterCase { rights: Rights::default(), ..command };
        assert_eq!(without.decide(&Case::default()).unwrap().len(), 1);
    }

    #[test]
    fn system_fields_and_workflow_are_not_entered() {
        let body = json!({"id": "x", "short_id": "y", "created_by": "z", "workflow": "closed", "last_updated_by": "w", "has_case_plan": true});
        let event = registered(Given::nothing().register(body)).unwrap();
        assert_eq!((event.values, &event.computed["workflow"]), (record(json!({})), &json!("new")));
    }

    #[test]
    fn entries_get_ids_that_a_repeat_gives_again() {
        let command = Given::nothing().register(
            json!({"conf_contacts": [{"contact_name": "Aunt"}, {"contact_name": "Uncle"}]}),
        );
        let event = registered(command.clone()).unwrap();
        let contacts = &event.values["conf_contacts"];
        assert_ne!(contacts[0]["unique_id"], contacts[1]["unique_id"]);
        assert_eq!(registered(command).unwrap(), event);
    }
}
