//! Who signed in: identity says, and is asked again after three seconds, or at once when a fact
//! or a write of our own says that something about the tenant's people has changed.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kit_access::Principal;
use kit_proto::identity::v1::{AuthenticateReply, AuthenticateRequest};
use kit_serve::{CallContext, Shared};
use lru::LruCache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::problem::Problem;
use crate::visit::{Authorization, Basic, Visit};

const FRESH: Duration = Duration::from_secs(3);
const ASKING: usize = 256;
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// The right to ask identity.
pub type Turn<'p> = tokio::sync::MutexGuard<'p, ()>;

/// A signed-in person, as identity vouches for them.
#[derive(Debug, Clone)]
pub struct Person {
    pub principal: Principal,
    pub token: Bytes,
    pub token_expires_at: i64,
    pub group_permission: String,
}

/// How someone shows who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    Session(String),
    Basic(Basic),
}

impl Credentials {
    /// Basic before cookie; nothing when there is neither.
    pub fn of(visit: &Visit) -> Result<Option<Self>, Problem> {
        match visit.authorization() {
            Authorization::Basic(basic) => Ok(Some(Self::Basic(basic))),
            Authorization::Garbled => Err(Problem::not_signed_in()),
            Authorization::Absent => {
                Ok(visit.session().map(|session| Self::Session(session.to_owned())))
            }
        }
    }

    /// A code counts once, so whom it proved is not remembered.
    pub fn is_for_once(&self) -> bool {
        matches!(self, Self::Basic(basic) if !basic.otp.is_empty())
    }

    fn digest(&self, tenant: Uuid) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(tenant.as_bytes());
        let parts = match self {
            Self::Session(session) => [session.as_str(), "", ""],
            Self::Basic(Basic { user_name, password, otp }) => [user_name.as_str(), password, otp],
        };
        digest.update([u8::from(matches!(self, Self::Basic(_)))]);
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

struct Known {
    at: Instant,
    change: u64,
    person: Arc<Person>,
}

/// People lately seen, by the digest of their credentials.
pub struct People {
    known: Mutex<LruCache<[u8; 32], Known>>,
    /// How often something about a tenant's people has changed, as far as we know.
    changes: Mutex<HashMap<Uuid, u64>>,
    /// Whoever asks identity about credentials holds one of these, chosen by their digest.
    asking: Vec<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("People")
    }
}

impl Default for People {
    fn default() -> Self {
        Self {
            known: Mutex::new(LruCache::new(REMEMBERED)),
            changes: Mutex::default(),
            asking: (0..ASKING).map(|_| tokio::sync::Mutex::default()).collect(),
        }
    }
}

impl People {
    /// The person behind credentials, from memory.
    pub fn recall(&self, shared: &Shared, tenant: Uuid, who: &Credentials) -> Option<Arc<Person>> {
        let now = shared.clock.now().as_second();
        self.remembered(&who.digest(tenant), self.change(tenant), now)
    }

