//! The server: decides commands once, keeps the events and what each command came to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use kit_decider::{Aggregate, Command};
use kit_records::Record;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::json;
use uuid::Uuid;

use super::device::{Sent, What};
use super::oracle::{self, Write};
use super::place::{POLICIES, body};
use crate::testing::{self, Given};
use crate::{
    Case, CaseEvent, CaseKind, CaseRefusal, Context, Named, Rights, SettleConflict, UpdateCase,
};

static CONTEXT: LazyLock<Context> = LazyLock::new(|| testing::context_with_policies(POLICIES));

pub struct Server {
    pub case: Case,
    pub events: Vec<CaseEvent>,
    /// Conflicts that were opened and not settled, counted by the events alone.
    pub open: BTreeSet<Uuid>,
    pub settled: BTreeSet<Uuid>,
    /// The form fields at each version.
    states: Vec<Record>,
    done: BTreeMap<Uuid, usize>,
    /// Who wrote which place in which version.
    writes: Vec<Write>,
}

impl Server {
    /// A registered case.
    pub fn new() -> Self {
        let mut given = Given::nothing(CONTEXT.clone());
        let register = given.register(json!({"age": 1, "name_first": "a", "sex": "b"}));
        given.when(register).unwrap();
        Self {
            states: vec![Record::new(), given.record.values.clone()],
            case: given.record,
            events: given.events,
            open: BTreeSet::new(),
            settled: BTreeSet::new(),
            done: BTreeMap::new(),
            writes: Vec::new(),
        }
    }

    pub fn conflicts(&self) -> BTreeSet<Uuid> {
        self.case.conflicts.keys().copied().collect()
    }

    /// Takes a command, once; checks what the world must be like after it.
    pub fn receive(&mut self, sent: &Sent) -> TestCaseResult {
        if self.done.contains_key(&sent.command) {
            return Ok(());
        }
        let before = self.case.clone();
        let decided = self.decide(sent);
        let events = match decided {
            Ok(events) => events,
            // Somebody else settled it; the settler's device will hear of it.
            Err(CaseRefusal::ConflictUnknown(id)) => {
                prop_assert!(self.settled.contains(&id));
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(format!("refused: {other:?}"))),
        };
        self.done.insert(sent.command, events.len());
        let new = self.append(sent, events);
        oracle::Decision {
            sent,
            before: &before,
            after: &self.case,
            events: &new,
            writes: &self.writes,
        }
        .check()
    }

    fn decide(&self, sent: &Sent) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let context = Context { seed: sent.command, ..CONTEXT.clone() };
        let at = usize::try_from(sent.base).unwrap();
        match &sent.what {
            What::Edit(edit) => {
                let base = &self.states[at];
                UpdateCase {
                    kind: CaseKind,
                    context,
                    body: body(edit),
                    base: Some(sent.base),
                    seen: Some(if sent.tells { &sent.view } else { base }.clone()),
                    action: None,
                    rights: Rights::ALL,
                    owner: Named::Nobody,
                    identified: Named::Nobody,
                }
                .decide(&self.case)
            }
            What::Settle { conflict, value } => {
                let (conflict, value) = (*conflict, value.clone());
                SettleConflict { kind: CaseKind, context, conflict, value, base: Some(sent.base) }
                    .decide(&self.case)
            }
        }
    }

    fn append(&mut self, sent: &Sent, events: Vec<CaseEvent>) -> Vec<CaseEvent> {
        for event in &events {
            self.case.evolve(event);
            self.states.push(self.case.values.clone());
            match event {
                CaseEvent::ConflictOpened(opened) => {
                    self.open.insert(opened.id);
                }
                CaseEvent::ConflictSettled(settled) => {
                    self.open.remove(&settled.id);
                    self.settled.insert(settled.id);
                }
                CaseEvent::Changed(changed) => {
                    let version = self.case.version;
                    self.writes.extend(oracle::writes(sent.command, version, &changed.changes));
                }
                _ => {}
            }
        }
        self.events.extend(events.iter().cloned());
        events
    }
}
