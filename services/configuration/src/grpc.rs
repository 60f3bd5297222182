//! One method per rpc: who calls and what they sent, then the app, then the reply.

use bytes::Bytes;
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::configuration::v1::configuration_server::Configuration;
use kit_proto::configuration::v1::{
    Catalog, FindPlacesReply, FindPlacesRequest, FormsWorkbook, GetCatalogRequest,
    GetLocationFileRequest, GetPublicDataRequest, InstallConfigurationReply,
    InstallConfigurationRequest, LocationFile,
};
use kit_serve::{Access, Call, Caller, Refusal};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::app::App;
use crate::params::Params;
use crate::refusals::store_refusal;

/// Says which version of the catalog a write is part of.
const CATALOG_VERSION: &str = "amparo-catalog-version";

/// Who may call what.
pub const ACCESS: Access = Access::new("amparo.configuration.v1.Configuration")
    .internal(&["GetCatalog", "FindPlaces", "GetPublicData", "InstallConfiguration"])
    .either(&["GetLocationFile"])
    .principal(&[
        "ListForms",
        "GetForm",
        "CreateForm",
        "UpdateForm",
        "DeleteForm",
        "ExportForms",
        "GetFormsWorkbook",
        "ListLookups",
        "GetLookup",
        "CreateLookup",
        "UpdateLookup",
        "DeleteLookup",
        "ListLocations",
        "GetLocation",
        "CreateLocation",
        "UpdateLocation",
        "DeleteLocation",
        "UpdateLocations",
        "ImportLocations",
        "ListModules",
        "GetModule",
        "UpdateModule",
        "GetSystemSettings",
        "GetContactInformation",
        "UpdateContactInformation",
        "ListConfigurations",
        "GetConfiguration",
        "CreateConfiguration",
        "ApplyConfiguration",
        "DeleteConfiguration",
        "ExportConfiguration",
    ]);

/// The rpcs of this service.
pub struct Grpc {
    app: App,
}

impl Grpc {
    pub const fn new(app: App) -> Self {
        Self { app }
    }

    /// The reply to a write, with the version of the catalog that it is part of.
    async fn written(
        &self,
        call: &Call,
        reply: Result<Reply, Refusal>,
    ) -> Result<Response<Reply>, Status> {
        let mut response = Response::new(reply?);
        let version = self.app.workspaces.version(call.tenant()?).await.map_err(store_refusal)?;
        response.metadata_mut().insert(CATALOG_VERSION, version.into());
        Ok(response)
    }

    async fn catalog(&self, tenant: Uuid, newer_than: u64, epoch: u64) -> Result<Catalog, Refusal> {
        if epoch == 0 {
            let version = self.app.workspaces.version(tenant).await.map_err(store_refusal)?;
            if version <= newer_than {
                return Ok(Catalog { version, json: Bytes::new() });
            }
        }
        let epoch = if epoch == 0 { u64::MAX } else { epoch };
        let workspace = self.app.workspaces.of_epoch(tenant, epoch).await.map_err(store_refusal)?;
        Ok(Catalog { version: workspace.configuration.version, json: workspace.catalog() })
    }
}

/// Who calls and what they sent.
fn open<T>(request: Request<T>) -> Result<(Call, T), Refusal> {
    Ok((Call::of(&request)?, request.into_inner()))
}

/// The tenant that a service names in its message.
fn tenant(name: &str) -> Result<Uuid, Refusal> {
    Uuid::parse_str(name).map_err(|_not_a_uuid| Refusal::missing_parameter("tenant"))
}

#[tonic::async_trait]
impl Configuration for Grpc {
    async fn get_catalog(
        &self,
        request: Request<GetCatalogRequest>,
    ) -> Result<Response<Catalog>, Status> {
        let (_, request) = open(request)?;
        let tenant = tenant(&request.tenant)?;
        Ok(Response::new(self.catalog(tenant, request.newer_than, request.epoch).await?))
    }

    async fn find_places(
        &self,
        request: Request<FindPlacesRequest>,
    ) -> Result<Response<FindPlacesReply>, Status> {
        let (_, request) = open(request)?;
        let places = self.app.find_places(tenant(&request.tenant)?, &request.codes).await?;
        Ok(Response::new(FindPlacesReply { places }))
    }

    async fn get_public_data(
        &self,
        request: Request<GetPublicDataRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (_, request) = open(request)?;
        Ok(Response::new(self.app.get_public_data(tenant(&request.tenant)?).await?))
    }

