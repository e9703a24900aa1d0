//! Turns the results of `itip` into events.

use ical::{Address, Document};
use itip::CalendarUserRole;
use schemas::{
    ObjectEvent,
    object::{MessageIssued, MessageSuppressed, Recipient, Role},
};
use uuid::Uuid;

use super::{DecisionContext, Object, Resource, state::Cancellation};
use crate::Refusal;

/// The scheduling result of a change.
#[derive(Default)]
pub(super) struct SchedulingOutcome {
    /// The owner's role after the change; `None` if the result is not a scheduling object resource.
    pub role: Option<Role>,
    /// The text to store; `None` if the client's text is stored unchanged, or if the resource is
    /// removed.
    pub stored: Option<String>,
    /// The events for issued and suppressed messages.
    pub messages: Vec<ObjectEvent>,
    /// The size of the issued messages, counted once for each recipient (see [`delivered_bytes`]).
    pub delivered_bytes: usize,
}

/// A copy that is being stored, after a cancellation that had arrived before was applied to it,
/// with the id of that message.
pub(super) struct CancelledCopy {
    pub ics: String,
    pub message: Uuid,
}

impl SchedulingOutcome {
    pub(super) fn is_scheduled(&self) -> bool {
        self.role.is_some()
    }

    /// Asks the organizer for the current state of a meeting, when the attendee stores a new copy
    /// although messages about it have arrived: the client may have kept an outdated text (RFC 5546
    /// §3.2.6). A delegate asks only if there is a reply to send too, which needs the same
    /// privilege.
    pub(super) fn ask_for_current(&mut self, object: &Object, copy: &Document, context: &DecisionContext<'_>) {
        let is_known = self.role == Some(Role::Attendee) && !object.received.is_empty();
        let replies = self.messages.iter().any(|event| matches!(event, ObjectEvent::MessageIssued(_)));
        if !is_known || (context.is_foreign() && !replies) {
            return;
        }
        let draft = with_itip_context(context, |itip| itip::attendee::ask_for_current(copy, itip));
        if let (Some(draft), Some(sender)) = (draft, own_address(copy, context)) {
            let act = Uuid::new_v5(&context.act, b"refresh");
            let context = DecisionContext { act, ..*context };
            self.messages.extend(issue(vec![draft], &uid(Some(copy)), sender.as_written(), &context));
        }
    }

    /// Applies an earlier cancellation to a new copy that an attendee stores, and returns the
    /// result; `None` if no cancellation applies to it. After a cancellation no message is sent,
    /// because the meeting is over (RFC 5546 §3.2.5).
    pub(super) fn cancelled_before(
        &mut self,
        object: &Object,
        copy: &Document,
        context: &DecisionContext<'_>,
    ) -> Result<Option<CancelledCopy>, Refusal> {
        let completed = self.stored.clone().map(parsed).transpose()?;
        let copy = completed.as_ref().unwrap_or(copy);
        let organizer = copy.root().components().find_map(ical::Component::organizer);
        let by_organizer = |cancellation: &&Cancellation| {
            let sender = Address::parse(&cancellation.sender);
            let canonical = |address: &Address| context.address_book.canonical(address);
            sender.as_ref().map(canonical) == organizer.as_ref().map(canonical)
        };
        let cancellation = object.cancellation.as_ref().filter(by_organizer);
        let Some(cancellation) = cancellation.filter(|_| self.role == Some(Role::Attendee)) else { return Ok(None) };
        let removed = object.removed.as_ref().map(|removed| document(&removed.resource)).transpose()?;
        let ics = with_itip_context(context, |itip| {
            itip::inbound::cancelled_before(copy, removed.as_ref(), cancellation.is_whole, itip)
        });
        if ics.is_some() {
            self.messages.clear();
        }
        Ok(ics.map(|ics| CancelledCopy { ics, message: cancellation.message }))
    }
}

/// Parses the text of a stored resource.
pub(super) fn document(resource: &Resource) -> Result<Document, Refusal> {
    // Another version of the program may have stored the text, so parsing can fail.
    parsed(resource.content.ics.clone())
}

/// Parses a text that the server made from a stored one.
pub(super) fn parsed(ics: String) -> Result<Document, Refusal> {
    Document::parse(ics).map_err(|error| Refusal::Unreadable { why: error.to_string() })
}

pub(super) fn with_itip_context<R>(context: &DecisionContext<'_>, run: impl FnOnce(&itip::Context<'_>) -> R) -> R {
    let owns = |address: &Address| context.owns(address);
    let canonical = |address: &Address| context.address_book.canonical(address);
    let knows = |address: &Address| context.address_book.principal(address).is_some();
    run(&itip::Context { now: context.now.seconds(), owns: &owns, canonical: &canonical, knows: &knows })
}

