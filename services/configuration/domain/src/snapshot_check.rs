//! Whether a snapshot can be applied: everything is looked at before anything is changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::form::{FIELD, FORM, check_form};
use crate::lookup::check_lookup;
use crate::schema::{Kind, Property, collect_wrong_types};
use crate::snapshot_format::{FormEntry, NEEDED_KINDS, SnapshotData};
use crate::{Field, Problem, Settings, WrongType};

/// Something about one object of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Kind and unique id, such as `FormSection basic_identity`.
    pub object: String,
    /// The field of a form, the value of a lookup, or empty.
    pub field: String,
    /// An i18n key or what type was expected.
    pub message: String,
    /// In the vocabulary of field errors.
    pub code: &'static str,
    /// Into the snapshot's data.
    pub pointer: String,
    /// Whether the snapshot is refused for it.
    pub fatal: bool,
}

/// Everything that is wrong or odd about a snapshot, in its order.
pub fn check_snapshot(
    data: &Map<String, Value>,
    modules: &[String],
    settings: &Settings,
) -> Vec<Finding> {
    let mut check = Check { findings: Vec::new() };
    check.kinds(data);
    let read = SnapshotData::read(data);
    check.forms(&read);
    check.lookups(&read);
    check.contact(&read);
    check.unique(&read);
    check.references(&read, modules);
    check.roles(&read);
    check.languages(&read, settings);
    check.findings
}

struct Check {
    findings: Vec<Finding>,
}

const CONTACT_STRINGS: &[Property] = crate::contact::CONTACT;

impl Check {
    fn add(
        &mut self,
        object: &str,
        field: &str,
        message: &str,
        code: &'static str,
        pointer: String,
    ) {
        let (object, field, message) = (object.to_owned(), field.to_owned(), message.to_owned());
        self.findings.push(Finding { object, field, message, code, pointer, fatal: true });
    }

    fn warn(
        &mut self,
        object: &str,
        field: &str,
        message: &str,
        code: &'static str,
        pointer: String,
    ) {
        self.add(object, field, message, code, pointer);
        if let Some(last) = self.findings.last_mut() {
            last.fatal = false;
        }
    }

    fn kinds(&mut self, data: &Map<String, Value>) {
        for kind in NEEDED_KINDS.into_iter().chain(["Report"]) {
            let pointer = format!("/{kind}");
            let Some(items) = data.get(kind).and_then(Value::as_array) else {
                self.add(kind, "", "errors.models.configuration.data", "required", pointer);
                continue;
            };
            if items.is_empty() && kind != "Report" {
                self.add(kind, "", "errors.models.configuration.data", "required", pointer.clone());
            }
            for (position, _) in items.iter().enumerate().filter(|(_, one)| !one.is_object()) {
                self.add(kind, "", "object", "wrong_type", format!("{pointer}/{position}"));
            }
        }
    }

    fn forms(&mut self, read: &SnapshotData) {
        for (position, form) in read.forms.iter().enumerate() {
            let object = format!("FormSection {}", form.attributes.str("unique_id"));
            let at = format!("/FormSection/{position}");
            let mut wrong = Vec::new();
            collect_wrong_types(FORM, &form.attributes.0, "", &mut wrong);
            self.wrong(&object, "", &at, wrong);
            for (place, field) in form.fields.iter().enumerate() {
                let mut wrong = Vec::new();
                collect_wrong_types(FIELD, &field.0, "", &mut wrong);
                self.wrong(
                    &object,
                    field.str("name"),
                    &format!("{at}/fields_attributes/{place}"),
                    wrong,
                );
            }
            if form.attributes.str("unique_id").trim().is_empty() {
                self.add(
                    &object,
                    "unique_id",
                    crate::form::FORM_ID,
                    "required",
                    format!("{at}/unique_id"),
                );
            }
            let mut problems = Vec::new();
            let fields = form.fields.iter().map(|one| Field { id: 0, attributes: one.clone() });
            check_form(&form.attributes, &fields.collect::<Vec<_>>(), &mut problems);
            for problem in problems {
                self.form_problem(&object, &at, form, &problem);
            }
        }
    }

    fn wrong(&mut self, object: &str, field: &str, at: &str, wrong: Vec<WrongType>) {
        for WrongType { pointer, expected } in wrong {
            let field = if field.is_empty() { pointer.trim_start_matches('/') } else { field };
            self.add(object, field, expected, "wrong_type", format!("{at}{pointer}"));
        }
    }

    fn form_problem(&mut self, object: &str, at: &str, form: &FormEntry, problem: &Problem) {
        let position = problem.pointer.strip_prefix("/fields/").and_then(|rest| {
            rest.split('/').next().and_then(|number| number.parse::<usize>().ok())
        });
        let field = match position.and_then(|position| form.fields.get(position)) {
            Some(field) => field.str("name").to_owned(),
            None => problem.detail.clone(),
        };
        let pointer = problem.pointer.replacen("/fields/", "/fields_attributes/", 1);
        self.add(object, &field, &problem.message, problem.code, format!("{at}{pointer}"));
        // Doubled options occur in configurations that are in use: told, not refused.
        let doubled_option = problem.code == "duplicate" && problem.detail != "fields";
        if let Some(last) = self.findings.last_mut().filter(|_| doubled_option) {
            last.fatal = false;
        }
    }

