//! `BeginEpoch`: a whole snapshot becomes the configuration.

use kit_decider::Command;

use crate::{Refusal, Settings, SettingsEvent};

/// Begins the epoch after the present one. Refused when another snapshot was faster.
#[derive(Debug, Clone)]
pub struct BeginEpoch {
    pub epoch: u64,
}

impl Command for BeginEpoch {
    type Of = Settings;
    type Refusal = Refusal;

    fn decide(self, settings: &Settings) -> Result<Vec<SettingsEvent>, Refusal> {
        if settings.epoch + 1 != self.epoch {
            return Err(Refusal::Taken);
        }
        Ok(vec![SettingsEvent::EpochBegan { epoch: self.epoch }])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    #[test]
    fn epochs_follow_each_other() {
        let began: Settings = fold(&[SettingsEvent::EpochBegan { epoch: 1 }]);
        assert_eq!(BeginEpoch { epoch: 1 }.decide(&began), Err(Refusal::Taken));
        let events = BeginEpoch { epoch: 2 }.decide(&began);
        assert_eq!(events, Ok(vec![SettingsEvent::EpochBegan { epoch: 2 }]));
    }
}
