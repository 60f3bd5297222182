//! The tag of a record as one caller sees it. It changes with the record, and also when the
//! caller's rights or forms do, or the people and places that a record shows, which have no version,
//! or what it shows of other records.

use kit_seal::hex;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::stored::Stored;

impl Answer<'_> {
    /// What a device knows a record by.
    pub(crate) fn tag(&self, row: &Stored, beside: &[u8]) -> String {
        let mut seen = Sha256::new();
        for field in self.fields() {
            seen.update(field);
            seen.update([0]);
        }
        seen.update(json!([self.sees_own_services_only(row), self.computed(row)]).to_string());
        seen.update(beside);
        format!("{}-{}", row.version, hex(&seen.finalize()[..6]))
    }
}
