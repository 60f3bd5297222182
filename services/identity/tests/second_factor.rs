//! The second factor: setting it up, signing in with it, losing it, being made to have it.

use kit_access::recently_proven;
use kit_serve::{Code, Refusal};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::rig::{PASSWORD, Person, Rig, code};

/// What an authenticator app shows at the rig's time, some half minutes off.
fn shows(rig: &Rig, secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let now = rig.clock.clock().now().as_second() + 30 * steps;
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

fn field<T>(answer: Result<T, Refusal>) -> String {
    let refusal = answer.err().unwrap();
    let field = refusal.errors[0].fields.first();
    format!("{:?} {}", refusal.code, field.map_or("", |field| &field.code))
}

/// Sets a second factor up; answers the secret and the recovery codes.
async fn enrol(rig: &Rig, person: &Person) -> (String, Vec<String>) {
    let begun = person.begin_second_factor("", json!({})).await.unwrap();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let url = begun["otpauth_url"].as_str().unwrap();
    assert!(url.starts_with("otpauth://totp/Amparo:") && url.contains(&secret));
    let body = json!({"code": shows(rig, &secret, 0)});
    let confirmed = person.confirm_second_factor("", body).await.unwrap();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn with_code(rig: &Rig, person: &Person, otp: &str) -> Result<Person, Refusal> {
    let name = &person.principal.user_name;
    rig.sign_in_with(person.tenant, name, PASSWORD, otp).await
}

async fn ann(rig: &Rig, chief: &Person) -> Person {
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    chief.user("ann", &role, &[]).await;
    rig.sign_in(chief.tenant, "ann").await
}

#[tokio::test]
async fn signing_in_takes_a_code_and_each_counts_once() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let state = ann.get_second_factor("", "").await.unwrap();
    let none =
        json!({"enrolled": false, "required": false, "begun": false, "recovery_codes_left": 0});
    assert_eq!(state, none);
    let (secret, codes) = enrol(&rig, &ann).await;
    assert_eq!(codes.len(), 10);
    assert!(rig.still(&rig.shared, &ann).await.is_ok(), "the session that it was set up in stays");
    let refused = rig.try_sign_in(chief.tenant, "ann", PASSWORD).await;
    assert_eq!(field(refused), "Unauthenticated otp_wanted");
    let refused = rig.try_sign_in(chief.tenant, "ann", "wrong password").await;
    assert_eq!(field(refused), "Unauthenticated ", "a wrong password is told nothing of codes");
    let confirmed_with = shows(&rig, &secret, 0);
    let refused = with_code(&rig, &ann, &confirmed_with).await;
    assert_eq!(field(refused), "Unauthenticated otp_wrong", "used when it was set up");
    rig.wait(1);
    let shown = shows(&rig, &secret, 0);
    let (one, two) = tokio::join!(with_code(&rig, &ann, &shown), with_code(&rig, &ann, &shown));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "twice at once");
    let earlier = shows(&rig, &secret, -1);
    assert_eq!(field(with_code(&rig, &ann, &earlier).await), "Unauthenticated otp_wrong");
    let ahead = shows(&rig, &secret, 1);
    assert!(with_code(&rig, &ann, &ahead).await.is_ok(), "the device's clock is a little fast");
    rig.wait(5);
    let outdated = shows(&rig, &secret, -4);
    assert_eq!(field(with_code(&rig, &ann, &outdated).await), "Unauthenticated otp_wrong");
}

#[tokio::test]
async fn recovery_codes_count_once_and_are_replaced_together() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let (_, codes) = enrol(&rig, &ann).await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    let (one, two) = tokio::join!(with_code(&rig, &ann, &typed), with_code(&rig, &ann, &codes[0]));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "twice at once");
    let ann = with_code(&rig, &ann, &codes[1]).await.unwrap();
    let state = ann.get_second_factor("", "").await.unwrap();
    assert_eq!(state["recovery_codes_left"], 8);
    let renewed = ann.renew_recovery_codes("", json!({})).await.unwrap();
    let renewed = renewed["recovery_codes"][0].as_str().unwrap();
    assert_eq!(field(with_code(&rig, &ann, &codes[2]).await), "Unauthenticated otp_wrong");
    assert!(with_code(&rig, &ann, renewed).await.is_ok());
}

