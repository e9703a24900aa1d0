//! The metadata of an event: who caused it, when, how and why.
//!
//! **Invariant:** readers ignore fields that they do not know, and keep unknown words of
//! [`Authentication`] and [`Ground`] unchanged, so that a later version can add some. A field never
//! changes its meaning; a new meaning gets a new name. The personal part is stored separately from
//! the clear part. It can thus be encrypted, and its key destroyed, while the clear part remains.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::right::{Ground, Right};
use crate::{Encoding, Part, Position, PrincipalId, Timestamp, right::without_unknown, words::words};

/// The program from which a command came, and its network address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The HTTP method, or the part of the server that acted: `PUT`, `DELETE`, `delivery`, `command
    /// line` …
    pub via: String,
    /// The `User-Agent` of the request, cut if it is too long. Empty if it had none, or if there
    /// was no HTTP request. Personal.
    pub agent: String,
    /// The network address of the program; empty if there is none. Personal.
    pub address: String,
}

words! {
    /// The method by which the actor or the operator was authenticated.
    Authentication {
        /// The password of the account.
        Password = "password",
        /// An app password, which is for a single program.
        AppPassword = "app-password",
        /// A bearer token (RFC 6750).
        Token = "token",
        /// A TLS client certificate.
        Certificate = "certificate",
        /// A trusted proxy named the actor.
        Proxy = "proxy",
        /// OpenID Connect: the person logged in at a provider, to use a web page.
        OpenId = "openid",
        /// The operating system of the server's machine.
        OperatingSystem = "operating-system",
    }
}

/// Headers of a request on which its outcome depends, as the client sent them, each cut to
/// [`Conditions::MAX_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// `If-Match` (RFC 9110 §13.1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    /// `If-None-Match` (RFC 9110 §13.1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_none_match: Option<String>,
    /// `If` (RFC 4918 §10.4).
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub if_header: Option<String>,
    /// `If-Schedule-Tag-Match` (RFC 6638 §8.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_schedule_tag_match: Option<String>,
    /// `Schedule-Reply` (RFC 6638 §8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_reply: Option<String>,
    /// `Overwrite` (RFC 4918 §10.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overwrite: Option<String>,
    /// `Prefer` (RFC 7240 §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<String>,
}

impl Conditions {
    /// Maximum bytes of each header that are recorded.
    pub const MAX_BYTES: usize = 512;

    /// Returns true if the request had none of these headers.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The operating system's user who ran the program on the server's machine. Personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// The number of the user; absent if it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The login name of the user; empty if it is unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub login: String,
    /// The host name of the machine; empty if it is unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
}

/// The metadata of an event: who caused it, when, how and why.
///
/// ```
/// use schemas::{Client, Metadata, Timestamp};
///
/// let client = Client { via: "PUT".to_owned(), agent: "Calendar/1".to_owned(), ..Client::default() };
/// let metadata = Metadata { at: Timestamp::from_seconds(1_767_614_400), client, ..Metadata::default() };
/// let (clear, personal) = (metadata.clear(), metadata.personal());
/// assert!(!String::from_utf8_lossy(&clear).contains("Calendar/1"));
/// assert_eq!(Metadata::read(&clear, personal)?, metadata);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// When the command was decided.
    pub at: Timestamp,
    /// The authenticated principal; `None` if there is none, as for the server and an operator.
    pub actor: Option<PrincipalId>,
    /// The principal in whose home or name the actor acted; `None` if it is the actor, if there is
    /// no actor, and in the access journal.
    pub on_behalf_of: Option<PrincipalId>,
    /// The program from which the command came, and its network address.
    pub client: Client,
    /// Id of the HTTP request, which is also in the access log, or of the command line call.
    pub request: Uuid,
    /// The id of the first cause. It is equal for all events to which one request led.
    pub correlation: Uuid,
    /// Id of the event that caused this one; `None` if no event did, such as for a request.
    pub causation: Option<Uuid>,
    /// Id of the command, from which the ids of the append's events are derived; `None` in the
    /// access journal and its anchors. This field and those from `server` to `restored` are only in
    /// the first event of an append, since version 3.
    pub act: Option<Uuid>,
    /// Id of the `server-started` event of the deciding process; `None` if it stored none.
    pub server: Option<Uuid>,
    /// The position up to which the read models had applied events at the decision; `None` if the
    /// process has no read models.
    pub basis: Option<Position>,
    /// The right by which the command was allowed; `None` if none was recorded.
    pub right: Option<Right>,
    /// The method by which the actor or the operator was authenticated; `None` if nobody was.
    pub auth: Option<Authentication>,
    /// Headers of the request on which its outcome depended.
    pub conditions: Conditions,
    /// Position of the past state that a restore brings back; `None` for other commands.
    pub restored: Option<Position>,
    /// The user at the command line; `None` for other commands. Personal.
    pub operator: Option<Operator>,
    /// When the event was stored, by the clock of the journal's writer. In a journal with one
    /// writer it never decreases with the position; otherwise, it never decreases within a stream.
    /// `None` before the event is stored, and in events of earlier versions.
    pub stored_at: Option<Timestamp>,
    /// The personal part as stored; `None` if it is JSON, or if there is none. It is stored instead
    /// of `client.agent`, `client.address` and `operator`, which are empty for a reader.
    pub sealed: Option<Part>,
}

