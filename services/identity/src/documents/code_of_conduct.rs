//! The code of conduct as the contract (8.8) shows it.

use identity_domain::CodeOfConduct;
use serde_json::{Value, json};

use super::instant_of;

/// The object of the contract.
pub(crate) fn code_of_conduct_document(code: &CodeOfConduct) -> Value {
    json!({
        "id": code.number,
        "title": code.title,
        "content": code.content,
        "created_on": instant_of(&code.created_on),
        "created_by": code.created_by,
    })
}
