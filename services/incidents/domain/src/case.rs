//! An incident of a case: what it takes over, and how it is linked.
//!
//! A linked incident follows the owner of its case; the service hears of that as a fact and
//! changes the owner by the command that every record has.

use std::collections::BTreeSet;
use std::sync::Arc;

use kit_decider::Command;
use kit_dossier::{Changed, Context, Event, Named, Refusal, Rights, Stamp, Update};
use kit_records::values::is_blank;
use kit_records::{CatalogIndex, Record, RecordType, Schema, Unknown, Validation};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Incident, IncidentKind};

/// The field that holds the case's id.
pub const CASE_ID: &str = "incident_case_id";
/// The field that holds what people call the case.
pub const CASE_NAME: &str = "case_id_display";

/// The names of the fields that were taken over from the case, so that they go with it.
pub const COPIED: &str = "case_copied_fields";

/// What an incident has to know of its case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseCard {
    pub id: Uuid,
    pub display_id: Option<String>,
    pub owner: String,
    pub module: Option<String>,
    /// The case's record, as far as it may be taken over.
    pub values: Record,
}

/// Which fields of a case become which of an incident, and of which module that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMap<'a> {
    pub module: Option<&'a str>,
    /// The case's field, the incident's.
    fields: Vec<(&'a str, &'a str)>,
}

/// What is taken over where the case's module does not say.
const USUAL: [(&str, &str); 12] = [
    ("survivor_code_no", "survivor_code"),
    ("age", "age"),
    ("date_of_birth", "date_of_birth"),
    ("sex", "sex"),
    ("gbv_ethnicity", "ethnicity"),
    ("country_of_origin", "country_of_origin"),
    ("gbv_nationality", "nationality"),
    ("gbv_religion", "religion"),
    ("maritial_status", "maritial_status"),
    ("gbv_displacement_status", "displacement_status"),
    ("gbv_disability_type", "disability_type"),
    ("unaccompanied_separated_status", "unaccompanied_separated_status"),
];

impl<'a> FieldMap<'a> {
    /// That of a case's module.
    pub fn of(index: &'a CatalogIndex, case_module: Option<&'a str>) -> Self {
        let map = case_module.and_then(|id| index.module(id)).map(|module| &module.field_map);
        let named = |entry: &'a Value, name: &str| entry.get(name).and_then(Value::as_str);
        let fields = map.and_then(|map| map.get("fields")).and_then(Value::as_array);
        let fields: Vec<_> = fields
            .into_iter()
            .flatten()
            .filter_map(|entry| Some((named(entry, "source")?, named(entry, "target")?)))
            .collect();
        Self {
            module: map
                .and_then(|map| map.get("map_to"))
                .and_then(Value::as_str)
                .or(case_module)
                .filter(|module| index.module(module).is_some()),
            fields: if fields.is_empty() { USUAL.to_vec() } else { fields },
        }
    }

    /// The incident's fields with the case's values, as far as they fit the incident's forms.
    pub fn copied(&self, context: &Context, case: &Record) -> Record {
        let schema = Schema::of_type(&context.index, RecordType::Incident, self.module);
        let validation = Validation {
            index: &context.index,
            record_type: RecordType::Incident,
            schema: &schema,
            unknown: Unknown::Ignore,
            today: context.today,
        };
        let filled = |source: &str| case.get(source).filter(|value| !is_blank(value));
        let mut copied = Record::new();
        for (source, target) in &self.fields {
            let Some(value) = filled(source) else { continue };
            let one = Record::from_iter([((*target).to_owned(), value.clone())]);
            if !schema.contains(target) {
                // No form knows it: it is kept as the case has it, unless it is a whole subform.
                copied.extend(one.into_iter().filter(|(_, value)| !holds_entries(value)));
            } else if let Ok(valid) = validation.check(&one) {
                copied.extend(valid);
            }
        }
        copied
    }
}

fn holds_entries(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|all| all.iter().any(Value::is_object))
}

impl CaseCard {
    /// Completes a body that links an incident to this case: the case's owner, and its values
    /// where neither the body nor the incident has any.
    pub fn complete(&self, context: &Context, stored: &Record, body: &mut Record) {
        let map = FieldMap::of(&context.index, self.module.as_deref());
        let blank = |record: &Record, name: &str| record.get(name).is_none_or(is_blank);
        let mut taken: BTreeSet<String> = copied_fields(stored).collect();
        for (name, value) in map.copied(context, &self.values) {
            if blank(stored, &name) && blank(body, &name) {
                taken.insert(name.clone());
                body.insert(name, value);
            }
        }
        body.insert(COPIED.into(), json!(taken));
        if let Some(module) = map.module {
            body.insert("module_id".into(), json!(module));
        }
        body.insert(CASE_ID.into(), json!(self.id));
        body.insert(CASE_NAME.into(), json!(self.display_id));
        body.insert("owned_by".into(), json!(self.owner));
    }

