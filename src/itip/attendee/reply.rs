//! The owner's answers, and the REPLY with them (RFC 6638 §3.2.2.3, RFC 5546 §3.2.3).
//!
//! **Invariant:** a component of a reply lists only the answering attendee and the delegates whom
//! they name there.

use crate::body::Body;
use crate::inbound::OrganizersComments;
use crate::line::Line;
use crate::meeting::{Attendee, ComponentKey, Meeting, Part};
use crate::organizers_part::meaning;
use crate::outgoing;
use crate::participation::{DECLINED, NEEDS_ACTION, partstat};
use crate::times::InstanceKey;
use crate::{Context, Draft, Method, Visibility};
use std::collections::BTreeSet;

/// One component of a reply: a component of the copy, without the organizer's COMMENTs.
#[derive(Debug)]
pub(super) struct ReplyComponent<'a> {
    body: Body<'a>,
}

impl<'a> ReplyComponent<'a> {
    /// Creates the component. If the organizer's comments are not completely known, each comment
    /// that the copy had before may be the organizer's, and is left out.
    fn of(mut body: Body<'a>, before: Option<&Part<'_>>, organizers: &OrganizersComments) -> Self {
        let known = before.filter(|_| !organizers.are_complete());
        let known = known.into_iter().flat_map(|part| part.component.properties_named("COMMENT"));
        let known: BTreeSet<_> = known.map(|comment| meaning(&Line::of(comment))).collect();
        let is_own = |line: &Line<'_>| !organizers.say(line) && !known.contains(&meaning(line));
        body.lines.retain(|line| !line.is("COMMENT") || is_own(line));
        Self { body }
    }
}

/// Returns the owner's first ATTENDEE line in a component; `None` if there is none.
pub(super) fn me<'m, 'a>(part: &'m Part<'a>, context: &Context<'_>) -> Option<&'m Attendee<'a>> {
    part.attendees.iter().find(|attendee| attendee.is_owned(context))
}

/// Returns the components in which the owner's participation differs from that in `was`, the copy
/// that the organizer knows, and a decline of each instance that the owner removed, unless it was
/// cancelled or declined already. An answer to the series also states the participation in every
/// override.
pub(super) fn answers<'a>(
    was: Option<&Meeting<'a>>,
    is: &Meeting<'a>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Vec<ReplyComponent<'a>> {
    let is_anew = |component_key, part: &Part<'_>| answers_anew((was, component_key), part, organizers, context);
    let mut answers: Vec<_> = if is.master.as_ref().is_some_and(|master| is_anew(ComponentKey::Master, master)) {
        all(was, is, organizers, context)
    } else {
        let anew = is.parts().filter(|(component_key, part)| is_anew(*component_key, part));
        anew.map(|(key, part)| ReplyComponent::of(Body::of(part.component), before(was, key), organizers)).collect()
    };
    let gone = was.into_iter().flat_map(|was| left_out(was, is).into_iter().map(move |key| (was, key)));
    answers.extend(gone.filter_map(|(was, key)| decline(was, key, context)));
    answers
}

