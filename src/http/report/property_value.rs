//! The value of a live property as parsed XML.

use dav::{
    Detail, QName,
    multistatus::PropStats,
    xml::{self, Element, Writer},
};

use crate::{
    property::{Context, live},
    resource::ResourceView,
};

/// Returns the value of a live property; `None` if the resource does not have it, or if it is not
/// live.
pub(super) fn value_of(context: &Context<'_>, resource: &ResourceView<'_>, name: &QName) -> Option<Element> {
    let live = live(name)?;
    let mut writer = Writer::document("D:multistatus");
    let mut out = PropStats::response(&mut writer, "", Detail::Minimal);
    (live.show)(context, resource, &mut out);
    out.finish();
    writer.end("D:multistatus");
    let written = writer.finish();
    // The server writes well-formed XML; if it did not, the property would count as absent.
    let root = xml::parse(written.as_bytes(), &xml::Limits::default()).ok();
    let prop = root.as_ref().and_then(|root| root.dav("response")?.dav("propstat")?.dav("prop"));
    prop?.elements().next().cloned()
}
