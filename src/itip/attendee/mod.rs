//! The attendee's copy changed by its owner: what is allowed, and what the organizer is told (RFC 6638 §3.2.2).
//!
//! **Invariant:** the organizer hears of the owner's own participation and of nothing else.

mod allowed;
mod keep;
mod reply;

use crate::meeting::Meeting;
use crate::people::Agent;
use crate::{Change, Condition, Context, Refusal, Standing, Suppressed, standing};
use ical::Document;
use reply::Answer;

/// Whether a removal is answered (RFC 6638 §8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleReply {
    /// `Schedule-Reply: T`, or none.
    Send,
    /// `Schedule-Reply: F`
    Suppress,
}

/// What the change from `before` to `after` leads to. `reply` counts for a removal only.
pub fn change(
    before: Option<&Document>,
    after: Option<&Document>,
    reply: ScheduleReply,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let was = attended(before, context)?;
    let is = attended(after, context)?;
    match (was, is, after) {
        (None, None, _) => Ok(Change::default()),
        (None, Some(is), _) => Ok(store(None, &is, context)),
        (Some(was), Some(is), _) => modify(&was, &is, context),
        (Some(was), None, None) => Ok(remove(&was, reply, context)),
        (Some(was), None, Some(after)) => withdraw(&was, after, context),
    }
}

/// As a change from `before` to `after`, but the organizer is told how the owner stands in everything he is invited to.
pub(crate) fn restate(before: &Document, after: &Document, context: &Context<'_>) -> Result<Change, Refusal> {
    let change = change(Some(before), Some(after), ScheduleReply::Send, context)?;
    let stored = change.stored.as_ref().and_then(|text| Document::parse(text.clone()).ok());
    let meeting = Meeting::of(stored.as_ref().unwrap_or(after), context);
    if change.messages.is_empty() {
        return Ok(change);
    }
    let messages = reply::message(&meeting, &reply::all(&meeting, context), context).into_iter().collect();
    Ok(Change { messages, ..change })
}

/// Whether the organizer invited the owner to the meeting that he stores by himself. RFC 6638 §3.2.4.4 leaves the server to
/// refuse: who forwards an invitation does not invite (RFC 5546 §4.2.8), and the organizer would not hear the answer.
pub fn invited(sent: &Document, organizers: &Document, context: &Context<'_>) -> Result<(), Refusal> {
    let Some(sent) = attended(Some(sent), context)?.filter(|sent| agent(sent) == Agent::Server) else { return Ok(()) };
    let meeting = Meeting::of(organizers, context);
    let is_same = meeting.organizer.is_some() && meeting.organizer == sent.organizer;
    if !is_same || meeting.parts().any(|(_, part)| reply::me(part, context).is_some()) {
        return Ok(());
    }
    Err(refusal("ATTENDEE", None, "the organizer did not invite this attendee"))
}

/// The copy of a meeting that somebody else organizes.
fn attended<'a>(object: Option<&'a Document>, context: &Context<'_>) -> Result<Option<Meeting<'a>>, Refusal> {
    let Some(object) = object else { return Ok(None) };
    let attends = matches!(standing(object, context.owns)?, Standing::Attendee { .. });
    Ok(attends.then(|| Meeting::of(object, context)))
}

/// Whether the owner's client talks to the organizer itself (RFC 6638 §3.2.2.3).
fn agent(meeting: &Meeting<'_>) -> Agent {
    let organizer = meeting.parts().find_map(|(_, part)| part.component.property("ORGANIZER"));
    organizer.map_or(Agent::Server, Agent::of)
}

fn modify(was: &Meeting<'_>, is: &Meeting<'_>, context: &Context<'_>) -> Result<Change, Refusal> {
    if agent(is) == Agent::Server {
        allowed::check(was, is, context)?;
    }
    Ok(store(Some(was), is, context))
}

/// Keeps what was sent, and answers where the owner did.
fn store(was: Option<&Meeting<'_>>, is: &Meeting<'_>, context: &Context<'_>) -> Change {
    if let Some(reason) = agent(is).reason() {
        let answers = reply::answers(was, is, context);
        return Change { suppressed: suppressed(is, &answers, reason, context), ..Change::default() };
    }
    let kept = keep::keep(was, is, context);
    // What his client told the organizer by itself the server cannot know.
    let told = was.filter(|was| agent(was) == Agent::Server);
    let messages = |stored: &Meeting<'_>| {
        let answers = if kept.forced { reply::all(stored, context) } else { reply::answers(told, stored, context) };
        reply::message(stored, &answers, context).into_iter().collect()
    };
    match kept.text {
        None => Change { messages: messages(is), ..Change::default() },
        Some(text) => {
            let document = Document::parse(text).expect("an edited document is as well-formed as it was");
            let messages = messages(&Meeting::of(&document, context));
            Change { stored: Some(document.into_string()), messages, suppressed: vec![] }
        }
    }
}

/// RFC 6638 §8.1: removing the copy declines what is not declined yet.
fn remove(was: &Meeting<'_>, reply: ScheduleReply, context: &Context<'_>) -> Change {
    let answers = reply::declines(was, context);
    let silent = match reply {
        ScheduleReply::Send => agent(was).reason(),
        ScheduleReply::Suppress => agent(was).reason().or(Some("schedule-reply-false")),
    };
    match silent {
        Some(reason) => Change { suppressed: suppressed(was, &answers, reason, context), ..Change::default() },
        None => Change { messages: reply::message(was, &answers, context).into_iter().collect(), ..Change::default() },
    }
}

/// An invitation does not become something else by an attendee's hand; who and whose it is may have got lost in his client.
fn withdraw(was: &Meeting<'_>, after: &Document, context: &Context<'_>) -> Result<Change, Refusal> {
    if agent(was) != Agent::Server {
        return Ok(Change::default());
    }
    let organizer = after.root().components().find_map(ical::Component::organizer);
    if organizer.is_some_and(|organizer| Some((context.same)(&organizer)) != was.organizer) {
        return Err(refusal("ORGANIZER", None, "an attendee cannot change the organizer"));
    }
    let mut components = after.root().components();
    if components.any(|component| component.is("VEVENT")) && !names_anybody(after) {
        return Err(refusal("ORGANIZER", None, "an attendee cannot make an event of his own of an invitation"));
    }
    modify(was, &Meeting::of(after, context), context)
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
    answers: &[Answer<'_>],
    reason: &'static str,
    context: &Context<'_>,
) -> Vec<Suppressed> {
    reply::message(meeting, answers, context).map(|draft| Suppressed::of(draft, reason)).into_iter().collect()
}
