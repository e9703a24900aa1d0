//! One editable content line.
//!
//! **Invariant:** a line that is read from a document borrows the document's text until an edit
//! changes it.

use crate::participation::NEEDS_ACTION;
use ical::{Address, Property, quote_param};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// An unfolded content line, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'a>(Cow<'a, str>);

impl<'a> Line<'a> {
    pub(crate) fn of(property: Property<'a>) -> Self {
        Self(Cow::Borrowed(property.content_line()))
    }

    /// Creates a line without parameters. `raw_value` is already escaped.
    pub(crate) fn new(name: &str, raw_value: &str) -> Self {
        Self(Cow::Owned(format!("{name}:{raw_value}")))
    }

    /// Creates a line from a well-formed content line.
    pub(crate) fn written(content_line: String) -> Self {
        Self(Cow::Owned(content_line))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        // This function is called very often, so the cheap test comes first: whether the name of
        // the line is as long as `name`.
        let (line, len) = (self.0.as_bytes(), name.len());
        matches!(line.get(len), Some(b';' | b':')) && line[..len].eq_ignore_ascii_case(name.as_bytes())
    }

    pub(crate) fn name(&self) -> &str {
        &self.0[..name_len(&self.0)]
    }

    pub(crate) fn value(&self) -> &str {
        &self.0[colon(&self.0) + 1..]
    }

    /// Returns the value, with the EMAIL parameter, as a calendar user address; `None` if the value
    /// is blank, or a `mailto:` without a mailbox.
    pub(crate) fn address(&self) -> Option<Address> {
        Some(Address::parse(self.value())?.with_email(self.param("EMAIL")))
    }

