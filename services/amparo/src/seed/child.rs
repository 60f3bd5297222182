//! An invented child: who they are and what a worker enters on the first day.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::seed::dice::Dice;
use crate::seed::names::{CULTURES, Culture};
use crate::seed::texts::{Phrases, phrases, some};

/// Fields by name.
pub type Body = Map<String, Value>;

/// A child, as far as the rest of the story needs to know.
#[derive(Debug, Clone)]
pub struct Child {
    pub culture: Culture,
    pub latin: bool,
    pub female: bool,
    pub family: &'static str,
    pub age: i64,
    pub born: Date,
    pub status: Separation,
    pub phrases: &'static Phrases,
}

/// Whom a child lives with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separation {
    WithFamily,
    Separated,
    Unaccompanied,
}

/// Concerns beside separation, by how often they are seen.
const CONCERNS: &[(u32, &str)] = &[
    (18, "physical_abuse"),
    (12, "emotional_abuse"),
    (6, "sexual_violence"),
    (16, "neglect"),
    (18, "child_labour"),
    (5, "worst_forms_labour"),
    (6, "child_marriage"),
    (4, "armed_group"),
    (3, "detention"),
    (3, "trafficking"),
    (10, "disability"),
    (22, "distress"),
    (25, "out_of_school"),
    (15, "no_documents"),
    (6, "street"),
    (8, "medical"),
    (4, "other"),
];

const RISKS: &[(u32, &str)] = &[(20, "high"), (45, "medium"), (35, "low")];
const DISPLACEMENT: &[(u32, &str)] = &[
    (25, "resident"),
    (30, "idp"),
    (28, "refugee"),
    (6, "asylum_seeker"),
    (6, "returnee"),
    (4, "migrant"),
    (1, "stateless"),
];

impl Separation {
    /// The option of the protection status list.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WithFamily => "with_family",
            Self::Separated => "separated",
            Self::Unaccompanied => "unaccompanied",
        }
    }
}

impl Child {
    /// Invents a child as of a day.
    pub fn invent(dice: &mut Dice, day: Date) -> Self {
        let culture = dice.weighted(CULTURES);
        let age =
            dice.weighted(&[(10, 1), (20, 5), (28, 9), (27, 13), (15, 16)]) + dice.between(-1, 1);
        let days = dice.between(0, 364);
        let born = day.saturating_sub(age.years()).saturating_sub(days.days());
        let status = dice.weighted(&[
            (60, Separation::WithFamily),
            (25, Separation::Separated),
            (15, Separation::Unaccompanied),
        ]);
        let latin = culture.writes_latin(dice);
        Self {
            latin,
            female: dice.chance(49),
            family: culture.family(dice, latin),
            age,
            born,
            status,
            phrases: phrases(culture.notes),
            culture,
        }
    }

    /// What is entered when the child is registered on `day`.
    pub fn registration(&self, dice: &mut Dice, day: Date, place: Option<&str>) -> Body {
        let mut body = Body::new();
        body.insert("module_id".into(), json!("primeromodule-cp"));
        body.insert("registration_date".into(), json!(day));
        self.identity(dice, &mut body);
        self.whereabouts(dice, place, &mut body);
        body.insert("protection_status".into(), json!(self.status.as_str()));
        body.insert("protection_concerns".into(), json!(self.concerns(dice)));
        body.insert("risk_level".into(), json!(dice.weighted(RISKS)));
        body.insert("urgent_protection_concern".into(), json!(dice.chance(15).to_string()));
        let due = day.saturating_add(dice.between(3, 14).days());
        body.insert("assessment_due_date".into(), json!(due));
        body.insert("displacement_status".into(), json!(dice.weighted(DISPLACEMENT)));
        body.insert("nationality".into(), json!([self.culture.country]));
        body.insert("language".into(), json!([self.culture.language]));
        body
    }

