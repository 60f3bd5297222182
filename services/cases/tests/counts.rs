//! Live counts: each is the total of the list that it would lead to.

use kit_access::Principal;
use serde_json::{Value, json};

use crate::rig::{Answer, MODULE, Rig, manager, nobody, status, worker_a, worker_b};

/// Cases of two people, a few of each kind.
async fn caseload(rig: &Rig) {
    let (ann, ben) = (worker_a(), worker_b());
    for (age, sex, risk, concerns) in [
        (4, "female", "high", json!(["separated", "refugee"])),
        (9, "female", "low", json!(["migrant"])),
        (9, "male", "high", json!([])),
        (16, "male", "low", json!(["refugee"])),
    ] {
        let data = json!({"name": format!("Child {age}"), "age": age, "sex": sex,
            "risk_level": risk, "protection_concerns": concerns, "location_current": "IQ0102",
            "disclosure_other_orgs": age > 8, "national_id_no": format!("N-{age}")});
        rig.case(&ann, data).await;
    }
    let closed = rig.case(&ann, json!({"name": "Closed", "age": 9, "risk_level": "high"})).await;
    rig.patch_as(&ann, &closed, json!({"status": "closed"}), "close", 0).await.unwrap();
    rig.case(&ben, json!({"name": "Elsewhere", "age": 9, "risk_level": "high"})).await;
}

/// The parameters of `query` without those of one filter.
fn without(query: &str, field: &str) -> String {
    let others = query.split('&').filter(|one| {
        let name = one.split(['=', '[']).next().unwrap_or_default();
        name != field && !one.is_empty()
    });
    others.collect::<Vec<_>>().join("&")
}

/// Holds every count of an answer against the list that it promises.
async fn hold(rig: &Rig, by: &Principal, query: &str, counted: &Answer) -> usize {
    let mut held = 0;
    for (field, values) in counted.data.as_object().unwrap() {
        for (value, told) in values.as_object().unwrap() {
            let list = format!("{}&{field}={value}", without(query, field));
            let total = rig.list(by, list.trim_start_matches('&')).await.unwrap().total();
            assert_eq!(told, &json!({"count": total, "more": false}), "{list}");
            held += 1;
        }
    }
    let total = rig.list(by, query).await.unwrap().total();
    assert_eq!(counted.metadata["total"], json!({"count": total, "more": false}), "{query}");
    held
}

#[tokio::test]
async fn each_count_is_the_total_of_its_list() {
    let rig = Rig::start().await;
    caseload(&rig).await;
    let of = "of=risk_level,sex,disclosure_other_orgs&of[0]=protection_concerns\
        &of[age]=0..5,6..11,12..17,9&of[status]=open,closed&of[owned_by]=worker_a,worker_b\
        &of[loc:location_current]=IQ01,IQ";
    for by in [worker_a(), worker_b(), manager()] {
        for query in [
            "",
            "risk_level=high",
            "risk_level[0]=high&risk_level[1]=low&sex=male",
            "age=6..17&status=open",
            "not[sex]=male&risk_level=low",
            "or[sex]=female&or[status]=closed",
            "loc:location_current=IQ0102&disclosure_other_orgs=true",
            "national_id_no=N-9&record_state=true",
            "created_at=2020-01-01..2030-01-01",
        ] {
            let counted = rig.counts(&by, &format!("{query}&{of}")).await.unwrap();
            assert_eq!(hold(&rig, &by, query, &counted).await, 19, "{query}");
            assert!(counted.record_ids.is_empty(), "nothing is read");
        }
    }
    let high = &rig.counts(&worker_a(), "of=risk_level").await.unwrap().data["risk_level"]["high"];
    assert_eq!(high, &json!({"count": 3, "more": false}), "none of somebody else's");
    rig.stop();
}

#[tokio::test]
async fn what_is_searched_for_narrows_the_counts() {
    let rig = Rig::start().await;
    caseload(&rig).await;
    let ann = worker_a();
    let query = "query=Child&phonetic=true";
    let counted = rig.counts(&ann, &format!("{query}&of=sex,risk_level")).await.unwrap();
    assert_eq!(hold(&rig, &ann, query, &counted).await, 4);
    let none = rig.counts(&ann, "query=Zzyzx&phonetic=true&of=sex").await.unwrap();
    assert_eq!(none.data["sex"]["female"], json!({"count": 0, "more": false}));
    rig.stop();
}

#[tokio::test]
async fn nobody_counts_what_they_may_not_filter_by() {
    let rig = Rig::start().await;
    caseload(&rig).await;
    let ann = worker_a();
    assert_eq!(status(rig.counts(&nobody(), "of=sex").await), 403);
    let many: Vec<String> = (0..121).map(|age| age.to_string()).collect();
    for query in [
        "",
        "of=",
        "of=conf_secret_note",
        "of[conf_secret_note]=x",
        "of=no_such_field",
        "of=name",
        "of[assign]=worker_a,x&of[no_such]=1",
        &format!("of[age]={}", many.join(",")),
        "of[age]=1&of[sex]=a&of[status]=a&of[risk_level]=a&of[workflow]=a&of[owned_by]=a\
         &of[module_id]=a&of[created_by]=a&of[record_state]=true",
    ] {
        assert_eq!(status(rig.counts(&ann, query).await), 422, "{query}");
    }
    // What the list leaves out silently changes no count either.
    let counted = rig.counts(&ann, "conf_secret_note=x&of=sex").await.unwrap();
    assert_eq!(counted.metadata["total"]["count"], 5);
    rig.stop();
}

#[tokio::test]
async fn families_are_counted_like_cases() {
    let rig = Rig::start().await;
    let ann = worker_a();
    for (name, size) in [("Said", 3), ("Omar", 3), ("Nasser", 5)] {
        let data = json!({"family_name": name, "family_size": size, "module_id": MODULE});
        rig.create_of("family", &ann, data).await.unwrap();
    }
    let counted = rig.counts_of("family", &ann, "of[family_size]=3,5,7").await.unwrap();
    let told: Vec<&Value> =
        ["3", "5", "7"].iter().map(|size| &counted.data["family_size"][size]["count"]).collect();
    assert_eq!(told, [&json!(2), &json!(1), &json!(0)]);
    rig.stop();
}

/// Of a long list the newest records are looked at, and what is told is at least so many.
#[tokio::test]
async fn of_long_lists_counts_are_told_at_least() {
    let rig = Rig::start().await;
    let ann = worker_a();
    for _ in 0..11 {
        let records = (0..100).map(|at| {
            json!({"name": "Many", "age": at % 2, "sex": "male",
            "owned_by": "worker_a", "module_id": MODULE})
        });
        rig.import(&ann.user_name, records.collect()).await;
    }
    // As many values as are allowed: then as few records as possible are looked at.
    let ages: Vec<String> = (0..119).map(|age| age.to_string()).collect();
    let query = format!("of[age]={}&of[sex]=male", ages.join(","));
    let counted = rig.counts(&ann, &query).await.unwrap();
    assert_eq!(counted.data["sex"]["male"], json!({"count": 1000, "more": true}));
    let one = counted.data["age"]["1"]["count"].as_i64().unwrap();
    assert!((480..=520).contains(&one), "{one} of the newest 1,001");
    assert_eq!(counted.data["age"]["2"], json!({"count": 0, "more": true}));
    assert_eq!(counted.metadata["total"], json!({"count": 1100, "more": false}));
    let few = rig.counts(&ann, "of=sex").await.unwrap();
    assert_eq!(few.data["sex"]["male"], json!({"count": 1100, "more": false}));
    rig.stop();
}
