//! A cabinet: all that may be asked of the records of one kind.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kit_dossier::{Dossier, Kind};
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::records::v1::{ImportRecordsReply, ImportRecordsRequest};
use kit_records::RecordType;
use kit_serve::{Call, Refusal};
use kit_store::{Burial, Meta, StoreError};
use serde_json::Value;
use uuid::Uuid;

use crate::office::{Asking, Office};
use crate::rows::remove_rows;
use crate::tables::Tables;

/// The records of one kind.
#[derive(Clone)]
pub struct Cabinet<K> {
    pub office: Office,
    kind: PhantomData<K>,
}

impl<K> std::fmt::Debug for Cabinet<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cabinet").finish_non_exhaustive()
    }
}

impl<K: Kind> Cabinet<K> {
    pub const fn new(office: Office) -> Self {
        Self { office, kind: PhantomData }
    }
}

/// What an asynchronous call answers.
pub type Answering<'a> = BoxFuture<'a, Result<Reply, Refusal>>;

/// The calls of `amparo.records.v1.Records`, of one record type.
///
/// A [`Cabinet`] answers them all. A service wraps it ([`Drawer::within`]) where a call means more
/// to it.
pub trait Drawer: Send + Sync + 'static {
    /// Who answers what this one does not answer itself.
    fn within(&self) -> &dyn Drawer;

    fn record_type(&self) -> RecordType {
        self.within().record_type()
    }

    fn list<'a>(&'a self, asking: &'a Asking, request: &'a ListRequest) -> Answering<'a> {
        self.within().list(asking, request)
    }

    fn get<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().get(asking, request)
    }

    fn create<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().create(asking, request)
    }

    fn update<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().update(asking, request)
    }

    fn disable<'a>(&'a self, asking: &'a Asking, request: &'a DeleteRequest) -> Answering<'a> {
        self.within().disable(asking, request)
    }

    fn history<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().history(asking, request)
    }

    fn access_log<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().access_log(asking, request)
    }

    fn conflicts<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().conflicts(asking, request)
    }

    fn settle<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().settle(asking, request)
    }

    fn record_flags<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().record_flags(asking, request)
    }

    fn flag<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().flag(asking, request)
    }

    fn change_flag<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().change_flag(asking, request)
    }

    fn flag_many<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().flag_many(asking, request)
    }

    fn record_alerts<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().record_alerts(asking, request)
    }

    fn dismiss_alert<'a>(
        &'a self,
        asking: &'a Asking,
        request: &'a DeleteRequest,
    ) -> Answering<'a> {
        self.within().dismiss_alert(asking, request)
    }

    fn count_alerts<'a>(&'a self, asking: &'a Asking, request: &'a ListRequest) -> Answering<'a> {
        self.within().count_alerts(asking, request)
    }

    /// Takes over whole records, as an operator asks for it.
    fn import<'a>(
        &'a self,
        call: &'a Call,
        request: &'a ImportRecordsRequest,
    ) -> BoxFuture<'a, Result<ImportRecordsReply, Refusal>> {
        self.within().import(call, request)
    }

    fn open_conflicts<'a>(&'a self, asking: &'a Asking, request: &'a ListRequest) -> Answering<'a> {
        self.within().open_conflicts(asking, request)
    }

    fn sync<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.within().sync(asking, request)
    }

    fn visibility<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.within().visibility(asking, request)
    }

    /// Closes the stream of a record for good and takes its rows away.
    fn bury<'a>(
        &'a self,
        meta: &'a Meta,
        id: Uuid,
        note: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Burial>, StoreError>> {
        self.within().bury(meta, id, note)
    }
}

impl<K: Kind> Drawer for Cabinet<K> {
    /// Itself: it answers everything.
    fn within(&self) -> &dyn Drawer {
        self
    }

    fn record_type(&self) -> RecordType {
        K::RECORD_TYPE
    }

    fn list<'a>(&'a self, asking: &'a Asking, request: &'a ListRequest) -> Answering<'a> {
        self.office.list_records(asking, request).boxed()
    }

    fn get<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.office.get_record(asking, request).boxed()
    }

    fn create<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.create_record(asking, request).boxed()
    }

    fn update<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.update_record(asking, request).boxed()
    }

    fn disable<'a>(&'a self, asking: &'a Asking, request: &'a DeleteRequest) -> Answering<'a> {
        self.disable_record(asking, request).boxed()
    }

    fn history<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.list_record_history(asking, request).boxed()
    }

    fn open_conflicts<'a>(&'a self, asking: &'a Asking, request: &'a ListRequest) -> Answering<'a> {
        self.office.list_open_conflicts(asking, request).boxed()
    }

    fn sync<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.office.sync_records(asking, request).boxed()
    }

    fn visibility<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.office.list_visibility(asking, request).boxed()
    }

    fn access_log<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.office.check_access_log(asking, request).boxed()
    }

    fn conflicts<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.list_conflicts(asking, request).boxed()
    }

    fn settle<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.settle_conflict(asking, request).boxed()
    }

    fn record_flags<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.list_record_flags(asking, request).boxed()
    }

    fn flag<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.create_flag(asking, request).boxed()
    }

    fn change_flag<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.update_flag(asking, request).boxed()
    }

    fn flag_many<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.flag_records(asking, request).boxed()
    }

    fn record_alerts<'a>(&'a self, asking: &'a Asking, request: &'a GetRequest) -> Answering<'a> {
        self.list_record_alerts(asking, request).boxed()
    }

    fn dismiss_alert<'a>(
        &'a self,
        asking: &'a Asking,
        request: &'a DeleteRequest,
    ) -> Answering<'a> {
        self.remove_alert(asking, request).boxed()
    }

    fn count_alerts<'a>(&'a self, asking: &'a Asking, _: &'a ListRequest) -> Answering<'a> {
        self.office.count_alerts(asking).boxed()
    }

    fn import<'a>(
        &'a self,
        call: &'a Call,
        request: &'a ImportRecordsRequest,
    ) -> BoxFuture<'a, Result<ImportRecordsReply, Refusal>> {
        self.import_records(call, request).boxed()
    }

    fn bury<'a>(
        &'a self,
        meta: &'a Meta,
        id: Uuid,
        note: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Burial>, StoreError>> {
        let tables = Tables::of(K::RECORD_TYPE);
        let buried = async move {
            let _turn = self.office.turns.of(meta.tenant, id).await;
            let removed = self.office.store.bury::<Dossier<K>>(meta, id, note, |tx| {
                remove_rows(tx, tables, meta.tenant, id).boxed()
            });
            removed.await
        };
        buried.boxed()
    }
}

/// The record types that a service serves.
#[derive(Clone)]
pub struct Drawers(pub Arc<[Arc<dyn Drawer>]>);

impl Drawers {
    /// That of a type.
    pub fn of(&self, record_type: RecordType) -> Option<&Arc<dyn Drawer>> {
        self.0.iter().find(|one| one.record_type() == record_type)
    }

    /// That of a type by its name, such as `case`.
    pub fn named(&self, record_type: &str) -> Option<&Arc<dyn Drawer>> {
        self.0.iter().find(|one| one.record_type().as_str() == record_type)
    }
}
