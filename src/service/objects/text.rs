//! Prepares the text of a calendar object for storing: parses and repairs it, and replaces a
//! delegate as its organizer by the owner of the home.

use calendar::{
    Limits,
    object::{self, AddressBook as _, Object, SentBody, TextSource},
};
use ical::{
    Address, Document,
    repair::{Repair, RepairKind, Repaired},
};
use schemas::{ObjectId, PrincipalId, Timestamp};

use crate::{Service, address_book::DirectoryAddressBook, clock::Stamp, error::Error, sharing::personal::kept_apart};

/// Path of the property ORGANIZER, in the form in which repairs name the properties they change.
const ORGANIZER_PATH: &str = "VCALENDAR/*/ORGANIZER";

/// Origin of the text of a [`Put`](super::Put).
#[derive(Debug, Clone)]
pub enum Source {
    /// The body of the request: its bytes are the text.
    Body,
    /// The body of the request, whose bytes were converted to the text by a repair.
    Decoded { octets: Vec<u8>, repair: Repair },
    /// The text was copied from another resource, or was made by the server.
    Copy,
    /// The body of the request without the personal data of a sharee ([`Service::put_shared`]).
    Parted,
}

impl Source {
    /// Returns the origin of a text whose organizer may be replaced. `None`: the organizer must not
    /// be replaced.
    pub(super) fn of_delegate(&self) -> Option<TextSource> {
        match self {
            Self::Body => Some(TextSource::Request),
            Self::Parted => Some(TextSource::Copy),
            Self::Decoded { .. } | Self::Copy => None,
        }
    }
}

/// A parsed text, with all its repairs and the body that it came from.
pub(crate) struct Read {
    pub(crate) document: Document,
    pub(super) repairs: Vec<Repair>,
    pub(super) sent: Option<SentBody>,
}

impl Read {
    /// Parses and repairs a text at the time `now`.
    pub(crate) fn of(ics: &str, source: &Source, now: Timestamp, limits: &Limits) -> Result<Self, Error> {
        let Repaired { document, mut repairs } = object::read(ics.to_owned(), now, limits)?;
        let sent = match source {
            Source::Body => Some(SentBody::of(ics.as_bytes(), &repairs)),
            Source::Decoded { octets, repair } => {
                repairs.insert(0, repair.clone());
                Some(SentBody::of(octets, &repairs))
            }
            Source::Copy => Some(SentBody::from(TextSource::Copy, ics.as_bytes(), &repairs)),
            Source::Parted => {
                repairs.push(kept_apart());
                Some(SentBody::from(TextSource::Copy, ics.as_bytes(), &repairs))
            }
        };
        Ok(Self { document, repairs, sent })
    }

    /// Returns true if a repair wrote the time of reading into the text.
    pub(super) fn is_dated(&self) -> bool {
        self.repairs.iter().any(|repair| repair.kind == RepairKind::MissingDtstamp)
    }
}

impl Service {
    /// Makes the owner of the home the organizer if a delegate's client named the delegate instead;
    /// otherwise no invitation would be sent. A meeting that the delegate organizes in their own
    /// home stays theirs.
    pub(super) async fn in_name_of_owner(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (from, body): (TextSource, &str),
        read: &mut Read,
    ) -> Result<(), Error> {
        let Some(delegate) = acts_for(stamp, home) else { return Ok(()) };
        let book = DirectoryAddressBook(self.models.directory());
        let Some(text) = named_for_owner(&book, (home, delegate), &read.document) else { return Ok(()) };
        let own = self.store.load::<Object>(ObjectId::derive(delegate, &uid(&read.document))).await?;
        if own.state.organized().is_some() {
            return Ok(());
        }
        read.document = Document::parse(text).map_err(Error::failed)?;
        read.repairs.push(organizer_of_delegate());
        read.sent = Some(SentBody::from(from, body.as_bytes(), &read.repairs));
        Ok(())
    }
}

/// Returns the delegate who acts for the owner of a home and may send invitations for them. `None`
/// if the owner or the server acts, or the delegate may not send invitations.
fn acts_for(stamp: &Stamp, home: PrincipalId) -> Option<PrincipalId> {
    stamp.metadata.actor.filter(|actor| *actor != home && stamp.sending.invitations)
}

/// Returns the text with the owner of the home as organizer in place of the delegate. `None` if the
/// delegate organizes no component with attendees in it, or if one of the two has no address.
pub(crate) fn named_for_owner(
    book: &DirectoryAddressBook,
    (home, delegate): (PrincipalId, PrincipalId),
    document: &Document,
) -> Option<String> {
    let (owner, by) = book.address_of(home).zip(book.address_of(delegate))?;
    let name = book.0.by_id(home).map(|entry| entry.display_name.clone()).unwrap_or_default();
    let is_of = |whose: PrincipalId| move |address: &Address| book.principal(address) == Some(whose);
    let owner = itip::Owner { address: &owner, name: &name };
    itip::in_name_of_owner(document, owner, &by, &is_of(delegate), &is_of(home))
}

/// Returns the repair that makes the owner the organizer.
pub(crate) fn organizer_of_delegate() -> Repair {
    Repair { kind: RepairKind::OrganizerOfDelegate, path: ORGANIZER_PATH.to_owned() }
}

/// Returns the UID, from which the id of the stream is derived; empty if the text has none.
pub(crate) fn uid(document: &Document) -> String {
    document.uid().unwrap_or_default()
}
