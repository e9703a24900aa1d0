//! Selection of the components and properties that a client requests (RFC 4791 §9.6.1 to §9.6.4).

use crate::query::{Components, Properties, Selection};
use crate::{Component, Document, Edit};

/// Removes all components and properties that are not selected. A selection that does not start
/// with `VCALENDAR` selects everything.
pub(super) fn select(edit: &mut Edit<'_>, object: &Document, selection: &Selection) {
    if !object.root().is(&selection.component) {
        return;
    }
    let mut open = vec![(object.root(), selection)];
    while let Some((component, selection)) = open.pop() {
        if selection.is_whole() {
            continue;
        }
        properties(edit, component, &selection.properties);
        let Components::These(wanted) = &selection.components else { continue };
        for child in component.components() {
            match wanted.iter().find(|wanted| child.is(&wanted.component)) {
                Some(wanted) => open.push((child, wanted)),
                None => edit.remove_component(child.id()),
            }
        }
    }
}

fn properties(edit: &mut Edit<'_>, component: Component<'_>, properties: &Properties) {
    let Properties::These(wanted) = properties else { return };
    for property in component.properties() {
        match wanted.iter().find(|wanted| property.is(&wanted.name)) {
            Some(wanted) if wanted.no_value => edit.set_value(property.id(), ""),
            Some(_) => {}
            None => edit.remove(property.id()),
        }
    }
}
