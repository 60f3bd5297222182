//! What clients asked to be written, and what they were told about it.

use std::sync::Mutex;
use uuid::Uuid;

/// What a write is meant to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A new case; the mark lies in a field of it.
    Register,
    /// A field of a case gets the mark.
    Change { field: &'static str, based: bool },
    /// A case gets a note with the mark.
    Note,
    /// A case gets this status, and the mark in a field.
    Status(&'static str),
    /// Something that administrators keep: a new one, named by the mark.
    New(&'static str),
    /// A text of one of those becomes the mark.
    Edit(&'static str),
}

/// What the client knows about a write in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A success: it must be there, once.
    Done,
    /// A refusal of the only try: it must not be there.
    Refused(u16),
    /// Nothing, or nothing that says: it may be there, once at most.
    Nothing,
}

/// One write.
#[derive(Debug, Clone)]
pub struct Write {
    /// Found nowhere but where this write put it.
    pub mark: String,
    pub what: What,
    /// The record that it changes; of a new one, as far as it is known.
    pub record: Option<String>,
    /// Whether other clients change that record too.
    pub shared: bool,
    /// The client's own id of it.
    pub key: Option<Uuid>,
    pub tries: u32,
    pub told: Told,
    /// The request that was answered.
    pub request: Option<Uuid>,
}

/// Everything that was asked, in each client's order.
#[derive(Debug, Default)]
pub struct Writes {
    all: Mutex<Vec<Write>>,
    problems: Mutex<Vec<String>>,
    statuses: Mutex<std::collections::BTreeMap<u16, u64>>,
}

impl Writes {
    /// Notes what came of a write.
    pub fn note(&self, write: Write) {
        self.all.lock().expect("no panic while held").push(write);
    }

    /// Notes what must not be, as soon as a client sees it.
    pub fn complain(&self, problem: String) {
        self.problems.lock().expect("no panic while held").push(problem);
    }

    /// Counts answers by status; 0 is none at all.
    pub fn count(&self, status: u16) {
        *self.statuses.lock().expect("no panic while held").entry(status).or_default() += 1;
    }

    /// How many were acknowledged so far.
    pub fn done(&self) -> usize {
        let all = self.all.lock().expect("no panic while held");
        all.iter().filter(|write| write.told == Told::Done).count()
    }

    /// All of them so far.
    pub fn all(&self) -> Vec<Write> {
        self.all.lock().expect("no panic while held").clone()
    }

    /// What clients complained about.
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().expect("no panic while held").clone()
    }

    /// Answers by status.
    pub fn statuses(&self) -> std::collections::BTreeMap<u16, u64> {
        self.statuses.lock().expect("no panic while held").clone()
    }
}
