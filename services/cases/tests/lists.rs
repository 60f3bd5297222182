//! Lists: filters, order, pages.

use serde_json::json;

use crate::rig::{Rig, root, status, worker_a, worker_b};

/// Three cases as in the conformance suite's search file.
async fn three(rig: &Rig) -> [String; 3] {
    let ann = worker_a();
    let one = rig
        .case(
            &ann,
            json!({"name": "Zahra Nasser", "age": 5, "sex": "female",
        "national_id_no": "S-abc-AA", "registration_date": "2024-01-10",
        "protection_concerns": ["separated", "refugee"], "location_current": "IQ0102",
        "risk_level": "high", "disclosure_other_orgs": true, "nick": "Zuzu"}),
        )
        .await;
    let two = rig
        .case(
            &ann,
            json!({"name": "omar Khalil", "age": 12, "sex": "male",
        "national_id_no": "S-abc-BB", "registration_date": "2024-06-20",
        "protection_concerns": ["migrant"], "location_current": "IQ01", "risk_level": "low",
        "disclosure_other_orgs": false}),
        )
        .await;
    let three = rig
        .case(
            &ann,
            json!({"name": "Rami Saleh", "age": 16, "sex": "male",
        "national_id_no": "S-abc-CC", "registration_date": "2025-03-05",
        "protection_concerns": [], "location_current": "IQ"}),
        )
        .await;
    rig.patch(&ann, &three, json!({"status": "closed"})).await.unwrap();
    [one, two, three]
}

#[tokio::test]
async fn filters_mean_what_the_contract_says() {
    let rig = Rig::start().await;
    let [one, two, three] = three(&rig).await;
    let ann = worker_a();
    let (one, two, three) = (one.as_str(), two.as_str(), three.as_str());
    let ids = format!("{one},{two},{three}");
    for (query, wanted) in [
        (format!("id={ids}"), vec![three, two, one]),
        (format!("id[0]={one}&id[1]={two}"), vec![two, one]),
        ("risk_level=high,low".into(), vec![two, one]),
        ("risk_level[0]=high&risk_level[1]=low".into(), vec![two, one]),
        ("protection_concerns=refugee,migrant".into(), vec![two, one]),
        ("protection_concerns=separated".into(), vec![one]),
        ("disclosure_other_orgs=true".into(), vec![one]),
        ("disclosure_other_orgs=false".into(), vec![three, two]),
        ("record_state=true".into(), vec![three, two, one]),
        ("record_state=false".into(), vec![]),
        ("or[sex]=female&or[status]=closed".into(), vec![three, one]),
        ("not[status]=closed".into(), vec![two, one]),
        ("not[risk_level]=high".into(), vec![three, two]),
        ("no_such_field=1&conf_secret_note=x".into(), vec![three, two, one]),
    ] {
        let listed = rig.list(&ann, &query).await.unwrap();
        assert_eq!((listed.ids(), listed.total()), (wanted.clone(), wanted.len()), "{query}");
    }
}

#[tokio::test]
async fn filters_compare_numbers_dates_and_sealed_texts() {
    let rig = Rig::start().await;
    let [one, two, three] = three(&rig).await;
    let ann = worker_a();
    let (one, two, three) = (one.as_str(), two.as_str(), three.as_str());
    for (query, wanted) in [
        ("age=5".into(), vec![one]),
        ("age=5..12".into(), vec![two, one]),
        ("age[0]=0..5&age[1]=13..17".into(), vec![three, one]),
        ("registration_date=2024-01-01..2024-06-20".into(), vec![two, one]),
        ("registration_date=2024-06-20..".into(), vec![three, two]),
        ("registration_date=2024-06-20".into(), vec![two]),
        ("created_at=2026-01-31".into(), vec![three, two, one]),
        ("created_at=2026-01-30..2026-01-31".into(), vec![three, two, one]),
        ("created_at=2026-02-01..".into(), vec![]),
        ("owned_by=worker_a".into(), vec![three, two, one]),
        ("owned_by=worker_b".into(), vec![]),
        ("owned_by_groups=group-a".into(), vec![three, two, one]),
        ("associated_user_names=worker_a".into(), vec![three, two, one]),
        ("national_id_no=S-abc-BB".into(), vec![two]),
        ("national_id_no=S-abc".into(), vec![]),
        ("nick=Zuzu".into(), vec![one]),
        ("not[nick]=Zuzu".into(), vec![three, two]),
        (format!("short_id={}", &two[two.len() - 7..]), vec![two]),
        ("status=open&sex=male".into(), vec![two]),
        ("id=nonsense".into(), vec![]),
        ("sex=') OR true --".into(), vec![]),
        ("age=1..x".into(), vec![]),
        ("assign=worker_a".into(), vec![]),
    ] {
        let listed = rig.list(&ann, &query).await.unwrap();
        assert_eq!((listed.ids(), listed.total()), (wanted.clone(), wanted.len()), "{query}");
    }
}

