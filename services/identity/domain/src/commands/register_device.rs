//! A device that its user signed in on is known from then on.

use kit_decider::Command;

use crate::refusal::{Problem, Problems};
use crate::{Device, DeviceEvent, DeviceState, Refusal};

const LONGEST: usize = 100;

/// Everyone registers their own. An order to wipe stays, whoever signs in.
#[derive(Clone)]
pub struct RegisterDevice {
    pub user: i64,
    pub label: String,
    pub key_hash: String,
    /// Today (RFC 3339).
    pub on: String,
}

impl Command for RegisterDevice {
    type Of = Device;
    type Refusal = Refusal;

    fn decide(self, device: &Device) -> Result<Vec<DeviceEvent>, Refusal> {
        let Self { user, label, key_hash, on } = self;
        let mut problems = Problems::default();
        let fits = !label.trim().is_empty() && label.chars().count() <= LONGEST;
        let message = "errors.models.device.label";
        problems.unless(fits, Problem::new("label", message, "invalid"));
        problems.refuse()?;
        let known = device.state == DeviceState::Active && device.label == label;
        if known || device.state == DeviceState::WipeOrdered {
            return Ok(vec![]);
        }
        Ok(vec![DeviceEvent::Registered { user, label, key_hash, on }])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    fn register(label: &str) -> RegisterDevice {
        RegisterDevice {
            user: 3,
            label: label.into(),
            key_hash: "aa".into(),
            on: "2026-03-01".into(),
        }
    }

    fn registered(label: &str, on: &str) -> DeviceEvent {
        let (label, key_hash, on) = (label.into(), "aa".into(), on.into());
        DeviceEvent::Registered { user: 3, label, key_hash, on }
    }

    #[test]
    fn a_known_device_is_not_registered_twice_and_keeps_its_first_day() {
        let known: Device = fold(&[registered("Phone", "2026-02-01")]);
        assert_eq!(register("Phone").decide(&known), Ok(vec![]));
        let renamed = register("Old phone").decide(&known).unwrap();
        let mut device = known;
        kit_decider::Aggregate::evolve(&mut device, &renamed[0]);
        assert_eq!(
            (device.label.as_str(), device.registered_on.as_str()),
            ("Old phone", "2026-02-01")
        );
    }

    #[test]
    fn signing_in_does_not_take_an_order_back_but_a_wiped_device_begins_anew() {
        let ordered = [registered("Phone", "2026-02-01"), DeviceEvent::WipeOrdered];
        assert_eq!(register("Phone").decide(&fold(&ordered)), Ok(vec![]));
        let wiped = [&ordered[..], &[DeviceEvent::Wiped]].concat();
        assert_eq!(register("Phone").decide(&fold(&wiped)).map(|events| events.len()), Ok(1));
    }

    #[test]
    fn a_label_is_a_short_text() {
        for label in ["", "  ", &"x".repeat(101)] {
            assert!(register(label).decide(&Device::default()).is_err());
        }
    }
}
