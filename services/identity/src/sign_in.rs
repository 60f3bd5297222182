//! Signing in: by password, by session, by HTTP Basic.

mod known;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use identity_domain::{TenantStatus, User};
use jiff::Timestamp;
use kit_proto::identity::v1::AuthenticateReply;
use kit_seal::SecretKey;
use kit_serve::{
    Clock, Code, ErrorItem, FieldProblem, Ids, Refusal, SigningKey, VerifyingKey, sign_principal,
};
use kit_store::{Meta, Store};
use lru::LruCache;
use sha2::Sha256;
use uuid::Uuid;

use crate::devices;
use crate::directory::{Directories, Directory, Versioned, tidy_name};
use crate::failures::{self, LockRule, Past};
use crate::passwords::Passwords;
use crate::principal::principal;
use crate::refused::stored;
use crate::second_factor;
use crate::sessions::{self, Session, SessionRule};
use crate::settings::{Secrets, Settings};
use known::Known;

const WRONG: &str = "Invalid User name or password.";
/// What a client is told whose device has to wipe itself.
const WIPED: &str = "device.wiped";
const TOKENS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Tenant, user, and of a session its id and its user's last proof.
type TokenOf = (Uuid, i64, Option<(Uuid, Timestamp)>);

/// Decides who somebody is.
pub(crate) struct Doorkeeper {
    store: Store,
    directories: Directories,
    passwords: Passwords,
    clock: Clock,
    ids: Ids,
    signing: SigningKey,
    hiding: SecretKey,
    token_seconds: u32,
    session_rule: SessionRule,
    lock_rule: LockRule,
    /// One attempt per name at a time, so that attempts side by side are counted.
    turns: Mutex<HashMap<Vec<u8>, Weak<tokio::sync::Mutex<()>>>>,
    known: Known,
    tokens: Mutex<LruCache<TokenOf, AuthenticateReply>>,
}

/// What somebody shows to be known.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub user_name: &'a str,
    pub password: &'a str,
    /// A code, where the account wants one.
    pub otp: &'a str,
}

/// Why a code is not enough, in the codes of the gateway's sentences.
pub(crate) struct OtpProblems {
    pub wanted: &'static str,
    pub wrong: &'static str,
}

pub(crate) const OTP: OtpProblems = OtpProblems { wanted: "otp_wanted", wrong: "otp_wrong" };

/// Someone who is known now, and in which directory.
pub(crate) struct Someone {
    pub directory: Arc<Directory>,
    pub user: Arc<Versioned<User>>,
}

impl Doorkeeper {
    pub fn new(
        store: Store,
        directories: Directories,
        passwords: Passwords,
        clock: Clock,
        ids: Ids,
        secrets: Secrets,
        settings: &Settings,
    ) -> Self {
        Self {
            store,
            directories,
            passwords,
            clock,
            ids,
            signing: secrets.signing,
            hiding: secrets.hiding,
            token_seconds: settings.identity_token_seconds,
            session_rule: SessionRule::of(settings),
            lock_rule: LockRule::of(settings),
            turns: Mutex::default(),
            known: Known::default(),
            tokens: Mutex::new(LruCache::new(TOKENS)),
        }
    }

    /// Opens a session: the cookie's value and who it is for.
    pub async fn sign_in(
        &self,
        tenant: Uuid,
        shown: Shown<'_>,
    ) -> Result<(String, AuthenticateReply), Refusal> {
        let someone = self.prove(tenant, shown).await?;
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(Refusal::internal)?;
        let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
        let hash = sessions::secret_hash(&secret);
        let (now, id) = (self.clock.now(), self.ids.v7());
        sessions::begin(&self.store, tenant, &someone.user, &hash, id, now)
            .await
            .map_err(stored)?;
        let reply = self.by_session(tenant, &secret).await?;
        Ok((secret, reply))
    }

    /// Who is behind a session's cookie.
    pub async fn by_session(
        &self,
        tenant: Uuid,
        secret: &str,
    ) -> Result<AuthenticateReply, Refusal> {
        self.behind(tenant, secret, true).await
    }

    /// The same, for whoever only looks whether it is still so: the session does not live longer
    /// for it.
    pub async fn watched(&self, tenant: Uuid, secret: &str) -> Result<AuthenticateReply, Refusal> {
        self.behind(tenant, secret, false).await
    }

