//! Who calls and in which circumstances: [`Call`] as received, [`CallContext`] as sent on.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kit_access::Principal;
use tonic::metadata::{AsciiMetadataValue, BinaryMetadataValue, MetadataMap};
use uuid::Uuid;

use crate::internal::InternalToken;
use crate::refusal::Refusal;

pub(crate) const PRINCIPAL: &str = "amparo-principal-bin";
pub(crate) const TENANT: &str = "amparo-tenant";
pub(crate) const CATALOG_MIN: &str = "amparo-catalog-min";
pub(crate) const LOCALE: &str = "amparo-locale";
pub(crate) const REQUEST_ID: &str = "amparo-request-id";
pub(crate) const TRACEPARENT: &str = "traceparent";

/// Who is behind a call.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A person, with the token that says so.
    User { principal: Arc<Principal>, token: Bytes },
    /// Another service of this installation.
    Service,
}

/// What the guard found out about an rpc before the service sees it.
#[derive(Debug, Clone)]
pub struct Call {
    pub caller: Caller,
    /// The tenant to act in: the principal's, or the one that a service named.
    pub tenant: Option<Uuid>,
    /// Configuration as old as this or newer has to be used.
    pub catalog_min: u64,
    pub locale: Option<String>,
    pub request_id: Uuid,
    pub traceparent: Option<String>,
}

impl Call {
    /// The call behind a request that passed the guard.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Refusal> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Refusal::internal("an rpc was reached without the guard"))
    }

    /// The person who calls; refused when it is a service.
    pub fn principal(&self) -> Result<&Arc<Principal>, Refusal> {
        match &self.caller {
            Caller::User { principal, .. } => Ok(principal),
            Caller::Service => Err(Refusal::unauthenticated("Not signed in.")),
        }
    }

    /// The tenant to act in; refused when a service named none.
    pub fn tenant(&self) -> Result<Uuid, Refusal> {
        self.tenant.ok_or_else(|| Refusal::missing_parameter("tenant"))
    }

    /// To call another service as the same person, or as a service when one called.
    pub fn onward(&self, token: &InternalToken) -> CallContext {
        let mut context = self.as_service(token);
        if let Caller::User { token, .. } = &self.caller {
            context.credential = Credential::Principal(token.clone());
        }
        context
    }

    /// To call another service in our own right, within the same request.
    pub fn as_service(&self, token: &InternalToken) -> CallContext {
        CallContext {
            credential: Credential::Internal(token.clone()),
            tenant: self.tenant,
            catalog_min: self.catalog_min,
            locale: self.locale.clone(),
            request_id: self.request_id,
            traceparent: self.traceparent.clone(),
            timeout: CallContext::TIMEOUT,
        }
    }
}

#[derive(Debug, Clone)]
enum Credential {
    Principal(Bytes),
    Internal(InternalToken),
}

/// The metadata and the deadline of calls to other services.
#[derive(Debug, Clone)]
pub struct CallContext {
    credential: Credential,
    tenant: Option<Uuid>,
    catalog_min: u64,
    locale: Option<String>,
    request_id: Uuid,
    traceparent: Option<String>,
    timeout: Duration,
}

impl CallContext {
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// Calls in the installation's name.
    pub fn internal(token: &InternalToken, request_id: Uuid) -> Self {
        Self {
            credential: Credential::Internal(token.clone()),
            tenant: None,
            catalog_min: 0,
            locale: None,
            request_id,
            traceparent: None,
            timeout: Self::TIMEOUT,
        }
    }

    /// Calls in a person's name, by the token that identity gave.
    pub fn principal(token: Bytes, request_id: Uuid) -> Self {
        Self {
            credential: Credential::Principal(token),
            tenant: None,
            catalog_min: 0,
            locale: None,
            request_id,
            traceparent: None,
            timeout: Self::TIMEOUT,
        }
    }

    /// Names the tenant; only internal calls need it.
    #[must_use]
    pub fn in_tenant(mut self, tenant: Uuid) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Demands configuration at least as new as this.
    #[must_use]
    pub fn with_catalog_min(mut self, version: u64) -> Self {
        self.catalog_min = version;
        self
    }

    /// The language of texts in the answer.
    #[must_use]
    pub fn with_locale(mut self, locale: Option<String>) -> Self {
        self.locale = locale;
        self
    }

    /// The W3C trace that the call belongs to.
    #[must_use]
    pub fn with_traceparent(mut self, traceparent: Option<String>) -> Self {
        self.traceparent = traceparent;
        self
    }

    /// Gives up after this long.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A request that carries all this.
    pub fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.set_timeout(self.timeout);
        self.write(request.metadata_mut());
        request
    }

    fn write(&self, metadata: &mut MetadataMap) {
        match &self.credential {
            Credential::Principal(token) => {
                metadata.insert_bin(PRINCIPAL, BinaryMetadataValue::from_bytes(token));
            }
            Credential::Internal(token) => {
                let mut value = ascii(&format!("Bearer {}", token.sent().reveal()));
                if let Some(value) = &mut value {
                    value.set_sensitive(true);
                }
                put(metadata, "authorization", value);
                put(metadata, TENANT, self.tenant.and_then(|id| ascii(&id.to_string())));
            }
        }
        if self.catalog_min > 0 {
            put(metadata, CATALOG_MIN, ascii(&self.catalog_min.to_string()));
        }
        put(metadata, LOCALE, self.locale.as_deref().and_then(ascii));
        put(metadata, REQUEST_ID, ascii(&self.request_id.to_string()));
        put(metadata, TRACEPARENT, self.traceparent.as_deref().and_then(ascii));
    }
}

fn ascii(text: &str) -> Option<AsciiMetadataValue> {
    AsciiMetadataValue::try_from(text).ok()
}

fn put(metadata: &mut MetadataMap, key: &'static str, value: Option<AsciiMetadataValue>) {
    if let Some(value) = value {
        metadata.insert(key, value);
    }
}
