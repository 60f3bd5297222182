//! Approvals that somebody asked for: the dashboards of each kind, one for each module.

use kit_records::system::APPROVALS;
use serde_json::{Map, Value, json};

use super::ask::Span;
use super::dashboards::{Desk, number};
use super::tally::BETWEEN;

/// What becomes of an approval.
const STATUSES: [&str; 3] = ["pending", "rejected", "approved"];
const PENDING: &str = "pending";

/// A dashboard of approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approvals {
    kind: &'static str,
    /// Those that wait, of everybody within reach; else one's own.
    team: bool,
}

impl Approvals {
    /// That of a name, such as `approvals_closure_pending`.
    pub fn named(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("approvals_")?;
        let (kind, team) = match rest.strip_suffix("_pending") {
            Some(kind) => (kind, true),
            None => (rest, false),
        };
        let kind = APPROVALS.into_iter().find(|one| *one == kind)?;
        Some(Self { kind, team })
    }

    /// What its numbers are made of.
    pub const fn measures(self) -> &'static [&'static str] {
        if self.team { &["approval_pending"] } else { &["approval"] }
    }
}

/// The field that a kind is told by.
pub fn field(kind: &str) -> String {
    format!("approval_status_{kind}")
}

/// Whether a field tells of an approval.
pub fn is_told_by(name: &str) -> bool {
    APPROVALS.iter().any(|kind| name.strip_prefix("approval_status_") == Some(kind))
}

impl Desk {
    /// The dashboards of a kind of approval: one for each module, which their names carry.
    pub fn approvals(&self, name: &str, approvals: Approvals) -> Vec<Value> {
        let modules = self.case_modules();
        let one = |module: &String| {
            let indicators = if approvals.team {
                self.waiting(approvals.kind, module)
            } else {
                self.own_approvals(approvals.kind, module)
            };
            let name = format!("dashboard.{name}.{module}");
            json!({"name": name, "type": "indicator", "indicators": indicators})
        };
        modules.iter().map(one).collect()
    }

    fn own_approvals(&self, kind: &str, module: &String) -> Value {
        let me = &self.sight.user_name;
        let found = self.owned.by_key("approval", module);
        let open = super::query::Query::open(std::slice::from_ref(module)).is("owned_by", me);
        let mut all = Map::new();
        for status in STATUSES {
            let key = format!("{kind}{BETWEEN}{status}");
            let records = found.get(&(me.as_str(), key.as_str())).copied().unwrap_or_default();
            let name = format!("approval_{kind}_{status}.{module}");
            all.insert(name, number(records, &open.clone().is(&field(kind), status)));
        }
        Value::Object(all)
    }

    fn waiting(&self, kind: &str, module: &String) -> Value {
        let found = self.counted("approval_pending", Span::Ever);
        let key = format!("{kind}{BETWEEN}{module}");
        let records = found.get(key.as_str()).copied().unwrap_or_default();
        let query = super::query::Query::open(std::slice::from_ref(module));
        let query = query.is(&field(kind), PENDING);
        json!({ format!("approval_{kind}_pending_group.{module}"): number(records, &query) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_kind_and_whose() {
        let named = |name| Approvals::named(name).map(|one| (one.kind, one.team));
        assert_eq!(named("approvals_case_plan"), Some(("case_plan", false)));
        assert_eq!(named("approvals_gbv_closure_pending"), Some(("gbv_closure", true)));
        assert_eq!((named("approvals_other"), named("workflow")), (None, None));
        assert!(is_told_by("approval_status_closure") && !is_told_by("approval_status_other"));
    }
}
