//! What a tracing request adds to the life of a record: one inquirer, and the children sought.

use kit_dossier::fields::{entries, text};
use kit_dossier::{Context, Dossier, Kind, Refusal};
use kit_records::patch::is_destroyed;
use kit_records::{Code, Record, RecordType, Violation};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The subform whose entries are traces: one sought child each.
pub const TRACES: &str = "tracing_request_subform_section";
/// What only confirming a match sets.
const MATCHED: &str = "matched_case_id";

/// Tracing requests: somebody looks for one child or for several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TracingKind;

impl Kind for TracingKind {
    const RECORD_TYPE: RecordType = RecordType::TracingRequest;
    const COMPUTED: &'static [&'static str] = &["tracing_names", "tracing_nicknames"];

    fn defaults(context: &Context, _: Option<&str>) -> Record {
        Record::from_iter([("inquiry_date".to_owned(), json!(context.today))])
    }

    /// Traces are added and changed, never removed: each has a history of its own.
    fn prepare(_: &Context, _: &Dossier<Self>, fields: &mut Record) {
        let Some(Value::Array(traces)) = fields.get_mut(TRACES) else { return };
        traces.retain(|entry| !is_destroyed(entry));
        for entry in traces.iter_mut().filter_map(Value::as_object_mut) {
            entry.shift_remove(MATCHED);
        }
    }

    fn derived(values: &Record) -> Record {
        let collected = |name: &str| -> Vec<&str> {
            entries(values, TRACES).filter_map(|entry| text(entry, name)).collect()
        };
        let lists = [("tracing_names", "name"), ("tracing_nicknames", "name_nickname")];
        let filled = lists.map(|(list, name)| (list.to_owned(), json!(collected(name))));
        filled.into_iter().filter(|(_, list)| *list != json!([])).collect()
    }

    /// The id of an entry is that of a trace, under which it is reached.
    fn check(_: &Context, fields: &Record, _: &Record) -> Result<(), Refusal> {
        let wrong: Vec<Violation> = entries(fields, TRACES)
            .enumerate()
            .filter(|(_, entry)| trace_id(entry).is_none())
            .map(|(at, _)| Violation {
                pointer: format!("/{TRACES}/{at}/unique_id"),
                code: Code::NotAUuid,
                params: Map::new(),
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::Invalid(wrong)) }
    }

    fn shown(request: &Dossier<Self>, _: &Record) -> Record {
        Record::from_iter([("unique_id".to_owned(), json!(request.id))])
    }
}

/// A child that a request looks for.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    pub id: Uuid,
    /// The entry of the request.
    pub entry: &'a Record,
}

/// The children that a request looks for.
pub fn sought(request: &Record) -> impl Iterator<Item = Sought<'_>> {
    entries(request, TRACES).filter_map(|entry| Some(Sought { id: trace_id(entry)?, entry }))
}

/// The ids of its traces.
pub fn trace_ids(request: &Record) -> Vec<Uuid> {
    sought(request).map(|one| one.id).collect()
}

fn trace_id(entry: &Record) -> Option<Uuid> {
    entry.get("unique_id").and_then(Value::as_str)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_dossier::given::{self, Given, catalog, field, record};
    use kit_records::{CatalogIndex, FieldType};

    use super::*;

    const ONE: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";
    const TWO: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a02";

    fn context() -> Context {
        let fields = vec![
            field("relation_name", FieldType::TextField),
            field("inquiry_date", FieldType::DateField),
        ];
        let trace: &[(&str, FieldType)] = &[
            ("name", FieldType::TextField),
            ("name_nickname", FieldType::TextField),
            ("age", FieldType::NumericField),
        ];
        let index = catalog(RecordType::TracingRequest, "cp", fields, &[(TRACES, trace)]);
        given::context::<TracingKind>(CatalogIndex::new(Arc::new(index)))
    }

    fn filed() -> Given<TracingKind> {
        Given::registered(
            context(),
            json!({"relation_name": "Inquirer", "tracing_names": ["forged"], TRACES: [
                {"unique_id": ONE, "name": "Salma", "age": 6, "matched_case_id": TWO},
                {"unique_id": TWO, "name": "Karim", "name_nickname": "Kimo"},
            ]}),
        )
    }

    #[test]
    fn a_request_collects_the_names_of_its_traces() {
        let given = filed();
        let document = given.record.document(&Record::new());
        for (name, value) in record(json!({
            "tracing_request_id": given.record.id, "inquiry_date": "2026-01-31",
            "tracing_names": ["Salma", "Karim"], "tracing_nicknames": ["Kimo"],
        })) {
            assert_eq!(document.get(&name), Some(&value), "{name}");
        }
        let ids: Vec<String> = trace_ids(&document).iter().map(Uuid::to_string).collect();
        assert_eq!(ids, [ONE, TWO]);
    }

    #[test]
    fn a_trace_is_changed_in_place_and_never_removed_or_matched_through_its_request() {
        let mut given = filed();
        assert!(!given.record.values[TRACES][0].as_object().unwrap().contains_key(MATCHED));
        given.update(json!({TRACES: [
            {"unique_id": ONE, "age": 7, "matched_case_id": TWO},
            {"unique_id": TWO, "_destroy": true},
        ]}));
        let traces = &given.record.values[TRACES];
        assert_eq!(traces.as_array().map(Vec::len), Some(2));
        assert_eq!((&traces[0]["age"], &traces[0]["name"]), (&json!(7), &json!("Salma")));
        assert!(!traces[0].as_object().unwrap().contains_key(MATCHED));
        assert_eq!(kit_decider::fold::<crate::TracingRequest>(&given.events), given.record);
    }

    #[test]
    fn the_id_of_a_trace_is_a_uuid() {
        let fields = record(json!({TRACES: [{"unique_id": ONE}, {"unique_id": "x"}]}));
        let refused = TracingKind::check(&context(), &fields, &fields);
        let Err(Refusal::Invalid(wrong)) = refused else { panic!("{refused:?}") };
        assert_eq!(wrong[0].pointer, format!("/{TRACES}/1/unique_id"));
    }
}
