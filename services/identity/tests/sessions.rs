//! Signing in and out, locks, limits, and how fast a change is felt.

use std::time::{Duration, Instant};

use kit_proto::identity::v1::SignInRequest;
use kit_serve::{Code, Refusal};
use serde_json::json;

use crate::rig::{PASSWORD, Person, Rig, code};

async fn worker(rig: &Rig, chief: &Person) -> i64 {
    let _ = rig;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    chief.user("ann", &role, &[]).await
}

#[tokio::test]
async fn one_session_per_user_which_ends_by_signing_out() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    assert!(rig.still(&rig.shared, &chief).await.is_ok());
    let again = rig.sign_in(chief.tenant, "chief").await;
    assert_eq!(code(rig.still(&rig.shared, &chief).await), Code::Unauthenticated);
    assert_eq!(rig.sign_out(&again).await, "chief");
    assert_eq!(code(rig.still(&rig.shared, &again).await), Code::Unauthenticated);
    assert_eq!(rig.sign_out(&again).await, "", "signing out twice harms nobody");
    let third = rig.sign_in(chief.tenant, "chief").await;
    third.sign_out_everywhere("").await.unwrap();
    assert_eq!(code(rig.still(&rig.shared, &third).await), Code::Unauthenticated);
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_last() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    rig.wait(59);
    assert!(rig.still(&rig.shared, &chief).await.is_ok());
    rig.wait(61);
    assert_eq!(code(rig.still(&rig.shared, &chief).await), Code::Unauthenticated);
    let chief = rig.sign_in(chief.tenant, "chief").await;
    for _ in 0..14 {
        rig.wait(50);
        rig.still(&rig.shared, &chief).await.unwrap();
    }
    rig.wait(21);
    assert_eq!(code(rig.still(&rig.shared, &chief).await), Code::Unauthenticated, "12 hours");
}

/// A stream of events asks again and again whether the session is still good.
#[tokio::test]
async fn who_only_looks_does_not_keep_a_session_alive() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    for _ in 0..2 {
        rig.wait(29);
        assert!(rig.watched(&chief).await.is_ok());
    }
    rig.wait(3);
    assert_eq!(code(rig.watched(&chief).await), Code::Unauthenticated);
    assert_eq!(code(rig.still(&rig.shared, &chief).await), Code::Unauthenticated);
}

