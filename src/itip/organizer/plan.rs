//! What each attendee is told, and who is told the same.
//!
//! **Invariant:** the cost of deciding is linear in attendees; messages are written once for all who get the same octets.

use super::revision::{Loss, Revision, is_cancelled, is_invited};
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Meeting, Part, Slot};
use crate::people::{NEEDS_ACTION, partstat};
use crate::times::Key;
use crate::{Change, Context, Draft, Method, Suppressed, Visibility};
use ical::Address;
use std::collections::BTreeMap;

/// Why somebody gets a REQUEST; the strongest reason counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// He asked how it stands (RFC 5546 §3.2.6).
    RefreshAsked,
    /// Only how guests are described or what they answered changed, and the organizer does not call it a revision.
    Refreshed,
    /// Others are invited, or no longer are: a REQUEST (RFC 6638 §3.2.1.2) that the inbox shows, and no reason to mail.
    GuestsChanged,
    Forced,
    AskedAgain,
    Changed,
    Rescheduled,
    Invited,
}

impl Reason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::RefreshAsked => "refresh-asked",
            Self::Refreshed => "refreshed",
            Self::GuestsChanged => "guests-changed",
            Self::Forced => "forced",
            Self::AskedAgain => "asked-again",
            Self::Changed => "changed",
            Self::Rescheduled => "rescheduled",
            Self::Invited => "invited",
        }
    }

    const fn visibility(self) -> Visibility {
        match self {
            Self::Refreshed => Visibility::Silent,
            Self::RefreshAsked
            | Self::GuestsChanged
            | Self::Forced
            | Self::AskedAgain
            | Self::Changed
            | Self::Rescheduled
            | Self::Invited => Visibility::Inbox,
        }
    }
}

/// What makes two REQUESTs the same octets, and the same news.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Invitation {
    /// The components he is invited to.
    pub(super) slots: Vec<Slot>,
    /// Instances of the series he is not invited to.
    pub(super) excluded: Vec<Key>,
    reason: Reason,
}

