//! Updates future meetings after the members of a group changed.

use calendar::object::{AddressBook, Command};
use ical::{Document, Property};
use schemas::{ObjectId, PrincipalId, collection::CollectionKind, object::Role, principal::PrincipalKind};
use uuid::Uuid;

use crate::{Service, address_book::DirectoryAddressBook, clock::Stamp, error::Error};

impl Service {
    /// Invites new members of groups, and uninvites former ones, in the meetings with future
    /// instances that have a group, or somebody with MEMBER, among their attendees. A meeting whose
    /// update is refused is only logged. Idempotent.
    pub(crate) async fn sync_group_members(&self, stamp: &Stamp) -> Result<(), Error> {
        for (home, object) in self.meetings_of_groups(stamp.metadata.at.seconds())? {
            let _home = self.lock_home(home).await?;
            let stamp = Stamp { act: Uuid::new_v5(&stamp.act, object.0.as_bytes()), ..stamp.in_home(home) };
            let meeting = self.lock_meeting_of(object, home).await?;
            let stamp = stamp.dated_now();
            match self.execute_object(&stamp, home, object, &Command::SyncGroupMembers).await {
                Ok(executed) => self.finish(&stamp, &executed, meeting).await?,
                // A meeting whose update is refused, for example because it would exceed a limit,
                // must not block the others.
                Err(Error::Refused(why)) => {
                    tracing::warn!(%why, %object, "the attendees of a meeting were not updated after the members of \
                        a group changed; the next change of a group tries again");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Returns the organizers' objects that have a group, or somebody with MEMBER, among their
    /// attendees, and may have an instance after `now` (seconds since the epoch).
    fn meetings_of_groups(&self, now: i64) -> Result<Vec<(PrincipalId, ObjectId)>, Error> {
        let book = DirectoryAddressBook(self.models.directory());
        let snapshot = self.models.snapshot()?;
        let mut found = vec![];
        for entry in book.0.present().filter(|entry| entry.kind != PrincipalKind::Group) {
            for collection in snapshot.home(entry.id)? {
                if collection.kind != CollectionKind::Calendar {
                    continue;
                }
                snapshot.overlapping(collection.id, Some(now), None, |member, body| {
                    if member.role == Role::Organizer && has_groups(body, &book) {
                        found.push((entry.id, member.object));
                    }
                    Ok::<_, Error>(())
                })?;
            }
        }
        Ok(found)
    }
}

fn has_groups(body: &str, book: &DirectoryAddressBook) -> bool {
    // A text that cannot be parsed is not expected: it was valid when it was stored.
    let Ok(document) = Document::parse(body) else { return false };
    let is_group = |attendee: Property<'_>| {
        attendee.params().any(|param| param.is("MEMBER"))
            || attendee.address().is_some_and(|address| book.members(&address).is_some())
    };
    document.root().components().any(|component| component.properties_named("ATTENDEE").any(is_group))
}