/// Returns whether the owner's participation in this component is news to the organizer, who knows
/// that in `was`.
fn answers_anew(
    (was, component_key): (Option<&Meeting<'_>>, ComponentKey),
    part: &Part<'_>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> bool {
    let known = before(was, component_key).and_then(|part| said(part, organizers, context));
    let Some(said) = said(part, organizers, context) else { return false };
    // An attendee who removed an instance has declined it. If they restore it, NEEDS-ACTION is news
    // to the organizer.
    let is_removed =
        |was: &Meeting<'_>| matches!(component_key, ComponentKey::Instance(key) if was.exdates.contains_key(&key));
    let silent = known.is_none() && said.partstat == NEEDS_ACTION && !was.is_some_and(is_removed);
    known.as_ref() != Some(&said) && !silent
}

fn before<'m, 'a>(was: Option<&'m Meeting<'a>>, key: ComponentKey) -> Option<&'m Part<'a>> {
    was.and_then(|was| was.at(key))
}

/// Returns all components that list the owner, answered or not (RFC 6638 §7.2), and, if the series
/// lists the owner, the instances that it describes again because the client dropped their
/// overrides: the organizer's object may have the owner's former answer to them.
pub(super) fn all<'a>(
    was: Option<&Meeting<'_>>,
    is: &Meeting<'a>,
    organizers: &OrganizersComments,
    context: &Context<'_>,
) -> Vec<ReplyComponent<'a>> {
    let mine = is.parts().filter(|(_, part)| me(part, context).is_some());
    let mine = mine.map(|(key, part)| (key, Body::of(part.component)));
    let answers_series = is.master.as_ref().is_some_and(|master| me(master, context).is_some());
    let dropped = was.into_iter().flat_map(|was| was.overrides.keys()).filter(|_| answers_series);
    let dropped = dropped.filter(|key| !is.overrides.contains_key(key));
    let dropped = dropped.filter_map(|key| Some((ComponentKey::Instance(*key), is.derive(*key)?)));
    mine.chain(dropped).map(|(key, body)| ReplyComponent::of(body, before(was, key), organizers)).collect()
}

/// Returns a REPLY with the components in which the owner's PARTSTAT differs from the one in the
/// organizer's object; `None` if there are none, or if the copy has no ORGANIZER. NEEDS-ACTION in
/// the copy does not count as an answer, nor does an instance that the object lacks.
pub(crate) fn answers_unknown_to(object: &Meeting<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> Option<Draft> {
    let stands = |part: &Part<'_>| me(part, context).map(|me| partstat(me.property));
    let is_news = |key: ComponentKey, part: &Part<'_>| {
        let answered = stands(part).filter(|said| said != NEEDS_ACTION);
        answered.is_some() && object.at(key).is_some_and(|known| stands(known) != answered)
    };
    let news = copy.parts().filter(|(key, part)| is_news(*key, part));
    let (known, organizers) = (|key| object.at(key), OrganizersComments::default());
    let news: Vec<_> =
        news.map(|(key, part)| ReplyComponent::of(Body::of(part.component), known(key), &organizers)).collect();
    message(copy, &news, context)
}

/// Returns a decline of every component that lists the owner and is neither cancelled nor declined.
/// It has no comments, because the owner wrote those about taking part.
pub(super) fn declines<'a>(was: &Meeting<'a>, context: &Context<'_>) -> Vec<ReplyComponent<'a>> {
    let open = was.parts().filter(|(_, part)| is_open(part, context));
    open.map(|(_, part)| declined(Body::of(part.component), context)).collect()
}

/// The owner's participation in a component.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    partstat: String,
    /// Delegation parameters, SENT-BY, the owner's comments and task progress, as text.
    lines: Vec<String>,
}

/// Returns the owner's participation; `None` if the component does not list them. If the
/// organizer's comments are not completely known, all comments count as the owner's.
fn said(part: &Part<'_>, organizers: &OrganizersComments, context: &Context<'_>) -> Option<Said> {
    let me = me(part, context)?;
    let told = ["DELEGATED-TO", "DELEGATED-FROM", "SENT-BY"];
    let entry = told.into_iter().filter_map(|name| Some(format!("{name}={}", me.property.param(name)?)));
    let progress = ["COMMENT", "PERCENT-COMPLETE", "COMPLETED"];
    let added = part.component.properties().filter(|property| {
        let is_task = part.component.is("VTODO");
        progress.into_iter().any(|name| property.is(name)) || (is_task && property.is("STATUS"))
    });
    let is_organizers = |line: &Line<'_>| line.is("COMMENT") && organizers.are_complete() && organizers.say(line);
    let added = added.map(Line::of).filter(|line| !is_organizers(line));
    let spelled = |line: Line<'_>| if line.is("COMMENT") { meaning(&line).1 } else { line.normal() };
    let mut lines: Vec<_> = entry.chain(added.map(spelled)).collect();
    lines.sort();
    Some(Said { partstat: partstat(me.property), lines })
}

