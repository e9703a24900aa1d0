//! Answers about many resources: a multistatus written member by member.

use std::{borrow::Cow, sync::Arc};

use dav::{Condition, Detail, MultiStatus, Privilege, Status, name, request::Wanted};
use ical::{query::CalendarData, recur::Budget, retrieve};
use projections::{Member, Snapshot};
use schemas::collection::CollectionKind;
use service::{Restored, Service};

use super::{collection_view::CollectionView, stream::ChunkSender};
use crate::{
    audience::Audience,
    call::Call,
    header::Timezones,
    person::Person,
    property::{Context, Selection},
    refusal::Refusal,
    resource::ResourceView,
};

/// Everything that an answer about members needs. It can be written on another thread.
#[derive(Debug)]
pub(crate) struct Listing {
    service: Arc<Service>,
    person: Person,
    wanted: Wanted,
    detail: Detail,
    timezones: Timezones,
    audience: Option<Audience>,
}

impl Listing {
    pub(crate) fn of(call: &Call, wanted: Wanted) -> Result<Self, Refusal> {
        let (detail, timezones) = (call.detail(), Timezones::of(call.headers())?);
        let (service, person) = (Arc::clone(&call.state.service), call.person.clone());
        Ok(Self { service, person, wanted, detail, timezones, audience: Audience::of(call) })
    }

    /// Returns a snapshot of the read models, so that the answer is consistent.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Refusal> {
        Ok(self.service.models().snapshot()?)
    }

    pub(crate) fn restores(&self) -> &[Restored] {
        self.service.restores()
    }

    /// Returns which parts of the calendar data are requested; `None`: all of it.
    fn data(&self) -> Option<&CalendarData> {
        match &self.wanted {
            Wanted::Prop(props) | Wanted::AllProp { include: props } => props.calendar_data.as_ref(),
            Wanted::PropName => None,
        }
    }

    /// Starts a multistatus.
    pub(crate) fn begin(&self) -> MultistatusWriter<'_> {
        let (selection, out) = (Selection::of(&self.wanted), MultiStatus::new(self.detail));
        MultistatusWriter { listing: self, selection, out, budget: Budget::new(MAX_EXPANSION_WORK) }
    }
}

/// Work that the expansions of one response may cause, also by the octets that they have. Once it
/// is spent, an object that needs more is answered with `CALDAV:max-instances`.
const MAX_EXPANSION_WORK: u32 = 20_000_000;

/// A multistatus in progress.
#[derive(Debug)]
pub(crate) struct MultistatusWriter<'a> {
    listing: &'a Listing,
    selection: Selection<'a>,
    pub out: MultiStatus,
    budget: Budget,
}

impl MultistatusWriter<'_> {
    /// Returns true if the request asks for calendar data.
    pub(crate) fn wants_bodies(&self) -> bool {
        self.selection.names(&name::CALENDAR_DATA)
    }

    /// Writes a collection, unless the caller may not read it.
    pub(crate) fn collection(&mut self, from: &CollectionView) {
        if !from.allows(&self.listing.person, Privilege::Read) {
            return;
        }
        if let Some(owner) = self.listing.person.directory.by_id(from.owner) {
            let resource = match from.collection.kind {
                CollectionKind::Home => ResourceView::Home { owner, home: &from.collection },
                CollectionKind::Calendar | CollectionKind::Inbox | CollectionKind::Outbox | CollectionKind::Plain => {
                    ResourceView::Collection { owner, collection: &from.collection }
                }
            };
            self.write(&resource, &from.href);
        }
    }

    /// Returns true if a caller who may read the collection may read the member, too.
    pub(crate) fn shows(&self, from: &CollectionView, member: &Member) -> bool {
        from.allows_on_member(&self.listing.person, member, Privilege::Read)
    }

    /// Writes a member, unless the caller may not read it.
    pub(crate) fn member(&mut self, from: &CollectionView, member: &Member, body: Option<&str>) {
        let Some(owner) = self.listing.person.directory.by_id(from.owner) else { return };
        if !self.shows(from, member) {
            return;
        }
        let href = from.member(&member.name);
        let body = match (body, self.listing.data()) {
            (Some(body), Some(data)) => match retrieve::render(body, data, &from.zone, &self.budget) {
                Ok(shown) => Some(shown),
                Err(too_long) => {
                    tracing::info!(%too_long, href, "answered 403 for one object: it is longer than the server expands");
                    // RFC 4791 §7.8: more instances than this server expands.
                    return self.out.status_because(&href, Status::FORBIDDEN, Condition::MaxInstances);
                }
            },
            (body, _) => body.map(Cow::Borrowed),
        };
        // A filter may need the body of an object that is not returned.
        let returned = body.as_ref().filter(|_| self.wants_bodies());
        if let (Some(_), Some(audience)) = (returned, &self.listing.audience) {
            audience.gets(from.owner, from.collection.id, member);
        }
        let body = body.map(|body| self.listing.timezones.apply(body));
        let resource = ResourceView::Member { owner, collection: &from.collection, member, body: body.as_deref() };
        self.write(&resource, &href);
    }

    fn write(&mut self, resource: &ResourceView<'_>, href: &str) {
        let Listing { person, service, .. } = self.listing;
        let mut response = self.out.response(href);
        self.selection.write(&Context { person, service }, resource, &mut response);
        response.finish();
    }

    /// Sends what has been written so far if it fills a chunk.
    pub(crate) fn flush(&mut self, chunks: &ChunkSender) -> Result<(), Refusal> {
        chunks.flush(self.out.pending(), || self.out.take())
    }
}
