//! Configuration objects in the shape of the REST contract.

mod form;
mod lookup;
mod module;
mod settings;

pub use form::{form_document, form_group_name};
pub use lookup::lookup_document;
pub use module::module_document;
pub use settings::{CONTRACT_VERSION, Organisation, settings_document};
