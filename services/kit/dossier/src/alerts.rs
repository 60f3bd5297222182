//! Alerts of a record: what its people should hear of, until they have seen it.
//!
//! Which changes are worth one the tenant says: `changes_field_to_form` of the record's module, or
//! of the settings, names the fields that are watched and the form to look at.

use std::collections::BTreeSet;

use kit_records::{CatalogIndex, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    AlertFor, Alerted, AlertsDismissed, Audience, Context, Dossier, Event, Kind, OwnerChanged,
    Stamp,
};

/// The setting that names the watched fields.
const RULES: &str = "changes_field_to_form";
/// The fields of a record that follow from its alerts.
const FOLLOWING: [&str; 2] = ["alert_count", "current_alert_types"];

/// One alert of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub id: Uuid,
    pub alert_for: AlertFor,
    /// The unique id of the form to look at.
    pub form: String,
    pub audience: Audience,
    pub raised: Stamp,
}

/// A field that is watched.
#[derive(Debug, PartialEq, Eq)]
struct Watched<'a> {
    field: &'a str,
    form: &'a str,
    audience: Audience,
}

impl<K: Kind> Dossier<K> {
    /// What its alerts are about, each once.
    pub fn alert_types(&self) -> BTreeSet<&str> {
        self.alerts.iter().map(|alert| alert.form.as_str()).collect()
    }

    /// Folds what happened to alerts.
    pub(crate) fn evolve_alerts(&mut self, event: &Event) {
        match event {
            Event::Alerted(event) => self.alert(event),
            Event::AlertsDismissed(event) => {
                self.alerts.retain(|alert| !event.ids.contains(&alert.id));
            }
            _ => return,
        }
        self.last_changes.extend(FOLLOWING.map(str::to_owned));
    }

    /// Of a watched form the newest alert stands for those before it.
    fn alert(&mut self, event: &Alerted) {
        let replaced = |old: &Alert| {
            old.id == event.id
                || event.alert_for == AlertFor::FieldChange
                    && old.alert_for == AlertFor::FieldChange
                    && old.form == event.form
        };
        self.alerts.retain(|old| !replaced(old));
        self.alerts.push(Alert {
            id: event.id,
            alert_for: event.alert_for,
            form: event.form.clone(),
            audience: event.audience,
            raised: event.stamp.clone(),
        });
    }
}

/// What a save means for alerts: its author has seen what waited for them, if they are the owner,
/// and others hear of it, if it changed what is watched. `saved` is what the save comes to.
pub(crate) fn after_save<K: Kind>(
    dossier: &Dossier<K>,
    context: &Context,
    saved: &[Event],
) -> Vec<Event> {
    let author = context.author.user_name.as_str();
    let mut events = Vec::new();
    if author == dossier.owner {
        let seen = dossier.alerts.iter().filter(|alert| alert.audience == Audience::Owner);
        events.extend(dismissed(context.stamp(), seen.map(|alert| alert.id).collect()));
    }
    let given = saved.iter().find_map(|event| match event {
        Event::OwnerChanged(OwnerChanged { to, .. }) => Some(to.as_str()),
        _ => None,
    });
    let is_own = author == given.unwrap_or(&dossier.owner);
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for watched in watched(&context.index, dossier.module.as_deref()) {
        let heard = watched.audience == Audience::Associated || !is_own;
        if heard && is_changed(saved, watched.field) && told.insert(watched.form) {
            events.push(Event::Alerted(Alerted {
                stamp: context.stamp(),
                id: context.id_for(&format!("alert {}", watched.form)),
                alert_for: AlertFor::FieldChange,
                form: watched.form.to_owned(),
                audience: watched.audience,
            }));
        }
    }
    events
}

/// Nothing happens where there is nothing to dismiss.
pub(crate) fn dismissed(stamp: Stamp, ids: Vec<Uuid>) -> Option<Event> {
    (!ids.is_empty()).then_some(Event::AlertsDismissed(AlertsDismissed { stamp, ids }))
}

fn is_changed(saved: &[Event], field: &str) -> bool {
    saved.iter().any(|event| match event {
        Event::Changed(event) => {
            event.changes.contains_key(field) || event.computed.contains_key(field)
        }
        _ => false,
    })
}

/// The fields that are watched on records of a module.
fn watched<'a>(index: &'a CatalogIndex, module: Option<&str>) -> Vec<Watched<'a>> {
    let of = |options: &'a Record| options.get(RULES).and_then(Value::as_object);
    let said = |rules: &&Map<String, Value>| !rules.is_empty();
    let of_module = module.and_then(|module| index.module(module));
    let rules = of_module.and_then(|module| of(&module.options)).filter(said);
    let rules = rules.or_else(|| of(&index.settings));
    rules.into_iter().flatten().filter_map(|(field, rule)| read(field, rule)).collect()
}

