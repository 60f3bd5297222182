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
mod tests;
