//! Sync tokens (RFC 6578 §4). A token is a journal position, written as a URI. It survives restarts
//! and rebuilds of the read models, and does not expire with time.
//!
//! A collection that was moved, and a calendar in the home of a sharee, contain objects that
//! changed before the collection got its present name. A token with such an early position also
//! names the position at which the collection got its name (`born`). Without it, the server could
//! mistake the token for a token of another collection that had the name before. A token for a
//! sharee always names `born`.
//!
//! After a restore of the journal from a copy, positions are assigned a second time. A token with
//! such a position contains the mark of the restore. A token from the lost history has another
//! mark, and is therefore invalid (RFC 6578 §3.2).
//!
//! A client that starts without a token and reads in pages must not be told of members that were
//! removed before it started: "it MUST NOT return any removed member URLs" (RFC 6578 §3.4).
//! Therefore the token of such a page names, after `~`, the journal position at which the client
//! started.
//!
//! One event can change several members of a home, such as the move of a calendar with all its
//! objects. If a page ends between these members, its token has the position before the event and,
//! after `+`, the last href in the page.

use projections::{Collection, Seen};
use schemas::Position;
use service::Restored;

use super::marked;

const SCHEME: &str = "data:,";

/// Returns the token for a position in a collection. The collection is as it was looked up, in the
/// owner's or a sharee's home.
pub(crate) fn of(collection: &Collection, position: Position, restores: &[Restored]) -> String {
    of_seen(collection, position.into(), restores)
}

/// Returns the token for a client that has read the collection up to the state `seen`.
pub(crate) fn of_seen(collection: &Collection, seen: Seen, restores: &[Restored]) -> String {
    let names_birth = collection.shared_as.is_some() || seen.position < collection.born;
    written(seen, names_birth.then_some(collection.born), restores)
}

/// Returns the token for a client that has read a page of a home or a plain collection.
pub(crate) fn of_page(page: &Page, restores: &[Restored]) -> String {
    let token = written(page.seen, (page.seen.position < page.read).then_some(page.read), restores);
    match &page.last_of_event {
        Some(href) => format!("{token}+{href}"),
        None => token,
    }
}

fn written(seen: Seen, second: Option<Position>, restores: &[Restored]) -> String {
    let Seen { position, began } = seen;
    let began = Some(began).filter(|began| *began > position);
    let last = [second, began].into_iter().flatten().fold(position, Position::max);
    let number = |sign: char, number: Option<Position>| number.map(|at| format!("{sign}{at}")).unwrap_or_default();
    let mark = marked::mark(last, restores);
    format!("{SCHEME}{position}{}{}{mark}", number('-', second), number('~', began))
}

/// The progress of a client that reads a home or a plain collection in pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub seen: Seen,
    /// The position of the last change in the collection when the last page was read.
    pub read: Position,
    /// The last href of the page, if the page ended in the middle of the event after `seen`;
    /// otherwise `None`. The client has the changes of that event up to this href.
    pub last_of_event: Option<String>,
}

/// Returns the progress that a token of a home or a plain collection encodes. `None` if the token
/// is older than the collection or later than the position `now`, or if this server writes no such
/// token for the collection.
pub(crate) fn page(text: &str, collection: &Collection, now: Position, restores: &[Restored]) -> Option<Page> {
    let Numbers { position, second, began } = Numbers::of(text)?;
    let last_of_event = text.split_once('+').map(|(_, href)| href.to_owned());
    let seen = Seen { position, began: began.unwrap_or(position) };
    let up_to = if last_of_event.is_some() { position.next() } else { position };
    let page = Page { seen, read: second.unwrap_or(position), last_of_event };
    let is_of_the_past = page.read.max(up_to) <= now && seen.began <= now;
    let is_its = collection.born <= up_to && is_of_the_past && of_page(&page, restores) == text;
    is_its.then_some(page)
}

/// Returns the position in a token; `None` if the token does not have this server's format.
pub(crate) fn position(token: &str) -> Option<Position> {
    Some(Numbers::of(token)?.position)
}

/// The journal positions that a sync token consists of.
struct Numbers {
    position: Position,
    second: Option<Position>,
    began: Option<Position>,
}

impl Numbers {
    fn of(token: &str) -> Option<Self> {
        let numbers = token.strip_prefix(SCHEME)?;
        let numbers = numbers.split_once('+').map_or(numbers, |(numbers, _href)| numbers);
        let numbers = numbers.split_once('.').map_or(numbers, |(numbers, _mark)| numbers);
        let (numbers, began) = split(numbers, '~')?;
        let (position, second) = split(numbers, '-')?;
        Some(Self { position: Position(position.parse().ok()?), second, began })
    }
}

/// Splits the text at `sign`. Returns the text before it and the number after it, which is absent
/// if the text does not contain `sign`. `None` if that number is malformed.
fn split(text: &str, sign: char) -> Option<(&str, Option<Position>)> {
    match text.split_once(sign) {
        None => Some((text, None)),
        Some((before, number)) => Some((before, Some(Position(number.parse().ok()?)))),
    }
}

/// Returns the state that the client of this token has read. `None` if the token is later than the
/// position `now`, or if this server writes no such token for the collection.
pub(crate) fn valid(text: &str, collection: &Collection, now: Position, restores: &[Restored]) -> Option<Seen> {
    let Numbers { position, began, .. } = Numbers::of(text)?;
    let seen = Seen { position, began: began.unwrap_or(position) };
    let is_of_the_past = position <= now && seen.began <= now;
    (is_of_the_past && of_seen(collection, seen, restores) == text).then_some(seen)
}

