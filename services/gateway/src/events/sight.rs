//! What one person hears of a batch.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use kit_access::{Principal, Reach, Scope};
use kit_records::RecordType;
use serde_json::json;
use uuid::Uuid;

use super::Batch;
use super::wire::Event;

/// How far a person sees, by type; of the others they may read nothing.
#[derive(Debug)]
pub struct Sight {
    reaches: Vec<(RecordType, Reach)>,
    /// Their sight changes with where colleagues stand.
    follows_people: bool,
    /// Records whose conflicts were told.
    conflicted: HashSet<Uuid>,
}

/// Conflicts that a stream remembers to have told.
const CONFLICTS: usize = 200;

impl Sight {
    /// Of a person as they are now.
    pub fn of(principal: &Principal) -> Self {
        let read = RecordType::ALL.into_iter().filter(|one| principal.may(one.as_str(), "read"));
        Self {
            reaches: read.map(|one| (one, Reach::of(principal, one))).collect(),
            follows_people: matches!(principal.scope, Scope::Group | Scope::Agency),
            conflicted: HashSet::new(),
        }
    }

    /// The same stream goes on as another person sees.
    pub fn become_as(&mut self, principal: &Principal) {
        let conflicted = std::mem::take(&mut self.conflicted);
        *self = Self { conflicted, ..Self::of(principal) };
    }

    /// The events of a batch, and whether the caseload changed in another way.
    pub fn events(&mut self, batch: &Batch) -> (Vec<Event>, bool) {
        let mut events = Vec::new();
        let mut caseload = batch.caseload || (batch.moved && self.follows_people);
        for record in &batch.records {
            let reach = self.reaches.iter().find(|(one, _)| *one == record.record_type);
            let Some((_, reach)) = reach else { continue };
            if record.is_within(reach) {
                let data = json!({"record_type": record.record_type.as_str(), "id": record.id});
                if self.has_news_of_conflicts(record.id, record.conflicted) {
                    events.push(Event { name: "conflicts", data: data.clone() });
                }
                events.push(Event { name: "changed", data });
            } else if record.was_within(reach) {
                caseload = true;
            }
        }
        (events, caseload)
    }

    /// Whether conflicts of a record were opened, or those that were told are settled.
    fn has_news_of_conflicts(&mut self, id: Uuid, conflicted: bool) -> bool {
        if !conflicted {
            return self.conflicted.remove(&id);
        }
        if self.conflicted.len() < CONFLICTS {
            self.conflicted.insert(id);
        }
        true
    }
}

/// Something that is told at most so often, and a moment after it happened.
#[derive(Debug)]
pub struct Seldom {
    every: Duration,
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Seldom {
    /// Not due yet.
    pub const fn new(every: Duration) -> Self {
        Self { every, last: None, due: None }
    }

    /// It happened.
    pub fn happened(&mut self, now: Instant, delay: Duration) {
        let soonest = self.last.map_or(now, |last| last + self.every);
        self.due = self.due.or(Some(soonest.max(now + delay)));
    }

    /// Whether it is to be told now.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let due = self.due.is_some_and(|due| due <= now);
        if due {
            (self.last, self.due) = (Some(now), None);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::Scoped;
    use super::*;

    fn record(id: u128, scope: Value, before: Option<Value>) -> Scoped {
        let object = |value: Value| value.as_object().unwrap().clone();
        Scoped {
            record_type: RecordType::Case,
            id: Uuid::from_u128(id),
            scope: object(scope),
            before: before.map(object),
            conflicted: false,
        }
    }

    fn leader() -> Principal {
        let permissions = [("case".to_owned(), vec!["read".to_owned()])];
        Principal {
            user_name: "ann".into(),
            groups: vec!["north".into()],
            scope: Scope::Group,
            permissions: permissions.into(),
            ..Principal::default()
        }
    }

    fn batch(records: Vec<Scoped>) -> Batch {
        Batch { records, ..Batch::default() }
    }

    #[test]
    fn an_id_out_of_sight_is_never_told() {
        let north = json!({"associated_user_groups": ["north"]});
        let south = json!({"associated_user_groups": ["south"]});
        let mut sight = Sight::of(&leader());
        let seen = batch(vec![record(1, north.clone(), None), record(2, south.clone(), None)]);
        let (events, caseload) = sight.events(&seen);
        let told: Vec<_> = events.iter().map(|one| (one.name, one.data["id"].clone())).collect();
        assert_eq!(told, [("changed", json!(Uuid::from_u128(1)))]);
        assert!(!caseload, "what was never in sight is nothing at all");
        let (events, caseload) = sight.events(&batch(vec![record(3, south, Some(north.clone()))]));
        assert!(events.is_empty() && caseload, "what left is not named");
        let mut blind = leader();
        blind.permissions.clear();
        let (events, caseload) = Sight::of(&blind).events(&batch(vec![record(1, north, None)]));
        assert!(events.is_empty() && !caseload);
    }

    #[test]
    fn conflicts_are_told_when_they_open_and_when_they_are_settled() {
        let mut sight = Sight::of(&leader());
        let mut told = |conflicted| {
            let north = json!({"associated_user_groups": ["north"]});
            let (events, _) =
                sight.events(&batch(vec![Scoped { conflicted, ..record(1, north, None) }]));
            events.iter().map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(told(false), ["changed"]);
        assert_eq!(told(true), ["conflicts", "changed"]);
        assert_eq!(told(false), ["conflicts", "changed"]);
        assert_eq!(told(false), ["changed"]);
    }

    #[test]
    fn where_colleagues_stand_matters_to_those_who_see_by_groups() {
        let moved = Batch { moved: true, ..Batch::default() };
        assert!(Sight::of(&leader()).events(&moved).1);
        let own = Principal { scope: Scope::Own, ..leader() };
        assert!(!Sight::of(&own).events(&moved).1);
    }

    #[test]
    fn what_happens_often_is_told_seldom() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut seldom = Seldom::new(10 * second);
        assert!(!seldom.is_due(start));
        seldom.happened(start, second);
        assert!(!seldom.is_due(start) && seldom.is_due(start + second));
        seldom.happened(start + 2 * second, second);
        assert!(!seldom.is_due(start + 5 * second) && seldom.is_due(start + 11 * second));
        assert!(!seldom.is_due(start + 30 * second));
    }
}
