//! A snapshot's agencies, user groups and roles as commands, and what is wrong with them.

use std::collections::HashSet;

use identity_domain::{
    Agency, ApplyAgency, ApplyRole, ApplyUserGroup, Refusal as Domain, Role, RoleSurroundings,
    UserGroup,
};
use kit_decider::Command;
use kit_proto::identity::v1::Organisation;
use kit_serve::{Refusal, Texts};
use serde_json::Value;

use crate::bodies::{agency_patch, role_snapshot_patch, user_group_snapshot_patch};
use crate::body::Body;
use crate::directory::Directory;
use crate::refused::domain;

/// Something wrong in a snapshot, by object and field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub object: String,
    pub field: String,
    pub message: String,
}

/// What applying does; numbers are 0 until they are drawn.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    pub agencies: Vec<(i64, Step<ApplyAgency>)>,
    pub groups: Vec<(i64, Step<ApplyUserGroup>)>,
    pub roles: Vec<(i64, Step<ApplyRole>)>,
    found: Vec<(String, String, String)>,
    changes: Vec<String>,
}

/// One object of the snapshot.
#[derive(Clone)]
pub(crate) struct Step<C> {
    object: String,
    pub command: C,
}

impl Plan {
    /// Reads the snapshot's arrays.
    pub fn read(directory: &Directory, organisation: &Organisation) -> Self {
        let mut plan = Self::default();
        for (unique_id, body) in plan.objects("Agency", &organisation.agencies) {
            let patch = plan.checked("Agency", &unique_id, &body, agency_patch);
            let number = directory.agency(&unique_id).map_or(0, |one| one.number);
            let object = format!("Agency {unique_id}");
            let command = ApplyAgency { number, unique_id, patch };
            plan.agencies.push((number, Step { object, command }));
        }
        for (unique_id, body) in plan.objects("UserGroup", &organisation.user_groups) {
            let patch = plan.checked("UserGroup", &unique_id, &body, user_group_snapshot_patch);
            let number = directory.group(&unique_id).map_or(0, |one| one.number);
            let object = format!("UserGroup {unique_id}");
            let command = ApplyUserGroup { number, unique_id, patch };
            plan.groups.push((number, Step { object, command }));
        }
        for (unique_id, body) in plan.objects("Role", &organisation.roles) {
            let patch = plan.checked("Role", &unique_id, &body, role_snapshot_patch);
            let number = directory.role(&unique_id).map_or(0, |one| one.number);
            let object = format!("Role {unique_id}");
            let around = RoleSurroundings::default();
            let command = ApplyRole { number, unique_id, patch, around };
            plan.roles.push((number, Step { object, command }));
        }
        plan.names(directory);
        plan
    }