    /// Waits until nobody else asks about these credentials: of many calls at once one asks, and
    /// the others find its answer.
    pub async fn turn(&self, tenant: Uuid, credentials: &Credentials) -> Turn<'_> {
        let digest = credentials.digest(tenant);
        self.asking[usize::from(digest[0]) % ASKING].lock().await
    }

    /// The person behind credentials, from memory or from identity.
    pub async fn authenticate(
        &self,
        shared: &Shared,
        tenant: Uuid,
        credentials: &Credentials,
        context: &CallContext,
    ) -> Result<Arc<Person>, Problem> {
        let digest = credentials.digest(tenant);
        // Read before asking: a change while we ask makes the answer old already.
        let change = self.change(tenant);
        if let Some(person) = self.remembered(&digest, change, shared.clock.now().as_second()) {
            return Ok(person);
        }
        let request = context.request(request(tenant, credentials));
        let asked = shared.peers.identity().authenticate(request).await.map_err(Problem::from);
        if asked.as_ref().is_err_and(|problem| problem.status == 401) {
            self.lock().pop(&digest);
        }
        let reply = asked?.into_inner();
        let person = Arc::new(person(reply)?);
        let known = Known { at: Instant::now(), change, person: Arc::clone(&person) };
        if !credentials.is_for_once() {
            self.lock().put(digest, known);
        }
        Ok(person)
    }

    /// Asks identity, without this counting as something that the person did.
    pub async fn look(
        &self,
        shared: &Shared,
        tenant: Uuid,
        credentials: &Credentials,
    ) -> Result<Person, Problem> {
        let message = AuthenticateRequest { watching: true, ..request(tenant, credentials) };
        let asked = shared.internal_call(Some(tenant)).request(message);
        person(shared.peers.identity().authenticate(asked).await?.into_inner())
    }

    /// Drops what is known of a tenant's people.
    pub fn changed(&self, tenant: Uuid) {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_insert(0) +=
            1;
    }

    /// Believes nothing any more: facts may have been missed.
    pub fn forget(&self) {
        self.lock().iter_mut().for_each(|(_, known)| known.change = u64::MAX);
    }

    /// Whether these very credentials were right when last asked, however long ago.
    pub fn knows(&self, tenant: Uuid, credentials: &Credentials) -> bool {
        self.lock().contains(&credentials.digest(tenant))
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<[u8; 32], Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often something about a tenant's people has changed.
    pub fn change(&self, tenant: Uuid) -> u64 {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.get(&tenant).copied().unwrap_or(0)
    }

    fn remembered(&self, digest: &[u8; 32], change: u64, now: i64) -> Option<Arc<Person>> {
        let mut known = self.lock();
        known
            .get(digest)
            .filter(|one| one.at.elapsed() < FRESH && one.change == change)
            .filter(|one| one.person.token_expires_at > now + 5)
            .map(|one| Arc::clone(&one.person))
    }
}

fn request(tenant: Uuid, credentials: &Credentials) -> AuthenticateRequest {
    let tenant = tenant.to_string();
    match credentials {
        Credentials::Session(session) => {
            AuthenticateRequest { tenant, session: session.clone(), ..Default::default() }
        }
        Credentials::Basic(basic) => AuthenticateRequest {
            tenant,
            user_name: basic.user_name.clone(),
            password: basic.password.clone(),
            otp: basic.otp.clone(),
            ..Default::default()
        },
    }
}

/// Reads identity's answer.
pub fn person(reply: AuthenticateReply) -> Result<Person, Problem> {
    let principal = serde_json::from_slice(&reply.principal).map_err(|error| {
        tracing::error!(%error, "identity's principal can't be read");
        Problem::internal()
    })?;
    Ok(Person {
        principal,
        token: reply.token,
        token_expires_at: reply.token_expires_at,
        group_permission: reply.group_permission,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(value: &str) -> Credentials {
        Credentials::Session(value.to_owned())
    }

    #[test]
    fn memory_never_mixes_tenants_or_kinds_of_credentials() {
        let basic = |user_name: &str, password: &str| {
            let (user_name, password) = (user_name.into(), password.into());
            Credentials::Basic(Basic { user_name, password, otp: String::new() })
        };
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_ne!(session("s").digest(one), session("s").digest(two));
        assert_ne!(session("s").digest(one), basic("s", "").digest(one));
        assert_ne!(basic("a", "bc").digest(one), basic("ab", "c").digest(one));
    }

    #[test]
    fn a_change_drops_the_tenants_people_and_no_others() {
        let people = People::default();
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for tenant in [one, two] {
            let person = Arc::new(Person {
                principal: Principal::default(),
                token: Bytes::new(),
                token_expires_at: 1_000,
                group_permission: String::new(),
            });
            let known = Known { at: Instant::now(), change: people.change(tenant), person };
            people.known.lock().unwrap().put(session("s").digest(tenant), known);
        }
        people.changed(one);
        let seen = |tenant, now| {
            people.remembered(&session("s").digest(tenant), people.change(tenant), now).is_some()
        };
        assert!(!seen(one, 0));
        assert!(seen(two, 0));
        assert!(!seen(two, 996), "the token is about to expire");
    }
}
