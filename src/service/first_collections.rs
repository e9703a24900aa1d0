//! The collections that every home has from the start (RFC 6638 §2: inbox and outbox for every
//! calendar user).

use calendar::collection::Collection;
use schemas::{
    CollectionEvent, CollectionId, PrincipalId,
    collection::{COLOR, CollectionCreated, CollectionKind, DISPLAY_NAME, Property, Settings},
};
use uuid::Uuid;

use crate::{
    clock::Stamp,
    freshness::Subject,
    store::{Loaded, Write, decision},
};

/// Names and colour of the first calendars of a new account. If a name is empty, clients show the
/// last segment of the calendar's path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstCalendars {
    /// Name of the calendar; `{name}` is replaced by the display name of the account, or by its
    /// short name if it has none.
    pub calendar: String,
    /// Name of the task list; `{name}` is replaced like in `calendar`.
    pub tasks: String,
    /// Colour of the calendar, `#rrggbb`; empty for none.
    pub color: String,
}

/// Path, kind and accepted components of each first collection. No components: all are accepted.
const FIRST_COLLECTIONS: [(&str, CollectionKind, &[&str]); 5] = [
    ("", CollectionKind::Home, &[]),
    ("inbox", CollectionKind::Inbox, &[]),
    ("outbox", CollectionKind::Outbox, &[]),
    ("calendar", CollectionKind::Calendar, &[]),
    ("tasks", CollectionKind::Calendar, &["VTODO"]),
];

impl FirstCalendars {
    /// Returns the properties of the first collection with this path. `owner`: the display name of
    /// the home's owner, or their short name.
    fn properties(&self, path: &str, owner: &str) -> Vec<Property> {
        let (name, color) = match path {
            "calendar" => (&self.calendar, self.color.as_str()),
            "tasks" => (&self.tasks, ""),
            _ => return vec![],
        };
        let name = name.replace("{name}", owner);
        let text = |property, text: &str| (!text.is_empty()).then(|| Property::of_text(property, text));
        text(DISPLAY_NAME, &name).into_iter().chain(text(COLOR, color)).collect()
    }
}

/// Returns the writes that create the collections of a new home. `owner`: the display name of its
/// owner, or their short name.
pub(crate) fn writes(home: PrincipalId, owner: &str, shown: &FirstCalendars, stamp: &Stamp) -> Vec<Write> {
    let write = |(name, kind, components): (&str, CollectionKind, &[&str])| {
        let id = CollectionId::derive(home, name, 0);
        let created = CollectionEvent::Created(CollectionCreated {
            home,
            name: name.to_owned(),
            kind,
            components: components.iter().map(ToString::to_string).collect(),
            properties: shown.properties(name, owner),
            settings: Settings::default(),
        });
        let stamp = Stamp { act: Uuid::new_v5(&stamp.act, name.as_bytes()), ..stamp.clone() };
        let loaded = Loaded::<Collection>::nothing();
        decision(Subject::Collections(home), id, loaded, &stamp, vec![created]).write()
    };
    FIRST_COLLECTIONS.into_iter().map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_calendars_are_called_as_it_is_set() {
        let shown = FirstCalendars { calendar: "{name}".into(), tasks: "To do".into(), color: "#1badf8".into() };
        let texts = |path: &str| {
            let properties = shown.properties(path, "Alice & Ames");
            (Property::text(&properties, DISPLAY_NAME), Property::text(&properties, COLOR))
        };
        assert_eq!(texts("calendar"), (Some("Alice & Ames".to_owned()), Some("#1badf8".to_owned())));
        assert_eq!(texts("tasks"), (Some("To do".to_owned()), None));
        assert_eq!(texts("inbox"), (None, None));
        assert!(FirstCalendars::default().properties("calendar", "Alice").is_empty());
    }
}
