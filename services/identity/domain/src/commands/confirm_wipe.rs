//! A device says that it kept nothing.

use kit_decider::Command;

use crate::{Device, DeviceEvent, DeviceState, Refusal};

/// Whoever shows the device's secret.
#[derive(Clone)]
pub struct ConfirmWipe;

impl Command for ConfirmWipe {
    type Of = Device;
    type Refusal = Refusal;

    fn decide(self, device: &Device) -> Result<Vec<DeviceEvent>, Refusal> {
        match device.state {
            DeviceState::Unknown => Err(Refusal::Gone),
            DeviceState::Wiped => Ok(vec![]),
            // Wiped without an order too: its user was disabled, or the PIN was wrong too often.
            DeviceState::Active | DeviceState::WipeOrdered => Ok(vec![DeviceEvent::Wiped]),
        }
    }
}
