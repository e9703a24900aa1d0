//! `GET` of a calendar: all its objects as one `text/calendar`, as subscribers want it.

use std::{borrow::Cow, collections::BTreeSet};

use actix_web::{HttpResponse, HttpResponseBuilder, http::header::CONTENT_TYPE};
use dav::Privilege;
use ical::Document;

use super::get::CALENDAR;
use crate::{
    call::Call,
    header::Timezones,
    listing::Shelf,
    no::No,
    stream::{self, CHUNK_BYTES},
};

const PRODUCT: &str = "PRODID:-//Daybook//Daybook//EN";

pub(super) async fn whole(call: &Call, shelf: Shelf, mut response: HttpResponseBuilder) -> Result<HttpResponse, No> {
    let service = std::sync::Arc::clone(&call.state.service);
    let (person, timezones) = (call.person.clone(), Timezones::of(call.headers())?);
    response.insert_header((CONTENT_TYPE, CALENDAR));
    stream::answer(response, move |outlet| {
        let snapshot = service.models().snapshot()?;
        let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
        text.push_str(PRODUCT);
        text.push_str("\r\n");
        let mut zones = BTreeSet::new();
        snapshot.members_with_bodies(shelf.collection.id, |member, body| {
            if !shelf.allows(&person, &member, Privilege::Read) {
                return Ok(());
            }
            // What is stored was parsed before; were one unreadable, the others still are.
            if let Ok(document) = Document::parse(timezones.apply(Cow::Borrowed(body)).as_ref()) {
                append(&mut text, &document, &mut zones);
            }
            if text.len() < CHUNK_BYTES {
                return Ok(());
            }
            outlet.send(std::mem::take(&mut text))
        })?;
        text.push_str("END:VCALENDAR\r\n");
        Ok(text)
    })
    .await
}

/// The components of one object; time zones that came before are not repeated.
fn append(text: &mut String, document: &Document, zones: &mut BTreeSet<String>) {
    for component in document.root().components() {
        let zone = component.property("TZID").filter(|_| component.is("VTIMEZONE"));
        if zone.is_none_or(|zone| zones.insert(zone.text().into_owned())) {
            text.push_str(component.text());
        }
    }
}
