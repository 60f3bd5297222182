//! The tasks that follow from a case: computed from its record, stored nowhere.

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};
use kit_records::Record;
use kit_records::values::{parse_date, parse_time};
use serde_json::{Value, json};

use crate::fields::{entries, is_filled, text};

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskKind {
    Assessment,
    CasePlan,
    FollowUp,
    Service,
}

/// One thing to do on a case by a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub kind: TaskKind,
    pub due: Date,
    /// Type of the follow-up or service.
    pub detail: Option<String>,
}

/// A task as the list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    pub id: String,
    pub display_id: String,
    pub name: Option<String>,
    pub module: Option<String>,
    /// The case's risk level.
    pub priority: Option<String>,
    pub task: Task,
}

/// What the list may be sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaskOrder {
    #[default]
    DueDate,
    Priority,
    Kind,
    DisplayId,
    Name,
}

/// Days within which a task counts as coming up.
const SOON: i64 = 7;

impl TaskKind {
    /// All kinds, in the order of the case's work.
    pub const ALL: [Self; 4] = [Self::Assessment, Self::CasePlan, Self::FollowUp, Self::Service];

    /// The name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::CasePlan => "case_plan",
            Self::FollowUp => "follow_up",
            Self::Service => "service",
        }
    }

    /// The field whose filling ends the task.
    pub const fn completion_field(self) -> &'static str {
        match self {
            Self::Assessment => "assessment_requested_on",
            Self::CasePlan => "date_case_plan",
            Self::FollowUp => "followup_date",
            Self::Service => "service_implemented_day_time",
        }
    }

    /// The field that the due date comes from.
    pub const fn due_field(self, from_appointment: bool) -> &'static str {
        match self {
            Self::Assessment => "assessment_due_date",
            Self::CasePlan => "case_plan_due_date",
            Self::FollowUp => "followup_needed_by_date",
            Self::Service if from_appointment => "service_appointment_date",
            Self::Service => "service_response_timeframe",
        }
    }

    /// The field of the record that collects the due dates of open tasks.
    pub const fn collected_field(self) -> &'static str {
        match self {
            Self::Assessment => "assessment_due_dates",
            Self::CasePlan => "case_plan_due_dates",
            Self::FollowUp => "followup_due_dates",
            Self::Service => "service_due_dates",
        }
    }
}

impl Task {
    /// Whether it should have been done before this day.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.due < today
    }

    /// Whether it is due within a week from this day.
    pub fn is_upcoming_soon(&self, today: Date) -> bool {
        !self.is_overdue(today) && self.due <= today.saturating_add(SOON.days())
    }
}

/// The open tasks of a record.
pub fn of(values: &Record, from_appointment: bool) -> Vec<Task> {
    let mut tasks = Vec::new();
    for kind in [TaskKind::Assessment, TaskKind::CasePlan] {
        let due = text(values, kind.due_field(false)).and_then(day);
        if let Some(due) = due.filter(|_| !is_filled(values, kind.completion_field())) {
            tasks.push(Task { kind, due, detail: None });
        }
    }
    tasks.extend(entries(values, "followup_subform_section").filter_map(follow_up));
    let service = |entry| service(entry, from_appointment);
    tasks.extend(entries(values, "services_section").filter_map(service));
    tasks
}

/// The due dates of open tasks by the field that collects them; those fields only that have any
/// or whose source the record has.
pub fn due_dates(values: &Record, from_appointment: bool) -> Record {
    let tasks = of(values, from_appointment);
    let mut dates = Record::new();
    for kind in TaskKind::ALL {
        let due: Vec<Value> =
            tasks.iter().filter(|task| task.kind == kind).map(|task| json!(task.due)).collect();
        if !due.is_empty() {
            dates.insert(kind.collected_field().into(), Value::Array(due));
        }
    }
    dates
}

