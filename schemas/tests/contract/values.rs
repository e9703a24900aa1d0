//! Tests of the values within events.

use bytes::Bytes;
use schemas::{
    Client, CollectionId, Encoding, Event, Hash, Metadata, ObjectEvent, ObjectId, Operator, Part, Position,
    PrincipalId, Revision, Right, Stored, Stream, Timestamp, Unreadable,
    access::Grantee,
    access_journal::VersionsServed,
    collection::{CollectionKind, Property, PropertyName},
    edit::Sent,
    metadata::Ground,
    object::Method,
};
use uuid::Uuid;

use super::files;

fn property(local: &str, value: &str) -> Property {
    let name = PropertyName { namespace: "urn:x".to_owned(), local: local.to_owned() };
    Property { name, xml: format!("<{local} xmlns=\"urn:x\">{value}</{local}>") }
}

#[test]
fn served_versions_are_unpacked_as_they_were_packed() {
    let versions = [(1, 0), (2, 7), (u128::MAX, 0xffff_ffff_ffff)]
        .map(|(object, position)| (ObjectId(Uuid::from_u128(object)), Position(position)));
    let served = |versions: String| VersionsServed {
        home: PrincipalId(Uuid::nil()),
        collection: CollectionId(Uuid::nil()),
        versions,
    };
    let packed = VersionsServed::pack(versions);
    assert_eq!(packed.len(), 3 * 44);
    assert_eq!(served(packed.clone()).unpack().collect::<Vec<_>>(), versions);
    // A version that cannot be decoded is skipped.
    let damaged = packed.replacen("000000000007", "0000000000x7", 1);
    assert_eq!(served(damaged).unpack().collect::<Vec<_>>(), [versions[0], versions[2]]);
}

#[test]
fn homes_and_plain_collections_hold_files_and_collections() {
    let holds = [
        CollectionKind::Home,
        CollectionKind::Plain,
        CollectionKind::Calendar,
        CollectionKind::Inbox,
        CollectionKind::Outbox,
    ]
    .map(CollectionKind::holds_anything);
    assert_eq!(holds, [true, true, false, false, false]);
}

#[test]
fn a_property_replaces_the_one_with_its_name() {
    let mut held = vec![property("a", "1"), property("b", "1"), property("c", "1")];
    Property::change(&mut held, &[property("b", "2"), property("d", "1")], &[property("c", "").name]);
    assert_eq!(held, [property("a", "1"), property("b", "2"), property("d", "1")]);
    assert_eq!(held[0].bytes(), "<a xmlns=\"urn:x\">1</a>".len());
}

#[test]
fn a_recorded_body_has_at_most_a_mebibyte() {
    assert_eq!(Sent::MAX_BODY_BYTES, 1 << 20);
}

#[test]
fn seconds_are_rounded_down() {
    assert_eq!(Timestamp::from_seconds(3), Timestamp(3_000_000));
    for (micros, seconds) in [(3_000_000, 3), (3_999_999, 3), (0, 0), (-1, -1), (-1_000_000, -1)] {
        assert_eq!(Timestamp(micros).seconds(), seconds, "{micros}");
    }
}

#[test]
fn positions_and_hashes_are_printed_for_people() {
    assert_eq!(Position(4711).to_string(), "4711");
    let hash = Hash(std::array::from_fn(|index| u8::try_from(index).expect("below 32")));
    let text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    assert_eq!((hash.to_string(), format!("{hash:?}")), (text.to_owned(), format!("Hash({text})")));
}

#[test]
fn an_encoding_has_its_stored_name() {
    assert_eq!(Encoding::named("json"), Encoding::JSON);
    assert_ne!(Encoding::named("aes"), Encoding::JSON);
    assert_eq!((Encoding::JSON.name(), Encoding::named("aes".to_owned()).name()), ("json", "aes"));
}

#[test]
fn an_event_is_read_in_its_encoding_and_in_a_stream_of_its_aggregate() {
    let stored = |stream: Stream, encoding: Encoding| Stored {
        position: Position(1),
        stream,
        revision: Revision(0),
        id: Uuid::nil(),
        kind: "principal-retired.v1".to_owned(),
        data: Bytes::from_static(b"{}"),
        encoding,
        metadata: Metadata::default(),
        hash: Hash::default(),
    };
    let principal = Stream::Principal(PrincipalId(Uuid::nil()));
    assert!(stored(principal, Encoding::JSON).read().is_ok());
    let sealed = stored(principal, Encoding::named("aes")).read();
    assert!(matches!(sealed, Err(Unreadable::Encoding { .. })), "{sealed:?}");
    let misplaced = stored(Stream::Object(ObjectId(Uuid::nil())), Encoding::JSON).read();
    assert!(matches!(misplaced, Err(Unreadable::Misplaced { .. })), "{misplaced:?}");
}

