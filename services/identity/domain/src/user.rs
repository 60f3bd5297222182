//! A user: a person (or a service account) who signs in.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::UserStanding;
use crate::authority::Rank;
use crate::{SecondFactor, TotpSecret};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// 0 until it exists.
    pub number: i64,
    /// Never changes and is never given to another: records name their people by it.
    pub user_name: String,
    pub profile: Profile,
    pub membership: Membership,
    /// PHC string; `None` while the person has not chosen one.
    pub password_hash: Option<String>,
    /// Grows whenever what was good for signing in is so no more; sessions begun before end.
    pub credential: i64,
    pub disabled: bool,
    pub deleted: bool,
    /// The code of conduct accepted last, and when (RFC 3339).
    pub code_of_conduct: Option<(i64, String)>,
    pub terms_of_use_accepted_on: Option<String>,
    /// What signing in takes beside the password.
    pub second_factor: Option<SecondFactor>,
    /// A secret that was shown, and counts once a code of it was.
    pub offered_secret: Option<TotpSecret>,
}

/// What a user is like: personal, and theirs to change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    pub full_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub code: Option<String>,
    pub position: Option<String>,
    pub location: Option<String>,
    pub agency_office: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub services: Vec<String>,
    pub send_mail: bool,
    pub receive_webpush: bool,
    pub settings: Option<Map<String, Value>>,
    pub registration_stream: Option<String>,
}

/// Where a user belongs: decided by whoever manages them. Unique ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Membership {
    pub role: String,
    pub agency: String,
    pub groups: Vec<String>,
}

/// These are storage: version with care. Sealed with the user's own key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UserEvent {
    Created { number: i64, user_name: String, profile: Box<Profile>, membership: Membership },
    ProfileChanged { profile: Box<Profile> },
    MembershipChanged { membership: Membership },
    PasswordSet { hash: String },
    PasswordResetRequested,
    Disabled,
    Enabled,
    CodeOfConductAccepted { id: i64, at: String },
    TermsOfUseAccepted { at: String },
    SecondFactorOffered { secret: TotpSecret },
    SecondFactorSet { recovery: Vec<String> },
    RecoveryCodesRenewed { recovery: Vec<String> },
    RecoveryCodeUsed { hash: String },
    SecondFactorRemoved,
    Deleted,
}

impl std::fmt::Debug for UserEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl UserEvent {
    /// The kind of event, free of anything personal.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::ProfileChanged { .. } => "profile_changed",
            Self::MembershipChanged { .. } => "membership_changed",
            Self::PasswordSet { .. } => "password_set",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::CodeOfConductAccepted { .. } => "code_of_conduct_accepted",
            Self::TermsOfUseAccepted { .. } => "terms_of_use_accepted",
            Self::SecondFactorOffered { .. } => "second_factor_offered",
            Self::SecondFactorSet { .. } => "second_factor_set",
            Self::RecoveryCodesRenewed { .. } => "recovery_codes_renewed",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::Deleted => "deleted",
        }
    }
}

impl Aggregate for User {
    const CATEGORY: &'static str = "user";
    type Event = UserEvent;

    fn evolve(&mut self, event: &UserEvent) {
        match event {
            UserEvent::Created { number, user_name, profile, membership } => {
                self.number = *number;
                self.user_name.clone_from(user_name);
                self.profile = (**profile).clone();
                self.membership = membership.clone();
            }
            UserEvent::ProfileChanged { profile } => self.profile = (**profile).clone(),
            UserEvent::MembershipChanged { membership } => self.membership = membership.clone(),
            UserEvent::PasswordSet { hash } => {
                self.password_hash = Some(hash.clone());
                self.credential += 1;
            }
            UserEvent::PasswordResetRequested => {}
            UserEvent::Disabled => {
                self.disabled = true;
                self.credential += 1;
            }
            UserEvent::Enabled => self.disabled = false,
            UserEvent::CodeOfConductAccepted { id, at } => {
                self.code_of_conduct = Some((*id, at.clone()));
            }
            UserEvent::TermsOfUseAccepted { at } => {
                self.terms_of_use_accepted_on = Some(at.clone());
            }
            UserEvent::SecondFactorOffered { secret } => self.offered_secret = Some(secret.clone()),
            UserEvent::SecondFactorSet { recovery } => {
                let recovery = recovery.clone();
                let secret = self.offered_secret.take();
                self.second_factor = secret.map(|secret| SecondFactor { secret, recovery });
                self.credential += 1;
            }
            UserEvent::RecoveryCodesRenewed { recovery } => {
                if let Some(factor) = &mut self.second_factor {
                    factor.recovery.clone_from(recovery);
                }
            }
            UserEvent::RecoveryCodeUsed { hash } => {
                if let Some(factor) = &mut self.second_factor {
                    factor.recovery.retain(|one| one != hash);
                }
            }
            UserEvent::SecondFactorRemoved => {
                self.second_factor = None;
                self.offered_secret = None;
                self.credential += 1;
            }
            UserEvent::Deleted => self.deleted = true,
        }
    }
}

impl User {
    /// Whether there is such a user now.
    pub const fn exists(&self) -> bool {
        self.number != 0 && !self.deleted
    }

    /// What the rules need to know of this user; `rank` is their role's.
    pub fn standing(&self, rank: Rank) -> UserStanding {
        UserStanding {
            number: self.number,
            rank,
            agency: self.membership.agency.clone(),
            groups: self.membership.groups.clone(),
        }
    }
}

impl Stored for User {}
