//! A record is changed.

use kit_decider::Command;
use kit_records::values::parse_date;
use kit_records::{Merged, Record};
use serde_json::Value;

use crate::commands::{Attribute, ChangeOwner, Close, Disable, Enable, Reopen, SetStatus};
use crate::dossier::{CLOSED, IDENTIFIED, OPEN, TRANSFERRED};
use crate::save::{self, Saved};
use crate::{
    Changed, ConflictOpened, Context, Dossier, Event, Kind, Named, Overruled, Refusal, ReopenCause,
    Rights, alerts, fields,
};

/// Changes a record by the body of a PATCH.
///
/// Form fields merge (three ways where a base version is named). `status`, `record_state`,
/// `owned_by` and `identified_by` are decisions with a right of their own: what the rights do not
/// cover is left out, as the contract says of every key that may not be written.
#[derive(Debug, Clone)]
pub struct Update<K: Kind> {
    pub kind: K,
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
    /// What the directory and the other records say of the body's `identified_by`.
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

impl<K: Kind> Command for Update<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        match &dossier.merged {
            Some(merge) => Err(Refusal::Merged(merge.other)),
            None => self.decided(dossier),
        }
    }
}

impl<K: Kind> Update<K> {
    /// The decision itself, also on a record that was merged into another.
    pub(crate) fn decided(mut self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        let wanted = self.move_asked(dossier);
        self.cut_status_fields(&wanted);
        let fields = save::prepared(dossier, &self.context, &self.body);
        let mut merged =
            save::merged(dossier, &self.context, &fields, self.base, self.seen.as_ref())?;
        merged.conflicts.retain(|one| !is_open(dossier, &one.path, &one.sent));
        let wanted =
            if wanted == Move::Stay { Self::move_following(dossier, &merged) } else { wanted };
        let saved = save::saved(dossier, &self.context, &fields, merged, opens(dossier, &wanted))?;
        let mut events = self.changed(saved);
        events.extend(self.moved(dossier, wanted)?);
        events.extend(self.switched(dossier)?);
        events.extend(self.handed_over(dossier)?);
        let heard = alerts::after_save(dossier, &self.context, &events);
        events.extend(heard);
        Ok(events)
    }

    /// The change of status that the body asks for and the rights cover.
    fn move_asked(&self, dossier: &Dossier<K>) -> Move {
        let status = self.body.get("status").and_then(Value::as_str);
        let Some(status) = status.filter(|status| *status != dossier.status) else {
            return Move::Stay;
        };
        let Rights { close, reopen, .. } = self.rights;
        match status {
            CLOSED if close => Move::Close,
            OPEN if dossier.is_closed() && reopen => Move::Reopen(ReopenCause::Asked),
            OPEN if reopen => Move::Set(OPEN.to_owned()),
            // Transferred and identified come of other decisions, never of a body.
            CLOSED | OPEN | TRANSFERRED | IDENTIFIED => Move::Stay,
            other if close => Move::Set(other.to_owned()),
            _ => Move::Stay,
        }
    }

    /// What the kind says of a change of a closed record.
    fn move_following(dossier: &Dossier<K>, merged: &Merged) -> Move {
        let closed = Some(dossier).filter(|dossier| dossier.is_closed());
        let cause = closed.and_then(|dossier| K::reopened_by(dossier, &merged.patch));
        cause.map_or(Move::Stay, Move::Reopen)
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

    fn changed(&self, saved: Saved) -> Vec<Event> {
        let stamp = self.context.stamp();
        let mut events = Vec::new();
        if !(saved.changes.is_empty() && saved.computed.is_empty()) {
            events.push(Event::Changed(Changed {
                stamp: stamp.clone(),
                action: self.action.clone(),
                base: self.base,
                changes: saved.changes,
                computed: saved.computed,
            }));
        }
        let base = self.base.unwrap_or_default();
        for one in saved.merged.overruled {
            events.push(Event::Overruled(Overruled {
                stamp: stamp.clone(),
                path: one.path,
                kept: one.stored,
                proposed: one.sent,
                base,
            }));
        }
        for one in saved.merged.conflicts {
            events.push(Event::ConflictOpened(ConflictOpened {
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

    fn moved(&self, dossier: &Dossier<K>, wanted: Move) -> Result<Vec<Event>, Refusal> {
        let (kind, stamp, today) = (self.kind, self.context.stamp(), self.context.today);
        match wanted {
            Move::Stay => Ok(vec![]),
            Move::Close => {
                let date = fields::text(&self.body, "date_closure").and_then(parse_date);
                Close { kind, stamp, date, today }.decide(dossier)
            }
            Move::Reopen(why) => Reopen { kind, stamp, cause: why }.decide(dossier),
            Move::Set(status) => SetStatus { kind, stamp, status }.decide(dossier),
        }
    }

    fn switched(&self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        let (kind, stamp) = (self.kind, self.context.stamp());
        match self.body.get("record_state").filter(|_| self.rights.enable_disable) {
            Some(Value::Bool(true)) => Enable { kind, stamp }.decide(dossier),
            Some(Value::Bool(false)) => Disable { kind, stamp }.decide(dossier),
            _ => Ok(vec![]),
        }
    }

    fn handed_over(&self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        let mut events = Vec::new();
        let (kind, stamp) = (self.kind, self.context.stamp());
        if let Some(to) = fields::text(&self.body, "owned_by").filter(|_| self.rights.assign) {
            let (to, owner) = (to.to_owned(), self.owner);
            events.extend(ChangeOwner { kind, stamp: stamp.clone(), to, owner }.decide(dossier)?);
        }
        if self.rights.attribute && self.body.contains_key("identified_by") {
            let to = fields::text(&self.body, "identified_by").map(str::to_owned);
            events.extend(Attribute { kind, stamp, to, user: self.identified }.decide(dossier)?);
        }
        Ok(events)
    }
}

/// Whether the very same conflict waits to be settled already.
fn is_open<K: Kind>(dossier: &Dossier<K>, path: &str, proposed: &Value) -> bool {
    dossier.conflicts.values().any(|one| one.path == path && one.proposed == *proposed)
}

/// Whether the record is open after the save without having been taken up by it.
fn opens<K: Kind>(dossier: &Dossier<K>, wanted: &Move) -> bool {
    match wanted {
        Move::Stay => dossier.status == OPEN,
        Move::Set(status) => status == OPEN,
        Move::Close | Move::Reopen(_) => false,
    }
}
