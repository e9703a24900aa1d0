//! The events of each aggregate, and how stored bytes become events of today's version.

use serde::Serialize;
use serde_json::Value;

use crate::{
    Encoding, PrincipalId, StreamKind,
    access_journal::{
        AccessAnchored, FreeBusyAsked, HistoryLookedAt, LoggedIn, LoginRefused, RecordsOmitted, RequestRefused,
        SegmentBegun, VersionsServed,
    },
    collection::{CollectionAclChanged, CollectionCreated, CollectionMoved, CollectionPropertiesChanged},
    file::{FileAclChanged, FilePropertiesChanged, FileRemoved, FileStored},
    lifts,
    object::{
        DeliveryReported, InboxItemRemoved, MessageIssued, MessageReceived, MessageSuppressed, MessageWithdrawn,
        ObjectAclChanged, ObjectMoved, ObjectPropertiesChanged, ObjectPut, ObjectRemoved, ObjectRevised,
    },
    payload::encode,
    principal::{
        PrincipalAppPasswordAdded, PrincipalAppPasswordRevoked, PrincipalMembersSet, PrincipalPasswordSet,
        PrincipalPropertiesChanged, PrincipalQuotaSet, PrincipalRegistered, PrincipalRenamed, PrincipalRetired,
        Profile,
    },
    server::{ServerStarted, ServerStopped},
    share::{ShareAccepted, ShareMoved, ShareOffered, SharePersonalDataChanged, SharePropertiesChanged},
};

/// The reason for which stored bytes cannot be read as an event. The read models stop at such an
/// event, because they must not skip one.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The type is unknown: a newer version of Daybook or another program wrote the event.
    #[error("the event type `{0}` is unknown to this version of Daybook: run the version that wrote the event")]
    Type(String),
    /// The bytes do not have the form of their type.
    #[error("the data of a `{kind}` event cannot be read: {why}")]
    Data {
        /// Type and version as stored.
        kind: String,
        /// The error of the JSON parser.
        why: serde_json::Error,
    },
    /// The payload is not plain JSON: it must be decompressed or decrypted first, or its encoding
    /// is unknown.
    #[error(
        "the data of a `{kind}` event have the encoding `{}`: if this version does not know it, run a newer Daybook; \
         if it is an encryption, restore the vault",
        encoding.name()
    )]
    Encoding {
        /// Type and version as stored.
        kind: String,
        /// The encoding of the payload.
        encoding: Encoding,
    },
    /// The event is stored in a stream of another aggregate.
    #[error("a `{kind}` event does not belong in the stream `{stream}`: run `daybook verify`")]
    Misplaced {
        /// Type and version as stored.
        kind: String,
        /// Name of the stream in which the event was found.
        stream: String,
    },
}

/// A fact that can be stored as an event: [`Event`], or the event enum of one aggregate.
pub trait Fact {
    /// Returns the type and version under which the fact is stored.
    fn kind(&self) -> &'static str;
    /// Returns the payload as JSON.
    fn to_json(&self) -> Vec<u8>;
}