    async fn behind(
        &self,
        tenant: Uuid,
        secret: &str,
        active: bool,
    ) -> Result<AuthenticateReply, Refusal> {
        let (now, hash) = (self.clock.now(), sessions::secret_hash(secret));
        let tx = self.store.read(tenant).await.map_err(stored)?;
        // Sent together: one trip.
        let (found, directory) = futures_util::future::join(
            sessions::find(&tx, tenant, &hash, now, self.session_rule),
            self.directories.within(&tx, tenant),
        )
        .await;
        drop(tx);
        let directory = directory.map_err(stored)?;
        admits(&directory)?;
        let session = found.map_err(stored)?.ok_or_else(not_signed_in)?;
        let user = directory.users.get(&session.user).ok_or_else(not_signed_in)?;
        if user.credential != session.credential {
            return Err(not_signed_in());
        }
        if session.wiped {
            return Err(Refusal::unauthenticated(WIPED));
        }
        if active && session.is_stale(now) {
            sessions::touch(&self.store, tenant, &hash, now).await.map_err(stored)?;
            if let Some(device) = session.device {
                let today = self.clock.today();
                let noted = devices::used(&self.store, tenant, None, device, today).await;
                noted.map_err(stored)?;
            }
        }
        self.vouch(&directory, user, Some(&session), now)?.ok_or_else(not_signed_in)
    }

    /// Who has this name and password, and a code where their account wants one.
    pub async fn by_password(
        &self,
        tenant: Uuid,
        shown: Shown<'_>,
    ) -> Result<AuthenticateReply, Refusal> {
        let Someone { directory, user } = self.prove(tenant, shown).await?;
        self.vouch(&directory, &user, None, self.clock.now())?.ok_or_else(wrong)
    }

    /// Compares a password and a code, counts failures, and respects locks.
    pub async fn prove(&self, tenant: Uuid, shown: Shown<'_>) -> Result<Someone, Refusal> {
        let user_name = tidy_name(shown.user_name);
        let name = self.hidden(tenant, &[user_name.as_bytes()]);
        let turn = self.turn(&name);
        let _mine = turn.lock().await;
        let now = self.clock.now();
        let tx = self.store.read(tenant).await.map_err(stored)?;
        let past = failures::past(&tx, tenant, &name, now).await.map_err(stored)?;
        let locked = past == Past::Locked;
        let directory = self.directories.within(&tx, tenant).await.map_err(stored)?;
        drop(tx);
        admits(&directory)?;
        let user = directory.user_named(&user_name).cloned();
        let right = self.is_right(tenant, user.as_deref(), shown.password, locked).await?;
        let user = user.filter(|user| right && !user.disabled);
        if locked {
            return Err(wrong());
        }
        if !right {
            self.count_failure(tenant, &name, now).await?;
            return Err(wrong());
        }
        let user = user.ok_or_else(wrong)?;
        if let Some(no) = self.second_factor_problem(tenant, &user, shown.otp, now).await? {
            // A password alone says nothing yet: failures stay counted, and are not one more.
            if no == OTP.wrong {
                self.count_failure(tenant, &name, now).await?;
            }
            return Err(otp_refusal(no));
        }
        if past == Past::Failed {
            failures::forget(&self.store, tenant, &name).await.map_err(stored)?;
        }
        Ok(Someone { directory, user })
    }

    async fn count_failure(
        &self,
        tenant: Uuid,
        name: &[u8],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let counted = failures::count(&self.store, tenant, name, now, self.lock_rule).await;
        counted.map_err(stored)
    }

    /// What is wrong with the code beside a right password.
    async fn second_factor_problem(
        &self,
        tenant: Uuid,
        user: &User,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<&'static str>, Refusal> {
        let Some(factor) = &user.second_factor else { return Ok(None) };
        if code.trim().is_empty() {
            return Ok(Some(OTP.wanted));
        }
        let meta = Meta {
            tenant,
            actor: user.user_name.clone(),
            command_id: self.ids.v7(),
            now,
            correlation: self.ids.v7(),
            causation: None,
            trace: None,
        };
        let good = second_factor::accepts(&self.store, &meta, user, factor, code).await?;
        Ok((!good).then_some(OTP.wrong))
    }

