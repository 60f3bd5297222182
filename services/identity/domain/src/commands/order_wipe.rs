//! A device is to wipe what it keeps.

use kit_decider::Command;

use crate::{Authority, Device, DeviceEvent, DeviceState, Refusal, UserStanding};

/// By whoever uses the device, or may change that user.
#[derive(Clone)]
pub struct OrderWipe {
    pub by: Authority,
    /// Of the device's user.
    pub user: UserStanding,
}

impl Command for OrderWipe {
    type Of = Device;
    type Refusal = Refusal;

    fn decide(self, device: &Device) -> Result<Vec<DeviceEvent>, Refusal> {
        // A device of somebody else is none of this user's.
        if !device.exists() || device.user != self.user.number {
            return Err(Refusal::Gone);
        }
        if !self.by.is(&self.user) && !self.by.writes_user(&self.user) {
            return Err(Refusal::Forbidden);
        }
        Ok(if device.state == DeviceState::Active {
            vec![DeviceEvent::WipeOrdered]
        } else {
            vec![]
        })
    }
}

#[cfg(test)]
mod tests {
    use kit_access::Principal;
    use kit_decider::fold;

    use super::*;

    fn order(by: i64, user: i64) -> OrderWipe {
        let by = Principal { user_id: by, ..Principal::default() };
        let user = UserStanding { number: user, ..UserStanding::default() };
        OrderWipe { by: Authority::Person(Box::new(by)), user }
    }

    #[test]
    fn people_order_it_for_their_own_and_for_those_whom_they_may_change() {
        let (label, key_hash, on) = ("Phone".into(), "aa".into(), "2026-03-01".into());
        let known: Device = fold(&[DeviceEvent::Registered { user: 3, label, key_hash, on }]);
        assert_eq!(order(3, 3).decide(&known), Ok(vec![DeviceEvent::WipeOrdered]));
        assert_eq!(order(4, 3).decide(&known), Err(Refusal::Forbidden));
        assert_eq!(order(4, 4).decide(&known), Err(Refusal::Gone), "not a device of theirs");
        assert_eq!(order(3, 3).decide(&Device::default()), Err(Refusal::Gone));
        let installation = OrderWipe { by: Authority::Installation, ..order(0, 3) };
        assert_eq!(installation.decide(&known), Ok(vec![DeviceEvent::WipeOrdered]));
    }
}
