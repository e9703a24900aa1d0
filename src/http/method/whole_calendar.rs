//! `GET` of a calendar: all its objects that the caller may read, as one iCalendar object, for
//! programs that subscribe to the calendar.

mod zones;

use std::borrow::Cow;

use actix_web::{HttpResponse, HttpResponseBuilder, http::header::CONTENT_TYPE};
use dav::Privilege;
use ical::{Document, PRODID};

use self::zones::{WrittenZones, with_zones};
use crate::{
    answer::{
        CollectionView,
        stream::{self, CHUNK_BYTES},
    },
    audience::Audience,
    call::Call,
    header::Timezones,
    refusal::Refusal,
    resource::representation,
};

pub(super) async fn send(
    call: &Call,
    view: CollectionView,
    mut response: HttpResponseBuilder,
) -> Result<HttpResponse, Refusal> {
    let service = std::sync::Arc::clone(&call.state.service);
    let (person, timezones, audience) = (call.person.clone(), Timezones::of(call.headers())?, Audience::of(call));
    response.insert_header((CONTENT_TYPE, representation::CALENDAR));
    stream::answer(call, response, move |chunks| {
        let snapshot = service.models().snapshot()?;
        let mut text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\n");
        let mut zones = WrittenZones::default();
        snapshot.members_with_bodies(&view.collection, |member, body| {
            if !view.allows_on_member(&person, &member, Privilege::Read) {
                return Ok(());
            }
            // Objects are parsed before they are stored. If an object cannot be parsed now, the
            // other objects are still sent.
            if let Ok(document) = Document::parse(timezones.apply(Cow::Borrowed(body)).as_ref()) {
                append(&mut text, &document, &mut zones);
                if let Some(audience) = &audience {
                    audience.gets(view.owner, view.collection.id, &member);
                }
            }
            if text.len() < CHUNK_BYTES {
                return Ok(());
            }
            chunks.send(std::mem::take(&mut text))
        })?;
        text.push_str("END:VCALENDAR\r\n");
        Ok(text)
    })
    .await
}

/// Appends the components of one object. Time zones that the text defines already are left out.
fn append(text: &mut String, document: &Document, zones: &mut WrittenZones) {
    let (renamed, known) = zones.take(document);
    let renamed = (!renamed.is_empty()).then(|| with_zones(document, &renamed)).flatten();
    for component in renamed.as_ref().unwrap_or(document).root().components() {
        let zone = component.property("TZID").filter(|_| component.is("VTIMEZONE"));
        if zone.is_none_or(|tzid| !known.contains(tzid.text().as_ref())) {
            text.push_str(component.text());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an event in a time zone that is defined with this offset from UTC.
    fn event(uid: &str, tzid: &str, offset: &str) -> Document {
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
             TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
             BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;TZID={tzid}:20260107T120000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        Document::parse(text).expect("the text is well-formed")
    }

    #[test]
    fn objects_keep_their_instants_where_zones_of_one_name_differ() {
        let (mut text, mut zones) = (String::new(), WrittenZones::default());
        let objects = [("1", "Custom", "+0100"), ("2", "Custom", "+0300"), ("3", "Custom", "+0100")];
        let objects = objects.into_iter().chain([("4", "Custom", "+0300"), ("5", "Europe/Vienna", "+0100")]);
        for (uid, tzid, offset) in objects.chain([("6", "Europe/Vienna", "+0100"), ("7", "Custom (2)", "+0500")]) {
            append(&mut text, &event(uid, tzid, offset), &mut zones);
        }
        let lines = |name: &str| -> Vec<&str> { text.lines().filter(|line| line.starts_with(name)).collect() };
        assert_eq!(lines("TZID:"), ["TZID:Custom", "TZID:Custom (2)", "TZID:Europe/Vienna", "TZID:Custom (2) (2)"]);
        let used: Vec<_> = lines("DTSTART;").iter().map(|line| line.split([':', '=']).nth(1).unwrap()).collect();
        let vienna = "Europe/Vienna";
        assert_eq!(used, ["Custom", "Custom (2)", "Custom", "Custom (2)", vienna, vienna, "Custom (2) (2)"]);
    }
}
