//! Sync tokens (RFC 6578 §4): a journal position as a URI. A token survives restarts and rebuilds,
//! and never expires.
//!
//! A collection that was moved, and a calendar in the home of a sharee, contain objects that
//! changed before the collection got its name. A token with such a position also names the position
//! of the name (`born`), so that it is not taken for a token of another collection that had the
//! name earlier. A token for a sharee always does.
//!
//! After a restore of the journal from a copy, positions are given a second time. A token with such
//! a position ends with the mark of the restore, so that a token of the history that was lost is
//! not valid (RFC 6578 §3.2).

use projections::Collection;
use schemas::Position;
use service::Restored;

use super::marked;

const SCHEME: &str = "data:,";

/// Returns the token for a position in a collection, as it was looked up.
pub(crate) fn of(collection: &Collection, position: Position, restores: &[Restored]) -> String {
    let names_birth = collection.shared_as.is_some() || position < collection.born;
    written(position, names_birth.then_some(collection.born), restores)
}

/// Returns the token of a home or a plain collection after a page of changes up to `position`,
/// which was read at `read`.
pub(crate) fn of_page(position: Position, read: Position, restores: &[Restored]) -> String {
    written(position, (position < read).then_some(read), restores)
}

fn written(position: Position, second: Option<Position>, restores: &[Restored]) -> String {
    let second_number = second.map(|second| format!("-{second}")).unwrap_or_default();
    let mark = marked::mark(second.map_or(position, |second| second.max(position)), restores);
    format!("{SCHEME}{position}{second_number}{mark}")
}

/// What the holder of a token of a home or a plain collection has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// All changes up to here.
    pub position: Position,
    /// The time at which the last page was read.
    pub read: Position,
}

/// Returns what the holder of a token has seen of a home or a plain collection; `None` if this
/// server did not issue the token for it.
pub(crate) fn seen(text: &str, collection: &Collection, now: Position, restores: &[Restored]) -> Option<Seen> {
    let position = position(text)?;
    let (_, read) = numbers(text)?;
    let read = if read.is_empty() { position } else { Position(read.parse().ok()?) };
    let is_its = collection.born <= position && read <= now && of_page(position, read, restores) == text;
    is_its.then_some(Seen { position, read })
}

/// Returns the position of a token; `None` if this server did not issue it.
pub(crate) fn position(token: &str) -> Option<Position> {
    numbers(token)?.0.parse().ok().map(Position)
}

/// Returns the numbers of a token as they are written; the second is empty if there is none.
fn numbers(token: &str) -> Option<(&str, &str)> {
    let numbers = token.strip_prefix(SCHEME)?;
    let (numbers, _mark) = numbers.split_once('.').unwrap_or((numbers, ""));
    Some(numbers.split_once('-').unwrap_or((numbers, "")))
}

/// Returns the position of a token that was issued for this collection, up to `now`; `None` for any
/// other token.
pub(crate) fn valid(text: &str, collection: &Collection, now: Position, restores: &[Restored]) -> Option<Position> {
    position(text).filter(|position| *position <= now && of(collection, *position, restores) == text)
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
            ("data:,5", Some((5, 5))),
            ("data:,5-9", Some((5, 9))),
            ("data:,5-10", None),
            ("data:,4-9", None),
            ("data:,9-5", None),
            ("data:,5-5", None),
        ];
        let own = collection(None);
        for (token, expected) in rows {
            let expected = expected.map(|(position, read)| Seen { position: Position(position), read: Position(read) });
            assert_eq!(seen(token, &own, Position(9), &[]), expected, "{token}");
        }
        assert_eq!(
            (of_page(Position(5), Position(9), &[]), of_page(Position(9), Position(9), &[])),
            ("data:,5-9".into(), "data:,9".into())
        );
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
        ] {
            assert_eq!(seen(token, &own, Position(9), &restores).is_some(), is_valid, "page {token}");
        }
    }
}
