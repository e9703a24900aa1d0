//! Components nested in an event or task. The locations, participants and resources of RFC 9073
//! belong to the organizer; all others, such as alarms, are private to each calendar user.
//!
//! **Invariant:** nested components are stored and sent with the bytes that their author wrote.

use crate::line::Line;
use ical::{Component, ComponentId, Edit};

const SHARED: [&str; 3] = ["VLOCATION", "PARTICIPANT", "VRESOURCE"];

/// A component nested in an event or a task, such as an alarm. Two are equal if their texts are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nested<'a>(Component<'a>);

impl PartialEq for Nested<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Nested<'_> {}

impl<'a> Nested<'a> {
    pub(crate) fn all(component: Component<'a>) -> impl Iterator<Item = Self> {
        component.components().map(Self)
    }

    pub(crate) fn id(self) -> ComponentId {
        self.0.id()
    }

    pub(crate) fn text(self) -> &'a str {
        self.0.text()
    }

    pub(crate) fn is(self, name: &str) -> bool {
        self.0.is(name)
    }

    /// Returns whether every participant sees this component (RFC 9073 §7).
    pub(crate) fn is_shared(self) -> bool {
        SHARED.into_iter().any(|name| self.is(name))
    }

    /// Returns the name of the component, its lines in canonical spelling (see [`Line::normal`]),
    /// sorted, and the texts of the components nested in it.
    fn normal(self) -> Vec<String> {
        let mut lines: Vec<_> = self.0.properties().map(|property| Line::of(property).normal()).collect();
        lines.sort();
        lines.insert(0, self.0.name().to_ascii_uppercase());
        lines.extend(self.0.components().map(|component| component.text().to_owned()));
        lines
    }
}

/// Returns the nested components that all participants share, in canonical spelling and order, for
/// comparison.
pub(crate) fn shared(inner: &[Nested<'_>]) -> Vec<Vec<String>> {
    let mut shared: Vec<_> = inner.iter().filter(|inner| inner.is_shared()).map(|inner| inner.normal()).collect();
    shared.sort();
    shared
}

/// Replaces the components nested in `component` that all participants share by those of `said`.
/// Returns whether anything changed.
pub(crate) fn replace_shared(component: Component<'_>, said: &[Nested<'_>], edit: &mut Edit<'_>) -> bool {
    let known: Vec<_> = Nested::all(component).collect();
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
