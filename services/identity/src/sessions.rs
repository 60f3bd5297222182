//! Who is signed in. One session per user; only a hash of its secret is stored.

use identity_domain::User;
use jiff::{SignedDuration, Timestamp};
use kit_store::{Store, StoreError, Tx};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::settings::Settings;

/// Activity is written down at most this often.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// How long sessions live.
#[derive(Clone, Copy)]
pub(crate) struct SessionRule {
    pub idle: SignedDuration,
    pub longest: SignedDuration,
}

/// A session that is good now.
pub(crate) struct Session {
    pub id: Uuid,
    pub user: i64,
    /// The user's when the session began.
    pub credential: i64,
    /// When its user last proved who they are.
    pub proven_at: Timestamp,
    /// When it ends at the latest, as things are.
    pub ends_at: Timestamp,
    /// The device that it is used on, if it said so.
    pub device: Option<Uuid>,
    /// That device has to wipe itself first.
    pub wiped: bool,
    began_at: Timestamp,
    seen_at: Timestamp,
}

impl SessionRule {
    pub fn of(settings: &Settings) -> Self {
        Self {
            idle: SignedDuration::from_mins(i64::from(settings.identity_session_idle_minutes)),
            longest: SignedDuration::from_hours(i64::from(settings.identity_session_hours)),
        }
    }
}

impl Session {
    /// Whether the session's activity should be written down.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at) >= SEEN_EVERY
    }
}

/// What the cookie's value is stored as.
pub(crate) fn secret_hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// The session behind a cookie's value, unless it is over.
pub(crate) async fn find(
    tx: &Tx,
    tenant: Uuid,
    hash: &[u8],
    now: Timestamp,
    rule: SessionRule,
) -> Result<Option<Session>, StoreError> {
    let sql = "select s.id, s.user_number, s.began_at, s.seen_at, s.credential, \
         coalesce(s.proven_at, s.began_at), s.device, coalesce(d.state = 'wipe_ordered', false) \
         from session s left join device d on d.tenant = s.tenant and d.id = s.device \
         where s.tenant = $1 and s.secret_hash = $2";
    let Some(row) = tx.query_opt(sql, &[&tenant, &hash]).await? else { return Ok(None) };
    let (began_at, seen_at): (Timestamp, Timestamp) = (row.try_get(2)?, row.try_get(3)?);
    let ends_at = (began_at + rule.longest).min(seen_at + rule.idle);
    let (id, user, credential) = (row.try_get(0)?, row.try_get(1)?, row.try_get(4)?);
    let proven_at = row.try_get(5)?;
    let (device, wiped) = (row.try_get(6)?, row.try_get(7)?);
    let session =
        Session { id, user, credential, proven_at, ends_at, device, wiped, began_at, seen_at };
    Ok(Some(session).filter(|session| session.ends_at > now && session.began_at <= now))
}

/// Begins a session and ends all others of the user.
pub(crate) async fn begin(
    store: &Store,
    tenant: Uuid,
    user: &User,
    hash: &[u8],
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    end_all_within(&tx, tenant, user.number, None).await?;
    let sql = "insert into session \
         (tenant, secret_hash, id, user_number, credential, began_at, seen_at, proven_at) \
         values ($1, $2, $3, $4, $5, $6, $6, $6)";
    tx.execute(sql, &[&tenant, &hash, &id, &user.number, &user.credential, &now]).await?;
    tx.commit().await
}

/// Writes down that the session was used.
pub(crate) async fn touch(
    store: &Store,
    tenant: Uuid,
    hash: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    let sql = "update session set seen_at = $3 \
         where tenant = $1 and secret_hash = $2 and seen_at < $3";
    tx.execute(sql, &[&tenant, &hash, &now]).await?;
    tx.commit().await
}

/// Writes down that the session's user proved who they are.
pub(crate) async fn prove(
    store: &Store,
    tenant: Uuid,
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    let sql = "update session set proven_at = $3 where tenant = $1 and id = $2";
    tx.execute(sql, &[&tenant, &id, &now]).await?;
    tx.commit().await
}

/// Ends the session; says whose it was.
pub(crate) async fn end(
    store: &Store,
    tenant: Uuid,
    hash: &[u8],
) -> Result<Option<i64>, StoreError> {
    let tx = store.begin(tenant).await?;
    let sql = "delete from session where tenant = $1 and secret_hash = $2 returning user_number";
    let row = tx.query_opt(sql, &[&tenant, &hash]).await?;
    tx.commit().await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// Lets a session outlast a change of its user's credential, and ends the others.
pub(crate) async fn keep_one(
    store: &Store,
    tenant: Uuid,
    user: &User,
    id: Uuid,
) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    end_all_within(&tx, tenant, user.number, Some(id)).await?;
    let sql = "update session set credential = $4 \
         where tenant = $1 and user_number = $2 and id = $3";
    tx.execute(sql, &[&tenant, &user.number, &id, &user.credential]).await?;
    tx.commit().await
}

/// Ends all sessions of a user.
pub(crate) async fn end_all(store: &Store, tenant: Uuid, user: i64) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    end_all_within(&tx, tenant, user, None).await?;
    tx.commit().await
}

async fn end_all_within(
    tx: &Tx,
    tenant: Uuid,
    user: i64,
    keep: Option<Uuid>,
) -> Result<(), StoreError> {
    let sql = "delete from session where tenant = $1 and user_number = $2 \
         and id is distinct from $3";
    tx.execute(sql, &[&tenant, &user, &keep]).await?;
    Ok(())
}

/// Deletes sessions of a tenant that are over.
pub(crate) async fn sweep(
    store: &Store,
    tenant: Uuid,
    now: Timestamp,
    rule: SessionRule,
) -> Result<u64, StoreError> {
    let tx = store.begin(tenant).await?;
    let sql = "delete from session where tenant = $1 and (began_at < $2 or seen_at < $3)";
    let (began, seen) = (now - rule.longest, now - rule.idle);
    let ended = tx.execute(sql, &[&tenant, &began, &seen]).await?;
    tx.commit().await?;
    Ok(ended)
}