#[tokio::test]
async fn wrong_codes_lock_the_account_as_wrong_passwords_do() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let (secret, codes) = enrol(&rig, &ann).await;
    rig.wait(1);
    for _ in 0..3 {
        assert_eq!(field(with_code(&rig, &ann, "000000").await), "Unauthenticated otp_wrong");
        // A right password without a code neither counts nor forgives.
        assert_eq!(field(with_code(&rig, &ann, " ").await), "Unauthenticated otp_wanted");
    }
    for _ in 0..3 {
        let body = json!({"password": PASSWORD, "code": "nonsense"});
        let refused = ann.reauthenticate("", body).await;
        assert_eq!(field(refused), "InvalidArgument otp_wrong");
    }
    let code = shows(&rig, &secret, 0);
    assert_eq!(field(with_code(&rig, &ann, &code).await), "Unauthenticated ", "locked");
    assert_eq!(field(with_code(&rig, &ann, &codes[0]).await), "Unauthenticated ", "locked");
    rig.wait(31);
    let code = shows(&rig, &secret, 0);
    assert!(with_code(&rig, &ann, &code).await.is_ok());
}

#[tokio::test]
async fn basic_takes_a_fresh_code_with_every_call() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let (secret, _) = enrol(&rig, &ann).await;
    rig.wait(1);
    let refused = rig.basic(chief.tenant, "ann", PASSWORD).await;
    assert_eq!(field(refused), "Unauthenticated otp_wanted");
    let code = shows(&rig, &secret, 0);
    let known = rig.basic_with(chief.tenant, "ann", PASSWORD, &code).await.unwrap();
    assert!(recently_proven(&known, rig.clock.clock().now().as_second()));
    let again = rig.basic_with(chief.tenant, "ann", PASSWORD, &code).await;
    assert_eq!(field(again), "Unauthenticated otp_wrong");
}

#[tokio::test]
async fn a_role_that_demands_one_lets_people_only_set_it_up() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let (roles, _) = chief.list_roles("").await.unwrap();
    let role = roles.iter().find(|role| role["unique_id"] == "role-worker").unwrap();
    assert_eq!(role.get("second_factor_required"), None);
    let (number, flag) = (role["id"].as_i64().unwrap(), json!({"second_factor_required": true}));
    let role = chief.update_role(number, flag).await.unwrap();
    assert_eq!(role["second_factor_required"], true);
    let confined = rig.still(&rig.shared, &ann).await.unwrap();
    assert!(confined.must_enrol && confined.permissions.is_empty() && confined.forms.is_empty());
    let ann = rig.sign_in(chief.tenant, "ann").await;
    assert!(ann.principal.must_enrol);
    let number = ann.principal.user_id;
    let own = ann.get_user(number, "").await;
    assert_eq!(field(own), "PermissionDenied second_factor_demanded");
    let own = ann.update_user(number, json!({"full_name": "Not Yet"})).await;
    assert_eq!(field(own), "PermissionDenied second_factor_demanded");
    assert_eq!(ann.get_second_factor("", "").await.unwrap()["required"], true);
    let (secret, _) = enrol(&rig, &ann).await;
    let free = rig.still(&rig.shared, &ann).await.unwrap();
    assert!(!free.must_enrol && free.may("case", "read"));
    rig.wait(1);
    let ann = with_code(&rig, &ann, &shows(&rig, &secret, 0)).await.unwrap();
    assert!(ann.get_user(number, "").await.is_ok());
    assert_eq!(field(ann.remove_second_factor("").await), "InvalidArgument second_factor_kept");
}

