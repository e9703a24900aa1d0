//! Bookings of those who answer automatically: series are checked again as time goes on, because
//! only their instances within a horizon were checked when they were accepted.

use std::{sync::Arc, time::Duration};

use calendar::object::{Command, LookAgain};
use itip::automatic::seen_again;
use schemas::{Client, ObjectId, Position, PrincipalId, object::Role, principal::AutomaticAnswer};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::{
    Service,
    address_book::DirectoryAddressBook,
    clock::{self, Stamp},
    delivery::availability::HomeAvailability,
    error::Error,
    free_busy::{self, HomeTime},
};

/// Time from the start to the first look.
const FIRST_LOOK: Duration = Duration::from_secs(600);
/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(24 * 3_600);

/// A series that was accepted.
struct Booking {
    home: PrincipalId,
    answer: AutomaticAnswer,
    object: ObjectId,
    changed: Position,
}

impl Service {
    /// Looks again at the series that rooms and resources have accepted: where two meet that were
    /// accepted before anybody could see it, the one that changed last declines. Returns how many
    /// did.
    pub async fn look_at_bookings_again(&self) -> Result<usize, Error> {
        let client = Client { via: "automatic answers".to_owned(), ..Client::default() };
        let stamp = clock::stamp(None, None, client, clock::new_id());
        let mut declined = 0;
        for booking in self.bookings(stamp.metadata.at.seconds())? {
            match self.look_at_booking(&stamp, &booking).await {
                Ok(has_declined) => declined += usize::from(has_declined),
                // One that cannot be looked at does not keep the others from it.
                Err(error) => tracing::warn!(%error, object = %booking.object, "a booking was not checked again"),
            }
        }
        Ok(declined)
    }

    async fn look_at_booking(&self, stamp: &Stamp, booking: &Booking) -> Result<bool, Error> {
        let Booking { home, answer, object, .. } = booking;
        let _home = self.lock_home(*home).await?;
        let meeting = self.lock_meeting_of(*object, *home).await?;
        let alone = self.runner.bookings.lock(*home).await;
        let stamp = Stamp { act: Uuid::new_v5(&stamp.act, object.0.as_bytes()), ..stamp.in_home(*home) };
        let book = DirectoryAddressBook(self.models.directory());
        let time =
            HomeTime { models: &self.models, book: &book, home: *home, availability: self.settings.availability };
        let availability = HomeAvailability::of_accepted(time);
        let look = LookAgain { answer: *answer, availability: &availability };
        let executed = self.execute_object(&stamp, *home, *object, &Command::LookAgain(&look)).await?;
        let has_declined = !executed.events.is_empty();
        // The other participants are notified now, and may answer.
        drop(alone);
        self.finish(&stamp, &executed, meeting).await?;
        Ok(has_declined)
    }

    /// Returns the bookings with instances in the time that is looked at, those that changed last
    /// first.
    fn bookings(&self, now: i64) -> Result<Vec<Booking>, Error> {
        let (window, directory) = (seen_again(now), self.models.directory());
        let snapshot = self.models.snapshot()?;
        let mut found = vec![];
        for entry in directory.present().filter(|entry| entry.automatic_answer != AutomaticAnswer::None) {
            let (home, answer) = (entry.id, entry.automatic_answer);
            for calendar in snapshot.home(home)?.iter().filter(|collection| free_busy::counts(collection)) {
                snapshot.overlapping(calendar.id, Some(window.start), Some(window.end), |member, _| {
                    if member.role == Role::Attendee {
                        let (object, changed) = (member.object, member.changed);
                        found.push(Booking { home, answer, object, changed });
                    }
                    Ok::<_, Error>(())
                })?;
            }
        }
        found.sort_by_key(|booking| std::cmp::Reverse(booking.changed));
        Ok(found)
    }
}

/// Looks at bookings again from day to day, until the service ends.
pub(crate) fn look_again(service: &Arc<Service>) {
    let service = Arc::downgrade(service);
    tokio::spawn(async move {
        let mut pause = FIRST_LOOK;
        loop {
            tokio::time::sleep(pause).await;
            pause = PAUSE;
            let Some(service) = service.upgrade() else { return };
            // Away from the threads that serve.
            let runtime = Handle::current();
            let looking = tokio::task::spawn_blocking(move || runtime.block_on(service.look_at_bookings_again()));
            match looking.await {
                Ok(Ok(0)) => {}
                Ok(Ok(declined)) => {
                    tracing::info!(declined, "rooms declined instances of series that came within their horizon");
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "bookings were not checked again; the next check is in a day");
                }
                Err(error) => tracing::error!(%error, "checking bookings again failed, which is a bug"),
            }
        }
    });
}
