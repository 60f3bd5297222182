//! What follows from a report of gender-based violence: how late it came, how many did it, and
//! what it is a case of. Pure functions of the values: a better rule corrects the past, too.

use kit_dossier::fields::{entries, text};
use kit_records::Record;
use serde_json::{Value, json};

use crate::dates::{day, incident_day};

/// The fields that are computed here.
pub const COMPUTED: [&str; 3] =
    ["elapsed_reporting_time", "number_of_perpetrators", "gbv_case_context"];

/// A child, for what is a case of something because the survivor is one.
const OF_AGE: i64 = 18;

/// All of them, as far as the incident says what they follow from.
pub fn derived(values: &Record) -> Record {
    let mut fields = Record::new();
    if let Some(band) = elapsed(values) {
        fields.insert("elapsed_reporting_time".into(), json!(band));
    }
    if let Some(count) = perpetrators(values) {
        fields.insert("number_of_perpetrators".into(), json!(count));
    }
    let context = context(values);
    if !context.is_empty() {
        fields.insert("gbv_case_context".into(), json!(context));
    }
    fields
}

/// The band of whole days between the incident and its first report.
fn elapsed(values: &Record) -> Option<&'static str> {
    let reported = day(values, "date_of_first_report")?;
    let days = incident_day(values)?.until(reported).ok()?.get_days();
    match days {
        0..=3 => Some("0_3_days"),
        4..=5 => Some("4_5_days"),
        6..=14 => Some("6_14_days"),
        15..=30 => Some("2_weeks_1_month"),
        31.. => Some("over_1_month"),
        ..0 => None,
    }
}

fn perpetrators(values: &Record) -> Option<String> {
    match entries(values, "alleged_perpetrator").count() {
        0 => None,
        count @ 1..=3 => Some(format!("equal_to_{count}")),
        _ => Some("more_than_3".to_owned()),
    }
}

fn context(values: &Record) -> Vec<&'static str> {
    let violence = text(values, "gbv_sexual_violence_type").unwrap_or_default();
    let child = values.get("age").and_then(Value::as_i64).is_some_and(|age| age < OF_AGE);
    let assault = matches!(violence, "rape" | "sexual_assault");
    let partner = entries(values, "alleged_perpetrator").any(|one| {
        text(one, "perpetrator_relationship") == Some("intimate_partner_former_partner")
    });
    let abducted = is_said(values, "abduction_status_time_of_incident");
    let rules = [
        ("intimate_partner_violence", partner),
        ("child_sexual_abuse", assault && child),
        ("early_marriage", violence == "forced_marriage" && child),
        ("possible_sexual_exploitation", assault && is_said(values, "goods_money_exchanged")),
        ("possible_sexual_slavery", assault && abducted),
        ("harmful_traditional_practice", is_said(values, "harmful_traditional_practice")),
    ];
    rules.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
}

/// Whether a field says something, and not that there was nothing.
fn is_said(values: &Record, name: &str) -> bool {
    match values.get(name) {
        Some(Value::Bool(said)) => *said,
        Some(Value::String(text)) => {
            let text = text.trim();
            !matches!(text, "" | "none" | "no" | "false")
        }
        Some(Value::Array(all)) => !all.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::record;

    use super::*;

    fn delay(days: i64) -> Value {
        let reported = jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(days);
        let values = json!({"incident_date": "2026-01-01", "date_of_first_report": reported});
        derived(&record(values)).get("elapsed_reporting_time").cloned().unwrap_or_default()
    }

    #[test]
    fn each_day_lies_in_its_own_band() {
        for (days, band) in [
            (0, "0_3_days"),
            (3, "0_3_days"),
            (4, "4_5_days"),
            (5, "4_5_days"),
            (6, "6_14_days"),
            (14, "6_14_days"),
            (15, "2_weeks_1_month"),
            (30, "2_weeks_1_month"),
            (31, "over_1_month"),
            (500, "over_1_month"),
        ] {
            assert_eq!(delay(days), band, "{days} days");
        }
        assert_eq!(delay(-1), Value::Null, "nobody reports what has not happened");
    }

    #[test]
    fn perpetrators_are_counted_to_three() {
        let of = |count: usize| {
            let list = vec![json!({}); count];
            let derived = derived(&record(json!({"alleged_perpetrator": list})));
            derived.get("number_of_perpetrators").cloned()
        };
        assert_eq!(of(0), None);
        assert_eq!(of(1), Some(json!("equal_to_1")));
        assert_eq!(of(3), Some(json!("equal_to_3")));
        assert_eq!(of(4), Some(json!("more_than_3")));
    }

    #[test]
    fn the_context_names_all_that_it_is_a_case_of() {
        let of = |values: Value| derived(&record(values)).get("gbv_case_context").cloned();
        assert_eq!(of(json!({"gbv_sexual_violence_type": "rape", "age": 18})), None);
        assert_eq!(
            of(json!({
                "gbv_sexual_violence_type": "rape", "age": 17, "goods_money_exchanged": true,
                "abduction_status_time_of_incident": "trafficked",
                "harmful_traditional_practice": "type_of_practice_1",
                "alleged_perpetrator": [
                    {"perpetrator_relationship": "other"},
                    {"perpetrator_relationship": "intimate_partner_former_partner"},
                ],
            })),
            Some(json!([
                "intimate_partner_violence",
                "child_sexual_abuse",
                "possible_sexual_exploitation",
                "possible_sexual_slavery",
                "harmful_traditional_practice",
            ]))
        );
        assert_eq!(
            of(json!({"gbv_sexual_violence_type": "forced_marriage", "age": 15,
                "goods_money_exchanged": "no", "abduction_status_time_of_incident": "none",
                "harmful_traditional_practice": "no"})),
            Some(json!(["early_marriage"]))
        );
    }
}
