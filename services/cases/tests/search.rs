//! Search by identifier, name and phone; beyond the own scope; why each row matched.

use serde_json::json;

use crate::rig::{Rig, reader, root, searcher, status, worker_a, worker_b};

async fn cases(rig: &Rig) -> [String; 3] {
    let ann = worker_a();
    [
        rig.case(
            &ann,
            json!({"name": "Mohammed Al-Haddad", "national_id_no": "S-ABC-AA",
            "telephone_current": "+963 11 555 0101", "age": 5, "sex": "male"}),
        )
        .await,
        rig.case(&ann, json!({"name": "يوسف خليل", "national_id_no": "S-ABC-BB", "age": 9})).await,
        rig.case(&ann, json!({"name": "Amal Saleh", "national_id_no": "T-9", "age": 12})).await,
    ]
}

#[tokio::test]
async fn a_part_of_an_identifier_finds_within_the_own_scope() {
    let rig = Rig::start().await;
    let [one, two, three] = cases(&rig).await;
    let ann = worker_a();
    for (query, wanted) in [
        ("query=S-ABC-B", vec![&two]),
        ("query=s-abc", vec![&two, &one]),
        ("query=S-ABC-zz", vec![]),
        (&format!("query={}", &three[three.len() - 7..]), vec![&three]),
        (&format!("query={three}"), vec![&three]),
        ("query=S-ABC&age=5", vec![&one]),
        ("query=%", vec![]),
    ] {
        let found = rig.list(&ann, query).await.unwrap();
        assert_eq!(
            (found.ids(), found.total()),
            (wanted.iter().map(|id| id.as_str()).collect(), wanted.len()),
            "{query}"
        );
    }
    let found = rig.list(&ann, "query=S-ABC-BB").await.unwrap();
    assert_eq!(
        found.data[0]["matched_on"],
        json!([{"field": "national_id_no", "reason": "same_identifier"}])
    );
    assert_eq!(rig.list(&worker_b(), "query=S-ABC").await.unwrap().total(), 0);
    assert_eq!(rig.list(&reader(), "query=S-ABC").await.unwrap().total(), 2);
}

#[tokio::test]
async fn parts_of_an_id_and_short_texts_find_as_in_primero() {
    let rig = Rig::start().await;
    let [one, two, three] = cases(&rig).await;
    let ann = worker_a();
    let digits: String = one.chars().filter(|digit| *digit != '-').collect();
    for part in [&one[..13], &one[9..36], &digits[..20], &digits[22..], &digits[20..30]] {
        let found = rig.list(&ann, &format!("query={part}&id_search=true")).await.unwrap();
        assert!(found.ids().contains(&one.as_str()), "{part}");
        assert_eq!(found.ids().len(), found.total(), "{part}");
    }
    assert_eq!(rig.list(&ann, "query=T9").await.unwrap().ids(), [&three]);
    let found = rig.list(&ann, "query=ZZ").await.unwrap();
    assert_eq!((found.ids().len(), found.total()), (0, 0));
    // "B" is part of two national ids, and perhaps of a short id.
    let found = rig.list(&ann, "query=B").await.unwrap();
    for id in [&one, &two] {
        assert!(found.ids().contains(&id.as_str()));
    }
    assert_eq!(rig.list(&worker_b(), "query=B").await.unwrap().total(), 0);
    assert_eq!(rig.list(&worker_b(), &format!("query={}", &one[..13])).await.unwrap().total(), 0);
}

#[tokio::test]
async fn identifiers_and_phones_come_in_the_order_asked_for_and_names_by_likeness() {
    let rig = Rig::start().await;
    let [one, two, _] = cases(&rig).await;
    let ann = worker_a();
    for (query, wanted) in [
        ("query=S-ABC", [&two, &one]),
        ("query=S-ABC&order_by=age", [&one, &two]),
        ("query=S-ABC&order_by=age&order=desc", [&two, &one]),
        ("query=S-ABC&order_by=national_id_no", [&one, &two]),
        ("query=S-ABC&order_by=created_at&id_search=true", [&one, &two]),
    ] {
        assert_eq!(rig.list(&ann, query).await.unwrap().ids(), wanted, "{query}");
    }
    let page = rig.list(&ann, "query=S-ABC&order_by=age&per=1&page=2").await.unwrap();
    assert_eq!((page.ids(), page.total()), (vec![two.as_str()], 2));
    let far = rig.case(&ann, json!({"name": "Mahmoud", "age": 1})).await;
    let found = rig.list(&ann, "query=Mohammed&phonetic=true&order_by=age").await.unwrap();
    assert_eq!(found.ids().first(), Some(&one.as_str()), "{far} is less alike");
}

