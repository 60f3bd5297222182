//! Codes of an authenticator app (RFC 6238) and recovery codes. Each counts once.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use identity_domain::{SecondFactor, TotpSecret, UseRecoveryCode, User};
use jiff::Timestamp;
use kit_serve::Refusal;
use kit_store::{ExecuteError, Meta, Store, StoreError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

use crate::refused::stored;

/// Recovery codes that a person gets at once.
const RECOVERY_CODES: usize = 10;
/// What an address has to write otherwise (RFC 3986, 2.3).
const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// As apps call the account's place.
const ISSUER: &str = "Amparo";

/// A secret as long as the hash that codes are made with.
pub(crate) fn new_secret() -> Result<TotpSecret, Refusal> {
    Ok(TotpSecret(random::<20>()?))
}

/// What an authenticator app takes in at once, shown as a QR code.
pub(crate) fn otpauth_url(secret: &TotpSecret, user_name: &str) -> String {
    let account = utf8_percent_encode(user_name, IN_URL);
    let TotpSecret(secret) = secret;
    format!(
        "otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}\
         &algorithm=SHA1&digits=6&period=30"
    )
}

/// Codes to write down, and the hashes to keep.
pub(crate) fn new_recovery_codes(tenant: Uuid) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = random::<10>()?.to_lowercase();
        codes.push(format!("{}-{}-{}-{}", &code[..4], &code[4..8], &code[8..12], &code[12..]));
    }
    let hashes = codes.iter().map(|code| recovery_hash(tenant, &tidy(code))).collect();
    Ok((codes, hashes))
}

/// The time step that a code is of, if it is one of now or half a minute around.
pub(crate) fn step_of(
    secret: &TotpSecret,
    code: &str,
    now: Timestamp,
) -> Result<Option<i64>, Refusal> {
    let code = tidy(code);
    if !is_totp(&code) {
        return Ok(None);
    }
    let time = u64::try_from(now.as_second()).unwrap_or(0);
    Ok(totp(secret)?.check(&code, time).and_then(|step| i64::try_from(step).ok()))
}

/// Whether a code is good now and was never used; uses it up.
pub(crate) async fn accepts(
    store: &Store,
    meta: &Meta,
    user: &User,
    factor: &SecondFactor,
    code: &str,
) -> Result<bool, Refusal> {
    let code = tidy(code);
    if is_totp(&code) {
        let Some(step) = step_of(&factor.secret, &code, meta.now)? else { return Ok(false) };
        return is_first_use(store, meta.tenant, user.number, step).await.map_err(stored);
    }
    let hash = recovery_hash(meta.tenant, &code);
    if !factor.recovery.contains(&hash) {
        return Ok(false);
    }
    match store.execute(meta, user.number, UseRecoveryCode { hash }).await {
        Ok(_) => Ok(true),
        Err(ExecuteError::Refused(_)) => Ok(false),
        Err(ExecuteError::Store(error)) => Err(stored(error)),
    }
}

/// Notes that a user showed the code of this step. One that is not newer than the last counts
/// no more, in no process.
pub(crate) async fn is_first_use(
    store: &Store,
    tenant: Uuid,
    user: i64,
    step: i64,
) -> Result<bool, StoreError> {
    let tx = store.begin(tenant).await?;
    let sql = "insert into second_factor_use as kept (tenant, user_number, step) \
         values ($1, $2, $3) on conflict (tenant, user_number) \
         do update set step = $3 where kept.step < $3";
    let first = tx.execute(sql, &[&tenant, &user, &step]).await? == 1;
    tx.commit().await?;
    Ok(first)
}

fn totp(secret: &TotpSecret) -> Result<Totp, Refusal> {
    let secret = Secret::try_from_base32(&secret.0)
        .map_err(|_| Refusal::internal("a second factor's secret can't be read"))?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .map_err(|_| Refusal::internal("a second factor's secret is no good"))
}

/// Random bytes in base32.
fn random<const N: usize>() -> Result<String, Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Refusal::internal)?;
    Ok(Secret::new(Box::new(bytes)).to_base32())
}

/// As people type it: blanks, hyphens and capitals do not matter.
fn tidy(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_lowercase()
}

fn is_totp(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Eighty random bits need no salt and no stretching.
fn recovery_hash(tenant: Uuid, code: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"amparo recovery code");
    digest.update(tenant.as_bytes());
    digest.update(code);
    BASE64_URL_SAFE_NO_PAD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = TotpSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into());
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let at = |second| Timestamp::from_second(second).unwrap();
            assert_eq!(step_of(&secret, code, at(second)).unwrap(), Some(second / 30));
            assert_eq!(step_of(&secret, code, at(second + 30)).unwrap(), Some(second / 30));
            assert_eq!(step_of(&secret, code, at(second + 90)).unwrap(), None);
        }
        let now = Timestamp::from_second(59).unwrap();
        assert_eq!(step_of(&secret, " 287 082 ", now).unwrap(), Some(1));
        assert_eq!(step_of(&secret, "28708", now).unwrap(), None);
    }

    #[test]
    fn an_account_is_named_without_breaking_the_url() {
        let url = otpauth_url(&TotpSecret("ABC".into()), "ann&secret=x/يوسف");
        assert!(url.starts_with("otpauth://totp/Amparo:ann%26secret%3Dx%2F%D9%8A"), "{url}");
        assert!(url.ends_with("?secret=ABC&issuer=Amparo&algorithm=SHA1&digits=6&period=30"));
    }

    #[test]
    fn recovery_codes_are_read_as_people_write_them() {
        let (codes, hashes) = new_recovery_codes(Uuid::nil()).unwrap();
        assert_eq!(codes.len(), 10);
        let typed = codes[3].to_uppercase().replace('-', " ");
        assert_eq!(recovery_hash(Uuid::nil(), &tidy(&typed)), hashes[3]);
        assert_ne!(recovery_hash(Uuid::max(), &tidy(&typed)), hashes[3]);
    }
}
