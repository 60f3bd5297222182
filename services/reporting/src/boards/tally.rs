//! What one record adds to which counts. Pure: the kept counts are the sum of this over all rows,
//! which is what a test holds them to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::assigning::assigned;
use super::told::Row;

/// One count of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// What is counted; of records other than cases with the type's name before it.
    pub measure: String,
    /// A day's number, a node of [`nodes_of`], or a minute's; 0 for what has no day.
    pub day: i32,
    /// Who sees it; see [`Scopes`].
    pub scope: String,
    pub module: String,
    /// The value that is counted, such as `high`.
    pub key: String,
}

/// Between the two parts of a key; in no code.
pub const BETWEEN: char = '\u{1f}';

/// Counts, each with how many records.
pub type Tally = BTreeMap<Cell, i64>;

/// Scopes by the first letter of their names. A record is in `all`, in `u:` of each of its people,
/// in `a:` of each of their agencies, in one `c:` (its cohort: the set of its people's groups), in
/// `i:` of who identified it, and in `o:` of its owner; what somebody received of others is in their
/// `o:` too.
pub mod scope {
    use super::{BTreeSet, Uuid};

    pub const ALL: &str = "all";

    pub fn user(name: &str) -> String {
        format!("u:{name}")
    }

    pub fn agency(id: &str) -> String {
        format!("a:{id}")
    }

    pub fn identified(by: &str) -> String {
        format!("i:{by}")
    }

    pub fn owner(name: &str) -> String {
        format!("o:{name}")
    }

    /// Whether few records are counted there, so that its counts need few parts.
    pub fn is_personal(scope: &str) -> bool {
        scope.starts_with("u:") || scope.starts_with("o:") || scope.starts_with("i:")
    }

