//! Agencies (contract 8.7).

use identity_domain::{Agency, AgencyAttributes, CreateAgency, DisableAgency, Patch, UpdateAgency};
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use serde_json::{Value, json};

use crate::bodies::{AGENCY_KEYS, agency_attributes, agency_patch};
use crate::directory::Directory;
use crate::documents::agency_document;
use crate::files::Uploads;
use crate::parameters::{Parameters, sort_by};
use crate::refused::domain;
use crate::shell::{
    Shell, answer_about, answer_list, body_of, chosen_id, kept, missing, number_in_path,
};

const KIND: &str = "Agency";

impl Shell {
    pub(super) async fn list_agencies(
        &self,
        call: &Call,
        message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("agency", "read") {
            return Err(Refusal::forbidden());
        }
        let parameters = Parameters(&message.parameters);
        let disabled = parameters.booleans("disabled");
        let managed = parameters.flag("managed");
        let wanted = |agency: &Agency| {
            (disabled.is_empty() || disabled.contains(&agency.attributes.disabled))
                && (!managed || by.handles_agency(&agency.unique_id))
        };
        let agencies = directory.agencies.values().filter(|agency| wanted(agency));
        let mut documents: Vec<Value> =
            agencies.map(|agency| agency_document(agency, &directory.locales)).collect();
        if let (Some(attribute), descending) = parameters.order() {
            let locale = parameters.text("locale").unwrap_or("en");
            sort_by(&mut documents, attribute, descending, locale);
        }
        let (part, metadata) = parameters.paging(20)?.cut(documents);
        answer_list(&part, &metadata)
    }

    pub(super) async fn get_agency(
        &self,
        call: &Call,
        message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let agency = directory.agencies.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        if !by.may("agency", "read") || !by.handles_agency(&agency.unique_id) {
            return Err(Refusal::forbidden());
        }
        answer_about(number, &agency_document(agency, &directory.locales), false)
    }

    pub(super) async fn create_agency(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("agency", "create") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        body.refuse_nulls(&AGENCY_KEYS);
        let (sent_id, chosen) = chosen_id(&body);
        let mut patch = agency_patch(&body);
        let unique_id = body.text("unique_id").flatten().filter(|id| !id.is_empty());
        let uploads = Uploads::read(&body, meta.now)?;
        patch.extend(uploads.patch());
        let making = Box::pin(async {
            kept(uploads.keep(&self.store, meta.tenant).await)?;
            let attributes = agency_attributes(&patch).map_err(|no| domain(no, KIND))?;
            let unique_id = unique_id.unwrap_or_else(|| attributes.agency_code.clone());
            let unique_id_taken = directory.agency(&unique_id).is_some();
            let code_taken = is_code_taken(&directory, &attributes.agency_code, None);
            let taken = |number| directory.agencies.contains_key(&number);
            let number = self.number_for(meta.tenant, "agency", chosen, taken).await?;
            let create =
                CreateAgency { by, number, unique_id, attributes, unique_id_taken, code_taken };
            self.create(&meta, number, create, KIND).await
        });
        let number = self.once(&meta, "CreateAgency", making).await?;
        self.agency_reply(call, number, sent_id).await
    }

    pub(super) async fn update_agency(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let agency = directory.agencies.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        if !by.may("agency", "write") || !by.handles_agency(&agency.unique_id) {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        body.refuse_nulls(&AGENCY_KEYS);
        let mut patch = agency_patch(&body);
        let uploads = Uploads::read(&body, meta.now)?;
        patch.extend(uploads.patch());
        kept(uploads.keep(&self.store, meta.tenant).await)?;
        let code_taken =
            code_of(&patch).is_some_and(|code| is_code_taken(&directory, code, Some(number)));
        self.change(&meta, number, UpdateAgency { by, patch, code_taken }, KIND).await?;
        self.agency_reply(call, number, false).await
    }

    pub(super) async fn delete_agency(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        if !directory.agencies.contains_key(&number) {
            return Err(missing(KIND, number));
        }
        let by = self.authority(call, &directory)?;
        self.change(&meta, number, DisableAgency { by }, KIND).await?;
        answer_about(number, &json!({"id": number}), false)
    }

    async fn agency_reply(
        &self,
        call: &Call,
        number: i64,
        sent_id: bool,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let agency = directory.agencies.get(&number).ok_or_else(|| missing(KIND, number))?;
        answer_about(number, &agency_document(agency, &directory.locales), sent_id)
    }
}

fn code_of(patch: &Patch) -> Option<&str> {
    patch.get("agency_code").and_then(Value::as_str)
}

/// Whether another agency has this code.
fn is_code_taken(directory: &Directory, code: &str, but: Option<i64>) -> bool {
    let same = |attributes: &AgencyAttributes| !code.is_empty() && attributes.agency_code == code;
    directory.agencies.values().any(|one| Some(one.number) != but && same(&one.attributes))
}
