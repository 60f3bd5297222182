//! What the installation lets an organisation use.

use kit_proto::identity::v1::{ChangeTenantRequest, TenantLimits};
use kit_serve::Code;
use serde_json::json;

use crate::rig::{Rig, code, details, user_body};

#[tokio::test]
async fn the_installations_limit_of_users_holds() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let limit = |users: u32| {
        let limits = TenantLimits { users: Some(users), requests_per_second: None };
        let message = ChangeTenantRequest {
            name: "relief".into(),
            limits: Some(limits),
            ..ChangeTenantRequest::default()
        };
        let request = rig.internal().request(message);
        let mut client = rig.client();
        async move { client.change_tenant(request).await.unwrap().into_inner() }
    };
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let first = chief.user("first", &role, &[]).await;
    let second = chief.user("second", &role, &[]).await;
    assert_eq!(limit(3).await.limits.unwrap().users, Some(3));

    // At the next request: nobody more, in whatever role, unless disabled.
    let body = user_body(&chief, "third", &role, &[]).await;
    let refusal = chief.create_user("", body.clone()).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["base"]));
    let field = &refusal.errors[0].fields[0];
    assert_eq!((field.pointer.as_str(), field.code.as_str()), ("/base", "limit_reached"));
    let mut disabled = body.clone();
    disabled["disabled"] = json!(true);
    disabled["user_name"] = json!("fourth");
    disabled["email"] = json!("fourth@example.org");
    let fourth = chief.create_user("", disabled).await.unwrap();
    let enable = json!({"disabled": false});
    let number = fourth["id"].as_i64().unwrap();
    assert_eq!(
        details(&chief.update_user(number, enable.clone()).await.unwrap_err()),
        json!(["base"])
    );

    // A lower limit leaves everybody, who go on working.
    limit(1).await;
    chief.update_user(second, json!({"position": "clerk"})).await.unwrap();
    chief.update_user(first, json!({"disabled": true})).await.unwrap();
    assert_eq!(
        details(&chief.update_user(first, enable.clone()).await.unwrap_err()),
        json!(["base"])
    );
    limit(0).await;
    chief.update_user(first, enable).await.unwrap();
    chief.create_user("", body).await.unwrap();
    // Nobody of the organisation says what it may use.
    let message = ChangeTenantRequest { name: "relief".into(), ..ChangeTenantRequest::default() };
    let refused = chief.change_tenant(message).await;
    assert_eq!(code(refused), Code::Unauthenticated);
}
