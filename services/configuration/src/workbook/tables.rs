//! What is in each sheet.

use std::collections::BTreeSet;

use configuration_domain::{Attributes, Field, Form};
use serde_json::Value;

use super::Selection;
use super::headings::{self as h, FIELD_COLUMNS, FORM_COLUMNS, VALUE_COLUMNS};
use super::table::Table;
use super::words::{Heading, Language, Word};
use crate::documents::form_group_name;

impl Selection<'_> {
    /// What the columns of the other sheets mean.
    pub fn key(&self) -> Table {
        let mut told = BTreeSet::new();
        let all = FORM_COLUMNS.iter().chain(FIELD_COLUMNS).chain(VALUE_COLUMNS);
        let once = all.filter(|one| told.insert(one.name.of(Language::En)));
        let row = |one: &Heading| vec![self.word(one.name), self.word(one.meaning)];
        Table { headings: row(&h::KEY), rows: once.map(row).collect() }
    }

    /// A line for each form, with the name of its sheet.
    pub fn all_forms(&self, sheets: &[String]) -> Table {
        let row = |(form, sheet): (&&Form, &String)| {
            let of = &form.attributes;
            let mut row = vec![
                form.unique_id().to_owned(),
                sheet.clone(),
                form.parent_form().to_owned(),
                form.module_ids().join("\n"),
                self.group(form),
            ];
            row.extend(self.texts(of.get("name")));
            row.extend(self.texts(of.get("description")));
            row.extend([
                self.yes_or_no(form.is_nested()),
                self.flag(of, "visible", true),
                self.flag(of, "mobile_form", false),
                self.flag(of, "editable", true),
                condition(of, &["display_conditions"]),
            ]);
            row
        };
        let rows = self.forms.iter().zip(sheets).map(row).collect();
        Table { headings: self.headings(FORM_COLUMNS), rows }
    }

    /// A line for each field of a form.
    pub fn fields_of(&self, form: &Form) -> Table {
        let shown = |field: &&Field| !self.visible_only || field.attributes.flag("visible", true);
        let fields = form.ordered_fields().into_iter().filter(shown);
        let rows = fields.map(|field| self.field(form, field)).collect();
        Table { headings: self.headings(FIELD_COLUMNS), rows }
    }

    fn field(&self, form: &Form, field: &Field) -> Vec<String> {
        let of = &field.attributes;
        let mut row = vec![
            self.group(form),
            self.name(form),
            field.name().to_owned(),
            field.field_type().to_owned(),
            self.flag(of, "multi_select", false),
        ];
        row.extend(self.texts(of.get("display_name")));
        row.extend([
            self.flag(of, "visible", true),
            self.flag(of, "required", false),
            self.flag(of, "disabled", false),
            self.flag(of, "mobile_visible", true),
            self.flag(of, "show_on_minify_form", false),
            of.str("option_strings_source").to_owned(),
            field.subform().unwrap_or_default().to_owned(),
        ]);
        let options = if of.objects("tally").is_empty() { "option_strings_text" } else { "tally" };
        row.extend(self.options(of.objects(options)));
        row.extend(self.texts(of.get("help_text")));
        row.extend(self.texts(of.get("guiding_questions")));
        row.extend(self.texts(of.get("tick_box_label")));
        row.push(condition(of, &["display_conditions_record", "display_conditions_subform"]));
        row
    }

    /// A line for each value of the lists that the fields choose from.
    pub fn lookups(&self) -> Table {
        let fields = self.forms.iter().flat_map(|form| &form.fields);
        let named: BTreeSet<&str> = fields.filter_map(Field::lookup).collect();
        let known = named.into_iter().filter_map(|id| self.workspace.configuration.lookup(id));
        let mut rows = Vec::new();
        for lookup in known {
            for value in lookup.values() {
                let disabled = value.get("disabled").and_then(Value::as_bool).unwrap_or_default();
                let mut row =
                    vec![lookup.unique_id().to_owned(), self.read(lookup.attributes.get("name"))];
                row.push(id(value));
                row.extend(self.texts(value.get("display_text")));
                row.push(self.yes_or_no(disabled));
                rows.push(row);
            }
        }
        Table { headings: self.headings(VALUE_COLUMNS), rows }
    }

    /// A form's name as the reader knows it.
    pub fn name(&self, form: &Form) -> String {
        match self.read(form.attributes.get("name")) {
            name if name.is_empty() => form.unique_id().to_owned(),
            name => name,
        }
    }

    fn group(&self, form: &Form) -> String {
        let name = form_group_name(form, self.workspace);
        match self.read(name.as_ref()) {
            name if name.is_empty() => form.attributes.str("form_group_id").to_owned(),
            name => name,
        }
    }

    /// A text in the reader's language, else in English, else in any.
    fn read(&self, text: Option<&Value>) -> String {
        let in_language =
            |language: &str| text?.get(language)?.as_str().filter(|one| !one.is_empty());
        let any =
            || text?.as_object()?.values().filter_map(Value::as_str).find(|one| !one.is_empty());
        let found = in_language(self.language.code()).or_else(|| in_language("en")).or_else(any);
        found.unwrap_or_default().to_owned()
    }

    /// A text in every language of the organisation.
    fn texts(&self, text: Option<&Value>) -> Vec<String> {
        let text = |language: &String| text?.get(language)?.as_str().map(str::to_owned);
        self.languages().iter().map(|language| text(language).unwrap_or_default()).collect()
    }

    /// Options in every language, one a line.
    fn options(&self, options: &[Value]) -> Vec<String> {
        let line = |option: &Value, language: &str| {
            let text = option.get("display_text").and_then(|texts| texts.get(language)?.as_str());
            format!("{}: {}", id(option), text.unwrap_or_default())
        };
        let lines = |language: &String| {
            options.iter().map(|one| line(one, language)).collect::<Vec<_>>().join("\n")
        };
        self.languages().iter().map(lines).collect()
    }

    fn headings(&self, columns: &[Heading]) -> Vec<String> {
        let heading = |one: &Heading| {
            let name = self.word(one.name);
            if one.in_each_language {
                self.languages().iter().map(|language| format!("{name} ({language})")).collect()
            } else {
                vec![name]
            }
        };
        columns.iter().flat_map(heading).collect()
    }

    fn languages(&self) -> Vec<String> {
        self.workspace.languages()
    }

    fn flag(&self, of: &Attributes, name: &str, default: bool) -> String {
        self.yes_or_no(of.flag(name, default))
    }

    fn yes_or_no(&self, yes: bool) -> String {
        self.word(if yes { h::YES } else { h::NO })
    }

    fn word(&self, word: Word) -> String {
        word.of(self.language).to_owned()
    }
}

/// When a form or field is shown, as it is stored.
fn condition(of: &Attributes, names: &[&str]) -> String {
    let stored = names.iter().filter_map(|name| of.get(name));
    let stored = stored.filter(|one| one.as_object().is_some_and(|members| !members.is_empty()));
    stored.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn id(option: &Value) -> String {
    match option.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(id) => id.to_string(),
        None => String::new(),
    }
}