/// `"form"`, or `{"form_section_unique_id": "form", "alert_strategy": "associated_users"}`.
fn read<'a>(field: &'a str, rule: &'a Value) -> Option<Watched<'a>> {
    let (form, audience) = match rule {
        Value::String(form) => (form.as_str(), Audience::Owner),
        rule => {
            let all = rule["alert_strategy"] == "associated_users";
            let audience = if all { Audience::Associated } else { Audience::Owner };
            (rule["form_section_unique_id"].as_str()?, audience)
        }
    };
    (!form.is_empty()).then_some(Watched { field, form, audience })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_decider::fold;
    use kit_records::{FieldType, RecordType};
    use serde_json::json;

    use super::*;
    use crate::commands::{ChangeOwner, DismissAlert, SettleConflict};
    use crate::given::{self, Given, Plain, catalog, field, record};
    use crate::history::entries;
    use crate::{Named, Refusal, Update};

    /// Ann's record, whose notes and plan are watched as `of_module` or else the settings say.
    fn registered(of_module: &Value) -> Given<Plain> {
        let text = |name| field(name, FieldType::TextField);
        let fields = vec![text("notes"), text("plan"), text("other")];
        let mut catalog = catalog(RecordType::RegistryRecord, "primeromodule-cp", fields, &[]);
        catalog.modules[0].options = record(json!({ RULES: of_module }));
        catalog.settings = record(json!({RULES: {"notes": "notes_form", "nonsense": 7, "plan":
            {"form_section_unique_id": "plan_form", "alert_strategy": "associated_users"}}}));
        let context = given::context::<Plain>(CatalogIndex::new(Arc::new(catalog)));
        Given::registered(context, json!({"notes": "a"}))
    }

    fn as_user(given: &mut Given<Plain>, name: &str, body: Value) -> Vec<Event> {
        given.context.author.user_name = name.into();
        given.update(body)
    }

    fn forms(given: &Given<Plain>) -> Vec<(&str, &str)> {
        let all = given.record.alerts.iter();
        all.map(|alert| (alert.alert_for.as_str(), alert.form.as_str())).collect()
    }

    #[test]
    fn the_owner_hears_what_others_changed_until_they_save() {
        let mut given = registered(&json!({}));
        assert_eq!(as_user(&mut given, "ann", json!({"notes": "b"})).len(), 1, "it is her own");
        assert_eq!(as_user(&mut given, "bob", json!({"other": "b"})).len(), 1, "nobody watches it");
        as_user(&mut given, "bob", json!({"notes": "c"}));
        as_user(&mut given, "cyd", json!({"notes": "d"}));
        assert_eq!(forms(&given), [("field_change", "notes_form")], "the newest of a form");
        assert_eq!(given.record.alerts[0].raised.by, "cyd");
        let document = given.record.document(&Record::new());
        assert_eq!(document["alert_count"], 1);
        assert_eq!(document["current_alert_types"], json!(["notes_form"]));
        as_user(&mut given, "bob", json!({"notes": "d"}));
        assert_eq!(given.record.alerts[0].raised.by, "cyd", "nothing was changed");
        assert_eq!(as_user(&mut given, "ann", json!({})).len(), 1);
        assert_eq!(forms(&given), []);
        assert!(given.record.last_changes.contains("alert_count"));
        assert_eq!(as_user(&mut given, "ann", json!({})), []);
        assert_eq!(fold::<Dossier<Plain>>(&given.events), given.record);
    }

    #[test]
    fn what_all_should_hear_stays_until_somebody_takes_it_away() {
        let mut given = registered(&json!({}));
        as_user(&mut given, "ann", json!({"plan": "x"}));
        as_user(&mut given, "ann", json!({"other": "x"}));
        assert_eq!(forms(&given), [("field_change", "plan_form")]);
        let (edited, id) = (given.record.last_updated.clone(), given.record.alerts[0].id);
        let stamp = crate::Stamp { by: "bob".into(), at: given.context.now };
        let dismiss = |id| DismissAlert { kind: Plain, stamp: stamp.clone(), id };
        given.done(dismiss(id));
        assert_eq!(forms(&given), []);
        assert_eq!(given.record.last_updated, edited, "bob changed nothing");
        assert_eq!(given.when(dismiss(id)), Err(Refusal::AlertUnknown(id)));
        let told = entries::<Plain>(&given.events);
        assert_eq!(told.len(), 3, "alerts are no part of the history");
        assert!(told.iter().all(|one| one.changes.iter().all(|it| !it.field.contains("alert"))));
    }

    #[test]
    fn a_module_may_say_otherwise_and_a_new_owner_hears_too() {
        let mut given = registered(&json!({"other": "other_form"}));
        as_user(&mut given, "bob", json!({"notes": "b", "other": "b"}));
        assert_eq!(forms(&given), [("field_change", "other_form")]);
        given.context.author.user_name = "ann".into();
        let update =
            Update { owner: Named::Known, ..given.patch(json!({"owned_by": "bob", "other": "c"})) };
        given.done(update);
        assert_eq!(given.record.owner, "bob");
        assert_eq!(given.record.alerts.len(), 1, "ann saw hers, bob hears of hers");
        assert_eq!(given.record.alerts[0].raised.by, "ann");
        let stamp = given.stamp();
        given.done(ChangeOwner { kind: Plain, stamp, to: "cyd".into(), owner: Named::Known });
        assert_eq!(forms(&given), [("field_change", "other_form")], "it waits for cyd now");
    }

    #[test]
    fn a_settled_conflict_changes_what_is_watched() {
        let mut given = registered(&json!({}));
        let seen = given.record.version;
        given.update(json!({"notes": "hers"}));
        given.context.author.user_name = "bob".into();
        given.update_from(seen, json!({"notes": "his"}));
        assert_eq!(forms(&given), [], "his word waits to be settled");
        let conflict = *given.record.conflicts.keys().next().unwrap();
        let context = given.context.clone();
        let value = json!("his");
        given.done(SettleConflict { kind: Plain, context, conflict, value, base: None });
        assert_eq!(forms(&given), [("field_change", "notes_form")]);
    }
}
