//! Tenants: opened once, apart from each other, suspended and closed.

use kit_proto::identity::v1::{
    ChangeTenantRequest, DestroyTenantRequest, ListTenantsRequest, ResolveTenantRequest,
    TenantRequest,
};
use kit_serve::{Code, Refusal};
use serde_json::json;

use crate::rig::{PASSWORD, Rig, code, details};

async fn resolve(rig: &Rig, host: &str) -> Result<String, Refusal> {
    let message = ResolveTenantRequest { host: host.into() };
    let reply = rig.client().resolve_tenant(rig.internal().request(message)).await;
    Ok(reply.map_err(Refusal::from)?.into_inner().name)
}

fn named(name: &str) -> TenantRequest {
    TenantRequest { name: name.into() }
}

#[tokio::test]
async fn opens_once_however_often_it_is_asked() {
    let rig = Rig::start().await;
    let first = rig.try_open("relief", "relief.example.org").await.unwrap();
    let again = rig.try_open("relief", "relief.example.org").await.unwrap();
    assert_eq!(first, again);
    assert_eq!(first.status, "open");
    assert_eq!(resolve(&rig, "relief.example.org").await.unwrap(), "relief");
    assert_eq!(code(resolve(&rig, "other.example.org").await), Code::NotFound);
    let chief = rig.try_sign_in(first.id.parse().unwrap(), " CHIEF ", PASSWORD).await.unwrap();
    assert_eq!(chief.principal.user_name, "chief");
}

#[tokio::test]
async fn opens_once_when_asked_by_many_at_a_time() {
    let rig = Rig::start().await;
    let tries = (0..5).map(|_| rig.try_open("relief", "relief.example.org"));
    let opened = futures_util::future::join_all(tries).await;
    assert!(opened.iter().all(|one| one == &opened[0] && one.is_ok()), "{opened:?}");
}

#[tokio::test]
async fn a_host_leads_to_one_tenant() {
    let rig = Rig::start().await;
    rig.open("relief").await;
    let refusal = rig.try_open("other", "relief.example.org").await.unwrap_err();
    assert_eq!(details(&refusal), json!(["hosts"]));
    let refusal = rig.try_open("Not a name", "x.example.org").await.unwrap_err();
    assert_eq!(details(&refusal), json!(["name"]));
    let message = ListTenantsRequest {};
    let list = rig.client().list_tenants(rig.internal().request(message)).await.unwrap();
    assert_eq!(list.into_inner().tenants.len(), 1);
}

#[tokio::test]
async fn nobody_works_in_a_suspended_or_closed_tenant() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let mut client = rig.client();
    client.suspend_tenant(rig.internal().request(named("relief"))).await.unwrap();
    let refusal = rig.still(&rig.shared, &chief).await.unwrap_err();
    assert_eq!(refusal.code, Code::PermissionDenied);
    assert_eq!(refusal.errors[0].message, "errors.tenant.suspended".into());
    assert_eq!(
        code(rig.try_sign_in(chief.tenant, "chief", PASSWORD).await.map(drop)),
        Code::PermissionDenied
    );
    assert_eq!(code(chief.list_users("").await), Code::PermissionDenied);
    client.resume_tenant(rig.internal().request(named("relief"))).await.unwrap();
    assert!(rig.still(&rig.shared, &chief).await.is_ok());
    client.close_tenant(rig.internal().request(named("relief"))).await.unwrap();
    let refusal = rig.still(&rig.shared, &chief).await.unwrap_err();
    assert_eq!(refusal.errors[0].message, "errors.tenant.closed".into());
    let resumed = client.resume_tenant(rig.internal().request(named("relief"))).await;
    assert_eq!(code(resumed.map_err(Refusal::from)), Code::NotFound);
}

