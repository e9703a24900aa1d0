//! A collection that a response is about.

use dav::{Privilege, href::push_segment};
use ical::zone::Zone;
use projections::{Collection, Member};
use schemas::{PrincipalId, collection::CollectionKind};
use service::free_busy::floating;

use crate::{
    call::Call,
    header::Depth,
    person::Person,
    refusal::Refusal,
    resource::{Resource, ResourceView, href, href::name_in_home, privileges},
};

/// Returns the depth of a report about calendar objects. `Err` (400) if the `Depth` header is
/// malformed.
///
/// Without a `Depth` header the RFCs assume depth 0 (RFC 4791 §7.8, §7.10; RFC 3253 §3.6). On a
/// calendar, an inbox or an outbox, a report with depth 0 finds nothing, and clients that omit the
/// header expect the members. Therefore depth 1 is the default there.
pub(crate) fn depth_of_objects(call: &Call, found: &Resource) -> Result<Depth, Refusal> {
    let is_calendar = matches!(found, Resource::Collection { collection, .. } if !collection.kind.holds_anything());
    let absent = if is_calendar { Depth::One } else { Depth::Zero };
    Ok(Depth::of(call.headers(), absent)?)
}

/// A collection that a response is about, with its href and time zone.
#[derive(Debug, Clone)]
pub(crate) struct CollectionView {
    pub owner: PrincipalId,
    pub collection: Collection,
    pub href: String,
    /// The time zone in which dates and floating times are evaluated.
    pub zone: Zone,
}

impl CollectionView {
    pub(crate) fn of(person: &Person, owner: PrincipalId, collection: Collection) -> Result<Self, Refusal> {
        let entry = person.directory.by_id(owner).ok_or(Refusal::NotFound)?;
        let href = href::of_collection(&entry.short_name, &collection);
        let zone = floating(&collection.settings);
        Ok(Self { owner, collection, href, zone })
    }

    /// Returns the href of a member, which may have been removed already.
    pub(crate) fn member(&self, name: &str) -> String {
        let mut href = String::with_capacity(self.href.len() + name.len());
        href.push_str(&self.href);
        push_segment(&mut href, name);
        href
    }

    /// Returns the collections whose objects a report on `found` covers. If `found` is a calendar,
    /// an inbox or an outbox, this is `found` itself with depth 1 or `infinity`. If `found` is a
    /// home or a plain collection, it is every calendar in it, at any depth, on which the caller
    /// has the privilege `needed`, and only with depth `infinity`. In all other cases the result is
    /// empty.
    pub(crate) fn below(call: &Call, found: Resource, depth: Depth, needed: Privilege) -> Result<Vec<Self>, Refusal> {
        match found {
            Resource::Collection { owner, collection } if depth > Depth::Zero && !collection.kind.holds_anything() => {
                Ok(vec![Self::of(&call.person, owner, *collection)?])
            }
            // A home and a plain collection directly contain no calendar objects.
            Resource::Home { owner, home: collection } | Resource::Collection { owner, collection }
                if depth == Depth::Infinity =>
            {
                let all = call.models().home(owner)?.into_iter().filter(|below| collection.is_above(below));
                let own = all.filter(|below| below.kind == CollectionKind::Calendar);
                let shared = call.access().shared_in(owner)?.into_iter();
                let shared = shared.filter(|shared| collection.is_above_name(name_in_home(shared)));
                let views = own.chain(shared).map(|calendar| Self::of(&call.person, calendar.home, calendar));
                views.filter(|view| view.as_ref().map_or(true, |view| view.allows(&call.person, needed))).collect()
            }
            Resource::Root
            | Resource::Principals
            | Resource::Homes
            | Resource::Principal(_)
            | Resource::Delegates(..)
            | Resource::Home { .. }
            | Resource::Collection { .. }
            | Resource::Member { .. } => Ok(vec![]),
        }
    }

    /// Returns true if the person has the privilege `needed` on the collection.
    pub(crate) fn allows(&self, person: &Person, needed: Privilege) -> bool {
        let owner = person.directory.by_id(self.owner);
        owner.is_some_and(|owner| {
            let resource = ResourceView::Collection { owner, collection: &self.collection };
            privileges::allows(person, &resource, needed)
        })
    }

    /// Returns true if a person who has the privilege `needed` on the collection also has it on the
    /// member. Only an ACL on the member itself can take the privilege away.
    pub(crate) fn allows_on_member(&self, person: &Person, member: &Member, needed: Privilege) -> bool {
        let owner = person.directory.by_id(self.owner);
        member.acl.is_empty()
            || owner.is_some_and(|owner| {
                let resource = ResourceView::Member { owner, collection: &self.collection, member, body: None };
                privileges::allows(person, &resource, needed)
            })
    }
}