#[tokio::test]
async fn six_wrong_passwords_lock_known_and_unknown_names_alike() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    worker(&rig, &chief).await;
    let mut texts = Vec::new();
    for name in ["ann", "nobody"] {
        for _ in 0..6 {
            let refusal = rig.basic(chief.tenant, name, "wrong-password").await.unwrap_err();
            assert_eq!(refusal.code, Code::Unauthenticated);
            texts.push(refusal.errors);
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "nothing tells them apart");
    assert_eq!(code(rig.basic(chief.tenant, "ann", PASSWORD).await), Code::Unauthenticated);
    assert!(rig.basic(chief.tenant, "chief", PASSWORD).await.is_ok());
    rig.wait(29);
    assert_eq!(code(rig.basic(chief.tenant, "ann", PASSWORD).await), Code::Unauthenticated);
    rig.wait(2);
    assert!(rig.basic(chief.tenant, "ann", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    for _ in 0..3 {
        for _ in 0..5 {
            rig.basic(chief.tenant, "chief", "wrong-password").await.unwrap_err();
        }
        rig.basic(chief.tenant, "chief", PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn guesses_side_by_side_are_counted() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let guesses = (0..20).map(|_| rig.basic(chief.tenant, "chief", "wrong-password"));
    for guess in futures_util::future::join_all(guesses).await {
        assert_eq!(code(guess), Code::Unauthenticated);
    }
    let row = rig.db.admin().await.query_one("select failures from sign_in_failure", &[]).await;
    assert_eq!(row.unwrap().get::<_, i32>(0), 6, "those after the lock are not even counted");
}

#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_known_one() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    // The shortest of several, in turn: what else the machine does only makes it longer.
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..6 {
        for (name, shortest) in ["chief", "nobody"].iter().zip(&mut shortest) {
            let before = Instant::now();
            rig.basic(chief.tenant, name, "wrong-password").await.unwrap_err();
            *shortest = before.elapsed().min(*shortest);
        }
        rig.wait(31);
    }
    let [known, unknown] = shortest;
    assert!(unknown * 2 > known && known * 2 > unknown, "{known:?} against {unknown:?}");
}

/// So that an audit log keeps names of users and no password typed into the wrong box.
#[tokio::test]
async fn the_gateway_learns_whether_a_refused_name_is_a_users() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    worker(&rig, &chief).await;
    let other = rig.open("other").await;
    for (tenant, name, known) in [
        (chief.tenant, "chief", true),
        (chief.tenant, " ANN ", true),
        (chief.tenant, "nobody", false),
        (chief.tenant, PASSWORD, false),
        (other, "ann", false),
    ] {
        let message = SignInRequest {
            tenant: tenant.to_string(),
            user_name: name.into(),
            password: "wrong-password".into(),
            ..Default::default()
        };
        let refused = rig.client().sign_in(rig.internal().request(message)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unauthenticated);
        assert_eq!(refused.metadata().contains_key("amparo-known-user"), known, "{name}");
        let told = Refusal::from(refused);
        assert_eq!(told, Refusal::unauthenticated("Invalid User name or password."));
    }
}

#[tokio::test]
async fn a_remembered_password_is_good_only_while_it_is_the_password() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = worker(&rig, &chief).await;
    rig.basic(chief.tenant, "ann", PASSWORD).await.unwrap();
    rig.basic(chief.tenant, "ANN", PASSWORD).await.unwrap();
    let new = json!({"password": "Another-one-2", "password_confirmation": "Another-one-2"});
    chief.update_user(ann, new).await.unwrap();
    assert_eq!(code(rig.basic(chief.tenant, "ann", PASSWORD).await), Code::Unauthenticated);
    rig.basic(chief.tenant, "ann", "Another-one-2").await.unwrap();
    chief.update_user(ann, json!({"disabled": true})).await.unwrap();
    assert_eq!(code(rig.basic(chief.tenant, "ann", "Another-one-2").await), Code::Unauthenticated);
}

#[tokio::test]
async fn changes_are_felt_by_running_sessions_of_every_process() {
    let mut rig = Rig::start().await;
    let chief = rig.chief().await;
    let ann = worker(&rig, &chief).await;
    let there = rig.another().await;
    let session = rig.sign_in_at(&there, chief.tenant, "ann", PASSWORD).await.unwrap();
    assert_eq!(session.principal.permissions["case"], ["read"]);
    let role = chief.list_roles("").await.unwrap().0;
    let role = role.iter().find(|role| role["unique_id"] == "role-worker").unwrap();
    let change = json!({"permissions": {"incident": ["read"]}, "group_permission": "group"});
    chief.update_role(&role["id"], change).await.unwrap();
    let now = rig.still(&there, &session).await.unwrap();
    assert!(!now.permissions.contains_key("case") && now.permissions.contains_key("incident"));
    let group = chief.group("north").await;
    chief.update_user(ann, json!({"user_group_unique_ids": [group]})).await.unwrap();
    assert_eq!(rig.still(&there, &session).await.unwrap().groups, std::slice::from_ref(&group));
    let id = chief.list_user_groups("").await.unwrap().0[0]["id"].clone();
    chief.delete_user_group(id).await.unwrap();
    assert!(rig.still(&there, &session).await.unwrap().groups.is_empty());
    chief.update_user(ann, json!({"disabled": true})).await.unwrap();
    assert_eq!(code(rig.still(&there, &session).await), Code::Unauthenticated);
}

#[tokio::test]
async fn an_administrators_reset_ends_sessions_and_ones_own_change_keeps_it() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let number = worker(&rig, &chief).await;
    let ann = rig.sign_in(chief.tenant, "ann").await;
    let new = |password: &str| json!({"password": password, "password_confirmation": password});
    ann.update_user(number, new("Mine-alone-22")).await.unwrap();
    assert!(rig.still(&rig.shared, &ann).await.is_ok());
    chief.update_user(number, new("From-above-33")).await.unwrap();
    assert_eq!(code(rig.still(&rig.shared, &ann).await), Code::Unauthenticated);
    assert!(rig.try_sign_in(chief.tenant, "ann", "From-above-33").await.is_ok());
}

#[tokio::test]
async fn a_session_is_over_even_if_its_row_was_left_behind() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let number = worker(&rig, &chief).await;
    let ann = rig.sign_in(chief.tenant, "ann").await;
    let admin = rig.db.admin().await;
    let keep = "create table left_behind as select * from session";
    admin.batch_execute(keep).await.unwrap();
    chief.update_user(number, json!({"password": "From-above-33"})).await.unwrap();
    // As if the process had died before it deleted the rows.
    let back = "insert into session select * from left_behind on conflict do nothing";
    admin.batch_execute(back).await.unwrap();
    assert_eq!(code(rig.still(&rig.shared, &ann).await), Code::Unauthenticated);
    let ann = rig.try_sign_in(chief.tenant, "ann", "From-above-33").await.unwrap();
    admin
        .batch_execute("truncate left_behind; insert into left_behind select * from session")
        .await
        .unwrap();
    chief.update_user(number, json!({"disabled": true})).await.unwrap();
    chief.update_user(number, json!({"disabled": false})).await.unwrap();
    admin.batch_execute(back).await.unwrap();
    assert_eq!(code(rig.still(&rig.shared, &ann).await), Code::Unauthenticated);
}
