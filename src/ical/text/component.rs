//! A view of one component.
//!
//! **Invariant:** a view borrows the document and costs nothing to copy; names compare without case (RFC 5545 §2).

use super::document::Document;
use super::property::{Property, PropertyId};
use super::table::{ComponentRow, NONE};

/// Which component of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(pub(super) u32);

/// One component: its properties and the components in it.
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

    pub fn id(self) -> ComponentId {
        self.id
    }

    /// The name as written; compare with [`is`](Self::is).
    pub fn name(self) -> &'a str {
        self.document.text(self.row.name)
    }

    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The line of its `BEGIN`, from 1.
    pub fn line(self) -> usize {
        self.row.line as usize
    }

    pub fn parent(self) -> Option<Self> {
        Self::find(self.document, self.row.parent)
    }

    /// Its name behind those of the components around it: `VCALENDAR/VEVENT/VALARM`.
    pub fn path(self) -> String {
        let mut names: Vec<_> =
            std::iter::successors(Some(self), |component| component.parent()).map(Self::name).collect();
        names.reverse();
        names.join("/")
    }

    /// Its own properties, in order.
    pub fn properties(self) -> impl Iterator<Item = Property<'a>> + use<'a> {
        let find = move |index: u32| (index != NONE).then(|| self.document.property(PropertyId(index)));
        std::iter::successors(find(self.row.first_property), move |property| find(property.next_row()))
    }

    /// The first property of that name.
    pub fn property(self, name: &str) -> Option<Property<'a>> {
        self.properties().find(|property| property.is(name))
    }

    pub fn properties_named<'n>(self, name: &'n str) -> impl Iterator<Item = Property<'a>> + use<'a, 'n> {
        self.properties().filter(move |property| property.is(name))
    }

    /// The components directly inside, in order.
    pub fn components(self) -> impl Iterator<Item = Component<'a>> + use<'a> {
        let first = Self::find(self.document, self.row.first_child);
        std::iter::successors(first, |component| Self::find(component.document, component.row.next))
    }

    pub fn components_named<'n>(self, name: &'n str) -> impl Iterator<Item = Component<'a>> + use<'a, 'n> {
        self.components().filter(move |component| component.is(name))
    }

    /// The raw text from `BEGIN` to behind the line end of `END`.
    pub fn text(self) -> &'a str {
        &self.document.source[self.row.start as usize..self.row.end as usize]
    }

    pub(super) fn row(self) -> &'a ComponentRow {
        self.row
    }
}
