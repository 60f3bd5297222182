//! A code of conduct: a text that people accept. The newest one counts.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};

/// All codes of conduct of a tenant are one stream; this is the current one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeOfConduct {
    /// 0 while there is none.
    pub number: i64,
    pub title: String,
    pub content: String,
    pub created_on: String,
    pub created_by: String,
}

/// These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CodeOfConductEvent {
    Published {
        number: i64,
        title: String,
        content: String,
        on: String,
        by: String,
    },
    /// The same text was published again.
    Confirmed {
        on: String,
        by: String,
    },
}

impl Aggregate for CodeOfConduct {
    const CATEGORY: &'static str = "code_of_conduct";
    type Event = CodeOfConductEvent;

    fn evolve(&mut self, event: &CodeOfConductEvent) {
        match event {
            CodeOfConductEvent::Published { number, title, content, on, by } => {
                *self = Self {
                    number: *number,
                    title: title.clone(),
                    content: content.clone(),
                    created_on: on.clone(),
                    created_by: by.clone(),
                };
            }
            CodeOfConductEvent::Confirmed { on, by } => {
                self.created_on.clone_from(on);
                self.created_by.clone_from(by);
            }
        }
    }
}

impl Stored for CodeOfConduct {
    const SEALED: bool = false;
}
