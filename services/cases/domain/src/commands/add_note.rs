//! A note is added to a case.

use kit_decider::Command;
use kit_records::Record;
use serde_json::{Value, json};

use crate::commands::UpdateCase;
use crate::{Case, CaseEvent, CaseRefusal, Context, Named, Rights};

/// Adds one note. It says who wrote it and when, unless it came with both.
#[derive(Debug, Clone)]
pub struct AddNote {
    pub context: Context,
    /// `note_subject`, `note_text`, ...; validated.
    pub note: Record,
}

impl Command for AddNote {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let notes = json!([Value::Object(self.note)]);
        UpdateCase {
            context: self.context,
            body: Record::from_iter([("notes_section".to_owned(), notes)]),
            base: None,
            action: Some("add_note".into()),
            rights: Rights::default(),
            owner: Named::Nobody,
            identified: Named::Nobody,
        }
        .decide(case)
    }
}
