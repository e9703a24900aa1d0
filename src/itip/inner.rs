//! Components inside of an event or task: alarms, which are everybody's own, and the places, people and things of RFC 9073,
//! which are the organizer's to say.
//!
//! **Invariant:** kept and sent as they were written.

use crate::line::Line;
use ical::{Component, Edit};

const SHARED: [&str; 3] = ["VLOCATION", "PARTICIPANT", "VRESOURCE"];

/// One component inside of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inner<'a>(Component<'a>);

impl PartialEq for Inner<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Inner<'_> {}

impl<'a> Inner<'a> {
    pub(crate) fn all(component: Component<'a>) -> impl Iterator<Item = Self> {
        component.components().map(Self)
    }

    pub(crate) fn text(self) -> &'a str {
        self.0.text()
    }

    pub(crate) fn is(self, name: &str) -> bool {
        self.0.is(name)
    }

    /// Is it something that all who take part see (RFC 9073 §7)?
    pub(crate) fn is_shared(self) -> bool {
        SHARED.into_iter().any(|name| self.is(name))
    }

    /// In one spelling, as [`Line::normal`] is.
    fn normal(self) -> Vec<String> {
        let mut lines: Vec<_> = self.0.properties().map(|property| Line::of(property).normal()).collect();
        lines.sort();
        lines.insert(0, self.0.name().to_ascii_uppercase());
        lines.extend(self.0.components().map(|component| component.text().to_owned()));
        lines
    }
}

/// What of these is shared, in one spelling and order.
pub(crate) fn shared(inner: &[Inner<'_>]) -> Vec<Vec<String>> {
    let mut shared: Vec<_> = inner.iter().filter(|inner| inner.is_shared()).map(|inner| inner.normal()).collect();
    shared.sort();
    shared
}

/// Puts what is shared of `said` in the place of what is shared in a component. Tells whether anything changes.
pub(crate) fn replace_shared(component: Component<'_>, said: &[Inner<'_>], edit: &mut Edit<'_>) -> bool {
    let known: Vec<_> = Inner::all(component).collect();
    if shared(&known) == shared(said) {
        return false;
    }
    for inner in known.iter().filter(|inner| inner.is_shared()) {
        edit.remove_component(inner.0.id());
    }
    for inner in said.iter().filter(|inner| inner.is_shared()) {
        edit.append_component(component.id(), inner.text());
    }
    true
}