#[tokio::test]
async fn places_are_found_with_all_that_lies_below_them() {
    let rig = Rig::start().await;
    let [one, two, three] = three(&rig).await;
    let admin = rig.db.admin().await;
    for (code, path) in [("IQ", "{IQ}"), ("IQ01", "{IQ,IQ01}"), ("IQ0102", "{IQ,IQ01,IQ0102}")] {
        let sql = format!(
            "INSERT INTO directory_location (tenant, code, hierarchy) VALUES ('{}', '{code}', '{path}')",
            crate::rig::TENANT
        );
        admin.batch_execute(&sql).await.unwrap();
    }
    for (query, wanted) in [
        ("loc:location_current=iq01", vec![&two, &one]),
        ("loc:location_current=IQ", vec![&three, &two, &one]),
        ("loc:location_current[0]=IQ0102", vec![&one]),
        ("loc:location_current2=IQ0102", vec![&one]),
        ("loc:location_current2=IQ01", vec![]),
        ("loc:location_current=XX", vec![]),
        ("location_current=IQ01", vec![&two]),
    ] {
        let listed = rig.list(&worker_a(), query).await.unwrap();
        assert_eq!(listed.ids(), wanted, "{query}");
    }
}

#[tokio::test]
async fn lists_are_ordered_by_columns_codes_and_sealed_texts() {
    let rig = Rig::start().await;
    let [one, two, three] = three(&rig).await;
    let (one, two, three) = (one.as_str(), two.as_str(), three.as_str());
    for (query, wanted) in [
        ("", [three, two, one]),
        ("order_by=created_at&order=asc", [one, two, three]),
        ("order_by=age&order=desc", [three, two, one]),
        ("order_by=age", [one, two, three]),
        ("order_by=name", [two, three, one]),
        ("order_by=name&order=desc", [one, three, two]),
        ("order_by=risk_level&order=asc", [one, two, three]),
        ("order_by=conf_secret_note", [three, two, one]),
        ("order_by=id); drop table case_row; --", [three, two, one]),
    ] {
        let listed = rig.list(&worker_a(), query).await.unwrap();
        assert_eq!(listed.ids(), wanted, "{query}");
    }
}

#[tokio::test]
async fn pages_tell_how_many_there_are() {
    let rig = Rig::start().await;
    let [one, two, three] = three(&rig).await;
    let ann = worker_a();
    let page = rig.list(&ann, "per=2&page=1").await.unwrap();
    assert_eq!(page.ids(), [&three, &two]);
    assert_eq!(page.metadata, json!({"total": 3, "per": 2, "page": 1}));
    assert_eq!(page.record_ids, [three, two]);
    let page = rig.list(&ann, "per=2&page=2&order_by=name").await.unwrap();
    assert_eq!(page.ids(), [&one]);
    let beyond = rig.list(&ann, "per=5000&page=9").await.unwrap();
    assert_eq!(beyond.metadata, json!({"total": 3, "per": 1000, "page": 9}));
    for wrong in ["page=0", "page=x", "per=-1"] {
        assert_eq!(status(rig.list(&ann, wrong).await), 422, "{wrong}");
    }
}

