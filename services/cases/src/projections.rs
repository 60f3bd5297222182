//! The read models of this service. Each commits with the events it shows.

mod case_row;

pub use case_row::{CaseRow, INDEX_PURPOSE, blind_terms, document_context};
