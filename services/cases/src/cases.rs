//! The service at work, beyond what all record types share.

use kit_cabinet::{Asking, Office};
use kit_records::RecordType;
use kit_serve::{Call, Refusal};

use crate::links::LinkedCases;

/// What only cases are asked.
#[derive(Clone)]
pub struct Cases {
    pub office: Office,
    pub linked: LinkedCases,
}

impl Cases {
    /// Who asks about cases.
    pub async fn asking(&self, call: &Call) -> Result<Asking, Refusal> {
        self.office.asking(call, RecordType::Case).await
    }
}