#[tokio::test]
async fn sensitive_acts_take_a_proof_of_the_last_five_minutes() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    rig.wait(6);
    let stale = rig.refreshed(&ann).await;
    let begin = stale.begin_second_factor("", json!({})).await;
    assert_eq!(field(begin), "PermissionDenied not_recently_proven");
    let wrong = stale.reauthenticate("", json!({"password": "wrong password"})).await;
    assert_eq!(field(wrong), "InvalidArgument wrong_password");
    let proven = stale.reauthenticate("", json!({"password": PASSWORD})).await.unwrap();
    assert_eq!(proven["proven_until"], "2026-03-01T08:11:00.000Z");
    let ann = rig.refreshed(&ann).await;
    let (secret, _) = enrol(&rig, &ann).await;
    rig.wait(6);
    let ann = rig.refreshed(&ann).await;
    for refused in [
        ann.remove_second_factor("").await,
        ann.renew_recovery_codes("", json!({})).await,
        ann.begin_second_factor("", json!({})).await,
    ] {
        assert_eq!(field(refused), "PermissionDenied not_recently_proven");
    }
    let without = ann.reauthenticate("", json!({"password": PASSWORD})).await;
    assert_eq!(field(without), "InvalidArgument otp_wanted");
    let body = json!({"password": PASSWORD, "code": shows(&rig, &secret, 0)});
    ann.reauthenticate("", body).await.unwrap();
    let ann = rig.refreshed(&ann).await;
    assert_eq!(ann.remove_second_factor("").await.unwrap(), json!({}));
    assert!(rig.still(&rig.shared, &ann).await.is_ok());
    assert!(rig.try_sign_in(chief.tenant, "ann", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn an_administrator_resets_what_somebody_lost() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let number = ann.principal.user_id;
    enrol(&rig, &ann).await;
    let role = chief.role("helper", "all", json!({"user": ["read"]})).await;
    chief.user("helper", &role, &[]).await;
    let helper = rig.sign_in(chief.tenant, "helper").await;
    assert_eq!(code(helper.reset_second_factor(number).await), Code::PermissionDenied);
    assert_eq!(code(ann.reset_second_factor(number).await), Code::PermissionDenied, "one's own");
    assert_eq!(code(chief.reset_second_factor(999).await), Code::NotFound);
    rig.wait(6);
    let late = rig.refreshed(&chief).await;
    let refused = late.reset_second_factor(number).await;
    assert_eq!(field(refused), "PermissionDenied not_recently_proven");
    late.reauthenticate("", json!({"password": PASSWORD})).await.unwrap();
    let chief = rig.refreshed(&chief).await;
    assert_eq!(chief.reset_second_factor(number).await.unwrap(), json!({"id": number}));
    assert_eq!(code(rig.still(&rig.shared, &ann).await), Code::Unauthenticated);
    assert!(rig.try_sign_in(chief.tenant, "ann", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn confirming_takes_a_code_of_the_secret_that_was_shown_last() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let nothing = ann.confirm_second_factor("", json!({"code": "123456"})).await;
    assert_eq!(field(nothing), "InvalidArgument second_factor_not_begun");
    let first = ann.begin_second_factor("", json!({})).await.unwrap();
    ann.begin_second_factor("", json!({})).await.unwrap();
    let old = json!({"code": shows(&rig, first["secret"].as_str().unwrap(), 0)});
    assert_eq!(field(ann.confirm_second_factor("", old).await), "InvalidArgument otp_wrong");
    assert_eq!(
        field(ann.confirm_second_factor("", json!({"code": 5})).await),
        "InvalidArgument wrong_type"
    );
    assert!(rig.try_sign_in(chief.tenant, "ann", PASSWORD).await.is_ok(), "nothing counts yet");
}

#[tokio::test]
async fn neither_secret_nor_recovery_codes_lie_in_clear() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = ann(&rig, &chief).await;
    let (secret, codes) = enrol(&rig, &ann).await;
    let shown = chief.get_user(ann.principal.user_id, "extended=true").await.unwrap();
    let (list, _) = chief.list_users("").await.unwrap();
    let told = format!("{shown} {}", Value::from(list));
    for hidden in std::iter::once(&secret).chain(&codes) {
        assert!(!told.contains(hidden.as_str()));
        crate::storage::assert_nowhere(&rig, hidden).await;
    }
}

#[tokio::test]
async fn the_demand_travels_with_snapshots() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let body = json!({"unique_id": "role-strict", "name": "Strict", "second_factor_required": true,
        "permissions": {"case": ["read"], "erasure": ["approve"]}});
    chief.create_role("", body).await.unwrap();
    let (_, _, roles) = crate::organisation::export(&rig, chief.tenant).await;
    let roles = roles.as_array().unwrap();
    let strict = roles.iter().find(|role| role["unique_id"] == "role-strict").unwrap();
    assert_eq!(strict["second_factor_required"], true);
    assert_eq!(strict["permissions"]["erasure"], json!(["approve"]));
    let chiefs = roles.iter().find(|role| role["unique_id"] == "role-superuser").unwrap();
    assert_eq!(chiefs.get("second_factor_required"), None);
}
