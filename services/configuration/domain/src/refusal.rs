//! Every no of this service, as data: what is wrong, where, and in the words of the contract.

use thiserror::Error;

/// Why something asked of the configuration is not done.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Refusal {
    /// The body does not have the types of the contract.
    #[error("the body has values of a wrong type")]
    WrongTypes(Vec<WrongType>),
    /// The types are right but the thing would break a rule.
    #[error("the object breaks a rule of its kind")]
    Invalid(Vec<Problem>),
    /// Nobody may do this to this object (core and fixed forms).
    #[error("this object is fixed")]
    Forbidden,
    #[error("there is no such object")]
    NotFound,
    /// The id or unique id belongs to another object.
    #[error("the id is taken")]
    Taken,
}

/// A value of a wrong type, by JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongType {
    pub pointer: String,
    pub expected: &'static str,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The attribute as the contract's `detail` names it, such as `name_en`.
    pub detail: String,
    /// An i18n key that clients translate.
    pub message: String,
    /// Where in the body, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, in the vocabulary of field errors: `required`, `taken`, `invalid` ...
    pub code: &'static str,
}

impl Problem {
    /// A problem of one attribute.
    pub fn new(
        detail: impl Into<String>,
        message: impl Into<String>,
        pointer: impl Into<String>,
        code: &'static str,
    ) -> Self {
        Self { detail: detail.into(), message: message.into(), pointer: pointer.into(), code }
    }
}

impl Refusal {
    /// A refusal for one broken rule.
    pub fn one(detail: &str, message: &str, pointer: &str, code: &'static str) -> Self {
        Self::Invalid(vec![Problem::new(detail, message, pointer, code)])
    }

    /// `Ok` when nothing is wrong.
    pub fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self::Invalid(problems)) }
    }
}
