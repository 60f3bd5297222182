//! Publishes a code of conduct.

use kit_decider::Command;

use crate::refusal::{Problem, Problems};
use crate::{Authority, CodeOfConduct, CodeOfConductEvent, Refusal};

/// A new text counts from now on; the same text again only moves its date.
#[derive(Clone)]
pub struct PublishCodeOfConduct {
    pub by: Authority,
    pub number: i64,
    pub title: String,
    pub content: String,
    /// RFC 3339.
    pub on: String,
    pub author: String,
}

impl Command for PublishCodeOfConduct {
    type Of = CodeOfConduct;
    type Refusal = Refusal;

    fn decide(self, current: &CodeOfConduct) -> Result<Vec<CodeOfConductEvent>, Refusal> {
        let Self { by, number, title, content, on, author } = self;
        if !by.may("code_of_conduct", "manage") {
            return Err(Refusal::Forbidden);
        }
        let mut problems = Problems::default();
        let message = "errors.models.code_of_conduct.title_present";
        problems.unless(!title.trim().is_empty(), Problem::new("title", message, "required"));
        let message = "errors.models.code_of_conduct.content_present";
        problems.unless(!content.trim().is_empty(), Problem::new("content", message, "required"));
        problems.refuse()?;
        if current.number != 0 && current.title == title && current.content == content {
            return Ok(vec![CodeOfConductEvent::Confirmed { on, by: author }]);
        }
        Ok(vec![CodeOfConductEvent::Published { number, title, content, on, by: author }])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    fn publish(content: &str) -> PublishCodeOfConduct {
        PublishCodeOfConduct {
            by: Authority::Installation,
            number: 1,
            title: "Code".into(),
            content: content.into(),
            on: "2026-01-01T00:00:00Z".into(),
            author: "root".into(),
        }
    }

    #[test]
    fn the_same_text_keeps_its_number() {
        let first = publish("Be kind").decide(&CodeOfConduct::default()).unwrap();
        let again = publish("Be kind").decide(&fold(&first)).unwrap();
        assert!(matches!(again[..], [CodeOfConductEvent::Confirmed { .. }]));
        let other = publish("Be just").decide(&fold(&first)).unwrap();
        assert!(matches!(other[..], [CodeOfConductEvent::Published { .. }]));
    }
}
