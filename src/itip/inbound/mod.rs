//! A message arrived: what it makes of the recipient's copy (RFC 6638 §4, RFC 5546 §3).
//!
//! **Invariant:** a message that came before changes nothing; what is the owner's own stays his.

mod add;
mod answers;
mod cancel;
mod carry;
mod order;
mod range;
mod refresh;
mod reply;
mod request;
mod sync;
mod tidy;

use crate::meeting::Meeting;
use crate::standing::is_scheduled;
use crate::{Context, Draft, Method, Same};
use ical::Document;

pub use answers::Answers;
pub use tidy::{Tidied, tidy};

/// What becomes of the recipient's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// There was none; this is it.
    Created(String),
    Changed {
        ics: String,
        tag: TagEffect,
    },
    /// Nothing, but this goes back.
    Answered(Draft),
    /// Nothing: `stale`, `unknown-object`, `not-an-attendee` …
    Unchanged {
        reason: &'static str,
    },
}

/// What the change means for the Schedule-Tag (RFC 6638 §3.2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagEffect {
    Changes,
    /// Only the participation of others, or an answer on the organizer's copy.
    Stays,
}

/// What a message leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub effect: Effect,
    /// Whether the recipient must see it, if the message is a visible one.
    pub notify: bool,
}

/// Why a message is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageInvalid {
    /// No METHOD, or one iTIP does not know.
    Method,
    /// No event or task in it.
    Component,
}

impl MessageInvalid {
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Method => "no-known-method",
            Self::Component => "no-event-or-task",
        }
    }
}

/// A message, read once for all its recipients.
#[derive(Debug)]
pub struct Message<'a> {
    method: Method,
    meeting: Meeting<'a>,
}

impl<'a> Message<'a> {
    /// `same` has to be that of the contexts it is received in.
    pub fn read(document: &'a Document, same: Same<'_>) -> Result<Self, MessageInvalid> {
        let method = document.root().property("METHOD").and_then(|method| Method::parse(method.value().trim()));
        let method = method.ok_or(MessageInvalid::Method)?;
        if !document.root().components().any(is_scheduled) {
            return Err(MessageInvalid::Component);
        }
        Ok(Self { method, meeting: Meeting::known_by(document, same) })
    }

    pub fn document(&self) -> &'a Document {
        self.meeting.document
    }
}

/// Takes a message in. `answers` are the replies that were taken in before.
pub fn receive(message: &Message<'_>, copy: Option<&Document>, answers: &Answers, context: &Context<'_>) -> Received {
    let copy = copy.map(|copy| Meeting::of(copy, context));
    let Message { method, meeting: message } = message;
    match method {
        Method::Request => request::receive(message, copy.as_ref(), context),
        Method::Add => add::receive(message, copy.as_ref(), context),
        Method::Cancel => cancel::receive(message, copy.as_ref(), context),
        Method::Reply => reply::receive(message, copy.as_ref(), answers, context),
        Method::Refresh => refresh::receive(message, copy.as_ref(), context),
        // People read these and act on them.
        Method::Publish => told("published"),
        Method::Counter => told("counter-proposed"),
        Method::DeclineCounter => told("counter-declined"),
    }
}

/// Nothing changes, but the recipient sees the message.
fn told(reason: &'static str) -> Received {
    Received { effect: Effect::Unchanged { reason }, notify: true }
}

/// Nothing changes, and nobody need know.
fn ignored(reason: &'static str) -> Received {
    Received { effect: Effect::Unchanged { reason }, notify: false }
}

/// Whether both are of one organizer: who knows a UID does not own the meeting.
fn same_organizer(message: &Meeting<'_>, copy: &Meeting<'_>) -> bool {
    copy.organizer.is_none() || message.organizer == copy.organizer
}
