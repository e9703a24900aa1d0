//! An editable copy of one component, to be written into a message or another object.
//!
//! **Invariant:** nested components, such as alarms, keep their bytes.

use crate::line::Line;
use crate::nested::Nested;
use ical::view::Status;
use ical::{Component, Property, Writer};
use std::borrow::Cow;

/// The content lines of a component, and the components nested in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) nested: Vec<Nested<'a>>,
}

impl<'a> Body<'a> {
    pub(crate) fn of(component: Component<'a>) -> Self {
        Self::with(component, |_| true)
    }

    /// Creates a copy of the component with all nested components, but only the properties for
    /// which `is_wanted` is true.
    pub(crate) fn with(component: Component<'a>, is_wanted: impl Fn(Property<'a>) -> bool) -> Self {
        Self {
            name: Cow::Borrowed(component.name()),
            lines: component.properties().filter(|property| is_wanted(*property)).map(Line::of).collect(),
            nested: Nested::all(component).collect(),
        }
    }

    pub(crate) fn line(&self, name: &str) -> Option<&Line<'a>> {
        self.lines.iter().find(|line| line.is(name))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.line(name).map(Line::value)
    }

    /// Returns whether the component has `STATUS:CANCELLED`.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.value("STATUS").is_some_and(|status| status.trim().eq_ignore_ascii_case(Status::Cancelled.as_str()))
    }

    /// Replaces the first line with the same property name by `line`; appends `line` if there is
    /// none.
    pub(crate) fn set(&mut self, line: Line<'a>) {
        match self.lines.iter_mut().find(|known| known.is(line.name())) {
            Some(known) => *known = line,
            None => self.lines.push(line),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.lines.retain(|line| !line.is(name));
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.begin(&self.name);
        for line in &self.lines {
            writer.property(line.as_str());
        }
        for nested in &self.nested {
            writer.raw(nested.text());
        }
        writer.end();
    }

    pub(crate) fn text(&self) -> String {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }
}
