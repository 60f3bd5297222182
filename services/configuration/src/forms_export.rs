//! The forms as a workbook for people: no file is kept; its address says what goes into it.

use std::fmt::Write as _;
use std::sync::Arc;

use configuration_domain::Form;
use kit_proto::common::v1::Reply;
use kit_proto::configuration::v1::FormsWorkbook;
use kit_serve::{Call, Refusal};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::json;

use crate::app::{App, listed, metadata_right};
use crate::params::Params;
use crate::workbook::{Language, Selection, UNKNOWN_EXPORT_TYPE, workbook};
use crate::workspace::Workspace;

/// Where the gateway serves the workbook.
const ADDRESS: &str = "/rails/active_storage/blobs/forms/";
/// What an address has to write otherwise.
const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
const EXTENSION: &str = ".xlsx";
const LONGEST_NAME: usize = 120;

impl App {
    /// Says where the workbook is, and how many forms it has.
    pub async fn export_forms(&self, call: &Call, params: &Params) -> Result<Reply, Refusal> {
        metadata_right(call)?;
        if params.get("export_type") != Some("xlsx") {
            return Ok(unknown_type(language(call)));
        }
        let workspace = self.seen_by(call).await?;
        let total = chosen(&workspace, params).len();
        let name = file_name(params);
        let data = json!({
            "status": "success",
            "total": total,
            "export_file_name": name,
            "export_file_url": address(&name, params),
            "success_total": total,
            "failure_total": null,
            "failures": [],
        });
        Ok(listed(&data, &json!({ "http_status": 200, "errors": [] })))
    }

    /// The workbook, of the forms as they are now.
    pub async fn forms_workbook(
        &self,
        call: &Call,
        params: Params,
    ) -> Result<FormsWorkbook, Refusal> {
        metadata_right(call)?;
        let workspace = self.seen_by(call).await?;
        let file_name = encoded(&file_name(&params)).to_string();
        let (language, now) = (language(call), self.clock.now());
        // Packing takes tens of milliseconds, which others need not wait for.
        let made = tokio::task::spawn_blocking(move || {
            let forms = chosen(&workspace, &params);
            let visible_only = params.flag("visible");
            let selection = Selection { workspace: &workspace, forms, visible_only, language };
            workbook(&selection, now)
        });
        match made.await {
            Ok(Ok(content)) => Ok(FormsWorkbook { content: content.into(), file_name }),
            Ok(Err(error)) => Err(Refusal::internal(error)),
            Err(error) => Err(Refusal::internal(error)),
        }
    }
}

fn language(call: &Call) -> Language {
    Language::of(call.locale.as_deref().unwrap_or_default())
}

fn unknown_type(language: Language) -> Reply {
    let data = json!({
        "status": "failure",
        "total": 0,
        "export_file_name": null,
        "export_file_url": null,
        "success_total": 0,
        "failure_total": null,
        "failures": [],
    });
    let errors = json!([{ "message": UNKNOWN_EXPORT_TYPE.of(language) }]);
    listed(&data, &json!({ "http_status": 422, "errors": errors }))
}

/// The forms asked for, in the order in which people see them.
fn chosen<'a>(workspace: &'a Arc<Workspace>, params: &Params) -> Vec<&'a Form> {
    let fits = |form: &&Form| {
        params.get("record_type").is_none_or(|wanted| wanted == form.parent_form())
            && params
                .get("module_id")
                .is_none_or(|wanted| form.module_ids().iter().any(|id| id == wanted))
            && (!params.flag("visible") || form.attributes.flag("visible", true))
    };
    let mut forms: Vec<&Form> = workspace.configuration.forms.iter().filter(fits).collect();
    forms.sort_by_key(|form| {
        let order = |name| form.attributes.int(name);
        (form.is_nested(), order("order_form_group"), order("order"), form.id)
    });
    forms
}

/// The name asked for, without what a path or a header could take for something else.
fn file_name(params: &Params) -> String {
    let asked = params.get("file_name").unwrap_or("forms");
    let stem = asked.strip_suffix(EXTENSION).unwrap_or(asked);
    let plain = |sign: char| if sign.is_alphanumeric() || sign == '-' { sign } else { '_' };
    let stem: String = stem.chars().take(LONGEST_NAME).map(plain).collect();
    if stem.is_empty() { format!("forms{EXTENSION}") } else { format!("{stem}{EXTENSION}") }
}

fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, IN_URL)
}

fn address(name: &str, params: &Params) -> String {
    let mut address = format!("{ADDRESS}{}", encoded(name));
    let mut separator = '?';
    for parameter in ["record_type", "module_id", "visible"] {
        if let Some(value) = params.get(parameter) {
            let _ = write!(address, "{separator}{parameter}={}", encoded(value));
            separator = '&';
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use kit_proto::common::v1::Parameter;

    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        let one = |(name, value): &(&str, &str)| Parameter {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Params::new(pairs.iter().map(one).collect())
    }

    #[test]
    fn a_file_name_is_no_path_and_no_header() {
        let name = |asked: &str| file_name(&params(&[("file_name", asked)]));
        assert_eq!(file_name(&params(&[])), "forms.xlsx");
        assert_eq!(name("my forms.xlsx"), "my_forms.xlsx");
        assert_eq!(name("../../etc/passwd"), "______etc_passwd.xlsx");
        assert_eq!(name("a\"\r\nb"), "a___b.xlsx");
        assert_eq!(name("استمارات"), "استمارات.xlsx");
        assert_eq!(name(&"x".repeat(500)).len(), LONGEST_NAME + EXTENSION.len());
    }

    #[test]
    fn the_address_says_what_goes_into_the_file() {
        let params = params(&[("record_type", "case"), ("module_id", "a&b"), ("visible", "true")]);
        assert_eq!(
            address("é.xlsx", &params),
            "/rails/active_storage/blobs/forms/%C3%A9.xlsx?record_type=case&module_id=a%26b&visible=true"
        );
    }
}
