//! Answers about many resources: a multistatus written member by member.

use std::{borrow::Cow, sync::Arc};

use dav::{Condition, Detail, MultiStatus, Privilege, Status, href::push_segment, name, request::Wanted};
use ical::{query::CalendarData, retrieve, zone::Zone};
use projections::{Collection, Member, Snapshot};
use schemas::{PrincipalId, collection::CollectionKind};
use service::{Service, free_busy::floating};

use crate::{
    access,
    auth::Person,
    call::Call,
    header::{Depth, Timezones},
    href,
    no::No,
    node::{Found, Node},
    property::{Context, Selection},
    stream::{CHUNK_BYTES, Outlet},
};

/// What stands directly below a resource, objects excepted: those are streamed.
pub(crate) fn children(call: &Call, node: &Node<'_>) -> Result<Vec<Found>, No> {
    let directory = &call.person.directory;
    Ok(match node {
        Node::Root => vec![Found::Principals, Found::Homes],
        Node::Principals => directory.all().iter().map(|entry| Found::Principal(entry.id)).collect(),
        Node::Homes => {
            let shared = call.models().shared_homes()?;
            let mut homes = Vec::new();
            for owner in directory.all() {
                let home = if access::reigns(&call.person, owner.id) {
                    call.models().collection(owner.id, "")?
                } else {
                    shared.iter().find(|home| home.home == owner.id).cloned()
                };
                homes.extend(home.map(|home| Found::Home { owner: owner.id, home: Box::new(home) }));
            }
            homes
        }
        Node::Home { owner, home: collection } | Node::Collection { owner, collection }
            if collection.kind.holds_anything() =>
        {
            let owner = owner.id;
            let below = call.models().home(owner)?.into_iter().filter(|below| collection.is_parent_of(&below.name));
            below.map(|collection| Found::Collection { owner, collection: Box::new(collection) }).collect()
        }
        Node::Principal(_) | Node::Home { .. } | Node::Collection { .. } | Node::Member { .. } => vec![],
    })
}

/// A collection whose members are shown.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    pub owner: PrincipalId,
    pub collection: Collection,
    pub href: String,
    /// Of dates and floating times.
    pub zone: Zone,
}

impl Shelf {
    pub(crate) fn of(person: &Person, owner: PrincipalId, collection: Collection) -> Result<Self, No> {
        let entry = person.directory.by_id(owner).ok_or(No::NotFound)?;
        let href = href::collection(&entry.short_name, &collection.name);
        let zone = floating(&collection.settings);
        Ok(Self { owner, collection, href, zone })
    }

    /// The href of a member, or of what was one.
    pub(crate) fn member(&self, name: &str) -> String {
        let mut href = String::with_capacity(self.href.len() + name.len());
        href.push_str(&self.href);
        push_segment(&mut href, name);
        href
    }

    /// The calendars a report on `found` looks into: itself, or those in a home or a plain collection. Clients ask these
    /// with `Depth: 1` and mean the same as with `infinity`: a calendar itself is no object that could match.
    pub(crate) fn below(call: &Call, found: Found, depth: Depth, needed: Privilege) -> Result<Vec<Self>, No> {
        match found {
            Found::Collection { owner, collection } if depth > Depth::Zero && !collection.kind.holds_anything() => {
                Ok(vec![Self::of(&call.person, owner, *collection)?])
            }
            Found::Home { owner, home: collection } | Found::Collection { owner, collection }
                if depth > Depth::Zero =>
            {
                let all = call.models().home(owner)?.into_iter().filter(|below| collection.is_above(below));
                let calendars = all.filter(|below| below.kind == CollectionKind::Calendar);
                let shelves = calendars.map(|calendar| Self::of(&call.person, owner, calendar));
                shelves.filter(|shelf| shelf.as_ref().map_or(true, |shelf| shelf.opens(&call.person, needed))).collect()
            }
            Found::Root
            | Found::Principals
            | Found::Homes
            | Found::Principal(_)
            | Found::Home { .. }
            | Found::Collection { .. }
            | Found::Member { .. } => Ok(vec![]),
        }
    }

    pub(crate) fn opens(&self, person: &Person, needed: Privilege) -> bool {
        let owner = person.directory.by_id(self.owner);
        owner.is_some_and(|owner| {
            let node = Node::Collection { owner, collection: &self.collection };
            access::may(person, &node, needed)
        })
    }

