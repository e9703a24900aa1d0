//! Decides which message each attendee gets, and groups recipients of the same text.
//!
//! **Invariant:** recipients of equal messages share one text, unless attendees are hidden.

use super::comparison::{Comparison, Loss, is_cancelled, is_invited};
use super::ranges;
use super::recipient_groups::RecipientGroups;
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Attendee, ComponentKey, Meeting, Part};
use crate::participation::{NEEDS_ACTION, partstat};
use crate::times::InstanceKey;
use crate::{Change, Context, Draft, Method, Suppressed, Visibility};
use ical::Address;
use schemas::object::MessageIssued;
use std::collections::BTreeMap;

/// The reasons why an attendee gets a REQUEST, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// The attendee sent a REFRESH (RFC 5546 §3.2.6).
    RefreshAsked,
    /// Only answers, names or further addresses of attendees changed, and the organizer did not
    /// increase SEQUENCE; or X-HIDE-GUESTS changed.
    Refreshed,
    /// Attendees were added or removed (RFC 6638 §3.2.1.2) or got another role, or answers changed
    /// and the organizer increased SEQUENCE.
    AttendeesChanged,
    Forced,
    AskedAgain,
    Changed,
    /// Another organizer took the meeting over (RFC 5546 §3.2.2.4).
    HandedOver,
    Rescheduled,
    Invited,
}

impl Reason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::RefreshAsked => MessageIssued::REFRESH_ASKED,
            Self::Refreshed => "refreshed",
            Self::AttendeesChanged => "guests-changed",
            Self::Forced => "forced",
            Self::AskedAgain => "asked-again",
            Self::Changed => "changed",
            Self::HandedOver => "handed-over",
            Self::Rescheduled => "rescheduled",
            Self::Invited => "invited",
        }
    }

    const fn visibility(self) -> Visibility {
        match self {
            Self::Refreshed => Visibility::Silent,
            Self::RefreshAsked
            | Self::AttendeesChanged
            | Self::Forced
            | Self::AskedAgain
            | Self::Changed
            | Self::HandedOver
            | Self::Rescheduled
            | Self::Invited => Visibility::Inbox,
        }
    }
}

/// The content of a REQUEST. Recipients with equal contents get the same message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestContent {
    /// The components that the REQUEST contains.
    pub(super) component_keys: Vec<ComponentKey>,
    /// Instances of the series the recipient is not invited to.
    pub(super) excluded: Vec<InstanceKey>,
    reason: Reason,
}

