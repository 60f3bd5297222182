//! A caseworker: registers cases, changes them, notes, closes and opens them again, some of
//! them together with others.

use crate::client::{Asked, Caller, Phase, header};
use crate::writes::{Told, What, Write};
use http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Free texts that nothing is computed from.
const FIELDS: [&str; 6] = [
    "name_nickname",
    "landmark_current",
    "address_current",
    "telephone_current",
    "other_agency_name",
    "family_notes",
];
/// Gets the mark of a registration or a change of status.
pub const MARKED: &str = "name_other";
const MOST_CASES: usize = 8;

/// Cases that several clients change, with the version that was last seen of each.
pub type Common = Arc<Mutex<Vec<(String, u64)>>>;

/// One caseworker at work.
pub struct Caseworker {
    caller: Caller,
    cases: Vec<Case>,
    common: Common,
    /// Whether the first case is for all.
    shares: bool,
}

#[derive(Clone)]
struct Case {
    id: String,
    version: u64,
    open: bool,
    shared: bool,
    /// Something may have happened to it that this client was not told.
    unsure: bool,
}

impl Caseworker {
    pub fn new(caller: Caller, common: Common, shares: bool) -> Self {
        Self { caller, cases: vec![], common, shares }
    }

    /// Writes until told to stop.
    pub async fn work(mut self) {
        while self.caller.phase() == Phase::Writing {
            let dice = &mut self.caller.dice;
            let common = dice.percent(15) && !self.common.lock().expect("no panic").is_empty();
            match dice.below(100) {
                _ if common => self.change_together().await,
                0..20 => self.register().await,
                _ if self.cases.is_empty() => self.register().await,
                20..70 => self.change().await,
                70..88 => self.add_note().await,
                _ => self.turn().await,
            }
        }
    }

    async fn register(&mut self) {
        if self.cases.len() >= MOST_CASES {
            return self.change().await;
        }
        let shared = self.shares && self.cases.is_empty();
        let write = self.write(What::Register, None, shared);
        let data = json!({
            "module_id": "primeromodule-cp", "sex": "female", "age": 7,
            "name_first": "Somebody", MARKED: write.mark,
        });
        let asked = Asked {
            method: Method::POST,
            path: "/api/v2/cases".into(),
            body: json!({ "data": data }),
            based_on: None,
        };
        let (told, answer) = self.caller.ask(write, asked).await;
        let (Told::Done, Some(answer)) = (told, answer) else { return };
        let Some(id) = answer.json()["data"]["id"].as_str().map(String::from) else { return };
        let version = header(&answer, "record-version").and_then(|it| it.parse().ok());
        let version = version.unwrap_or(1);
        if shared {
            self.common.lock().expect("no panic while held").push((id.clone(), version));
        }
        self.cases.push(Case { id, version, open: true, shared, unsure: false });
    }

    async fn change(&mut self) {
        let at = self.caller.dice.below(self.cases.len());
        let field = *self.caller.dice.pick(&FIELDS);
        let based = self.caller.dice.percent(50);
        let shared = self.cases[at].shared;
        let write = self.write(What::Change { field, based }, Some(at), shared);
        let mark = write.mark.clone();
        let body = json!({ "data": { field: mark } });
        let base = based.then_some(self.cases[at].version);
        if self.patch(at, write, body, base).await && !shared && !self.cases[at].unsure {
            self.read_back(at, field, &mark).await;
        }
    }

    /// A change to one of the cases that others change at the same time.
    async fn change_together(&mut self) {
        let all = self.common.lock().expect("no panic while held").clone();
        let at = self.caller.dice.below(all.len());
        let (id, version) = all[at].clone();
        let field = *self.caller.dice.pick(&FIELDS[..3]);
        let based = self.caller.dice.percent(70);
        let mut write = self.write(What::Change { field, based }, None, true);
        write.record = Some(id.clone());
        let body = json!({ "data": { field: write.mark } });
        let asked = Asked {
            method: Method::PATCH,
            path: format!("/api/v2/cases/{id}"),
            body,
            based_on: based.then_some(version),
        };
        let (_, answer) = self.caller.ask(write, asked).await;
        let seen = answer.as_ref().and_then(|it| header(it, "record-version")?.parse().ok());
        if let Some(seen) = seen {
            self.common.lock().expect("no panic while held")[at].1 = seen;
        }
    }

    async fn add_note(&mut self) {
        let at = self.caller.dice.below(self.cases.len());
        let write = self.write(What::Note, Some(at), self.cases[at].shared);
        let mut note = json!({ "note_subject": "Visit", "note_text": write.mark });
        // Old clients leave it to the server to name an entry.
        if self.caller.dice.percent(70) {
            note["unique_id"] = json!(self.caller.dice.id());
        }
        let body = json!({ "data": { "notes_section": [note] }, "record_action": "add_note" });
        self.patch(at, write, body, None).await;
    }

    /// Closes an open case, opens a closed one.
    async fn turn(&mut self) {
        let at = self.caller.dice.below(self.cases.len());
        let Case { open, shared, unsure, .. } = self.cases[at];
        if shared || unsure {
            return self.add_note().await;
        }
        let status = if open { "closed" } else { "open" };
        let write = self.write(What::Status(status), Some(at), false);
        let mut data = json!({ "status": status, MARKED: write.mark });
        if !open {
            data["case_status_reopened"] = json!(true);
        }
        let action = if open { "close" } else { "reopen" };
        self.patch(at, write, json!({ "data": data, "record_action": action }), None).await;
        self.cases[at].open = !open;
    }

    async fn patch(&mut self, at: usize, write: Write, body: Value, based_on: Option<u64>) -> bool {
        let path = format!("/api/v2/cases/{}", self.cases[at].id);
        let asked = Asked { method: Method::PATCH, path, body, based_on };
        let (told, answer) = self.caller.ask(write, asked).await;
        let version = answer.as_ref().and_then(|it| header(it, "record-version")?.parse().ok());
        let case = &mut self.cases[at];
        case.version = version.unwrap_or(case.version);
        case.unsure |= told == Told::Nothing;
        told == Told::Done
    }

    /// A read after a write sees it.
    async fn read_back(&mut self, at: usize, field: &str, mark: &str) {
        if !self.caller.dice.percent(25) {
            return;
        }
        let path = format!("/api/v2/cases/{}", self.cases[at].id);
        let Ok(answer) = self.caller.http.get(&path).await else { return };
        let found = &answer.json()["data"][field];
        if answer.status == 200 && found != mark {
            let id = &self.cases[at].id;
            let problem = format!("case {id}: {field} was written as {mark}, read as {found}");
            self.caller.writes.complain(problem);
        }
    }

    fn write(&mut self, what: What, at: Option<usize>, shared: bool) -> Write {
        let record = at.map(|at| self.cases[at].id.clone());
        new_write(&mut self.caller, what, record, shared)
    }
}

/// A write that nothing is known of yet; most have an id of their own.
pub fn new_write(caller: &mut Caller, what: What, record: Option<String>, shared: bool) -> Write {
    Write {
        mark: caller.mark(),
        what,
        record,
        shared,
        key: caller.dice.percent(75).then(|| caller.dice.id()),
        tries: 0,
        told: Told::Nothing,
        request: None,
    }
}
