//! Applies a message to the recipient's copy (RFC 6638 §4, RFC 5546 §3).
//!
//! **Invariant:** a message that is applied twice in succession changes nothing the second time.

mod add;
mod cancel;
mod comments;
mod ending;
mod latest_replies;
mod order;
mod range;
mod redefined;
mod refresh;
mod remove_cancelled;
mod reply;
mod request;
mod sync;

use crate::calendar_user_role::is_scheduled;
use crate::meeting::Meeting;
use crate::{Canonical, Context, Draft, Method};
use ical::value::DateTime;
use ical::{Address, Document};
use reply::Reply;
use schemas::Ignored;

pub use cancel::cancelled_before;
pub use comments::{OrganizersComments, has_series};
pub use ending::Ending;
pub use latest_replies::{LatestReplies, answers, arrived};
pub(crate) use refresh::ask;
pub use remove_cancelled::{Pruned, remove_cancelled};
pub(crate) use request::aligned;

/// The effect of a message on the recipient's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The recipient had no copy. This is the text of the new copy.
    Created(String),
    /// The copy changes.
    Changed {
        /// The new text of the copy.
        ics: String,
        /// The effect on the Schedule-Tag.
        tag: TagEffect,
    },
    /// The copy does not change, and this message answers the sender.
    Answered(Draft),
    /// The copy does not change.
    Unchanged {
        /// The reason why the copy does not change: `stale`, `unknown-object`, `not-an-attendee` …
        reason: Ignored,
    },
}

/// The effect of a change on the Schedule-Tag (RFC 6638 §3.2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagEffect {
    /// The tag changes.
    Changes,
    /// The tag stays: for a change of the participation of others or of bookkeeping such as
    /// DTSTAMP, and for a reply that reached the organizer's copy.
    Stays,
}

/// The result of applying a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The effect on the copy.
    pub effect: Effect,
    /// True if the message, unless it is [silent](crate::Visibility::Silent), appears in the
    /// recipient's inbox.
    pub notify: bool,
}

/// A parsed message, shared by all its recipients.
#[derive(Debug)]
pub struct Message<'a> {
    method: Method,
    meeting: Meeting<'a>,
    /// The canonical address of the sender, if the server knows it.
    sender: Option<Address>,
    /// The organizer whose meeting the sender took over; `None` if the sender took over none.
    predecessor: Option<Address>,
}

impl<'a> Message<'a> {
    /// Parses a message. `canonical` must be the same function as in the contexts in which the
    /// message is received.
    ///
    /// Returns [`Ignored::NotAValidMessage`] if the text has no METHOD that iTIP knows, or neither
    /// an event nor a task.
    pub fn read(document: &'a Document, canonical: Canonical<'_>) -> Result<Self, Ignored> {
        let method = document.root().property("METHOD").and_then(|method| Method::parse(method.value().trim()));
        let method = method.ok_or(Ignored::NotAValidMessage)?;
        if !document.root().components().any(is_scheduled) {
            return Err(Ignored::NotAValidMessage);
        }
        Ok(Self { method, meeting: Meeting::known_by(document, canonical), sender: None, predecessor: None })
    }

    /// Sets the canonical address of the sender. A REPLY then answers for this attendee only (RFC
    /// 6638 §11.2).
    #[must_use]
    pub fn sent_by(self, sender: Option<Address>) -> Self {
        Self { sender, ..self }
    }

    /// Sets the canonical address of the former organizer, from whom the sender took the meeting
    /// over (RFC 5546 §3.2.2.4). The caller reads this address from the system's own record of the
    /// hand-over, never from a message.
    #[must_use]
    pub fn taken_over_from(self, predecessor: Option<Address>) -> Self {
        Self { predecessor, ..self }
    }

    /// Returns whether `copy`, which its owner stored without scheduling, may become the copy of
    /// this meeting: the message is a REQUEST, and the copy names the same organizer and the owner.
    /// The organizer may not change any other resource of the owner (RFC 6638 §4.1).
    pub fn may_adopt(&self, copy: &Document, context: &Context<'_>) -> bool {
        let copy = Meeting::of(copy, context);
        let names_owner = copy.parts().any(|(_, part)| part.lines().any(|line| line.is_owned(context)));
        self.method == Method::Request && same_organizer(&self.meeting, &copy) && names_owner
    }

    /// Returns the iCalendar document from which this message was read.
    pub fn document(&self) -> &'a Document {
        self.meeting.document
    }
}

