//! The errors of requests to the directory.

use std::io;

/// The error of a request to the directory, or of the certificate authorities for it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No server could be reached. The text names each with its reason.
    #[error("no connection to a server in directory.servers could be opened: {0}")]
    Unreachable(String),
    /// The server did not answer in time.
    #[error("{server} did not answer within {seconds} s; if it is only slow, raise directory.timeout_seconds")]
    Slow {
        /// The server's URL.
        server: String,
        /// The time that the server had, in seconds.
        seconds: u64,
    },
    /// The server answered with an LDAP result code other than success (RFC 4511 §4.1.9).
    #[error("{server} refused {what} with code {code} ({text}){advice}")]
    Refused {
        /// The server's URL.
        server: String,
        /// The operation that the server refused.
        what: &'static str,
        /// The result code.
        code: u32,
        /// The diagnostic message of the server.
        text: String,
        /// Advice about this result code; may be empty.
        advice: &'static str,
    },
    /// The server sent more than a limit allows.
    #[error("{server} sent more than {limit} {what}; narrow the searches in the section `directory`")]
    TooMuch {
        /// The server's URL.
        server: String,
        /// The exceeded limit.
        limit: usize,
        /// The name of the counted things, such as `entries of one kind`.
        what: &'static str,
    },
    /// The connection ended, or the server sent something that this client cannot read, or the
    /// decoder panicked.
    #[error("no usable answer came from {server}: {why}")]
    Broken {
        /// The server's URL; `the directory` if the decoder panicked.
        server: String,
        /// The reason, in the words of the operating system, the LDAP library or this client.
        why: String,
    },
    /// The certificate authorities of the settings cannot be loaded.
    #[error("TLS to the directory cannot be set up: {0}")]
    Untrusted(#[from] peer::Untrusted),
}

impl Failure {
    pub(crate) fn broken(server: &str, why: &dyn std::error::Error) -> Self {
        Self::Broken { server: server.to_owned(), why: why.to_string() }
    }

    pub(crate) fn refused(server: &str, what: &'static str, code: u32, text: &str) -> Self {
        let text = if text.is_empty() { name(code).to_owned() } else { format!("{}: {text}", name(code)) };
        Self::Refused { server: server.to_owned(), what, code, text, advice: advice(code) }
    }
}

/// Returns the name of a result code (RFC 4511, appendix A); for a code that is not in this list, a
/// reference to that appendix.
fn name(code: u32) -> &'static str {
    match code {
        1 => "operationsError",
        3 => "timeLimitExceeded",
        4 => "sizeLimitExceeded",
        8 => "strongerAuthRequired",
        10 => "referral",
        11 => "adminLimitExceeded",
        13 => "confidentialityRequired",
        32 => "noSuchObject",
        48 => "inappropriateAuthentication",
        49 => "invalidCredentials",
        50 => "insufficientAccessRights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        _ => "see RFC 4511, appendix A",
    }
}

fn advice(code: u32) -> &'static str {
    match code {
        1 => "; set directory.bind_dn if the server answers only after a login, as Active Directory does",
        3 | 4 | 11 => "; on the server, raise the limits of directory.bind_dn, or of anonymous searches if it is empty",
        8 | 13 => "; use ldaps:// or directory.starttls = true",
        10 => "; referrals are not followed: name the server that holds the entries in directory.servers",
        32 => "; check directory.bind_dn, directory.people_base and the other bases",
        48 | 49 => "; check directory.bind_dn and directory.password_file",
        50 => "; set directory.bind_dn if it is empty, and give it the right to read the entries",
        _ => "",
    }
}

/// Returns the text of the inner error of an I/O error, or of the I/O error itself if it has no
/// inner one.
pub(crate) fn reason(error: &io::Error) -> String {
    error.get_ref().map_or_else(|| error.to_string(), ToString::to_string)
}
