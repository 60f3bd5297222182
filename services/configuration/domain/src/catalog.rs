//! From the configuration to the catalog that decides about records.

use std::collections::HashMap;

use kit_records::{Catalog, Field, FieldType, Form, Lookup, LookupValue, Module};
use serde_json::{Map, Value};

use crate::Configuration;

/// Everything that other services need to know, as one consistent version.
pub fn compile(configuration: &Configuration) -> Catalog {
    let numbers: HashMap<&str, i64> =
        configuration.forms.iter().map(|one| (one.unique_id(), one.id)).collect();
    Catalog {
        version: configuration.version,
        epoch: configuration.epoch,
        locales: configuration.settings.languages(),
        modules: configuration.modules.iter().map(module).collect(),
        forms: configuration.forms.iter().map(|one| form(one, &numbers)).collect(),
        lookups: configuration.lookups.iter().map(lookup).collect(),
        settings: configuration.settings.attributes.0.clone(),
    }
}

fn module(module: &crate::Module) -> Module {
    let options = module.attributes.get("module_options").and_then(Value::as_object);
    Module {
        id: module.id,
        unique_id: module.unique_id().to_owned(),
        name: module.attributes.str("name").to_owned(),
        associated_record_types: module.attributes.strs("associated_record_types"),
        options: options.cloned().unwrap_or_default(),
        field_map: module.attributes.get("field_map").cloned().unwrap_or_default(),
    }
}

fn form(form: &crate::Form, numbers: &HashMap<&str, i64>) -> Form {
    let attributes = &form.attributes;
    let group = Some(attributes.str("form_group_id")).filter(|one| !one.is_empty());
    Form {
        id: form.id,
        unique_id: form.unique_id().to_owned(),
        name: form.name(),
        parent_form: form.parent_form().to_owned(),
        module_ids: form.module_ids(),
        visible: attributes.flag("visible", true),
        is_nested: form.is_nested(),
        order: attributes.int("order"),
        form_group_id: group.map(str::to_owned),
        display_conditions: attributes.get("display_conditions").cloned().unwrap_or_default(),
        subform_prevent_item_removal: attributes.flag("subform_prevent_item_removal", false),
        subform_append_only: attributes.flag("subform_append_only", false),
        fields: form.ordered_fields().into_iter().map(|one| field(one, numbers)).collect(),
    }
}

/// A field with what is true of it without being said.
#[expect(clippy::implicit_hasher, reason = "one caller, one kind of map")]
pub fn whole_field(field: &crate::Field, numbers: &HashMap<&str, i64>) -> Map<String, Value> {
    let mut whole = field.attributes.0.clone();
    let mut default = |name: &str, value: Value| {
        whole.entry(name).or_insert(value);
    };
    default("visible", true.into());
    default("mobile_visible", true.into());
    if field.field_type() == "tally_field" {
        default("autosum_total", true.into());
        default("autosum_group", format!("{}_number_of", field.name()).into());
    }
    if let Some(number) = field.subform().and_then(|one| numbers.get(one)) {
        default("subform_section_id", (*number).into());
    }
    whole.insert("id".to_owned(), field.id.into());
    whole
}

fn field(field: &crate::Field, numbers: &HashMap<&str, i64>) -> Field {
    let whole = Value::Object(whole_field(field, numbers));
    // The types were checked before anything was stored; what is left is at least a text.
    serde_json::from_value(whole).unwrap_or_else(|_| Field {
        id: field.id,
        name: field.name().to_owned(),
        field_type: FieldType::TextField,
        ..Field::default()
    })
}

fn lookup(lookup: &crate::Lookup) -> Lookup {
    let value = |one: &Value| serde_json::from_value::<LookupValue>(one.clone()).ok();
    Lookup {
        id: lookup.id,
        unique_id: lookup.unique_id().to_owned(),
        name: lookup.name(),
        values: lookup.values().iter().filter_map(value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Attributes;

    fn attributes(value: Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn fields_come_in_order_with_subforms_by_number() {
        let field = |id, value| crate::Field { id, attributes: attributes(value) };
        let people = crate::Form {
            id: 7,
            attributes: attributes(json!({"unique_id": "people"})),
            ..crate::Form::default()
        };
        let mut form = people.clone();
        form.id = 8;
        form.attributes = attributes(json!({"unique_id": "family"}));
        form.fields = vec![
            field(
                1,
                json!({"name": "b", "type": "subform", "order": 5, "subform_unique_id": "people"}),
            ),
            field(
                2,
                json!({"name": "a", "type": "tally_field", "order": 1, "tally": [{"id": "x", "display_text": {"en": "X"}}]}),
            ),
        ];
        let configuration =
            Configuration { version: 4, forms: vec![people, form], ..Configuration::default() };
        let catalog = compile(&configuration);
        assert_eq!((catalog.version, catalog.locales), (4, vec!["en".to_owned()]));
        let [tally, subform] = &catalog.forms[1].fields[..] else { panic!() };
        assert_eq!((tally.name.as_str(), tally.field_type), ("a", FieldType::TallyField));
        assert_eq!(tally.autosum_group.as_deref(), Some("a_number_of"));
        assert!(tally.autosum_total && tally.visible);
        assert_eq!(subform.subform_section_id, Some(7));
    }
}