    /// The objects of one array, each with its unique id.
    fn objects(&mut self, kind: &str, json: &[u8]) -> Vec<(String, Body)> {
        let parsed: Result<Vec<Value>, _> =
            if json.is_empty() { Ok(Vec::new()) } else { serde_json::from_slice(json) };
        let Ok(values) = parsed else {
            self.note(kind.to_owned(), "", "not a list of objects");
            return Vec::new();
        };
        let mut seen = HashSet::new();
        let mut objects = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            let unique_id = value["unique_id"].as_str().unwrap_or_default().to_owned();
            let Ok(body) = Body::of(value) else {
                self.note(format!("{kind} {index}"), "", "not an object");
                continue;
            };
            if unique_id.is_empty() {
                self.note(format!("{kind} {index}"), "unique_id", "missing");
            } else if seen.insert(unique_id.clone()) {
                objects.push((unique_id, body));
            } else {
                self.note(format!("{kind} {unique_id}"), "unique_id", "appears twice");
            }
        }
        objects
    }

    fn checked<P>(
        &mut self,
        kind: &str,
        unique_id: &str,
        body: &Body,
        read: impl Fn(&Body) -> P,
    ) -> P {
        let patch = read(body);
        if let Err(refusal) = body.finish() {
            self.take(&format!("{kind} {unique_id}"), refusal);
        }
        patch
    }

    /// A role's name must be its own, among the roles that stay and those that come.
    fn names(&mut self, directory: &Directory) {
        let ids: HashSet<&str> =
            self.roles.iter().map(|(_, step)| step.command.unique_id.as_str()).collect();
        let stay = directory.roles.values().filter(|role| !ids.contains(role.unique_id.as_str()));
        let mut names: HashSet<String> = stay.map(|role| role.attributes.name.clone()).collect();
        for (_, step) in &mut self.roles {
            let command = &mut step.command;
            if let Some(name) = command.patch.get("name").and_then(Value::as_str) {
                command.around.name_taken = !names.insert(name.to_owned());
            }
        }
    }

    fn note(&mut self, object: String, field: &str, message: &str) {
        self.found.push((object, field.to_owned(), message.to_owned()));
    }

    fn take(&mut self, object: &str, refusal: Refusal) {
        for error in refusal.errors {
            let message = match &error.message {
                Texts::One(text) => text.clone(),
                Texts::Many(texts) => texts.join(", "),
            };
            for field in error.fields {
                let pointer = field.pointer.trim_start_matches('/');
                self.note(object.to_owned(), pointer, &format!("{message} ({})", field.code));
            }
        }
    }

    /// Everything that is wrong, object by object, and what applying it would make or change.
    pub fn check(&self, directory: &Directory) -> (Vec<Found>, Vec<String>) {
        let mut checked = self.clone();
        for (number, step) in &self.agencies {
            let state = directory.agencies.get(number).map(|one| one.state.clone());
            checked.decide::<_, Agency>(step, &state.unwrap_or_default());
        }
        for (number, step) in &self.groups {
            let state = directory.groups.get(number).map(|one| one.state.clone());
            checked.decide::<_, UserGroup>(step, &state.unwrap_or_default());
        }
        for (number, step) in &self.roles {
            let state = directory.roles.get(number).map(|one| one.state.clone());
            checked.decide::<_, Role>(step, &state.unwrap_or_default());
        }
        let found = checked.found.into_iter();
        let found = found.map(|(object, field, message)| Found { object, field, message });
        (found.collect(), checked.changes)
    }

    fn decide<C, A>(&mut self, step: &Step<C>, state: &A)
    where
        C: Command<Of = A, Refusal = Domain> + Clone,
        A: kit_decider::Aggregate,
    {
        match step.command.clone().decide(state) {
            Ok(events) if events.is_empty() => {}
            Ok(_) => self.changes.push(step.object.clone()),
            Err(refusal) => self.take(&step.object, domain(refusal, &step.object)),
        }
    }

    /// How many new numbers are needed, by kind.
    pub fn missing_numbers(&self) -> Vec<(&'static str, i64)> {
        let count = |fresh: usize| i64::try_from(fresh).unwrap_or(i64::MAX);
        let agencies = self.agencies.iter().filter(|(number, _)| *number == 0).count();
        let groups = self.groups.iter().filter(|(number, _)| *number == 0).count();
        let roles = self.roles.iter().filter(|(number, _)| *number == 0).count();
        [("agency", count(agencies)), ("user_group", count(groups)), ("role", count(roles))]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Gives the new objects of a kind their numbers.
    pub fn number(&mut self, kind: &str, first: i64) {
        let mut next = first..;
        let mut draw = |number: &mut i64, own: &mut i64| {
            if *number == 0 {
                *number = next.next().unwrap_or_default();
                *own = *number;
            }
        };
        match kind {
            "agency" => {
                self.agencies.iter_mut().for_each(|(n, step)| draw(n, &mut step.command.number));
            }
            "user_group" => {
                self.groups.iter_mut().for_each(|(n, step)| draw(n, &mut step.command.number));
            }
            _ => self.roles.iter_mut().for_each(|(n, step)| draw(n, &mut step.command.number)),
        }
    }
}
