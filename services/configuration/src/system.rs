//! The system settings, and what the start page may know before anyone signs in.

use kit_proto::common::v1::Reply;
use kit_serve::{Call, Refusal};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::{App, answer};
use crate::documents::settings_document;
use crate::params::Params;

impl App {
    /// The settings, for any signed-in user.
    pub async fn get_settings(&self, call: &Call, params: &Params) -> Result<Reply, Refusal> {
        let workspace = self.seen_by(call).await?;
        let organisation = self.organisation.describe(call.tenant()?).await?;
        Ok(answer(&settings_document(&workspace, &organisation, params.flag("extended"))))
    }

    /// What anyone may know of a tenant.
    pub async fn get_public_data(&self, tenant: Uuid) -> Result<Reply, Refusal> {
        let workspace = self.current(tenant).await?;
        // The start page has to come up, if need be without logos.
        let organisation = self.organisation.describe(tenant).await.unwrap_or_default();
        let settings = &workspace.configuration.settings.attributes;
        let public = [
            "registration_streams",
            "registration_streams_link_labels",
            "registration_streams_consent_text",
        ];
        let public =
            public.into_iter().filter_map(|name| Some((name, settings.get(name)?.clone())));
        let mut document: Map<String, Value> =
            public.map(|(name, value)| (name.to_owned(), value)).collect();
        let own = json!({
            "sandbox_ui": settings.flag("sandbox_ui", false),
            "config_ui": "full",
            "allow_self_registration": false,
            "locales": workspace.languages(),
            "webpush_enabled": false,
            "agencies": organisation.agencies_with_logo.iter().take(3).collect::<Vec<_>>(),
            "agencies_logo_options": organisation.agencies_with_pdf_logo,
        });
        document.extend(own.as_object().cloned().unwrap_or_default());
        Ok(answer(&Value::Object(document)))
    }
}
