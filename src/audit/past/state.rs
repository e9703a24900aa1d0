//! The properties and the access control list of a collection or resource, folded from its events.

use schemas::{
    CollectionEvent, Event, FileEvent, ObjectEvent, Recorded,
    access::AccessControlEntry,
    collection::{DISPLAY_NAME, Property, PropertyName, Settings, Transparency},
};

use super::Detail;
use crate::{foreign, names::NamesAt, permissions};

/// Maximum number of characters that are shown of a property's XML.
const SHOWN_XML: usize = 200;
/// The namespaces that are not shown with a property's name: those of WebDAV, CalDAV, Apple and
/// `CalendarServer`.
const KNOWN_NAMESPACES: [&str; 4] =
    [DISPLAY_NAME.0, "urn:ietf:params:xml:ns:caldav", "http://apple.com/ns/ical/", "http://calendarserver.org/ns/"];

/// The parts of a collection or resource that clients set in addition to its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    properties: Vec<Property>,
    settings: Settings,
    list: Vec<AccessControlEntry>,
    /// The component types that the collection accepts; empty if it accepts all.
    components: Vec<String>,
}

impl State {
    pub(super) fn of(events: &[Recorded]) -> Self {
        let mut state = Self::default();
        for recorded in events {
            state.apply(&recorded.event);
        }
        state
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Collection(CollectionEvent::Created(created)) => {
                let (properties, settings) = (created.properties.clone(), created.settings.clone());
                *self = Self { properties, settings, list: vec![], components: created.components.clone() };
            }
            Event::Collection(CollectionEvent::PropertiesChanged(changed)) => {
                Property::change(&mut self.properties, &changed.set, &changed.removed);
                let Settings { transparency, time_zone, default_calendar } = changed.settings.clone();
                let known = &mut self.settings;
                known.transparency = transparency.or(known.transparency);
                known.time_zone = time_zone.or(known.time_zone.take());
                known.default_calendar = default_calendar.or(known.default_calendar.take());
            }
            Event::Object(ObjectEvent::PropertiesChanged(changed)) => {
                Property::change(&mut self.properties, &changed.set, &changed.removed);
            }
            Event::File(FileEvent::PropertiesChanged(changed)) => {
                Property::change(&mut self.properties, &changed.set, &changed.removed);
            }
            Event::Collection(CollectionEvent::AclChanged(changed)) => self.list.clone_from(&changed.entries),
            Event::Object(ObjectEvent::AclChanged(changed)) => self.list.clone_from(&changed.entries),
            Event::File(FileEvent::AclChanged(changed)) => self.list.clone_from(&changed.entries),
            _ => {}
        }
    }

    /// Returns the differences between this state and a later one.
    pub(super) fn differences(&self, later: &Self, names: &NamesAt<'_>) -> Vec<Detail> {
        let mut details = properties(&self.properties, &later.properties);
        let other = |of: &str, before: Option<String>, after: Option<String>| {
            (before != after).then(|| Detail { of: of.to_owned(), before, after })
        };
        let (then, now) = (&self.settings, &later.settings);
        let busy = |settings: &Settings| match settings.transparency.unwrap_or_default() {
            Transparency::Opaque => Some("opaque".to_owned()),
            Transparency::Transparent => Some("transparent".to_owned()),
        };
        let text =
            |text: &Option<String>| text.as_ref().filter(|text| !text.is_empty()).map(|text| foreign::quoted(text));
        let is_told = |name: &str| details.iter().any(|detail| detail.of == name);
        let transparency = "schedule-calendar-transp";
        let of_settings = [
            other(transparency, busy(then), busy(now)).filter(|_| !is_told(transparency)),
            other("calendar-timezone", text(&then.time_zone), text(&now.time_zone))
                .filter(|_| !is_told("calendar-timezone")),
            other("default calendar", text(&then.default_calendar), text(&now.default_calendar)),
            other("components", Some(components(&self.components)), Some(components(&later.components))),
        ];
        details.extend(of_settings.into_iter().flatten());
        details.extend(lists(&self.list, &later.list, names));
        details
    }
}

fn components(components: &[String]) -> String {
    let named = components.iter().map(|name| foreign::identifier(name)).collect::<Vec<_>>().join(", ");
    if named.is_empty() { "all".to_owned() } else { named }
}

fn properties(then: &[Property], now: &[Property]) -> Vec<Detail> {
    let find = |all: &[Property], name: &PropertyName| all.iter().find(|property| property.name == *name).cloned();
    let mut names: Vec<&PropertyName> = then.iter().chain(now).map(|property| &property.name).collect();
    names.sort_unstable();
    names.dedup();
    let changed = names.into_iter().filter_map(|name| {
        let (before, after) = (find(then, name), find(now, name));
        (before != after).then(|| Detail {
            of: called(name),
            before: before.as_ref().map(value),
            after: after.as_ref().map(value),
        })
    });
    changed.collect()
}

fn called(name: &PropertyName) -> String {
    let local = foreign::identifier(&name.local);
    if KNOWN_NAMESPACES.contains(&name.namespace.as_str()) {
        return local;
    }
    format!("{{{}}}{local}", foreign::visible(&name.namespace))
}

/// Returns the text of a property, or its XML if it is not a plain text, in quotation marks and
/// shortened.
fn value(property: &Property) -> String {
    let text = Property::text(std::slice::from_ref(property), (&property.name.namespace, &property.name.local));
    let is_text = property.xml.matches('<').count() <= 2;
    match text.filter(|_| is_text) {
        Some(text) => foreign::quoted(&text),
        None if property.xml.chars().count() > SHOWN_XML => {
            foreign::quoted_whole(&property.xml.chars().take(SHOWN_XML).chain(['…']).collect::<String>())
        }
        None => foreign::quoted_whole(&property.xml),
    }
}

/// Returns the entries of an access control list that were removed or added. If only the order
/// differs, returns a detail that says so.
fn lists(then: &[AccessControlEntry], now: &[AccessControlEntry], names: &NamesAt<'_>) -> Vec<Detail> {
    const LIST: &str = "access control list";
    let went = permissions::without(then, now, names).into_iter().map(|words| (Some(words), None));
    let came = permissions::without(now, then, names).into_iter().map(|words| (None, Some(words)));
    let mut details: Vec<Detail> =
        went.chain(came).map(|(before, after)| Detail { of: LIST.to_owned(), before, after }).collect();
    if details.is_empty() && then != now {
        let after = Some("the same entries in another order".to_owned());
        details.push(Detail { of: LIST.to_owned(), before: None, after });
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_xml_of_a_property_is_shown_up_to_its_limit() {
        let shown = |xml: String| {
            let name = PropertyName { namespace: "urn:x".to_owned(), local: "a".to_owned() };
            value(&Property { name, xml })
        };
        let short = format!("<a xmlns=\"urn:x\"><b/><c/>{}</a>", "d".repeat(100));
        assert_eq!(shown(short.clone()), format!("“{short}”"));
        let long = format!("<a xmlns=\"urn:x\"><b/><c/>{}</a>", "d".repeat(500));
        assert_eq!(shown(long.clone()), format!("“{}…”", &long[..SHOWN_XML]));
    }
}
