//! What happens in a case after its first day: one function for each thing a worker enters.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use crate::seed::child::{Body, Child, Separation};
use crate::seed::dice::Dice;
use crate::seed::texts::some;

/// The day that a moment falls on.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

const SERVICES: &[(u32, &str)] = &[
    (18, "health"),
    (20, "psychosocial"),
    (6, "mental_health"),
    (8, "legal"),
    (18, "education"),
    (6, "nutrition"),
    (6, "livelihood"),
    (8, "cash"),
    (8, "documentation"),
    (4, "family_tracing"),
    (5, "alternative_care"),
    (5, "non_food_items"),
    (2, "safehouse"),
];

const CAUSES: &[(u32, &str)] = &[
    (30, "conflict"),
    (15, "death"),
    (18, "displacement"),
    (8, "migration"),
    (8, "poverty"),
    (6, "disaster"),
    (6, "entrusted"),
    (5, "violence_home"),
    (4, "abandonment"),
];

fn body(fields: Value) -> Body {
    match fields {
        Value::Object(fields) => fields,
        _ => Body::new(),
    }
}

/// The members of the family, with ages that fit the child's.
pub fn family(dice: &mut Dice, child: &Child, place: Option<&str>) -> Body {
    let count = dice.between(1, 5);
    let mut members = Vec::new();
    for number in 0..count {
        let (relation, female, age) = match number {
            0 => ("mother", true, child.age + dice.between(17, 38)),
            1 => ("father", false, child.age + dice.between(18, 45)),
            2 => ("grandmother", true, child.age + dice.between(40, 60)),
            3 => ("sister", true, (child.age + dice.between(-5, 6)).max(0)),
            _ => ("brother", false, (child.age + dice.between(-5, 6)).max(0)),
        };
        let alive =
            if dice.chance(85) { "yes" } else { dice.weighted(&[(1, "no"), (1, "unknown")]) };
        members.push(json!({
            "unique_id": dice.uuid(),
            "relation_name": child.relative(dice, female),
            "relation": relation,
            "relation_sex": if female { "female" } else { "male" },
            "relation_age": age,
            "relation_is_alive": alive,
            "relation_is_caregiver": (number == 0 && alive == "yes").to_string(),
            "relation_telephone": (alive == "yes" && dice.chance(40)).then(|| child.phone(dice)),
            "relation_location_current": place.filter(|_| alive == "yes" && dice.chance(60)),
        }));
    }
    body(json!({ "family_size": count + 1, "family_details_section": members }))
}

/// An assessment is done; the plan falls due.
pub fn assessment(dice: &mut Dice, child: &Child, at: Timestamp) -> Body {
    let day = day_of(at);
    let concern =
        dice.weighted(&[(3, "distress"), (2, "neglect"), (2, "out_of_school"), (1, "medical")]);
    body(json!({
        "assessment_requested_on": day,
        "assessment_health": some(dice, child.phrases.assessments),
        "assessment_psychosocial": some(dice, child.phrases.assessments),
        "assessment_score_safety": dice.between(0, 10),
        "assessment_score_wellbeing": dice.between(0, 10),
        "case_plan_due_date": day.saturating_add(dice.between(7, 21).days()),
        "protection_concern_detail_subform_section": [{
            "unique_id": dice.uuid(),
            "protection_concern_type": concern,
            "date_concern_identified": day,
            "concern_details": some(dice, child.phrases.concerns),
        }],
    }))
}

/// A plan is made.
pub fn plan(dice: &mut Dice, child: &Child, at: Timestamp) -> Body {
    let day = day_of(at);
    let interventions: Vec<Value> = (0..dice.between(1, 3))
        .map(|_| {
            json!({
                "unique_id": dice.uuid(),
                "intervention_service_to_be_provided": dice.weighted(SERVICES),
                "intervention_service_goal": dice.pick(child.phrases.goals),
                "intervention_timeframe": day.saturating_add(dice.between(14, 120).days()),
            })
        })
        .collect();
    body(json!({
        "date_case_plan": day,
        "case_plan_type": "case_plan",
        "cp_case_plan_subform_case_plan_interventions": interventions,
    }))
}

/// A service is asked for. Returns its id too.
pub fn service(dice: &mut Dice, child: &Child, at: Timestamp) -> (String, Body) {
    let id = dice.uuid().to_string();
    let frame = dice.weighted(&[(1, "24_hours"), (3, "3_days"), (3, "7_days"), (2, "30_days")]);
    let response = dice.weighted(&[(3, "care_plan"), (2, "action_plan"), (5, "service_provision")]);
    let service = json!({
        "unique_id": id,
        "service_type": dice.weighted(SERVICES),
        "service_response_type": response,
        "service_response_day_time": moment(at),
        "service_response_timeframe": frame,
        "service_appointment_date": day_of(at).saturating_add(dice.between(1, 30).days()),
        "service_notes": dice.pick(child.phrases.services),
    });
    (id, body(json!({ "services_section": [service] })))
}

/// A service was given.
pub fn service_done(id: &str, at: Timestamp) -> Body {
    let done = json!({ "unique_id": id, "service_implemented_day_time": moment(at) });
    body(json!({ "services_section": [done] }))
}

