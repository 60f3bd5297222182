//! Agencies: names in many languages, files, taking out of use.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kit_proto::identity::v1::GetFileRequest;
use kit_serve::{Code, Refusal};
use serde_json::json;

use crate::rig::{Rig, code, details};

fn png(side: u32) -> String {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(side.to_be_bytes());
    bytes.extend(side.to_be_bytes());
    BASE64_STANDARD.encode(bytes)
}

#[tokio::test]
async fn only_what_was_sent_changes() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let body = json!({"unique_id": "agency-x", "agency_code": "X", "name": {"en": "X", "fr": "Xf"},
        "telephone": "123", "services": ["health"], "contact_name": "Con Tact"});
    let agency = chief.create_agency("", body.clone()).await.unwrap();
    assert_eq!(agency["name"], json!({"en": "X", "fr": "Xf", "ar": ""}));
    assert_eq!(agency["logo_enabled"], false);
    assert!(agency.get("logo_full").is_none());
    let id = &agency["id"];
    let agency = chief.update_agency(id, json!({"name": {"en": "X2"}})).await.unwrap();
    assert_eq!(agency["name"], json!({"en": "X2", "fr": "Xf", "ar": ""}));
    assert_eq!(agency["telephone"], "123");
    assert_eq!(code(chief.update_agency("nope", json!({"telephone": "1"})).await), Code::NotFound);
    let mut again = body;
    again["agency_code"] = "Y".into();
    assert_eq!(code(chief.create_agency("", again).await), Code::AlreadyExists);
    let refusal = chief.create_agency("", json!({"name": {"fr": "Q"}})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["agency_code", "name"]));
    let bad = json!({"agency_code": "Q", "name": {"en": "Q"}, "order": "five"});
    let refusal = chief.create_agency("", bad).await.unwrap_err();
    assert_eq!(details(&refusal), json!([["/order"]]));
    assert_eq!(chief.delete_agency(id).await.unwrap(), json!({"id": id}));
    assert_eq!(chief.get_agency(id, "").await.unwrap()["disabled"], true);
    let (disabled, _) = chief.list_agencies("disabled[0]=true").await.unwrap();
    assert_eq!(disabled.len(), 1);
}

#[tokio::test]
async fn logos_are_checked_by_their_content() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let id = chief.agency("X").await;
    let text = BASE64_STANDARD.encode("not a picture");
    let bad = json!({"logo_icon_base64": text, "logo_icon_file_name": "i.png"});
    assert_eq!(details(&chief.update_agency(id, bad).await.unwrap_err()), json!(["logo_icon"]));
    let bad = json!({"logo_icon_base64": png(101), "logo_full_base64": "???", "terms_of_use_base64": png(1)});
    let refusal = chief.update_agency(id, bad).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["logo_full", "logo_icon", "terms_of_use"]));
    let good = json!({"logo_full_base64": png(512), "logo_full_file_name": "../l.png",
        "logo_icon_base64": png(100), "logo_icon_file_name": "i.png", "logo_enabled": true});
    let agency = chief.update_agency(id, good).await.unwrap();
    assert_eq!(agency["logo_enabled"], true);
    let path = agency["logo_full"].as_str().unwrap().to_owned();
    assert!(path.starts_with("/rails/active_storage/blobs/") && path.ends_with("/..l.png"));
    let get = |tenant: String, path: String| {
        let message = GetFileRequest { tenant, path };
        let (mut client, request) = (rig.client(), rig.internal().request(message));
        async move { client.get_file(request).await.map_err(Refusal::from) }
    };
    let file = get(chief.tenant.to_string(), path.clone()).await.unwrap().into_inner();
    assert_eq!(file.content_type, "image/png");
    assert_eq!(BASE64_STANDARD.encode(file.content), png(512));
    let other = rig.open("other").await;
    assert_eq!(code(get(other.to_string(), path).await), Code::NotFound);
    let gone = json!({"logo_full_base64": "", "logo_full_file_name": ""});
    let agency = chief.update_agency(id, gone).await.unwrap();
    assert!(agency.get("logo_full").is_none());
    assert_eq!(agency["logo_enabled"], false);
}
