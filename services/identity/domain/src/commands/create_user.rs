//! Creates a user.

use kit_decider::Command;

use crate::password::NewPassword;
use crate::refusal::{Problem, Problems};
use crate::{Authority, Membership, Profile, Rank, Refusal, User, UserEvent};

/// A new person who may sign in.
#[derive(Clone)]
pub struct CreateUser {
    pub by: Authority,
    pub number: i64,
    /// Trimmed and lower case.
    pub user_name: String,
    pub profile: Profile,
    pub membership: Membership,
    pub password: NewPassword,
    pub disabled: bool,
    pub around: UserSurroundings,
}

/// What the rules need to know of the tenant beyond the user itself.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about the tenant")]
pub struct UserSurroundings {
    pub user_name_taken: bool,
    pub email_taken: bool,
    /// Rank of the user's present role.
    pub rank: Rank,
    /// Rank of the role that the user is to have; `None` when there is no such role.
    pub new_rank: Option<Rank>,
    pub agency_known: bool,
    pub unknown_groups: Vec<String>,
    /// Whether as many users are enabled as the organisation allows.
    pub limit_reached: bool,
    pub locales: Vec<String>,
    /// Number of the code of conduct that may be accepted now.
    pub code_of_conduct: Option<i64>,
}

impl Command for CreateUser {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if user.number != 0 {
            return Ok(vec![]);
        }
        if !self.by.may("user", "create") {
            return Err(Refusal::Forbidden);
        }
        may_place(&self.by, &Membership::default(), &self.membership, &self.around)?;
        let mut problems = problems(&self.user_name, &self.profile, &self.membership, &self.around);
        if let NewPassword::Refused(of_password) = &self.password {
            problems.extend(of_password.clone());
        }
        problems.unless(self.disabled || !self.around.limit_reached, LIMIT);
        problems.refuse()?;
        Ok(self.into_events())
    }
}

impl CreateUser {
    fn into_events(self) -> Vec<UserEvent> {
        let mut events = vec![UserEvent::Created {
            number: self.number,
            user_name: self.user_name,
            profile: Box::new(self.profile),
            membership: self.membership,
        }];
        if let NewPassword::Hashed(hash) = self.password {
            events.push(UserEvent::PasswordSet { hash });
        }
        if self.disabled {
            events.push(UserEvent::Disabled);
        }
        events
    }
}

pub(super) const LIMIT: Problem =
    Problem::new("base", "errors.models.user.limit_user_reached", "limit_reached");

/// Whether the caller may give what changes between two memberships.
pub(super) fn may_place(
    by: &Authority,
    old: &Membership,
    new: &Membership,
    around: &UserSurroundings,
) -> Result<(), Refusal> {
    let role =
        old.role == new.role || around.new_rank.is_none_or(|rank| by.gives_role(&new.role, rank));
    let agency = old.agency == new.agency
        || !around.agency_known
        || (by.gives_agency(&new.agency) && by.handles_agency(&new.agency));
    let joined = |group: &&String| !old.groups.contains(group);
    let groups = new.groups.iter().filter(joined).all(|group| by.reaches_group(group));
    if role && agency && groups { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// Every rule that a user with these attributes breaks.
pub(super) fn problems(
    user_name: &str,
    profile: &Profile,
    membership: &Membership,
    around: &UserSurroundings,
) -> Problems {
    let mut problems = Problems::default();
    let form = Problem::new("user_name", "errors.models.user.user_name", "invalid");
    problems.unless(is_user_name(user_name), form);
    problems.unless(
        !around.user_name_taken,
        Problem::new("user_name", "errors.models.user.user_name_uniqueness", "taken"),
    );
    problems.unless(
        is_full_name(&profile.full_name),
        Problem::new("full_name", "errors.models.user.full_name", "invalid"),
    );
    problems.unless(
        profile.email.as_deref().is_none_or(is_email),
        Problem::new("email", "errors.models.user.email", "invalid"),
    );
    problems.unless(
        !around.email_taken,
        Problem::new("email", "errors.models.user.email_uniqueness", "taken"),
    );
    let known = around.new_rank.is_some() && !membership.role.is_empty();
    problems.unless(known, Problem::new("role", "errors.models.user.role_ids", "required"));
    let agency = Problem::new("agency", "errors.models.user.organization", "required");
    problems.unless(around.agency_known && !membership.agency.is_empty(), agency);
    problems.extend(around.unknown_groups.iter().map(|group| {
        let message = "errors.models.user.user_group_unknown";
        Problem::new("user_group_unique_ids", message, "unknown_option").at(format!("/{group}"))
    }));
    problems.unless(
        profile.locale.as_ref().is_none_or(|locale| around.locales.contains(locale)),
        Problem::new("locale", "errors.models.user.locale", "unknown_option"),
    );
    problems
}

/// No blanks and nothing invisible; no colon, which ends the name in HTTP Basic.
fn is_user_name(name: &str) -> bool {
    (1..=255).contains(&name.chars().count())
        && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == ':' || is_invisible(c))
}

fn is_full_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= 255
        && !name.chars().any(|c| c.is_control() || (is_invisible(c) && !is_joiner(c)))
}

