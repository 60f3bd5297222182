//! The service at work: what commands and queries share, and who is asking.

use std::sync::Arc;

use cases_domain::{Case, CaseRefusal, View};
use jiff::civil::Date;
use kit_access::{Permitted, Principal, Reach};
use kit_proto::common::v1::Parameter;
use kit_records::{CatalogIndex, RecordType};
use kit_serve::{Call, Clock, Ids, Refusal};
use kit_store::{Command, ExecuteError, Meta, Outcome, Store};
use uuid::Uuid;

use crate::catalogs::{Catalogs, Wanted};
use crate::erasures::Shredder;
use crate::people::People;
use crate::queries::totals::Totals;
use crate::refusals;
use crate::turns::Turns;

/// Everything that cases need to be at work.
#[derive(Clone)]
pub struct Cases {
    pub store: Store,
    pub catalogs: Arc<Catalogs>,
    pub people: Arc<People>,
    pub clock: Clock,
    pub ids: Ids,
    pub turns: Turns,
    /// Totals of long lists.
    pub totals: Totals,
    pub shredder: Arc<dyn Shredder>,
}

/// One call: who asks, and the one catalog that it is answered with.
#[derive(Debug)]
pub struct Asking {
    pub principal: Arc<Principal>,
    pub tenant: Uuid,
    pub index: Arc<CatalogIndex>,
    pub today: Date,
    /// The language that the caller reads.
    pub locale: Option<String>,
    request_id: Uuid,
    trace: Option<String>,
}

impl Cases {
    /// Who asks, with the catalog that their role belongs to.
    pub async fn asking(&self, call: &Call) -> Result<Asking, Refusal> {
        let principal = Arc::clone(call.principal()?);
        let tenant = call.tenant()?;
        let wanted = Wanted { at_least: call.catalog_min, epoch: principal.epoch };
        let index = self.catalogs.take(tenant, wanted).await.map_err(|error| {
            tracing::warn!(error = kit_store::cause(&error), "no catalog");
            Refusal::unavailable()
        })?;
        Ok(Asking {
            principal,
            tenant,
            index,
            today: self.clock.today(),
            locale: call.locale.clone(),
            request_id: call.request_id,
            trace: call.traceparent.clone(),
        })
    }

    /// Under what a command is stored. A repeat under the client's own id is harmless.
    pub fn meta(&self, asking: &Asking, command_id: &str) -> Meta {
        Meta {
            tenant: asking.tenant,
            actor: asking.principal.user_name.clone(),
            command_id: command_id.parse().unwrap_or_else(|_| self.ids.v7()),
            now: self.clock.now(),
            correlation: asking.request_id,
            causation: None,
            trace: asking.trace.clone(),
        }
    }

    /// Decides a command on a case when it is its turn, and stores what follows.
    pub async fn execute<C>(
        &self,
        meta: &Meta,
        id: Uuid,
        command: C,
    ) -> Result<Outcome<Case>, ExecuteError<CaseRefusal>>
    where
        C: Command<Of = Case, Refusal = CaseRefusal> + Clone + Send + Sync,
    {
        let _turn = self.turns.of(meta.tenant, id).await;
        self.store.execute(meta, id, command).await
    }

    /// A transaction for reading.
    pub async fn read(&self, asking: &Asking) -> Result<kit_store::Tx, Refusal> {
        self.store.read(asking.tenant).await.map_err(refusals::store)
    }
}

impl Asking {
    /// Refused unless the role grants `action` on cases.
    pub fn must(&self, action: &str) -> Result<(), Refusal> {
        if self.principal.may("case", action) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// The ground of all field questions, for a case of `module`.
    pub fn permitted<'a>(&'a self, module: Option<&'a str>) -> Permitted<'a> {
        Permitted {
            principal: &self.principal,
            index: &self.index,
            record_type: RecordType::Case,
            module,
        }
    }

    /// What single cases the caller reaches.
    pub fn reach(&self) -> Reach {
        Reach::of_one(&self.principal, RecordType::Case)
    }

    /// How documents are made under the tenant's settings.
    pub fn view(&self) -> View {
        View::of_settings(&self.index.settings)
    }

    /// A case's document.
    pub fn document(&self, case: &Case) -> kit_records::Record {
        cases_domain::document(case, self.view())
    }
}

/// The parameters of a call as name and value.
pub fn pairs(parameters: &[Parameter]) -> Vec<(String, String)> {
    parameters.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
}
