//! An agency: the employer of users, with its logos and terms of use.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};

use crate::Text;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agency {
    /// 0 until it exists.
    pub number: i64,
    pub unique_id: String,
    pub attributes: AgencyAttributes,
}

/// What may be written of an agency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has that many switches")]
pub struct AgencyAttributes {
    pub agency_code: String,
    pub name: Text,
    pub description: Text,
    pub order: i64,
    pub telephone: Option<String>,
    pub services: Vec<String>,
    pub disabled: bool,
    pub exclude_agency_from_lookups: bool,
    pub logo_enabled: bool,
    pub pdf_logo_option: bool,
    pub terms_of_use_enabled: bool,
    pub contact_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    pub notes: Option<String>,
    pub logo_full: Option<AgencyFile>,
    pub logo_icon: Option<AgencyFile>,
    pub terms_of_use: Option<AgencyFile>,
}

/// A file of an agency; its bytes lie beside the history, under their digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyFile {
    pub digest: String,
    pub file_name: String,
    /// RFC 3339.
    pub uploaded_at: String,
}

/// Which of an agency's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    LogoFull,
    LogoIcon,
    TermsOfUse,
}

/// These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgencyEvent {
    Created { number: i64, unique_id: String, attributes: Box<AgencyAttributes> },
    Changed { attributes: Box<AgencyAttributes> },
    Disabled,
}

impl Aggregate for Agency {
    const CATEGORY: &'static str = "agency";
    type Event = AgencyEvent;

    fn evolve(&mut self, event: &AgencyEvent) {
        match event {
            AgencyEvent::Created { number, unique_id, attributes } => {
                self.number = *number;
                self.unique_id.clone_from(unique_id);
                self.attributes = (**attributes).clone();
            }
            AgencyEvent::Changed { attributes } => self.attributes = (**attributes).clone(),
            AgencyEvent::Disabled => self.attributes.disabled = true,
        }
    }
}

impl Stored for Agency {}