    fn identity(&self, dice: &mut Dice, body: &mut Body) {
        let given = self.culture.given(dice, self.female, self.latin);
        body.insert("name_first".into(), json!(given));
        if dice.chance(55) {
            // The father's or grandfather's name, as many registers have it.
            let middle = self.culture.given(dice, false, self.latin);
            body.insert("name_middle".into(), json!(middle));
        }
        body.insert("name_last".into(), json!(self.family));
        if dice.chance(18) {
            let nickname: String = given.chars().take(dice.below(2) + 3).collect();
            body.insert("name_nickname".into(), json!(nickname.trim()));
        }
        if dice.chance(12) {
            let other = self.culture.given(dice, self.female, !self.latin);
            body.insert("name_other".into(), json!(format!("{other} {}", self.family)));
        }
        body.insert("sex".into(), json!(if self.female { "female" } else { "male" }));
        body.insert("age".into(), json!(self.age));
        if dice.chance(70) {
            body.insert("date_of_birth".into(), json!(self.born));
        } else {
            body.insert("estimated".into(), json!(true));
        }
        if dice.chance(35) {
            body.insert("national_id_no".into(), json!(dice.digits(11)));
        }
        if dice.chance(25) {
            let number = format!("{}-{}C{}", dice.digits(3), dice.digits(2), dice.digits(5));
            body.insert("unhcr_individual_no".into(), json!(number));
        }
        if dice.chance(20) {
            body.insert("ration_card_no".into(), json!(format!("RC{}", dice.digits(7))));
        }
    }

    fn whereabouts(&self, dice: &mut Dice, place: Option<&str>, body: &mut Body) {
        if let Some(place) = place {
            body.insert("location_current".into(), json!(place));
        }
        body.insert("address_current".into(), json!(dice.pick(self.phrases.streets)));
        if dice.chance(60) {
            body.insert("telephone_current".into(), json!(self.phone(dice)));
        }
    }

    fn concerns(&self, dice: &mut Dice) -> Vec<&'static str> {
        let mut concerns = match self.status {
            Separation::WithFamily => vec![],
            Separation::Separated => vec!["separated"],
            Separation::Unaccompanied => vec!["unaccompanied"],
        };
        let wanted = 1 + dice.below(3);
        for _ in 0..wanted {
            let concern = dice.weighted(CONCERNS);
            if !concerns.contains(&concern) {
                concerns.push(concern);
            }
        }
        concerns
    }

    /// A phone number, spelled as people spell it.
    pub fn phone(&self, dice: &mut Dice) -> String {
        let number = dice.digits(9);
        match dice.below(3) {
            0 => {
                format!("{} {} {} {}", self.culture.dial, &number[..3], &number[3..6], &number[6..])
            }
            1 => format!("0{}", &number[1..]),
            _ => format!("{}{number}", self.culture.dial),
        }
    }

    /// The full name of a grown-up of the family.
    pub fn relative(&self, dice: &mut Dice, female: bool) -> String {
        let given = self.culture.given(dice, female, self.latin);
        format!("{given} {}", self.family)
    }

    /// What is entered of consent and background, mostly in the first days.
    pub fn consent(&self, dice: &mut Dice, day: Date) -> Body {
        let mut body = Body::new();
        body.insert("consent_for_services".into(), json!(dice.chance(92)));
        body.insert("disclosure_other_orgs".into(), json!(dice.chance(75)));
        body.insert("consent_reporting".into(), json!(dice.chance(80).to_string()));
        let tracing = self.status != Separation::WithFamily && dice.chance(85);
        body.insert("consent_for_tracing".into(), json!(tracing.to_string()));
        let by = dice.weighted(&[(15, "child"), (60, "caregiver"), (25, "both")]);
        body.insert("consent_given_by".into(), json!(by));
        body.insert("consent_date".into(), json!(day));
        body.insert("religion".into(), json!([self.culture.religion]));
        if dice.chance(50) {
            body.insert("country_of_origin".into(), json!(self.culture.country));
        }
        if dice.chance(40) {
            body.insert("background_notes".into(), json!(some(dice, self.phrases.assessments)));
        }
        body
    }
}