/// The rows of one record's tasks. The name is hidden as in lists.
pub fn rows(document: &Record, from_appointment: bool) -> Vec<TaskRow> {
    let own = |name: &str| text(document, name).map(str::to_owned);
    let hidden = document.get("hidden_name") == Some(&Value::Bool(true));
    let name = if hidden { Some("*******".to_owned()) } else { own("name") };
    let row = |task| TaskRow {
        id: own("id").unwrap_or_default(),
        display_id: own("case_id_display").unwrap_or_default(),
        name: name.clone(),
        module: own("module_id"),
        priority: own("risk_level"),
        task,
    };
    of(document, from_appointment).into_iter().map(row).collect()
}

/// Sorts rows; equal ones by due date and id, so that pages do not overlap.
pub fn sort(rows: &mut [TaskRow], order: TaskOrder, descending: bool) {
    rows.sort_by(|left, right| {
        let by = match order {
            TaskOrder::DueDate => left.task.due.cmp(&right.task.due),
            TaskOrder::Priority => left.priority.cmp(&right.priority),
            TaskOrder::Kind => left.task.kind.as_str().cmp(right.task.kind.as_str()),
            TaskOrder::DisplayId => left.display_id.cmp(&right.display_id),
            TaskOrder::Name => left.name.cmp(&right.name),
        };
        let by = if descending { by.reverse() } else { by };
        by.then_with(|| {
            (left.task.due, &left.id, left.task.kind).cmp(&(
                right.task.due,
                &right.id,
                right.task.kind,
            ))
        })
    });
}

fn follow_up(entry: &Record) -> Option<Task> {
    let kind = TaskKind::FollowUp;
    let due = text(entry, kind.due_field(false)).and_then(day)?;
    let detail = text(entry, "followup_type").map(str::to_owned);
    (!is_filled(entry, kind.completion_field())).then_some(Task { kind, due, detail })
}

fn service(entry: &Record, from_appointment: bool) -> Option<Task> {
    let kind = TaskKind::Service;
    if is_filled(entry, kind.completion_field()) {
        return None;
    }
    let appointment =
        if from_appointment { text(entry, "service_appointment_date").and_then(day) } else { None };
    let due = appointment.or_else(|| by_timeframe(entry))?;
    Some(Task { kind, due, detail: text(entry, "service_type").map(str::to_owned) })
}

/// The response day plus the time frame, such as `24_hours` or `3_days`.
fn by_timeframe(entry: &Record) -> Option<Date> {
    let begun = moment(text(entry, "service_response_day_time")?)?;
    let span = timeframe(text(entry, "service_response_timeframe")?)?;
    let due = begun.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span).ok()?;
    Some(due.date())
}

fn timeframe(text: &str) -> Option<Span> {
    let (count, unit) = text.split_once('_')?;
    let count: i64 = count.parse().ok().filter(|count| (0..=10_000).contains(count))?;
    match unit.trim_end_matches('s') {
        "hour" => Some(count.hours()),
        "day" => Some(count.days()),
        "week" => Some(count.weeks()),
        "month" => Some(count.months()),
        _ => None,
    }
}

fn day(text: &str) -> Option<Date> {
    parse_date(text).or_else(|| Some(moment(text)?.to_zoned(jiff::tz::TimeZone::UTC).date()))
}

