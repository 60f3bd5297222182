//! Creates an agency.

use kit_decider::Command;

use crate::refusal::{Problem, Problems};
use crate::{Agency, AgencyAttributes, AgencyEvent, Authority, Refusal};

/// A new employer of users.
#[derive(Clone)]
pub struct CreateAgency {
    pub by: Authority,
    pub number: i64,
    pub unique_id: String,
    pub attributes: AgencyAttributes,
    pub unique_id_taken: bool,
    pub code_taken: bool,
}

impl Command for CreateAgency {
    type Of = Agency;
    type Refusal = Refusal;

    fn decide(self, agency: &Agency) -> Result<Vec<AgencyEvent>, Refusal> {
        if !self.by.may("agency", "create") {
            return Err(Refusal::Forbidden);
        }
        problems(&self.attributes, self.code_taken && !self.unique_id_taken).refuse()?;
        if self.unique_id_taken || agency.number != 0 {
            return Err(Refusal::Taken);
        }
        Ok(vec![AgencyEvent::Created {
            number: self.number,
            unique_id: self.unique_id,
            attributes: Box::new(self.attributes.settled()),
        }])
    }
}

/// Every rule that these attributes break.
pub(super) fn problems(attributes: &AgencyAttributes, code_taken: bool) -> Problems {
    let mut problems = Problems::default();
    problems.unless(
        !attributes.agency_code.trim().is_empty(),
        Problem::new("agency_code", "errors.models.agency.code_present", "required"),
    );
    problems.unless(
        !code_taken,
        Problem::new("agency_code", "errors.models.agency.unique_code", "taken"),
    );
    problems.unless(
        attributes.name.get("en").is_some_and(|name| !name.trim().is_empty()),
        Problem::new("name", "errors.models.agency.name_present", "required"),
    );
    problems
}

impl AgencyAttributes {
    /// Logos are only shown where there are both; the terms count only where there is a text.
    pub(super) fn settled(mut self) -> Self {
        self.logo_enabled &= self.logo_full.is_some() && self.logo_icon.is_some();
        self
    }
}

#[cfg(test)]
mod tests {
    use kit_access::Principal;

    use super::*;

    fn create(code: &str, language: &str) -> CreateAgency {
        CreateAgency {
            by: Authority::Installation,
            number: 1,
            unique_id: "agency-x".into(),
            attributes: AgencyAttributes {
                agency_code: code.into(),
                name: [(language.into(), "X".into())].into(),
                logo_enabled: true,
                ..AgencyAttributes::default()
            },
            unique_id_taken: false,
            code_taken: false,
        }
    }

    #[test]
    fn needs_a_code_and_an_english_name() {
        let Err(Refusal::Invalid(problems)) = create("", "fr").decide(&Agency::default()) else {
            panic!()
        };
        let names: Vec<_> = problems.iter().map(|one| one.attribute).collect();
        assert_eq!(names, ["agency_code", "name"]);
    }

    #[test]
    fn shows_no_logo_while_it_has_none() {
        let events = create("X", "en").decide(&Agency::default()).unwrap();
        let AgencyEvent::Created { attributes, .. } = &events[0] else { panic!() };
        assert!(!attributes.logo_enabled);
    }

    #[test]
    fn is_not_for_everyone() {
        let by = Authority::Person(Box::<Principal>::default());
        let refused = CreateAgency { by, ..create("X", "en") }.decide(&Agency::default());
        assert_eq!(refused, Err(Refusal::Forbidden));
    }
}
