//! What is asked of cases: one file per question.

pub mod conflicts;
pub mod find_cases;
pub mod get_case;
pub mod history;
pub mod list_cases;
mod list_sql;
pub mod tasks;
pub mod totals;
