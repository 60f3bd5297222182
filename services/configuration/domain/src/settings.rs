//! The settings of a tenant: one stream `settings-system`.

use kit_decider::Aggregate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Attributes, Delivery};

/// What can have happened to the settings. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SettingsEvent {
    Installed {
        attributes: Attributes,
    },
    /// A whole snapshot is the configuration from here on. Epochs follow each other without gaps.
    EpochBegan {
        epoch: u64,
    },
    /// The configuration of this epoch comes from outside the program.
    Delivered {
        delivery: Delivery,
    },
}

/// The settings as their history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub attributes: Attributes,
    pub epoch: u64,
    pub exists: bool,
    /// What was installed last, if the installation noted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Delivery>,
}

impl Aggregate for Settings {
    const CATEGORY: &'static str = "settings";
    type Event = SettingsEvent;

    fn evolve(&mut self, event: &SettingsEvent) {
        match event {
            SettingsEvent::Installed { attributes } => {
                self.attributes = attributes.clone();
                self.exists = true;
            }
            SettingsEvent::EpochBegan { epoch } => self.epoch = *epoch,
            SettingsEvent::Delivered { delivery } => self.delivered = Some(delivery.clone()),
        }
    }
}

impl Settings {
    /// The languages that the tenant offers; English is always among them.
    pub fn languages(&self) -> Vec<String> {
        let mut languages = self.attributes.strs("locales");
        if !languages.iter().any(|one| one == "en") {
            languages.insert(0, "en".to_owned());
        }
        languages
    }

    /// Names of the types of places by level, as far as they are configured.
    pub fn place_types(&self) -> Vec<String> {
        let standard = ["country", "province", "district", "sub_district", "township", "village"];
        let config = self.attributes.get("reporting_location_config");
        let map = config.and_then(|one| one.get("admin_level_map"));
        let of_level = |level: usize| {
            let configured = map.and_then(|map| map.get(level.to_string()));
            let configured =
                configured.map(|one| one.as_array().and_then(|all| all.first()).unwrap_or(one));
            configured.and_then(Value::as_str).unwrap_or(standard[level]).to_owned()
        };
        (0..standard.len()).map(of_level).collect()
    }
}
