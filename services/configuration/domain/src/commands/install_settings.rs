//! `InstallSettings`: the settings of a new tenant.

use kit_decider::Command;

use crate::{Attributes, Refusal, Settings, SettingsEvent};

/// Stores the settings once.
#[derive(Debug, Clone)]
pub struct InstallSettings {
    pub attributes: Attributes,
}

impl Command for InstallSettings {
    type Of = Settings;
    type Refusal = Refusal;

    fn decide(self, settings: &Settings) -> Result<Vec<SettingsEvent>, Refusal> {
        if settings.exists {
            return Ok(vec![]);
        }
        Ok(vec![SettingsEvent::Installed { attributes: self.attributes }])
    }
}
