//! Places: the tree, its names, the import and the file.

use std::fmt::Write as _;
use std::io::Read as _;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use kit_proto::configuration::v1::GetLocationFileRequest;
use kit_serve::Code;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{Rig, code, details};

fn place(code: &str, name: &str, parent: &str) -> Value {
    json!({"code": code, "type": "country", "placename": {"en": name}, "parent_code": parent})
}

fn table(csv: &str) -> Value {
    json!({"file_name": "l.csv", "data_base64": STANDARD.encode(csv)})
}

async fn file(rig: &Rig, tenant: Uuid, known: &str) -> (Value, String) {
    let message =
        GetLocationFileRequest { tenant: tenant.to_string(), known_etag: known.to_owned() };
    let request = rig.shared.internal_call(Some(tenant)).request(message);
    let file = rig.client().get_location_file(request).await.unwrap().into_inner();
    let mut text = String::new();
    GzDecoder::new(&file.gzip[..]).read_to_string(&mut text).unwrap_or_default();
    (serde_json::from_str(&text).unwrap_or_default(), file.etag)
}

#[tokio::test]
async fn places_take_level_and_name_from_above() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let country = root.create_location(place("L1", "Lland", "")).await.unwrap()["data"].clone();
    assert_eq!((&country["admin_level"], &country["hierarchy"]), (&json!(0), &json!(["L1"])));
    assert_eq!(country["disabled"], json!(false));
    let child = root.create_location(place("L1A", "Aland", "L1")).await.unwrap()["data"].clone();
    assert_eq!((&child["admin_level"], &child["hierarchy"]), (&json!(1), &json!(["L1", "L1A"])));
    assert_eq!(child["name"], json!({"en": "Lland::Aland", "fr": "", "es": "", "ar": ""}));
    assert_eq!(root.get_location(&child["id"]).await.unwrap()["data"], child);
    assert_eq!(code(root.get_location("thisdoesntexist").await), Code::NotFound);
    assert_eq!(
        details(root.create_location(json!({"placename": {"en": "No code"}})).await),
        ["location_code"]
    );
    assert_eq!(details(root.create_location(place("L1A", "Twice", "")).await), ["location_code"]);
    assert_eq!(
        details(root.create_location(json!({"code": "Q", "type": "city"})).await),
        ["placename"]
    );
}

#[tokio::test]
async fn a_new_name_reaches_all_places_below() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let top = root.create_location(place("A", "Old", "")).await.unwrap()["data"]["id"].clone();
    root.create_location(place("B", "Middle", "A")).await.unwrap();
    let leaf = root.create_location(place("C", "Leaf", "B")).await.unwrap()["data"]["id"].clone();
    let change = json!({"placename": {"en": "New", "fr": "Nouveau"}, "code": "ignored"});
    let changed = root.update_location(&top, change).await.unwrap()["data"].clone();
    assert_eq!((&changed["code"], &changed["name"]["en"]), (&json!("A"), &json!("New")));
    let leaf = root.get_location(&leaf).await.unwrap()["data"]["name"].clone();
    assert_eq!(
        (&leaf["en"], &leaf["fr"]),
        (&json!("New::Middle::Leaf"), &json!("Nouveau::Middle::Leaf"))
    );
    assert_eq!(details(root.delete_location(&top).await), ["hierarchy"]);
}

#[tokio::test]
async fn many_places_change_at_once_or_not_at_all() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let one = root.create_location(place("A", "A", "")).await.unwrap()["data"]["id"].clone();
    let two = root.create_location(place("B", "B", "A")).await.unwrap()["data"]["id"].clone();
    let change = json!([{"id": one, "disabled": true}, {"id": two, "disabled": true}]);
    let changed = root.update_locations(change).await.unwrap();
    assert_eq!(changed["metadata"], json!({"total": 2}));
    let listed = root.list_locations(&[("disabled[0]", "true"), ("per", "100000")]).await.unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let change = json!([{"id": one, "disabled": false}, {"id": 999_999, "disabled": true}]);
    assert_eq!(code(root.update_locations(change).await), Code::NotFound);
    let listed = root.list_locations(&[("disabled[0]", "false")]).await.unwrap();
    assert_eq!(listed["metadata"]["total"], json!(0));
    assert_eq!(details(root.update_locations(json!([{"disabled": true}, 3])).await), ["/0/id"]);
    assert_eq!(code(rig.restricted(tenant).list_locations(&[]).await), Code::PermissionDenied);
    assert_eq!(code(rig.worker(tenant).get_location(&one).await), Code::PermissionDenied);
    assert!(rig.worker(tenant).list_locations(&[]).await.is_ok());
}