#[tokio::test]
async fn scopes_of_several_groups_list_each_case_once() {
    let rig = Rig::start().await;
    let of_a = rig.case(&worker_a(), json!({"name": "Of A"})).await;
    let of_b = rig.case(&worker_b(), json!({"name": "Of B"})).await;
    let mut both = crate::rig::reader();
    both.groups = vec!["group-a".into(), "group-b".into(), "group-c".into()];
    let listed = rig.list(&both, "").await.unwrap();
    assert_eq!((listed.ids(), listed.total()), (vec![of_b.as_str(), of_a.as_str()], 2));
    assert_eq!(rig.list(&crate::rig::reader(), "").await.unwrap().ids(), [&of_a]);
    let mut agency = crate::rig::reader();
    agency.scope = kit_access::Scope::Agency;
    agency.agency = "agency-b".into();
    assert_eq!(rig.list(&agency, "").await.unwrap().ids(), [&of_b]);
    assert_eq!(rig.list(&root(), "").await.unwrap().total(), 2);
    agency.agency = String::new();
    agency.groups.clear();
    assert_eq!(rig.list(&agency, "").await.unwrap().total(), 0);
}

#[tokio::test]
async fn what_is_typed_for_a_place_is_found_and_lies_sealed() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let typed = rig.case(&ann, json!({"name": "Zahra", "location_current": "Rana"})).await;
    let coded = rig.case(&ann, json!({"name": "Omar", "location_current": "IQ01"})).await;
    for (query, wanted) in [
        ("location_current=Rana", vec![&typed]),
        ("location_current=Rana,IQ01", vec![&coded, &typed]),
        ("location_current=IQ01", vec![&coded]),
        ("not[location_current]=Rana", vec![&coded]),
        ("location_current=Ran", vec![]),
    ] {
        assert_eq!(rig.list(&ann, query).await.unwrap().ids(), wanted, "{query}");
    }
    let admin = rig.db.admin().await;
    let sql = "SELECT count(*) FROM case_row WHERE facets::text LIKE '%Rana%'";
    assert_eq!(admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_known_place_is_found_however_its_code_looks() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let admin = rig.db.admin().await;
    for (code, path) in [("KABUL", "{KABUL}"), ("C0XKQZ01", "{KABUL,C0XKQZ01}")] {
        let sql = format!(
            "INSERT INTO directory_location (tenant, code, hierarchy) \
             VALUES ('{}', '{code}', '{path}')",
            crate::rig::TENANT
        );
        admin.batch_execute(&sql).await.unwrap();
    }
    let one = rig.case(&ann, json!({"name": "Zahra", "location_current": "C0XKQZ01"})).await;
    let typed = rig.case(&ann, json!({"name": "Omar", "location_current": "Herat"})).await;
    for (query, wanted) in [
        ("loc:location_current=KABUL", vec![&one]),
        ("location_current=C0XKQZ01", vec![&one]),
        ("location_current=Herat", vec![&typed]),
    ] {
        assert_eq!(rig.list(&ann, query).await.unwrap().ids(), wanted, "{query}");
    }
    rig.patch(&ann, &one, json!({"location_current": "Herat"})).await.unwrap();
    assert!(rig.list(&ann, "loc:location_current=KABUL").await.unwrap().ids().is_empty());
}

#[tokio::test]
async fn a_list_is_not_filtered_by_what_lies_in_the_document_only() {
    let rig = Rig::start().await;
    three(&rig).await;
    for (query, field) in [
        ("conf_contacts=x", "/conf_contacts"),
        ("not[conf_contacts]=x", "/conf_contacts"),
        ("or[sex]=male&or[conf_contacts]=x", "/conf_contacts"),
        ("query=S-abc&conf_office_note=x", "/conf_office_note"),
    ] {
        let refusal = rig.list(&worker_a(), query).await.unwrap_err();
        assert_eq!(refusal.code.http_status(), 422, "{query}");
        assert_eq!(refusal.errors[0].fields[0].pointer, field);
    }
}