    fn lookups(&mut self, read: &SnapshotData) {
        const LOOKUP: &[Property] = &[
            Property::new("unique_id", Kind::Str),
            Property::new("name", Kind::Text),
            Property::new("locked", Kind::Bool),
            Property::new("values", Kind::Options),
        ];
        for (position, lookup) in read.lookups.iter().enumerate() {
            let object = format!("Lookup {}", lookup.attributes.str("unique_id"));
            let at = format!("/Lookup/{position}");
            let mut wrong = Vec::new();
            collect_wrong_types(LOOKUP, &lookup.attributes.0, "", &mut wrong);
            self.wrong(&object, "", &at, wrong);
            let mut problems = Vec::new();
            check_lookup(&lookup.attributes, &mut problems);
            for problem in problems {
                let pointer = format!("{at}{}", problem.pointer);
                self.add(&object, &problem.detail, &problem.message, problem.code, pointer);
                if let Some(last) = self.findings.last_mut().filter(|one| one.code == "duplicate") {
                    last.fatal = false;
                }
            }
        }
    }

    fn contact(&mut self, read: &SnapshotData) {
        let mut wrong = Vec::new();
        collect_wrong_types(CONTACT_STRINGS, &read.contact.0, "", &mut wrong);
        self.wrong("ContactInformation", "", "/ContactInformation/0", wrong);
    }

    fn unique(&mut self, read: &SnapshotData) {
        let forms = read.forms.iter().map(|one| one.attributes.str("unique_id"));
        self.doubled("FormSection", forms.collect());
        let lookups = read.lookups.iter().map(|one| one.attributes.str("unique_id"));
        self.doubled("Lookup", lookups.collect());
        let reports = read.reports.iter().map(|one| one.str("unique_id"));
        self.doubled("Report", reports.collect());
        for (position, report) in read.reports.iter().enumerate() {
            if report.str("unique_id").is_empty() {
                let message = "errors.models.report.unique_id";
                self.add(
                    "Report",
                    "unique_id",
                    message,
                    "required",
                    format!("/Report/{position}/unique_id"),
                );
            }
        }
    }

    fn doubled(&mut self, kind: &str, ids: Vec<&str>) {
        let mut seen = BTreeSet::new();
        for (position, id) in ids.into_iter().enumerate() {
            if !seen.insert(id) {
                let message = "errors.models.configuration.duplicate_unique_id";
                let pointer = format!("/{kind}/{position}/unique_id");
                self.add(&format!("{kind} {id}"), "unique_id", message, "duplicate", pointer);
            }
        }
    }

    fn references(&mut self, read: &SnapshotData, modules: &[String]) {
        let forms: BTreeMap<&str, &FormEntry> =
            read.forms.iter().map(|one| (one.attributes.str("unique_id"), one)).collect();
        let lookups: BTreeSet<&str> =
            read.lookups.iter().map(|one| one.attributes.str("unique_id")).collect();
        for (position, form) in read.forms.iter().enumerate() {
            let object = format!("FormSection {}", form.attributes.str("unique_id"));
            let at = format!("/FormSection/{position}");
            for module in
                form.attributes.strs("module_ids").iter().filter(|one| !modules.contains(one))
            {
                let message = format!("errors.models.configuration.unknown_module: {module}");
                self.warn(&object, "module_ids", &message, "not_found", format!("{at}/module_ids"));
            }
            for (place, attributes) in form.fields.iter().enumerate() {
                let field = Field { id: 0, attributes: attributes.clone() };
                let at = format!("{at}/fields_attributes/{place}");
                self.field_references(&object, &at, &field, &forms, &lookups);
            }
            if contains_itself(form.attributes.str("unique_id"), &forms) {
                let message = "errors.models.form_section.contains_itself";
                self.add(&object, "fields", message, "invalid", format!("{at}/fields_attributes"));
            }
        }
    }

    fn field_references(
        &mut self,
        object: &str,
        at: &str,
        field: &Field,
        forms: &BTreeMap<&str, &FormEntry>,
        lookups: &BTreeSet<&str>,
    ) {
        if let Some(lookup) = field.lookup().filter(|one| !lookups.contains(one)) {
            let message = format!("errors.models.configuration.unknown_lookup: {lookup}");
            let pointer = format!("{at}/option_strings_source");
            self.warn(object, field.name(), &message, "not_found", pointer);
        }
        if field.field_type() != "subform" {
            return;
        }
        let message = "errors.models.field.subform_section_id";
        let pointer = format!("{at}/subform_unique_id");
        match field.subform() {
            Some(form) if forms.contains_key(form) => {}
            Some(_) => self.add(object, field.name(), message, "not_found", pointer),
            // Such a field shows nothing, which the form builder allows.
            None => self.warn(object, field.name(), message, "required", pointer),
        }
    }

