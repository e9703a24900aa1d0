//! The sum of all facts, and the way from stored bytes to today's form.

use serde::Serialize;
use serde_json::Value;

use crate::{
    collection::{CollectionAclChanged, CollectionCreated, CollectionMoved, CollectionPropertiesChanged},
    file::{FileAclChanged, FilePropertiesChanged, FileRemoved, FileStored},
    lifts,
    object::{
        DeliveryReported, InboxItemRemoved, MessageIssued, MessageReceived, MessageSuppressed, ObjectAclChanged,
        ObjectMoved, ObjectPropertiesChanged, ObjectPut, ObjectRemoved, ObjectRevised, Place,
    },
    principal::{PrincipalMembersSet, PrincipalPasswordSet, PrincipalPropertiesChanged, PrincipalRegistered, Profile},
};

/// Stored bytes that this program cannot read. A projection stops there, loudly.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("event type `{0}` is unknown to this version of Daybook")]
    Type(String),
    #[error("the data of a `{kind}` event: {why}")]
    Data { kind: String, why: serde_json::Error },
}

macro_rules! events {
    ($($variant:ident($payload:ty) = $kind:literal,)*) => {
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event { $($variant($payload),)* }

        impl Event {
            /// Every type and version written today.
            pub const KINDS: &'static [&'static str] = &[$($kind,)*];

            /// The type and version this event is stored under.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind,)* }
            }

            /// The payload as JSON bytes.
            pub fn to_json(&self) -> Vec<u8> {
                match self { $(Self::$variant(payload) => encode(payload),)* }
            }

            /// Reads bytes stored under `stored_kind`, lifting old versions step by step.
            pub fn read(stored_kind: &str, data: &[u8]) -> Result<Self, Unreadable> {
                let unreadable = |why| Unreadable::Data { kind: stored_kind.to_owned(), why };
                match stored_kind {
                    $($kind => serde_json::from_slice(data).map(Self::$variant).map_err(unreadable),)*
                    old => {
                        let value: Value = serde_json::from_slice(data).map_err(unreadable)?;
                        let (kind, value) = lifts::lift(old, value).ok_or_else(|| Unreadable::Type(old.to_owned()))?;
                        match kind {
                            $($kind => serde_json::from_value(value).map(Self::$variant).map_err(unreadable),)*
                            unknown => Err(Unreadable::Type(unknown.to_owned())),
                        }
                    }
                }
            }
        }
    };
}

events! {
    PrincipalRegistered(PrincipalRegistered) = "principal-registered.v1",
    PrincipalProfileChanged(Profile) = "principal-profile-changed.v1",
    PrincipalPasswordSet(PrincipalPasswordSet) = "principal-password-set.v1",
    PrincipalMembersSet(PrincipalMembersSet) = "principal-members-set.v1",
    PrincipalPropertiesChanged(PrincipalPropertiesChanged) = "principal-properties-changed.v1",
    PrincipalRetired(Nothing) = "principal-retired.v1",
    CollectionCreated(CollectionCreated) = "calendar-created.v3",
    CollectionPropertiesChanged(CollectionPropertiesChanged) = "calendar-properties-changed.v1",
    CollectionAclChanged(CollectionAclChanged) = "calendar-acl-changed.v2",
    CollectionMoved(CollectionMoved) = "calendar-moved.v2",
    CollectionRemoved(Nothing) = "calendar-removed.v1",
    ObjectPut(ObjectPut) = "calendar-object-put.v1",
    ObjectRevised(ObjectRevised) = "calendar-object-revised.v1",
    ObjectMoved(ObjectMoved) = "calendar-object-moved.v2",
    ObjectRemoved(ObjectRemoved) = "calendar-object-removed.v1",
    ObjectAclChanged(ObjectAclChanged) = "calendar-object-acl-changed.v1",
    ObjectPropertiesChanged(ObjectPropertiesChanged) = "calendar-object-properties-changed.v1",
    MessageIssued(MessageIssued) = "scheduling-message-issued.v1",
    MessageSuppressed(MessageSuppressed) = "scheduling-message-suppressed.v2",
    MessageReceived(MessageReceived) = "scheduling-message-received.v1",
    InboxItemRemoved(InboxItemRemoved) = "inbox-item-removed.v1",
    DeliveryReported(DeliveryReported) = "delivery-reported.v1",
    FileStored(FileStored) = "file-stored.v1",
    FileRemoved(FileRemoved) = "file-removed.v1",
    FileAclChanged(FileAclChanged) = "file-acl-changed.v1",
    FilePropertiesChanged(FilePropertiesChanged) = "file-properties-changed.v1",
}

/// What of the world an event changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Who there is.
    Principals,
    /// Collections themselves: which there are, what they are called, who may do what with them.
    Collections,
    /// The resources at one place, or at two.
    Resources(&'a Place, Option<&'a Place>),
    /// Nothing but what was said.
    Messages,
}

impl Event {
    pub fn scope(&self) -> Scope<'_> {
        let at = |place| Scope::Resources(place, None);
        match self {
            Self::PrincipalRegistered(_)
            | Self::PrincipalProfileChanged(_)
            | Self::PrincipalPasswordSet(_)
            | Self::PrincipalMembersSet(_)
            | Self::PrincipalPropertiesChanged(_)
            | Self::PrincipalRetired(_) => Scope::Principals,
            Self::CollectionCreated(_)
            | Self::CollectionPropertiesChanged(_)
            | Self::CollectionAclChanged(_)
            | Self::CollectionMoved(_)
            | Self::CollectionRemoved(_) => Scope::Collections,
            Self::ObjectPut(put) => at(&put.place),
            Self::ObjectRevised(revised) => at(&revised.place),
            Self::ObjectMoved(moved) => Scope::Resources(&moved.from, Some(&moved.to)),
            Self::ObjectRemoved(removed) => at(&removed.place),
            Self::ObjectAclChanged(changed) => at(&changed.place),
            Self::ObjectPropertiesChanged(changed) => at(&changed.place),
            Self::MessageReceived(received) => received.item.as_ref().map_or(Scope::Messages, |item| at(&item.place)),
            Self::InboxItemRemoved(removed) => at(&removed.place),
            Self::FileStored(stored) => at(&stored.place),
            Self::FileAclChanged(changed) => at(&changed.place),
            Self::FilePropertiesChanged(changed) => at(&changed.place),
            Self::FileRemoved(removed) => at(&removed.place),
            Self::MessageIssued(_) | Self::MessageSuppressed(_) | Self::DeliveryReported(_) => Scope::Messages,
        }
    }
}

/// The payload of an event whose type says it all: `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

fn encode<T: Serialize>(payload: &T) -> Vec<u8> {
    serde_json::to_vec(payload).expect("event payloads hold only strings, lists and maps with string keys")
}
