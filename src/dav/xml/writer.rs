//! The writer of XML. It uses no XML library, because large responses spend most of their time
//! here.
//!
//! **Invariant:** element names are constants or [`QName`]s, which can always be written. Texts and
//! attribute values are escaped in this module alone.

use super::chars::{first_forbidden, is_allowed};
use crate::name::QName;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACES: &str = " xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
                          xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:A=\"http://apple.com/ns/ical/\"";

/// A writer that appends XML to a text. Callers write names with their prefixes: `D:`, `C:`, `CS:`,
/// `A:`.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
}

impl Writer {
    /// Begins a fragment, without a declaration and without a root. The surrounding document
    /// declares the prefixes.
    pub fn fragment() -> Self {
        Self::default()
    }

    /// Begins a document with the XML declaration and the start tag of the root, which declares the
    /// prefixes.
    pub fn document(root: &'static str) -> Self {
        let mut writer = Self { out: String::with_capacity(512) };
        writer.out.push_str(DECLARATION);
        writer.out.push('<');
        writer.out.push_str(root);
        writer.out.push_str(NAMESPACES);
        writer.out.push('>');
        writer
    }

    /// Writes `<name>`.
    pub fn start(&mut self, name: &'static str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Writes `<name attribute="value">`.
    pub fn start_with(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.open(name, attributes);
        self.out.push('>');
    }

    /// Writes `</name>`.
    pub fn end(&mut self, name: &'static str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Writes `<name/>`.
    pub fn empty(&mut self, name: &'static str) {
        self.empty_with(name, &[]);
    }

    /// Writes `<name attribute="value"/>`.
    pub fn empty_with(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.open(name, attributes);
        self.out.push_str("/>");
    }

    /// Writes `<name>text</name>`.
    pub fn element(&mut self, name: &'static str, text: &str) {
        self.start(name);
        self.text(text);
        self.end(name);
    }

    /// Writes text, with special characters escaped.
    pub fn text(&mut self, text: &str) {
        escape_text(&mut self.out, text);
    }

    /// Writes XML without escaping it, such as a stored property. Characters that XML forbids are
    /// left out, because they would make the whole response unreadable.
    pub fn raw(&mut self, xml: &str) {
        match first_forbidden(xml) {
            Some(_) => self.out.extend(xml.chars().filter(|character| is_allowed(*character))),
            None => self.out.push_str(xml),
        }
    }

    /// Writes an empty element with this name, and declares its namespace if it has no fixed
    /// prefix.
    pub fn empty_name(&mut self, name: &QName) {
        self.out.push('<');
        if let Some(prefix) = name.prefix() {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(name.local());
        if name.prefix().is_none() && !name.namespace().is_empty() {
            self.out.push_str(" xmlns=\"");
            escape_attribute(&mut self.out, name.namespace());
            self.out.push('"');
        }
        self.out.push_str("/>");
    }

    /// Writes a comment. Because `--` is not allowed in comments (XML 1.0 §2.5), a space is
    /// inserted between the hyphens.
    pub fn comment(&mut self, text: &str) {
        self.out.push_str("<!-- ");
        let mut last = ' ';
        for character in text.chars().filter(|character| super::chars::is_allowed(*character)) {
            if character == '-' && last == '-' {
                self.out.push(' ');
            }
            self.out.push(character);
            last = character;
        }
        self.out.push_str(" -->");
    }

    /// Returns the text that [`Self::take`] has not returned yet.
    pub fn as_str(&self) -> &str {
        &self.out
    }

    /// Removes the text that was written so far from the writer and returns it, for a response that
    /// is streamed.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Ends the writer and returns the text that [`Self::take`] has not returned yet.
    pub fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            escape_attribute(&mut self.out, value);
            self.out.push('"');
        }
    }
}

/// Returns the fragment with declarations added to its first element: the prefixes, and no default
/// namespace. The fragment then means the same inside of any document.
pub(crate) fn declare_prefixes(fragment: &str) -> String {
    let name_ends = fragment.find(['>', '/', ' ']).unwrap_or(fragment.len());
    let (tag, rest) = fragment.split_at(name_ends);
    format!("{tag}{NAMESPACES} xmlns=\"\"{rest}")
}

/// A table with the replacement of each octet; `None` if the octet is written as it is. It is a
/// table for speed, because large responses are escaped octet by octet.
type Escapes = [Option<&'static str>; 256];

/// The replacements in text. CR is escaped, because a parser would change CRLF to LF (XML 1.0
/// §2.11), and the lines of calendar data end with CRLF (RFC 5545 §3.1).
static IN_TEXT: Escapes = {
    let mut table = everywhere();
    table[b'\r' as usize] = Some("&#13;");
    table
};

static IN_ATTRIBUTE: Escapes = {
    let mut table = everywhere();
    table[b'"' as usize] = Some("&quot;");
    table[b'\t' as usize] = Some("&#9;");
    table[b'\n' as usize] = Some("&#10;");
    table[b'\r' as usize] = Some("&#13;");
    table
};

/// Returns the replacements that text and attributes have in common. Control characters that XML
/// forbids are removed.
const fn everywhere() -> Escapes {
    let mut table = [None; 256];
    let mut control = 0;
    while control < 32 {
        if control != b'\t' && control != b'\n' && control != b'\r' {
            table[control as usize] = Some("");
        }
        control += 1;
    }
    table[b'&' as usize] = Some("&amp;");
    table[b'<' as usize] = Some("&lt;");
    table[b'>' as usize] = Some("&gt;");
    table
}

pub(crate) fn escape_text(out: &mut String, text: &str) {
    escape(out, text, &IN_TEXT);
}

pub(crate) fn escape_attribute(out: &mut String, text: &str) {
    escape(out, text, &IN_ATTRIBUTE);
}

fn escape(out: &mut String, text: &str, escapes: &Escapes) {
    // U+FFFE and U+FFFF are the only forbidden characters of more than one octet.
    if memchr::memchr(0xef, text.as_bytes()).is_some() && text.contains(['\u{fffe}', '\u{ffff}']) {
        return escape(out, &text.replace(['\u{fffe}', '\u{ffff}'], ""), escapes);
    }
    let mut copied = 0;
    for (at, octet) in text.bytes().enumerate() {
        if let Some(instead) = escapes[usize::from(octet)] {
            out.push_str(&text[copied..at]);
            out.push_str(instead);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}
