//! The client of the OpenID Connect provider: logins, bearer tokens, and the caches of metadata,
//! keys and checked tokens.

use std::{
    future::Future,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::{
    claims::{Claims, Identity},
    failure::{Failure, Rejected, Unfit},
    fetch::Fetch,
    knowledge::{Knowledge, Known, Wanted},
    login::{self, Begun, Returned},
    metadata,
    settings::Settings,
    signature,
    token::{self, Expected, Kind},
};

/// The maximum number of checked bearer tokens in the cache.
const MAX_REMEMBERED_TOKENS: u64 = 10_000;
/// The time, in seconds, after which a cached bearer token is checked again. A token whose key is
/// no longer among the cached keys of the provider is accepted for at most this time.
const MAX_REMEMBERED_SECONDS: u64 = 60;

/// An OpenID Connect provider. Clones share the caches.
#[derive(Debug, Clone)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    fetch: Fetch,
    knowledge: Knowledge,
    /// The cache of checked bearer tokens: SHA-256 of the token to the identity.
    remembered: Cache<[u8; 32], Arc<Identity>>,
    /// The runtime whose threads send the requests to the provider and decode the answers.
    runtime: Handle,
}

impl Provider {
    /// Creates the client and reads the file of certificate authorities. No request is sent yet.
    /// The caller must be within the Tokio runtime of the process. An error comes back if the
    /// issuer is not a safe URL, or if the file cannot be used.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        signature::install();
        metadata::url(&settings)?;
        let fetch = Fetch::new(&settings)?;
        let kept = Duration::from_secs(MAX_REMEMBERED_SECONDS);
        let remembered = Cache::builder().max_capacity(MAX_REMEMBERED_TOKENS).time_to_live(kept).build();
        let (knowledge, runtime) = (Knowledge::default(), Handle::current());
        Ok(Self(Arc::new(Inner { settings, fetch, knowledge, remembered, runtime })))
    }

    /// Reads the metadata and the keys of the provider unless the cache has them and they are less
    /// than an hour old. `now`: in seconds since the epoch.
    pub async fn read(&self, now: i64) -> Result<(), Failure> {
        self.apart(move |inner| async move { inner.known(Wanted::Usual, now).await.map(drop) }).await
    }

    /// True if programs may send bearer tokens of this provider.
    pub fn takes_tokens(&self) -> bool {
        self.0.settings.audience.is_some()
    }

    /// Returns the number of failed attempts to read the provider since this client was created.
    pub fn failures(&self) -> u64 {
        self.0.knowledge.failures.load(Ordering::Relaxed)
    }

    /// Returns the URL to which a browser is sent for a login. `now`: in seconds since the epoch.
    pub async fn login_address(&self, begun: Begun, now: i64) -> Result<String, Failure> {
        self.apart(move |inner| async move {
            let known = inner.known(Wanted::Usual, now).await?;
            Ok(login::address(&inner.settings, &known.metadata, &begun))
        })
        .await
    }

    /// Returns the URL at which people log out of the provider; `None` if the provider has none, or
    /// its metadata was not read yet.
    pub fn logout_address(&self) -> Option<String> {
        login::logout_address(&self.0.settings, &self.0.knowledge.current()?.metadata)
    }

    /// Finishes a login and returns the identity of the person. `now`: in seconds since the epoch.
    pub async fn finish(&self, returned: Returned, begun: Begun, now: i64) -> Result<Identity, Rejected> {
        self.apart(move |inner| async move { inner.finish(&returned, &begun, now).await }).await
    }

    /// Returns the identity of a bearer token from the cache. `None` if the cache does not contain
    /// the token, or if it has expired. `now`: in seconds since the epoch.
    pub fn remembered(&self, token: &str, now: i64) -> Option<Arc<Identity>> {
        let identity = self.0.remembered.get(&digest(token))?;
        (now.saturating_sub(self.0.skew()) < identity.expires).then_some(identity)
    }

    /// Checks a bearer token (RFC 6750) and returns the identity in it. `now`: in seconds since the
    /// epoch.
    pub async fn bearer(&self, token: String, now: i64) -> Result<Arc<Identity>, Rejected> {
        self.apart(move |inner| async move { inner.bearer(&token, now).await }).await
    }

    /// Returns the account that a token names, without checking the token. `None` if the token
    /// cannot be read, or names no account, or only a mail address that the provider has not
    /// verified.
    pub fn claimed_account(&self, token: &str) -> Option<String> {
        token::unchecked(token)?.account(&self.0.settings).ok()
    }

    /// Runs `question` in a separate task. The task continues if the client disconnects, and a
    /// panic ends only this task.
    async fn apart<T, E, F>(&self, question: impl FnOnce(Arc<Inner>) -> F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let answered = self.0.runtime.spawn(question(Arc::clone(&self.0))).await;
        answered.unwrap_or_else(|error| Err(Failure::Broken(error.to_string()).into()))
    }
}

impl Inner {
    async fn known(&self, wanted: Wanted<'_>, now: i64) -> Result<Arc<Known>, Failure> {
        self.knowledge.get((&self.fetch, &self.settings), wanted, now).await
    }

    fn skew(&self) -> i64 {
        i64::try_from(self.settings.skew.as_secs()).unwrap_or(i64::MAX)
    }

    async fn finish(&self, returned: &Returned, begun: &Begun, now: i64) -> Result<Identity, Rejected> {
        let known = self.known(Wanted::Usual, now).await?;
        login::check_issuer(&self.settings, &known.metadata, returned)?;
        let tokens = login::tokens(&self.fetch, &self.settings, &known.metadata, &returned.code, begun).await?;
        let claims = self.verified(&tokens.id, &self.settings.client_id, Kind::Id, now).await?;
        if claims.text("nonce") != Some(&begun.nonce) {
            return Err(Unfit::Nonce.into());
        }
        login::identity(&self.fetch, &self.settings, &known.metadata, &claims, &tokens).await
    }

    async fn bearer(&self, token: &str, now: i64) -> Result<Arc<Identity>, Rejected> {
        let Some(audience) = &self.settings.audience else { return Err(Unfit::NoAudience.into()) };
        let claims = self.verified(token, audience, Kind::Access, now).await?;
        let expires = claims.time("exp")?.unwrap_or_default();
        let (account, groups) = (claims.account(&self.settings)?, claims.groups(&self.settings));
        let identity = Arc::new(Identity { account, groups, expires });
        self.remembered.insert(digest(token), Arc::clone(&identity));
        Ok(identity)
    }

    /// Checks a token. If its key is unknown, the keys are read again, because the provider may
    /// have a new one, unless the last attempt to read them was less than ten seconds ago.
    async fn verified(&self, token: &str, audience: &str, kind: Kind, now: i64) -> Result<Claims, Rejected> {
        let expected = Expected { issuer: &self.settings.issuer, audience, kind, now, skew: self.skew() };
        let known = self.known(Wanted::Usual, now).await?;
        match token::verify(token, &known.keys, &expected) {
            Err(Unfit::Key) => {
                let known = self.known(Wanted::NewerThan(&known), now).await?;
                Ok(token::verify(token, &known.keys, &expected)?)
            }
            checked => Ok(checked?),
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
