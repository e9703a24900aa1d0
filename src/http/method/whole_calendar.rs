//! `GET` of a calendar: all its objects in one iCalendar object, for subscribers.

use std::{borrow::Cow, collections::BTreeSet};

use actix_web::{HttpResponse, HttpResponseBuilder, http::header::CONTENT_TYPE};
use dav::Privilege;
use ical::Document;

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
        let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
        text.push_str(representation::PRODUCT);
        text.push_str("\r\n");
        let mut zones = BTreeSet::new();
        snapshot.members_with_bodies(&view.collection, |member, body| {
            if !view.allows_on_member(&person, &member, Privilege::Read) {
                return Ok(());
            }
            // Stored objects were parsed before they were stored. If one cannot be parsed now, the
            // others are still sent.
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

/// Appends the components of one object, without time zones that are there already.
fn append(text: &mut String, document: &Document, zones: &mut BTreeSet<String>) {
    for component in document.root().components() {
        let zone = component.property("TZID").filter(|_| component.is("VTIMEZONE"));
        if zone.is_none_or(|zone| zones.insert(zone.text().into_owned())) {
            text.push_str(component.text());
        }
    }
}