    fn roles(&mut self, read: &SnapshotData) {
        let forms: BTreeSet<&str> =
            read.forms.iter().map(|one| one.attributes.str("unique_id")).collect();
        for (position, role) in read.roles.iter().enumerate() {
            let name = role.get("unique_id").and_then(Value::as_str).unwrap_or_default();
            let granted = role.get("form_section_read_write").and_then(Value::as_object);
            for form in granted.into_iter().flatten().map(|(form, _)| form) {
                if !forms.contains(form.as_str()) {
                    let message = format!("errors.models.configuration.unknown_form: {form}");
                    let pointer = format!("/Role/{position}/form_section_read_write");
                    let object = format!("Role {name}");
                    self.warn(&object, "form_section_read_write", &message, "not_found", pointer);
                }
            }
        }
    }

    /// Texts in languages that the tenant does not offer are kept, and told once per language.
    fn languages(&mut self, read: &SnapshotData, settings: &Settings) {
        let offered = settings.languages();
        let names = read.forms.iter().flat_map(|one| one.attributes.text("name").into_keys());
        let other: BTreeSet<String> = names.filter(|one| !offered.contains(one)).collect();
        for language in other {
            let message = format!("errors.models.configuration.unknown_language: {language}");
            self.warn("FormSection", "name", &message, "unknown_option", "/FormSection".to_owned());
        }
    }
}

fn contains_itself(unique_id: &str, forms: &BTreeMap<&str, &FormEntry>) -> bool {
    fn below<'a>(id: &str, forms: &BTreeMap<&'a str, &'a FormEntry>) -> Vec<&'a str> {
        let fields = forms.get(id).into_iter().flat_map(|form| &form.fields);
        fields.map(|one| one.str("subform_unique_id")).filter(|one| !one.is_empty()).collect()
    }
    let mut seen = BTreeSet::new();
    let mut next = below(unique_id, forms);
    while let Some(one) = next.pop() {
        if one == unique_id {
            return true;
        }
        if seen.insert(one) {
            next.extend(below(one, forms));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str) -> Value {
        json!({"name": name, "type": "text_field", "display_name_i18n": {"en": name}})
    }

    fn whole() -> Value {
        json!({
            "FormSection": [{"unique_id": "basic", "name_i18n": {"en": "Basic"}, "parent_form": "case",
                "module_ids": ["cp"], "fields_attributes": [field("name")]}],
            "Lookup": [{"unique_id": "lookup-sex", "name_i18n": {"en": "Sex"},
                "lookup_values_i18n": [{"id": "f", "display_text": {"en": "F"}}]}],
            "Agency": [{"unique_id": "a"}],
            "Role": [{"unique_id": "r", "form_section_read_write": {"basic": "rw"}}],
            "UserGroup": [{"unique_id": "g"}], "Report": [], "ContactInformation": [{"name": "N"}]
        })
    }

    fn found(data: &Value) -> Vec<(String, String, bool)> {
        let settings = Settings::default();
        let findings = check_snapshot(data.as_object().unwrap(), &["cp".to_owned()], &settings);
        findings.into_iter().map(|one| (one.object, one.field, one.fatal)).collect()
    }

    #[test]
    fn a_sound_snapshot_has_no_findings() {
        assert_eq!(found(&whole()), []);
    }

    #[test]
    fn a_lookup_that_is_missing_is_told_but_not_fatal() {
        let mut data = whole();
        data["FormSection"][0]["fields_attributes"][0]["option_strings_source"] =
            json!("lookup lookup-x");
        assert_eq!(found(&data), [("FormSection basic".into(), "name".into(), false)]);
    }

    #[test]
    fn errors_name_object_and_field() {
        let mut data = whole();
        let form = &mut data["FormSection"][0];
        form["name_i18n"] = json!({"fr": "Base"});
        form["fields_attributes"] = json!([field("sex"), field("sex"), {"name": "people", "type": "subform",
            "display_name_i18n": {"en": "P"}, "subform_unique_id": "nowhere"}, {"name": "age", "type": "number", "display_name_i18n": {"en": "Age"}, "order": "1"}]);
        data["Report"] = json!([7]);
        data["UserGroup"] = json!([]);
        let found = found(&data);
        let fatal = |object: &str, field: &str| (object.to_owned(), field.to_owned(), true);
        for expected in [
            fatal("UserGroup", ""),
            fatal("Report", ""),
            fatal("FormSection basic", "age"),
            fatal("FormSection basic", "name_en"),
            fatal("FormSection basic", "sex"),
            fatal("FormSection basic", "people"),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
    }

    #[test]
    fn a_form_inside_itself_is_refused() {
        let mut data = whole();
        let subform = |name: &str, of: &str| json!({"name": name, "type": "subform", "display_name_i18n": {"en": "x"}, "subform_unique_id": of});
        data["FormSection"][0]["fields_attributes"] = json!([subform("x", "inner")]);
        let inner = json!({"unique_id": "inner", "name_i18n": {"en": "I"}, "parent_form": "case", "fields_attributes": [subform("y", "basic")]});
        data["FormSection"].as_array_mut().unwrap().push(inner);
        assert_eq!(found(&data).len(), 2);
    }
}
