//! A view of one component.
//!
//! **Invariant:** a view borrows the document and is cheap to copy. Names are compared without
//! regard to case (RFC 5545 §2).

use super::document::Document;
use super::property::{Property, PropertyId};
use super::table::{ComponentRow, NONE};

/// The id of a component, by which its document finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(pub(super) u32);

/// A component: its properties and the components nested in it.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    document: &'a Document,
    row: &'a ComponentRow,
    id: ComponentId,
}

impl<'a> Component<'a> {
    pub(super) fn new(document: &'a Document, id: ComponentId) -> Self {
        Self { document, row: &document.table.components[id.0 as usize], id }
    }

    fn find(document: &'a Document, index: u32) -> Option<Self> {
        (index != NONE).then(|| Self::new(document, ComponentId(index)))
    }

    /// Returns the id of the component within its document.
    pub fn id(self) -> ComponentId {
        self.id
    }

    /// Returns the component's name as written. Compare it with [`is`](Self::is).
    pub fn name(self) -> &'a str {
        self.document.text(self.row.name)
    }

    /// True if the component's name is `name`, ignoring case.
    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Returns the line number of the component's `BEGIN`, counted from 1. After repairs, it is the
    /// line number in the text that the client sent.
    pub fn line(self) -> usize {
        self.document.sent_line(self.row.line)
    }

    /// Returns the enclosing component; `None` for the `VCALENDAR`.
    pub fn parent(self) -> Option<Self> {
        Self::find(self.document, self.row.parent)
    }

    /// Returns the names of the enclosing components and of this one, separated by slashes:
    /// `VCALENDAR/VEVENT/VALARM`.
    pub fn path(self) -> String {
        let mut names: Vec<_> =
            std::iter::successors(Some(self), |component| component.parent()).map(Self::name).collect();
        names.reverse();
        names.join("/")
    }

    /// Returns the component's own properties in document order, without those of nested
    /// components.
    pub fn properties(self) -> impl Iterator<Item = Property<'a>> + use<'a> {
        let find = move |index: u32| (index != NONE).then(|| self.document.property(PropertyId(index)));
        std::iter::successors(find(self.row.first_property), move |property| find(property.next_row()))
    }

    /// Returns the component's first property with that name, ignoring case; `None` if there is
    /// none.
    pub fn property(self, name: &str) -> Option<Property<'a>> {
        self.properties().find(|property| property.is(name))
    }

    /// Returns the component's properties with that name, in document order.
    pub fn properties_named<'n>(self, name: &'n str) -> impl Iterator<Item = Property<'a>> + use<'a, 'n> {
        self.properties().filter(move |property| property.is(name))
    }

    /// Returns the directly nested components in document order.
    pub fn components(self) -> impl Iterator<Item = Component<'a>> + use<'a> {
        let first = Self::find(self.document, self.row.first_child);
        std::iter::successors(first, |component| Self::find(component.document, component.row.next))
    }

    /// Returns the directly nested components with that name, in document order.
    pub fn components_named<'n>(self, name: &'n str) -> impl Iterator<Item = Component<'a>> + use<'a, 'n> {
        self.components().filter(move |component| component.is(name))
    }

    /// Returns the component's source text, from the start of its `BEGIN` line to the end of its
    /// `END` line.
    pub fn text(self) -> &'a str {
        &self.document.source[self.row.start as usize..self.row.end as usize]
    }

    pub(super) fn row(self) -> &'a ComponentRow {
        self.row
    }
}
