//! Why something about a tenant is not as it should be, for a condition to say.

use kit_serve::{Code, Refusal, Texts};

/// A reason in a word and in a sentence, and whether another try without a change may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub reason: &'static str,
    pub message: String,
    pub passing: bool,
}

impl Trouble {
    /// It stays until somebody changes something.
    pub fn lasting(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), passing: false }
    }

    /// It may pass by itself.
    pub fn passing(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), passing: true }
    }

    /// What a service answered; its texts name fields, never people.
    pub fn of_service(service: &str, status: tonic::Status) -> Self {
        let refusal = Refusal::from(status);
        let passing = matches!(refusal.code, Code::Unavailable | Code::Internal | Code::Aborted);
        if passing {
            let code = refusal.code;
            return Self::passing("Unreachable", format!("{service} does not answer: {code:?}"));
        }
        let told: Vec<String> = refusal.errors.iter().map(one).collect();
        Self::lasting("Refused", format!("{service} refuses: {}", bounded(&told, "; ")))
    }
}

/// Bytes of a list in a message; a condition holds eight times as many.
const LISTED: usize = 4_000;

/// As many of the texts as a message has room for, and how many more there are.
pub fn bounded(texts: &[String], between: &str) -> String {
    let mut told = String::new();
    for (index, text) in texts.iter().enumerate() {
        if told.len() + text.len() > LISTED {
            let more = texts.len() - index;
            return format!("{told}{between}and {more} more");
        }
        if index > 0 {
            told.push_str(between);
        }
        told.push_str(text);
    }
    told
}

fn one(error: &kit_serve::ErrorItem) -> String {
    let text = |texts: &Texts| match texts {
        Texts::One(text) => text.clone(),
        Texts::Many(texts) => texts.join(", "),
    };
    let mut told = text(&error.message);
    if let Some(detail) = &error.detail {
        told = format!("{told} ({})", text(detail));
    }
    for field in &error.fields {
        told = format!("{told} [{} {}]", field.pointer, field.code);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_ends_with_how_many_more_there_are() {
        let text = |n: usize| format!("Form form_{n}");
        assert_eq!(bounded(&[text(1), text(2)], ", "), "Form form_1, Form form_2");
        let many: Vec<String> = (0..10_000).map(text).collect();
        let told = bounded(&many, ", ");
        assert!(told.len() < LISTED + 1_000, "{}", told.len());
        assert!(told.ends_with(" more"), "{told}");
    }
}