    /// The cohort of a set of groups. Several groups of a reader add up by it without counting a
    /// record twice: a record is in one cohort only.
    pub fn cohort(groups: &BTreeSet<String>) -> String {
        let names: Vec<&str> = groups.iter().map(String::as_str).collect();
        format!("c:{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, names.join("\u{1f}").as_bytes()))
    }
}

/// The first day that has a number above zero.
const FIRST: Date = date(2000, 1, 1);
/// Days beyond this number are the last one: some eighty-nine years.
const LAST: i32 = 1 << 15;

/// A day's number, which grows day by day.
pub fn number_of(day: Date) -> i32 {
    let days = FIRST.until(day).map_or(0, |span| span.get_days());
    days.saturating_add(1).clamp(1, LAST)
}

/// The nodes that count a day: those of a binary indexed tree, at most sixteen.
pub fn nodes_of(day: Date) -> impl Iterator<Item = i32> {
    let next = |at: &i32| Some(at + (at & -at)).filter(|at| *at <= LAST);
    std::iter::successors(Some(number_of(day)), next)
}

/// The nodes that together count everything until a day, the day included.
pub fn nodes_until(day: Date) -> Vec<i32> {
    let next = |at: &i32| Some(at - (at & -at)).filter(|at| *at > 0);
    std::iter::successors(Some(number_of(day)), next).collect()
}

/// Adds what a row counts for, `times` times: 1 when it comes, -1 when it goes.
pub fn add(tally: &mut Tally, row: &Row, record_type: &str, times: i64) {
    if !row.told.enabled {
        return;
    }
    let mut counts = Vec::new();
    shared(row, record_type == "case", &mut |measure, day, key| {
        counts.push((measure, day, key.to_owned()));
    });
    let prefix = if record_type == "case" { String::new() } else { format!("{record_type}.") };
    let mut put = |scope: &str, measure: &str, day: i32, key: &str| {
        let cell = Cell {
            measure: format!("{prefix}{measure}"),
            day,
            scope: scope.to_owned(),
            module: row.told.module.clone(),
            key: key.to_owned(),
        };
        *tally.entry(cell).or_default() += times;
    };
    for scope in reaching(row) {
        for (measure, day, key) in &counts {
            put(&scope, measure, *day, key);
        }
    }
    if record_type == "case" && row.told.status == "open" {
        for (name, measure) in row.told.sharing.received() {
            put(&scope::owner(name), measure, 0, "");
        }
    }
    if record_type == "case" && !row.told.owner.is_empty() {
        let scope = scope::owner(&row.told.owner);
        owned(row, &mut |measure, day, key| put(&scope, measure, day, key));
    }
}

/// What has come to zero is as if it had never been.
pub fn settle(tally: &mut Tally) {
    tally.retain(|_, records| *records != 0);
}

/// The scopes within whose reach a record is.
fn reaching(row: &Row) -> Vec<String> {
    let mut scopes = vec![scope::ALL.to_owned()];
    scopes.extend(row.told.people.iter().map(|name| scope::user(name)));
    scopes.extend(row.placed.agencies.iter().map(|id| scope::agency(id)));
    if !row.placed.groups.is_empty() {
        scopes.push(scope::cohort(&row.placed.groups));
    }
    scopes.extend(row.told.identified_by.iter().map(|by| scope::identified(by)));
    scopes
}

/// What everybody counts who reaches a record.
fn shared(row: &Row, is_case: bool, put: &mut impl FnMut(&'static str, i32, &str)) {
    let told = &row.told;
    let (open, closed) = (told.status == "open", told.status == "closed");
    put("status", 0, &told.status);
    if open && told.updated {
        put("updated", 0, "");
    }
    if open && told.flagged {
        put("flagged", 0, "");
    }
    if !is_case {
        if open {
            violations(row, put);
        }
        return;
    }
    if open && told.incidents {
        put("with_incidents", 0, "");
    }
    if open {
        told.sharing.shared(put);
        let waiting = told.approvals.iter().filter(|(_, status)| *status == "pending");
        for (kind, _) in waiting {
            put("approval_pending", 0, &format!("{kind}{BETWEEN}{}", told.module));
        }
    }
    let place = told.place.as_ref().or(row.placed.owners_place.as_ref());
    let keys = |put: &mut dyn FnMut(&'static str, &str), on: [&'static str; 3]| {
        put(on[0], "");
        told.concerns.iter().for_each(|concern| put(on[1], concern));
        if let Some(code) = place {
            put(on[2], code);
        }
    };
    told.concerns.iter().for_each(|concern| put("concern", 0, concern));
    if open {
        put("risk", 0, told.risk.as_deref().unwrap_or_default());
        keys(&mut |measure, key| put(measure, 0, key), ["open", "concern_open", "place_open"]);
    }
    if let Some(day) = told.created.filter(|_| open) {
        let on = ["new", "concern_new", "place_new"];
        keys(&mut |measure, key| put(measure, number_of(day), key), on);
    }
    if let Some(day) = told.closed.filter(|_| closed) {
        let on = ["closed", "concern_closed", "place_closed"];
        keys(&mut |measure, key| put(measure, number_of(day), key), on);
    }
}

/// What is counted of an open incident with grave violations.
fn violations(row: &Row, put: &mut impl FnMut(&'static str, i32, &str)) {
    let told = &row.told;
    told.violations.iter().for_each(|one| put("violation", 0, one));
    told.parties.iter().for_each(|party| put("party", 0, party));
    for (place, category) in told
        .place
        .iter()
        .flat_map(|place| told.categories.iter().map(move |category| (place, category)))
    {
        put("category_place", 0, &format!("{place}{BETWEEN}{category}"));
    }
}

/// What is counted by owner only.
fn owned(row: &Row, put: &mut impl FnMut(&str, i32, &str)) {
    let told = &row.told;
    let open = told.status == "open";
    if open || told.status == "closed" {
        put("workflow", 0, told.workflow.as_deref().unwrap_or_default());
    }
    if !open {
        return;
    }
    put("owned", 0, "");
    put("owned_risk", 0, told.risk.as_deref().unwrap_or_default());
    if told.updated {
        put("owned_updated", 0, "");
    }
    if told.new_incidents {
        put("owned_new_incidents", 0, "");
    }
    for (kind, status) in &told.approvals {
        put("approval", 0, &format!("{kind}{BETWEEN}{status}"));
    }
    assigned(told, put);
    told.sharing.sent(put);
    for (kind, days) in &told.due {
        // A case is late by its first task; each task is on its owner's list.
        let late = format!("late_{kind}");
        days.first()
            .into_iter()
            .flat_map(|day| nodes_of(*day))
            .for_each(|node| put(&late, node, ""));
        let task = format!("task_{kind}");
        days.iter().flat_map(|day| nodes_of(*day)).for_each(|node| put(&task, node, ""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_until_add_up_to_each_day_once() {
        let days = [date(1999, 12, 31), date(2000, 1, 1), date(2026, 11, 21), date(2026, 11, 22)];
        for until in days {
            for day in days {
                let nodes = nodes_until(until);
                let counted = nodes_of(day).filter(|node| nodes.contains(node)).count();
                assert_eq!(
                    counted,
                    usize::from(number_of(day) <= number_of(until)),
                    "{day} {until}"
                );
            }
        }
        assert!(nodes_until(date(2026, 11, 22)).len() <= 15);
    }
}
