//! Where a database is and who asks: looked up anew for each connection, since passwords change
//! while processes run.

use std::fmt::{Debug, Formatter};
use std::str::FromStr;
use std::sync::Arc;

use tokio_postgres::Config;
use tokio_postgres::error::SqlState;

/// The address of a database as it is now. There may be several, of which the first is used whose
/// role and password Postgres takes: so that a password can be announced before it is changed.
#[derive(Clone)]
pub struct Address(Arc<dyn Fn() -> Vec<Config> + Send + Sync>);

impl Address {
    /// An address that `now` gives whenever somebody connects.
    pub fn new(now: impl Fn() -> Vec<Config> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// What to try now, best first.
    pub fn now(&self) -> Vec<Config> {
        (self.0)()
    }

    /// The same place, asked in another way.
    #[must_use]
    pub fn with(self, change: impl Fn(&mut Config) + Send + Sync + 'static) -> Self {
        Self::new(move || {
            let mut all = self.now();
            all.iter_mut().for_each(&change);
            all
        })
    }

    /// The first attempt that Postgres does not turn away for its role or password.
    pub(crate) async fn first<T, F>(
        &self,
        attempt: impl Fn(Config) -> F,
    ) -> Result<T, tokio_postgres::Error>
    where
        F: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        let mut all = self.now().into_iter().peekable();
        loop {
            let config = all.next().unwrap_or_default();
            match attempt(config).await {
                Err(error) if all.peek().is_some() && is_turned_away(&error) => {}
                done => return done,
            }
        }
    }
}

fn is_turned_away(error: &tokio_postgres::Error) -> bool {
    let codes = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];
    error.code().is_some_and(|code| codes.contains(code))
}

impl Debug for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(..)")
    }
}

impl FromStr for Address {
    type Err = tokio_postgres::Error;

    /// One that stays.
    fn from_str(url: &str) -> Result<Self, Self::Err> {
        Ok(Config::from_str(url)?.into())
    }
}

impl From<Config> for Address {
    fn from(config: Config) -> Self {
        Self::new(move || vec![config.clone()])
    }
}
