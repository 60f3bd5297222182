//! Whose tokens count: identity's public keys, and the tokens lately found good.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use kit_access::Principal;
use kit_proto::identity::v1::GetSigningKeysRequest;
use lru::LruCache;

use crate::call::CallContext;
use crate::peers::Peers;
use crate::refusal::Refusal;
use crate::token::{TokenFault, VerifyingKey, verify_principal};

const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
/// Forged tokens must not make us ask identity at their pace.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Verifies principal tokens; shared by all services of a process.
#[derive(Clone)]
pub struct Trust(Arc<Inner>);

struct Inner {
    keys: ArcSwap<Vec<VerifyingKey>>,
    asked: tokio::sync::Mutex<Option<Instant>>,
    good: Mutex<LruCache<Bytes, Arc<Principal>>>,
}

impl Default for Trust {
    fn default() -> Self {
        Self(Arc::new(Inner {
            keys: ArcSwap::default(),
            asked: tokio::sync::Mutex::new(None),
            good: Mutex::new(LruCache::new(REMEMBERED)),
        }))
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// Sets the keys; identity does so itself, others ask it.
    pub fn set_keys(&self, keys: Vec<VerifyingKey>) {
        self.0.keys.store(Arc::new(keys));
        self.0.good.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The principal of a token that is good at `now` (Unix seconds).
    pub(crate) async fn verify(
        &self,
        token: &Bytes,
        now: i64,
        peers: &Peers,
        asking: &CallContext,
    ) -> Result<Arc<Principal>, Refusal> {
        if let Some(principal) = self.remembered(token, now) {
            return Ok(principal);
        }
        let keys = self.0.keys.load_full();
        let verified = match verify_principal(&keys, token, now) {
            Err(TokenFault::Unsigned) => {
                self.ask(peers, asking).await?;
                verify_principal(&self.0.keys.load(), token, now)
            }
            other => other,
        };
        let principal = Arc::new(verified.map_err(|fault| {
            tracing::warn!(%fault, "principal token refused");
            Refusal::unauthenticated("Not signed in.")
        })?);
        let mut good = self.0.good.lock().unwrap_or_else(PoisonError::into_inner);
        good.put(token.clone(), Arc::clone(&principal));
        Ok(principal)
    }

    fn remembered(&self, token: &Bytes, now: i64) -> Option<Arc<Principal>> {
        let mut good = self.0.good.lock().unwrap_or_else(PoisonError::into_inner);
        good.get(token).filter(|principal| principal.expires_at > now).cloned()
    }

    /// Asks identity for its keys, unless someone just did.
    async fn ask(&self, peers: &Peers, asking: &CallContext) -> Result<(), Refusal> {
        let mut asked = self.0.asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < ASK_AGAIN_AFTER) {
            return Ok(());
        }
        let reply = peers
            .identity()
            .get_signing_keys(asking.request(GetSigningKeysRequest {}))
            .await
            .map_err(|status| {
                tracing::warn!(code = ?status.code(), "identity does not give its keys");
                Refusal::unavailable()
            })?;
        let keys = reply.into_inner().public_keys;
        let parse = |key: &Bytes| VerifyingKey::try_from(key.as_ref()).ok();
        self.set_keys(keys.iter().filter_map(parse).collect());
        *asked = Some(Instant::now());
        Ok(())
    }
}