/// Declares one enum for each aggregate, [`Event`] as the union of them, and the mapping from
/// stored types to variants.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $aggregate:ident = $enum:ident { $($variant:ident($payload:ty) = $kind:literal,)* }
    )*) => {
        /// All facts that are stored as events: one variant for each aggregate, and one for erased
        /// facts.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $aggregate($enum),)*
            /// A fact of any aggregate that can no longer be read, because the key of its payload
            /// was destroyed.
            Erased(Erased),
        }

        impl Event {
            /// All types of events that are written today, each with its version.
            pub const KINDS: &'static [&'static str] = &[$($($kind,)*)*];

            /// Returns the kind of stream to which the event belongs.
            pub fn stream_kind(&self) -> StreamKind {
                match self {
                    $(Self::$aggregate(_) => StreamKind::$aggregate,)*
                    Self::Erased(erased) => erased.stream,
                }
            }

            /// Parses the payload of an event with the type and version `stored_kind`. Old versions
            /// are lifted step by step. Returns an error if the type is unknown, or if the data do
            /// not have its form.
            pub fn read(stored_kind: &str, data: &[u8]) -> Result<Self, Unreadable> {
                let unreadable = |why| Unreadable::Data { kind: stored_kind.to_owned(), why };
                match stored_kind {
                    $($($kind => {
                        let payload = serde_json::from_slice(data).map_err(unreadable)?;
                        Ok(Self::$aggregate($enum::$variant(payload)))
                    })*)*
                    old => {
                        let value: Value = serde_json::from_slice(data).map_err(unreadable)?;
                        let (kind, value) = lifts::lift(old, value).ok_or_else(|| Unreadable::Type(old.to_owned()))?;
                        match kind {
                            $($($kind => {
                                let payload = serde_json::from_value(value).map_err(unreadable)?;
                                Ok(Self::$aggregate($enum::$variant(payload)))
                            })*)*
                            unknown => Err(Unreadable::Type(unknown.to_owned())),
                        }
                    }
                }
            }
        }

        impl Fact for Event {
            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$aggregate(event) => event.kind(),)*
                    Self::Erased(_) => "erased",
                }
            }

            fn to_json(&self) -> Vec<u8> {
                match self {
                    $(Self::$aggregate(event) => event.to_json(),)*
                    Self::Erased(_) => encode(&Nothing {}),
                }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub enum $enum {
                $(#[doc = concat!("Stored as `", $kind, "`.")] $variant($payload),)*
            }

            impl Fact for $enum {
                fn kind(&self) -> &'static str {
                    match self { $(Self::$variant(_) => $kind,)* }
                }

                fn to_json(&self) -> Vec<u8> {
                    match self { $(Self::$variant(payload) => encode(payload),)* }
                }
            }

            impl From<$enum> for Event {
                fn from(event: $enum) -> Self {
                    Self::$aggregate(event)
                }
            }

            /// Converts an event to one of this aggregate. An event of another aggregate, or an
            /// erased event, is returned as the error.
            impl TryFrom<Event> for $enum {
                type Error = Event;

                fn try_from(event: Event) -> Result<Self, Event> {
                    match event {
                        Event::$aggregate(event) => Ok(event),
                        #[allow(unreachable_patterns, reason = "one arm for all the others")]
                        other => Err(other),
                    }
                }
            }
        )*
    };
}

events! {
    /// Facts about a person, room, resource or group.
    Principal = PrincipalEvent {
        Registered(PrincipalRegistered) = "principal-registered.v2",
        ProfileChanged(Profile) = "principal-profile-changed.v2",
        PasswordSet(PrincipalPasswordSet) = "principal-password-set.v2",
        AppPasswordAdded(PrincipalAppPasswordAdded) = "principal-app-password-added.v1",
        AppPasswordRevoked(PrincipalAppPasswordRevoked) = "principal-app-password-revoked.v1",
        MembersSet(PrincipalMembersSet) = "principal-members-set.v1",
        PropertiesChanged(PrincipalPropertiesChanged) = "principal-properties-changed.v1",
        Renamed(PrincipalRenamed) = "principal-renamed.v1",
        Disabled(Nothing) = "principal-disabled.v1",
        QuotaSet(PrincipalQuotaSet) = "principal-quota-set.v1",
        Enabled(Nothing) = "principal-enabled.v1",
        Retired(PrincipalRetired) = "principal-retired.v3",
    }
    /// Facts about a collection: a home, calendar, inbox, outbox or plain collection.
    Collection = CollectionEvent {
        Created(CollectionCreated) = "calendar-created.v3",
        PropertiesChanged(CollectionPropertiesChanged) = "calendar-properties-changed.v1",
        AclChanged(CollectionAclChanged) = "calendar-acl-changed.v2",
        Moved(CollectionMoved) = "calendar-moved.v2",
        Removed(Nothing) = "calendar-removed.v1",
    }
    /// Facts about a calendar object, and the scheduling messages sent and received for it.
    Object = ObjectEvent {
        Put(ObjectPut) = "calendar-object-put.v4",
        Revised(ObjectRevised) = "calendar-object-revised.v5",
        Moved(ObjectMoved) = "calendar-object-moved.v3",
        Removed(ObjectRemoved) = "calendar-object-removed.v2",
        AclChanged(ObjectAclChanged) = "calendar-object-acl-changed.v2",
        PropertiesChanged(ObjectPropertiesChanged) = "calendar-object-properties-changed.v2",
        MessageIssued(MessageIssued) = "scheduling-message-issued.v2",
        MessageSuppressed(MessageSuppressed) = "scheduling-message-suppressed.v4",
        MessageWithdrawn(MessageWithdrawn) = "scheduling-message-withdrawn.v1",
        MessageReceived(MessageReceived) = "scheduling-message-received.v3",
        InboxItemRemoved(InboxItemRemoved) = "inbox-item-removed.v2",
        DeliveryReported(DeliveryReported) = "delivery-reported.v2",
    }
    /// Facts about a file of a home or a plain collection.
    File = FileEvent {
        Stored(FileStored) = "file-stored.v1",
        Removed(FileRemoved) = "file-removed.v1",
        AclChanged(FileAclChanged) = "file-acl-changed.v1",
        PropertiesChanged(FilePropertiesChanged) = "file-properties-changed.v1",
    }
    /// Facts about a calendar that its owner offers to a sharee, and about the answer.
    Share = ShareEvent {
        Offered(ShareOffered) = "share-offered.v1",
        Accepted(ShareAccepted) = "share-accepted.v1",
        Declined(Nothing) = "share-declined.v1",
        Moved(ShareMoved) = "share-moved.v1",
        PropertiesChanged(SharePropertiesChanged) = "share-properties-changed.v1",
        PersonalDataChanged(SharePersonalDataChanged) = "share-personal-data-changed.v1",
        Withdrawn(Nothing) = "share-withdrawn.v1",
    }
    /// Facts about requests: events of the access journal, and its anchors in the main journal.
    Access = AccessEvent {
        SegmentBegun(SegmentBegun) = "access-segment-begun.v1",
        RequestRefused(RequestRefused) = "request-refused.v1",
        LoggedIn(LoggedIn) = "logged-in.v1",
        LoginRefused(LoginRefused) = "login-refused.v1",
        VersionsServed(VersionsServed) = "versions-served.v1",
        FreeBusyAsked(FreeBusyAsked) = "free-busy-asked.v1",
        HistoryLookedAt(HistoryLookedAt) = "history-looked-at.v1",
        Omitted(RecordsOmitted) = "records-omitted.v1",
        Anchored(AccessAnchored) = "access-anchored.v1",
    }
    /// Facts about a process that writes to the journal.
    Server = ServerEvent {
        Started(ServerStarted) = "server-started.v1",
        Stopped(ServerStopped) = "server-stopped.v1",
    }
}