    /// An incident of this case that is not stored yet: what a new form is filled with.
    pub fn prefilled(&self, context: &Context) -> Record {
        let mut body = Record::new();
        self.complete(context, &Record::new(), &mut body);
        body.insert("date_of_first_report".into(), json!(context.today));
        body.insert("status".into(), json!(kit_dossier::OPEN));
        body
    }
}

/// The fields that an incident has taken over from its case.
fn copied_fields(values: &Record) -> impl Iterator<Item = String> {
    let names = values.get(COPIED).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned)
}

/// What an incident forgets when its case is erased: the link, and what it took over. Of incidents
/// that have no list of that, it is what is usually taken over.
pub fn of_erased_case(incident: &Incident) -> Vec<String> {
    let values = &incident.values;
    let mut fields = vec![CASE_ID.to_owned(), CASE_NAME.to_owned()];
    if values.contains_key(COPIED) {
        fields.extend(copied_fields(values).chain([COPIED.to_owned()]));
    } else {
        fields.extend(USUAL.iter().map(|(_, target)| (*target).to_owned()));
    }
    fields
}

/// The case that an incident belongs to.
pub fn case_of(values: &Record) -> Option<Uuid> {
    values.get(CASE_ID).and_then(Value::as_str).and_then(|id| id.parse().ok())
}

/// The cases that an incident went through, as they were merged: ids, and what people call them.
const CAME_FROM: &str = "merged_case_ids";
const CAME_FROM_NAMES: &str = "merged_case_id_displays";

/// An incident follows its case into the one that it was merged into, or back.
#[derive(Debug, Clone)]
pub struct FollowMerge {
    pub stamp: Stamp,
    /// The case that was merged, or stands for itself again.
    pub case: Uuid,
    /// The case that is kept, and what people call it; nothing when the merge was taken back.
    pub into: Option<(Uuid, String)>,
}

/// The merged case that an incident came to its present case from.
pub fn came_from(values: &Record) -> Option<Uuid> {
    texts(values, CAME_FROM).last().and_then(|id| id.parse().ok())
}

