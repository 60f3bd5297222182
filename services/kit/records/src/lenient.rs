//! Reads stored configuration leniently: an attribute that is null counts as absent, a missing
//! translation is left out, an option's id may be written as true, false or a number. Refusing
//! bad configuration is the configuration service's task; here a field must not change its type
//! because of a null beside it.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Text;

/// Null as the default.
pub fn or_default<'de, D, T>(input: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(input)?.unwrap_or_default())
}

/// Texts by language, without those that are null.
pub fn text<'de, D: Deserializer<'de>>(input: D) -> Result<Text, D::Error> {
    let texts: Value = Value::deserialize(input)?;
    let of = |(language, text): (&String, &Value)| Some((language.clone(), text.as_str()?.into()));
    Ok(texts.as_object().into_iter().flatten().filter_map(of).collect())
}

/// An id that may be written without quotes.
pub fn id<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::String(id) => id,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Catalog, FieldType};

    #[test]
    fn nulls_and_bare_ids_do_not_change_a_field() {
        let catalog: Catalog = serde_json::from_value(json!({
            "locales": null,
            "forms": [{"unique_id": "f", "order": null, "name": {"en": "F", "fr": null}, "fields": [{
                "name": "literate", "type": "radio_button", "multi_select": null, "required": null, "order": null,
                "display_name": null, "tally": null, "merge_policy": null, "selected_value": null,
                "option_strings_text": [{"id": true, "display_text": {"en": "Yes", "ar": null}, "tags": null, "disabled": null}, {"id": 2}],
            }]}],
            "lookups": [{"unique_id": "l", "values": null}],
        }))
        .unwrap();
        let field = &catalog.forms[0].fields[0];
        assert_eq!((field.field_type, field.required), (FieldType::RadioButton, false));
        let ids: Vec<&str> = field.option_strings_text.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["true", "2"]);
        assert_eq!(catalog.forms[0].name.len(), 1);
    }
}
