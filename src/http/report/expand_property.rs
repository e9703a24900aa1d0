//! `DAV:expand-property` (RFC 3253 §3.8): replaces hrefs in properties by properties of the
//! resources they name.

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
    answer::stream::{self, ChunkSender},
    call::Call,
    property::Context,
    reader::Reader,
    refusal::Refusal,
    resource::{Access, Path, Resource, ResourceView, privileges},
    response,
};

/// Most resources in one answer; each level of expansion multiplies them.
const MAX_RESOURCES: usize = 5_000;

pub(super) async fn answer(call: &Call, found: Resource, properties: Vec<Expanded>) -> Result<HttpResponse, Refusal> {
    let reader = call.reader();
    stream::answer(call, response::multistatus(), move |chunks| {
        let resource = reader.access().lookup.view(&found)?;
        let mut multistatus = MultiStatus::new(reader.detail);
        let mut expansion = Expansion { reader: &reader, chunks, resources: 0 };
        let mut response = multistatus.response(&resource.href());
        expansion.properties(&resource, &properties, &mut response)?;
        response.finish();
        Ok(multistatus.finish())
    })
    .await
}

struct Expansion<'a> {
    reader: &'a Reader,
    chunks: &'a ChunkSender,
    resources: usize,
}

impl Expansion<'_> {
    /// Writes the properties of a resource. The recursion is as deep as the request, whose depth
    /// the XML parser limits.
    fn properties<'n>(
        &mut self,
        resource: &ResourceView<'_>,
        properties: &'n [Expanded],
        out: &mut PropStats<'_, 'n>,
    ) -> Result<(), Refusal> {
        for property in properties {
            match value_of(&Context::of_reader(self.reader), resource, &property.name) {
                None => out.missing(&property.name),
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
        Ok(())
    }

    fn resource(&mut self, href: &str, properties: &[Expanded], writer: &mut Writer) -> Result<(), Refusal> {
        self.resources += 1;
        if self.resources > MAX_RESOURCES {
            return Err(Refusal::forbidden("the expansion contains more than 5000 resources; ask for fewer"));
        }
        self.chunks.is_awaited()?;
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
