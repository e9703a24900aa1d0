//! The result of parsing: rows for properties and components that refer to the text by offsets in
//! octets.
//!
//! **Invariant:** rows are in document order. `next` links the properties of one component, and
//! likewise its nested components, so that iterating over a component reads no rows of others.

/// The index that ends a chain of rows.
pub(super) const NONE: u32 = u32::MAX;

/// A range of the source; for a folded line, a range of [`Table::unfolded`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) unfolded: bool,
}

#[derive(Debug, Clone)]
pub(super) struct PropertyRow {
    /// The offset at which the property's line starts in the source.
    pub(super) start: u32,
    /// The offset after the property's line, with its folds and line end.
    pub(super) end: u32,
    /// The unfolded content line.
    pub(super) content: Span,
    pub(super) name_len: u32,
    pub(super) colon: u32,
    pub(super) line: u32,
    pub(super) component: u32,
    pub(super) next: u32,
}

#[derive(Debug, Clone)]
pub(super) struct ComponentRow {
    pub(super) name: Span,
    pub(super) line: u32,
    pub(super) parent: u32,
    /// The offset at which the component's BEGIN line starts in the source.
    pub(super) start: u32,
    /// The offset after the component's END line.
    pub(super) end: u32,
    /// The offset at which the component's END line starts in the source.
    pub(super) close: u32,
    pub(super) first_property: u32,
    pub(super) last_property: u32,
    pub(super) first_child: u32,
    pub(super) last_child: u32,
    pub(super) next: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) properties: Vec<PropertyRow>,
    pub(super) components: Vec<ComponentRow>,
    /// The contents of all folded lines, unfolded and concatenated.
    pub(super) unfolded: String,
}

impl Table {
    /// Appends a property to the chain of its component.
    pub(super) fn push_property(&mut self, row: PropertyRow) {
        let index = position(self.properties.len());
        let component = &mut self.components[row.component as usize];
        let last = std::mem::replace(&mut component.last_property, index);
        if last == NONE {
            component.first_property = index;
        } else {
            self.properties[last as usize].next = index;
        }
        self.properties.push(row);
    }

    /// Appends a component to the chain of its parent and returns its index.
    pub(super) fn push_component(&mut self, row: ComponentRow) -> u32 {
        let index = position(self.components.len());
        if row.parent != NONE {
            let parent = &mut self.components[row.parent as usize];
            let last = std::mem::replace(&mut parent.last_child, index);
            if last == NONE {
                parent.first_child = index;
            } else {
                self.components[last as usize].next = index;
            }
        }
        self.components.push(row);
        index
    }
}

pub(super) fn position(offset: usize) -> u32 {
    u32::try_from(offset).expect("documents are shorter than MAX_DOCUMENT_BYTES")
}
