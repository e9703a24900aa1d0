//! Decides on a change of an attendee's copy by its owner: whether it is allowed, and which reply
//! it causes (RFC 6638 §3.2.2).
//!
//! **Invariant:** of the owner's changes, the organizer learns only answers, comments, excluded
//! instances and the progress of a task.

mod allowed;
mod answer;
mod limits;
mod preserve;
mod rebase;
mod reply;
mod taken_back;

use crate::inbound::OrganizersComments;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::participation::Agent;
use crate::{CalendarUserRole, Change, Condition, Context, Draft, Method, Refusal, Suppressed, calendar_user_role};
use ical::Document;
#[cfg(test)]
pub(crate) use limits::MAX_ANSWER_BYTES;
pub(crate) use limits::{MAX_ANSWERED_INSTANCES, is_answer_too_long, replies_too_many};
use reply::ReplyComponent;
pub(crate) use reply::answers_unknown_to;
pub use taken_back::taken_back;

/// The client's choice whether the server sends a reply when the attendee removes the copy (RFC
/// 6638 §8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleReply {
    /// The server sends a reply: `Schedule-Reply: T`, or no such header.
    Send,
    /// The server sends no reply: `Schedule-Reply: F`.
    Suppress,
}

/// Returns the messages that a change from `before` to `after` causes, and the text to store.
///
/// `before` is `None` for a new object, `after` for a removal. `reply` matters only for a removal.
/// `organizers` are the comments in the copy that are not the owner's.
///
/// Returns an error if an attendee may not make this change (RFC 6638 §3.2.4.4), if the answer
/// exceeds a limit, or if the components of a version name different organizers (§3.2.4.2).
pub fn change(
    before: Option<&Document>,
    after: Option<&Document>,
    reply: ScheduleReply,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let was = attended(before, context)?;
    let is = attended(after, context)?;
    let renamed = was.as_ref().zip(is.as_ref()).and_then(|(was, is)| is.named_as_in(was, context));
    let is = renamed.or(is);
    if let Some(is) = is.as_ref().filter(|is| agent(is) == Agent::Server) {
        limits::check(was.as_ref(), is, context)?;
    }
    match (was, is, after) {
        (None, None, _) => Ok(Change::default()),
        (None, Some(is), _) => Ok(store(None, &is, Author::Owner, organizers, context)),
        (Some(was), Some(is), _) => prepared(&was, &is, organizers, context),
        (Some(was), None, None) => Ok(remove(&was, reply, context)),
        (Some(was), None, Some(after)) => withdraw(&was, after, organizers, context),
    }
}

/// Like [`change`], but a reply states the owner's participation in every component that lists
/// them, not only in changed ones.
pub(crate) fn restate(
    before: &Document,
    after: &Document,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let change = change(Some(before), Some(after), ScheduleReply::Send, organizers, context)?;
    let stored = change.stored.as_ref().and_then(|text| Document::parse(text.clone()).ok());
    let meeting = Meeting::of(stored.as_ref().unwrap_or(after), context);
    if change.messages.is_empty() {
        return Ok(change);
    }
    // The messages are a REPLY and no REFRESH: an automatic answer describes only instances that
    // take place, so that it takes back none that was removed ([`returns`]).
    let answers = reply::all(Some(&Meeting::of(before, context)), &meeting, organizers, context);
    let messages = reply::message(&meeting, &answers, context).into_iter().collect();
    Ok(Change { messages, ..change })
}

/// Applies the changes that a client made to an `earlier` state of the copy to its current state.
///
/// Returns `None` if the client changed more of the `earlier` state than an attendee may, if the
/// owner is not an attendee in one of the three texts, or if the server does not send the owner's
/// replies (SCHEDULE-AGENT).
///
/// Returns an error if the times of a component of `sent` changed since, because the answer was
/// given for other times, if `current` no longer has that component, or if the components of one of
/// the texts name different organizers.
pub fn rebase(
    current: &Document,
    earlier: &Document,
    sent: &Document,
    context: &Context<'_>,
) -> Result<Option<Document>, Refusal> {
    rebase::rebase(current, earlier, sent, context)
}

