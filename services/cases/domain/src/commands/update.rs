//! A case is changed.

use kit_decider::Command;
use kit_records::values::parse_date;
use kit_records::{Merged, Record};
use serde_json::Value;

use crate::case::{CLOSED, IDENTIFIED, OPEN, TRANSFERRED};
use crate::commands::{
    AttributeCase, ChangeOwner, CloseCase, DisableCase, EnableCase, ReopenCase, SetStatus,
};
use crate::save::{self, Saved};
use crate::{
    Case, CaseEvent, CaseRefusal, Changed, ConflictOpened, Context, Named, Overruled, ReopenCause,
    Rights, patch,
};

/// Changes a case by the body of a PATCH.
///
/// Form fields merge (three ways where a base version is named). `status`, `record_state`,
/// `owned_by` and `identified_by` are decisions with a right of their own: what the rights do not
/// cover is left out, as the contract says of every key that may not be written.
#[derive(Debug, Clone)]
pub struct UpdateCase {
    pub context: Context,
    /// Validated against `context.schema`.
    pub body: Record,
    /// The version that the change was made on; none means the last write wins.
    pub base: Option<u64>,
    /// The form fields at that version, where at hand: a value that merely repeats them (clients
    /// that send whole forms) is then no change, and lists of choices see what was taken out.
    pub seen: Option<Record>,
    /// The `record_action` named beside the body.
    pub action: Option<String>,
    pub rights: Rights,
    /// What the directory says of the body's `owned_by`.
    pub owner: Named,
    /// What the directory and the other cases say of the body's `identified_by`.
    pub identified: Named,
}

/// What becomes of the status.
#[derive(Debug, Clone, PartialEq)]
enum Move {
    Stay,
    Close,
    Reopen(ReopenCause),
    Set(String),
}

impl Command for UpdateCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(mut self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        let wanted = self.move_asked(case);
        self.cut_status_fields(&wanted);
        let fields = save::prepared(case, &self.context, &self.body);
        let mut merged = save::merged(case, &self.context, &fields, self.base, self.seen.as_ref())?;
        merged.conflicts.retain(|one| !is_open(case, &one.path, &one.sent));
        let wanted =
            if wanted == Move::Stay { Self::move_following(case, &merged) } else { wanted };
        let saved = save::saved(case, &self.context, &fields, merged, opens(case, &wanted))?;
        let mut events = self.changed(saved);
        events.extend(self.moved(case, wanted)?);
        events.extend(self.switched(case)?);
        events.extend(self.handed_over(case)?);
        Ok(events)
    }
}

impl UpdateCase {
    /// The change of status that the body asks for and the rights cover.
    fn move_asked(&self, case: &Case) -> Move {
        let status = self.body.get("status").and_then(Value::as_str);
        let Some(status) = status.filter(|status| *status != case.status) else {
            return Move::Stay;
        };
        let Rights { close, reopen, .. } = self.rights;
        match status {
            CLOSED if close => Move::Close,
            OPEN if case.is_closed() && reopen => Move::Reopen(ReopenCause::Asked),
            OPEN if reopen => Move::Set(OPEN.to_owned()),
            // Transferred and identified come of other decisions, never of a body.
            CLOSED | OPEN | TRANSFERRED | IDENTIFIED => Move::Stay,
            other if close => Move::Set(other.to_owned()),
            _ => Move::Stay,
        }
    }

    /// A service that is added to a closed case opens it again.
    fn move_following(case: &Case, merged: &Merged) -> Move {
        let added = save::adds_entry(&case.values, &merged.patch, "services_section");
        if case.is_closed() && added { Move::Reopen(ReopenCause::ServiceAdded) } else { Move::Stay }
    }

    /// Takes away what belongs to a decision that is not made here or made otherwise.
    fn cut_status_fields(&mut self, wanted: &Move) {
        let resumes = matches!(wanted, Move::Reopen(_));
        let reopened = self.body.get("case_status_reopened") == Some(&Value::Bool(true));
        if resumes || (reopened && !self.rights.reopen) {
            self.body.shift_remove("case_status_reopened");
        }
        if resumes || !self.rights.reopen {
            self.body.shift_remove("workflow");
        }
    }