impl<'a> Revision<'_, 'a> {
    /// The messages this revision causes.
    pub(super) fn messages(&self, forced: &[Address], context: &Context<'_>) -> Change {
        let mut change = Change { suppressed: self.suppressed(context), ..Change::default() };
        let mut cancellations: Groups<Loss> = Groups::default();
        let mut invitations: Groups<Invitation> = Groups::default();
        let news = self.news();
        for (address, _) in self.guests() {
            let loss = self.loss(address);
            if loss != Loss::Nothing {
                cancellations.add(loss, address);
            }
            if let Some(invitation) = self.invitation(address, forced, &news) {
                invitations.add(invitation, address);
            }
        }
        if self.hides_guests() {
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

    fn request(&self, invitation: &Invitation, addresses: &[&Address], context: &Context<'_>) -> Draft {
        let is = self.is.expect("nobody is invited to what is not there");
        Draft {
            method: Method::Request,
            recipients: written(Some(is), addresses),
            visibility: invitation.reason.visibility(),
            reason: invitation.reason.as_str(),
            instances: super::render::instances(is, &invitation.slots),
            ics: super::render::request(is, invitation, addresses, context),
        }
    }

    fn cancellation(&self, loss: &Loss, addresses: &[&Address], context: &Context<'_>) -> Option<Draft> {
        let was = self.was?;
        let gone = match loss {
            Loss::Nothing | Loss::Whole => self.is.is_none_or(is_cancelled),
            Loss::Instances(keys) | Loss::Everything(keys) => self.is.is_none_or(is_cancelled) || self.all_gone(keys),
        };
        let cancel = super::render::Cancel { was, is: self.is, recipients: addresses, gone };
        let (instances, ics) = match loss {
            Loss::Nothing => return None,
            Loss::Whole => (vec![], cancel.whole(was.master.as_ref()?, Slot::Master, context)),
            Loss::Everything(keys) => {
                let (key, part) = keys.first().and_then(|key| Some((*key, was.overrides.get(key)?)))?;
                (vec![], cancel.whole(part, Slot::Instance(key), context))
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

    /// Are these instances cancelled for everybody?
    fn all_gone(&self, keys: &[Key]) -> bool {
        self.is.is_none_or(|is| keys.iter().all(|key| is.describing(*key).is_none_or(|part| part.cancelled)))
    }

    fn invitation(&self, address: &Address, forced: &[Address], news: &BTreeMap<Slot, Reason>) -> Option<Invitation> {
        let is = self.is.filter(|is| is_invited(is, address))?;
        let mut slots = invited_slots(is, address);
        let by_slot: Vec<_> = slots.iter().map(|slot| self.reason(address, *slot, news.get(slot).copied())).collect();
        let by_instance = self.instances.iter().filter_map(|key| self.instance_reason(is, address, *key)).max();
        let forced = forced.contains(address).then_some(Reason::Forced);
        // The series is cancelled for him; what stands is told anew.
        let anew = (self.loss(address) == Loss::Whole).then_some(Reason::Invited);
        let whole = by_instance.max(forced).max(anew);
        let reason = by_slot.iter().copied().max().flatten().max(whole)?;
        let mut told = by_slot.iter();
        let series_is_told = slots.first() == Some(&Slot::Master) && by_slot.first().is_some_and(Option::is_some);
        if whole.is_none() && !series_is_told {
            // RFC 5546 §3.2.2: where the series stands, single instances are told alone.
            slots.retain(|_| told.next().is_some_and(Option::is_some));
        }
        Some(invitation(is, address, slots, reason))
    }

    /// Why he is told of a component he is invited to.
    fn reason(&self, address: &Address, slot: Slot, news: Option<Reason>) -> Option<Reason> {
        let was = self.was.filter(|was| !is_cancelled(was));
        let Some(before) = was.and_then(|was| was.at(slot)).filter(|before| before.invites(address)) else {
            return Some(Reason::Invited);
        };
        let Some(difference) = self.differences.get(&slot).copied().flatten() else { return Some(Reason::Invited) };
        if difference.rescheduled {
            return Some(Reason::Rescheduled);
        }
        if difference.tells() {
            return Some(Reason::Changed);
        }
        // RFC 5546 §2.1.4: a revision the organizer makes of it by himself is one that everybody should see.
        let raised = self.raised.contains(&slot);
        if difference.excluded && raised {
            return Some(Reason::Changed);
        }
        let after = self.is.and_then(|is| is.part(slot))?;
        if is_asked_again(address, before, after) {
            return Some(Reason::AskedAgain);
        }
        if raised { news.map(|_| Reason::GuestsChanged) } else { news }
    }

    /// Why he is told of an instance that now only the series describes.
    fn instance_reason(&self, is: &Meeting<'_>, address: &Address, key: Key) -> Option<Reason> {
        let was = self.was?;
        if is.overrides.contains_key(&key) || !is.invites(address, key) {
            return None;
        }
        if !was.invites(address, key) {
            return is_invited(was, address).then_some(Reason::Invited); // reinstated
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
            is.master.as_ref().filter(|_| !is.hides_guests()).and_then(|master| guests_news(before, master))
        }
    }

    fn hides_guests(&self) -> bool {
        self.was.into_iter().chain(self.is).any(Meeting::hides_guests)
    }

    /// Components whose guests changed.
    fn news(&self) -> BTreeMap<Slot, Reason> {
        let Some((was, is)) = self.was.zip(self.is) else { return BTreeMap::new() };
        if was.hides_guests() != is.hides_guests() {
            return is.parts().map(|(slot, _)| (slot, Reason::Refreshed)).collect();
        }
        if is.hides_guests() {
            return BTreeMap::new(); // who else is invited is nobody's business
        }
        is.parts().filter_map(|(slot, part)| Some((slot, guests_news(was.at(slot)?, part)?))).collect()
    }

    /// What the server would have told whom, were it his agent (RFC 6638 §7.1).
    fn suppressed(&self, context: &Context<'_>) -> Vec<Suppressed> {
        let unserved = self.guests().into_iter().filter_map(|(address, agent)| Some((address, agent.reason()?)));
        let unserved: Vec<_> = unserved.collect();
        if unserved.is_empty() {
            return vec![];
        }
        let supposed = |meeting: &Meeting<'a>| Meeting::as_if_served(meeting.document, context);
        let (was, is) = (self.was.map(supposed), self.is.map(supposed));
        let supposed = Revision { raised: self.raised.clone(), ..Revision::of(was.as_ref(), is.as_ref()) };
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

/// A silent REQUEST for everybody who is invited to a component that `concerns` him, and an invitation for who is new.
pub(super) fn refreshes(
    is: &Meeting<'_>,
    concerns: &dyn Fn(&Address, Slot) -> bool,
    is_new: &dyn Fn(&Address) -> bool,
    context: &Context<'_>,
) -> Vec<Draft> {
    let mut groups: Groups<'_, Invitation> = Groups::default();
    let guests = is.guests();
    for guest in guests.iter().filter(|guest| is_invited(is, &guest.address)) {
        let address = &guest.address;
        let mut slots = invited_slots(is, address);
        let reason = if is_new(address) { Reason::Invited } else { Reason::Refreshed };
        let is_whole = slots.first() == Some(&Slot::Master) && concerns(address, Slot::Master);
        if !is_whole && reason == Reason::Refreshed {
            slots.retain(|slot| concerns(address, *slot));
        }
        if !slots.is_empty() {
            groups.add(invitation(is, address, slots, reason), address);
        }
    }
    if is.hides_guests() {
        groups = groups.one_by_one();
    }
    let revision = Revision::of(None, Some(is));
    groups.groups.iter().map(|(invitation, addresses)| revision.request(invitation, addresses, context)).collect()
}

/// A REQUEST for one guest, of all he is invited to as it stands, cancelled instances with it; `None`: he is not invited.
pub(crate) fn current(is: &Meeting<'_>, address: &Address, context: &Context<'_>) -> Option<Draft> {
    let slots = invited_slots(is, address);
    if slots.is_empty() || is_cancelled(is) {
        return None;
    }
    let invitation = invitation(is, address, slots, Reason::RefreshAsked);
    Some(Revision::of(None, Some(is)).request(&invitation, &[address], context))
}

/// What is said of these components; the series leaves out what he is not invited to, and shows what is cancelled.
fn invitation(is: &Meeting<'_>, address: &Address, mut slots: Vec<Slot>, reason: Reason) -> Invitation {
    if !slots.contains(&Slot::Master) {
        return Invitation { slots, excluded: vec![], reason };
    }
    slots.extend(is.parts().filter(|(_, part)| part.cancels(address)).map(|(slot, _)| slot));
    slots.sort_unstable();
    Invitation { slots, excluded: excluded(is, address), reason }
}

fn invited_slots(is: &Meeting<'_>, address: &Address) -> Vec<Slot> {
    is.parts().filter(|(_, part)| part.invites(address)).map(|(slot, _)| slot).collect()
}

/// Overridden instances of a series that do not include him (RFC 6638 §3.2.6).
fn excluded(is: &Meeting<'_>, address: &Address) -> Vec<Key> {
    let includes = |part: &Part<'_>| part.invites(address) || part.cancels(address);
    is.overrides.iter().filter(|(_, part)| !includes(part)).map(|(key, _)| *key).collect()
}

fn is_asked_again(address: &Address, before: &Part<'_>, after: &Part<'_>) -> bool {
    let partstat = |part: &Part<'_>| part.guest(address).map(|guest| partstat(guest.property));
    partstat(after).as_deref() == Some(NEEDS_ACTION) && partstat(before).as_deref() != Some(NEEDS_ACTION)
}

/// What of the guests of a component others are told.
fn guests_news(was: &Part<'_>, is: &Part<'_>) -> Option<Reason> {
    let told = |part: &Part<'_>, ignored: &[&str]| {
        let lines = part.guests.iter().map(|guest| {
            Line::of(guest.property)
                .normal_but(|param| ignored.iter().any(|ignored| ignored.eq_ignore_ascii_case(param)))
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines
    };
    // Who and what they are to the meeting, whatever they answered and are called.
    if told(was, &OWN_WORD) != told(is, &OWN_WORD) {
        return Some(Reason::GuestsChanged);
    }
    (told(was, &["RSVP"]) != told(is, &["RSVP"])).then_some(Reason::Refreshed)
}

/// Parameters that say how a guest answered or is called.
const OWN_WORD: [&str; 8] =
    ["RSVP", "PARTSTAT", "CN", "EMAIL", "DELEGATED-TO", "DELEGATED-FROM", "SENT-BY", "LANGUAGE"];

/// Addresses as they stand in the object.
fn written(meeting: Option<&Meeting<'_>>, addresses: &[&Address]) -> Vec<String> {
    let written = |address: &&Address| {
        let guest = meeting.and_then(|meeting| meeting.guest(address));
        guest.map_or_else(|| address.as_written(), |guest| guest.reached_at()).to_owned()
    };
    addresses.iter().map(written).collect()
}

/// Recipients of the same, in the order the first of them came.
#[derive(Debug)]
struct Groups<'m, K> {
    groups: Vec<(K, Vec<&'m Address>)>,
    found: BTreeMap<K, usize>,
}

impl<K> Default for Groups<'_, K> {
    fn default() -> Self {
        Self { groups: Vec::new(), found: BTreeMap::new() }
    }
}

impl<'m, K: Ord + Clone> Groups<'m, K> {
    /// Each recipient by himself.
    fn one_by_one(self) -> Self {
        let each = |(key, addresses): (K, Vec<&'m Address>)| {
            addresses.into_iter().map(move |address| (key.clone(), vec![address])).collect::<Vec<_>>()
        };
        Self { groups: self.groups.into_iter().flat_map(each).collect(), found: BTreeMap::new() }
    }

    fn add(&mut self, key: K, address: &'m Address) {
        let next = self.groups.len();
        let index = *self.found.entry(key.clone()).or_insert(next);
        if index == next {
            self.groups.push((key, Vec::new()));
        }
        self.groups[index].1.push(address);
    }
}