impl<'a> Comparison<'_, 'a> {
    /// Returns the messages that this change causes, and those to the `forced` attendees.
    pub(super) fn messages(&self, forced: &[Address], context: &Context<'_>) -> Change {
        let mut change = Change { suppressed: self.suppressed(context), ..Change::default() };
        let mut cancellations: RecipientGroups<Loss> = RecipientGroups::default();
        let mut invitations: RecipientGroups<RequestContent> = RecipientGroups::default();
        let (news, mut untold) = (self.news(), vec![]);
        for (address, _) in self.attendees() {
            let invitation = self.invitation(address, forced, &news);
            let told = invitation.as_ref().map_or(&[][..], |invitation| &invitation.component_keys[..]);
            let loss = self.loss(address).with(self.explained(address, told));
            if loss == Loss::Nothing && invitation.is_none() && self.stays_invited(address) {
                untold.push(address);
            }
            if loss != Loss::Nothing {
                cancellations.add(loss, address);
            }
            if let Some(invitation) = invitation {
                invitations.add(invitation, address);
            }
        }
        if !untold.is_empty() && self.changes_something() {
            change.suppressed.push(Suppressed::not_significant(Method::Request, written(self.is, &untold)));
        }
        if self.hides_attendees() {
            (cancellations, invitations) = (cancellations.one_by_one(), invitations.one_by_one());
        }
        for (loss, addresses) in cancellations.groups {
            change.messages.extend(self.cancellation(&loss, &addresses, context));
        }
        for (invitation, addresses) in invitations.groups {
            change.messages.push(self.request(&invitation, &addresses, context));
        }
        change
    }

    /// Returns whether this attendee is invited in both versions.
    fn stays_invited(&self, address: &Address) -> bool {
        self.was.zip(self.is).is_some_and(|(was, is)| is_invited(was, address) && is_invited(is, address))
    }

    fn changes_something(&self) -> bool {
        self.was.zip(self.is).is_some_and(|(was, is)| was.document.as_str() != is.document.as_str())
    }

    fn request(&self, invitation: &RequestContent, addresses: &[&Address], context: &Context<'_>) -> Draft {
        let is = self.is.expect("nobody is invited to a meeting that was removed");
        Draft {
            method: Method::Request,
            recipients: written(Some(is), addresses),
            visibility: invitation.reason.visibility(),
            reason: invitation.reason.as_str(),
            instances: super::render::instances(is, &invitation.component_keys),
            ics: super::render::request(is, invitation, addresses, context),
        }
    }

    fn cancellation(&self, loss: &Loss, addresses: &[&Address], context: &Context<'_>) -> Option<Draft> {
        let was = self.was?;
        let gone = match loss {
            Loss::Nothing | Loss::Whole => self.is.is_none_or(is_cancelled),
            Loss::Instances(keys) | Loss::Everything(keys) => self.is.is_none_or(is_cancelled) || self.all_gone(keys),
        };
        let cancel = super::render::Cancel { was, is: self.is, recipients: addresses.iter().copied().collect(), gone };
        let (instances, ics) = match loss {
            Loss::Nothing => return None,
            Loss::Whole => (vec![], cancel.whole(was.master.as_ref()?, ComponentKey::Master, context)),
            Loss::Everything(keys) => {
                let (key, part) = keys.first().and_then(|key| Some((*key, was.overrides.get(key)?)))?;
                (vec![], cancel.whole(part, ComponentKey::Instance(key), context))
            }
            Loss::Instances(keys) => cancel.instances(keys, context)?,
        };
        Some(Draft {
            method: Method::Cancel,
            recipients: written(Some(was), addresses),
            visibility: Visibility::Inbox,
            reason: if gone { "cancelled" } else { "uninvited" },
            instances,
            ics,
        })
    }

    /// Returns whether these instances are cancelled or removed for everybody.
    fn all_gone(&self, keys: &[InstanceKey]) -> bool {
        self.is.is_none_or(|is| keys.iter().all(|key| is.describing(*key).is_none_or(|part| part.cancelled)))
    }

    fn invitation(
        &self,
        address: &Address,
        forced: &[Address],
        news: &BTreeMap<ComponentKey, Reason>,
    ) -> Option<RequestContent> {
        let is = self.is.filter(|is| is_invited(is, address))?;
        let mut component_keys = invited_components(is, address);
        let by_slot: Vec<_> = component_keys
            .iter()
            .map(|component_key| self.reason(address, *component_key, news.get(component_key).copied()))
            .collect();
        let by_instance = self.instances.iter().filter_map(|key| self.instance_reason(is, address, *key)).max();
        let forced = forced.contains(address).then_some(Reason::Forced);
        // An attendee who loses the series gets a CANCEL of it, then a REQUEST for what remains.
        let anew = (self.loss(address) == Loss::Whole).then_some(Reason::Invited);
        let unreached = self.was.is_some_and(|was| is_unreached(was, address)).then_some(Reason::Changed);
        let ended = self.was.is_some_and(|was| ranges::ended(was, is) && is_invited(was, address));
        let by_range = ended.then_some(Reason::Rescheduled);
        let whole = by_instance.max(forced).max(anew).max(by_range);
        let reason = by_slot.iter().copied().max().flatten().max(whole)?;
        let whole = whole.max(unreached);
        let mut told = by_slot.iter();
        let series_is_told =
            component_keys.first() == Some(&ComponentKey::Master) && by_slot.first().is_some_and(Option::is_some);
        if whole.is_none() && !series_is_told {
            // RFC 5546 §3.2.2: if the series did not change, only the changed instances are sent.
            component_keys.retain(|_| told.next().is_some_and(Option::is_some));
        }
        Some(invitation(is, address, component_keys, reason))
    }

    /// Returns the reason to notify the attendee of a component; `None` without a change for them.
    fn reason(&self, address: &Address, component_key: ComponentKey, news: Option<Reason>) -> Option<Reason> {
        let known = self.was.and_then(|was| was.at(component_key));
        let Some(before) = known.filter(|before| before.invites(address)) else {
            return Some(Reason::Invited);
        };
        let Some(difference) = self.differences.get(&component_key).copied().flatten() else {
            return Some(Reason::Invited);
        };
        if difference.rescheduled {
            return Some(Reason::Rescheduled);
        }
        if difference.tells() {
            return Some(Reason::Changed);
        }
        // RFC 5546 §2.1.4: if the organizer increased SEQUENCE, every attendee should see the
        // change.
        let raised = self.raised.contains(&component_key);
        if difference.excluded && raised {
            return Some(Reason::Changed);
        }
        let after = self.is.and_then(|is| is.part(component_key))?;
        if is_asked_again(address, before, after) {
            return Some(Reason::AskedAgain);
        }
        if raised { news.map(|_| Reason::AttendeesChanged) } else { news }
    }

    /// Returns the reason to notify the attendee of an instance that has no override now, but was
    /// overridden or excluded before; `None` if nothing changed for them.
    fn instance_reason(&self, is: &Meeting<'_>, address: &Address, key: InstanceKey) -> Option<Reason> {
        let was = self.was?;
        if is.overrides.contains_key(&key) || !is.invites(address, key) {
            return None;
        }
        if !was.invites(address, key) {
            return is_invited(was, address).then_some(Reason::Invited); // the instance is reinstated
        }
        let before = was.overrides.get(&key)?;
        let after = is.derive(key)?;
        let difference = diff::between(&Body::of(before.component), &after, &was.times, &is.times);
        if difference.rescheduled {
            return Some(Reason::Rescheduled);
        }
        if difference.tells() {
            Some(Reason::Changed)
        } else {
            is.master.as_ref().filter(|_| !is.hides_attendees()).and_then(|master| attendee_news(before, master))
        }
    }

    fn hides_attendees(&self) -> bool {
        self.was.into_iter().chain(self.is).any(Meeting::hides_attendees)
    }

    /// Returns the components whose attendees changed, and the reason to notify the others.
    fn news(&self) -> BTreeMap<ComponentKey, Reason> {
        let Some((was, is)) = self.was.zip(self.is) else { return BTreeMap::new() };
        if was.hides_attendees() != is.hides_attendees() {
            return is.parts().map(|(component_key, _)| (component_key, Reason::Refreshed)).collect();
        }
        if is.hides_attendees() {
            return BTreeMap::new(); // attendees do not see each other
        }
        is.parts()
            .filter_map(|(component_key, part)| Some((component_key, attendee_news(was.at(component_key)?, part)?)))
            .collect()
    }

    /// Returns the messages, except silent ones, that SCHEDULE-AGENT suppresses (RFC 6638 §7.1).
    fn suppressed(&self, context: &Context<'_>) -> Vec<Suppressed> {
        let unserved = self.attendees().into_iter().filter_map(|(address, agent)| Some((address, agent.reason()?)));
        let unserved: Vec<_> = unserved.collect();
        if unserved.is_empty() {
            return vec![];
        }
        let supposed = |meeting: &Meeting<'a>| Meeting::as_if_served(meeting.document, context);
        let (was, is) = (self.was.map(supposed), self.is.map(supposed));
        let supposed = Comparison { raised: self.raised.clone(), ..Comparison::of(was.as_ref(), is.as_ref()) };
        let news = supposed.news();
        let drafts = unserved.into_iter().flat_map(|(address, reason)| {
            let cancellation = supposed.cancellation(&supposed.loss(address), &[address], context);
            let invitation = supposed.invitation(address, &[], &news);
            let request = invitation.map(|invitation| supposed.request(&invitation, &[address], context));
            cancellation.into_iter().chain(request).map(move |draft| (draft, reason))
        });
        let seen = drafts.filter(|(draft, _)| draft.visibility == Visibility::Inbox);
        seen.map(|(draft, reason)| Suppressed::of(draft, reason)).collect()
    }
}

