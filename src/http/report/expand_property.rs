//! `DAV:expand-property` (RFC 3253 §3.8): replaces hrefs in properties by properties of the
//! resources they name.

use actix_web::HttpResponse;
use dav::{
    Detail, MultiStatus, Status,
    multistatus::PropStats,
    property::replaced,
    request::Expanded,
    xml::{Element, Writer},
};

use super::property_value::value_of;
use crate::{
    call::Call,
    property::Context,
    refusal::Refusal,
    resource::{Path, Resource, ResourceView, privileges},
    response,
};

/// Most resources in one answer; each level of expansion multiplies them.
const MAX_RESOURCES: usize = 5_000;

pub(super) fn answer(call: &Call, found: &Resource, properties: &[Expanded]) -> Result<HttpResponse, Refusal> {
    let resource = call.view(found)?;
    let mut multistatus = MultiStatus::new(call.detail());
    let mut expansion = Expansion { call, detail: call.detail(), resources: 0 };
    let mut response = multistatus.response(&resource.href());
    expansion.properties(&resource, properties, &mut response)?;
    response.finish();
    Ok(response::multistatus().body(multistatus.finish()))
}

struct Expansion<'a> {
    call: &'a Call,
    detail: Detail,
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
            match value_of(&Context::of(self.call), resource, &property.name) {
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
        let path = Path::of_href(href);
        let found = match path {
            Some(path) => self.call.lookup().at(&path)?,
            None => None,
        };
        let readable = found.as_ref().and_then(|found| self.call.view(found).ok());
        let readable =
            readable.filter(|resource| privileges::allows(&self.call.person, resource, dav::Privilege::Read));
        let Some(resource) = readable else {
            writer.start("D:response");
            writer.element("D:href", href);
            writer.element("D:status", Status::NOT_FOUND.line().unwrap_or_default());
            writer.end("D:response");
            return Ok(());
        };
        let mut response = PropStats::response(writer, &resource.href(), self.detail);
        self.properties(&resource, properties, &mut response)?;
        response.finish();
        Ok(())
    }
}
