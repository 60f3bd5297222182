//! How much one record may hold. Generous for people, finite for programs.

/// Levels of nesting in a body; a subform within a subform with a list needs six.
pub const DEPTH: usize = 12;
/// Rows of one subform.
pub const ROWS: usize = 1_000;
/// Values of one multi-select.
pub const CHOICES: usize = 1_000;
/// Characters of a text field, option or other single line.
pub const LINE: usize = 10_000;
/// Characters of a text area.
pub const PAGE: usize = 100_000;
/// Violations told at once; the rest would not be read.
pub const VIOLATIONS: usize = 100;
/// Years of a person's age.
pub const AGE: i64 = 130;
/// Characters of a code of the server, such as a path of places.
pub const CODE: usize = 128;
