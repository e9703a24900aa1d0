//! `DAV:expand-property` (RFC 3253 §3.8): hrefs inside properties become what they point at.

use actix_web::HttpResponse;
use dav::{
    Detail, MultiStatus, QName, Status,
    href::Href,
    multistatus::PropStats,
    name::DAV,
    request::Expanded,
    xml::{Element, Writer},
};

use super::principal_search::value_of;
use crate::{
    access, answer,
    call::Call,
    no::No,
    node::{self, Found, Node},
    path::Path,
};

/// Resources one answer may show: each level multiplies them.
const MAX_RESOURCES: usize = 5_000;

pub(super) fn answer(call: &Call, found: &Found, properties: &[Expanded]) -> Result<HttpResponse, No> {
    let node = access::lent(call, found)?;
    let mut multistatus = MultiStatus::new(call.detail());
    let mut expansion = Expansion { call, detail: call.detail(), resources: 0 };
    let mut response = multistatus.response(&node.href());
    expansion.properties(&node, properties, &mut response)?;
    response.finish();
    Ok(answer::multistatus().body(multistatus.finish()))
}

struct Expansion<'a> {
    call: &'a Call,
    detail: Detail,
    resources: usize,
}

impl Expansion<'_> {
    /// As deep as the request nests, which its parser bounds.
    fn properties<'n>(
        &mut self,
        node: &Node<'_>,
        properties: &'n [Expanded],
        out: &mut PropStats<'_, 'n>,
    ) -> Result<(), No> {
        for property in properties {
            match value_of(&self.call.context(), node, &property.name) {
                None => out.missing(&property.name),
                Some(element) => self.value(&element, property, out.prop())?,
            }
        }
        Ok(())
    }

    fn value(&mut self, element: &Element, property: &Expanded, writer: &mut Writer) -> Result<(), No> {
        let has_href = element.named(DAV, "href").next().is_some();
        if property.inside.is_empty() || !has_href {
            writer.raw(&dav::property::DeadProperty::of(element).xml);
            return Ok(());
        }
        let name = prefixed(&property.name);
        writer.start(&name);
        for href in element.named(DAV, "href") {
            self.resource(&href.text(), &property.inside, writer)?;
        }
        writer.end(&name);
        Ok(())
    }

    fn resource(&mut self, href: &str, properties: &[Expanded], writer: &mut Writer) -> Result<(), No> {
        self.resources += 1;
        if self.resources > MAX_RESOURCES {
            return Err(No::forbidden("the expansion shows too many resources"));
        }
        let path = Href::parse(href).ok().and_then(|href| Path::of(href.path));
        let found = match path {
            Some(path) => node::look(self.call, &path)?,
            None => None,
        };
        let readable = found.as_ref().and_then(|found| access::lent(self.call, found).ok());
        let readable = readable.filter(|node| access::may(&self.call.person, node, dav::Privilege::Read));
        let Some(node) = readable else {
            writer.start("D:response");
            writer.element("D:href", href);
            writer.element("D:status", Status::NOT_FOUND.line().unwrap_or_default());
            writer.end("D:response");
            return Ok(());
        };
        let mut response = PropStats::response(writer, &node.href(), self.detail);
        self.properties(&node, properties, &mut response)?;
        response.finish();
        Ok(())
    }
}

/// Only live properties hold hrefs that are expanded, and their namespaces all have a prefix.
fn prefixed(name: &QName) -> String {
    format!("{}:{}", name.prefix().unwrap_or("D"), name.local)
}
