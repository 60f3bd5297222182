//! A device: a replica of the case, and a queue of what was edited and not yet acknowledged.

use std::collections::VecDeque;

use kit_decider::Aggregate;
use kit_records::Record;
use kit_records::patch::apply;
use serde_json::Value;
use uuid::Uuid;

use super::place::{Edit, Place, body};
use super::server::Server;
use crate::Case;

/// How a device works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Edits go on while others wait to be sent; each tells what its author saw.
    Queues,
    /// One edit at a time, which grows until it is sent; it tells only the version it was made on.
    Plain,
}

/// What a device asks of the server.
#[derive(Debug, Clone)]
pub struct Sent {
    pub command: Uuid,
    pub base: u64,
    pub what: What,
    /// The record as its author saw it: the replica with the device's own unsent edits.
    pub view: Record,
    /// Whether the view travels with the command.
    pub tells: bool,
}

#[derive(Debug, Clone)]
pub enum What {
    Edit(Edit),
    Settle { conflict: Uuid, value: Value },
}

pub struct Device {
    number: u128,
    kind: Kind,
    made: u128,
    /// Survives a crash.
    queue: VecDeque<Sent>,
    /// Whether the first of the queue has left: from then on it must stay as it is.
    is_under_way: bool,
    replica: Case,
    /// As of some version, on the disk.
    snapshot: Vec<u8>,
}

impl Device {
    pub fn new(number: u128, kind: Kind, server: &Server) -> Self {
        let replica = server.case.clone();
        let snapshot = serde_json::to_vec(&replica).unwrap();
        let queue = VecDeque::new();
        Self { number, kind, made: 0, queue, is_under_way: false, replica, snapshot }
    }

    pub fn replica(&self) -> &Case {
        &self.replica
    }

    /// What the screen shows.
    fn view(&self) -> Record {
        let mut view = self.replica.values.clone();
        for sent in &self.queue {
            if let What::Edit(edit) = &sent.what {
                apply(&mut view, &body(edit));
            }
        }
        view
    }

    /// Somebody changes a place, if what it says then is not what the screen says already.
    pub fn edit(&mut self, place: Place, value: Value) {
        let view = self.view();
        let shown = place.read(&view);
        let is_removal = matches!(place, Place::Removal(_));
        if shown == value || (is_removal && shown.is_null()) || is_nothing(&shown, &value) {
            return;
        }
        let replica = self.replica.version;
        let is_plain = self.kind == Kind::Plain;
        let can_grow = !(self.is_under_way && self.queue.len() == 1);
        match self.queue.back_mut() {
            Some(Sent { what: What::Edit(edit), base, view, .. })
                if can_grow && fits(edit, place) && (is_plain || *base == replica) =>
            {
                grow(edit, view, place, value);
            }
            // The screen of a plain device waits until its one edit is through.
            Some(_) if is_plain => {}
            _ => {
                let sent = self.sent(What::Edit(Edit::from([(place, value)])), view);
                self.queue.push_back(sent);
            }
        }
    }

    fn sent(&mut self, what: What, view: Record) -> Sent {
        self.made += 1;
        Sent {
            command: Uuid::from_u128((self.number + 1) << 64 | self.made),
            base: self.replica.version,
            what,
            view,
            tells: self.kind == Kind::Queues,
        }
    }

    /// What is to be sent next; it is sent again, unchanged, until it is acknowledged.
    pub fn first(&mut self) -> Option<Sent> {
        self.is_under_way = !self.queue.is_empty();
        self.queue.front().cloned()
    }

    pub fn acknowledged(&mut self) {
        self.queue.pop_front();
        self.is_under_way = false;
    }

    /// Hears of the next events, in their order.
    pub fn pull(&mut self, server: &Server, events: usize) {
        let known = usize::try_from(self.replica.version).unwrap();
        for event in server.events.iter().skip(known).take(events) {
            self.replica.evolve(event);
        }
        if self.replica.version.is_multiple_of(3) {
            self.snapshot = serde_json::to_vec(&self.replica).unwrap();
        }
    }

    /// Starts again from the snapshot and hears of what came after; the queue is still there.
    pub fn crash(&mut self, server: &Server) {
        let version = self.replica.version;
        self.replica = serde_json::from_slice(&self.snapshot).unwrap();
        let behind = usize::try_from(version - self.replica.version).unwrap();
        self.pull(server, behind);
    }

    /// Settles one of the conflicts that the device shows.
    pub fn settle(&mut self, which: usize, proposal: bool) -> Option<Sent> {
        let open = self.replica.conflicts.len();
        let (id, conflict) = self.replica.conflicts.iter().nth(which % open.max(1))?;
        let value = if proposal { &conflict.proposed } else { &conflict.kept }.clone();
        let what = What::Settle { conflict: *id, value };
        let view = self.replica.values.clone();
        Some(self.sent(what, view))
    }
}

fn is_nothing(shown: &Value, value: &Value) -> bool {
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    nothing(shown) && nothing(value)
}

/// An entry that was removed in an edit is not brought back by the same edit.
fn fits(edit: &Edit, place: Place) -> bool {
    !matches!(place, Place::Entry(at, _) if edit.contains_key(&Place::Removal(at)))
}

/// Adds to an edit; who goes back to what they started from has not edited the place.
fn grow(edit: &mut Edit, seen: &Record, place: Place, value: Value) {
    if matches!(place, Place::Removal(_)) {
        edit.retain(|one, _| !one.meets(place));
    }
    edit.insert(place, value);
    edit.retain(|place, value| place.read(seen) != *value);
}