fn moment(text: &str) -> Option<Timestamp> {
    parse_time(text)
        .or_else(|| Some(parse_date(text)?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::record;

    fn due(values: Value, from_appointment: bool) -> Vec<(TaskKind, String)> {
        let tasks = of(&record(values), from_appointment);
        tasks.into_iter().map(|task| (task.kind, task.due.to_string())).collect()
    }

    #[test]
    fn a_task_exists_while_it_is_due_and_not_done() {
        let open = json!({
            "assessment_due_date": "2026-02-01",
            "case_plan_due_date": "2026-02-02",
            "followup_subform_section": [
                {"followup_needed_by_date": "2026-02-03", "followup_type": "home_visit"},
                {"followup_needed_by_date": "2026-02-03", "followup_date": "2026-02-01"},
                {"followup_date": "2026-02-01"},
            ],
        });
        assert_eq!(
            due(open, false),
            [
                (TaskKind::Assessment, "2026-02-01".into()),
                (TaskKind::CasePlan, "2026-02-02".into()),
                (TaskKind::FollowUp, "2026-02-03".into()),
            ]
        );
        let done = json!({
            "assessment_due_date": "2026-02-01", "assessment_requested_on": "2026-01-01",
            "case_plan_due_date": "2026-02-02", "date_case_plan": "2026-01-01",
        });
        assert_eq!(due(done, false), []);
    }

    #[test]
    fn a_service_falls_due_by_its_time_frame_or_its_appointment() {
        let service = |fields: Value| json!({ "services_section": [fields] });
        let asked = "2026-01-30T20:00:00.000Z";
        let framed = |frame: &str| {
            service(
                json!({"service_response_day_time": asked, "service_response_timeframe": frame}),
            )
        };
        let day = |values: Value, appointment| due(values, appointment).pop().map(|(_, day)| day);
        assert_eq!(day(framed("24_hours"), false).as_deref(), Some("2026-01-31"));
        assert_eq!(day(framed("1_hour"), false).as_deref(), Some("2026-01-30"));
        assert_eq!(day(framed("3_days"), true).as_deref(), Some("2026-02-02"));
        for odd in
            ["soon", "_days", "3_moons", "-3_days", "99999999999999999999_days", "9999999_days"]
        {
            assert_eq!(day(framed(odd), false), None, "{odd}");
        }
        let appointed = service(
            json!({"service_appointment_date": "2026-03-01", "service_response_day_time": asked, "service_response_timeframe": "1_day"}),
        );
        assert_eq!(day(appointed.clone(), true).as_deref(), Some("2026-03-01"));
        assert_eq!(day(appointed, false).as_deref(), Some("2026-01-31"));
        let done = service(
            json!({"service_appointment_date": "2026-03-01", "service_implemented_day_time": asked}),
        );
        assert_eq!(day(done, true), None);
    }

    #[test]
    fn overdue_is_before_today_and_soon_within_a_week() {
        let today = date(2026, 1, 31);
        let on = |due| Task { kind: TaskKind::Assessment, due, detail: None };
        let told = |due| (on(due).is_overdue(today), on(due).is_upcoming_soon(today));
        assert_eq!(told(date(2026, 1, 30)), (true, false));
        assert_eq!(told(today), (false, true));
        assert_eq!(told(date(2026, 2, 7)), (false, true));
        assert_eq!(told(date(2026, 2, 8)), (false, false));
    }

    #[test]
    fn due_dates_are_collected_by_kind() {
        let values = record(json!({
            "assessment_due_date": "2026-02-01",
            "followup_subform_section": [{"followup_needed_by_date": "2026-02-03"}, {"followup_needed_by_date": "2026-03-03"}],
        }));
        assert_eq!(
            Value::Object(due_dates(&values, false)),
            json!({"assessment_due_dates": ["2026-02-01"], "followup_due_dates": ["2026-02-03", "2026-03-03"]})
        );
    }

    #[test]
    fn rows_hide_protected_names_and_sort_by_any_column() {
        let of_case = |id: &str, name: &str, risk: &str, day: &str, hidden: bool| {
            let document = json!({"id": id, "case_id_display": id, "name": name, "hidden_name": hidden, "risk_level": risk, "assessment_due_date": day});
            rows(&record(document), false).remove(0)
        };
        let mut all = vec![
            of_case("b", "Zeina", "low", "2026-02-01", false),
            of_case("a", "Amal", "medium", "2026-02-02", true),
            of_case("c", "Musa", "high", "2026-02-01", false),
        ];
        assert_eq!(all[1].name.as_deref(), Some("*******"));
        let mut sorted = |order, descending| {
            sort(&mut all, order, descending);
            all.iter().map(|row| row.id.as_str()).collect::<String>()
        };
        assert_eq!(sorted(TaskOrder::DueDate, false), "bca");
        assert_eq!(sorted(TaskOrder::DueDate, true), "abc");
        assert_eq!(sorted(TaskOrder::Priority, false), "cba");
        assert_eq!(sorted(TaskOrder::DisplayId, false), "abc");
        assert_eq!(sorted(TaskOrder::Name, true), "bca");
    }
}