#[tokio::test]
async fn names_are_found_across_spellings_and_scripts() {
    let rig = Rig::start().await;
    let [mohammed, yousef, _] = cases(&rig).await;
    let ann = worker_a();
    for (query, wanted) in [
        ("Muhammad", &mohammed),
        ("محمد", &mohammed),
        ("mohamed haddad", &mohammed),
        ("Yousef", &yousef),
        ("Youssouf", &yousef),
        ("يوسف", &yousef),
        ("Yusuf Khalil", &yousef),
    ] {
        let found = rig.list(&ann, &format!("query={query}&phonetic=true")).await.unwrap();
        assert_eq!(found.ids().first(), Some(&wanted.as_str()), "{query}");
        assert_eq!(found.data[0]["matched_on"][0]["field"], "name");
    }
    let none = rig.list(&ann, "query=Zzyzx&phonetic=true").await.unwrap();
    assert_eq!((none.total(), none.ids().len()), (0, 0));
}

#[tokio::test]
async fn a_new_name_replaces_the_old_one_in_search() {
    let rig = Rig::start().await;
    let [mohammed, ..] = cases(&rig).await;
    let ann = worker_a();
    rig.patch(&ann, &mohammed, json!({"name": "Karim Nasser"})).await.unwrap();
    assert_eq!(rig.list(&ann, "query=Mohammed&phonetic=true").await.unwrap().total(), 0);
    let found = rig.list(&ann, "query=Kareem&phonetic=true").await.unwrap();
    assert_eq!(found.ids(), [&mohammed]);
}

#[tokio::test]
async fn a_phone_number_is_found_however_it_is_written() {
    let rig = Rig::start().await;
    let [mohammed, ..] = cases(&rig).await;
    for query in ["+963 11 555 0101", "00963115550101", "+963-11-5550101"] {
        let found =
            rig.list(&worker_a(), &format!("query={query}&phone_number=true")).await.unwrap();
        assert_eq!(found.ids(), [&mohammed], "{query}");
    }
}

#[tokio::test]
async fn beyond_the_own_scope_only_a_preview_is_shown() {
    let rig = Rig::start().await;
    let [mohammed, ..] = cases(&rig).await;
    let dora = searcher();
    assert_eq!(rig.list(&dora, "query=S-ABC-AA").await.unwrap().total(), 0, "no switch, own scope");
    let found = rig.list(&dora, "query=S-ABC-AA&id_search=true").await.unwrap();
    assert_eq!(found.ids(), [&mohammed]);
    let row = &found.data[0];
    assert_eq!((&row["record_in_scope"], &row["age"]), (&json!(false), &json!(5)));
    assert!(row.get("national_id_no").is_none());
    assert_eq!(status(rig.get(&dora, &mohammed).await), 403);
    assert_eq!(rig.list(&worker_b(), "query=S-ABC-AA&id_search=true").await.unwrap().total(), 0);
    let of_root = rig.list(&root(), "query=S-ABC-AA&id_search=true").await.unwrap();
    assert_eq!(of_root.data[0]["record_in_scope"], true);
}

#[tokio::test]
async fn nothing_that_was_said_lies_in_clear() {
    let rig = Rig::start().await;
    cases(&rig).await;
    let admin = rig.db.admin().await;
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    for table in admin.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let rows = admin.query(&format!("SELECT t::text FROM {table} t"), &[]).await.unwrap();
        for row in rows {
            let text: String = row.get(0);
            let text = text.to_lowercase();
            for secret in ["mohammed", "haddad", "s-abc", "5550101", "يوسف", "amal"] {
                assert!(!text.contains(secret), "{secret} in {table}");
            }
        }
    }
}

#[tokio::test]
async fn why_each_row_was_found_is_told_beside_the_rows() {
    let rig = Rig::start().await;
    let [one, two, _] = cases(&rig).await;
    let ann = worker_a();
    let found = rig.list(&ann, "query=Mohamed&phonetic=true").await.unwrap();
    let why = &found.metadata["reasons"][&one];
    assert_eq!(why[0]["field"], "name");
    assert_eq!(why[0]["text"], "name: sounds alike.", "{why}");
    let found = rig.list(&ann, "query=Youssef&phonetic=true").await.unwrap();
    let why = &found.metadata["reasons"][&two];
    assert_eq!(why[0]["reason"], "same_sound_other_script");
    assert!(why[0]["text"].as_str().unwrap().contains("another script"));
    let found = rig.list(&ann, "query=S-ABC-BB").await.unwrap();
    assert_eq!(found.metadata["reasons"][&two][0]["text"], "national_id_no: the same number.");
    assert_eq!(found.metadata["reasons"].as_object().unwrap().len(), 1);
    assert!(rig.list(&ann, "").await.unwrap().metadata.get("reasons").is_none());
    // Beyond the own scope nothing is told of fields that are not shown there.
    let found = rig.list(&searcher(), "query=S-ABC-BB&id_search=true").await.unwrap();
    assert_eq!(found.metadata["reasons"][&two], json!([]));
}