    /// Whether a privilege that the person has here holds for a member, too: it does unless its own list says otherwise.
    pub(crate) fn allows(&self, person: &Person, member: &Member, needed: Privilege) -> bool {
        let owner = person.directory.by_id(self.owner);
        member.acl.is_empty()
            || owner.is_some_and(|owner| {
                let node = Node::Member { owner, collection: &self.collection, member, body: None };
                access::may(person, &node, needed)
            })
    }
}

/// Everything that an answer about members needs, on whatever thread it is written.
#[derive(Debug)]
pub(crate) struct Listing {
    service: Arc<Service>,
    person: Person,
    wanted: Wanted,
    detail: Detail,
    timezones: Timezones,
}

impl Listing {
    pub(crate) fn of(call: &Call, wanted: Wanted) -> Result<Self, No> {
        let (detail, timezones) = (call.detail(), Timezones::of(call.headers())?);
        Ok(Self { service: Arc::clone(&call.state.service), person: call.person.clone(), wanted, detail, timezones })
    }

    /// One view of the collections that does not change while the answer is written.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, No> {
        Ok(self.service.models().snapshot()?)
    }

    /// Which parts of the members' texts are asked for; `None`: all of them.
    fn data(&self) -> Option<&CalendarData> {
        match &self.wanted {
            Wanted::Prop(props) | Wanted::AllProp { include: props } => props.calendar_data.as_ref(),
            Wanted::PropName => None,
        }
    }

    /// Begins a multistatus.
    pub(crate) fn begin(&self) -> Writing<'_> {
        Writing { listing: self, selection: Selection::of(&self.wanted), out: MultiStatus::new(self.detail) }
    }
}

/// A multistatus about members.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    listing: &'a Listing,
    selection: Selection<'a>,
    pub out: MultiStatus,
}

impl Writing<'_> {
    /// Whether the members' texts are asked for.
    pub(crate) fn wants_bodies(&self) -> bool {
        self.selection.names(&name::CALENDAR_DATA)
    }

    /// The collection itself; none that may not be read.
    pub(crate) fn collection(&mut self, from: &Shelf) {
        if !from.opens(&self.listing.person, Privilege::Read) {
            return;
        }
        if let Some(owner) = self.listing.person.directory.by_id(from.owner) {
            let node = match from.collection.kind {
                CollectionKind::Home => Node::Home { owner, home: &from.collection },
                CollectionKind::Calendar | CollectionKind::Inbox | CollectionKind::Outbox | CollectionKind::Plain => {
                    Node::Collection { owner, collection: &from.collection }
                }
            };
            self.write(&node, &from.href);
        }
    }

    /// Whether a member of a collection that may be read may be read, too.
    pub(crate) fn shows(&self, from: &Shelf, member: &Member) -> bool {
        from.allows(&self.listing.person, member, Privilege::Read)
    }

    /// A member; none that may not be read.
    pub(crate) fn member(&mut self, from: &Shelf, member: &Member, body: Option<&str>) {
        let Some(owner) = self.listing.person.directory.by_id(from.owner) else { return };
        if !self.shows(from, member) {
            return;
        }
        let href = from.member(&member.name);
        let body = match (body, self.listing.data()) {
            (Some(body), Some(data)) => match retrieve::render(body, data, &from.zone) {
                Ok(shown) => Some(shown),
                Err(too_many) => {
                    tracing::info!(%too_many, href, "an object was not expanded");
                    // RFC 4791 §7.8: more instances than this server works out.
                    return self.out.status_because(&href, Status::FORBIDDEN, Condition::MaxInstances);
                }
            },
            (body, _) => body.map(Cow::Borrowed),
        };
        let body = body.map(|body| self.listing.timezones.apply(body));
        let node = Node::Member { owner, collection: &from.collection, member, body: body.as_deref() };
        self.write(&node, &href);
    }

    fn write(&mut self, node: &Node<'_>, href: &str) {
        let Listing { person, service, .. } = self.listing;
        let mut response = self.out.response(href);
        self.selection.write(&Context { person, service }, node, &mut response);
        response.finish();
    }

    /// Sends on what fills a chunk.
    pub(crate) fn pass(&mut self, outlet: &Outlet) -> Result<(), No> {
        if self.out.pending() < CHUNK_BYTES {
            return Ok(());
        }
        outlet.send(self.out.take())
    }
}
