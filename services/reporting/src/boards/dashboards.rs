//! The dashboards of a role: each number with the query that lists what it counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kit_records::{CatalogIndex, Options, RecordType};
use kit_store::{StoreError, Tx};
use serde_json::{Map, Value, json};

use super::approvals::Approvals;
use super::ask::{Owned, Shared, Sight, Span};
use super::assigning::{Deadline, RECENT_DAYS};
use super::kinds::{LATE, LATELY, OWNED, PARTIES, REGIONS, SHARED, VIOLATIONS, measures};
use super::query::Query;
use super::sharing;
use super::tally::number_of;
use super::told::{NEW_INCIDENT, TASKS, place_field};

/// Modules whose cases have no workflow of their own.
const WITHOUT_WORKFLOW: [&str; 2] = ["primeromodule-gbv", "primeromodule-mrm"];

/// Everything that dashboards are made of.
pub struct Desk {
    pub sight: Sight,
    pub catalog: Arc<CatalogIndex>,
    shared: Shared,
    pub owned: Owned,
    late: Owned,
    /// Places at the level of the caller's reports, by the places below them.
    pub places: HashMap<String, String>,
}

impl Desk {
    /// The numbers that these dashboards need.
    pub async fn of(
        tx: &Tx,
        sight: Sight,
        catalog: Arc<CatalogIndex>,
        level: Option<i64>,
        names: &[&str],
    ) -> Result<Self, StoreError> {
        let needed = |all: &[&'static str]| -> Vec<&'static str> {
            let of = |name: &&str| measures(name);
            let wanted: BTreeSet<&str> = names.iter().flat_map(of).copied().collect();
            all.iter().filter(|one| wanted.contains(**one)).copied().collect()
        };
        let shared = sight.shared(tx, &needed(SHARED)).await?;
        let mut owned = sight.owned(tx, &needed(OWNED)).await?;
        for measure in needed(LATELY) {
            let numbers = numbers_of(measure, &sight, &catalog);
            owned.take(sight.lately(tx, &[measure], &numbers).await?);
        }
        let late = sight.late(tx, &needed(LATE)).await?;
        let mut desk = Self { sight, catalog, shared, owned, late, places: HashMap::new() };
        if names.iter().any(|name| ["dash_reporting_location", REGIONS].contains(name)) {
            desk.places = desk.places_at(tx, level).await?;
        }
        Ok(desk)
    }

    /// A dashboard, as the contract has it; some are one for each module.
    pub fn boards(&self, name: &str) -> Vec<Value> {
        match Approvals::named(name) {
            Some(approvals) => self.approvals(name, approvals),
            None => vec![self.board(name)],
        }
    }

    fn board(&self, name: &str) -> Value {
        let indicators = self.indicators(name);
        json!({ "name": format!("dashboard.{name}"), "type": "indicator", "indicators": indicators })
    }

    fn indicators(&self, name: &str) -> Value {
        match name {
            "case_overview" => self.case_overview(),
            "case_risk" => json!({ "risk_level": self.by_risk() }),
            "action_needed_new_updated" => json!({ "new_or_updated": self.updated() }),
            "action_needed_identified" => json!({ "identified": self.identified() }),
            "dash_reporting_location" => self.by_place(),
            "dash_protection_concerns" => self.by_concern(),
            "dash_cases_to_assign" => self.to_assign(),
            "workflow" => self.workflow(),
            "workflow_team" => self.workflow_team(),
            "cases_by_task_overdue_assessment" => self.late("assessment"),
            "cases_by_task_overdue_case_plan" => self.late("case_plan"),
            "cases_by_task_overdue_services" => self.late("service"),
            "cases_by_task_overdue_followups" => self.late("follow_up"),
            "dash_cases_by_social_worker" => self.by_owner(),
            "dash_group_overview" => {
                let closed = self.count("status", "closed", &self.closed());
                json!({ "group_overview_open": self.all_open(), "group_overview_closed": closed })
            }
            "dash_case_incident_overview" => self.case_incidents(),
            "dash_national_admin_summary" => self.national(),
            VIOLATIONS => json!({ "violations_category_verification_status": self.violations() }),
            REGIONS => json!({ "violations_category_region": self.regions() }),
            PARTIES => {
                let field = "armed_force_group_party_names";
                let by = self.keyed(("incident.party", Span::Ever), &self.open(), field);
                json!({ "perpetrator_armed_force_group_party_names": by })
            }
            name => self.sharing(name).unwrap_or_else(|| json!({})),
        }
    }

    pub fn open(&self) -> Query {
        Query::open(&self.sight.modules)
    }

    pub fn closed(&self) -> Query {
        Query::enabled(&self.sight.modules).is("status", "closed")
    }

    /// How many have each value that occurs, within reach.
    pub fn counted(&self, measure: &str, span: Span) -> BTreeMap<&str, i64> {
        self.shared.all(measure, span)
    }

    /// How many have a value, within reach.
    pub fn count(&self, measure: &str, key: &str, query: &Query) -> Value {
        number(self.shared.of(measure, Span::Ever, key), query)
    }

    pub fn all_open(&self) -> Value {
        self.count("status", "open", &self.open())
    }

    pub fn updated(&self) -> Value {
        self.count("updated", "", &self.open().is("not_edited_by_owner", "true"))
    }

    fn case_incidents(&self) -> Value {
        let all = self.shared.of("status", Span::Ever, "open");
        let with = self.shared.of("with_incidents", Span::Ever, "");
        let new = self.owned.of_owner("owned_new_incidents", &self.sight.user_name);
        let new = new.values().sum();
        let mine = self.mine().is("current_alert_types", NEW_INCIDENT);
        json!({
            "total": self.all_open(),
            "new_or_updated": self.updated(),
            "with_incidents": number(with, &self.open().is("has_incidents", "true")),
            "with_new_incidents": number(new, &mine),
            "without_incidents": number(all - with, &self.open().is("has_incidents", "false")),
        })
    }

    fn identified(&self) -> Value {
        let query = Query::enabled(&self.sight.modules).is("status", "identified");
        self.count("status", "identified", &query)
    }

    fn case_overview(&self) -> Value {
        json!({
            "total": self.all_open(),
            "new_or_updated": self.updated(),
            "recently_assigned_to_me": self.recently_assigned(),
        })
    }

    /// Open cases by their level of risk, and those that have none.
    pub fn by_risk(&self) -> Value {
        let found = self.shared.all("risk", Span::Ever);
        self.risks(&found, &self.open())
    }

    fn risks(&self, found: &BTreeMap<&str, i64>, open: &Query) -> Value {
        let listed = self.options("risk_level");
        let known = listed.iter().map(String::as_str);
        let levels: BTreeSet<&str> =
            known.chain(found.keys().copied()).filter(|key| !key.is_empty()).collect();
        let mut all = Map::new();
        for level in &levels {
            let records = found.get(level).copied().unwrap_or_default();
            all.insert((*level).into(), number(records, &open.clone().is("risk_level", level)));
        }
        let levels: Vec<&str> = levels.into_iter().collect();
        let none = if levels.is_empty() {
            open.clone()
        } else {
            open.clone().any("not[risk_level]", &levels)
        };
        all.insert("_none".into(), number(found.get("").copied().unwrap_or_default(), &none));
        Value::Object(all)
    }

    fn options(&self, field: &str) -> Vec<String> {
        let field = self.catalog.field(RecordType::Case, field);
        match field.map(|field| self.catalog.options(field)) {
            Some(Options::Listed(set)) => set.ids().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    fn by_concern(&self) -> Value {
        let field = "protection_concerns";
        let enabled = Query::enabled(&self.sight.modules);
        let (_, this) = self.weeks();
        json!({
            "protection_concerns_all_cases": self.keyed(("concern", Span::Ever), &enabled, field),
            "protection_concerns_open_cases":
                self.keyed(("concern_open", Span::Ever), &self.open(), field),
            "protection_concerns_new_this_week": self.keyed(
                ("concern_new", Span::ThisWeek), &self.open().within("created_at", this), field),
            "protection_concerns_closed_this_week": self.keyed(
                ("concern_closed", Span::ThisWeek), &self.closed().within("date_closure", this), field),
        })
    }

    fn keyed(&self, (measure, span): (&str, Span), query: &Query, field: &str) -> Value {
        let found = self.shared.all(measure, span);
        let one = |(key, records): (&str, i64)| {
            (key.to_owned(), number(records, &query.clone().is(field, key)))
        };
        Value::Object(found.into_iter().map(one).collect())
    }

    fn weeks(
        &self,
    ) -> ((jiff::civil::Date, jiff::civil::Date), (jiff::civil::Date, jiff::civil::Date)) {
        (self.sight.weeks.last, self.sight.weeks.this)
    }

    fn national(&self) -> Value {
        let (last, this) = self.weeks();
        let new = |span, days| {
            number(self.shared.of("new", span, ""), &self.open().within("created_at", days))
        };
        let closed = |span, days| {
            number(self.shared.of("closed", span, ""), &self.closed().within("date_closure", days))
        };
        json!({
            "open": self.all_open(),
            "new_last_week": new(Span::LastWeek, last),
            "new_this_week": new(Span::ThisWeek, this),
            "closed_last_week": closed(Span::LastWeek, last),
            "closed_this_week": closed(Span::ThisWeek, this),
        })
    }

    fn by_place(&self) -> Value {
        let (last, this) = self.weeks();
        let new = |days| self.open().within("created_at", days);
        let closed = |days| self.closed().within("date_closure", days);
        let of = |measure, span, query: &Query| self.placed(measure, span, query);
        json!({
            "reporting_location_open": of("place_open", Span::Ever, &self.open()),
            "reporting_location_open_last_week": of("place_new", Span::LastWeek, &new(last)),
            "reporting_location_open_this_week": of("place_new", Span::ThisWeek, &new(this)),
            "reporting_location_closed_last_week": of("place_closed", Span::LastWeek, &closed(last)),
            "reporting_location_closed_this_week": of("place_closed", Span::ThisWeek, &closed(this)),
        })
    }

    fn placed(&self, measure: &str, span: Span, query: &Query) -> Value {
        let mut found: BTreeMap<&str, i64> = BTreeMap::new();
        for (place, records) in self.shared.all(measure, span) {
            if let Some(above) = self.places.get(place) {
                *found.entry(above).or_default() += records;
            }
        }
        let field = format!("loc:{}", place_field(&self.catalog, RecordType::Case));
        let one = |(place, records): (&str, i64)| {
            (place.to_owned(), number(records, &query.clone().is(&field, place)))
        };
        Value::Object(found.into_iter().map(one).collect())
    }

    async fn places_at(
        &self,
        tx: &Tx,
        level: Option<i64>,
    ) -> Result<HashMap<String, String>, StoreError> {
        let configured = self.catalog.settings.get("reporting_location_config");
        let configured = configured.and_then(|config| config["admin_level"].as_i64());
        // Postgres counts from one, levels from zero.
        let level = i32::try_from(level.or(configured).unwrap_or_default()).unwrap_or_default();
        let sql = "SELECT code, hierarchy[$2 + 1] FROM directory_location \
                   WHERE tenant = $1 AND hierarchy[$2 + 1] IS NOT NULL";
        let rows = tx.query(&self.sight.edition.sql(sql), &[&self.sight.tenant, &level]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    pub fn mine(&self) -> Query {
        self.open().is("owned_by", &self.sight.user_name)
    }

    fn to_assign(&self) -> Value {
        let found = self.owned.of_owner("owned_risk", &self.sight.user_name);
        let mut all = Map::new();
        if let Value::Object(levels) = self.risks(&found, &self.mine()) {
            all.extend(self.overdue(&levels));
            for (level, told) in levels {
                let name = if level == "_none" { "none" } else { &level };
                all.insert(format!("cases_to_assign_{name}"), told);
            }
        }
        Value::Object(all)
    }

    /// The modules that the caller works in.
    pub fn case_modules(&self) -> Vec<String> {
        if self.sight.modules.is_empty() {
            self.catalog.modules.iter().map(|module| module.unique_id.clone()).collect()
        } else {
            self.sight.modules.clone()
        }
    }

    fn with_workflow(&self) -> Vec<String> {
        let mut all = self.case_modules();
        all.retain(|module| !WITHOUT_WORKFLOW.contains(&module.as_str()));
        all
    }

    fn in_module(module: &str) -> Query {
        Query::enabled(&[module.to_owned()]).any("status", &["open", "closed"])
    }

    fn workflow(&self) -> Value {
        let mine = &self.sight.user_name;
        let mut all = Map::new();
        for module in self.with_workflow() {
            let found = self.owned.by_key("workflow", &module);
            let query = Self::in_module(&module).is("owned_by", mine);
            let steps = found.into_iter().filter(|((owner, _), _)| owner == mine);
            let one = |((_, step), records): ((&str, &str), i64)| {
                (step.to_owned(), number(records, &query.clone().is("workflow", step)))
            };
            all.insert(format!("workflow_{module}"), Value::Object(steps.map(one).collect()));
        }
        Value::Object(all)
    }

    fn workflow_team(&self) -> Value {
        let mut all = Map::new();
        for module in self.with_workflow() {
            let mut owners: Map<String, Value> = Map::new();
            for ((owner, step), records) in self.owned.by_key("workflow", &module) {
                let query = Self::in_module(&module).is("owned_by", owner).is("workflow", step);
                owners.entry(owner).or_insert_with(|| json!({}))[step] = number(records, &query);
            }
            all.insert(format!("workflow_team_{module}"), Value::Object(owners));
        }
        Value::Object(all)
    }

    fn late(&self, kind: &str) -> Value {
        let found = self.late.by_owner(&format!("late_{kind}"));
        let field = TASKS.iter().find(|(one, _)| *one == kind).map_or("", |(_, field)| field);
        let query = self.open().until(field, self.sight.today);
        json!({ format!("tasks_overdue_{}", plural(kind)): owners(&found, &query, "owned_by") })
    }

    fn by_owner(&self) -> Value {
        let updated = self.open().is("not_edited_by_owner", "true");
        json!({
            "cases_by_social_worker_total": owners(&self.owned.by_owner("owned"), &self.open(), "owned_by"),
            "cases_by_social_worker_new_or_updated":
                owners(&self.owned.by_owner("owned_updated"), &updated, "owned_by"),
        })
    }
}

/// The days or minutes that a measure is told of.
fn numbers_of(measure: &str, sight: &Sight, catalog: &CatalogIndex) -> Vec<i32> {
    let today = number_of(sight.today);
    match measure {
        "assigned_day" => (today - RECENT_DAYS..=today).collect(),
        "assigned_minute" | "assigned_high" => {
            Deadline::of(catalog, sight.now, measure == "assigned_high").minutes()
        }
        _ => (today - sharing::ANSWERED_DAYS..=today).collect(),
    }
}

/// As indicators call a kind of task.
fn plural(kind: &str) -> &str {
    match kind {
        "service" => "services",
        "follow_up" => "followups",
        other => other,
    }
}

/// Numbers by person, whom a field of the listed cases names.
pub fn owners(found: &BTreeMap<&str, i64>, query: &Query, field: &str) -> Value {
    let one = |(owner, records): (&&str, &i64)| {
        ((*owner).to_owned(), number(*records, &query.clone().is(field, owner)))
    };
    Value::Object(found.iter().map(one).collect())
}

/// A number and the query that lists what it counts.
pub fn number(records: i64, query: &Query) -> Value {
    json!({ "count": records, "query": query.0 })
}
