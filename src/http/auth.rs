//! Who is asking: Basic authentication (RFC 7617).
//!
//! **Invariant:** nothing is answered without credentials but discovery and health; a first request without them
//! is a question, not an attack (clients probe), and gets 401.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::{Engine, engine::general_purpose::STANDARD};
use projections::{Directory, Entry};
use schemas::PrincipalId;

use crate::{no::No, server::State};

/// An authenticated principal, by the directory as it was when the request began.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: PrincipalId,
    /// Oneself, and every group one is in.
    pub identities: BTreeSet<PrincipalId>,
    pub directory: Arc<Directory>,
}

impl Person {
    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.directory.by_id(self.id)
    }

    pub(crate) fn is_administrator(&self) -> bool {
        self.entry().is_some_and(|entry| entry.administrator)
    }
}

pub(crate) async fn authenticate(state: &State, headers: &HeaderMap, from: Option<IpAddr>) -> Result<Person, No> {
    let service = &state.service;
    let (name, password) = headers.get(AUTHORIZATION).and_then(|value| basic(value.as_bytes())).ok_or(No::Unknown)?;
    if state.failed_logins.are_too_many(from, &name) {
        return Err(No::TooManyLogins);
    }
    let Some(id) = service.authenticate(&name, &password).await? else {
        state.failed_logins.count(from, &name, &password);
        state.metrics.count_failed_login();
        return Err(No::Unknown);
    };
    let directory = service.models().directory();
    Ok(Person { id, identities: directory.identities_of(id), directory })
}

/// Name and password of `Basic` credentials.
fn basic(value: &[u8]) -> Option<(String, String)> {
    let (scheme, credentials) = value.split_at_checked("Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim_ascii()).ok()?).ok()?;
    // RFC 7617 §2: the name has no colon, the password may.
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_a_name_and_a_password() {
        let rows = [
            ("plain", "Basic YW5uYTpzZWNyZXQ=", Some(("anna", "secret"))),
            ("scheme in any case", "bAsIc YW5uYTpzZWNyZXQ=", Some(("anna", "secret"))),
            ("a colon in the password", "Basic YTpiOmM=", Some(("a", "b:c"))),
            ("no colon", "Basic YWJj", None),
            ("not base64", "Basic ???", None),
            ("another scheme", "Bearer YW5uYTpzZWNyZXQ=", None),
            ("nothing", "Basic", None),
        ];
        for (title, value, expected) in rows {
            let read = basic(value.as_bytes());
            let read = read.as_ref().map(|(name, password)| (name.as_str(), password.as_str()));
            assert_eq!(read, expected, "{title}");
        }
    }
}
