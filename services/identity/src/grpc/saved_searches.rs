//! Saved searches (contract 10.3): everyone's own.

use identity_domain::{DeleteSavedSearch, SaveSearch, SavedSearch, SearchFilter};
use kit_proto::common::v1::{DeleteRequest, ListRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::KeyState;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::body::Body;
use crate::documents::saved_search_document;
use crate::parameters::Parameters;
use crate::projections::saved_search_context;
use crate::refused::stored;
use crate::shell::{
    Shell, answer_about, answer_list, body_of, chosen_id, kept, missing, number_in_path,
};

const KIND: &str = "SavedSearch";

impl Shell {
    pub(super) async fn list_saved_searches(
        &self,
        call: &Call,
        message: ListRequest,
    ) -> Result<Reply, Refusal> {
        self.directory(call).await?;
        let parameters = Parameters(&message.parameters);
        let wanted = parameters.text("record_type");
        let searches = self.searches_of(call.tenant()?, call.principal()?.user_id).await?;
        let documents: Vec<Value> = searches
            .iter()
            .filter(|search| wanted.is_none_or(|kind| search.record_type == kind))
            .map(saved_search_document)
            .collect();
        let (part, metadata) = parameters.paging(20)?.cut(documents);
        answer_list(&part, &metadata)
    }

    async fn searches_of(&self, tenant: Uuid, user: i64) -> Result<Vec<SavedSearch>, Refusal> {
        let tx = kept(self.store.read(tenant).await)?;
        let sql = "select number, key_id, document from saved_search \
             where tenant = $1 and user_number = $2 order by number";
        let rows = kept(tx.query(sql, &[&tenant, &user]).await)?;
        drop(tx);
        let sealed: Vec<(i64, Uuid, Vec<u8>)> = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
            .collect::<Result<_, tokio_postgres::Error>>()
            .map_err(|error| stored(error.into()))?;
        let keys = kept(self.store.keys().open(tenant, sealed.iter().map(|row| row.1)).await)?;
        let mut searches = Vec::with_capacity(sealed.len());
        for (number, key, document) in sealed {
            let Some(key) = keys.get(&key).and_then(KeyState::live) else { continue };
            let json = key
                .open(&saved_search_context(&tenant, &number.to_be_bytes()), &document)
                .map_err(|_| Refusal::internal("a saved search does not open"))?;
            searches.push(serde_json::from_slice(&json).map_err(Refusal::internal)?);
        }
        Ok(searches)
    }

    pub(super) async fn create_saved_search(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        self.directory(call).await?;
        let body = body_of(&message)?;
        let (sent_id, _) = chosen_id(&body);
        let name = body.text("name").flatten().unwrap_or_default();
        let record_type = body.text("record_type").flatten().unwrap_or_default();
        let modules = body.texts("module_ids").unwrap_or_default();
        let filters = filters(&body);
        body.finish()?;
        let user = call.principal()?.user_id;
        let making = Box::pin(async {
            let number = kept(self.store.next_number(meta.tenant, "saved_search").await)?;
            let save = SaveSearch { number, user, name, record_type, modules, filters };
            self.create(&meta, number, save, KIND).await
        });
        let number = self.once(&meta, "SaveSearch", making).await?;
        let saved = kept(self.store.load::<SavedSearch>(meta.tenant, number).await)?;
        answer_about(number, &saved_search_document(&saved.state), sent_id)
    }

    pub(super) async fn delete_saved_search(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        if number <= 0 {
            return Err(missing(KIND, number));
        }
        let delete = DeleteSavedSearch { user: call.principal()?.user_id };
        let outcome = self.change(&meta, number, delete, KIND).await?;
        answer_about(number, &saved_search_document(&outcome.state), false)
    }
}

/// `[{"name", "value"}]`; a value is a list or an object.
fn filters(body: &Body) -> Vec<SearchFilter> {
    let mut filters = Vec::new();
    for (index, filter) in body.items("filters").into_iter().flatten().enumerate() {
        let value = filter.get("value").cloned().unwrap_or_else(|| json!([]));
        match filter.get("name").and_then(Value::as_str) {
            Some(name) => filters.push(SearchFilter { name: name.to_owned(), value }),
            None => body.note(format!("/filters/{index}/name"), "wrong_type"),
        }
    }
    filters
}
