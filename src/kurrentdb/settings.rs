//! Parses the connection string, which names the servers and the user.
//!
//! **Invariant:** no message shows a password.

use eventstore::ClientSettings;
use journal::redacted;

use super::{OpenError, pem};

/// URL schemes in KurrentDB's documentation, each with the scheme that the client library knows.
const SCHEMES: [(&str, &str); 4] = [
    ("kurrentdb://", "esdb://"),
    ("kurrentdb+discover://", "esdb+discover://"),
    ("kurrent://", "esdb://"),
    ("kurrent+discover://", "esdb+discover://"),
];

/// Defaults for settings that the connection string leaves out. Reads go to the leader, because
/// followers lag and a decision must see the last append. `discoveryInterval` is the time, in
/// milliseconds, that the client library waits before it connects.
const DEFAULTS: [(&str, &str); 2] = [("nodePreference", "leader"), ("discoveryInterval", "50")];

/// Parses a connection string. Checks the files of certificates that it names, because the client
/// library panics if it cannot read them.
pub(super) fn parse(url: &str) -> Result<ClientSettings, OpenError> {
    let mut translated = url.to_owned();
    for (ours, theirs) in SCHEMES {
        if let Some(rest) = url.strip_prefix(ours) {
            translated = format!("{theirs}{rest}");
        }
    }
    for (name, value) in DEFAULTS {
        if !translated.to_lowercase().contains(&format!("{}=", name.to_lowercase())) {
            let separator = if translated.contains('?') { '&' } else { '?' };
            translated = format!("{translated}{separator}{name}={value}");
        }
    }
    let settings: ClientSettings = translated.parse().map_err(|_| OpenError::NotAnAddress(redacted(url)))?;
    pem::check(&settings)?;
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use eventstore::NodePreference;

    use super::*;

    #[test]
    fn a_connection_string_prefers_the_leader_unless_it_says_otherwise() {
        for (url, secure, preference) in [
            ("kurrentdb://localhost:2113", true, NodePreference::Leader),
            ("kurrentdb://a:1,b:2,c:3?tls=false", false, NodePreference::Leader),
            ("esdb://localhost?tls=false&nodePreference=follower", false, NodePreference::Follower),
            ("kurrentdb+discover://db.example.com:2113", true, NodePreference::Leader),
            ("kurrent://localhost", true, NodePreference::Leader),
        ] {
            let settings = parse(url).unwrap();
            assert_eq!((settings.is_secure_mode_enabled(), settings.node_preference()), (secure, preference), "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_connection_string_is_said_without_its_password() {
        for (url, expected) in [
            ("kurrentdb://ann:secret@host:port", "`kurrentdb://ann:…@host:port` is not a connection string"),
            ("http://ann:secret@host", "`http://ann:…@host` is not a connection string"),
            ("kurrentdb://host?tlsCaFile=/nowhere.pem", "/nowhere.pem: No such file"),
            (concat!("kurrentdb://host?tlsCaFile=", env!("CARGO_MANIFEST_DIR"), "/lib.rs"), "contains no certificate"),
        ] {
            let refused = parse(url).unwrap_err().to_string();
            assert!(refused.contains(expected) && !refused.contains("secret"), "{url}: {refused}");
        }
    }
}