    async fn install_configuration(
        &self,
        request: Request<InstallConfigurationRequest>,
    ) -> Result<Response<InstallConfigurationReply>, Status> {
        let (_, request) = open(request)?;
        Ok(Response::new(self.app.install(tenant(&request.tenant)?, &request).await?))
    }

    async fn get_location_file(
        &self,
        request: Request<GetLocationFileRequest>,
    ) -> Result<Response<LocationFile>, Status> {
        let (call, request) = open(request)?;
        let tenant = match call.caller {
            Caller::User { .. } => call.tenant()?,
            Caller::Service => tenant(&request.tenant)?,
        };
        Ok(Response::new(self.app.location_file(tenant, &request.known_etag).await?))
    }

    async fn list_forms(&self, request: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.list_forms(&call, &Params::new(request.parameters)).await?))
    }

    async fn get_form(&self, request: Request<GetRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.get_form(&call, &request).await?))
    }

    async fn create_form(&self, request: Request<WriteRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.create_form(&call, &request).await).await
    }

    async fn update_form(&self, request: Request<WriteRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.update_form(&call, &request).await).await
    }

    async fn delete_form(
        &self,
        request: Request<DeleteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.delete_form(&call, &request).await).await
    }

    async fn export_forms(&self, request: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.export_forms(&call, &Params::new(request.parameters)).await?))
    }

    async fn get_forms_workbook(
        &self,
        request: Request<ListRequest>,
    ) -> Result<Response<FormsWorkbook>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.forms_workbook(&call, Params::new(request.parameters)).await?))
    }

    async fn list_lookups(&self, request: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.list_lookups(&call, &Params::new(request.parameters)).await?))
    }

    async fn get_lookup(&self, request: Request<GetRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.get_lookup(&call, &request).await?))
    }

    async fn create_lookup(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.create_lookup(&call, &request).await).await
    }

    async fn update_lookup(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.update_lookup(&call, &request).await).await
    }

    async fn delete_lookup(
        &self,
        request: Request<DeleteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.delete_lookup(&call, &request).await).await
    }

    async fn list_locations(
        &self,
        request: Request<ListRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.list_locations(&call, &Params::new(request.parameters)).await?))
    }

    async fn get_location(&self, request: Request<GetRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.get_location(&call, &request).await?))
    }

    async fn create_location(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.create_location(&call, &request).await).await
    }

    async fn update_location(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.update_location(&call, &request).await).await
    }

    async fn delete_location(
        &self,
        request: Request<DeleteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.delete_location(&call, &request).await).await
    }

    async fn update_locations(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.update_locations(&call, &request).await).await
    }

    async fn import_locations(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.import_locations(&call, &request).await).await
    }

    async fn list_modules(&self, request: Request<ListRequest>) -> Result<Response<Reply>, Status> {
        let (call, _) = open(request)?;
        Ok(Response::new(self.app.list_modules(&call).await?))
    }

    async fn get_module(&self, request: Request<GetRequest>) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.get_module(&call, &request).await?))
    }

    async fn update_module(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.update_module(&call, &request).await).await
    }

    async fn get_system_settings(
        &self,
        request: Request<GetRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.get_settings(&call, &Params::new(request.parameters)).await?))
    }

    async fn get_contact_information(
        &self,
        request: Request<GetRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, _) = open(request)?;
        Ok(Response::new(self.app.get_contact(&call).await?))
    }

    async fn update_contact_information(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.update_contact(&call, &request).await).await
    }

    async fn list_configurations(
        &self,
        request: Request<ListRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(
            self.app.list_configurations(&call, &Params::new(request.parameters)).await?,
        ))
    }

    async fn get_configuration(
        &self,
        request: Request<GetRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.get_configuration(&call, &request).await?))
    }

    async fn create_configuration(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.create_configuration(&call, &request).await).await
    }

    async fn apply_configuration(
        &self,
        request: Request<WriteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.apply_configuration(&call, &request).await).await
    }

    async fn delete_configuration(
        &self,
        request: Request<DeleteRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        self.written(&call, self.app.delete_configuration(&call, &request).await).await
    }

    async fn export_configuration(
        &self,
        request: Request<GetRequest>,
    ) -> Result<Response<Reply>, Status> {
        let (call, request) = open(request)?;
        Ok(Response::new(self.app.export_configuration(&call, &request).await?))
    }
}
