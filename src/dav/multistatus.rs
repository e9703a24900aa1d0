//! `DAV:multistatus`, written while it is found out (RFC 4918 §13, RFC 8144 §2).
//!
//! **Invariant:** a response has either one status or at least one propstat; properties found come first, the
//! others after, grouped by why they are not there. Hrefs arrive encoded, see [`crate::href`].

use crate::{
    error::{Condition, write_nested},
    name::QName,
    status::Status,
    xml::Writer,
};

/// Whether properties that do not exist are mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Full,
    /// `Prefer: return=minimal` or `Brief: t`: no propstat with 404 (RFC 8144 §2.1).
    Minimal,
}

#[derive(Debug)]
pub struct MultiStatus {
    writer: Writer,
    detail: Detail,
}

impl MultiStatus {
    pub fn new(detail: Detail) -> Self {
        Self { writer: Writer::document("D:multistatus"), detail }
    }

    /// A resource and its properties; end it with [`PropStats::finish`].
    pub fn response<'n>(&mut self, href: &str) -> PropStats<'_, 'n> {
        PropStats::response(&mut self.writer, href, self.detail)
    }

    /// A resource of which only a status is said.
    pub fn status(&mut self, href: &str, status: Status) {
        self.status_with(href, status, None);
    }

    /// Likewise with the condition that failed, such as `number-of-matches-within-limits` (RFC 6578 §3.6).
    pub fn status_because(&mut self, href: &str, status: Status, condition: Condition) {
        self.status_with(href, status, Some(condition));
    }

    /// Comes last (RFC 6578 §6.4).
    pub fn sync_token(&mut self, token: &str) {
        self.writer.element("D:sync-token", token);
    }

    /// What was written since the last call, for answers sent in pieces.
    pub fn take(&mut self) -> String {
        self.writer.take()
    }

    /// Bytes waiting to be taken.
    pub fn pending(&self) -> usize {
        self.writer.as_str().len()
    }

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

/// The answer to an extended `MKCOL` that was refused (RFC 5689 §5.2); `fill` says what became of each property.
pub fn mkcol_response<'n>(fill: impl FnOnce(&mut PropStats<'_, 'n>)) -> String {
    let mut writer = Writer::document("D:mkcol-response");
    let mut properties = PropStats::new(&mut writer, Detail::Full, None);
    fill(&mut properties);
    properties.finish();
    writer.end("D:mkcol-response");
    writer.finish()
}

/// Properties that share a reason for not being there.
#[derive(Debug)]
struct Refused<'n> {
    status: Status,
    condition: Option<Condition>,
    names: Vec<&'n QName>,
}

/// The properties of one resource.
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
    /// A `DAV:response` wherever one may stand, also inside a property that is expanded (RFC 3253 §3.8).
    pub fn response(writer: &'w mut Writer, href: &str, detail: Detail) -> Self {
        writer.start("D:response");
        writer.element("D:href", href);
        Self::new(writer, detail, Some("D:response"))
    }

    fn new(writer: &'w mut Writer, detail: Detail, around: Option<&'static str>) -> Self {
        Self { writer, detail, found: false, refused: Vec::new(), around }
    }

    /// Where to write a property that is there: the whole element.
    pub fn prop(&mut self) -> &mut Writer {
        if !self.found {
            self.found = true;
            self.writer.raw("<D:propstat><D:prop>");
        }
        self.writer
    }

    /// A property that is there, shown by name alone (`propname`, `PROPPATCH`).
    pub fn name(&mut self, name: &QName) {
        self.prop().empty_name(name);
    }

    pub fn missing(&mut self, name: &'n QName) {
        if self.detail == Detail::Full {
            self.refuse(name, Status::NOT_FOUND, None);
        }
    }

    pub fn refuse(&mut self, name: &'n QName, status: Status, condition: Option<Condition>) {
        let group = self.refused.iter_mut().find(|group| group.status == status && group.condition == condition);
        match group {
            Some(group) => group.names.push(name),
            None => self.refused.push(Refused { status, condition, names: vec![name] }),
        }
    }

    pub fn finish(mut self) {
        if self.refused.is_empty() {
            // RFC 8144 §2.1: a response needs a propstat, if an empty one.
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