impl ShareEvent {
    /// Returns true if the event is about the offer, its answer, or the name of the calendar in the
    /// sharee's home. Returns false if it is about the sharee's own properties or personal data.
    pub fn is_of_offer(&self) -> bool {
        match self {
            Self::Offered(_) | Self::Accepted(_) | Self::Declined(_) | Self::Moved(_) | Self::Withdrawn(_) => true,
            Self::PropertiesChanged(_) | Self::PersonalDataChanged(_) => false,
        }
    }
}

impl ObjectEvent {
    /// Returns the home of the object that this event is about. `None` only for events of earlier
    /// versions, which did not have it. The first event of every object's stream has it.
    pub fn home(&self) -> Option<PrincipalId> {
        match self {
            Self::Put(put) => Some(put.home),
            Self::MessageIssued(issued) => Some(issued.sender_home),
            Self::MessageReceived(received) => Some(received.home),
            Self::Revised(revised) => revised.home,
            Self::Moved(moved) => moved.home,
            Self::Removed(removed) => removed.home,
            Self::AclChanged(changed) => changed.home,
            Self::PropertiesChanged(changed) => changed.home,
            Self::MessageSuppressed(suppressed) => suppressed.home,
            Self::MessageWithdrawn(withdrawn) => Some(withdrawn.home),
            Self::InboxItemRemoved(removed) => removed.home,
            Self::DeliveryReported(reported) => reported.home,
        }
    }

    /// Returns the iCalendar UID of the object that this event is about; `None` only for events of
    /// earlier versions, which did not have it.
    pub fn uid(&self) -> Option<&str> {
        match self {
            Self::Put(put) => Some(&put.uid),
            Self::MessageIssued(issued) => Some(&issued.uid),
            Self::MessageReceived(received) => Some(&received.uid),
            Self::Revised(revised) => revised.uid.as_deref(),
            Self::Moved(moved) => moved.uid.as_deref(),
            Self::Removed(removed) => removed.uid.as_deref(),
            Self::AclChanged(changed) => changed.uid.as_deref(),
            Self::PropertiesChanged(changed) => changed.uid.as_deref(),
            Self::MessageSuppressed(suppressed) => suppressed.uid.as_deref(),
            Self::MessageWithdrawn(withdrawn) => Some(&withdrawn.uid),
            Self::InboxItemRemoved(removed) => removed.uid.as_deref(),
            Self::DeliveryReported(reported) => reported.uid.as_deref(),
        }
    }
}

/// The type and the kind of stream of an event whose key was destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Type and version as stored.
    pub kind: String,
    /// The kind of the event's stream.
    pub stream: StreamKind,
}

/// The payload of an event without fields: `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
