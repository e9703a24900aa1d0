//! The errors of this crate: failed requests to the provider, and refused tokens and logins.

/// The client cannot be set up, a request to the provider failed, or its answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The provider did not answer in time, or there was no connection to it.
    #[error("the request to {url} failed: {why}")]
    Unreachable {
        /// The URL of the request.
        url: String,
        /// The reason, in the words of the operating system or the HTTP library.
        why: String,
    },
    /// The provider answered with a status other than 200.
    #[error(
        "{url} answered with the status {status} instead of 200; check openid.issuer, or see the log of the provider"
    )]
    Refused {
        /// The URL of the request.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The provider's answer is larger than the limit.
    #[error("{url} sent more than {limit} bytes")]
    TooMuch {
        /// The URL of the request.
        url: String,
        /// The exceeded limit, in bytes.
        limit: usize,
    },
    /// The issuer of the settings is not a safe URL, so that the provider is not asked.
    #[error("openid.issuer `{issuer}` {why}")]
    Url {
        /// The issuer of the settings.
        issuer: String,
        /// The fault in the URL, as a predicate: `must be a URL such as https://HOST/`.
        why: &'static str,
    },
    /// The provider's answer, or a URL in it, cannot be used.
    #[error("{url} sent something that cannot be used: {why}")]
    Unusable {
        /// The URL of the request.
        url: String,
        /// The fault in the answer.
        why: String,
    },
    /// The discovery document names another issuer than the settings (OpenID Connect Discovery 1.0
    /// §4.3).
    #[error("{url} names the issuer `{found}`; set openid.issuer to exactly this value if it is the right provider")]
    Issuer {
        /// The URL of the request.
        url: String,
        /// The issuer that the document names.
        found: String,
    },
    /// The task that asked the provider ended without a result, for example because it panicked.
    #[error("a request to the OpenID provider failed: {0}")]
    Broken(String),
    /// The certificate authorities of the settings cannot be loaded, or the HTTP client cannot be
    /// built.
    #[error("TLS to the OpenID provider cannot be set up: {0}")]
    Tls(String),
}

/// The reason why a token was refused. The texts are for logs, answers and history, and contain
/// nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The token is longer than `MAX_TOKEN_BYTES`.
    #[error("the token is longer than 16,384 bytes")]
    TooLong,
    /// The token is not a JWT, its algorithm is unknown, or a required claim is missing or has the
    /// wrong type.
    #[error("the token cannot be read or lacks a required claim")]
    Malformed,
    /// The token is signed with a shared secret (RFC 8725 §3.1).
    #[error("the token is signed by an algorithm that is not accepted, such as one with a shared secret")]
    Algorithm,
    /// The header `typ` says that the token has another purpose (RFC 8725 §3.11).
    #[error("the header `typ` of the token names a type that is not accepted")]
    Type,
    /// The provider has no key with the key id and the algorithm of the token.
    #[error("the provider publishes no key with the key id and the algorithm of the token")]
    Key,
    /// The signature is wrong.
    #[error("the token has a wrong signature")]
    Signature,
    /// The token, or the answer to a login, names another issuer than the settings.
    #[error("the token or the answer to the login does not name the expected issuer (openid.issuer)")]
    Issuer,
    /// The token was issued for another audience or another client, or it has several audiences and
    /// does not name the client (OpenID Connect Core 1.0 §3.1.3.7).
    #[error(
        "the token is not for this server: it names another audience or authorized party, or several audiences and no \
         authorized party"
    )]
    Audience,
    /// The settings name no audience, so that no bearer token is accepted.
    #[error("this server accepts no bearer tokens (openid.audience is empty)")]
    NoAudience,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is not valid yet.
    #[error("the token is not valid yet")]
    Early,
    /// The nonce of the ID token is not that of this attempt to log in (OpenID Connect Core 1.0
    /// §3.1.3.7).
    #[error("the token does not contain the nonce of this attempt to log in")]
    Nonce,
    /// The token may only be used by a client that proves possession of a key (RFC 9449, RFC 8705).
    /// This server does not check such proofs.
    #[error("the token is bound to a key of the program and cannot be checked")]
    Bound,
    /// The claim that names the account is missing or empty.
    #[error("the provider sent no account name in the configured claim (openid.account_claim)")]
    Account,
    /// The claim that names the account is `email`, and the provider does not state that it has
    /// verified the address.
    #[error("the provider does not state that it has verified the mail address")]
    Unverified,
}

impl Unfit {
    /// True if the token may be a guess, which counts as a failed login. Expired tokens and tokens
    /// that are not valid yet were signed by the provider, so they are no guesses.
    pub fn is_guess(self) -> bool {
        !matches!(self, Self::Expired | Self::Early)
    }
}

/// The reason why a login or a bearer token led to no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The token was refused.
    #[error(transparent)]
    Token(#[from] Unfit),
    /// The request to the provider failed.
    #[error(transparent)]
    Unavailable(#[from] Failure),
    /// The provider refused the login, with an error code such as those of RFC 6749 §4.1.2.1 and
    /// §5.2.
    #[error("the provider refused the login ({0})")]
    Refused(String),
}
