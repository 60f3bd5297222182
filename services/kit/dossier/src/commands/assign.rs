//! Who works on a record beside its owner changes.

use std::collections::BTreeSet;

use kit_decider::Command;

use crate::{Assigned, Dossier, Event, Kind, Refusal, Stamp};

/// Sets who works on a record beside its owner; their order and the owner among them say nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Assign<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub users: Vec<String>,
}

impl<K: Kind> Command for Assign<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        let others = |users: Vec<String>| -> BTreeSet<String> {
            users.into_iter().filter(|name| !name.is_empty() && *name != dossier.owner).collect()
        };
        let users = others(self.users);
        if users == others(dossier.assigned.clone()) {
            return Ok(vec![]);
        }
        let users = users.into_iter().collect();
        Ok(vec![Event::Assigned(Assigned { stamp: self.stamp, users })])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::{Aggregate, fold};

    use super::*;
    use crate::given::{ID, Plain};
    use crate::{Registered, Stamp};

    fn registered() -> Dossier<Plain> {
        fold(&[Event::Registered(Registered {
            stamp: Stamp { by: "ann".into(), ..Stamp::default() },
            id: ID,
            module: None,
            status: "open".into(),
            owner: "ann".into(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            organization: None,
            agency_office: None,
            groups: vec![],
            code: None,
            display_id: String::new(),
            identified_by: None,
            values: kit_records::Record::new(),
            computed: kit_records::Record::new(),
        })])
    }

    fn assign(users: &[&str]) -> Assign<Plain> {
        let users = users.iter().map(|name| (*name).to_owned()).collect();
        Assign { kind: Plain, stamp: Stamp { by: "bob".into(), ..Stamp::default() }, users }
    }

    #[test]
    fn the_owner_is_not_assigned_and_a_repeat_changes_nothing() {
        let mut dossier = registered();
        let events = assign(&["zoe", "ann", "bob"]).decide(&dossier).unwrap();
        for event in &events {
            dossier.evolve(event);
        }
        assert_eq!(dossier.assigned, ["bob", "zoe"]);
        assert_eq!(dossier.associated(), ["ann", "bob", "zoe"]);
        assert_eq!(assign(&["bob", "zoe"]).decide(&dossier), Ok(vec![]));
        assert_eq!(assign(&["bob"]).decide(&Dossier::default()), Err(Refusal::NotRegistered));
    }
}