/// Returns the instances that the owner removed from their copy (RFC 6638 §3.2.2.1, 8).
fn left_out(was: &Meeting<'_>, is: &Meeting<'_>) -> BTreeSet<InstanceKey> {
    let excluded = is.exdates.keys().filter(|key| !is.overrides.contains_key(key) && was.describing(**key).is_some());
    let removed = was.overrides.keys().filter(|key| is.describing(**key).is_none());
    excluded.chain(removed).copied().collect()
}

fn decline<'a>(was: &Meeting<'a>, key: InstanceKey, context: &Context<'_>) -> Option<ReplyComponent<'a>> {
    was.describing(key).filter(|part| is_open(part, context))?;
    Some(declined(was.body(key)?, context))
}

/// Returns whether the owner can still decline the component: it lists them, and is neither
/// cancelled nor declined.
fn is_open(part: &Part<'_>, context: &Context<'_>) -> bool {
    !part.cancelled && me(part, context).is_some_and(|me| partstat(me.property) != DECLINED)
}

fn declined<'a>(mut body: Body<'a>, context: &Context<'_>) -> ReplyComponent<'a> {
    let mine = |line: &&mut Line<'_>| line.is("ATTENDEE") && is_owners(line, context);
    for line in body.lines.iter_mut().filter(mine) {
        line.set_param("PARTSTAT", DECLINED);
        line.remove_param("DELEGATED-TO");
    }
    body.remove("COMMENT");
    ReplyComponent { body }
}

fn is_owners(line: &Line<'_>, context: &Context<'_>) -> bool {
    line.address().is_some_and(|address| (context.owns)(&address))
}

/// Returns the answered `RECURRENCE-ID`s; empty if one of the answers has none, because it is for
/// the whole object.
pub(super) fn instances(answers: &[ReplyComponent<'_>]) -> Vec<String> {
    let ids: Option<Vec<String>> =
        answers.iter().map(|answer| answer.body.value("RECURRENCE-ID").map(str::to_owned)).collect();
    ids.unwrap_or_default()
}

/// Returns one REPLY with all answers; `None` if there are none, or if the meeting has no
/// ORGANIZER.
pub(super) fn message(meeting: &Meeting<'_>, answers: &[ReplyComponent<'_>], context: &Context<'_>) -> Option<Draft> {
    let organizer = meeting.organizers_address()?;
    if answers.is_empty() {
        return None;
    }
    let bodies: Vec<_> = answers.iter().map(|answer| written(&answer.body, context)).collect();
    Some(Draft {
        method: Method::Reply,
        recipients: vec![organizer.to_owned()],
        visibility: Visibility::Inbox,
        reason: "answered",
        instances: instances(answers),
        ics: outgoing::message(Method::Reply, &bodies, &[meeting.document]),
    })
}

fn written<'a>(body: &Body<'a>, context: &Context<'_>) -> Body<'a> {
    let mut body = body.clone();
    let mine = body.lines.iter().filter(|line| line.is("ATTENDEE") && is_owners(line, context));
    let delegates: Vec<_> = mine.flat_map(|line| line.addresses("DELEGATED-TO")).collect();
    let is_delegate = |line: &Line<'_>| line.address().is_some_and(|address| delegates.contains(&address));
    let is_others = |line: &mut Line<'_>| line.is("ATTENDEE") && !is_owners(line, context);
    // RFC 5546 §3.2.3: a reply has the line of one attendee. The lines of their delegates are
    // placed after it.
    let others: Vec<_> = body.lines.extract_if(.., is_others).collect();
    body.lines.extend(others.into_iter().filter(is_delegate));
    outgoing::answer(&mut body, context);
    body.lines.push(Line::new("REQUEST-STATUS", "2.0;Success"));
    body
}
