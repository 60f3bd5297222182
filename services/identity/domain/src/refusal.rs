//! Every no that this service says, as data. The shell maps it once to codes.

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The caller may not do this, or not to this one.
    Forbidden,
    /// It never existed, or was deleted.
    Gone,
    /// Another one already has this unique id.
    Taken,
    /// What was asked for breaks rules; each problem names its attribute.
    Invalid(Vec<Problem>),
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The attribute, as the contract calls it in `detail`.
    pub attribute: &'static str,
    /// The contract's message key, or a sentence.
    pub message: &'static str,
    /// What is wrong, for a sentence in the reader's language.
    pub code: &'static str,
    /// Points below the attribute where that says more, such as `/case/fly`.
    pub below: String,
}

impl Problem {
    /// A rule that the whole attribute breaks.
    pub const fn new(attribute: &'static str, message: &'static str, code: &'static str) -> Self {
        Self { attribute, message, code, below: String::new() }
    }

    /// The same, about a part of the attribute.
    #[must_use]
    pub fn at(mut self, below: String) -> Self {
        self.below = below;
        self
    }
}

/// Collects problems; `refuse` turns them into one refusal.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes the problem when the rule does not hold.
    pub fn unless(&mut self, holds: bool, problem: Problem) {
        if !holds {
            self.0.push(problem);
        }
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = Problem>) {
        self.0.extend(more);
    }

    /// `Err` when anything was noted.
    pub fn refuse(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }
}
