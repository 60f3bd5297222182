//! `NoteDelivery`: a configuration from outside the program was installed.

use kit_decider::Command;

use crate::{Delivery, Refusal, Settings, SettingsEvent};

/// Notes what was installed last.
#[derive(Debug, Clone)]
pub struct NoteDelivery {
    pub delivery: Delivery,
}

impl Command for NoteDelivery {
    type Of = Settings;
    type Refusal = Refusal;

    fn decide(self, settings: &Settings) -> Result<Vec<SettingsEvent>, Refusal> {
        if settings.delivered.as_ref() == Some(&self.delivery) {
            return Ok(vec![]);
        }
        Ok(vec![SettingsEvent::Delivered { delivery: self.delivery }])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    #[test]
    fn noted_once() {
        let delivery = Delivery { digest: "1".into(), ..Delivery::default() };
        let note = NoteDelivery { delivery: delivery.clone() };
        let events = note.clone().decide(&Settings::default()).unwrap();
        assert_eq!(events, [SettingsEvent::Delivered { delivery }]);
        assert_eq!(note.decide(&fold(&events)), Ok(vec![]));
    }
}
