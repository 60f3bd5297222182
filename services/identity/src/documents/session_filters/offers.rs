//! Which filters there are, and for whom.

use kit_access::Scope;
use serde_json::{Value, json};

use super::super::conditions::Session;

/// One filter on offer.
pub(super) struct Offer {
    pub id: String,
    pub field: String,
    pub options: Options,
    /// A fixed widget; otherwise it follows from the number of options.
    pub widget: Option<&'static str>,
    /// Its options are people, disabled ones on demand.
    pub people: bool,
}

/// Where the options come from.
pub(super) enum Options {
    /// The definition of the field; without one there is no filter.
    OfField,
    /// Something that clients resolve, and how many options it has.
    Source(&'static str, usize),
    Lookup(&'static str),
    /// Fixed ids with labels.
    Labelled(&'static [&'static str]),
    Given(Value),
}

const MANY: usize = usize::MAX;

fn offer(id: &str, options: Options) -> Offer {
    let (id, field) = (id.to_owned(), id.to_owned());
    Offer { id, field, options, widget: None, people: false }
}

impl Offer {
    fn on(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    fn with(mut self, widget: &'static str) -> Self {
        self.widget = Some(widget);
        self
    }
}

/// Filters whose options a field of the case defines.
const CASE_FIELDS: [&str; 15] = [
    "sex",
    "gender",
    "gbv_displacement_status",
    "protection_status",
    "urgent_protection_concern",
    "type_of_risk",
    "risk_level",
    "displacement_status",
    "disability_status_yes_no",
    "marginalized_community_self_identifying",
    "protection_risks",
    "owned_by_agency_office",
    "safety_plan_needed",
    "self_harm_thoughts",
    "unaccompanied_separated_status",
];
const APPROVALS: [&str; 5] = ["assessment", "case_plan", "closure", "action_plan", "gbv_closure"];
const CASE_DATES: [&str; 10] = [
    "registration_date",
    "assessment_requested_on",
    "date_case_plan",
    "date_closure",
    "followup_dates",
    "reunification_dates",
    "tracing_dates",
    "service_implemented_day_times",
    "reassigned_transferred_on",
    "created_at",
];
const STATES: &[&str] = &["true|enabled", "false|disabled"];

pub(super) fn cases(session: &Session<'_>) -> Vec<Offer> {
    let who = &session.principal;
    let mut all = general(session);
    all.extend(owners(session));
    all.push(my_cases(session));
    all.push(offer("workflow", workflow(session)).with("workflow"));
    if who.scope == Scope::All {
        all.push(offer("owned_by_agency_id", Options::Source("Agency", MANY)).with("checkbox"));
    }
    all.push(offer("status", Options::Lookup("lookup-case-status")));
    all.push(offer("age", Options::Given(ages(session))).with("checkbox"));
    all.extend(CASE_FIELDS.map(|field| offer(field, Options::OfField)));
    all.extend(approvals(session));
    if who.may("case", "view_protection_concerns_filter") {
        all.push(offer("protection_concerns", Options::OfField).with("checkbox"));
    }
    all.push(place("location_current"));
    all.extend(groups_and_places(session));
    let months = Options::Labelled(&["3.months"]);
    all.push(offer("no_activity", months).on("last_updated_at"));
    all.push(offer("cases_by_date", Options::Labelled(&CASE_DATES)).with("dates"));
    all.push(offer("record_state", Options::Labelled(STATES)));
    if who.forms.contains_key("photos_and_audio") {
        all.push(offer("has_photo", Options::Labelled(&["true|has_photo"])).with("toggle"));
    }
    all
}

pub(super) fn incidents(session: &Session<'_>) -> Vec<Offer> {
    const FIELDS: [&str; 10] = [
        "gbv_sexual_violence_type",
        "violation_category",
        "child_types",
        "verification_status",
        "unaccompanied_separated_status",
        "perpetrator_category",
        "armed_force_group_party_names",
        "weapon_type",
        "facility_impact",
        "child_role",
    ];
    let mrm = session.works_with("-mrm");
    let mut all = general(session);
    all.extend(owners(session));
    all.push(offer("status", Options::Lookup("lookup-incident-status")));
    if !mrm {
        all.push(offer("age", Options::Given(ages(session))).with("checkbox"));
    }
    all.extend(FIELDS.map(|field| offer(field, Options::OfField)));
    all.push(place("incident_location"));
    let dates: &[&str] = if mrm {
        &["date_of_first_report", "incident_date_derived", "ctfmr_verified_date"]
    } else {
        &["date_of_first_report", "incident_date_derived"]
    };
    all.push(offer("incidents_by_date", Options::Labelled(dates)).with("dates"));
    all.push(offer("record_state", Options::Labelled(STATES)));
    all
}

pub(super) fn tracing_requests(session: &Session<'_>) -> Vec<Offer> {
    let mut all = general(session);
    all.extend(owners(session));
    all.push(offer("inquiry_date", Options::Labelled(&["inquiry_date"])).with("dates"));
    all.push(offer("status", Options::Lookup("lookup-inquiry-status")));
    all.push(place("location_separation"));
    all.push(offer("separation_cause", Options::OfField));
    all.push(offer("record_state", Options::Labelled(STATES)));
    all
}

pub(super) fn registry_records(session: &Session<'_>) -> Vec<Offer> {
    let mut all = general(session);
    all.push(offer("status", Options::Lookup("lookup-registry-status")));
    all.push(offer("record_state", Options::Labelled(STATES)));
    all.push(place("location_current"));
    all.push(offer("registration_date", Options::Labelled(&["registration_date"])).with("dates"));
    all
}

pub(super) fn families(session: &Session<'_>) -> Vec<Offer> {
    let mut all = general(session);
    all.push(offer("status", Options::Labelled(&["open", "closed"])));
    all.push(offer("record_state", Options::Labelled(STATES)));
    all.push(place("family_location_current"));
    let dates = Options::Labelled(&["family_registration_date"]);
    all.push(offer("families_by_date", dates).with("dates"));
    all
}

/// The module, where there is a choice, and flags.
fn general(session: &Session<'_>) -> Vec<Offer> {
    let mut all = Vec::new();
    let modules: Vec<Value> = session
        .modules()
        .map(|module| json!({"id": module.unique_id, "display_name": module.name}))
        .collect();
    if modules.len() > 1 {
        all.push(offer("module_id", Options::Given(modules.into())));
    }
    all.push(offer("flagged", Options::Labelled(&["true|flagged"])).with("toggle"));
    all
}

/// Managers choose among the people they manage.
fn owners(session: &Session<'_>) -> Option<Offer> {
    if !session.principal.is_manager {
        return None;
    }
    let people: Vec<Value> = session
        .managed_users()
        .iter()
        .map(|user| {
            json!({"id": user.user_name, "display_name": user.user_name, "disabled": user.disabled})
        })
        .collect();
    let owners = offer("owned_by", Options::Given(people.into())).with("multi_select");
    Some(Offer { people: true, ..owners })
}

fn my_cases(session: &Session<'_>) -> Offer {
    let name = &session.principal.user_name;
    let options = json!([
        {"id": name, "key": "owned_by", "display_name": name},
        {"id": name, "key": "assigned_user_names", "display_name": name},
    ]);
    offer("my_cases", Options::Given(options)).with("multi_toggle")
}

/// Steps by module, from the lookup that each names.
fn workflow(session: &Session<'_>) -> Options {
    let steps = session.modules().map(|module| {
        let lookup = module.options.get("workflow_lookup").and_then(Value::as_str);
        let lookup = lookup.unwrap_or("lookup-workflow");
        let found = session.catalog.lookups.iter().find(|one| one.unique_id == lookup);
        let values = found.map(|lookup| &lookup.values[..]).unwrap_or_default();
        let values: Vec<Value> = values
            .iter()
            .map(|one| json!({"id": one.id, "display_text": one.display_text}))
            .collect();
        (module.unique_id.clone(), Value::from(values))
    });
    Options::Given(steps.collect::<serde_json::Map<_, _>>().into())
}

/// Age bands of the organisation, such as `0..5`.
fn ages(session: &Session<'_>) -> Value {
    let settings = &session.catalog.settings;
    let range = settings.get("primary_age_range").and_then(Value::as_str).unwrap_or("primero");
    let own = session.modules().find_map(|module| module.options.get("age_ranges")?.as_array());
    let bands = own.or_else(|| settings.get("age_ranges")?.get(range)?.as_array());
    let Some(bands) = bands else {
        return ["0..5", "6..11", "12..17", "18..999"].iter().map(|one| band(one)).collect();
    };
    bands.iter().filter_map(Value::as_str).map(band).collect()
}

fn band(range: &str) -> Value {
    let (from, to) = range.split_once("..").unwrap_or((range, ""));
    let open = to.is_empty() || to.parse::<u32>().is_ok_and(|to| to >= 200);
    let name = if open { format!("{from}+") } else { format!("{from} - {to}") };
    json!({"id": range, "display_name": name})
}

/// Approvals that the user may ask for or give.
fn approvals(session: &Session<'_>) -> Vec<Offer> {
    let who = &session.principal;
    APPROVALS
        .into_iter()
        .filter(|kind| {
            who.may("case", &format!("request_approval_{kind}"))
                || who.may("case", &format!("approve_{kind}"))
        })
        .map(|kind| {
            let options = Options::Labelled(&["pending", "approved", "rejected"]);
            offer(&format!("approval_status_{kind}"), options)
        })
        .collect()
}

fn place(field: &str) -> Offer {
    let options = Options::Source("Location", MANY);
    offer(field, options).on(format!("loc:{field}")).with("multi_select")
}

fn groups_and_places(session: &Session<'_>) -> Vec<Offer> {
    let mut all = Vec::new();
    if session.module_option("user_group_filter") {
        all.push(offer("owned_by_groups", Options::Source("UserGroup", MANY)).with("multi_select"));
    }
    let elsewhere = session.works_only_with("-gbv") || session.works_only_with("-mrm");
    if session.module_option("reporting_location_filter") && !elsewhere {
        let config = session.catalog.settings.get("reporting_location_config");
        let key = config.and_then(|one| one.get("field_key")).and_then(Value::as_str);
        let key = key.unwrap_or("owned_by_location");
        let level = session
            .principal
            .reporting_location_level
            .or_else(|| config.and_then(|one| one.get("admin_level")).and_then(Value::as_i64));
        let field = format!("{key}{}", level.unwrap_or(2));
        let options = Options::Source("ReportingLocation", MANY);
        all.push(offer("reporting_location", options).on(field).with("multi_select"));
    }
    all
}