/// Returns the messages that the change from `before` to `after` causes, and the text to store.
/// `before` and `after` are texts of a resource of `object`; `before` is `None` for a new one,
/// `after` for a removal. Returns an error if the rules of scheduling do not allow the change.
pub(super) fn plan(
    object: &Object,
    (before, after): (Option<&Document>, Option<&Document>),
    reply: itip::ScheduleReply,
    context: &DecisionContext<'_>,
) -> Result<SchedulingOutcome, Refusal> {
    with_itip_context(context, |itip| decide(object, (before, after), reply, context, itip))
        .map_err(Refusal::Scheduling)
}

fn decide(
    object: &Object,
    (before, after): (Option<&Document>, Option<&Document>),
    reply: itip::ScheduleReply,
    context: &DecisionContext<'_>,
    itip: &itip::Context<'_>,
) -> Result<SchedulingOutcome, itip::Refusal> {
    let stand =
        |object: Option<&Document>| object.map(|object| itip::calendar_user_role(object, itip.owns)).transpose();
    let (was, is) = (stand(before)?, stand(after)?);
    let mut role = is.as_ref().and_then(role);
    // The rules for the owner's role before the change apply, also to a change of the role itself.
    let (sender, mut change) = match was.filter(|was| self::role(was).is_some()).or(is) {
        None | Some(CalendarUserRole::NotScheduled) => {
            return Ok(SchedulingOutcome { role, ..SchedulingOutcome::default() });
        }
        Some(CalendarUserRole::Organizer { organizer }) => (organizer, itip::organizer::change(before, after, itip)?),
        Some(CalendarUserRole::Attendee { me, .. }) => {
            let sender = me.into_iter().next().expect("an attendee's copy names the attendee");
            if let Some(after) = after {
                itip::groups::check_delegation(before, after, &|group| context.address_book.members(group), itip)?;
            }
            (sender, itip::attendee::change(before, after, reply, &object.comments, itip)?)
        }
    };
    // ORGANIZER or ATTENDEE lines that the server restored may decide the role.
    if let Some(kept) = change.stored.as_ref().and_then(|kept| Document::parse(kept.clone()).ok()) {
        role = self::role(&itip::calendar_user_role(&kept, itip.owns)?);
    }
    // RFC 5545 §3.2.18: SENT-BY names the delegate who acted.
    if let Some(delegate) = context.delegate() {
        itip::mark_sent_by(&mut change.messages, &sender, &delegate, itip);
    }
    if after.is_none() {
        change.messages.iter_mut().for_each(|draft| draft.reason = MessageIssued::REMOVED);
    }
    let uid = uid(after.or(before));
    let delivered_bytes = delivered_bytes(&change.messages);
    let issued = issue(change.messages, &uid, sender.as_written(), context);
    let suppressed = change.suppressed.into_iter().map(|suppressed| suppress(suppressed, &uid, context));
    let messages = issued.into_iter().chain(suppressed).collect();
    Ok(SchedulingOutcome { role, stored: change.stored, messages, delivered_bytes })
}

/// Returns the outcome of taking over a meeting from the organizer with the address `predecessor`.
pub(super) fn handed_over(
    change: itip::Change,
    uid: &str,
    (successor, predecessor): (&Address, Option<Address>),
    context: &DecisionContext<'_>,
) -> SchedulingOutcome {
    let delivered_bytes = delivered_bytes(&change.messages);
    let mut messages = issue(change.messages, uid, successor.as_written(), context);
    for message in &mut messages {
        if let ObjectEvent::MessageIssued(issued) = message {
            issued.taken_over_from = predecessor.as_ref().map(|address| address.as_written().to_owned());
        }
    }
    SchedulingOutcome { role: Some(Role::Organizer), stored: change.stored, messages, delivered_bytes }
}

/// Applies the changes that an attendee's client made to an earlier state of the copy to its
/// current state; `None` if the sent text is not an allowed change of any earlier state.
///
/// Returns an error if the meeting was rescheduled since that state, or if the current state lacks
/// an instance of the sent text.
pub(super) fn rebased(
    known: &Resource,
    sent: &Document,
    context: &DecisionContext<'_>,
) -> Result<Option<Document>, Refusal> {
    let current = document(known)?;
    for earlier in known.earlier_texts.compared() {
        let rebased = with_itip_context(context, |itip| itip::attendee::rebase(&current, &earlier, sent, itip));
        if let Some(rebased) = rebased.map_err(Refusal::Scheduling)? {
            return Ok(Some(rebased));
        }
    }
    Ok(None)
}