    fn changed(&self, saved: Saved) -> Vec<CaseEvent> {
        let stamp = self.context.stamp();
        let mut events = Vec::new();
        if !(saved.changes.is_empty() && saved.computed.is_empty()) {
            events.push(CaseEvent::Changed(Changed {
                stamp: stamp.clone(),
                action: self.action.clone(),
                base: self.base,
                changes: saved.changes,
                computed: saved.computed,
            }));
        }
        let base = self.base.unwrap_or_default();
        for one in saved.merged.overruled {
            events.push(CaseEvent::Overruled(Overruled {
                stamp: stamp.clone(),
                path: one.path,
                kept: one.stored,
                proposed: one.sent,
                base,
            }));
        }
        for one in saved.merged.conflicts {
            events.push(CaseEvent::ConflictOpened(ConflictOpened {
                stamp: stamp.clone(),
                id: self.context.id_for(&one.path),
                path: one.path,
                kept: one.stored,
                kept_version: one.version,
                proposed: one.sent,
                base,
            }));
        }
        events
    }

    fn moved(&self, case: &Case, wanted: Move) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let (stamp, today) = (self.context.stamp(), self.context.today);
        match wanted {
            Move::Stay => Ok(vec![]),
            Move::Close => {
                let date = patch::text(&self.body, "date_closure").and_then(parse_date);
                CloseCase { stamp, date, today }.decide(case)
            }
            Move::Reopen(why) => ReopenCase { stamp, cause: why }.decide(case),
            Move::Set(status) => SetStatus { stamp, status }.decide(case),
        }
    }

    fn switched(&self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let stamp = self.context.stamp();
        match self.body.get("record_state").filter(|_| self.rights.enable_disable) {
            Some(Value::Bool(true)) => EnableCase { stamp }.decide(case),
            Some(Value::Bool(false)) => DisableCase { stamp }.decide(case),
            _ => Ok(vec![]),
        }
    }

    fn handed_over(&self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let mut events = Vec::new();
        let stamp = self.context.stamp();
        if let Some(to) = patch::text(&self.body, "owned_by").filter(|_| self.rights.assign) {
            let (to, owner) = (to.to_owned(), self.owner);
            events.extend(ChangeOwner { stamp: stamp.clone(), to, owner }.decide(case)?);
        }
        if self.rights.attribute && self.body.contains_key("identified_by") {
            let to = patch::text(&self.body, "identified_by").map(str::to_owned);
            events.extend(AttributeCase { stamp, to, user: self.identified }.decide(case)?);
        }
        Ok(events)
    }
}

/// Whether the very same conflict waits to be settled already.
fn is_open(case: &Case, path: &str, proposed: &Value) -> bool {
    case.conflicts.values().any(|one| one.path == path && one.proposed == *proposed)
}