/// The events in the fixtures of today's versions have home and UID, each in the same field.
#[test]
fn an_event_of_an_object_states_its_home_and_uid() {
    let mut stated = 0;
    for kind in files::with_fixtures().into_iter().filter(|kind| Event::KINDS.contains(&kind.as_str())) {
        for fixture in files::fixtures(&kind) {
            let Event::Object(event) = Event::read(&kind, &fixture.bytes).unwrap() else { continue };
            let json = fixture.json();
            let field = |name: &str| json.get(name).and_then(|value| value.as_str()).map(str::to_owned);
            let home = if matches!(event, ObjectEvent::MessageIssued(_)) { "sender_home" } else { "home" };
            assert_eq!(event.home().map(|home| home.0.to_string()), field(home), "{kind}");
            assert_eq!(event.uid().map(str::to_owned), field("uid"), "{kind}");
            stated += usize::from(event.uid().is_some());
        }
    }
    assert!(stated > 10, "{stated}");
}

#[test]
fn an_address_or_a_program_alone_is_personal() {
    let metadata = |agent: &str, address: &str| Metadata {
        client: Client { agent: agent.to_owned(), address: address.to_owned(), ..Client::default() },
        ..Metadata::default()
    };
    assert_eq!(metadata("", "").personal(), None);
    for (agent, address) in [("Calendar/1", ""), ("", "192.0.2.1")] {
        let personal = metadata(agent, address).personal().expect("a personal part");
        let text = String::from_utf8_lossy(&personal.bytes).into_owned();
        assert!(text.contains(agent) && text.contains(address), "{text}");
    }
    let sealed = Part { encoding: Encoding::named("aes"), bytes: Bytes::from_static(b"x") };
    assert_eq!(Metadata { sealed: Some(sealed.clone()), ..metadata("a", "") }.personal(), Some(sealed));
}

#[test]
fn a_personal_part_in_another_encoding_stays_sealed() {
    let sealed = Part { encoding: Encoding::named("aes"), bytes: Bytes::from_static(b"x") };
    let clear = Metadata::default().clear();
    let read = Metadata::read(&clear, Some(sealed.clone())).unwrap();
    assert_eq!((read.sealed, read.client.agent), (Some(sealed), String::new()));
    let open = Part { encoding: Encoding::JSON, bytes: Bytes::from_static(br#"{"agent":"Calendar/1"}"#) };
    let read = Metadata::read(&clear, Some(open)).unwrap();
    assert_eq!((read.sealed, read.client.agent), (None, "Calendar/1".to_owned()));
}

#[test]
fn principals_of_a_later_version_leave_the_other_metadata_readable() {
    for field in ["to", "except"] {
        let clear = String::from_utf8(Metadata::default().clear()).unwrap();
        let later = clear.replace(r#""version":3"#, r#""version":4"#);
        let right = |who: &str| later.replacen('{', &format!(r#"{{"right":{{"by":"entry","{field}":{who}}},"#), 1);
        let read = |who: &str| Metadata::read(right(who).as_bytes(), None).unwrap().right.unwrap();
        let known = read(r#""all""#);
        assert_eq!(known.to.or(known.except), Some(Grantee::All), "{field}");
        for unknown in [r#""members""#, r#"{"device":7}"#, r#"["all"]"#] {
            assert_eq!(read(unknown), Right::of(Ground::Entry), "{field}: {unknown}");
        }
    }
}

/// The right and the conditional headers, for example, are only on the first event.
#[test]
fn further_events_of_an_append_repeat_who_when_and_why() {
    let first = Metadata {
        at: Timestamp(1),
        actor: Some(PrincipalId(Uuid::from_u128(2))),
        on_behalf_of: Some(PrincipalId(Uuid::from_u128(3))),
        client: Client { via: "PUT".to_owned(), agent: "Calendar/1".to_owned(), address: "192.0.2.1".to_owned() },
        request: Uuid::from_u128(4),
        correlation: Uuid::from_u128(5),
        causation: Some(Uuid::from_u128(6)),
        operator: Some(Operator { uid: Some(1000), login: "root".to_owned(), host: "calendar".to_owned() }),
        sealed: Some(Part { encoding: Encoding::named("aes"), bytes: Bytes::from_static(b"x") }),
        ..Metadata::default()
    };
    let stated = Metadata { act: Some(Uuid::from_u128(7)), basis: Some(Position(8)), ..first.clone() };
    assert_eq!(stated.further(), first);
}

#[test]
fn a_method_is_parsed_from_its_name_in_any_case() {
    assert_eq!(Method::parse("declineCounter"), Some(Method::DeclineCounter));
    assert_eq!(Method::parse("REQUEST").map(Method::as_str), Some("REQUEST"));
    assert_eq!(Method::parse("INVITE"), None);
}
