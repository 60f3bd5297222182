//! Changes a user.

use kit_decider::Command;

use super::create_user::{LIMIT, may_place, problems};
use crate::password::NewPassword;
use crate::refusal::Problem;
use crate::{
    Authority, Membership, Patch, Profile, Refusal, User, UserEvent, UserSurroundings, patched,
};

/// What everyone may change on their own account, whoever they are.
const OWN: [&str; 10] = [
    "full_name",
    "code",
    "locale",
    "services",
    "email",
    "position",
    "phone",
    "location",
    "send_mail",
    "receive_webpush",
];

/// Records name their people by user name, so it stays.
const FIXED: Problem =
    Problem::new("user_name", "errors.models.user.user_name_fixed", "cannot_change");

/// Replaces the attributes that were sent.
#[derive(Clone)]
pub struct UpdateUser {
    pub by: Authority,
    pub user_name: Option<String>,
    pub profile: Patch,
    pub role: Option<String>,
    pub agency: Option<String>,
    pub groups: Option<Vec<String>>,
    pub password: NewPassword,
    pub disabled: Option<bool>,
    /// When the terms of use were accepted, if they were (RFC 3339).
    pub terms_accepted_at: Option<String>,
    pub around: UserSurroundings,
}

impl Command for UpdateUser {
    type Of = User;
    type Refusal = Refusal;

    fn decide(mut self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        let standing = user.standing(self.around.rank);
        if self.by.is(&standing) {
            self.keep_own_attributes();
        } else if !self.by.writes_user(&standing)
            || (self.disabled.is_some() && !self.by.may("user", "disable"))
        {
            return Err(Refusal::Forbidden);
        }
        let profile: Profile = patched(&user.profile, &self.profile, &[])?;
        let membership = self.membership(user);
        may_place(&self.by, &user.membership, &membership, &self.around)?;
        self.check(user, &profile, &membership)?;
        Ok(self.into_events(user, profile, membership))
    }
}

impl UpdateUser {
    fn keep_own_attributes(&mut self) {
        self.profile.retain(|name, _| OWN.contains(&name.as_str()) || name == "settings");
        self.user_name = None;
        self.role = None;
        self.agency = None;
        self.groups = None;
        self.disabled = None;
    }

    fn membership(&self, user: &User) -> Membership {
        let old = &user.membership;
        Membership {
            role: self.role.clone().unwrap_or_else(|| old.role.clone()),
            agency: self.agency.clone().unwrap_or_else(|| old.agency.clone()),
            groups: self.groups.clone().unwrap_or_else(|| old.groups.clone()),
        }
    }

    fn check(&self, user: &User, profile: &Profile, new: &Membership) -> Result<(), Refusal> {
        let mut around = self.around.clone();
        // What stays as it was is not asked about again: it may have changed around the user.
        if self.role.is_none() {
            around.new_rank = Some(around.rank);
        }
        around.agency_known |= self.agency.is_none();
        if profile.locale == user.profile.locale {
            around.locales.extend(profile.locale.clone());
        }
        let mut problems = problems(&user.user_name, profile, new, &around);
        let renamed = self.user_name.as_ref().is_some_and(|name| *name != user.user_name);
        problems.unless(!renamed, FIXED);
        if let NewPassword::Refused(of_password) = &self.password {
            problems.extend(of_password.clone());
        }
        let enables = user.disabled && self.disabled == Some(false);
        problems.unless(!(enables && around.limit_reached), LIMIT);
        problems.refuse()
    }

    fn into_events(self, user: &User, profile: Profile, membership: Membership) -> Vec<UserEvent> {
        let mut events = Vec::new();
        if profile != user.profile {
            events.push(UserEvent::ProfileChanged { profile: Box::new(profile) });
        }
        if membership != user.membership {
            events.push(UserEvent::MembershipChanged { membership });
        }
        match self.disabled {
            Some(true) if !user.disabled => events.push(UserEvent::Disabled),
            Some(false) if user.disabled => events.push(UserEvent::Enabled),
            Some(_) | None => {}
        }
        if let Some(at) = self.terms_accepted_at {
            events.push(UserEvent::TermsOfUseAccepted { at });
        }
        if let NewPassword::Hashed(hash) = self.password {
            events.push(UserEvent::PasswordSet { hash });
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use kit_access::{Principal, Scope};
    use serde_json::json;

    use super::*;
    use crate::Rank;

    fn ann() -> User {
        User {
            number: 7,
            user_name: "ann".into(),
            profile: Profile { full_name: "Ann Doe".into(), ..Profile::default() },
            membership: Membership {
                role: "r".into(),
                agency: "a".into(),
                groups: vec!["g".into()],
            },
            ..User::default()
        }
    }

    fn by(number: i64, actions: &[&str]) -> Authority {
        Authority::Person(Box::new(Principal {
            user_id: number,
            scope: Scope::Group,
            groups: vec!["g".into()],
            permissions: [("user".into(), actions.iter().map(|one| (*one).into()).collect())]
                .into(),
            ..Principal::default()
        }))
    }

    fn update(by: Authority) -> UpdateUser {
        UpdateUser {
            by,
            user_name: Some("hacked".into()),
            profile: json!({"full_name": "Ann Roe", "agency_office": "HQ"})
                .as_object()
                .unwrap()
                .clone(),
            role: Some("root".into()),
            agency: None,
            groups: Some(vec!["g".into(), "h".into()]),
            password: NewPassword::Absent,
            disabled: Some(true),
            terms_accepted_at: None,
            around: UserSurroundings {
                rank: Rank::Ordinary,
                new_rank: Some(Rank::Ordinary),
                ..UserSurroundings::default()
            },
        }
    }

    #[test]
    fn on_oneself_only_personal_attributes_change() {
        let profile = Profile { full_name: "Ann Roe".into(), ..Profile::default() };
        assert_eq!(
            update(by(7, &["manage"])).decide(&ann()),
            Ok(vec![UserEvent::ProfileChanged { profile: Box::new(profile) }])
        );
    }

    #[test]
    fn others_are_changed_only_within_reach() {
        assert_eq!(update(by(8, &["read"])).decide(&ann()), Err(Refusal::Forbidden));
        let mut outside = ann();
        outside.membership.groups = vec!["h".into()];
        assert_eq!(update(by(8, &["write"])).decide(&outside), Err(Refusal::Forbidden));
    }

    #[test]
    fn people_are_not_moved_into_groups_of_others() {
        assert_eq!(update(by(8, &["write"])).decide(&ann()), Err(Refusal::Forbidden));
        let kept = UpdateUser { groups: None, user_name: None, ..update(by(8, &["write"])) };
        assert_eq!(kept.decide(&ann()).map(|events| events.len()), Ok(3));
    }

    #[test]
    fn a_user_name_stays() {
        let renamed = UpdateUser { groups: None, ..update(by(8, &["write"])) };
        assert_eq!(renamed.decide(&ann()), Err(Refusal::Invalid(vec![FIXED])));
    }

    #[test]
    fn enabling_respects_the_limit() {
        let mut disabled = ann();
        disabled.disabled = true;
        let mut enable = update(by(8, &["write"]));
        enable.groups = None;
        enable.user_name = Some("ann".into());
        enable.disabled = Some(false);
        enable.around.limit_reached = true;
        assert_eq!(enable.decide(&disabled), Err(Refusal::Invalid(vec![LIMIT])));
    }
}
