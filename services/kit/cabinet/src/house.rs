//! Setting up a service that keeps records: its store with a projection for each kind, the facts
//! that go out and come in, the work in the background.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::FutureExt;
use kit_bus::{Bus, Kind as FactKind, RelayBuilder};
use kit_dossier::erasure::Erasure;
use kit_dossier::{Dossier, Kind};
use kit_proto::records::v1::records_server::RecordsServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};
use kit_shell::RemoteKeys;
use kit_store::{KeyCache, Store, StoreBuilder};
use tokio::sync::mpsc;

use crate::alert_row::AlertRow;
use crate::beside::Beside;
use crate::cabinet::{Cabinet, Drawer, Drawers};
use crate::catalogs::{CatalogSource, Catalogs};
use crate::conflict_row::ConflictRow;
use crate::erasure_row::ErasureRow;
use crate::erasures::{self, Erasures, Shredder};
use crate::facts::{ErasureFacts, RecordFacts};
use crate::flag_row::FlagRow;
use crate::inbox::{ConfigurationFacts, IdentityFacts, ServiceName};
use crate::office::Office;
use crate::people::{People, PeopleSource};
use crate::record_row::RecordRow;
use crate::records::{self, Records};
use crate::remote::Remote;
use crate::tables::Tables;
use crate::totals::Totals;
use crate::turns::Turns;
use crate::{refacet, upkeep};

/// What a service stands on; tests bring their own.
pub struct Parts {
    pub store: StoreBuilder,
    /// For the key of blind terms.
    pub keys: Arc<KeyCache>,
    pub catalogs: Arc<dyn CatalogSource>,
    pub people: Arc<dyn PeopleSource>,
    pub shredder: Arc<dyn Shredder>,
}

impl Parts {
    /// This service's database, and the other services by gRPC.
    pub fn of(shared: &Shared) -> anyhow::Result<Self> {
        let remote = Arc::new(Remote(shared.clone()));
        Ok(Self {
            store: kit_shell::store(shared)?,
            keys: RemoteKeys::cached(shared),
            catalogs: remote.clone(),
            people: remote.clone(),
            shredder: remote,
        })
    }
}

type MakeDrawer = Box<dyn FnOnce(&Office) -> Arc<dyn Drawer> + Send>;
type AddFacts = Box<dyn FnOnce(RelayBuilder) -> RelayBuilder + Send>;

/// A service under construction: say which kinds it keeps, then [`House::open`] it, or take its
/// [`House::store`] alone.
pub struct House<S> {
    service: PhantomData<S>,
    store: StoreBuilder,
    keys: Arc<KeyCache>,
    catalogs: Arc<Catalogs>,
    people: Arc<dyn PeopleSource>,
    shredder: Arc<dyn Shredder>,
    beside: Option<Arc<dyn Beside>>,
    tables: Vec<&'static Tables>,
    drawers: Vec<MakeDrawer>,
    facts: Vec<AddFacts>,
}

impl<S: ServiceName> House<S> {
    /// Keeps nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            service: PhantomData,
            store: parts.store.projection(ErasureRow),
            keys: parts.keys,
            catalogs: Arc::new(Catalogs::new(parts.catalogs)),
            people: parts.people,
            shredder: parts.shredder,
            beside: None,
            tables: Vec::new(),
            drawers: Vec::new(),
            facts: vec![Box::new(|relay| relay.facts::<Erasure>(ErasureFacts))],
        }
    }

    /// Keeps a kind of record.
    #[must_use]
    pub fn keep<K: Kind>(self) -> Self {
        self.keep_as::<K, _>(Cabinet::<K>::new)
    }

    /// Keeps a kind of record; its calls are answered by what `make` gives.
    #[must_use]
    pub fn keep_as<K: Kind, D: Drawer>(
        mut self,
        make: impl FnOnce(Office) -> D + Send + 'static,
    ) -> Self {
        let row = RecordRow::<K>::new(Arc::clone(&self.catalogs), Arc::clone(&self.keys));
        self.store = self.store.projection(row).projection(FlagRow::<K>::default());
        self.store = self.store.projection(ConflictRow::<K>::default());
        self.store = self.store.projection(AlertRow::<K>::default());
        self.tables.push(Tables::of(K::RECORD_TYPE));
        self.drawers.push(Box::new(move |office| Arc::new(make(office.clone()))));
        self.facts.push(Box::new(|relay| relay.facts::<Dossier<K>>(RecordFacts::<K>::default())));
        self
    }

    /// Records show what `beside` adds to them.
    #[must_use]
    pub fn beside(mut self, beside: impl Beside) -> Self {
        self.beside = Some(Arc::new(beside));
        self
    }

    /// The store with its read models alone.
    pub fn store(self) -> Store {
        self.store.build()
    }

    /// Everything in its place, and at work: facts go out and come in.
    pub async fn open(self, shared: &Shared, shutdown: &Shutdown) -> anyhow::Result<Open> {
        let tables: Arc<[&'static Tables]> = self.tables.clone().into();
        let office = Office {
            service: S::NAME,
            store: self.store.build(),
            catalogs: self.catalogs,
            people: Arc::new(People::new(self.people, self.tables)),
            clock: shared.clock.clone(),
            ids: shared.ids.clone(),
            turns: Turns::default(),
            totals: Totals::default(),
            shredder: self.shredder,
            restored: Arc::default(),
            beside: self.beside,
            tables,
        };
        let drawers = self.drawers.into_iter().map(|make| make(&office)).collect();
        let open = Open { office, drawers: Drawers(drawers) };
        open.office.restored.keep(&open.drawers);
        open.exchange_facts::<S>(self.facts, shared, shutdown).await?;
        Ok(open)
    }
}

