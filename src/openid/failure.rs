//! Why the provider could not be asked, and why a token or a login was not accepted.

/// The provider could not be asked, or said what cannot be used. The text says what happened,
/// where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It did not answer.
    #[error("{url} cannot be reached: {why}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What the system says.
        why: String,
    },
    /// It answered with another status than success.
    #[error("{url} answered with the status {status}")]
    Refused {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
    },
    /// It sent more than a limit allows.
    #[error("{url} sent more than {limit} bytes")]
    TooMuch {
        /// What was asked.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// What it sent cannot be used.
    #[error("{url} sent something that cannot be used: {why}")]
    Unusable {
        /// What was asked.
        url: String,
        /// The part that is wrong.
        why: String,
    },
    /// The document is another provider's (OpenID Connect Discovery 1.0 §4.3).
    #[error("{url} is of the issuer `{found}`; set openid.issuer to exactly that, if it is the right one")]
    Issuer {
        /// What was asked.
        url: String,
        /// The issuer that it names.
        found: String,
    },
    /// The answer ended the task that read it.
    #[error("a question to the provider ended without an answer: {0}")]
    Broken(String),
    /// The authorities of the settings cannot be trusted, or a client cannot be made.
    #[error("TLS to the provider cannot be set up: {0}")]
    Tls(String),
}

/// Why a token was not accepted. The texts are for logs, answers and history, and name nothing of
/// the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is longer than a limit.
    #[error("the token is too long")]
    TooLong,
    /// It is no JWT, or one whose algorithm is unknown.
    #[error("the token is none that can be read")]
    Malformed,
    /// It is not signed, or by a secret that both sides know (RFC 8725 §3.1).
    #[error("the token is signed by an algorithm that is not accepted")]
    Algorithm,
    /// It is for another purpose (RFC 8725 §3.11).
    #[error("the token is of another type")]
    Type,
    /// No key of the provider fits.
    #[error("the token is signed by a key that the provider does not have")]
    Key,
    /// The signature does not fit.
    #[error("the token has a wrong signature")]
    Signature,
    /// Somebody else made it.
    #[error("the token is of another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// It was right before.
    #[error("the token has expired")]
    Expired,
    /// It will be right later.
    #[error("the token is not valid yet")]
    Early,
    /// It belongs to another login (OpenID Connect Core 1.0 §3.1.3.7).
    #[error("the token belongs to another login")]
    Nonce,
    /// The sender has to prove that they have a key (RFC 9449, RFC 8705). This server does not
    /// check such proofs.
    #[error("the token is bound to a key of its program")]
    Bound,
    /// The claim that names the account is missing.
    #[error("the token names no account")]
    Account,
    /// The mail address that names the account was not verified by the provider.
    #[error("the token has a mail address that the provider did not verify")]
    Unverified,
}

impl Unfit {
    /// Whether somebody may be guessing. The provider itself signed what has expired, or is not
    /// valid yet.
    pub fn is_guess(self) -> bool {
        !matches!(self, Self::Expired | Self::Early)
    }
}

/// Why no person was recognized.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// A token is not accepted.
    #[error(transparent)]
    Token(#[from] Unfit),
    /// The provider could not be asked.
    #[error(transparent)]
    Unavailable(#[from] Failure),
    /// The provider says no: one of the words of RFC 6749 §4.1.2.1 and §5.2.
    #[error("the provider refused the login ({0})")]
    Refused(String),
}
