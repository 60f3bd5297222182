//! Within one organisation: a caseworker and a record that is none of their business.

use super::town::{HERE, OURS, PASSWORD, call, make, town};
use anyhow::{Context as _, Result};
use http::Method;
use serde_json::{Value, json};
use tests::Client;

/// In the other caseworker's case.
const SECRET: &str = "Ufolgaz";

/// Two caseworkers who see their own cases only, and a case of the second one.
struct Office {
    one: Client,
    other: Client,
    case: String,
}

impl Office {
    async fn open() -> Result<Self> {
        let town = town();
        let admin = town.admin();
        let mut clients = Vec::new();
        for _ in 0..2 {
            let made = make(&admin, &["user"], OURS).await?;
            let role = json!({ "data": { "group_permission": "self", "permissions": { "case": [
                "read", "create", "write", "change_log", "access_log", "enable_disable_record",
                "close", "reopen", "add_note", "search_owned_by_others", "flag"] },
                "form_section_read_write": forms(&admin).await? } });
            let path = format!("/api/v2/roles/{}", made["role"]["id"]);
            call(&admin, Method::PATCH, &path, Some(&role)).await?.data()?;
            let name = made["user"]["user_name"].as_str().context("a name")?;
            clients.push(Client::with_basic(town.installation.port, HERE, name, PASSWORD));
        }
        let (other, one) = (clients.pop().context("two")?, clients.pop().context("two")?);
        let data = json!({ "data": { "module_id": "primeromodule-cp", "name_first": SECRET,
            "name_last": SECRET, "sex": "male", "age": 7, "address_current": SECRET } });
        let case = call(&other, Method::POST, "/api/v2/cases", Some(&data)).await?.data()?;
        let case = case["id"].as_str().context("an id")?.to_owned();
        Ok(Self { one, other, case })
    }
}

/// All forms of the configuration that cases have.
async fn forms(admin: &Client) -> Result<Value> {
    let forms = call(admin, Method::GET, "/api/v2/forms", None).await?.data()?;
    let names = forms.as_array().context("forms")?.iter();
    let names = names.filter_map(|form| form["unique_id"].as_str());
    Ok(names.map(|name| (name.to_owned(), json!("rw"))).collect::<serde_json::Map<_, _>>().into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_out_of_scope_stays_closed() -> Result<()> {
    let office = Office::open().await?;
    let (v2, beyond) = (format!("/api/v2/cases/{}", office.case), "/api/amparo/v1/cases");
    let change = json!({ "data": { "address_current": "Overwritten" } });
    let settle = json!({ "data": { "conflict_id": tests::fresh_id().to_string(), "value": "x" } });
    let tries = [
        (Method::GET, v2.clone(), None),
        (Method::GET, format!("{v2}/record_history"), None),
        (Method::GET, format!("{v2}/access_log"), None),
        (Method::GET, format!("{beyond}/{}/conflicts", office.case), None),
        (Method::PATCH, format!("{beyond}/{}/conflicts", office.case), Some(&settle)),
        (
            Method::GET,
            format!("/api/v2/users/access?record_type=case&record_id={}", office.case),
            None,
        ),
        (Method::PATCH, v2.clone(), Some(&change)),
        (Method::DELETE, v2.clone(), None),
    ];
    let before = call(&office.other, Method::GET, &v2, None).await?.data()?;
    for (method, path, body) in tries {
        let answer = call(&office.one, method.clone(), &path, body).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 403, "{method} {path}: {text}");
        assert!(!text.contains(SECRET), "{method} {path}: {text}");
    }
    assert_eq!(call(&office.other, Method::GET, &v2, None).await?.data()?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_end_at_the_scope_and_summaries_say_little() -> Result<()> {
    let office = Office::open().await?;
    let list = "/api/v2/cases?per=1000";
    for path in [
        list.to_owned(),
        format!("{list}&query={SECRET}"),
        format!("{list}&id_search=false&query={SECRET}"),
        format!("{list}&name_first={SECRET}"),
        format!("{list}&or[name_first]={SECRET}&or[sex]=male"),
        format!("{list}&not[name_first]=Nobody&order_by=name_last&order=desc"),
        format!("{list}&id={}", office.case),
        format!("{list}&fields=name_first,address_current"),
    ] {
        let rows = call(&office.one, Method::GET, &path, None).await?.data()?;
        assert_eq!(rows, json!([]), "{path}");
    }
    // Who may search beyond their scope hears that there is somebody, not where they live.
    let wide = format!("{list}&query={SECRET}&phonetic=true&fields=address_current,name_first");
    let answer = call(&office.one, Method::GET, &wide, None).await?;
    for row in answer.data()?.as_array().context("rows")? {
        assert!(row.get("address_current").is_none(), "{row}");
    }
    let task_list = call(&office.one, Method::GET, "/api/v2/tasks", None).await?;
    assert!(!String::from_utf8_lossy(&task_list.body).contains(SECRET));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_or_gives_away_what_they_may_not() -> Result<()> {
    let office = Office::open().await?;
    let own = json!({ "data": { "module_id": "primeromodule-cp", "name_first": OURS, "sex": "female", "age": 2 } });
    let case = call(&office.one, Method::POST, "/api/v2/cases", Some(&own)).await?.data()?;
    let path = format!("/api/v2/cases/{}", case["id"].as_str().context("an id")?);
    let before = call(&office.one, Method::GET, &path, None).await?.data()?;
    let hidden = json!({ "data": { "owned_by": "alpha.admin", "created_by": "alpha.admin",
        "assigned_user_names": ["alpha.admin"], "owned_by_groups": ["x"], "record_state": false,
        "associated_user_names": ["alpha.admin"], "case_id": "1", "short_id": "1", "version": 99 } });
    call(&office.one, Method::PATCH, &path, Some(&hidden)).await?;
    let after = call(&office.one, Method::GET, &path, None).await?.data()?;
    for name in ["created_by", "case_id", "short_id", "owned_by_groups", "assigned_user_names"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    // An id that somebody else has taken tells nothing about whose it is.
    let taken = json!({ "data": { "id": office.case, "module_id": "primeromodule-cp", "age": 1 } });
    let answer = call(&office.one, Method::POST, "/api/v2/cases", Some(&taken)).await?;
    assert!(answer.status >= 400, "{}", answer.status);
    assert!(!String::from_utf8_lossy(&answer.body).contains(SECRET));
    Ok(())
}