/// Marks that change how text looks without being seen: zero width, direction overrides.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Joiners and direction marks belong to some scripts.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}')
}

fn is_email(email: &str) -> bool {
    let visible = |c: char| !c.is_whitespace() && !c.is_control() && !is_invisible(c);
    email.len() <= 254
        && email.chars().all(visible)
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && domain.split('.').all(|label| !label.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use kit_access::{Principal, Scope};

    use super::*;

    fn create() -> CreateUser {
        CreateUser {
            by: Authority::Installation,
            number: 7,
            user_name: "ann".into(),
            profile: Profile { full_name: "Ann Doe".into(), ..Profile::default() },
            membership: Membership { role: "r".into(), agency: "a".into(), groups: vec![] },
            password: NewPassword::Absent,
            disabled: false,
            around: UserSurroundings {
                new_rank: Some(Rank::Ordinary),
                agency_known: true,
                locales: vec!["en".into()],
                ..UserSurroundings::default()
            },
        }
    }

    fn attributes(command: CreateUser) -> Vec<&'static str> {
        match command.decide(&User::default()) {
            Err(Refusal::Invalid(problems)) => problems.iter().map(|one| one.attribute).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_every_broken_rule() {
        let mut bad = create();
        bad.user_name = "with space".into();
        bad.profile = Profile {
            email: Some("not an address".into()),
            locale: Some("xx".into()),
            ..Profile::default()
        };
        bad.around.new_rank = None;
        bad.around.agency_known = false;
        bad.around.limit_reached = true;
        let all = ["user_name", "full_name", "email", "role", "agency", "locale", "base"];
        assert_eq!(attributes(bad), all);
    }

    #[test]
    fn refuses_names_that_hide_something() {
        for hidden in ["a\u{200b}nn", "a\u{202e}nn", "ann:x", "ann\n"] {
            let mut bad = create();
            bad.user_name = hidden.into();
            assert_eq!(attributes(bad), ["user_name"]);
        }
        let mut persian = create();
        persian.profile.full_name = "می\u{200c}خواهم".into();
        assert!(persian.decide(&User::default()).is_ok());
    }

    #[test]
    fn nobody_gives_a_role_or_group_beyond_their_reach() {
        let by = |scope| {
            Authority::Person(Box::new(Principal {
                scope,
                permissions: [("user".into(), vec!["create".into()])].into(),
                ..Principal::default()
            }))
        };
        let mut admin = create();
        admin.by = by(Scope::All);
        admin.around.new_rank = Some(Rank::SuperUser);
        assert_eq!(admin.decide(&User::default()), Err(Refusal::Forbidden));
        let mut elsewhere = create();
        elsewhere.by = by(Scope::Group);
        elsewhere.membership.groups = vec!["theirs".into()];
        assert_eq!(elsewhere.decide(&User::default()), Err(Refusal::Forbidden));
    }
}