/// The clear part of metadata as stored. In versions 1 and 2 it contained agent and address.
#[derive(Serialize, Deserialize)]
struct Clear<'a> {
    #[serde(default = "first_version")]
    version: i32,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<PrincipalId>,
    #[serde(borrow)]
    client: ClearClient<'a>,
    request: Uuid,
    correlation: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    causation: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    act: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis: Option<Position>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    right: Option<Cow<'a, Right>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth: Option<Cow<'a, Authentication>>,
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    conditions: Cow<'a, Conditions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restored: Option<Position>,
}

#[derive(Serialize, Deserialize)]
struct ClearClient<'a> {
    #[serde(borrow)]
    via: Cow<'a, str>,
    #[serde(default, skip_serializing)]
    agent: String,
    #[serde(default, skip_serializing)]
    address: String,
}

/// The personal part of metadata in its stored form.
#[derive(Default, Serialize, Deserialize)]
struct Personal<'a> {
    #[serde(default, borrow, skip_serializing_if = "str::is_empty")]
    agent: Cow<'a, str>,
    #[serde(default, borrow, skip_serializing_if = "str::is_empty")]
    address: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<Cow<'a, Operator>>,
}

const fn first_version() -> i32 {
    1
}

impl Metadata {
    /// The version in which metadata are written. Version 1 did not contain its number.
    pub const VERSION: i32 = 3;

    /// Returns the clear part of the metadata as JSON.
    pub fn clear(&self) -> Vec<u8> {
        let Self { at, actor, on_behalf_of, request, correlation, causation, act, server, basis, restored, .. } = *self;
        let client = ClearClient { via: Cow::Borrowed(&self.client.via), agent: String::new(), address: String::new() };
        let (right, auth) = (self.right.as_ref().map(Cow::Borrowed), self.auth.as_ref().map(Cow::Borrowed));
        let (version, conditions) = (Self::VERSION, Cow::Borrowed(&self.conditions));
        let clear = Clear {
            version,
            at,
            actor,
            on_behalf_of,
            client,
            request,
            correlation,
            causation,
            act,
            server,
            basis,
            right,
            auth,
            conditions,
            restored,
        };
        json(&clear)
    }

    /// Returns the personal part in its stored form; `None` if there are no personal data.
    pub fn personal(&self) -> Option<Part> {
        if self.sealed.is_some() {
            return self.sealed.clone();
        }
        let Client { via: _, agent, address } = &self.client;
        if agent.is_empty() && address.is_empty() && self.operator.is_none() {
            return None;
        }
        let (agent, address) = (Cow::Borrowed(&**agent), Cow::Borrowed(&**address));
        let personal = Personal { agent, address, operator: self.operator.as_ref().map(Cow::Borrowed) };
        Some(Part { encoding: Encoding::JSON, bytes: json(&personal).into() })
    }

    /// Parses the clear and the personal part. A personal part whose encoding is not JSON is kept
    /// unchanged in [`Metadata::sealed`].
    ///
    /// Returns an error if a part does not have the form of any version.
    pub fn read(clear: &[u8], personal: Option<Part>) -> serde_json::Result<Self> {
        let mut metadata = match serde_json::from_slice(clear) {
            Ok(clear) => Self::of(clear),
            Err(error) => {
                let known = without_unknown(clear, Self::VERSION).ok_or(error)?;
                Self::of(Clear::deserialize(&known)?)
            }
        };
        match personal {
            Some(part) if part.encoding == Encoding::JSON => metadata.unseal(&part.bytes)?,
            other => metadata.sealed = other,
        }
        Ok(metadata)
    }

    fn of(clear: Clear<'_>) -> Self {
        let ClearClient { via, agent, address } = clear.client;
        Self {
            at: clear.at,
            actor: clear.actor,
            on_behalf_of: clear.on_behalf_of,
            client: Client { via: via.into_owned(), agent, address },
            request: clear.request,
            correlation: clear.correlation,
            causation: clear.causation,
            act: clear.act,
            server: clear.server,
            basis: clear.basis,
            right: clear.right.map(Cow::into_owned),
            auth: clear.auth.map(Cow::into_owned),
            conditions: clear.conditions.into_owned(),
            restored: clear.restored,
            ..Self::default()
        }
    }

    /// Sets the personal fields from the decrypted JSON, and removes the encrypted part.
    ///
    /// Returns an error if the bytes do not have the form of any version.
    pub fn unseal(&mut self, personal: &[u8]) -> serde_json::Result<()> {
        let Personal { agent, address, operator } = serde_json::from_slice(personal)?;
        self.client.agent = agent.into_owned();
        self.client.address = address.into_owned();
        self.operator = operator.map(Cow::into_owned);
        self.sealed = None;
        Ok(())
    }

    /// Returns the metadata for the events of an append after the first: without the fields that
    /// only the first event has.
    #[must_use]
    pub fn further(&self) -> Self {
        let Self { at, actor, on_behalf_of, request, correlation, causation, .. } = *self;
        let (client, operator, sealed) = (self.client.clone(), self.operator.clone(), self.sealed.clone());
        Self { at, actor, on_behalf_of, client, request, correlation, causation, operator, sealed, ..Self::default() }
    }
}

fn json(part: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(part).expect("metadata hold only strings and numbers")
}
