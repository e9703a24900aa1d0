//! From what `itip` says to the events that record it.

use ical::{Address, Document};
use itip::Standing;
use schemas::{
    ObjectEvent,
    object::{MessageIssued, MessageSuppressed, Recipient, Role},
};
use uuid::Uuid;

use super::{Resource, World, wording};
use crate::Refusal;

/// What a change of a resource means for scheduling.
pub(super) struct Plan {
    /// `None`: not a scheduling object resource.
    pub role: Option<Role>,
    /// The bytes to keep, where they are not the client's.
    pub stored: Option<String>,
    /// Messages issued and suppressed.
    pub messages: Vec<ObjectEvent>,
}

impl Plan {
    pub(super) fn is_scheduled(&self) -> bool {
        self.role.is_some()
    }
}

/// A resource's text, which was parsed when it was stored.
pub(super) fn document(resource: &Resource) -> Document {
    Document::parse(resource.content.ics.clone()).expect("what is stored was parsed before it was stored")
}

pub(super) fn with_context<R>(world: &World<'_>, run: impl FnOnce(&itip::Context<'_>) -> R) -> R {
    let owns = |address: &Address| world.owns(address);
    let same = |address: &Address| world.book.canonical(address);
    run(&itip::Context { now: world.now.seconds(), owns: &owns, same: &same })
}

/// Who must be told of the change from `before` to `after`, and what is kept.
pub(super) fn plan(
    before: Option<&Document>,
    after: Option<&Document>,
    reply: itip::ScheduleReply,
    world: &World<'_>,
) -> Result<Plan, Refusal> {
    with_context(world, |context| decide(before, after, reply, world, context)).map_err(Refusal::Scheduling)
}

fn decide(
    before: Option<&Document>,
    after: Option<&Document>,
    reply: itip::ScheduleReply,
    world: &World<'_>,
    context: &itip::Context<'_>,
) -> Result<Plan, itip::Refusal> {
    let stand = |object: Option<&Document>| object.map(|object| itip::standing(object, context.owns)).transpose();
    let (was, is) = (stand(before)?, stand(after)?);
    let mut role = is.as_ref().and_then(role);
    // Who leads the meeting is settled by what was there: a changed role is a change to judge, not a new beginning.
    let standing = was.filter(|standing| self::role(standing).is_some()).or(is);
    let (sender, change) = match standing {
        None | Some(Standing::NotScheduled) => return Ok(Plan { role, stored: None, messages: vec![] }),
        Some(Standing::Organizer { organizer }) => (organizer, itip::organizer::change(before, after, context)?),
        Some(Standing::Attendee { me, .. }) => {
            let sender = me.into_iter().next().expect("an attendee's copy names the attendee");
            (sender, itip::attendee::change(before, after, reply, context)?)
        }
    };
    // What a client lost and the server put back counts too.
    if let Some(kept) = change.stored.as_ref().and_then(|kept| Document::parse(kept.clone()).ok()) {
        role = self::role(&itip::standing(&kept, context.owns)?);
    }
    let uid = uid(after.or(before));
    let issued = issue(change.messages, &uid, sender.as_written(), world);
    let suppressed = change.suppressed.into_iter().map(|suppressed| suppress(suppressed, world));
    Ok(Plan { role, stored: change.stored, messages: issued.into_iter().chain(suppressed).collect() })
}

/// What was sent, with what the server knows of the other attendees (RFC 6638 §3.2.10.1); `None`: that is what was sent.
pub(super) fn merged(sent: &Document, known: &Document, world: &World<'_>) -> Option<Document> {
    with_context(world, |context| {
        let standing = itip::standing(known, context.owns).ok()?;
        Document::parse(itip::merge::keep_known(sent, known, &standing, context)?).ok()
    })
}

/// What was sent, with everybody in its groups among the attendees; `None`: they are.
pub(super) fn expanded(sent: &Document, world: &World<'_>) -> Option<Document> {
    let members = |group: &Address| world.book.members(group);
    with_context(world, |context| Document::parse(itip::groups::expand(sent, &members, context)?).ok())
}

fn role(standing: &Standing) -> Option<Role> {
    match standing {
        Standing::NotScheduled => None,
        Standing::Organizer { .. } => Some(Role::Organizer),
        Standing::Attendee { .. } => Some(Role::Attendee),
    }
}

pub(super) fn uid(object: Option<&Document>) -> String {
    let uid = object.and_then(|object| object.root().components().find_map(|component| component.property("UID")));
    uid.map(|uid| uid.text().into_owned()).unwrap_or_default()
}

/// The address under which the owner takes part in `copy`.
pub(super) fn own_address(copy: &Document, world: &World<'_>) -> Option<Address> {
    match itip::standing(copy, &|address| world.owns(address)) {
        Ok(Standing::Organizer { organizer }) => Some(organizer),
        Ok(Standing::Attendee { me, .. }) => me.into_iter().next(),
        Ok(Standing::NotScheduled) | Err(_) => None,
    }
}

/// Records drafts as issued, numbered within the act.
pub(super) fn issue(drafts: Vec<itip::Draft>, uid: &str, sender: &str, world: &World<'_>) -> Vec<ObjectEvent> {
    let issue = |(index, draft): (usize, itip::Draft)| {
        ObjectEvent::MessageIssued(MessageIssued {
            message: Uuid::new_v5(&world.act, format!("message/{index}").as_bytes()),
            method: wording::method(draft.method),
            uid: uid.to_owned(),
            sender: sender.to_owned(),
            sender_home: world.home,
            recipients: draft.recipients.into_iter().map(|address| recipient(address, world)).collect(),
            visibility: wording::visibility(draft.visibility),
            reason: draft.reason.to_owned(),
            instances: draft.instances,
            ics: draft.ics,
        })
    };
    drafts.into_iter().enumerate().map(issue).collect()
}

fn suppress(suppressed: itip::Suppressed, world: &World<'_>) -> ObjectEvent {
    ObjectEvent::MessageSuppressed(MessageSuppressed {
        method: wording::method(suppressed.method),
        recipient: recipient(suppressed.recipient, world),
        reason: suppressed.reason.to_owned(),
        instances: suppressed.instances,
        ics: suppressed.ics,
    })
}

fn recipient(address: String, world: &World<'_>) -> Recipient {
    let principal = Address::parse(&address).and_then(|address| world.book.principal(&address));
    Recipient { address, principal }
}