/// Returns a REQUEST, which updates the copy without a notification, for each attendee for whom
/// `concerns` selects a component, and an invitation for each attendee who is new.
pub(super) fn refreshes(
    is: &Meeting<'_>,
    concerns: &dyn Fn(&Address, ComponentKey) -> bool,
    is_new: &dyn Fn(&Address) -> bool,
    context: &Context<'_>,
) -> Vec<Draft> {
    let mut groups: RecipientGroups<'_, RequestContent> = RecipientGroups::default();
    let attendees = is.attendees();
    for attendee in attendees.iter().filter(|attendee| is_invited(is, &attendee.address)) {
        let address = &attendee.address;
        let mut component_keys = invited_components(is, address);
        let reason = if is_new(address) { Reason::Invited } else { Reason::Refreshed };
        let is_whole = component_keys.first() == Some(&ComponentKey::Master) && concerns(address, ComponentKey::Master);
        if !is_whole && reason == Reason::Refreshed {
            component_keys.retain(|component_key| concerns(address, *component_key));
        }
        if !component_keys.is_empty() {
            groups.add(invitation(is, address, component_keys, reason), address);
        }
    }
    requests(is, groups, context)
}

/// Returns the new organizer's REQUEST for each attendee, with all that they are invited to.
pub(super) fn hand_over(is: &Meeting<'_>, context: &Context<'_>) -> Vec<Draft> {
    let mut groups: RecipientGroups<'_, RequestContent> = RecipientGroups::default();
    let attendees = is.attendees();
    for address in attendees.iter().map(|attendee| &attendee.address).filter(|address| is_invited(is, address)) {
        groups.add(invitation(is, address, invited_components(is, address), Reason::HandedOver), address);
    }
    requests(is, groups, context)
}

