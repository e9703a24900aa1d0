//! `DAV:multistatus`, written response by response (RFC 4918 §13, RFC 8144 §2).
//!
//! **Invariant:** a response has either one status or at least one propstat. Properties that exist
//! come first. Missing and refused ones follow, grouped by status and condition. The caller
//! percent-encodes hrefs, see [`crate::href`].

use crate::{
    error::{Condition, write_nested},
    name::QName,
    status::Status,
    xml::Writer,
};

/// The treatment of requested properties that a resource does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The response names missing properties, with the status 404.
    Full,
    /// The response omits missing properties, as for `Prefer: return=minimal` (RFC 8144 §2.1) or
    /// `Brief: t`.
    Minimal,
}

/// A `DAV:multistatus` document that is being written.
///
/// ```
/// use dav::{Detail, MultiStatus, Status, name::GET_ETAG};
///
/// let mut multistatus = MultiStatus::new(Detail::Full);
/// let mut response = multistatus.response("/calendars/anna/work/a.ics");
/// response.prop().element("D:getetag", "\"1\"");
/// response.finish();
/// let mut response = multistatus.response("/calendars/anna/work/");
/// response.missing(&GET_ETAG);
/// response.finish();
/// multistatus.status("/calendars/anna/work/b.ics", Status::NOT_FOUND);
/// let xml = multistatus.finish();
/// assert_eq!(xml.matches("<D:status>HTTP/1.1 404 Not Found</D:status>").count(), 2);
/// ```
#[derive(Debug)]
pub struct MultiStatus {
    writer: Writer,
    detail: Detail,
}

impl MultiStatus {
    /// Begins a multistatus document.
    pub fn new(detail: Detail) -> Self {
        Self { writer: Writer::document("D:multistatus"), detail }
    }

    /// Begins the response for a resource with properties. The caller ends it with
    /// [`PropStats::finish`].
    pub fn response<'n>(&mut self, href: &str) -> PropStats<'_, 'n> {
        PropStats::response(&mut self.writer, href, self.detail)
    }

    /// Writes the response for a resource with a status and without properties.
    pub fn status(&mut self, href: &str, status: Status) {
        self.status_with(href, status, None);
    }

    /// Like [`Self::status`], together with the failed condition, such as
    /// `number-of-matches-within-limits` (RFC 6578 §3.6).
    pub fn status_because(&mut self, href: &str, status: Status, condition: Condition) {
        self.status_with(href, status, Some(condition));
    }

    /// Writes the sync token, which follows all responses (RFC 6578 §6.4).
    pub fn sync_token(&mut self, token: &str) {
        self.writer.element("D:sync-token", token);
    }

    /// Removes the text that was written so far from the document and returns it, for a response
    /// that is streamed.
    pub fn take(&mut self) -> String {
        self.writer.take()
    }

    /// Returns the number of bytes that [`Self::take`] would return.
    pub fn pending(&self) -> usize {
        self.writer.as_str().len()
    }

    /// Ends the document and returns the text that [`Self::take`] has not returned yet.
    pub fn finish(mut self) -> String {
        self.writer.end("D:multistatus");
        self.writer.finish()
    }

    fn status_with(&mut self, href: &str, status: Status, condition: Option<Condition>) {
        self.writer.start("D:response");
        self.writer.element("D:href", href);
        write_status(&mut self.writer, status);
        if let Some(condition) = condition {
            write_nested(&mut self.writer, condition);
        }
        self.writer.end("D:response");
    }
}

/// Returns the response body for an extended `MKCOL` that is refused (RFC 5689 §5.2). `fill` writes
/// the status of each property.
pub fn mkcol_response<'n>(fill: impl FnOnce(&mut PropStats<'_, 'n>)) -> String {
    let mut writer = Writer::document("D:mkcol-response");
    let mut properties = PropStats::new(&mut writer, Detail::Full, None);
    fill(&mut properties);
    properties.finish();
    writer.end("D:mkcol-response");
    writer.finish()
}

/// A group of properties with the same status and condition.
#[derive(Debug)]
struct Refused<'n> {
    status: Status,
    condition: Option<Condition>,
    names: Vec<&'n QName>,
}

/// A writer of the properties of one resource.
#[derive(Debug)]
#[must_use = "a response ends with `finish`"]
pub struct PropStats<'w, 'n> {
    writer: &'w mut Writer,
    detail: Detail,
    found: bool,
    refused: Vec<Refused<'n>>,
    around: Option<&'static str>,
}

impl<'w, 'n> PropStats<'w, 'n> {
    /// Begins a `DAV:response`, in a multistatus or inside of an expanded property (RFC 3253 §3.8).
    pub fn response(writer: &'w mut Writer, href: &str, detail: Detail) -> Self {
        writer.start("D:response");
        writer.element("D:href", href);
        Self::new(writer, detail, Some("D:response"))
    }

    fn new(writer: &'w mut Writer, detail: Detail, around: Option<&'static str>) -> Self {
        Self { writer, detail, found: false, refused: Vec::new(), around }
    }

    /// Returns the writer for a property that exists; the caller writes the whole element.
    pub fn prop(&mut self) -> &mut Writer {
        if !self.found {
            self.found = true;
            self.writer.raw("<D:propstat><D:prop>");
        }
        self.writer
    }

    /// Writes the name of a property that exists, without its value: in the response to `propname`,
    /// and for a property that was set or removed.
    pub fn name(&mut self, name: &QName) {
        self.prop().empty_name(name);
    }

    /// Adds a property that does not exist, with the status 404. Does nothing for
    /// [`Detail::Minimal`].
    pub fn missing(&mut self, name: &'n QName) {
        if self.detail == Detail::Full {
            self.refuse(name, Status::NOT_FOUND, None);
        }
    }

    /// Adds a property that is refused, with its status and condition.
    pub fn refuse(&mut self, name: &'n QName, status: Status, condition: Option<Condition>) {
        let group = self.refused.iter_mut().find(|group| group.status == status && group.condition == condition);
        match group {
            Some(group) => group.names.push(name),
            None => self.refused.push(Refused { status, condition, names: vec![name] }),
        }
    }

    /// Ends the response of this resource.
    pub fn finish(mut self) {
        if self.refused.is_empty() {
            // A response has at least one propstat, which may be empty (RFC 8144 §2.1).
            self.prop();
        }
        if self.found {
            self.writer.end("D:prop");
            write_status(self.writer, Status::OK);
            self.writer.end("D:propstat");
        }
        for group in &self.refused {
            write_refused(self.writer, group);
        }
        if let Some(around) = self.around {
            self.writer.end(around);
        }
    }
}

fn write_refused(writer: &mut Writer, group: &Refused<'_>) {
    writer.raw("<D:propstat><D:prop>");
    for name in &group.names {
        writer.empty_name(name);
    }
    writer.end("D:prop");
    write_status(writer, group.status);
    if let Some(condition) = group.condition {
        write_nested(writer, condition);
    }
    writer.end("D:propstat");
}

fn write_status(writer: &mut Writer, status: Status) {
    match status.line() {
        Some(line) => writer.element("D:status", line),
        None => writer.element("D:status", &status.to_string()),
    }
}

#[cfg(test)]
mod tests;
