//! The definition of a pivot report, kept as part of the configuration: one stream
//! `report-<number>`. Whoever runs reports reads it; here it only has to stay what it is.

use kit_decider::Aggregate;
use serde::{Deserialize, Serialize};

use crate::Attributes;

/// What can have happened to a report. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ReportEvent {
    Put { id: i64, attributes: Attributes },
    Removed {},
}

/// A report as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub id: i64,
    /// In the names of the snapshot format.
    pub attributes: Attributes,
    pub exists: bool,
}

impl Aggregate for Report {
    const CATEGORY: &'static str = "report";
    type Event = ReportEvent;

    fn evolve(&mut self, event: &ReportEvent) {
        match event {
            ReportEvent::Put { id, attributes } => {
                *self = Self { id: *id, attributes: attributes.clone(), exists: true };
            }
            ReportEvent::Removed {} => self.exists = false,
        }
    }
}

impl Report {
    pub fn unique_id(&self) -> &str {
        self.attributes.str("unique_id")
    }
}