/// Returns whether both texts are scheduling objects of the same meeting: the owner has the same
/// role in both, and both have the same organizer.
pub(super) fn is_same_meeting(one: &Document, other: &Document, context: &DecisionContext<'_>) -> bool {
    let organizer = |role: itip::CalendarUserRole| match role {
        CalendarUserRole::NotScheduled => None,
        CalendarUserRole::Organizer { organizer } => {
            Some((Role::Organizer, context.address_book.canonical(&organizer)))
        }
        CalendarUserRole::Attendee { organizer, .. } => {
            Some((Role::Attendee, context.address_book.canonical(&organizer)))
        }
    };
    let role = |document| itip::calendar_user_role(document, &|address| context.owns(address)).ok().and_then(organizer);
    role(one).is_some_and(|one| role(other) == Some(one))
}

/// Returns the organizer's sent text with the attendees' current participation (RFC 6638
/// §3.2.10.1); `None` if nothing differs, or if the owner does not organize the meeting.
pub(super) fn merged(sent: &Document, known: &Document, context: &DecisionContext<'_>) -> Option<Document> {
    with_itip_context(context, |itip| {
        let role = itip::calendar_user_role(known, itip.owns).ok()?;
        Document::parse(itip::merge::merge_participation(sent, known, &role, itip)?).ok()
    })
}

/// Returns the sent text with an override, which has the owner's answer, for each instance that the
/// attendee's copy `before` excludes and the sent text does not; `None` if no override is added.
pub(super) fn taken_back(before: &Document, sent: &Document, context: &DecisionContext<'_>) -> Option<Document> {
    with_itip_context(context, |itip| itip::attendee::taken_back(before, sent, itip))
}

/// Returns the sent text with the members of its groups as attendees; `None` if nothing changes.
/// `before` is the text stored until now.
pub(super) fn expanded(before: Option<&Document>, sent: &Document, context: &DecisionContext<'_>) -> Option<Document> {
    let members = |group: &Address| context.address_book.members(group);
    with_itip_context(context, |context| Document::parse(itip::groups::expand(before, sent, &members, context)?).ok())
}

pub(super) fn role(role: &CalendarUserRole) -> Option<Role> {
    match role {
        CalendarUserRole::NotScheduled => None,
        CalendarUserRole::Organizer { .. } => Some(Role::Organizer),
        CalendarUserRole::Attendee { .. } => Some(Role::Attendee),
    }
}

pub(super) fn uid(object: Option<&Document>) -> String {
    object.and_then(Document::uid).unwrap_or_default()
}

/// Returns the address by which the owner takes part in the meeting of `copy`; `None` if they do
/// not.
pub(super) fn own_address(copy: &Document, context: &DecisionContext<'_>) -> Option<Address> {
    match itip::calendar_user_role(copy, &|address| context.owns(address)) {
        Ok(CalendarUserRole::Organizer { organizer }) => Some(organizer),
        Ok(CalendarUserRole::Attendee { me, .. }) => me.into_iter().next(),
        Ok(CalendarUserRole::NotScheduled) | Err(_) => None,
    }
}

/// Returns the size of these messages in bytes, counted once for each recipient: an estimate of
/// what they write to the copies of all recipients together.
pub(super) fn delivered_bytes(drafts: &[itip::Draft]) -> usize {
    drafts.iter().map(|draft| draft.ics.len().saturating_mul(draft.recipients.len())).fold(0, usize::saturating_add)
}

/// Returns the events that issue these messages. The ids of the messages derive from the id of the
/// command and their index.
pub(super) fn issue(
    drafts: Vec<itip::Draft>,
    uid: &str,
    sender: &str,
    context: &DecisionContext<'_>,
) -> Vec<ObjectEvent> {
    let issue = |(index, draft): (usize, itip::Draft)| {
        ObjectEvent::MessageIssued(MessageIssued {
            message: Uuid::new_v5(&context.act, format!("message/{index}").as_bytes()),
            method: draft.method,
            uid: uid.to_owned(),
            sender: sender.to_owned(),
            sender_home: context.home,
            taken_over_from: None,
            recipients: draft.recipients.into_iter().map(|address| recipient(address, context)).collect(),
            visibility: draft.visibility,
            reason: draft.reason.to_owned(),
            instances: draft.instances,
            ics: draft.ics,
        })
    };
    drafts.into_iter().enumerate().map(issue).collect()
}

fn suppress(suppressed: itip::Suppressed, uid: &str, context: &DecisionContext<'_>) -> ObjectEvent {
    ObjectEvent::MessageSuppressed(MessageSuppressed {
        home: Some(context.home),
        uid: Some(uid.to_owned()),
        method: suppressed.method,
        recipients: suppressed.recipients.into_iter().map(|address| recipient(address, context)).collect(),
        reason: suppressed.reason.to_owned(),
        instances: suppressed.instances,
        ics: suppressed.ics,
    })
}

fn recipient(address: String, context: &DecisionContext<'_>) -> Recipient {
    let principal = Address::parse(&address).and_then(|address| context.address_book.principal(&address));
    Recipient { address, principal }
}
