//! A calendar that is offered to one person or group (caldav-sharing §5): the invitation, the
//! answer, and the name and properties of the calendar in the person's home. **Invariant:** pure;
//! the access control list of the calendar decides what the person may do there.

use schemas::{
    ShareEvent,
    collection::{Property, PropertyName, Settings},
    event::Nothing,
    share::{ShareAccepted, ShareMoved, ShareOffered, SharePersonalDataChanged, SharePropertiesChanged},
};
use uuid::Uuid;

use crate::{Refusal, properties};

pub mod personal;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Share {
    /// The calendar is not offered: not yet, or not any more.
    #[default]
    Absent,
    Offered(Box<Offered>),
}

/// An offer to one person, and their answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub offer: ShareOffered,
    pub answer: InvitationAnswer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationAnswer {
    None,
    Declined,
    /// The calendar is in the person's home, under this name. The properties are visible to this
    /// person alone.
    Accepted {
        name: String,
        properties: Vec<Property>,
    },
}

#[derive(Debug, Clone)]
pub enum Command {
    /// Offers the calendar, in place of an earlier offer. An acceptance stays valid. A person who
    /// declined is asked again.
    Offer(ShareOffered),
    /// Accepts an offer. `invitation` is the invitation that the person answers; `None` if the
    /// server accepts for them.
    Accept {
        invitation: Option<Uuid>,
        accepted: ShareAccepted,
    },
    Decline {
        invitation: Option<Uuid>,
    },
    Move {
        name: String,
    },
    /// Removes properties, then sets properties, and changes settings (RFC 4918 §9.2).
    ChangeProperties {
        set: Vec<Property>,
        removed: Vec<PropertyName>,
        settings: Settings,
    },
    /// Replaces the person's own data for one object of the calendar. Only the read models know the
    /// current data, and whether the object exists, so the caller gives this command only if the
    /// data differ.
    KeepPersonalData(SharePersonalDataChanged),
    Withdraw,
}

impl Share {
    pub fn offered(&self) -> Option<&Offered> {
        match self {
            Self::Absent => None,
            Self::Offered(offered) => Some(offered),
        }
    }
}

impl Offered {
    /// Returns the name of the calendar in the person's home, and the properties that only they
    /// see; `None` unless they accepted.
    fn accepted(&self) -> Option<(&str, &[Property])> {
        match &self.answer {
            InvitationAnswer::Accepted { name, properties } => Some((name, properties)),
            InvitationAnswer::None | InvitationAnswer::Declined => None,
        }
    }

    fn is_answered_by(&self, invitation: Option<Uuid>) -> bool {
        invitation.is_none_or(|invitation| invitation == self.offer.invitation)
    }
}

/// Returns the events that the command causes; empty if nothing changes. Settings and the person's
/// own data always count as a change.
///
/// Returns an error if the command is refused.
pub fn decide(share: &Share, command: &Command) -> Result<Vec<ShareEvent>, Refusal> {
    let known = share.offered();
    match command {
        Command::Offer(offer) => {
            Ok(known.map_or_else(|| vec![ShareEvent::Offered(offer.clone())], |known| again(known, offer)))
        }
        Command::Accept { invitation, accepted } => {
            let known = answered(known, *invitation)?;
            Ok(if known.accepted().is_some() { vec![] } else { vec![ShareEvent::Accepted(accepted.clone())] })
        }
        Command::Decline { invitation } => {
            let known = answered(known, *invitation)?;
            Ok(if known.answer == InvitationAnswer::Declined { vec![] } else { vec![ShareEvent::Declined(Nothing {})] })
        }
        Command::Move { name } => {
            let (before, _) = known.and_then(Offered::accepted).ok_or(Refusal::NotFound)?;
            Ok(if before == name { vec![] } else { vec![ShareEvent::Moved(ShareMoved { name: name.clone() })] })
        }
        Command::ChangeProperties { set, removed, settings } => {
            let (_, properties) = known.and_then(Offered::accepted).ok_or(Refusal::NotFound)?;
            change_properties(properties, set, removed, settings)
        }
        Command::KeepPersonalData(changed) => {
            known.and_then(Offered::accepted).ok_or(Refusal::NotFound)?;
            personal::within_limits(&changed.data)?;
            Ok(vec![ShareEvent::PersonalDataChanged(changed.clone())])
        }
        Command::Withdraw => Ok(known.map(|_| ShareEvent::Withdrawn(Nothing {})).into_iter().collect()),
    }
}

