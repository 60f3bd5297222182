//! From the headers of an rpc to its [`Call`], or a refusal.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use http::HeaderMap;
use uuid::Uuid;

use crate::access::Demand;
use crate::call::{
    CATALOG_MIN, Call, CallContext, Caller, LOCALE, PRINCIPAL, REQUEST_ID, TENANT, TRACEPARENT,
};
use crate::edge::{Clock, Ids};
use crate::internal::InternalToken;
use crate::peers::Peers;
use crate::refusal::Refusal;
use crate::trust::Trust;

/// What it takes to know a caller.
#[derive(Debug, Clone)]
pub(crate) struct Doorkeeper {
    pub clock: Clock,
    pub ids: Ids,
    pub internal: InternalToken,
    pub peers: Peers,
    pub trust: Trust,
}

impl Doorkeeper {
    /// The call behind these headers, if it meets the demand.
    pub async fn admit(&self, demand: Demand, headers: &HeaderMap) -> Result<Call, Refusal> {
        let request_id = text(headers, REQUEST_ID)
            .and_then(|id| id.parse().ok())
            .unwrap_or_else(|| self.ids.v7());
        let caller = self.caller(demand, headers, request_id).await?;
        let tenant = match &caller {
            Caller::User { principal, .. } => Some(principal.tenant),
            Caller::Service => text(headers, TENANT).and_then(|id| id.parse().ok()),
        };
        Ok(Call {
            caller,
            tenant,
            catalog_min: text(headers, CATALOG_MIN).and_then(|n| n.parse().ok()).unwrap_or(0),
            locale: text(headers, LOCALE).map(str::to_owned),
            request_id,
            traceparent: text(headers, TRACEPARENT).map(str::to_owned),
        })
    }

    async fn caller(
        &self,
        demand: Demand,
        headers: &HeaderMap,
        request_id: Uuid,
    ) -> Result<Caller, Refusal> {
        match demand {
            Demand::Open => Ok(Caller::Service),
            Demand::Either if headers.contains_key(PRINCIPAL) => {
                enrolled(self.user(headers, request_id).await?)
            }
            Demand::Principal => enrolled(self.user(headers, request_id).await?),
            Demand::Enrolling => self.user(headers, request_id).await,
            Demand::Internal | Demand::Either => self.service(headers),
        }
    }

    fn service(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let given = text(headers, "authorization").and_then(|value| value.strip_prefix("Bearer "));
        match given {
            Some(token) if self.internal.matches(token.as_bytes()) => Ok(Caller::Service),
            _ => Err(Refusal::unauthenticated("Not a service of this installation.")),
        }
    }

    async fn user(&self, headers: &HeaderMap, request_id: Uuid) -> Result<Caller, Refusal> {
        let token = headers
            .get(PRINCIPAL)
            .and_then(|value| decode(value.as_bytes()))
            .ok_or_else(|| Refusal::unauthenticated("Not signed in."))?;
        let asking = CallContext::internal(&self.internal, request_id);
        let now = self.clock.now().as_second();
        let principal = self.trust.verify(&token, now, &self.peers, &asking).await?;
        Ok(Caller::User { principal, token })
    }
}

/// Refuses whoever has yet to set up the second factor that their role demands.
fn enrolled(caller: Caller) -> Result<Caller, Refusal> {
    match &caller {
        Caller::User { principal, .. } if principal.must_enrol => Err(Refusal::must_enrol()),
        Caller::User { .. } | Caller::Service => Ok(caller),
    }
}

/// gRPC allows both paddings.
fn decode(value: &[u8]) -> Option<Bytes> {
    STANDARD_NO_PAD.decode(value).or_else(|_padded| STANDARD.decode(value)).ok().map(Bytes::from)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
