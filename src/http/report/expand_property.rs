//! `DAV:expand-property` (RFC 3253 §3.8): replaces each href in a property by those properties of
//! the named resource that the request asks for.

use actix_web::HttpResponse;
use dav::{
    MultiStatus, Status,
    multistatus::PropStats,
    property::replaced,
    request::Expanded,
    xml::{Element, Writer},
};

use super::property_value::value_of;
use crate::{
    answer::{
        children,
        stream::{self, ChunkSender},
    },
    call::Call,
    header::Depth,
    property::Context,
    reader::Reader,
    refusal::Refusal,
    resource::{Access, Path, Resource, ResourceView, privileges},
    response,
};

/// Maximum number of resources in one response. Each level of expansion multiplies them.
const MAX_RESOURCES: usize = 5_000;
/// Maximum size of one response in bytes, because it is held in memory until it is complete. A
/// value that is nested in another value counts once more at each level.
const MAX_EXPANDED_BYTES: usize = 16_777_216;

pub(super) async fn answer(call: &Call, found: Resource, properties: Vec<Expanded>) -> Result<HttpResponse, Refusal> {
    let (reader, depth) = (call.reader(), Depth::of(call.headers(), Depth::Zero)?);
    stream::answer(call, response::multistatus(), move |chunks| {
        let mut multistatus = MultiStatus::new(reader.detail);
        let mut expansion = Expansion { reader: &reader, chunks, resources: 0, bytes: 0 };
        expansion.report(&found, depth, &properties, &mut multistatus)?;
        Ok(multistatus.finish())
    })
    .await
}

struct Expansion<'a> {
    reader: &'a Reader,
    chunks: &'a ChunkSender,
    resources: usize,
    bytes: usize,
}

impl Expansion<'_> {
    /// Writes the report on a resource and on its members within the depth (RFC 3253 §3.6).
    /// Resources that the caller may not read are left out, with their members.
    fn report(
        &mut self,
        found: &Resource,
        depth: Depth,
        properties: &[Expanded],
        out: &mut MultiStatus,
    ) -> Result<(), Refusal> {
        let access = self.reader.access();
        let resource = access.lookup.view(found)?;
        if !self.one(&resource, properties, out)? {
            return Ok(());
        }
        let below = match depth {
            Depth::Zero => return Ok(()),
            Depth::One => Depth::Zero,
            Depth::Infinity => Depth::Infinity,
        };
        for child in children(access, &resource)? {
            self.report(&child, below, properties, out)?;
        }
        let (ResourceView::Home { owner, home: collection } | ResourceView::Collection { owner, collection }) =
            resource
        else {
            return Ok(());
        };
        access.lookup.models.snapshot()?.members(collection.id, |member| {
            let member = ResourceView::Member { owner, collection, member: &member, body: None };
            self.one(&member, properties, out).map(drop)
        })
    }

    /// Writes the report on one resource. If the caller may not read the resource, returns false
    /// and writes nothing.
    fn one(
        &mut self,
        resource: &ResourceView<'_>,
        properties: &[Expanded],
        out: &mut MultiStatus,
    ) -> Result<bool, Refusal> {
        self.count()?;
        if !privileges::allows(&self.reader.person, resource, dav::Privilege::Read) {
            return Ok(false);
        }
        let mut response = out.response(&resource.href());
        self.properties(resource, properties, &mut response)?;
        response.finish();
        Ok(true)
    }

    /// Counts a resource, also one that is missing or that the caller may not read. `Err` (403) if
    /// there are more than [`MAX_RESOURCES`]; also `Err` if the client has disconnected.
    fn count(&mut self) -> Result<(), Refusal> {
        self.resources += 1;
        if self.resources > MAX_RESOURCES {
            return Err(Refusal::forbidden("the expansion contains more than 5000 resources; ask for fewer"));
        }
        self.chunks.is_awaited()
    }

    /// Counts the bytes that were written for a property. `Err` (403) if the response exceeds
    /// [`MAX_EXPANDED_BYTES`].
    fn wrote(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.bytes += bytes;
        if self.bytes > MAX_EXPANDED_BYTES {
            return Err(Refusal::forbidden("the expansion is larger than 16777216 bytes; ask for fewer properties"));
        }
        Ok(())
    }

    /// Writes the properties of a resource. The recursion is as deep as the nesting of the request,
    /// which the XML parser limits.
    fn properties<'n>(
        &mut self,
        resource: &ResourceView<'_>,
        properties: &'n [Expanded],
        out: &mut PropStats<'_, 'n>,
    ) -> Result<(), Refusal> {
        for property in properties {
            match value_of(&Context::of_reader(self.reader), resource, &property.name) {
                None => {
                    self.wrote(property.name.octets())?;
                    out.missing(&property.name);
                }
                Some(element) => self.value(&element, property, out.prop())?,
            }
        }
        Ok(())
    }

    fn value(&mut self, element: &Element, property: &Expanded, writer: &mut Writer) -> Result<(), Refusal> {
        let inside = &property.inside;
        let xml = replaced(element, |element| {
            if inside.is_empty() || !element.is_dav("href") {
                return Ok(None);
            }
            let mut response = Writer::fragment();
            self.resource(&element.text(), inside, &mut response)?;
            Ok::<_, Refusal>(Some(response.finish()))
        })?;
        writer.raw(&xml);
        self.wrote(xml.len())
    }

    fn resource(&mut self, href: &str, properties: &[Expanded], writer: &mut Writer) -> Result<(), Refusal> {
        self.count()?;
        let Access { person, lookup } = self.reader.access();
        let found = match Path::of_href(href) {
            Some(path) => lookup.at(&path)?,
            None => None,
        };
        let readable = found.as_ref().and_then(|found| lookup.view(found).ok());
        let readable = readable.filter(|resource| privileges::allows(person, resource, dav::Privilege::Read));
        let Some(resource) = readable else {
            writer.start("D:response");
            writer.element("D:href", href);
            writer.element("D:status", Status::NOT_FOUND.line().unwrap_or_default());
            writer.end("D:response");
            return Ok(());
        };
        let mut response = PropStats::response(writer, &resource.href(), self.reader.detail);
        self.properties(&resource, properties, &mut response)?;
        response.finish();
        Ok(())
    }
}
