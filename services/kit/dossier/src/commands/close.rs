//! Work on a record ends.

use jiff::civil::Date;
use kit_decider::Command;
use kit_records::values::parse_date;

use crate::fields::text;
use crate::{Closed, Dossier, Event, Kind, Refusal, Stamp};

/// Ends work on a dossier. The closure date is the one given, else the one already on the record,
/// else today.
#[derive(Debug, Clone, PartialEq)]
pub struct Close<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub date: Option<Date>,
    pub today: Date,
}

impl<K: Kind> Command for Close<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.is_closed() {
            return Ok(vec![]);
        }
        let stored = text(&dossier.values, "date_closure").and_then(parse_date);
        let date = self.date.or(stored).unwrap_or(self.today);
        Ok(vec![Event::Closed(Closed { stamp: self.stamp, date })])
    }
}