/// A recipient's copy of a meeting. It can be read once for several recipients whose copies have
/// the same text.
#[derive(Debug)]
pub struct Copy<'a>(Meeting<'a>);

impl<'a> Copy<'a> {
    /// Reads a copy. `canonical` must be the same function as in the contexts in which messages are
    /// received for the copy.
    pub fn read(document: &'a Document, canonical: Canonical<'_>) -> Self {
        Self(Meeting::known_by(document, canonical))
    }

    /// Returns the iCalendar document from which this copy was read.
    pub fn document(&self) -> &'a Document {
        self.0.document
    }
}

/// The state of a meeting in the recipient's home.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'r> {
    /// The recipient's copy; `None` if they have none.
    pub copy: Option<&'r Copy<'r>>,
    /// The latest reply of each attendee that was applied so far.
    pub latest_replies: &'r LatestReplies,
    /// The way in which the meeting ended, by the CANCELs that were applied to the copy.
    pub ending: Ending,
    /// The comments that the organizer's messages contained. Others in the copy count as the
    /// attendee's.
    pub comments: &'r OrganizersComments,
}

/// Applies a message to the recipient's copy.
pub fn receive(message: &Message<'_>, recipient: &Recipient<'_>, context: &Context<'_>) -> Received {
    let copy = recipient.copy.map(|Copy(meeting)| meeting);
    let Message { method, meeting: message, sender, predecessor } = message;
    let adapted = copy.and_then(|copy| adapted(*method, message, copy, context));
    let adapted = adapted.as_ref().zip(copy).map(|(text, copy)| read_for_copy(text, copy, context));
    let message = adapted.as_ref().unwrap_or(message);
    let renamed = copy.and_then(|copy| message.named_as_in(copy, context));
    let message = renamed.as_ref().unwrap_or(message);
    match method {
        Method::Request => request::receive(message, copy, recipient, predecessor.as_ref(), context),
        Method::Add => add::receive(message, copy, recipient, context),
        Method::Cancel => cancel::receive(message, copy, recipient.comments, context),
        Method::Reply => {
            let reply = Reply { message, sender: sender.as_ref(), context };
            reply.receive(copy, recipient.latest_replies)
        }
        Method::Refresh => refresh::receive(message, copy, context),
        // A PUBLISH, COUNTER or DECLINECOUNTER does not change the copy: a person reads it and
        // decides.
        Method::Publish => ignored_with_notice(Ignored::Published),
        Method::Counter => ignored_with_notice(Ignored::CounterProposed),
        Method::DeclineCounter => ignored_with_notice(Ignored::CounterDeclined),
    }
}

/// Returns a REQUEST or an ADD, adapted to the copy: RECURRENCE-IDs get the value type of the
/// copy's series (RFC 5545 §3.8.4.4), and times in a zone of which the copy keeps another
/// definition are converted to UTC. `None` if there is nothing to adapt, and for other methods.
fn adapted(method: Method, message: &Meeting<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> Option<Document> {
    if ![Method::Request, Method::Add].contains(&method) {
        return None;
    }
    let in_utc = redefined::in_utc(method, message, copy, context);
    let sent = in_utc.as_ref().unwrap_or(message.document);
    let series = copy.master.as_ref().filter(|_| !request::replaces(message, copy, context));
    let named = series.and_then(|series| ical::repair::named_as_in(sent, series.component));
    named.or(in_utc)
}

/// Reads a message that names instances in the time zone of the copy's series. This zone is read
/// from the copy, because the message may not define it, or may define it differently.
fn read_for_copy<'a>(message: &'a Document, copy: &Meeting<'_>, context: &Context<'_>) -> Meeting<'a> {
    let (message, start) = (Meeting::of(message, context), copy.start());
    let zone = start.as_ref().and_then(DateTime::tzid);
    message.in_zones(message.times.redefined(zone, &copy.times), context)
}

/// Ignores a message, but shows it to the recipient.
fn ignored_with_notice(reason: Ignored) -> Received {
    Received { effect: Effect::Unchanged { reason }, notify: true }
}

/// Ignores a message, and does not show it to the recipient.
fn ignored(reason: Ignored) -> Received {
    Received { effect: Effect::Unchanged { reason }, notify: false }
}

/// Returns whether message and copy have the same organizer. Knowing a UID gives no right to change
/// the meeting.
fn same_organizer(message: &Meeting<'_>, copy: &Meeting<'_>) -> bool {
    copy.organizer.is_some() && message.organizer == copy.organizer
}
