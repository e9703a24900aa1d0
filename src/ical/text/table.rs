//! What parsing leaves behind: rows for properties and components, pointing into the text.
//!
//! **Invariant:** rows are in document order; `next` links join the properties, and the children, of one component, so that
//! walking a component never walks its neighbours.

/// The end of a chain of rows.
pub(super) const NONE: u32 = u32::MAX;

/// A stretch of the source, or, for a folded line, of the unfolded copies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) unfolded: bool,
}

#[derive(Debug, Clone)]
pub(super) struct PropertyRow {
    /// The raw line in the source, with folds and line end.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The content line, unfolded.
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
    /// From the start of the BEGIN line to behind the END line.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the END line starts.
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
    /// The content of the folded lines, unfolded, one behind the other.
    pub(super) unfolded: String,
}

impl Table {
    /// Appends a property to its component's chain.
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

    /// Appends a component to its parent's chain and tells its index.
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