#[tokio::test]
async fn tenants_share_nothing() {
    let rig = Rig::start().await;
    let ours = rig.chief().await;
    let other = rig.open("other").await;
    let theirs = rig.sign_in(other, "chief").await;
    let role = ours.role("ours", "self", json!({"case": ["read"]})).await;
    let ann = ours.user("ann", &role, &[]).await;
    assert_eq!(theirs.list_users("query=ann").await.unwrap().0.len(), 0);
    assert_eq!(code(theirs.get_user(ann, "").await), Code::NotFound);
    assert_eq!(
        code(rig.try_sign_in(other, "ann", PASSWORD).await.map(drop)),
        Code::Unauthenticated
    );
    // The same names are free elsewhere, and a session is worth nothing there.
    let role = theirs.role("ours", "self", json!({"case": ["read"]})).await;
    theirs.user("ann", &role, &[]).await;
    let mut stray = ours.clone();
    stray.tenant = other;
    assert_eq!(code(rig.still(&rig.shared, &stray).await), Code::Unauthenticated);
}

#[tokio::test]
async fn a_tenant_moves_to_other_hosts_at_once() {
    let rig = Rig::start().await;
    rig.open("relief").await;
    rig.try_open("other", "other.example.org").await.unwrap();
    let change = |hosts: &[&str], display_name: Option<&str>| {
        let message = ChangeTenantRequest {
            name: "relief".into(),
            display_name: display_name.map(str::to_owned),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..ChangeTenantRequest::default()
        };
        let request = rig.internal().request(message);
        let mut client = rig.client();
        async move { client.change_tenant(request).await.map_err(Refusal::from) }
    };
    let hosts = ["New.Example.org ", "relief.example.org"];
    let changed = change(&hosts, Some(" Relief of the north ")).await.unwrap().into_inner();
    assert_eq!(changed.display_name, "Relief of the north");
    assert_eq!(changed.hosts, ["new.example.org", "relief.example.org"]);
    assert_eq!(resolve(&rig, "new.example.org").await.unwrap(), "relief");
    change(&["new.example.org"], None).await.unwrap();
    assert_eq!(code(resolve(&rig, "relief.example.org").await), Code::NotFound);
    // What was left free is another's to take; what another has is not ours.
    rig.try_open("third", "relief.example.org").await.unwrap();
    let refusal = change(&["relief.example.org"], None).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["hosts"]));
    assert_eq!(code(change(&["no host"], None).await), Code::InvalidArgument);
    assert_eq!(code(change(&[], Some("")).await), Code::InvalidArgument);
    assert_eq!(resolve(&rig, "new.example.org").await.unwrap(), "relief");
}

#[tokio::test]
async fn nothing_is_destroyed_that_was_not_closed_and_named_twice() {
    let rig = Rig::start().await;
    rig.open("relief").await;
    let destroy = |confirm: &str, reason: &str, exported: &str| {
        let message = DestroyTenantRequest {
            name: "relief".into(),
            confirm: confirm.into(),
            by: "operations".into(),
            reason: reason.into(),
            exported: exported.into(),
        };
        let request = rig.internal().request(message);
        let mut client = rig.client();
        async move { client.destroy_tenant(request).await.map(drop).map_err(Refusal::from) }
    };
    let refusal = destroy("relief", "ended", "nothing").await.unwrap_err();
    assert_eq!(refusal.errors[0].fields[0].code, "not_closed");
    let close = rig.internal().request(named("relief"));
    rig.client().close_tenant(close).await.unwrap();
    for (confirm, reason, exported, pointer) in [
        ("other", "ended", "nothing", "/confirm"),
        ("relief", " ", "nothing", "/reason"),
        ("relief", "ended", "", "/exported"),
        ("relief", "ended", &"g".repeat(64), "/exported"),
    ] {
        let refusal = destroy(confirm, reason, exported).await.unwrap_err();
        assert_eq!(refusal.errors[0].fields[0].pointer, pointer);
    }
    // Where the keyring is away nothing is noted.
    assert_eq!(code(destroy("relief", "ended", "nothing").await), Code::Unavailable);
    let message = ListTenantsRequest {};
    let list = rig.client().list_tenants(rig.internal().request(message)).await.unwrap();
    assert_eq!(list.into_inner().tenants[0].status, "closed");
}
