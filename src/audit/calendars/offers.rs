//! Offers of a calendar to sharees (persons or groups), and their answers.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{
    CollectionId, Event, Position, PrincipalId, Recorded, ShareEvent, ShareId, Stream, object::Place,
    share::ShareAccess,
};

/// All offers, by the id of the share.
#[derive(Debug, Default)]
pub(crate) struct Offers(BTreeMap<ShareId, Offer>);

/// The offer of a calendar to one sharee.
#[derive(Debug)]
pub(crate) struct Offer {
    pub calendar: CollectionId,
    pub owner: PrincipalId,
    pub sharee: PrincipalId,
    /// The state of the offer, by the position from which it applies.
    standings: BTreeMap<Position, Standing>,
    /// The access that the offer grants, by the position from which it applies.
    access: BTreeMap<Position, ShareAccess>,
}

/// The state of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Offered,
    /// The sharee accepted. The calendar has this name in the sharee's home.
    Accepted(String),
    Declined,
    Withdrawn,
}

impl Offers {
    pub(crate) fn of(shares: &[Recorded]) -> Self {
        let mut offers = Self::default();
        for recorded in shares {
            let (Stream::Share(id), Event::Share(event)) = (recorded.stream, &recorded.event) else { continue };
            offers.learn(id, event, recorded.position);
        }
        offers
    }

    fn learn(&mut self, id: ShareId, event: &ShareEvent, position: Position) {
        if let ShareEvent::Offered(offered) = event {
            let new = || Offer {
                calendar: offered.calendar,
                owner: offered.owner,
                sharee: offered.home,
                standings: BTreeMap::new(),
                access: BTreeMap::new(),
            };
            let offer = self.0.entry(id).or_insert_with(new);
            offer.access.insert(position, offered.access);
            // If the sharee has accepted, the share stays accepted when the offer changes.
            if !matches!(offer.at(position), Some(Standing::Accepted(_))) {
                offer.standings.insert(position, Standing::Offered);
            }
        }
        let Some(offer) = self.0.get_mut(&id) else { return };
        let standing = match event {
            ShareEvent::Accepted(accepted) => Standing::Accepted(accepted.name.clone()),
            ShareEvent::Moved(moved) => Standing::Accepted(moved.name.clone()),
            ShareEvent::Declined(_) => Standing::Declined,
            ShareEvent::Withdrawn(_) => Standing::Withdrawn,
            ShareEvent::Offered(_) | ShareEvent::PropertiesChanged(_) | ShareEvent::PersonalDataChanged(_) => return,
        };
        offer.standings.insert(position, standing);
    }

    pub(crate) fn get(&self, id: ShareId) -> Option<&Offer> {
        self.0.get(&id)
    }

    /// Returns all paths that a place in a shared calendar can have had in the homes of sharees,
    /// with each login of a sharee that `logins` returns.
    pub(crate) fn paths(&self, place: &Place, logins: impl Fn(PrincipalId) -> Vec<String>) -> Vec<String> {
        let mut paths = vec![];
        for offer in self.0.values().filter(|offer| offer.calendar == place.collection) {
            let names = offer.standings.values().filter_map(|standing| match standing {
                Standing::Accepted(name) => Some(name),
                Standing::Offered | Standing::Declined | Standing::Withdrawn => None,
            });
            let names: BTreeSet<&String> = names.collect();
            for sharee in logins(offer.sharee) {
                paths.extend(names.iter().map(|name| format!("/calendars/{sharee}/{name}/{}", place.name)));
            }
        }
        paths
    }

    /// Returns the offers that were made to a person.
    pub(crate) fn to(&self, person: PrincipalId) -> impl Iterator<Item = &Offer> {
        self.0.values().filter(move |offer| offer.sharee == person)
    }
}

impl Offer {
    /// Returns the state of the offer after the event at a position; `None` before the offer was
    /// made.
    pub(crate) fn at(&self, position: Position) -> Option<&Standing> {
        self.standings.range(..=position).next_back().map(|(_, standing)| standing)
    }

    /// Returns the latest state of the offer, and the position of the event that led to it; `None`
    /// if it has no state.
    pub(crate) fn last(&self) -> Option<(Position, &Standing)> {
        self.standings.iter().next_back().map(|(position, standing)| (*position, standing))
    }

    /// Returns the positions at which the state of the offer changed.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Position> {
        self.standings.keys().copied()
    }

    /// Returns the access that was offered at a position, in words: `to read`, or `to read and
    /// write`.
    pub(crate) fn may(&self, at: Position) -> &'static str {
        match self.access.range(..=at).next_back() {
            Some((_, ShareAccess::ReadWrite)) => "to read and write",
            Some((_, ShareAccess::Read)) | None => "to read",
        }
    }
}
