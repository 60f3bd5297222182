//! Places: list, show, create, change, remove, change many.

use configuration_domain::{AddPlace, RemovePlace, RevisePlace};
use kit_proto::common::v1::{DeleteRequest, GetRequest, Reply, WriteRequest};
use kit_proto::configuration::v1::find_places_reply::Place;
use kit_serve::{Call, Refusal};
use kit_store::Meta;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::{
    App, Creation, Write, answer, created, listed, may_manage, named, path_number, value,
    wrong_type,
};
use crate::params::Params;
use crate::queries::places::{self, Sorting};
use crate::refusals::{execute_refusal, store_refusal};

const KIND: &str = "Location";
/// More places than this cannot be changed in one call.
const MOST_AT_ONCE: usize = 10_000;

impl App {
    /// A page of places; not for those who may only restyle forms.
    pub async fn list_locations(&self, call: &Call, params: &Params) -> Result<Reply, Refusal> {
        let principal = call.principal()?;
        let restyles = principal.grants("metadata", "manage_restricted");
        if restyles && !principal.may("metadata", "manage") {
            return Err(Refusal::forbidden());
        }
        let page = params.page(100, i64::from(i32::MAX))?;
        let disabled = match params.list("disabled")[..] {
            ["true"] => Some(true),
            ["false"] => Some(false),
            _ => None,
        };
        let sorting =
            Sorting { by: params.get("order_by"), descending: params.get("order") == Some("desc") };
        let tenant = call.tenant()?;
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let found = places::list(&tx, tenant, disabled, sorting, page).await;
        let (rows, total) = found.map_err(store_refusal)?;
        drop(tx);
        let languages = self.seen_by(call).await?.languages();
        let whole = params.flag("hierarchy");
        let rows = rows.iter().map(|one| one.document(&languages, whole));
        Ok(listed(&rows.collect(), &page.metadata(total)))
    }

    /// Where places lie, as far as they exist.
    pub async fn find_places(&self, tenant: Uuid, codes: &[String]) -> Result<Vec<Place>, Refusal> {
        if codes.len() > MOST_AT_ONCE {
            return Err(Refusal::missing_parameter("codes"));
        }
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let found = places::hierarchies(&tx, tenant, codes).await.map_err(store_refusal)?;
        Ok(found.into_iter().map(|(code, hierarchy)| Place { code, hierarchy }).collect())
    }

    /// One place.
    pub async fn get_location(&self, call: &Call, request: &GetRequest) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_number(&request.id, KIND)?;
        Ok(answer(&self.location_document(call.tenant()?, id).await?))
    }

    /// A new place below its parent.
    pub async fn create_location(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let Write { meta, data } = self.write(call, request)?;
        let tenant = meta.tenant;
        let making = Box::pin(self.add_place(&meta, &data));
        let by = Creation { command: "AddPlace", category: "location" };
        let id = self.once(&meta, by, making).await?;
        Ok(created(&data, &self.location_document(tenant, id).await?))
    }

    async fn add_place(&self, meta: &Meta, data: &Map<String, Value>) -> Result<i64, Refusal> {
        let tenant = meta.tenant;
        let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().trim();
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let parent = places::hierarchy(&tx, tenant, text("parent_code")).await;
        let parent = parent.map_err(store_refusal)?.unwrap_or_default();
        let taken = places::hierarchy(&tx, tenant, text("code")).await.map_err(store_refusal)?;
        drop(tx);
        let id = self.store.next_number(tenant, "location").await.map_err(store_refusal)?;
        let command = AddPlace { id, data: data.clone(), parent, code_taken: taken.is_some() };
        let done = self.store.execute(meta, id, command).await;
        done.map_err(|error| execute_refusal(error, KIND))?;
        Ok(id)
    }

    /// Changes a place.
    pub async fn update_location(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_number(&request.id, KIND)?;
        let Write { meta, data } = self.write(call, request)?;
        let done = self.store.execute(&meta, id, RevisePlace { data }).await;
        done.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&self.location_document(meta.tenant, id).await?))
    }

    /// Removes a place without others below it.
    pub async fn delete_location(
        &self,
        call: &Call,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_number(&request.id, KIND)?;
        let meta = self.meta(call, &request.command_id)?;
        let tx = self.store.read(meta.tenant).await.map_err(store_refusal)?;
        let has_children =
            places::has_children(&tx, meta.tenant, id).await.map_err(store_refusal)?;
        drop(tx);
        let done = self.store.execute(&meta, id, RemovePlace { has_children }).await;
        done.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&json!({ "id": id })))
    }

    /// Changes many places, all or none.
    pub async fn update_locations(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let meta = self.meta(call, &request.command_id)?;
        let sent = changes(value(&request.data)?)?;
        let ids: Vec<i64> = sent.iter().map(|(id, _)| *id).collect();
        let missing = format!("Couldn't find all {KIND}s");
        let done = self.store.transact(&meta, "RevisePlaces", |unit| {
            let (sent, ids) = (sent.clone(), ids.clone());
            Box::pin(async move {
                unit.preload::<configuration_domain::Place>(ids).await?;
                for (id, data) in sent {
                    unit.execute(id, RevisePlace { data }).await?;
                }
                Ok(())
            })
        });
        done.await.map_err(|error| execute_refusal(error, &missing))?;
        let tx = self.store.read(meta.tenant).await.map_err(store_refusal)?;
        let rows = places::some(&tx, meta.tenant, &ids).await.map_err(store_refusal)?;
        drop(tx);
        let languages = self.seen_by(call).await?.languages();
        let total = rows.len();
        let rows = rows.iter().map(|one| one.document(&languages, true));
        Ok(listed(&rows.collect(), &json!({ "total": total })))
    }

    async fn location_document(&self, tenant: Uuid, id: i64) -> Result<Value, Refusal> {
        let languages = self.current(tenant).await?.languages();
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let row = places::get(&tx, tenant, id).await.map_err(store_refusal)?;
        let row = row.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
        Ok(row.document(&languages, true))
    }
}

/// A place's number and what is to change.
type PlaceChange = (i64, Map<String, Value>);

/// The places to change with what is to change.
fn changes(sent: Value) -> Result<Vec<PlaceChange>, Refusal> {
    let Value::Array(items) = sent else { return Err(wrong_type("", "array")) };
    if items.len() > MOST_AT_ONCE {
        return Err(wrong_type("", "shorter array"));
    }
    let change = |(position, item): (usize, Value)| match item {
        Value::Object(members) => match members.get("id").and_then(Value::as_i64) {
            Some(id) => Ok((id, members)),
            None => Err(wrong_type(&format!("/{position}/id"), "integer")),
        },
        _ => Err(wrong_type(&format!("/{position}"), "object")),
    };
    items.into_iter().enumerate().map(change).collect()
}