/// A service that keeps records, at work.
#[derive(Clone)]
pub struct Open {
    pub office: Office,
    pub drawers: Drawers,
}

impl Open {
    /// Erasures of what is kept here.
    pub fn erasures(&self) -> Erasures {
        Erasures { office: self.office.clone(), drawers: self.drawers.clone() }
    }

    /// A server of `amparo.records.v1.Records`; add the service's own to it.
    pub fn server(&self, shared: &Shared) -> anyhow::Result<Server> {
        let records = Records { office: self.office.clone(), drawers: self.drawers.clone() };
        let records = RecordsServer::new(records)
            .max_decoding_message_size(MAX_REQUEST)
            .max_encoding_message_size(MAX_REPLY);
        let takeout = kit_shell::takeout(&self.office.store, &[]);
        let server = Server::try_new(shared)?.add(records, records::ACCESS)?;
        server.add(takeout, kit_shell::TAKEOUT_ACCESS)
    }

    /// Tells others what happens here, and hears what happens there.
    async fn exchange_facts<S: ServiceName>(
        &self,
        facts: Vec<AddFacts>,
        shared: &Shared,
        shutdown: &Shutdown,
    ) -> anyhow::Result<()> {
        let bus = kit_shell::bus(shared).await?;
        let store = &self.office.store;
        let relay = kit_shell::relay(shared, store, &bus)?;
        let relay = facts.into_iter().fold(relay, |relay, add| add(relay));
        kit_shell::run_relay(shared, relay.build(), shutdown);
        let tables = self.office.tables.to_vec();
        let heard = IdentityFacts::<S> { tables: tables.clone(), service: PhantomData };
        kit_shell::consume(shared, store, &bus, heard, shutdown)?;
        let (changed, follow) = mpsc::unbounded_channel();
        let heard = ConfigurationFacts::<S> {
            tables,
            service: PhantomData,
            catalogs: Arc::clone(&self.office.catalogs),
            keys: Arc::clone(store.keys()),
            changed: changed.clone(),
        };
        kit_shell::consume(shared, store, &bus, heard, shutdown)?;
        tokio::spawn(refacet::keep_facets(self.office.clone(), follow));
        self.follow_daily(changed, shared, shutdown);
        let erasures = self.erasures();
        tokio::spawn(erasures::look_after(erasures, shared.clone(), shutdown.clone()));
        let catalogs = Arc::clone(&self.office.catalogs);
        tokio::spawn(expire_catalogs(bus, catalogs, shutdown.clone()));
        Ok(())
    }

    /// Records that have not followed new forms yet are looked for once a day.
    fn follow_daily(
        &self,
        changed: mpsc::UnboundedSender<uuid::Uuid>,
        shared: &Shared,
        shutdown: &Shutdown,
    ) {
        let work: upkeep::Daily = Box::new(move |tenant, _| {
            // Nobody listens any more when the process is stopping.
            let _ = changed.send(tenant);
            std::future::ready(Ok(1)).boxed()
        });
        let clock = self.office.clock.clone();
        tokio::spawn(upkeep::each_day(clock, shared.clone(), shutdown.clone(), "forms", work));
    }
}

/// Every process has catalogs of its own, and so each listens for new ones by itself.
async fn expire_catalogs(bus: Bus, catalogs: Arc<Catalogs>, shutdown: Shutdown) {
    let Ok(mut heard) = bus.overhear("configuration").await else { return };
    loop {
        let fact = tokio::select! {
            fact = heard.next() => fact,
            () = shutdown.wait() => None,
        };
        let Some(fact) = fact else { return };
        if let (Some(FactKind::CatalogChanged(_)), Ok(tenant)) = (&fact.kind, fact.tenant.parse()) {
            catalogs.expire(tenant);
        }
    }
}
