//! Patches: the attributes that a caller sent, laid over the stored ones.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Refusal;

/// Attributes by name, already of the right types.
pub type Patch = Map<String, Value>;

/// What `stored` becomes under `patch`. Attributes named in `by_language` merge per language.
pub fn patched<T>(stored: &T, patch: &Patch, by_language: &[&str]) -> Result<T, Refusal>
where
    T: Serialize + DeserializeOwned,
{
    let mut value = serde_json::to_value(stored).map_err(|_| Refusal::Gone)?;
    for (name, new) in patch {
        match (&mut value[name], new) {
            (Value::Object(old), Value::Object(new)) if by_language.contains(&name.as_str()) => {
                old.extend(new.clone());
            }
            (old, new) => *old = new.clone(),
        }
    }
    serde_json::from_value(value).map_err(|_| Refusal::Invalid(Vec::new()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::AgencyAttributes;

    #[test]
    fn keeps_what_was_not_sent_and_merges_languages() {
        let stored = AgencyAttributes {
            name: [("en".into(), "Old".into()), ("fr".into(), "Vieux".into())].into(),
            telephone: Some("1".into()),
            ..AgencyAttributes::default()
        };
        let patch = json!({"name": {"en": "New"}, "services": ["health"]});
        let new = patched(&stored, patch.as_object().unwrap(), &["name"]).unwrap();
        assert_eq!(new.name["en"], "New");
        assert_eq!(new.name["fr"], "Vieux");
        assert_eq!(new.telephone.as_deref(), Some("1"));
        assert_eq!(new.services, ["health"]);
    }
}
