//! Repeated conflict checks of bookings: accepted series in the homes of principals that answer
//! automatically, such as rooms. At the time of acceptance only the instances up to a horizon are
//! checked; each later instance is checked when it comes within the horizon.

use std::{sync::Arc, time::Duration};

use calendar::object::{Command, LookAgain, Object};
use itip::automatic::seen_again;
use schemas::{Client, ObjectEvent, ObjectId, Position, PrincipalId, object::Role, principal::AutomaticAnswer};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::{
    Service,
    address_book::DirectoryAddressBook,
    clock::{self, Stamp},
    delivery::availability::HomeAvailability,
    error::Error,
    free_busy::{self, HomeTime},
    freshness::Subject,
};

/// Time from the start of the service to the first check of bookings.
const FIRST_LOOK: Duration = Duration::from_secs(600);
/// Time between two checks of bookings.
const PAUSE: Duration = Duration::from_secs(24 * 3_600);

/// An attendee's copy in the home of a principal that answers automatically.
struct Booking {
    home: PrincipalId,
    object: ObjectId,
    changed: Position,
}

impl Service {
    /// Checks the instances of bookings in the window [`seen_again`] for conflicts, and declines
    /// those in conflict if the principal declines busy times. Of two bookings that conflict, the
    /// one that changed last is checked, and so declines, first. Returns the number of copies that
    /// declined something.
    pub async fn look_at_bookings_again(&self) -> Result<usize, Error> {
        let client = Client { via: "automatic answers".to_owned(), ..Client::default() };
        let stamp = clock::stamp(None, None, client, clock::new_id());
        let mut declined = 0;
        for booking in self.bookings(stamp.metadata.at.seconds())? {
            match self.look_at_booking(&stamp, &booking).await {
                Ok(has_declined) => declined += usize::from(has_declined),
                // The other bookings are checked even if the check of this one fails.
                Err(error) => {
                    tracing::warn!(%error, object = %booking.object, "a room's booking could not be checked again \
                        for conflicts; the next check is in a day");
                }
            }
        }
        Ok(declined)
    }

    async fn look_at_booking(&self, stamp: &Stamp, booking: &Booking) -> Result<bool, Error> {
        let Booking { home, object, .. } = booking;
        let _home = self.lock_home(*home).await?;
        let meeting = self.lock_meeting_of(*object, *home).await?;
        let alone = self.runner.bookings.lock(*home).await;
        let stamp = Stamp { act: Uuid::new_v5(&stamp.act, object.0.as_bytes()), ..stamp.in_home(*home) };
        let decide = |copy: &Object| self.decide_again(&stamp, *home, copy);
        let executed = self.store.execute(Subject::Home(*home), *object, &stamp, decide).await?;
        let has_declined = !executed.events.is_empty();
        // The lock that serialises the automatic answers of this home is released before the other
        // participants are notified, because delivery to this home takes the same lock.
        drop(alone);
        self.finish(&stamp, &executed, meeting).await?;
        Ok(has_declined)
    }

    /// Decides the check of one booking with the directory as it is now.
    fn decide_again(&self, stamp: &Stamp, home: PrincipalId, copy: &Object) -> Result<Vec<ObjectEvent>, Error> {
        let directory = self.models.directory();
        let present = directory.by_id(home).filter(|entry| entry.is_present());
        let answer = present.map_or(AutomaticAnswer::None, |entry| entry.automatic_answer);
        let book = DirectoryAddressBook(directory);
        let time = HomeTime { models: &self.models, book: &book, home, availability: self.settings.availability };
        let availability = HomeAvailability::of_accepted(time);
        let look = LookAgain { answer, availability: &availability };
        self.decide_object(stamp, home, &Command::LookAgain(&look), copy)
    }

    /// Returns the attendees' copies that may have instances in the window [`seen_again`], in
    /// opaque calendars of principals that answer automatically; the last changed first. `now`:
    /// seconds since the epoch.
    fn bookings(&self, now: i64) -> Result<Vec<Booking>, Error> {
        let (window, directory) = (seen_again(now), self.models.directory());
        let snapshot = self.models.snapshot()?;
        let mut found = vec![];
        for entry in directory.present().filter(|entry| entry.automatic_answer != AutomaticAnswer::None) {
            let home = entry.id;
            for calendar in snapshot.home(home)?.iter().filter(|collection| free_busy::counts(collection)) {
                snapshot.overlapping(calendar.id, Some(window.start), Some(window.end), |member, _| {
                    if member.role == Role::Attendee {
                        let (object, changed) = (member.object, member.changed);
                        found.push(Booking { home, object, changed });
                    }
                    Ok::<_, Error>(())
                })?;
            }
        }
        found.sort_by_key(|booking| std::cmp::Reverse(booking.changed));
        Ok(found)
    }
}

/// Starts a task that checks bookings once a day until the service ends.
pub(crate) fn look_again(service: &Arc<Service>) {
    let service = Arc::downgrade(service);
    tokio::spawn(async move {
        let mut pause = FIRST_LOOK;
        loop {
            tokio::time::sleep(pause).await;
            pause = PAUSE;
            let Some(service) = service.upgrade() else { return };
            // The check runs on a thread for blocking work, so that it does not delay requests.
            let runtime = Handle::current();
            let looking = tokio::task::spawn_blocking(move || runtime.block_on(service.look_at_bookings_again()));
            match looking.await {
                Ok(Ok(0)) => {}
                Ok(Ok(declined)) => {
                    tracing::info!(
                        declined,
                        "rooms declined instances of recurring bookings that conflict with other bookings"
                    );
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the bookings of rooms could not be checked again for conflicts; the next \
                        check is in a day");
                }
                Err(error) => {
                    tracing::error!(%error, "checking the bookings of rooms for conflicts crashed because of a bug; \
                        the next check is in a day");
                }
            }
        }
    });
}
