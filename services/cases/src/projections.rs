//! The read models of this service. Each commits with the events it shows.

mod apart;
mod case_row;
mod erasure_row;
mod rows;

pub use apart::{Apart, Ground, INDEX_PURPOSE, equality_terms, open_places};
pub use case_row::{CaseRow, document_context};
pub use erasure_row::ErasureRow;
pub use rows::{remove_rows, retake};