/// Whether the case is open after the save without having been taken up by it.
fn opens(case: &Case, wanted: &Move) -> bool {
    match wanted {
        Move::Stay => case.status == OPEN,
        Move::Set(status) => status == OPEN,
        Move::Close | Move::Reopen(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Given, record};

    fn kinds(events: &[CaseEvent]) -> Vec<&str> {
        events.iter().map(CaseEvent::kind).collect()
    }

    fn unprivileged(given: &Given, body: Value) -> Vec<CaseEvent> {
        let command = UpdateCase { rights: Rights::default(), ..given.patch(body) };
        command.decide(&given.case).unwrap()
    }

    #[test]
    fn only_what_differs_is_recorded() {
        let mut given = Given::registered(json!({"age": 9, "sex": "female"}));
        let events = given.update(json!({"age": 10, "sex": "female"}));
        let [CaseEvent::Changed(changed)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(
            (&changed.changes, &changed.computed),
            (&record(json!({"age": 10})), &Record::new())
        );
        assert_eq!(given.update(json!({"age": 10})), []);
    }

    #[test]
    fn there_must_be_a_case() {
        let given = Given::nothing();
        assert_eq!(given.patch(json!({})).decide(&given.case), Err(CaseRefusal::NotRegistered));
    }

    #[test]
    fn status_state_and_owner_need_rights_of_their_own() {
        let given = Given::registered(json!({}));
        for body in [
            json!({"status": "closed"}),
            json!({"status": "duplicate"}),
            json!({"record_state": false}),
            json!({"owned_by": "bob"}),
            json!({"identified_by": "sam"}),
            json!({"case_status_reopened": true, "workflow": "reopened"}),
            json!({"created_at": "2020-01-01T00:00:00.000Z", "module_id": "primeromodule-gbv", "id": "x", "short_id": "1234567"}),
        ] {
            assert_eq!(unprivileged(&given, body.clone()), [], "{body}");
        }
    }

    #[test]
    fn the_right_to_close_does_not_reopen() {
        let mut given = Given::registered(json!({}));
        given.update(json!({"status": "closed"}));
        let rights = Rights { close: true, ..Rights::default() };
        let command = UpdateCase {
            rights,
            ..given.patch(json!({"status": "open", "case_status_reopened": true}))
        };
        assert_eq!(command.decide(&given.case), Ok(vec![]));
    }

    #[test]
    fn each_status_needs_its_own_right() {
        let close = Rights { close: true, ..Rights::default() };
        let reopen = Rights { reopen: true, ..Rights::default() };
        let told = |from: Option<&str>, to: &str, rights: Rights| {
            let mut given = Given::registered(json!({}));
            if let Some(status) = from {
                let stamp = given.context.stamp();
                given.when(SetStatus { stamp, status: status.into() }).unwrap();
            }
            let command = UpdateCase { rights, ..given.patch(json!({ "status": to })) };
            kinds(&command.decide(&given.case).unwrap()).join(" ")
        };
        assert_eq!(told(None, "duplicate", close), "status_set");
        assert_eq!(told(None, "duplicate", reopen), "");
        assert_eq!(told(None, "transferred", Rights::ALL), "");
        assert_eq!(told(None, "identified", Rights::ALL), "");
        assert_eq!(told(Some("identified"), "open", close), "");
        assert_eq!(told(Some("identified"), "open", reopen), "status_set");
        assert_eq!(told(Some("duplicate"), "closed", reopen), "");
        assert_eq!(told(Some("duplicate"), "closed", close), "closed");
    }

    #[test]
    fn closing_and_reopening_by_patch() {
        let mut given = Given::registered(json!({}));
        let closed = given.update(json!({"status": "closed", "date_closure": "2026-01-30"}));
        assert_eq!(kinds(&closed), ["changed", "closed"]);
        assert_eq!(given.case.values["date_closure"], "2026-01-30");
        let reopened = given.update(json!({"status": "open", "case_status_reopened": true}));
        assert_eq!(kinds(&reopened), ["reopened"]);
        assert_eq!(
            (given.case.status.as_str(), &given.case.values["workflow"]),
            ("open", &json!("reopened"))
        );
    }

    #[test]
    fn a_service_opens_a_closed_case_again() {
        let service = json!({"services_section": [{"service_type": "health"}]});
        let mut given = Given::registered(json!({}));
        given.update(json!({"status": "closed"}));
        let id = {
            let events = given.update(service.clone());
            assert_eq!(kinds(&events), ["changed", "reopened"]);
            given.case.values["services_section"][0]["unique_id"].clone()
        };
        given.update(json!({"status": "closed"}));
        let known = json!({"services_section": [{"unique_id": id, "service_type": "legal"}]});
        assert_eq!(kinds(&given.update(known)), ["changed"], "an old service does not");
        given.update(json!({"record_state": false}));
        assert_eq!(kinds(&given.update(service)), ["changed"], "a disabled case stays closed");
        assert_eq!(given.case.values["workflow"], "closed");
    }

    #[test]
    fn workflow_moves_with_what_the_save_changes() {
        let mut given = Given::registered(json!({}));
        given.update(json!({"assessment_requested_on": "2026-01-31"}));
        assert_eq!(given.case.values["workflow"], "assessment");
        given.update(json!({"date_case_plan": "2026-01-31"}));
        assert_eq!(given.case.values["workflow"], "case_plan");
        given.update(json!({"services_section": [{"service_response_type": "care_plan", "service_type": "health"}]}));
        assert_eq!(given.case.values["workflow"], "care_plan");
        let id = given.case.values["services_section"][0]["unique_id"].clone();
        given.update(json!({"services_section": [{"unique_id": id, "service_implemented_day_time": "2026-01-31T10:00:00.000Z"}]}));
        assert_eq!(given.case.values["workflow"], "services_implemented");
        assert_eq!(given.case.values["services_section"][0]["service_implemented"], "implemented");
        given.update(json!({"age": 9}));
        assert_eq!(given.case.values["workflow"], "services_implemented");
    }

    #[test]
    fn different_fields_never_conflict() {
        let mut given = Given::registered(json!({"age": 9, "sex": "female"}));
        given.update(json!({"age": 10}));
        assert_eq!(kinds(&given.update_from(1, json!({"sex": "male"}))), ["changed"]);
    }

    #[test]
    fn the_same_field_changed_differently_is_kept_twice() {
        let mut given = Given::registered(json!({"age": 9}));
        given.update(json!({"age": 10}));
        given.context.author.user_name = "bob".into();
        let events = given.update_from(1, json!({"age": 11, "sex": "male"}));
        assert_eq!(kinds(&events), ["changed", "conflict_opened"]);
        let conflict = given.case.conflicts.values().next().unwrap();
        assert_eq!((&conflict.kept, &conflict.proposed), (&json!(10), &json!(11)));
        assert_eq!(
            (conflict.kept_by.by.as_str(), conflict.proposed_by.by.as_str()),
            ("ann", "bob")
        );
        assert_eq!(given.case.values["age"], 10);
    }

    #[test]
    fn a_form_sent_whole_conflicts_only_where_it_was_changed() {
        let seen =
            json!({"age": 9, "sex": "female", "protection_concerns": ["separated", "orphan"]});
        let mut given = Given::registered(seen.clone());
        given.update(json!({"age": 10, "protection_concerns": ["separated", "orphan", "neglect"]}));
        let body = json!({"age": 9, "sex": "male", "protection_concerns": ["separated"]});
        let command = UpdateCase { base: Some(1), seen: Some(record(seen)), ..given.patch(body) };
        assert_eq!(kinds(&given.when(command).unwrap())[0], "changed");
        assert_eq!(
            (&given.case.values["age"], &given.case.values["sex"]),
            (&json!(10), &json!("male"))
        );
        assert_eq!(given.case.values["protection_concerns"], json!(["separated", "neglect"]));
        assert!(given.case.conflicts.is_empty());
    }

    #[test]
    fn the_same_change_twice_and_no_base_at_all_are_fine() {
        let mut given = Given::registered(json!({"age": 9}));
        given.update(json!({"age": 10}));
        assert_eq!(given.update_from(1, json!({"age": 10})), []);
        assert_eq!(kinds(&given.update(json!({"age": 12}))), ["changed"]);
    }

    #[test]
    fn the_same_conflict_is_not_opened_twice() {
        let mut given = Given::registered(json!({"age": 9}));
        given.update(json!({"age": 10}));
        assert_eq!(given.update_from(1, json!({"age": 11})).len(), 1);
        assert_eq!(given.update_from(1, json!({"age": 11})), []);
        assert_eq!(given.update_from(1, json!({"age": 12})).len(), 1);
        assert_eq!(given.case.conflicts.len(), 2);
    }

    #[test]
    fn names_that_rules_make_do_not_conflict() {
        let mut given = Given::registered(json!({"name_first": "Amal", "name_last": "Haddad"}));
        given.update(json!({"name_first": "Amel"}));
        let events = given.update_from(1, json!({"name": "Amal Hadad", "name_last": "Hadad"}));
        assert_eq!(kinds(&events), ["changed"]);
        assert_eq!(given.case.values["name"], "Amel Hadad");
    }

    #[test]
    fn a_base_that_is_still_to_come_is_refused() {
        let given = Given::registered(json!({}));
        let command = UpdateCase { base: Some(9), ..given.patch(json!({"age": 1})) };
        assert_eq!(
            command.decide(&given.case),
            Err(CaseRefusal::BaseAhead { base: 9, version: 1 })
        );
    }

    #[test]
    fn a_birth_in_a_later_year_is_refused() {
        let given = Given::registered(json!({}));
        let refused = given.patch(json!({"date_of_birth": "2999-01-01"})).decide(&given.case);
        assert_eq!(refused, Err(CaseRefusal::BornInTheFuture));
    }

    #[test]
    fn an_unknown_owner_is_refused_and_nothing_else_is_done() {
        let given = Given::registered(json!({}));
        let command = UpdateCase {
            owner: Named::Unknown,
            ..given.patch(json!({"owned_by": "ghost", "age": 4}))
        };
        assert_eq!(command.decide(&given.case), Err(CaseRefusal::OwnerUnknown));
    }
}
