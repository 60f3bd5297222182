//! Who may reach an rpc at all: denied unless a service lists it, checked against the contract.

use std::collections::HashMap;

use anyhow::bail;

/// What an rpc demands of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A signed-in person.
    Principal,
    /// The same, also while they still have to set up the second factor that their role demands.
    Enrolling,
    /// Another service of this installation.
    Internal,
    /// One or the other.
    Either,
    /// Nothing; only for health.
    Open,
}

/// The rpcs of one gRPC service and what they demand. Every rpc is listed exactly once.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    service: &'static str,
    principal: &'static [&'static str],
    enrolling: &'static [&'static str],
    internal: &'static [&'static str],
    either: &'static [&'static str],
    open: &'static [&'static str],
}

impl Access {
    /// Nothing allowed yet; `service` with its package, as in `amparo.cases.v1.Cases`.
    pub const fn new(service: &'static str) -> Self {
        Self { service, principal: &[], enrolling: &[], internal: &[], either: &[], open: &[] }
    }

    /// These are for signed-in people.
    #[must_use]
    pub const fn principal(mut self, rpcs: &'static [&'static str]) -> Self {
        self.principal = rpcs;
        self
    }

    /// These are for signed-in people, also before they have the second factor that their role
    /// demands.
    #[must_use]
    pub const fn enrolling(mut self, rpcs: &'static [&'static str]) -> Self {
        self.enrolling = rpcs;
        self
    }

    /// These are for other services.
    #[must_use]
    pub const fn internal(mut self, rpcs: &'static [&'static str]) -> Self {
        self.internal = rpcs;
        self
    }

    /// These are for both.
    #[must_use]
    pub const fn either(mut self, rpcs: &'static [&'static str]) -> Self {
        self.either = rpcs;
        self
    }

    pub(crate) const fn open(mut self, rpcs: &'static [&'static str]) -> Self {
        self.open = rpcs;
        self
    }

    /// Fails unless the lists and the contract name the same rpcs, each once.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut listed: Vec<String> = self.entries().map(|(rpc, _)| rpc.to_owned()).collect();
        let mut contract: Vec<String> = kit_proto::rpcs()
            .into_iter()
            .filter_map(|(service, rpc)| (service == self.service).then_some(rpc))
            .collect();
        listed.sort();
        contract.sort();
        if listed != contract {
            bail!("access to {}: listed {listed:?}, in the contract {contract:?}", self.service);
        }
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = (&'static str, Demand)> {
        let each =
            |rpcs: &'static [&'static str], demand| rpcs.iter().map(move |rpc| (*rpc, demand));
        each(self.principal, Demand::Principal)
            .chain(each(self.enrolling, Demand::Enrolling))
            .chain(each(self.internal, Demand::Internal))
            .chain(each(self.either, Demand::Either))
            .chain(each(self.open, Demand::Open))
    }
}

/// The demands of all rpcs that a server answers, by path.
#[derive(Debug, Clone, Default)]
pub struct AccessTable(HashMap<String, Demand>);

impl AccessTable {
    /// Adds a service's rpcs.
    pub fn add(&mut self, access: Access) -> anyhow::Result<()> {
        access.check()?;
        for (rpc, demand) in access.entries() {
            self.0.insert(format!("/{}/{rpc}", access.service), demand);
        }
        Ok(())
    }

    /// What the rpc at `path` demands; nothing is known of those not listed.
    pub fn demand(&self, path: &str) -> Option<Demand> {
        self.0.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORTING: Access = Access::new("amparo.reporting.v1.Reporting");
    const ALL: &[&str] = &[
        "ListAuditLogs",
        "ListAccessLog",
        "ListAccessUsers",
        "ListActivityLog",
        "ListReadingAlarms",
        "ListDashboards",
        "GetHome",
        "GetReading",
        "GetActivity",
    ];

    #[test]
    fn an_rpc_that_is_forgotten_or_doubled_is_noticed() {
        assert!(REPORTING.principal(ALL).check().is_ok());
        assert!(REPORTING.principal(&["ListAuditLogs"]).check().is_err());
        assert!(REPORTING.principal(ALL).internal(&["ListAuditLogs"]).check().is_err());
    }

    #[test]
    fn unknown_paths_demand_nothing_that_could_be_met() {
        let mut table = AccessTable::default();
        table.add(REPORTING.principal(ALL)).unwrap();
        let path = "/amparo.reporting.v1.Reporting/ListAuditLogs";
        assert_eq!(table.demand(path), Some(Demand::Principal));
        assert_eq!(table.demand("/amparo.reporting.v1.Reporting/Nothing"), None);
    }
}
