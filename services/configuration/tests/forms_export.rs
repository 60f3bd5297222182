//! Forms as a workbook.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use kit_serve::Code;
use serde_json::json;

use crate::rig::{Caller, Rig, code};

type Book = Xlsx<Cursor<Vec<u8>>>;

async fn book(caller: &Caller, query: &[(&str, &str)]) -> Book {
    let file = caller.forms_workbook(query).await.unwrap();
    Xlsx::new(Cursor::new(file.content.to_vec())).unwrap()
}

/// A sheet as texts, the headings first.
fn sheet(book: &mut Book, name: &str) -> Vec<Vec<String>> {
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

/// The cell of the row that has `id` somewhere, under a heading.
fn cell<'a>(rows: &'a [Vec<String>], id: &str, heading: &str) -> &'a str {
    let column = rows[0].iter().position(|one| one == heading);
    let column = column.unwrap_or_else(|| panic!("no {heading} in {:?}", rows[0]));
    let row = rows[1..].iter().find(|row| row.iter().any(|one| one == id));
    &row.unwrap_or_else(|| panic!("no {id}"))[column]
}

#[tokio::test]
async fn the_answer_says_where_the_workbook_is() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let query = [("export_type", "xlsx"), ("record_type", "case"), ("file_name", "our forms")];
    let answer = root.export_forms(&query).await.unwrap();
    let forms = root.list_forms(&[("record_type", "case")]).await.unwrap();
    let total = forms["data"].as_array().unwrap().len();
    assert_eq!(
        answer["data"],
        json!({
            "status": "success", "total": total, "export_file_name": "our_forms.xlsx",
            "export_file_url": "/rails/active_storage/blobs/forms/our_forms.xlsx?record_type=case",
            "success_total": total, "failure_total": null, "failures": [],
        })
    );
    assert_eq!(answer["metadata"], json!({"http_status": 200, "errors": []}));
}

#[tokio::test]
async fn an_unknown_kind_of_file_is_told() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    for query in [&[("export_type", "pdf")][..], &[]] {
        let answer = root.export_forms(query).await.unwrap();
        assert_eq!(answer["data"]["status"], json!("failure"));
        assert_eq!(answer["metadata"]["http_status"], json!(422));
        assert!(answer["metadata"]["errors"][0]["message"].as_str().unwrap().contains("xlsx"));
    }
}

#[tokio::test]
async fn the_workbook_has_every_form_with_its_fields_in_every_language() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let mut book = book(&root, &[]).await;
    let forms = root.list_forms(&[]).await.unwrap()["data"].clone();
    let forms = forms.as_array().unwrap();
    assert_eq!(book.sheet_names().len(), forms.len() + 3);
    assert_eq!(book.sheet_names()[..2], ["Key", "Forms"]);
    assert_eq!(book.sheet_names().last().unwrap(), "Lookups");
    let all = sheet(&mut book, "Forms");
    assert_eq!(all.len(), forms.len() + 1);
    for form in forms {
        let unique_id = form["unique_id"].as_str().unwrap();
        let rows = sheet(&mut book, cell(&all, unique_id, "Sheet"));
        let fields = form["fields"].as_array().unwrap();
        assert_eq!(rows.len(), fields.len() + 1, "{unique_id}");
        for (row, field) in rows[1..].iter().zip(fields) {
            let name = field["name"].as_str().unwrap();
            assert_eq!(row[2], name);
            assert_eq!(row[3], field["type"].as_str().unwrap());
            for language in ["en", "fr", "es", "ar"] {
                let label = field["display_name"][language].as_str().unwrap_or_default();
                assert_eq!(cell(&rows, name, &format!("Label ({language})")), label);
            }
        }
    }
}

#[tokio::test]
async fn flags_options_and_conditions_are_there() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    root.create_form(json!({
        "unique_id": "odd", "name": {"en": "=Odd [1]/2"}, "parent_form": "case", "module_ids": ["primeromodule-cp"],
        "fields": [
            {"name": "odd_shown", "type": "text_field", "display_name": {"en": "=1+1"}, "required": true, "mobile_visible": false},
            {"name": "odd_hidden", "type": "select_box", "display_name": {"en": "H"}, "visible": false,
             "option_strings_text": [{"id": "x", "display_text": {"en": "X", "ar": "س"}}, {"id": "y", "display_text": {"en": "Y"}}]},
            {"name": "odd_sex", "type": "select_box", "display_name": {"en": "S"}, "option_strings_source": "lookup lookup-gender",
             "display_conditions_record": {"eq": {"odd_shown": "a"}}}
        ]
    }))
    .await
    .unwrap();
    let mut whole = book(&root, &[]).await;
    let name = cell(&sheet(&mut whole, "Forms"), "odd", "Sheet").to_owned();
    assert_eq!(name, "=Odd  1  2");
    let rows = sheet(&mut whole, &name);
    assert_eq!(cell(&rows, "odd_shown", "Label (en)"), "=1+1");
    assert_eq!(cell(&rows, "odd_shown", "Required"), "yes");
    assert_eq!(cell(&rows, "odd_shown", "On mobile"), "no");
    assert_eq!(cell(&rows, "odd_hidden", "Visible"), "no");
    assert_eq!(cell(&rows, "odd_hidden", "Options (en)"), "x: X\ny: Y");
    assert_eq!(cell(&rows, "odd_hidden", "Options (ar)"), "x: س\ny: ");
    assert_eq!(cell(&rows, "odd_sex", "Options from"), "lookup lookup-gender");
    assert!(cell(&rows, "odd_sex", "Shown if").contains("odd_shown"));
    let values = sheet(&mut whole, "Lookups");
    assert!(values.iter().any(|row| row[0] == "lookup-gender"));
    let mut visible = book(&root, &[("visible", "true")]).await;
    let rows = sheet(&mut visible, &name);
    assert!(rows.iter().all(|row| row[2] != "odd_hidden") && rows.len() == 3);
    let mut none = book(&root, &[("record_type", "nothing")]).await;
    assert_eq!(sheet(&mut none, "Forms").len(), 1);
}

#[tokio::test]
async fn only_those_who_may_see_the_metadata_get_it() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let query = [("export_type", "xlsx")];
    assert!(rig.restricted(tenant).export_forms(&query).await.is_ok());
    assert_eq!(code(rig.worker(tenant).export_forms(&query).await), Code::PermissionDenied);
    let refused = rig.worker(tenant).forms_workbook(&[]).await.unwrap_err();
    assert_eq!(refused.code, Code::PermissionDenied);
}