#[tokio::test]
async fn a_table_imports_row_by_row() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let good = "Country,Code,P,PC,T\n#country+name+en,#country+code,#adm1+name+en,#adm1+code,#adm1+type\n\
        Andorra,AD,Canillo,AD02,parish\nAndorra,AD,\"Sant Julià, de Lòria\",AD06,\n";
    let imported = root.import_locations(table(good)).await.unwrap();
    let expected = json!({"status": "success", "total": 2, "file_name": "l.csv", "success_total": 2, "failure_total": 0, "failures": []});
    assert_eq!(imported["data"], expected);
    assert_eq!(imported["metadata"], json!({"http_status": 200, "errors": []}));
    let listed = root.list_locations(&[("order_by", "code"), ("hierarchy", "true")]).await.unwrap();
    let names: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|one| one["name"]["en"].clone()).collect();
    assert_eq!(names, ["Andorra", "Andorra::Canillo", "Andorra::Sant Julià, de Lòria"]);
    assert_eq!(listed["data"][2]["type"], json!("province"));
    let again = root.import_locations(table(&good.replace("Canillo", "Canillo!"))).await.unwrap();
    assert_eq!(again["data"]["success_total"], json!(2));
    let listed = root.list_locations(&[("order_by", "code")]).await.unwrap();
    assert_eq!(listed["data"][1]["name"]["en"], json!("Andorra::Canillo!"));
    let bad = format!("{good}Spain,ES,No code,,\n,,,,\n");
    let partly = root.import_locations(table(&bad)).await.unwrap();
    assert_eq!(
        (&partly["data"]["status"], &partly["data"]["failure_total"]),
        (&json!("some_failure"), &json!(2))
    );
    assert_eq!(partly["metadata"]["http_status"], json!(422));
    assert_eq!(
        partly["data"]["failures"][0],
        json!({"row": 5, "column": "#adm1 code", "code": "required"})
    );
}

#[tokio::test]
async fn what_is_no_table_is_refused() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    assert_eq!(details(root.import_locations(table("a,b\nc,d\n")).await), ["/data_base64"]);
    assert_eq!(
        details(root.import_locations(json!({"data_base64": "%%%"})).await),
        ["/data_base64"]
    );
    assert_eq!(code(root.import_locations(json!({"file_name": "x"})).await), Code::InvalidArgument);
    let huge = "x".repeat(11 << 20);
    assert_eq!(details(root.import_locations(table(&huge)).await), ["/data_base64"]);
    assert_eq!(root.list_locations(&[]).await.unwrap()["metadata"]["total"], json!(0));
}

#[tokio::test]
async fn the_file_changes_with_the_places() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    root.create_location(place("A", "A", "")).await.unwrap();
    let (content, etag) = file(&rig, tenant, "").await;
    assert_eq!(content["data"][0]["code"], json!("A"));
    assert_eq!(content["data"][0]["admin_level"], json!(0));
    let (same, still) = file(&rig, tenant, &etag).await;
    assert_eq!((same, &still), (Value::Null, &etag));
    root.create_location(place("B", "B", "A")).await.unwrap();
    let (content, newer) = file(&rig, tenant, &etag).await;
    assert_eq!(content["data"].as_array().unwrap().len(), 2);
    assert_ne!(newer, etag);
}

#[tokio::test]
async fn a_hundred_thousand_places_are_no_trouble() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let mut csv = String::from(
        "#country+code,#country+name,#adm1+code,#adm1+name,#adm2+code,#adm2+name,#adm3+code,#adm3+name\n",
    );
    for number in 0..100_000 {
        let (province, district) = (number / 5_000, number / 100);
        writeln!(csv, "X,Xland,P{province},Province {province},D{district},District {district},T{number},Town {number}").unwrap();
    }
    let start = Instant::now();
    let imported = root.import_locations(table(&csv)).await.unwrap();
    assert_eq!(imported["data"]["success_total"], json!(100_000));
    let took = start.elapsed();
    assert!(took.as_secs() < 50, "the import took {took:?}");
    let start = Instant::now();
    let page = root
        .list_locations(&[("order_by", "name"), ("page", "500"), ("hierarchy", "true")])
        .await
        .unwrap();
    assert_eq!(page["metadata"]["total"], json!(101_021));
    assert!(start.elapsed().as_secs() < 3, "the list took {:?}", start.elapsed());
    let (content, _) = file(&rig, tenant, "").await;
    assert_eq!(content["data"].as_array().unwrap().len(), 101_021);
    println!("imported in {took:?}");
}

#[tokio::test]
async fn a_place_with_others_below_it_stays() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let above = json!({"code": "A", "placename": {"en": "A"}});
    let above = root.create_location(above).await.unwrap()["data"]["id"].clone();
    let below = json!({"code": "AB", "placename": {"en": "B"}, "parent_code": "A"});
    let below = root.create_location(below).await.unwrap()["data"]["id"].clone();
    let refused = root.delete_location(&above).await.unwrap_err();
    assert_eq!(refused.code.http_status(), 422);
    assert_eq!(refused.errors[0].fields[0].code, "has_places_below");
    assert!(root.get_location(&above).await.is_ok());
    root.delete_location(&below).await.unwrap();
    root.delete_location(&above).await.unwrap();
}
