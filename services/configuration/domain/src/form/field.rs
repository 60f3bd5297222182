//! One field of a form.

use serde::{Deserialize, Serialize};

use crate::Attributes;

/// A field: its number and what was given of its options.
///
/// A subform is named by `subform_unique_id`, so that numbers stay a matter of the API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub id: i64,
    pub attributes: Attributes,
}

impl Field {
    pub fn name(&self) -> &str {
        self.attributes.str("name")
    }

    pub fn field_type(&self) -> &str {
        self.attributes.str("type")
    }

    /// Unique id of the form that its entries have.
    pub fn subform(&self) -> Option<&str> {
        self.attributes.get("subform_unique_id").and_then(|one| one.as_str())
    }

    /// Unique id of the lookup that its options come from.
    pub fn lookup(&self) -> Option<&str> {
        self.attributes.str("option_strings_source").strip_prefix("lookup ").map(str::trim)
    }
}
