//! What a password must be like. Hashing is the shell's; a plain password never enters a command.

use crate::refusal::Problem;

/// Fewest and most characters of a password.
pub const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// A password as a command carries it.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum NewPassword {
    /// None was sent.
    #[default]
    Absent,
    /// It breaks the rules.
    Refused(Vec<Problem>),
    /// A PHC string.
    Hashed(String),
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword")
    }
}

/// Every rule that the pair breaks.
pub fn problems(password: &str, confirmation: Option<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !LENGTH.contains(&password.chars().count()) {
        let code = "wrong_length";
        problems.push(Problem::new("password", "errors.models.user.password_mismatch", code));
    }
    if confirmation.is_some_and(|confirmation| confirmation != password) {
        problems.push(Problem::new(
            "password_confirmation",
            "errors.models.user.password_mismatch",
            "differs",
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(password: &str, confirmation: Option<&str>) -> Vec<&'static str> {
        problems(password, confirmation).iter().map(|one| one.attribute).collect()
    }

    #[test]
    fn counts_characters_and_compares_the_confirmation() {
        assert_eq!(attributes("short", Some("differs")), ["password", "password_confirmation"]);
        assert!(attributes("كلمةالسر", None).is_empty(), "eight characters in any script");
        assert_eq!(attributes(&"x".repeat(129), None), ["password"]);
    }
}