/// Returns a REFRESH that asks the organizer for the current state of the meeting (RFC 5546
/// §3.2.6); `None` if this server does not send the owner's messages (RFC 6638 §7.1), or if the
/// copy does not list the owner or has no ORGANIZER.
pub fn ask_for_current(copy: &Document, context: &Context<'_>) -> Option<Draft> {
    let meeting = Meeting::of(copy, context);
    if agent(&meeting) != Agent::Server {
        return None;
    }
    crate::inbound::ask(&meeting, "stored-anew", context)
}

/// Returns the meeting if the owner is its attendee, else `None`. An error comes back if its
/// components name different organizers.
fn attended<'a>(object: Option<&'a Document>, context: &Context<'_>) -> Result<Option<Meeting<'a>>, Refusal> {
    let Some(object) = object else { return Ok(None) };
    let attends = matches!(calendar_user_role(object, context.owns)?, CalendarUserRole::Attendee { .. });
    Ok(attends.then(|| Meeting::of(object, context)))
}

/// Returns who sends the owner's replies (RFC 6638 §3.2.2.3).
fn agent(meeting: &Meeting<'_>) -> Agent {
    let organizer = meeting.parts().find_map(|(_, part)| part.component.property("ORGANIZER"));
    organizer.map_or(Agent::Server, Agent::of)
}

/// Completes the text that the client sent (see [`answer`]), then checks the change and returns it,
/// or an error if an attendee may not make it.
fn prepared(
    was: &Meeting<'_>,
    is: &Meeting<'_>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let Some(text) = answer::complete(was, is, context) else { return modify(was, is, organizers, context) };
    let document = Document::parse(text).expect("an edited document is as well-formed as it was");
    let change = modify(was, &Meeting::of(&document, context), organizers, context)?;
    let stored = change.stored.unwrap_or_else(|| document.into_string());
    Ok(Change { stored: Some(stored), ..change })
}

fn modify(
    was: &Meeting<'_>,
    is: &Meeting<'_>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let author = if is_external_update(was, is, context) { Author::ExternalOrganizer } else { Author::Owner };
    if agent(is) == Agent::Server && author == Author::Owner {
        allowed::check(was, is, context)?;
    }
    Ok(store(Some(was), is, author, organizers, context))
}

/// The author of a text that a client stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Author {
    /// The owner of the copy.
    Owner,
    /// An organizer outside of this system, whose update the owner's client received elsewhere.
    ExternalOrganizer,
}