/// Returns one REQUEST for each group of recipients.
fn requests(is: &Meeting<'_>, mut groups: RecipientGroups<'_, RequestContent>, context: &Context<'_>) -> Vec<Draft> {
    if is.hides_attendees() {
        groups = groups.one_by_one();
    }
    let revision = Comparison::of(None, Some(is));
    groups.groups.iter().map(|(invitation, addresses)| revision.request(invitation, addresses, context)).collect()
}

/// Returns a REQUEST with everything that the attendee is invited to and, if that includes the
/// series, with cancelled instances; `None` if they are not invited.
pub(crate) fn current(is: &Meeting<'_>, address: &Address, context: &Context<'_>) -> Option<Draft> {
    let component_keys = invited_components(is, address);
    if component_keys.is_empty() {
        return None;
    }
    let invitation = invitation(is, address, component_keys, Reason::RefreshAsked);
    Some(Comparison::of(None, Some(is)).request(&invitation, &[address], context))
}

/// Returns the content of a REQUEST with these components. If the series is among them, it excludes
/// the instances that the attendee is not invited to, and the cancelled overrides are added.
fn invitation(
    is: &Meeting<'_>,
    address: &Address,
    mut component_keys: Vec<ComponentKey>,
    reason: Reason,
) -> RequestContent {
    if !component_keys.contains(&ComponentKey::Master) {
        return RequestContent { component_keys, excluded: vec![], reason };
    }
    component_keys.extend(is.parts().filter(|(_, part)| part.cancels(address)).map(|(component_key, _)| component_key));
    component_keys.sort_unstable();
    RequestContent { component_keys, excluded: excluded(is, address), reason }
}

fn invited_components(is: &Meeting<'_>, address: &Address) -> Vec<ComponentKey> {
    is.parts().filter(|(_, part)| part.invites(address)).map(|(component_key, _)| component_key).collect()
}

/// Returns the overridden instances that the attendee is not invited to (RFC 6638 §3.2.6).
fn excluded(is: &Meeting<'_>, address: &Address) -> Vec<InstanceKey> {
    let includes = |part: &Part<'_>| part.invites(address) || part.cancels(address);
    is.overrides.iter().filter(|(_, part)| !includes(part)).map(|(key, _)| *key).collect()
}

/// Returns whether the last message did not reach the attendee, as SCHEDULE-STATUS states (RFC 6638
/// §3.2.9). Then the whole meeting must be sent, because a message about a part would be all that
/// they have.
fn is_unreached(was: &Meeting<'_>, address: &Address) -> bool {
    let status = was.attendee(address).and_then(|attendee| attendee.property.param("SCHEDULE-STATUS"));
    status.is_some_and(|status| status.starts_with(['3', '5']))
}

fn is_asked_again(address: &Address, before: &Part<'_>, after: &Part<'_>) -> bool {
    let partstat = |part: &Part<'_>| part.attendee(address).map(|attendee| partstat(attendee.property));
    partstat(after).as_deref() == Some(NEEDS_ACTION) && partstat(before).as_deref() != Some(NEEDS_ACTION)
}

/// Returns the reason to notify others of a change among the attendees; `None` if there is none.
fn attendee_news(was: &Part<'_>, is: &Part<'_>) -> Option<Reason> {
    // Compares who takes part, and in which roles, but no answers and names.
    let roles = |part: &Part<'_>| told(part.participants(), &OWN_WORD);
    if roles(was) != roles(is) {
        return Some(Reason::AttendeesChanged);
    }
    let all = |part: &Part<'_>| told(part.lines(), &["RSVP"]);
    (all(was) != all(is)).then_some(Reason::Refreshed)
}

/// Returns these ATTENDEE lines in canonical spelling and sorted, without the `ignored` parameters.
fn told<'p, 'a: 'p>(lines: impl Iterator<Item = &'p Attendee<'a>>, ignored: &[&str]) -> Vec<String> {
    let lines = lines.map(|attendee| {
        let mut line = Line::of(attendee.property);
        line.set_value(attendee.address.canonical());
        line.normal_but(|param| ignored.iter().any(|ignored| ignored.eq_ignore_ascii_case(param)))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

/// The parameters that state an attendee's answer and name.
const OWN_WORD: [&str; 8] =
    ["RSVP", "PARTSTAT", "CN", "EMAIL", "DELEGATED-TO", "DELEGATED-FROM", "SENT-BY", "LANGUAGE"];

/// Returns the addresses to deliver to, as the meeting spells them (see [`Attendee::reached_at`]).
fn written(meeting: Option<&Meeting<'_>>, addresses: &[&Address]) -> Vec<String> {
    let written = |address: &&Address| {
        let attendee = meeting.and_then(|meeting| meeting.attendee(address));
        attendee.map_or_else(|| address.as_written(), |attendee| attendee.reached_at()).to_owned()
    };
    addresses.iter().map(written).collect()
}
