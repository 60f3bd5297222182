//! The installation's own token, with which services call one another.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::fresh::Fresh;
use crate::settings::Secret;

/// Where the token is.
#[derive(Debug, Clone, Default, Args)]
pub struct InternalSettings {
    /// At least 32 characters; the same for every service of the installation.
    #[arg(long, env = "AMPARO_INTERNAL_TOKEN", hide_env_values = true)]
    pub internal_token: Option<Secret>,
    /// A file with it. Of several lines each is a token that is accepted, and the first the one
    /// that is sent; what is changed in the file counts within seconds.
    #[arg(long, env = "AMPARO_INTERNAL_TOKEN_FILE")]
    pub internal_token_file: Option<PathBuf>,
}

impl InternalSettings {
    /// The token, checked.
    pub fn token(&self) -> anyhow::Result<InternalToken> {
        match (self.internal_token_file.clone(), &self.internal_token) {
            (Some(file), _) => {
                let read = move || Tokens::try_new(Secret::lines_of(&file)?);
                Ok(InternalToken(Fresh::try_new("the internal token", read)?))
            }
            (None, Some(token)) => InternalToken::try_new(token.clone()),
            (None, None) => bail!("--internal-token or --internal-token-file is needed"),
        }
    }
}

/// Tokens that are long enough: one is sent, each is accepted. A new one becomes known everywhere
/// before it is sent, and the old one is forgotten once nobody sends it.
#[derive(Debug, Clone)]
pub struct InternalToken(Fresh<Tokens>);

struct Tokens(Vec<Secret>);

impl Tokens {
    fn try_new(tokens: Vec<Secret>) -> anyhow::Result<Self> {
        for token in &tokens {
            let token = token.reveal();
            let fits = token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_graphic());
            ensure!(fits, "the internal token needs at least 32 visible ASCII characters");
        }
        tokens.first().context("there is no internal token")?;
        Ok(Self(tokens))
    }
}

impl InternalToken {
    /// One that stays; refuses what could be guessed or not be sent.
    pub fn try_new(token: Secret) -> anyhow::Result<Self> {
        Ok(Self(Fresh::fixed(Tokens::try_new(vec![token])?)))
    }

    /// The token to send now.
    pub fn sent(&self) -> Secret {
        self.0.now().0[0].clone()
    }

    /// All that are accepted now, the one that is sent first.
    pub fn accepted(&self) -> Vec<Secret> {
        self.0.now().0.clone()
    }

    /// Whether `given` is one of them; takes as long for a near miss as for any other.
    pub fn matches(&self, given: &[u8]) -> bool {
        let theirs = Sha256::digest(given);
        let is_same = |mine: &Secret| -> bool {
            Sha256::digest(mine.reveal().as_bytes()).as_slice().ct_eq(theirs.as_slice()).into()
        };
        self.0.now().0.iter().fold(false, |known, mine| known | is_same(mine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_must_be_long_and_is_never_shown() {
        assert!(InternalToken::try_new(Secret::new("short")).is_err());
        let token = InternalToken::try_new(Secret::new("x".repeat(32))).unwrap();
        assert!(token.matches("x".repeat(32).as_bytes()));
        assert!(!token.matches("x".repeat(31).as_bytes()));
        assert!(!token.matches(b""));
        assert!(!format!("{token:?}").contains('x'));
    }

    #[test]
    fn a_file_may_hold_the_next_and_the_last_one() {
        let (old, new) = ("o".repeat(32), "n".repeat(32));
        let dir = std::env::temp_dir().join(format!("amparo-token-{}", std::process::id()));
        let settings = |text: &str| {
            std::fs::write(&dir, text).unwrap();
            InternalSettings { internal_token: None, internal_token_file: Some(dir.clone()) }
        };
        let token = settings(&format!("{old}\n{new}\n\n")).token().unwrap();
        assert_eq!(token.sent().reveal(), old);
        assert!(token.matches(old.as_bytes()) && token.matches(new.as_bytes()));
        assert!(!token.matches(b""), "an empty line is no token");
        assert!(settings(&format!("{old}\nshort")).token().is_err());
        assert!(settings("\n\n").token().is_err());
        std::fs::remove_file(&dir).unwrap();
    }
}
