//! Rewrites recorded events of a resource for the place that the resource had later.

use schemas::{
    Event, FileEvent, ObjectEvent, PrincipalId,
    object::{ObjectPut, Place},
};

/// Returns an event that stores the content of `event` at `place` in `home`. `None` if `event`
/// stores no content.
///
/// A change by the server becomes a put of the new content, because the content before it does not
/// matter. `component`: the kind of component that this put names.
pub(super) fn stored_at(event: &Event, place: &Place, home: PrincipalId, component: &str) -> Option<Event> {
    let place = place.clone();
    match event {
        Event::Object(ObjectEvent::Put(put)) => Some(ObjectEvent::Put(ObjectPut { place, ..put.clone() }).into()),
        Event::Object(ObjectEvent::Revised(revised)) => {
            let (uid, component) = (revised.uid.clone().unwrap_or_default(), component.to_owned());
            let (content, sent, edits) = (revised.content.clone(), None, vec![]);
            let (imported, copied) = (None, None);
            let put = ObjectPut { home, place, uid, component, content, sent, edits, imported, copied };
            Some(ObjectEvent::Put(put).into())
        }
        Event::Object(ObjectEvent::MessageReceived(received)) => {
            let mut received = received.clone();
            received.item.as_mut()?.place = place;
            Some(ObjectEvent::MessageReceived(received).into())
        }
        Event::File(FileEvent::Stored(stored)) => {
            let mut stored = stored.clone();
            stored.place = place;
            Some(FileEvent::Stored(stored).into())
        }
        Event::Object(_)
        | Event::File(_)
        | Event::Share(_)
        | Event::Collection(_)
        | Event::Principal(_)
        | Event::Access(_)
        | Event::Server(_)
        | Event::Erased(_) => None,
    }
}

/// Returns `event` with `place` as its place if it changes the access control list or the dead
/// properties of a calendar object or a file. `None` for any other event.
pub(super) fn noted_at(event: &Event, place: &Place) -> Option<Event> {
    let mut event = event.clone();
    match &mut event {
        Event::Object(ObjectEvent::AclChanged(changed)) => changed.place = place.clone(),
        Event::Object(ObjectEvent::PropertiesChanged(changed)) => changed.place = place.clone(),
        Event::File(FileEvent::AclChanged(changed)) => changed.place = place.clone(),
        Event::File(FileEvent::PropertiesChanged(changed)) => changed.place = place.clone(),
        _ => return None,
    }
    Some(event)
}

/// Returns the kind of component that the event names, such as `VEVENT`. `None` unless the event is
/// the put of a calendar object.
pub(super) fn component(event: &Event) -> Option<&str> {
    match event {
        Event::Object(ObjectEvent::Put(put)) => Some(&put.component),
        _ => None,
    }
}
