//! The metadata of an event: by whom, when, how and why it was caused.
//!
//! **Invariant:** readers pass over fields and words they do not know, so that a later version can
//! add some; a field that changed its meaning would get another name. The personal part is stored
//! apart from the clear part, so that it can be encrypted, and its key destroyed, while the clear
//! part stays.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Encoding, Part, Position, PrincipalId, Timestamp, access::Grantee, words::words};

/// The program and place a command came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The HTTP method, or the part of the server that acted: `PUT`, `DELETE`, `delivery`,
    /// `command line` …
    pub via: String,
    /// The `User-Agent`, shortened to a limit. Empty for the server's own acts. Personal.
    pub agent: String,
    /// The client's network address. Empty for the server's own acts. Personal.
    pub address: String,
}

words! {
    /// How the actor proved who they are.
    Authentication {
        /// The password of the account, with each request (RFC 7617).
        Password = "password",
        /// A password made for one program.
        AppPassword = "app-password",
        /// A bearer token (RFC 6750).
        Token = "token",
        /// A client certificate of TLS.
        Certificate = "certificate",
        /// A trusted proxy named them.
        Proxy = "proxy",
        /// A provider of OpenID Connect, at which the person logged in for a page.
        OpenId = "openid",
        /// The operating system of the server's machine.
        OperatingSystem = "operating-system",
    }
}

words! {
    /// The ground on which an act was allowed.
    Ground {
        /// The actor owns the home.
        Owner = "owner",
        /// The actor is an administrator, who has every privilege.
        Administrator = "administrator",
        /// An entry of an ACL grants the privilege (RFC 3744 §5.5).
        Entry = "entry",
        /// The actor runs the program on the server's machine.
        Operator = "operator",
        /// The server acts by itself.
        Server = "server",
    }
}

/// The right by which an act was allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    /// The ground.
    pub by: Ground,
    /// Name of the stream whose ACL holds the entry: the resource's own, or that of a collection
    /// above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The principals that the entry applies to, the actor among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Grantee>,
}

impl Right {
    /// A right that needs no entry of an ACL.
    pub const fn of(by: Ground) -> Self {
        Self { by, on: None, to: None }
    }
}

/// The conditions of a request, as the client sent them, each shortened to
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
    /// The most bytes of each condition that are kept.
    pub const MAX_BYTES: usize = 512;

    /// Returns true if the request had no condition.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The person who ran the program on the server's machine, as the operating system names them.
/// Personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// The number of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The name of the user. Empty: unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub login: String,
    /// The name of the machine. Empty: unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
}

/// By whom, when, how and why an event was caused.
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
    /// The authenticated principal; `None` for the server itself (delivery, command line).
    pub actor: Option<PrincipalId>,
    /// The principal in whose home or name the actor acted, if that is another.
    pub on_behalf_of: Option<PrincipalId>,
    /// The program and place the command came from.
    pub client: Client,
    /// The identity of the HTTP request or command line call; the access log has it too.
    pub request: Uuid,
    /// The identity of the first cause, equal for all events that one request led to.
    pub correlation: Uuid,
    /// The event that caused this one; `None` if a person did.
    pub causation: Option<Uuid>,
    /// The identity of the act: the ids of the events of the append are derived from it. On its
    /// first event only, like all fields below down to `restored`.
    pub act: Option<Uuid>,
    /// The `server-started` event of the process that decided.
    pub server: Option<Uuid>,
    /// The position up to which the read models were applied when the command was decided.
    pub basis: Option<Position>,
    /// The right by which the act was allowed.
    pub right: Option<Right>,
    /// How the actor proved who they are.
    pub auth: Option<Authentication>,
    /// The request's conditions.
    pub conditions: Conditions,
    /// The position to whose state a restore puts something back.
    pub restored: Option<Position>,
    /// The person at the command line. Personal.
    pub operator: Option<Operator>,
    /// When the event was stored, by the clock of the journal's writer. It never decreases along
    /// the positions of a journal with one writer, and along the revisions of a stream elsewhere.
    /// `None` before it is stored, and in events of earlier versions.
    pub stored_at: Option<Timestamp>,
    /// The personal part as it is stored, where it is encrypted. A writer stores it instead of
    /// `client.agent`, `client.address` and `operator`, and a reader leaves those empty.
    pub sealed: Option<Part>,
}

/// The clear part as it is stored. Versions 1 and 2 held agent and address in it.
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

/// The personal part as it is stored.
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
    /// The version that is written. Metadata of version 1 did not state it.
    pub const VERSION: i32 = 3;

    /// Returns the clear part as JSON.
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

    /// Returns the personal part in the form in which it is stored; `None` if there is nothing
    /// personal.
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

    /// Reads both parts. A personal part in another encoding than JSON is kept as it is, in
    /// [`Metadata::sealed`].
    ///
    /// Returns an error if a part has a form that no version wrote.
    pub fn read(clear: &[u8], personal: Option<Part>) -> serde_json::Result<Self> {
        let clear: Clear<'_> = serde_json::from_slice(clear)?;
        let ClearClient { via, agent, address } = clear.client;
        let mut metadata = Self {
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
        };
        match personal {
            Some(part) if part.encoding == Encoding::JSON => metadata.unseal(&part.bytes)?,
            other => metadata.sealed = other,
        }
        Ok(metadata)
    }

    /// Fills in the personal part from its JSON, and drops the sealed one.
    ///
    /// Returns an error if the bytes have a form that no version wrote.
    pub fn unseal(&mut self, personal: &[u8]) -> serde_json::Result<()> {
        let Personal { agent, address, operator } = serde_json::from_slice(personal)?;
        self.client.agent = agent.into_owned();
        self.client.address = address.into_owned();
        self.operator = operator.map(Cow::into_owned);
        self.sealed = None;
        Ok(())
    }

    /// Returns the metadata of a further event of an append, without the fields that only the first
    /// event has.
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