    /// Returns the names and raw values of the parameters.
    fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        pieces(&self.0[name_len(&self.0)..colon(&self.0)])
    }

    /// Returns the value of a parameter without its quotes; `None` if the parameter is absent. For
    /// a parameter with a list of addresses, see [`addresses`](Self::addresses).
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let (_, value) = self.params().find(|(param, _)| param.eq_ignore_ascii_case(name))?;
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    }

    /// Returns the values of a parameter with a list of calendar user addresses: DELEGATED-TO,
    /// DELEGATED-FROM, MEMBER (RFC 5545 §3.2.4, §3.2.5, §3.2.11). Empty if the parameter is absent.
    pub(crate) fn addresses(&self, name: &str) -> Vec<Address> {
        let param = self.params().find(|(param, _)| param.eq_ignore_ascii_case(name));
        let values = param.into_iter().flat_map(|(_, list)| list_values(list));
        values.filter_map(|value| Address::parse(value.trim_matches('"'))).collect()
    }

    /// Returns how many bytes of the line are new: all if `known` is `None`, else those of the
    /// parameters that `known`, a line with the same value, lacks.
    pub(crate) fn bytes_beyond(&self, known: Option<&Line<'_>>) -> usize {
        let Some(known) = known else { return self.0.len() };
        let mut known: BTreeSet<_> = known.params().collect();
        // If this line repeats a parameter, only the first occurrence counts as known.
        let new = self.params().filter(|param| !known.remove(param));
        new.map(|(name, value)| name.len() + value.len() + 2).sum()
    }

    /// Returns whether `other` has every parameter of this line with the same value.
    pub(crate) fn has_no_param_beyond(&self, other: &Line<'_>) -> bool {
        let there: BTreeSet<_> = other.params().map(|(name, value)| (name.to_ascii_uppercase(), value)).collect();
        self.params().all(|(name, value)| there.contains(&(name.to_ascii_uppercase(), value)))
    }

    /// Copies a parameter with all its values from another line; removes it if the other line lacks
    /// it.
    pub(crate) fn copy_param(&mut self, name: &str, from: &Line<'_>) {
        let written = |line: &Line<'_>| {
            let param = line.params().find(|(param, _)| param.eq_ignore_ascii_case(name));
            param.map(|(_, value)| value.to_owned())
        };
        match written(from) {
            written_here if written_here == written(self) => {}
            Some(value) => self.write_param(name, &value),
            None => self.remove_param(name),
        }
    }

    /// Writes a parameter with a list of calendar user addresses, each in quotes (RFC 5545 §3.2.4).
    pub(crate) fn set_addresses(&mut self, name: &str, addresses: &[&str]) {
        let quoted = |address: &&str| format!("\"{}\"", quote_param(address).trim_matches('"'));
        let list: Vec<_> = addresses.iter().map(quoted).collect();
        self.write_param(name, &list.join(","));
    }

    pub(crate) fn set_param(&mut self, name: &str, value: &str) {
        if self.param(name) == Some(value) {
            return;
        }
        self.write_param(name, &quote_param(value));
    }

    /// Sets a parameter to a value that has its quotes already.
    fn write_param(&mut self, name: &str, value: &str) {
        let mut changed = self.without(|param| param.eq_ignore_ascii_case(name));
        let colon = colon(&changed);
        changed.insert_str(colon, &format!(";{name}={value}"));
        self.0 = Cow::Owned(changed);
    }

    pub(crate) fn remove_param(&mut self, name: &str) {
        self.remove_params(|param| param.eq_ignore_ascii_case(name));
    }

    pub(crate) fn remove_params(&mut self, goes: impl Fn(&str) -> bool) {
        if self.params().any(|(name, _)| goes(name)) {
            self.0 = Cow::Owned(self.without(goes));
        }
    }

    /// Replaces the value and keeps the parameters.
    pub(crate) fn set_value(&mut self, raw_value: &str) {
        self.0 = Cow::Owned(format!("{}:{raw_value}", &self.0[..colon(&self.0)]));
    }

    /// Renames the property and keeps its parameters and value.
    pub(crate) fn rename(&mut self, name: &str) {
        self.0 = Cow::Owned(format!("{name}{}", &self.0[name_len(&self.0)..]));
    }

    /// Returns whether the value is empty or a default, so that the absence of the line means the
    /// same (RFC 5545 §3.8.1.3, §3.8.1.9). STATUS has no default (§3.8.1.11), but CONFIRMED and
    /// NEEDS-ACTION count as one: clients show an event or a task without STATUS like that.
    pub(crate) fn says_nothing(&self) -> bool {
        let value = self.value().trim();
        let states = |name, default: &str| self.is(name) && value.eq_ignore_ascii_case(default);
        let absent = [("PRIORITY", "0"), ("CLASS", "PUBLIC"), ("STATUS", "CONFIRMED"), ("STATUS", "NEEDS-ACTION")];
        value.is_empty() || absent.into_iter().any(|(name, default)| states(name, default))
    }

    /// Returns the line in canonical spelling, for comparison: the name in upper case and the
    /// parameters sorted, without `X-` and `SCHEDULE-` parameters, defaults, and LANGUAGE, which
    /// clients do not show.
    pub(crate) fn normal(&self) -> String {
        self.normal_but(|_| false)
    }

    /// Like [`normal`](Self::normal), without the `ignored` parameters.
    pub(crate) fn normal_but(&self, ignored: impl Fn(&str) -> bool) -> String {
        self.name().to_ascii_uppercase() + &self.normal_params(ignored) + ":" + self.value()
    }

    /// Returns the parameters of the [`normal`](Self::normal) line as text, without the `ignored`
    /// ones; empty if there are none.
    pub(crate) fn normal_params(&self, ignored: impl Fn(&str) -> bool) -> String {
        let params = self.params().map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"')));
        let counts = |(name, value): &(String, &str)| {
            !name.starts_with("X-")
                && !name.starts_with("SCHEDULE-")
                && name != "LANGUAGE"
                && !is_default(name, value)
                && !ignored(name)
        };
        let mut params: Vec<_> = params.filter(counts).collect();
        params.sort();
        let mut normal = String::new();
        for (name, value) in params {
            normal.extend([";", &name, "=", value]);
        }
        normal
    }

    fn without(&self, goes: impl Fn(&str) -> bool) -> String {
        let mut kept = self.name().to_owned();
        for (name, value) in self.params().filter(|(name, _)| !goes(name)) {
            kept.extend([";", name, "=", value]);
        }
        kept.push_str(&self.0[colon(&self.0)..]);
        kept
    }
}

/// Returns whether the parameter is CUTYPE, PARTSTAT or ROLE with its default, or a VALUE that is
/// the default of many properties: DATE-TIME, TEXT or URI (RFC 5545 §3.2.3, §3.2.12, §3.2.16,
/// §3.2.20).
fn is_default(name: &str, value: &str) -> bool {
    let defaults: &[&str] = match name {
        "CUTYPE" => &["INDIVIDUAL"],
        "PARTSTAT" => &[NEEDS_ACTION],
        "ROLE" => &["REQ-PARTICIPANT"],
        "VALUE" => &["DATE-TIME", "TEXT", "URI"],
        _ => &[],
    };
    defaults.iter().any(|default| default.eq_ignore_ascii_case(value))
}

