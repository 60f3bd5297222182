//! A note is added to a case.

use kit_decider::Command;
use kit_records::Record;
use serde_json::{Value, json};

use crate::{Case, CaseEvent, CaseKind, CaseRefusal, Context, Named, Rights, UpdateCase};

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
            kind: CaseKind,
            context: self.context,
            body: Record::from_iter([("notes_section".to_owned(), notes)]),
            base: None,
            seen: None,
            action: Some("add_note".into()),
            rights: Rights::default(),
            owner: Named::Nobody,
            identified: Named::Nobody,
        }
        .decide(case)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing;

    use crate::testing::record;

    #[test]
    fn a_note_says_who_and_when_unless_it_came_with_both() {
        let mut given = testing::registered(json!({}));
        for note in [
            json!({"note_text": "seen"}),
            json!({"note_text": "told", "note_date": "2026-01-02", "note_created_by": "bob"}),
        ] {
            let command = AddNote { context: given.context.clone(), note: record(note) };
            given.when(command).unwrap();
        }
        let notes = &given.record.values["notes_section"];
        assert_eq!(
            (&notes[0]["note_created_by"], &notes[0]["note_date"]),
            (&json!("ann"), &json!("2026-01-31"))
        );
        assert_eq!(
            (&notes[1]["note_created_by"], &notes[1]["note_date"]),
            (&json!("bob"), &json!("2026-01-02"))
        );
        assert!(notes[0]["unique_id"].is_string());
    }

    #[test]
    fn changing_a_note_does_not_sign_it_anew() {
        let mut given = testing::registered(json!({"notes_section": [{"note_text": "seen"}]}));
        let id = given.record.values["notes_section"][0]["unique_id"].clone();
        given.context.author.user_name = "bob".into();
        given.update(json!({"notes_section": [{"unique_id": id, "note_text": "seen twice"}]}));
        let note = &given.record.values["notes_section"][0];
        assert_eq!(
            (&note["note_created_by"], &note["note_text"]),
            (&json!("ann"), &json!("seen twice"))
        );
    }
}
