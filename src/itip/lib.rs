//! Implicit scheduling (RFC 6638): derives iTIP messages (RFC 5546) from changes of calendar
//! objects, and changes of calendar objects from received messages.
//!
//! - [`organizer`] and [`attendee`] compare an object before and after its owner changed it, and
//!   return what to store and whom to notify. Creating, changing and removing are one function: an
//!   absent object is `None`.
//! - [`inbound`] applies a message to the recipient's copy.
//! - [`sent_by`] writes SENT-BY for a delegate who acts in the owner's name.
//! - [`automatic`] answers invitations by itself, [`groups`] expands groups among the attendees,
//!   [`merge`] combines a client's outdated copy with replies that arrived since, [`status`]
//!   records delivery outcomes, [`together`] brings the copies of one meeting into agreement.
//!
//! **Invariant:** pure. Time, addresses and objects are arguments, and equal arguments give equal
//! bytes.
//!
//! # Example
//!
//! Alice stores a meeting with Bob, the server sends a REQUEST, and Bob's home creates a copy from
//! it:
//!
//! ```
//! use ical::{Address, Document};
//! use itip::inbound::{self, Effect, Ending, LatestReplies, Message, OrganizersComments, Recipient};
//! use itip::{Context, Method, organizer};
//!
//! let meeting = Document::parse(
//!     "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
//!      DTSTAMP:20260101T000000Z\r\nDTSTART:20260105T120000Z\r\nORGANIZER:mailto:alice@example.org\r\n\
//!      ATTENDEE:mailto:bob@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".to_owned(),
//! )?;
//! let canonical = Address::clone;
//! let alice = |address: &Address| address.canonical() == "mailto:alice@example.org";
//! let context = Context { now: 1_767_225_600, owns: &alice, canonical: &canonical, knows: &|_| true };
//!
//! let change = organizer::change(None, Some(&meeting), &context).expect("Alice may invite");
//! let request = &change.messages[0];
//! assert_eq!((request.method, request.recipients.as_slice()), (Method::Request, &["mailto:bob@example.org".to_owned()][..]));
//!
//! let bob = |address: &Address| address.canonical() == "mailto:bob@example.org";
//! let context = Context { owns: &bob, ..context };
//! let text = Document::parse(request.ics.clone())?;
//! let message = Message::read(&text, &canonical).expect("a valid message");
//! let nobody = Recipient { copy: None, latest_replies: &LatestReplies::default(), ending: Ending::Open, comments: &OrganizersComments::default() };
//! let received = inbound::receive(&message, &nobody, &context);
//! assert!(matches!(received.effect, Effect::Created(copy) if copy.contains("ATTENDEE:mailto:bob@example.org")));
//! # Ok::<(), ical::SyntaxError>(())
//! ```

#![warn(missing_docs)]

pub mod attendee;
pub mod automatic;
pub mod calendar_user_role;
pub mod context;
pub mod groups;
pub mod inbound;
pub mod merge;
pub mod message;
pub mod organizer;
mod organizers_part;
pub mod refusal;
pub mod sent_by;
pub mod status;
pub mod together;

mod body;
mod diff;
mod line;
mod meeting;
mod nested;
mod outgoing;
mod own_properties;
mod participation;
mod task_progress;
mod times;

pub use attendee::ScheduleReply;
pub use calendar_user_role::{CalendarUserRole, calendar_user_role};
pub use context::{Canonical, Context, Owns};
pub use message::{Change, Draft, Method, Suppressed, Visibility};
pub use refusal::{Condition, Refusal};
pub use sent_by::{Owner, in_name_of_owner, mark_sent_by};

#[cfg(test)]
mod unit_tests;