    /// Whether the password is the user's; takes as long when there is no such user, or none
    /// who may try.
    async fn is_right(
        &self,
        tenant: Uuid,
        user: Option<&Versioned<User>>,
        password: &str,
        locked: bool,
    ) -> Result<bool, Refusal> {
        let hash = user.and_then(|user| user.password_hash.as_deref());
        let mark = self.hidden(tenant, &[hash.unwrap_or_default().as_bytes(), password.as_bytes()]);
        if hash.is_some() && !locked && self.known.remembers(&mark) {
            return Ok(true);
        }
        let right = self.passwords.verify(password, hash).await?;
        if right && !locked {
            self.known.remember(mark);
        }
        Ok(right)
    }

    /// The signed principal of a user, made again when anything about them changed.
    fn vouch(
        &self,
        directory: &Directory,
        user: &User,
        session: Option<&Session>,
        now: Timestamp,
    ) -> Result<Option<AuthenticateReply>, Refusal> {
        let at =
            (directory.tenant, user.number, session.map(|session| (session.id, session.proven_at)));
        let revision = u64::try_from(directory.revision).unwrap_or(0);
        let good_until = now.as_second() + i64::from(self.token_seconds / 2);
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = tokens.get(&at)
            && kept.directory_version == revision
            && kept.token_expires_at > good_until
        {
            return Ok(Some(kept.clone()));
        }
        drop(tokens);
        let made = principal(directory, user, session, now, self.token_seconds);
        let Some(principal) = made else { return Ok(None) };
        let reply = AuthenticateReply {
            token: sign_principal(&self.signing, &principal).map_err(Refusal::internal)?,
            principal: Bytes::from(serde_json::to_vec(&principal).map_err(Refusal::internal)?),
            token_expires_at: principal.expires_at,
            user_id: principal.user_id,
            user_name: principal.user_name.clone(),
            group_permission: scope_name(&principal),
            directory_version: revision,
        };
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.put(at, reply.clone());
        Ok(Some(reply))
    }

    /// Whether a name is a user's; not when it can't be found out.
    pub async fn knows(&self, tenant: Uuid, user_name: &str) -> bool {
        let directory = self.directories.now(tenant).await;
        directory.is_ok_and(|directory| directory.user_named(user_name).is_some())
    }

    /// The key that others verify principals with.
    pub fn public_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }

    /// Ends a session; says who was signed in.
    pub async fn sign_out(&self, tenant: Uuid, secret: &str) -> Result<Option<String>, Refusal> {
        let hash = sessions::secret_hash(secret);
        let ended = sessions::end(&self.store, tenant, &hash).await.map_err(stored)?;
        let Some(user) = ended else { return Ok(None) };
        let directory = self.directories.now(tenant).await.map_err(stored)?;
        Ok(directory.users.get(&user).map(|user| user.user_name.clone()))
    }

    fn turn(&self, name: &[u8]) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(name.to_vec(), Arc::downgrade(&turn));
        turn
    }

    /// A keyed hash, so that tables and caches hold neither names nor passwords.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn hidden(&self, tenant: Uuid, parts: &[&[u8]]) -> Vec<u8> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.hiding.expose()).expect("HMAC takes any key");
        mac.update(tenant.as_bytes());
        for part in parts {
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }
}

/// Refuses people of a tenant that is not open.
pub(crate) fn admits(directory: &Directory) -> Result<(), Refusal> {
    let text = match directory.status {
        TenantStatus::Open => return Ok(()),
        TenantStatus::Suspended => "errors.tenant.suspended",
        TenantStatus::Closed | TenantStatus::Destroyed => "errors.tenant.closed",
        TenantStatus::Unknown => return Err(Refusal::not_found("There is no such organisation")),
    };
    Err(Refusal::new(Code::PermissionDenied, ErrorItem::new(text)))
}

fn scope_name(principal: &kit_access::Principal) -> String {
    serde_json::to_value(principal.scope)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// 401 that says what is missing: the sentence is the gateway's.
fn otp_refusal(code: &'static str) -> Refusal {
    let error = ErrorItem::new(WRONG).with_fields(vec![FieldProblem::new("/user/otp", code)]);
    Refusal::new(Code::Unauthenticated, error)
}

fn wrong() -> Refusal {
    Refusal::unauthenticated(WRONG)
}

fn not_signed_in() -> Refusal {
    Refusal::unauthenticated("You need to sign in or sign up before continuing.")
}
