//! Tests of the client against a provider in memory: valid logins and tokens, and each way in which
//! they can be wrong.

mod login;
mod provider;
mod tokens;

use std::{path::PathBuf, time::Duration};

use openid::{Begun, Provider, Secret, Settings};
use openid_double::{CLIENT, Double, SECRET};

/// The current time in all tests, in seconds since the epoch.
pub(crate) const NOW: i64 = 1_800_000_000;
/// The accepted difference between the clocks, in seconds.
pub(crate) const SKEW: i64 = 60;
/// The audience that bearer tokens must have.
pub(crate) const AUDIENCE: &str = "https://cal.example.com/";

/// A certificate authority, because the settings require a file. It is not used: the requests to
/// the double are not encrypted.
const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/authority.pem");

pub(crate) fn settings(double: &Double) -> Settings {
    Settings {
        issuer: double.issuer().to_owned(),
        client_id: CLIENT.to_owned(),
        secret: Some(Secret::first_line(SECRET)),
        redirect_url: "https://cal.example.com/account/openid".to_owned(),
        home_url: "https://cal.example.com/".to_owned(),
        scopes: "profile email".to_owned(),
        account_claim: "preferred_username".to_owned(),
        groups_claim: "groups".to_owned(),
        audience: Some(AUDIENCE.to_owned()),
        ca_file: PathBuf::from(AUTHORITY),
        skew: Duration::from_secs(60),
        timeout: Duration::from_secs(5),
    }
}

pub(crate) fn client(double: &Double) -> Provider {
    Provider::new(settings(double)).expect("a client")
}

pub(crate) fn begun() -> Begun {
    Begun { state: "state".to_owned(), nonce: "nonce".to_owned(), verifier: "v".repeat(43) }
}
