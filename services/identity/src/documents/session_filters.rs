//! Filters of the record lists that a user is offered (primero-backend 5.5).

mod labels;
mod offers;

use kit_records::Field;
use serde_json::{Map, Value, json};

use super::conditions::Session;
use labels::labelled;
use offers::{Offer, Options};

/// Filters by list.
pub(super) fn filters(session: &Session<'_>) -> Value {
    let lists = [
        ("cases", "case", offers::cases(session)),
        ("incidents", "incident", offers::incidents(session)),
        ("tracing_requests", "tracing_request", offers::tracing_requests(session)),
        ("registry_records", "registry_record", offers::registry_records(session)),
        ("families", "family", offers::families(session)),
    ];
    let mut all = Map::new();
    for (list, record_type, offers) in lists {
        let listed = if list == "cases" { session.listed("list_filters", list) } else { None };
        let kept = |offer: &Offer| listed.as_ref().is_none_or(|names| names.contains(&offer.id));
        let shown = offers.iter().filter(|offer| kept(offer));
        let rendered = shown.filter_map(|offer| render(session, list, record_type, offer));
        all.insert(list.to_owned(), rendered.collect());
    }
    all.into()
}

/// The filter with its options; nothing when it needs a field that there is not.
fn render(session: &Session<'_>, list: &str, record_type: &str, offer: &Offer) -> Option<Value> {
    let mut filter = json!({
        "name": format!("{list}.filter_by.{}", offer.id),
        "field_name": offer.field,
        "unique_id": offer.id,
    });
    let count = match &offer.options {
        Options::OfField => of_field(&mut filter, session.field(record_type, &offer.field)?),
        Options::Source(source, count) => {
            filter["option_strings_source"] = (*source).into();
            *count
        }
        Options::Lookup(lookup) => {
            filter["option_strings_source"] = (*lookup).into();
            lookup_size(session, lookup)
        }
        Options::Labelled(ids) => {
            filter["options"] = labelled(ids, &session.catalog.locales);
            ids.len()
        }
        Options::Given(options) => {
            filter["options"] = options.clone();
            options.as_array().map_or(usize::MAX, Vec::len)
        }
    };
    filter["type"] = offer.widget.unwrap_or_else(|| widget(count)).into();
    if offer.people {
        filter["toggle_include_disabled"] = true.into();
        filter["sort_options"] = true.into();
    }
    Some(filter)
}

const fn widget(options: usize) -> &'static str {
    match options {
        1 => "toggle",
        2 | 3 => "multi_toggle",
        _ => "checkbox",
    }
}

/// Takes options over from a field's definition; says how many.
fn of_field(filter: &mut Value, field: &Field) -> usize {
    if let Some(source) = &field.option_strings_source {
        let source = source.strip_prefix("lookup ").unwrap_or(source).trim();
        filter["option_strings_source"] = source.into();
        return usize::MAX;
    }
    let options: Vec<Value> = field
        .option_strings_text
        .iter()
        .map(|one| json!({"id": one.id, "display_text": one.display_text}))
        .collect();
    let count = options.len();
    filter["options"] = options.into();
    count
}

fn lookup_size(session: &Session<'_>, unique_id: &str) -> usize {
    let lookups = &session.catalog.lookups;
    let lookup = lookups.iter().find(|lookup| lookup.unique_id == unique_id);
    lookup.map_or(usize::MAX, |lookup| lookup.values.len())
}