#[cfg(test)]
mod tests {
    use projections::SharedAs;
    use schemas::{CollectionId, PrincipalId, ShareId, Timestamp, collection::CollectionKind};
    use uuid::Uuid;

    use super::*;

    fn collection(shared_as: Option<SharedAs>) -> Collection {
        Collection {
            id: CollectionId(Uuid::nil()),
            home: PrincipalId(Uuid::nil()),
            name: "work".to_owned(),
            kind: CollectionKind::Calendar,
            components: vec![],
            properties: vec![],
            settings: schemas::collection::Settings::default(),
            acl: vec![],
            inherited: vec![],
            created: Timestamp(0),
            modified: Timestamp(0),
            born: Position(5),
            changed: Position(7),
            bytes: 0,
            shared_as: shared_as.map(Box::new),
        }
    }

    #[test]
    fn a_token_is_valid_up_to_now_and_names_the_birth_of_the_collection_if_it_is_older() {
        let rows = [
            ("data:,5", true),
            ("data:,9", true),
            ("data:,4", false),
            ("data:,4-5", true),
            ("data:,4-3", false),
            ("data:,4-", false),
            ("data:,10", false),
            ("data:,10-5", false),
            ("data:,7-5", false),
            ("data:,7~9", true),
            ("data:,7~7", false),
            ("data:,7~10", false),
            ("data:,4-5~9", true),
            ("data:,7~", false),
            ("data:,", false),
            ("data:,x", false),
            ("http://example.com/5", false),
        ];
        let own = collection(None);
        for (token, is_valid) in rows {
            assert_eq!(valid(token, &own, Position(9), &[]).is_some(), is_valid, "{token}");
        }
        for at in [4, 7] {
            assert_eq!(position(&of(&own, Position(at), &[])), Some(Position(at)));
        }
    }

    #[test]
    fn a_token_of_a_page_says_when_the_page_was_read() {
        let rows = [
            ("data:,5", Some((5, 5, 5))),
            ("data:,5-9", Some((5, 9, 5))),
            ("data:,5-9~7", Some((5, 9, 7))),
            ("data:,5-9~10", None),
            ("data:,4-9~7", None),
            ("data:,9+/a", None),
            ("data:,5-9~5", None),
            ("data:,5-10", None),
            ("data:,4-9", None),
            ("data:,9-5", None),
            ("data:,5-5", None),
        ];
        let own = collection(None);
        for (token, expected) in rows {
            let expected = expected.map(|(position, read, began)| {
                let seen = Seen { position: Position(position), began: Position(began) };
                Page { seen, read: Position(read), last_of_event: None }
            });
            assert_eq!(page(token, &own, Position(9), &[]), expected, "{token}");
        }
        for (position, expected) in [(5, "data:,5-9~7"), (8, "data:,8-9"), (9, "data:,9")] {
            let seen = Seen { position: Position(position), began: Position(7) };
            assert_eq!(of_page(&Page { seen, read: Position(9), last_of_event: None }, &[]), expected);
        }
    }

    #[test]
    fn a_token_of_a_page_that_ends_within_an_event_names_the_last_address() {
        let own = collection(None);
        let seen = Seen { position: Position(4), began: Position(7) };
        let last_of_event = Some("/calendars/a/b+c.ics".to_owned());
        let ended = Page { seen, read: Position(9), last_of_event };
        let token = of_page(&ended, &[]);
        assert_eq!(token, "data:,4-9~7+/calendars/a/b+c.ics");
        assert_eq!((position(&token), page(&token, &own, Position(9), &[])), (Some(Position(4)), Some(ended)));
    }

    #[test]
    fn a_token_of_a_sharee_is_valid_as_long_as_the_calendar_has_its_name() {
        let (id, sharee) = (ShareId(Uuid::nil()), PrincipalId(Uuid::nil()));
        let calendar = collection(Some(SharedAs { id, sharee, home: "bob".to_owned(), name: "anna-work".to_owned() }));
        let rows = [
            ("data:,3-5", true),
            ("data:,9-5", true),
            ("data:,10-5", false),
            ("data:,9-4", false),
            ("data:,9", false),
            ("data:,9-", false),
            ("data:,-5", false),
        ];
        for (token, is_valid) in rows {
            assert_eq!(valid(token, &calendar, Position(9), &[]).is_some(), is_valid, "{token}");
        }
        assert_eq!(of(&calendar, Position(3), &[]), "data:,3-5");
    }

    #[test]
    fn a_token_of_a_lost_history_is_not_valid() {
        let restores = [(7, 0xa), (8, 0xb)].map(|(at, mark)| Restored { position: Position(at), at: Timestamp(mark) });
        let own = collection(None);
        for (token, is_valid) in [
            ("data:,7", true),
            ("data:,8", false),
            ("data:,8.a", true),
            ("data:,8.b", false),
            ("data:,9", false),
            ("data:,9.a", false),
            ("data:,9.b", true),
            ("data:,7.a", false),
            ("data:,4-5", true),
            ("data:,4-5.a", false),
        ] {
            assert_eq!(valid(token, &own, Position(9), &restores).is_some(), is_valid, "{token}");
        }
        for (token, is_valid) in [
            ("data:,6-7", true),
            ("data:,6-9", false),
            ("data:,6-9.b", true),
            ("data:,6-8.b", false),
            ("data:,9.b", true),
            ("data:,6-7~9.b", true),
            ("data:,6-7~9", false),
        ] {
            assert_eq!(page(token, &own, Position(9), &restores).is_some(), is_valid, "page {token}");
        }
    }
}