/// A follow-up is planned. Returns its id too.
pub fn follow_up(dice: &mut Dice, at: Timestamp) -> (String, Body) {
    let id = dice.uuid().to_string();
    let kind = dice.weighted(&[
        (3, "care"),
        (2, "health"),
        (2, "education"),
        (4, "wellbeing"),
        (2, "service"),
    ]);
    let planned = json!({
        "unique_id": id,
        "followup_type": kind,
        "followup_needed_by_date": day_of(at).saturating_add(dice.between(5, 40).days()),
    });
    (id, body(json!({ "followup_subform_section": [planned] })))
}

/// A follow-up took place.
pub fn follow_up_done(dice: &mut Dice, child: &Child, id: &str, at: Timestamp) -> Body {
    let seen = dice.chance(88);
    let done = json!({
        "unique_id": id,
        "followup_date": day_of(at),
        "followup_child_seen": seen.to_string(),
        "followup_comments": some(dice, child.phrases.visits),
        "followup_action_needed": dice.chance(30).to_string(),
    });
    body(json!({ "followup_subform_section": [done] }))
}

/// A note is written.
pub fn note(dice: &mut Dice, child: &Child) -> Body {
    let note = json!({
        "unique_id": dice.uuid(),
        "note_subject": dice.pick(child.phrases.subjects),
        "note_text": some(dice, child.phrases.notes),
    });
    body(json!({ "notes_section": [note] }))
}

/// The child lives with somebody else from now on.
pub fn care(dice: &mut Dice, child: &Child, at: Timestamp, place: Option<&str>) -> Body {
    let (kind, relation) = match child.status {
        Separation::WithFamily => ("parents", "mother"),
        Separation::Separated => {
            dice.weighted(&[(3, ("kinship", "aunt")), (1, ("kinship", "grandmother"))])
        }
        Separation::Unaccompanied => {
            dice.weighted(&[(3, ("foster", "foster_parent")), (2, ("interim", "neighbour"))])
        }
    };
    let female = dice.chance(75);
    let care = json!({
        "unique_id": dice.uuid(),
        "care_arrangements_type": kind,
        "care_arrangement_started_date": day_of(at),
        "name_caregiver": child.relative(dice, female),
        "relationship_caregiver": relation,
        "caregiver_age": dice.between(22, 70),
        "telephone_caregiver": dice.chance(50).then(|| child.phone(dice)),
        "location_caregiver": place,
        "care_suitable": dice.weighted(&[(8, "yes"), (1, "no"), (1, "unknown")]),
    });
    body(json!({ "care_arrangements_section": [care] }))
}

/// Tracing begins.
pub fn separation(dice: &mut Dice, child: &Child, at: Timestamp) -> Body {
    body(json!({
        "tracing_status": "open",
        "separation_cause": dice.weighted(CAUSES),
        "date_of_separation": day_of(at).saturating_sub(dice.between(10, 900).days()),
        "separation_details": some(dice, child.phrases.concerns),
    }))
}

/// Somebody looked for the family.
pub fn tracing(dice: &mut Dice, child: &Child, at: Timestamp, place: Option<&str>) -> Body {
    let action = json!({
        "unique_id": dice.uuid(),
        "date_tracing": day_of(at),
        "tracing_location": place,
        "tracing_outcome": dice.pick(child.phrases.tracing),
    });
    body(json!({ "tracing_status": "tracing_in_progress", "tracing_actions_section": [action] }))
}

/// The child is back with the family.
pub fn reunification(dice: &mut Dice, child: &Child, at: Timestamp, place: Option<&str>) -> Body {
    let reunified = json!({
        "unique_id": dice.uuid(),
        "date_reunification": day_of(at),
        "name_reunified_adult": child.relative(dice, true),
        "relationship_reunified_adult": dice.weighted(&[(4, "mother"), (2, "father"), (2, "aunt")]),
        "location_adult_reunified": place,
        "reunification_needed_followup": "true",
    });
    body(json!({ "tracing_status": "reunified", "reunification_details_section": [reunified] }))
}

/// Something small about the child changes.
pub fn correction(dice: &mut Dice, child: &Child, place: Option<&str>) -> Body {
    match dice.below(5) {
        0 => body(json!({ "telephone_current": child.phone(dice) })),
        1 => body(
            json!({ "address_current": dice.pick(child.phrases.streets), "location_current": place }),
        ),
        2 => {
            body(json!({ "risk_level": dice.weighted(&[(1, "high"), (3, "medium"), (4, "low")]) }))
        }
        3 => body(json!({ "maritial_status": "single", "national_id_no": dice.digits(11) })),
        _ => body(json!({ "name_first": child.culture.given(dice, child.female, child.latin) })),
    }
}

/// Work ends.
pub fn closing(dice: &mut Dice, child: &Child, at: Timestamp) -> Body {
    let reason = dice.weighted(&[
        (5, "goals_met"),
        (2, "moved"),
        (1, "lost_contact"),
        (1, "refused"),
        (u32::from(child.age >= 16), "turned_18"),
        (u32::from(child.status != Separation::WithFamily) * 3, "reunified"),
    ]);
    body(json!({
        "status": "closed",
        "date_closure": day_of(at),
        "closure_reason": reason,
        "closure_child_informed": "true",
        "closure_summary": some(dice, child.phrases.closings),
    }))
}

fn moment(at: Timestamp) -> String {
    format!("{at:.3}")
}