fn name_len(line: &str) -> usize {
    line.bytes().position(|byte| matches!(byte, b';' | b':')).unwrap_or(line.len())
}

/// Returns the index of the colon before the value: the first one outside quotes.
fn colon(line: &str) -> usize {
    outside_quotes(line, b':').unwrap_or(line.len() - 1)
}

fn outside_quotes(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == wanted && !quoted
    })
}

/// Splits a list of parameter values at the commas outside quotes.
fn list_values(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = outside_quotes(text, b',').unwrap_or(text.len());
        rest = text.get(end + 1..);
        Some(&text[..end])
    })
}

fn pieces(params: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = params;
    std::iter::from_fn(move || {
        let text = rest.strip_prefix(';')?;
        let end = outside_quotes(text, b';').unwrap_or(text.len());
        rest = &text[end..];
        text[..end].split_once('=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        Line(Cow::Borrowed(text))
    }

    #[test]
    fn a_parameter_is_found_set_and_removed_whatever_stands_around_it() {
        let mut attendee = line("ATTENDEE;CN=\"B: the; second\";PARTSTAT=ACCEPTED:mailto:b@x");
        assert_eq!(attendee.param("cn"), Some("B: the; second"));
        assert_eq!(attendee.param("RSVP"), None);
        attendee.set_param("PARTSTAT", "DECLINED");
        attendee.set_param("RSVP", "TRUE");
        assert_eq!(attendee.as_str(), "ATTENDEE;CN=\"B: the; second\";PARTSTAT=DECLINED;RSVP=TRUE:mailto:b@x");
        attendee.remove_param("cn");
        assert_eq!(attendee.as_str(), "ATTENDEE;PARTSTAT=DECLINED;RSVP=TRUE:mailto:b@x");
        assert_eq!((attendee.name(), attendee.value()), ("ATTENDEE", "mailto:b@x"));
    }

    #[test]
    fn a_parameter_with_a_list_is_read_copied_and_written_whole() {
        let delegator = line("ATTENDEE;DELEGATED-TO=\"mailto:c@x\",\"mailto:d,e@x\";PARTSTAT=DELEGATED:mailto:b@x");
        let names: Vec<_> =
            delegator.addresses("delegated-to").iter().map(|address| address.as_written().to_owned()).collect();
        assert_eq!(names, ["mailto:c@x", "mailto:d,e@x"]);
        assert_eq!(delegator.addresses("MEMBER"), []);
        let mut other = line("ATTENDEE:mailto:b@x");
        other.copy_param("DELEGATED-TO", &delegator);
        assert_eq!(other.as_str(), "ATTENDEE;DELEGATED-TO=\"mailto:c@x\",\"mailto:d,e@x\":mailto:b@x");
        other.copy_param("DELEGATED-TO", &line("ATTENDEE:mailto:b@x"));
        assert_eq!(other.as_str(), "ATTENDEE:mailto:b@x");
        other.set_addresses("DELEGATED-FROM", &["mailto:c@x", "mailto:d@x"]);
        assert_eq!(other.as_str(), "ATTENDEE;DELEGATED-FROM=\"mailto:c@x\",\"mailto:d@x\":mailto:b@x");
    }

    #[test]
    fn a_known_parameter_counts_nothing_once() {
        let known = line("ATTENDEE;CN=Bob;ROLE=CHAIR:mailto:b@x");
        let beyond = |text: &'static str| line(text).bytes_beyond(Some(&known));
        assert_eq!(beyond("ATTENDEE;ROLE=CHAIR;CN=Bob:mailto:b@x"), 0);
        assert_eq!(beyond("ATTENDEE;CN=Bob;RSVP=TRUE:mailto:b@x"), ";RSVP=TRUE".len());
        assert_eq!(beyond("ATTENDEE;CN=Bob;CN=Bob;CN=Bob:mailto:b@x"), 2 * ";CN=Bob".len());
    }

    #[test]
    fn what_changes_nothing_copies_nothing() {
        let mut plain = line("ATTENDEE;RSVP=TRUE:mailto:b@x");
        plain.set_param("RSVP", "TRUE");
        plain.remove_param("CN");
        assert!(matches!(plain.0, Cow::Borrowed(_)));
    }
}