/// Returns the event of a repeated offer; none if it equals the known one. Only a person who
/// declined gets a new invitation.
fn again(known: &Offered, offer: &ShareOffered) -> Vec<ShareEvent> {
    let mut offer = offer.clone();
    if known.answer != InvitationAnswer::Declined {
        offer.invitation = known.offer.invitation;
    }
    if offer == known.offer { vec![] } else { vec![ShareEvent::Offered(offer)] }
}

/// Returns the offer that the answer to an invitation concerns.
///
/// Returns an error if there is no offer, or if the offer has another invitation.
fn answered(known: Option<&Offered>, invitation: Option<Uuid>) -> Result<&Offered, Refusal> {
    known.filter(|known| known.is_answered_by(invitation)).ok_or(Refusal::NoSuchInvitation)
}

fn change_properties(
    known: &[Property],
    set: &[Property],
    removed: &[PropertyName],
    settings: &Settings,
) -> Result<Vec<ShareEvent>, Refusal> {
    let (set, removed) = properties::news(known, set, removed)?;
    if set.is_empty() && removed.is_empty() && *settings == Settings::default() {
        return Ok(vec![]);
    }
    let settings = settings.clone();
    Ok(vec![ShareEvent::PropertiesChanged(SharePropertiesChanged { set, removed, settings })])
}

/// Applies an event. Never fails.
pub fn evolve(share: Share, event: &ShareEvent) -> Share {
    match (share, event) {
        (Share::Absent, ShareEvent::Offered(offer)) => offered(offer.clone(), InvitationAnswer::None),
        (Share::Offered(known), ShareEvent::Offered(offer)) => {
            let is_asked_again = known.answer == InvitationAnswer::Declined;
            offered(offer.clone(), if is_asked_again { InvitationAnswer::None } else { known.answer })
        }
        (Share::Offered(known), ShareEvent::Accepted(accepted)) => {
            let answer =
                InvitationAnswer::Accepted { name: accepted.name.clone(), properties: named(&accepted.summary) };
            offered(known.offer, answer)
        }
        (Share::Offered(known), ShareEvent::Declined(_)) => offered(known.offer, InvitationAnswer::Declined),
        (Share::Offered(known), ShareEvent::Moved(moved)) => match known.answer {
            InvitationAnswer::Accepted { properties, .. } => {
                offered(known.offer, InvitationAnswer::Accepted { name: moved.name.clone(), properties })
            }
            InvitationAnswer::None | InvitationAnswer::Declined => Share::Offered(known),
        },
        (Share::Offered(mut known), ShareEvent::PropertiesChanged(changed)) => {
            if let InvitationAnswer::Accepted { properties, .. } = &mut known.answer {
                Property::change(properties, &changed.set, &changed.removed);
            }
            Share::Offered(known)
        }
        (share, ShareEvent::PersonalDataChanged(_)) => share,
        (_, ShareEvent::Withdrawn(_))
        | (
            Share::Absent,
            ShareEvent::Accepted(_) | ShareEvent::Declined(_) | ShareEvent::Moved(_) | ShareEvent::PropertiesChanged(_),
        ) => Share::Absent,
    }
}

fn offered(offer: ShareOffered, answer: InvitationAnswer) -> Share {
    Share::Offered(Box::new(Offered { offer, answer }))
}

/// Returns the properties of a newly accepted calendar: `summary` as its display name, or none if
/// it is empty.
pub fn named(summary: &str) -> Vec<Property> {
    let name = (!summary.is_empty()).then(|| Property::of_text(schemas::collection::DISPLAY_NAME, summary));
    name.into_iter().collect()
}

#[cfg(test)]
mod tests;
