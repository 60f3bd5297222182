//! A device on which a person keeps records: one browser of one machine, for one user.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    /// Whose records it keeps. 0 until it exists.
    pub user: i64,
    /// What the client calls it, such as "Chromium on Android".
    pub label: String,
    /// SHA-256 of the secret that it shows, in hex.
    pub key_hash: String,
    /// The day when it was first seen (RFC 3339).
    pub registered_on: String,
    pub state: DeviceState,
}

/// Whether a device may keep what it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    #[default]
    Unknown,
    Active,
    /// Nothing is answered before it has wiped itself.
    WipeOrdered,
    Wiped,
}

/// These are storage: version with care. Sealed: a label may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DeviceEvent {
    /// It was seen for the first time, under another label, or again after it was wiped.
    Registered {
        user: i64,
        label: String,
        key_hash: String,
        on: String,
    },
    WipeOrdered,
    /// It says that it kept nothing.
    Wiped,
}

impl DeviceState {
    /// As tables and the API name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Active => "active",
            Self::WipeOrdered => "wipe_ordered",
            Self::Wiped => "wiped",
        }
    }
}

impl Device {
    /// Whether there is such a device.
    pub fn exists(&self) -> bool {
        self.state != DeviceState::Unknown
    }
}

impl Aggregate for Device {
    const CATEGORY: &'static str = "device";
    type Event = DeviceEvent;

    fn evolve(&mut self, event: &DeviceEvent) {
        match event {
            DeviceEvent::Registered { user, label, key_hash, on } => {
                if !self.exists() {
                    self.registered_on.clone_from(on);
                }
                self.user = *user;
                self.label.clone_from(label);
                self.key_hash.clone_from(key_hash);
                self.state = DeviceState::Active;
            }
            DeviceEvent::WipeOrdered => self.state = DeviceState::WipeOrdered,
            DeviceEvent::Wiped => self.state = DeviceState::Wiped,
        }
    }
}

impl Stored for Device {}
