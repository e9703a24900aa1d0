//! Checks that a text is kept octet for octet or refused, and that decoded values can be written
//! and read again.

use ical::view::{Alarm, Attendee, Availability, FreeBusy, Timezone};
use ical::{Component, Document, Property, escape_text, quote_param, repair, unescape_text, validate};

pub fn run(data: &[u8]) {
    let Ok((text, repair)) = repair::utf8(data.to_vec()) else { return };
    assert_eq!(text.as_bytes() == data, repair.is_none());
    repaired(&text);
    let Ok(document) = Document::parse(text) else { return };
    assert_eq!(Document::parse(document.as_str()).as_ref(), Ok(&document));
    assert_eq!(document.edit().finish(), document.as_str());
    for component in document.components() {
        component.properties().for_each(read);
        view(component);
    }
    for refusal in [validate::calendar_object(&document), validate::scheduling_message(&document)]
        .into_iter()
        .filter_map(Result::err)
    {
        assert!(refusal.line <= document.as_str().lines().count(), "{refusal}");
    }
}

/// Checks that every repair is reported, that a repaired text needs no further repair, and that a
/// well-formed text stays well-formed.
fn repaired(text: &str) {
    let Ok(once) = repair::calendar_object(text.to_owned(), 0) else {
        assert!(Document::parse(text).is_err());
        return;
    };
    assert_eq!(once.document.as_str() == text, once.repairs.is_empty());
    let twice = repair::calendar_object(once.document.as_str().to_owned(), 0).expect("a repaired text is well-formed");
    assert_eq!(twice.repairs, []);
}

/// Checks that a view returns only values of its component.
fn view(component: Component<'_>) {
    let _ = (component.start(), component.duration(), component.status(), component.priority(), component.sequence());
    assert_eq!(component.attendees().count(), component.properties_named("ATTENDEE").count());
    let groups = component.attendees().flat_map(Attendee::member_of).count();
    assert!(groups <= component.properties().flat_map(Property::params).flat_map(ical::Param::values).count());
    assert!(component.recurs() || component.rules().next().is_none());
    if let Some(alarm) = Alarm::of(component) {
        assert!(alarm.repeat().is_none_or(|again| again.times > 0 && !again.every.is_zero()));
    }
    let children = component.components().count();
    assert!(Availability::of(component).is_none_or(|said| said.available().count() <= children));
    assert!(Timezone::of(component).is_none_or(|said| said.observances().count() <= children));
    assert!(FreeBusy::of(component).is_none_or(|said| said.periods().all(|(_, period)| !period.start.is_date())));
}

fn read(property: Property<'_>) {
    let text = property.text();
    assert_eq!(unescape_text(&escape_text(&text)), text);
    assert!(property.texts().count() > 0);
    let _ = (property.date_times(), property.periods(), property.duration(), property.utc_offset(), property.integer());
    if let Some(address) = property.address() {
        assert_eq!(ical::Address::parse(address.canonical()), Some(address));
    }
    for value in property.params().flat_map(ical::Param::values) {
        let line = format!("BEGIN:VCALENDAR\r\nX;A={}:\r\nEND:VCALENDAR\r\n", quote_param(&value));
        let written = Document::parse(line).expect("a quoted parameter is well-formed");
        let read =
            written.root().property("X").and_then(|written| written.param("A").map(std::borrow::Cow::into_owned));
        assert_eq!(read.as_deref(), Some(value.as_ref()));
    }
}
