//! The value of a property as parsed XML.

use dav::{
    Detail, QName, Status,
    multistatus::PropStats,
    request::Props,
    xml::{self, Element, Writer},
};

use crate::{
    property::{Context, Selection},
    resource::ResourceView,
};

/// Returns the value of a live or dead property. `None` if the resource does not have the property,
/// or if the caller may not read it.
pub(super) fn value_of(context: &Context<'_>, resource: &ResourceView<'_>, name: &QName) -> Option<Element> {
    let asked = Props { names: vec![name.clone()], ..Props::default() };
    let mut writer = Writer::document("D:multistatus");
    let mut out = PropStats::response(&mut writer, "", Detail::Minimal);
    // The value is parsed here, so its hrefs must not be marked for the rewriting of the response.
    Selection::listed(&asked).write(&Context { is_past: false, ..*context }, resource, &mut out);
    out.finish();
    writer.end("D:multistatus");
    let written = writer.finish();
    // The property counts as absent if the XML that was just written cannot be parsed.
    let root = xml::parse(written.as_bytes(), &xml::Limits::default()).ok()?;
    let propstat = root.dav("response")?.dav("propstat")?;
    let is_found = propstat.dav("status").is_some_and(|status| Some(&*status.text()) == Status::OK.line());
    propstat.dav("prop").filter(|_| is_found)?.elements().next().cloned()
}
