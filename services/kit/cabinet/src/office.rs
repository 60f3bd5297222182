//! The office: what all record types of a service share, and who is asking.

use std::sync::Arc;

use jiff::civil::Date;
use kit_access::{Permitted, Principal, Reach};
use kit_decider::Aggregate;
use kit_dossier::{Dossier, Kind, Refusal as DossierRefusal};
use kit_proto::common::v1::Parameter;
use kit_records::{CatalogIndex, RecordType};
use kit_serve::{Call, Clock, Ids, Refusal};
use kit_store::{Command, ExecuteError, Meta, Outcome, Store};
use uuid::Uuid;

use crate::beside::Beside;
use crate::catalogs::{Catalogs, Schemas, Wanted};
use crate::erasures::{Restored, Shredder};
use crate::people::People;
use crate::refusals;

use crate::tables::Tables;
use crate::totals::Totals;
use crate::turns::Turns;

/// Everything that the records of a service need to be at work.
#[derive(Clone)]
pub struct Office {
    /// The service's name.
    pub service: &'static str,
    pub store: Store,
    pub catalogs: Arc<Catalogs>,
    pub people: Arc<People>,
    pub clock: Clock,
    pub ids: Ids,
    pub turns: Turns,
    /// Totals of long lists.
    pub totals: Totals,
    pub shredder: Arc<dyn Shredder>,
    /// What a restored backup has forgotten.
    pub restored: Arc<Restored>,
    /// What records show of others.
    pub beside: Option<Arc<dyn Beside>>,
    /// What is kept here.
    pub tables: Arc<[&'static Tables]>,
}

/// One call: who asks, of which records, and the one catalog that it is answered with.
#[derive(Debug, Clone)]
pub struct Asking {
    pub principal: Arc<Principal>,
    pub tenant: Uuid,
    pub record_type: RecordType,
    pub index: Arc<CatalogIndex>,
    pub today: Date,
    /// The language that the caller reads.
    pub locale: Option<String>,
    /// The call as it came in, to ask other services on.
    pub call: Call,
    /// What callers may write, as far as it is known.
    pub schemas: Arc<Schemas>,
}

impl Office {
    /// Who asks, with the catalog that their role belongs to.
    pub async fn asking(&self, call: &Call, record_type: RecordType) -> Result<Asking, Refusal> {
        let principal = Arc::clone(call.principal()?);
        let tenant = call.tenant()?;
        self.erased_again(tenant).await?;
        let wanted = Wanted { at_least: call.catalog_min, epoch: principal.epoch };
        let index = self.catalogs.take(tenant, wanted).await.map_err(|error| {
            tracing::warn!(error = kit_store::cause(&error), "no catalog");
            Refusal::unavailable()
        })?;
        Ok(Asking {
            principal,
            tenant,
            record_type,
            index,
            today: self.clock.today(),
            locale: call.locale.clone(),
            call: call.clone(),
            schemas: Arc::clone(&self.catalogs.schemas),
        })
    }

    /// Under what a command is stored. A repeat under the client's own id is harmless.
    pub fn meta(&self, asking: &Asking, command_id: &str) -> Meta {
        Meta {
            tenant: asking.tenant,
            actor: asking.principal.user_name.clone(),
            command_id: command_id.parse().unwrap_or_else(|_| self.ids.v7()),
            now: self.clock.now(),
            correlation: asking.call.request_id,
            causation: None,
            trace: asking.call.traceparent.clone(),
        }
    }

    /// Under what the service itself acts.
    pub fn own_meta(&self, tenant: Uuid) -> Meta {
        Meta {
            tenant,
            actor: self.service.to_owned(),
            command_id: self.ids.v7(),
            now: self.clock.now(),
            correlation: self.ids.v7(),
            causation: None,
            trace: None,
        }
    }

    /// Decides a command on a record when it is its turn, and stores what follows.
    pub async fn execute<K, C>(
        &self,
        meta: &Meta,
        id: Uuid,
        command: C,
    ) -> Result<Outcome<Dossier<K>>, ExecuteError<DossierRefusal>>
    where
        K: Kind,
        Dossier<K>: kit_store::Stored + Aggregate,
        C: Command<Of = Dossier<K>, Refusal = DossierRefusal> + Clone + Send + Sync,
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
    /// The same call, as far as it is about records of another type.
    #[must_use]
    pub fn about(&self, record_type: RecordType) -> Self {
        Self { record_type, ..self.clone() }
    }

    /// The tables of what is asked about.
    pub const fn tables(&self) -> &'static Tables {
        Tables::of(self.record_type)
    }

    /// Whether the role grants `action` on these records.
    pub fn may(&self, action: &str) -> bool {
        self.principal.may(self.record_type.as_str(), action)
    }

    /// Refused unless it does.
    pub fn must(&self, action: &str) -> Result<(), Refusal> {
        if self.may(action) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// The ground of all field questions, for a record of `module`.
    pub fn permitted<'a>(&'a self, module: Option<&'a str>) -> Permitted<'a> {
        Permitted {
            principal: &self.principal,
            index: &self.index,
            record_type: self.record_type,
            module,
        }
    }

    /// What records the caller reaches.
    pub fn reach(&self) -> Reach {
        Reach::of(&self.principal, self.record_type)
    }
}

/// The parameters of a call as name and value.
pub fn pairs(parameters: &[Parameter]) -> Vec<(String, String)> {
    parameters.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
}
