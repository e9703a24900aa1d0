//! The provider, as the program uses it.

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

/// Bearer tokens that were right a short time ago, at a time.
const MAX_REMEMBERED_TOKENS: u64 = 10_000;
/// Seconds after which a bearer token is checked again: a key that the provider withdrew opens
/// nothing for longer.
const MAX_REMEMBERED_SECONDS: u64 = 60;

/// An OpenID Connect provider that can be asked. Clones share what is known of it.
#[derive(Debug, Clone)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    fetch: Fetch,
    knowledge: Knowledge,
    /// By the digest of the token.
    remembered: Cache<[u8; 32], Arc<Identity>>,
    /// Whose threads wait for the provider and decode its answers.
    runtime: Handle,
}

impl Provider {
    /// Reads the file of authorities, and sends no request yet. Must be called in the runtime of
    /// the process.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        signature::install();
        metadata::url(&settings)?;
        let fetch = Fetch::new(&settings)?;
        let kept = Duration::from_secs(MAX_REMEMBERED_SECONDS);
        let remembered = Cache::builder().max_capacity(MAX_REMEMBERED_TOKENS).time_to_live(kept).build();
        let (knowledge, runtime) = (Knowledge::default(), Handle::current());
        Ok(Self(Arc::new(Inner { settings, fetch, knowledge, remembered, runtime })))
    }

    /// Reads what the provider says of itself, unless it is known already. `now`: in seconds since
    /// the epoch.
    pub async fn read(&self, now: i64) -> Result<(), Failure> {
        self.apart(move |inner| async move { inner.known(Wanted::Usual, now).await.map(drop) }).await
    }

    /// Returns whether programs may send bearer tokens of this provider.
    pub fn takes_tokens(&self) -> bool {
        self.0.settings.audience.is_some()
    }

    /// Returns how often the provider could not be read.
    pub fn failures(&self) -> u64 {
        self.0.knowledge.failures.load(Ordering::Relaxed)
    }

    /// Returns the address to which a browser goes for a login. `now`: in seconds since the epoch.
    pub async fn login_address(&self, begun: Begun, now: i64) -> Result<String, Failure> {
        self.apart(move |inner| async move {
            let known = inner.known(Wanted::Usual, now).await?;
            Ok(login::address(&inner.settings, &known.metadata, &begun))
        })
        .await
    }

    /// Returns the address at which people log out there; `None`: the provider has none, or is not
    /// known yet.
    pub fn logout_address(&self) -> Option<String> {
        login::logout_address(&self.0.settings, &self.0.knowledge.current()?.metadata)
    }

    /// Returns who logged in. `now`: in seconds since the epoch.
    pub async fn finish(&self, returned: Returned, begun: Begun, now: i64) -> Result<Identity, Rejected> {
        self.apart(move |inner| async move { inner.finish(&returned, &begun, now).await }).await
    }

    /// Returns whose bearer token this is, if it was right a short time ago. `now`: in seconds
    /// since the epoch.
    pub fn remembered(&self, token: &str, now: i64) -> Option<Arc<Identity>> {
        let identity = self.0.remembered.get(&digest(token))?;
        (now.saturating_sub(self.0.skew()) < identity.expires).then_some(identity)
    }

    /// Checks a bearer token (RFC 6750), and returns whose it is. `now`: in seconds since the
    /// epoch.
    pub async fn bearer(&self, token: String, now: i64) -> Result<Arc<Identity>, Rejected> {
        self.apart(move |inner| async move { inner.bearer(&token, now).await }).await
    }

    /// Returns the account that a token names, whether it is right or not; `None` if it cannot be
    /// read.
    pub fn claimed_account(&self, token: &str) -> Option<String> {
        token::unchecked(token)?.account(&self.0.settings).ok()
    }

    /// Asks in a task of its own: it goes on if the client goes, and an answer on which a decoder
    /// panics ends it alone.
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
        let Some(audience) = &self.settings.audience else { return Err(Unfit::Audience.into()) };
        let claims = self.verified(token, audience, Kind::Access, now).await?;
        let expires = claims.time("exp")?.unwrap_or_default();
        let (account, groups) = (claims.account(&self.settings)?, claims.groups(&self.settings));
        let identity = Arc::new(Identity { account, groups, expires });
        self.remembered.insert(digest(token), Arc::clone(&identity));
        Ok(identity)
    }

    /// Checks a token. If it is signed by a key that is not known, the provider may have a new one.
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
