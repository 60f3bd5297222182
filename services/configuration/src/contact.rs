//! Whom to ask for help: show and change.

use configuration_domain::{Contact, PutContact};
use jiff::Timestamp;
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::Recorded;
use serde_json::{Value, json};

use crate::app::{App, Write, answer, may};
use crate::documents::CONTRACT_VERSION;
use crate::refusals::{execute_refusal, store_refusal};

/// There is one per tenant.
pub const CONTACT: &str = "information";

impl App {
    /// The contact information and the version of the system, for any signed-in user.
    pub async fn get_contact(&self, call: &Call) -> Result<Reply, Refusal> {
        call.principal()?;
        let stored = self.store.load_until::<Contact>(call.tenant()?, CONTACT, u64::from(u32::MAX));
        let (loaded, history) = stored.await.map_err(store_refusal)?;
        let mut document = loaded.state.attributes.0.clone();
        let at = |one: &Recorded<_>| time(one.at_unix_us);
        if let (Some(first), Some(last)) = (history.first(), history.last()) {
            document.insert("created_at".to_owned(), at(first).into());
            document.insert("updated_at".to_owned(), at(last).into());
        }
        document.insert("system_version".to_owned(), CONTRACT_VERSION.into());
        Ok(answer(&Value::Object(document)))
    }

    /// Changes the contact information.
    pub async fn update_contact(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may(call, "system", "manage")?;
        let Write { meta, data } = self.write(call, request)?;
        let done = self.store.execute(&meta, CONTACT, PutContact { data }).await;
        let done = done.map_err(|error| execute_refusal(error, "ContactInformation"))?;
        let mut document = done.state.attributes.0.clone();
        document.insert("id".to_owned(), json!(1));
        Ok(answer(&Value::Object(document)))
    }
}

/// Times as the contract writes them: UTC with milliseconds.
pub fn time(unix_us: i64) -> String {
    let at = Timestamp::from_microsecond(unix_us).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
