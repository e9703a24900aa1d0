//! Writes responses about many resources: a multistatus, one member after the other.

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

/// The data for writing a multistatus about members. It can be moved to another thread.
#[derive(Debug)]
pub(crate) struct Listing {
    service: Arc<Service>,
    person: Person,
    wanted: Wanted,
    detail: Detail,
    timezones: Timezones,
    audience: Option<Audience>,
    is_past: bool,
}

impl Listing {
    pub(crate) fn of(call: &Call, wanted: Wanted) -> Result<Self, Refusal> {
        let (detail, timezones) = (call.detail(), Timezones::of(call.headers())?);
        let (service, person) = (Arc::clone(&call.state.service), call.person.clone());
        let (audience, is_past) = (Audience::of(call), call.when.is_some());
        Ok(Self { service, person, wanted, detail, timezones, audience, is_past })
    }

    /// Returns a snapshot of the collections and their members, so that all members in a response
    /// are of one state.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Refusal> {
        Ok(self.service.models().snapshot()?)
    }

    pub(crate) fn restores(&self) -> &[Restored] {
        self.service.restores()
    }

    /// Returns the parts of the calendar data that the request asks for; `None` if it asks for no
    /// `calendar-data` at all.
    fn data(&self) -> Option<&CalendarData> {
        match &self.wanted {
            Wanted::Prop(props) | Wanted::AllProp { include: props } => props.calendar_data.as_ref(),
            Wanted::PropName => None,
        }
    }

    /// Starts to write a multistatus.
    pub(crate) fn begin(&self) -> MultistatusWriter<'_> {
        let (selection, out) = (Selection::of(&self.wanted), MultiStatus::new(self.detail));
        MultistatusWriter { listing: self, selection, out, budget: Budget::new(MAX_EXPANSION_WORK) }
    }
}

/// Maximum work, in units of [`Budget`], on the expansion of recurrences for one response; the size
/// of the expanded text counts, too. When the limit is reached, each object that needs more work
/// gets the condition `CALDAV:max-instances`.
const MAX_EXPANSION_WORK: u32 = 20_000_000;

/// A multistatus that is being written.
#[derive(Debug)]
pub(crate) struct MultistatusWriter<'a> {
    listing: &'a Listing,
    selection: Selection<'a>,
    pub out: MultiStatus,
    budget: Budget,
}

impl MultistatusWriter<'_> {
    /// Returns true if the request asks for `calendar-data`.
    pub(crate) fn wants_bodies(&self) -> bool {
        self.selection.names(&name::CALENDAR_DATA)
    }

    /// Writes a collection; writes nothing if the caller may not read the collection.
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

    /// Returns true if a caller who may read the collection may also read the member.
    pub(crate) fn shows(&self, from: &CollectionView, member: &Member) -> bool {
        from.allows_on_member(&self.listing.person, member, Privilege::Read)
    }

    /// Writes a member of a collection that the caller may read; writes nothing if an ACL on the
    /// member denies reading. `body` is the member's text, if it was read.
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
                    tracing::info!(%too_long, href, "answered 403 for one object of a report, because its expanded \
                        instances are too many or too large");
                    // RFC 4791 §7.8: the object has more instances than this server expands.
                    return self.out.status_because(&href, Status::FORBIDDEN, Condition::MaxInstances);
                }
            },
            (body, _) => body.map(Cow::Borrowed),
        };
        // The text may be present only because the filter needed it, although the response does not
        // contain it.
        let returned = body.as_ref().filter(|_| self.wants_bodies());
        if let (Some(_), Some(audience)) = (returned, &self.listing.audience) {
            audience.gets(from.owner, from.collection.id, member);
        }
        let body = body.map(|body| self.listing.timezones.apply(body));
        let resource = ResourceView::Member { owner, collection: &from.collection, member, body: body.as_deref() };
        self.write(&resource, &href);
    }

    fn write(&mut self, resource: &ResourceView<'_>, href: &str) {
        let Listing { person, service, is_past, .. } = self.listing;
        let mut response = self.out.response(href);
        self.selection.write(&Context { person, service, is_past: *is_past }, resource, &mut response);
        response.finish();
    }

    /// Sends the text that has been written so far, if it is long enough for a chunk. `Err` if the
    /// client has disconnected or stopped reading.
    pub(crate) fn flush(&mut self, chunks: &ChunkSender) -> Result<(), Refusal> {
        chunks.flush(self.out.pending(), || self.out.take())
    }
}