/// Returns whether the stored text counts as an update by the organizer: it names the organizer of
/// the copy, this system does not know them, so no scheduling message will bring an update, and no
/// component has a lower SEQUENCE than in the copy (RFC 5546 §2.1.4).
fn is_external_update(was: &Meeting<'_>, is: &Meeting<'_>, context: &Context<'_>) -> bool {
    let Some(organizer) = is.organizer.as_ref().filter(|organizer| was.organizer.as_ref() == Some(*organizer)) else {
        return false;
    };
    let is_later =
        |(key, part): (ComponentKey, &Part<'_>)| was.at(key).is_none_or(|known| part.sequence() >= known.sequence());
    !(context.knows)(organizer) && is.parts().all(is_later)
}

/// Returns the text to store and the messages: a reply if the owner answered or the client forces
/// one, and a REFRESH if they take back an instance. If the server does not send the owner's
/// replies, the reply is suppressed.
fn store(
    was: Option<&Meeting<'_>>,
    is: &Meeting<'_>,
    author: Author,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Change {
    if let Some(reason) = agent(is).reason() {
        let answers = reply::answers(was, is, organizers, context);
        return Change { suppressed: suppressed(is, &answers, reason, context), ..Change::default() };
    }
    let kept = match author {
        Author::Owner => preserve::preserve(was, is, context),
        Author::ExternalOrganizer => preserve::preserve_status(was, is),
    };
    // If the server did not send the former replies, it does not know what the organizer was told.
    let told = was.filter(|was| agent(was) == Agent::Server);
    let messages = |stored: &Meeting<'_>| {
        let answers = if kept.forced {
            reply::all(told, stored, organizers, context)
        } else {
            reply::answers(told, stored, organizers, context)
        };
        let reply = reply::message(stored, &answers, context);
        // An attendee who takes back an instance that they had removed needs the organizer's
        // current text of that instance.
        let returns = told.is_some_and(|was| returns(was, stored));
        let refresh = returns.then(|| crate::inbound::ask(stored, "stored-anew", context)).flatten();
        reply.into_iter().chain(refresh).collect()
    };
    match kept.text {
        None => untold(told, is, Change { messages: messages(is), ..Change::default() }),
        Some(text) => {
            let document = Document::parse(text).expect("an edited document is as well-formed as it was");
            let stored = Meeting::of(&document, context);
            let change = untold(told, &stored, Change { messages: messages(&stored), ..Change::default() });
            Change { stored: Some(document.into_string()), ..change }
        }
    }
}

fn returns(was: &Meeting<'_>, is: &Meeting<'_>) -> bool {
    let is_back = |key| was.exdates.contains_key(key) && !was.overrides.contains_key(key);
    is.overrides.keys().any(is_back)
}

/// Adds the record that the organizer is not notified, if the copy changed and no message is sent.
fn untold(was: Option<&Meeting<'_>>, is: &Meeting<'_>, change: Change) -> Change {
    let differs = was.is_some_and(|was| was.document.as_str() != is.document.as_str());
    let organizer = is.organizers_address().filter(|_| differs && change.messages.is_empty());
    let suppressed = organizer.map(|organizer| Suppressed::not_significant(Method::Reply, vec![organizer.to_owned()]));
    Change { suppressed: suppressed.into_iter().collect(), ..change }
}

/// Declines every component that lists the owner and is neither cancelled nor declined, because the
/// owner removes the copy. The decline is suppressed by `reply` (RFC 6638 §8.1) or SCHEDULE-AGENT.
fn remove(was: &Meeting<'_>, reply: ScheduleReply, context: &Context<'_>) -> Change {
    let answers = reply::declines(was, context);
    let silent = match reply {
        ScheduleReply::Send => agent(was).reason(),
        ScheduleReply::Suppress => agent(was).reason().or(Some("schedule-reply-false")),
    };
    if let Some(reason) = silent {
        return Change { suppressed: suppressed(was, &answers, reason, context), ..Change::default() };
    }
    let messages: Vec<_> = reply::message(was, &answers, context).into_iter().collect();
    let organizer = was.organizers_address().filter(|_| messages.is_empty());
    let suppressed = organizer.map(|organizer| Suppressed::not_significant(Method::Reply, vec![organizer.to_owned()]));
    Change { messages, suppressed: suppressed.into_iter().collect(), ..Change::default() }
}

/// Handles a text from which the client dropped ORGANIZER or the owner's ATTENDEE line. Dropped
/// lines are restored if the server sends the owner's replies (SCHEDULE-AGENT); otherwise the text
/// is stored as sent.
///
/// Returns an error if the server sends the replies, and the text names another organizer, is an
/// event that names nobody any more (an attendee cannot turn an invitation into a private event),
/// or has another change that an attendee may not make.
fn withdraw(
    was: &Meeting<'_>,
    after: &Document,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    if agent(was) != Agent::Server {
        return Ok(Change::default());
    }
    let organizer = after.root().components().find_map(ical::Component::organizer);
    if organizer.is_some_and(|organizer| Some((context.canonical)(&organizer)) != was.organizer) {
        return Err(refusal("ORGANIZER", None, "an attendee cannot change the organizer"));
    }
    let mut components = after.root().components();
    if components.any(|component| component.is("VEVENT")) && !names_anybody(after) {
        return Err(refusal("ORGANIZER", None, "an attendee cannot turn an invitation into an event of their own"));
    }
    prepared(was, &Meeting::of(after, context), organizers, context)
}

fn names_anybody(object: &Document) -> bool {
    let named = |component: ical::Component<'_>| {
        ["ORGANIZER", "ATTENDEE"].iter().any(|name| component.property(name).is_some())
    };
    object.root().components().any(named)
}

fn refusal(property: &str, instance: Option<String>, why: &str) -> Refusal {
    Refusal {
        condition: Condition::AllowedAttendeeSchedulingObjectChange,
        property: property.to_owned(),
        instance,
        why: why.to_owned(),
    }
}

fn suppressed(
    meeting: &Meeting<'_>,
    answers: &[ReplyComponent<'_>],
    reason: &'static str,
    context: &Context<'_>,
) -> Vec<Suppressed> {
    reply::message(meeting, answers, context).map(|draft| Suppressed::of(draft, reason)).into_iter().collect()
}