fn texts(values: &Record, field: &str) -> Vec<String> {
    let all = values.get(field).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Command for FollowMerge {
    type Of = Incident;
    type Refusal = Refusal;

    fn decide(self, incident: &Incident) -> Result<Vec<Event>, Refusal> {
        let values = &incident.values;
        let (mut ids, mut names) = (texts(values, CAME_FROM), texts(values, CAME_FROM_NAMES));
        let (id, name, action) = match self.into {
            Some((into, name)) if case_of(values) == Some(self.case) => {
                let own = values.get(CASE_NAME).and_then(Value::as_str).unwrap_or_default();
                ids.push(self.case.to_string());
                names.push(own.to_owned());
                (into, name, "merge")
            }
            None if came_from(values) == Some(self.case) => {
                ids.pop();
                (self.case, names.pop().unwrap_or_default(), "unmerge")
            }
            // It was linked elsewhere meanwhile.
            _ => return Ok(vec![]),
        };
        let changes = [
            (CASE_ID, json!(id)),
            (CASE_NAME, json!(name)),
            (CAME_FROM, json!(ids)),
            (CAME_FROM_NAMES, json!(names)),
        ];
        Ok(vec![Event::Changed(Changed {
            stamp: self.stamp,
            action: Some(action.to_owned()),
            base: None,
            changes: changes.into_iter().map(|(field, value)| (field.to_owned(), value)).collect(),
            computed: Record::new(),
        })])
    }
}

/// Links an incident to a case; harmless when it is linked to it already.
#[derive(Debug, Clone)]
pub struct LinkToCase {
    pub context: Context,
    pub case: Arc<CaseCard>,
}

impl Command for LinkToCase {
    type Of = Incident;
    type Refusal = Refusal;

    fn decide(self, incident: &Incident) -> Result<Vec<Event>, Refusal> {
        if !incident.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if case_of(&incident.values) == Some(self.case.id) {
            return Ok(vec![]);
        }
        let mut body = Record::new();
        self.case.complete(&self.context, &incident.values, &mut body);
        Update {
            kind: IncidentKind,
            context: self.context,
            body,
            base: None,
            seen: None,
            action: Some("link_incident_to_case".into()),
            rights: Rights { assign: true, ..Rights::default() },
            owner: Named::Known,
            identified: Named::Nobody,
        }
        .decide(incident)
    }
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::{self, Given, catalog, field, record};
    use kit_records::{FieldType, Module};

    use super::*;

    fn context(field_map: Value) -> Context {
        let fields =
            vec![field("age", FieldType::NumericField), field("sex", FieldType::TextField)];
        let mut catalog = catalog(RecordType::Incident, "primeromodule-gbv", fields, &[]);
        catalog.modules.push(Module {
            unique_id: "primeromodule-cp".into(),
            field_map,
            ..Module::default()
        });
        given::context::<IncidentKind>(CatalogIndex::new(Arc::new(catalog)))
    }

    #[test]
    fn an_incident_follows_its_case_into_another_and_back() {
        let mut given: Given<IncidentKind> = Given::registered(context(json!({})), json!({}));
        let case = Arc::new(card());
        given.done(LinkToCase { context: given.context.clone(), case: Arc::clone(&case) });
        let (kept, last) = (Uuid::from_u128(6), Uuid::from_u128(7));
        let follow = |given: &Given<IncidentKind>, case, into: Option<(Uuid, &str)>| FollowMerge {
            stamp: given.stamp(),
            case,
            into: into.map(|(id, name)| (id, name.to_owned())),
        };
        let command = follow(&given, case.id, Some((kept, "K-6")));
        given.done(command);
        let command = follow(&given, kept, Some((last, "L-7")));
        given.done(command);
        assert_eq!(case_of(&given.record.values), Some(last));
        let command = follow(&given, case.id, None);
        assert_eq!(command.decide(&given.record), Ok(vec![]), "the last merge goes first");
        for (from, to, name) in [(kept, kept, "K-6"), (case.id, case.id, "SY-0000005")] {
            let command = follow(&given, from, None);
            given.done(command);
            assert_eq!(case_of(&given.record.values), Some(to));
            assert_eq!(given.record.values[CASE_NAME], name);
        }
        assert_eq!(came_from(&given.record.values), None);
    }

    fn card() -> CaseCard {
        CaseCard {
            id: Uuid::from_u128(5),
            display_id: Some("SY-0000005".into()),
            owner: "bob".into(),
            module: Some("primeromodule-cp".into()),
            values: record(json!({
                "age": 9, "sex": "female", "gbv_religion": "r1", "survivor_code_no": "S1",
                "notes_section": [{"note_text": "secret"}], "name": "Amal",
            })),
        }
    }

    #[test]
    fn the_usual_fields_are_taken_over_where_the_module_says_nothing() {
        let new = card().prefilled(&context(json!(null)));
        assert_eq!(
            Value::Object(new),
            json!({
                "survivor_code": "S1", "age": 9, "sex": "female", "religion": "r1",
                "module_id": "primeromodule-cp", "incident_case_id": Uuid::from_u128(5),
                "case_id_display": "SY-0000005", "owned_by": "bob", "status": "open",
                "date_of_first_report": "2026-01-31",
                "case_copied_fields": ["age", "religion", "sex", "survivor_code"],
            })
        );
    }

    #[test]
    fn a_modules_own_map_says_fields_and_module() {
        let map = json!({"map_to": "primeromodule-gbv", "fields": [
            {"source": "sex", "target": "sex"}, {"source": "name", "target": "age"},
            {"source": "notes_section", "target": "notes"}, {"odd": 1},
        ]});
        let new = card().prefilled(&context(map));
        assert_eq!(
            (&new["sex"], &new["module_id"]),
            (&json!("female"), &json!("primeromodule-gbv"))
        );
        assert!(!new.contains_key("age"), "a name is no age");
        assert!(!new.contains_key("notes"), "entries stay where they are");
    }

    #[test]
    fn linking_fills_blanks_only_and_gives_the_incident_to_the_cases_owner() {
        let context = context(json!(null));
        let mut given = Given::<IncidentKind>::registered(context, json!({"age": 4}));
        let link = LinkToCase { context: given.context.clone(), case: Arc::new(card()) };
        let events = given.done(link.clone());
        let kinds: Vec<_> = events.iter().map(Event::kind).collect();
        assert_eq!(kinds, ["changed", "owner_changed"]);
        let incident = &given.record;
        assert_eq!(
            (&incident.values["age"], &incident.values["sex"]),
            (&json!(4), &json!("female"))
        );
        assert_eq!((case_of(&incident.values), incident.owner.as_str()), (Some(card().id), "bob"));
        assert_eq!(given.done(link), [], "linking twice is harmless");
        given.update(json!({"incident_case_id": null}));
        assert_eq!(
            (case_of(&given.record.values), &given.record.values[CASE_NAME]),
            (None, &json!(null))
        );
    }

    #[test]
    fn with_its_case_goes_what_was_taken_over_and_nothing_else() {
        let context = context(json!(null));
        let mut given = Given::<IncidentKind>::registered(context, json!({"age": 4}));
        let link = LinkToCase { context: given.context.clone(), case: Arc::new(card()) };
        given.done(link);
        let fields = of_erased_case(&given.record);
        let stamp = kit_dossier::Stamp::default();
        given.done(kit_dossier::Forget { kind: IncidentKind, stamp, fields, entries: vec![] });
        let incident = &given.record;
        assert_eq!((case_of(&incident.values), &incident.values["age"]), (None, &json!(4)));
        for field in ["sex", "survivor_code", "religion", CASE_NAME, COPIED] {
            assert_eq!(incident.values[field], json!(null), "{field}");
        }
    }

    #[test]
    fn there_must_be_an_incident() {
        let given = Given::<IncidentKind>::nothing(context(json!(null)));
        let link = LinkToCase { context: given.context.clone(), case: Arc::new(card()) };
        assert_eq!(link.decide(&given.record), Err(Refusal::NotRegistered));
    }
}
