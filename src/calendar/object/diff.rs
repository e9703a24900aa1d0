//! Describes a long text by its differences from another text.

use std::collections::BTreeMap;

use schemas::edit::Piece;

/// The maximum number of lines of the stored text that are skipped to reach a line that equals one
/// of the other text. A line that occurs only once in the stored text may be further away.
const NEAR_LINES: usize = 64;

/// Returns the pieces, in order, from which `text` can be restored with the help of `stored`.
pub(super) fn diff(text: &str, stored: &str) -> Vec<Piece> {
    // Most texts differ in some lines only: equal lines at the start and at the end need no search.
    let start = equal(text.split_inclusive('\n'), stored.split_inclusive('\n'));
    let (text, left) = (&text[start..], &stored[start..]);
    let end = equal(text.split_inclusive('\n').rev(), left.split_inclusive('\n').rev());
    let (text, left) = (&text[..text.len() - end], &left[..left.len() - end]);
    let mut pieces = vec![];
    add_stored(&mut pieces, 0, start as u64);
    add_different(&mut pieces, text, left, start as u64);
    add_stored(&mut pieces, (stored.len() - end) as u64, end as u64);
    pieces
}

/// Returns the length in bytes of the equal lines with which `lines` and `others` begin.
fn equal<'t>(lines: impl Iterator<Item = &'t str>, others: impl Iterator<Item = &'t str>) -> usize {
    lines.zip(others).take_while(|(line, other)| line == other).map(|(line, _)| line.len()).sum()
}

/// Adds the pieces from which `text` can be restored. `stored` is a part of the whole stored text,
/// in which it begins at the offset `after`, in bytes.
fn add_different(pieces: &mut Vec<Piece>, text: &str, stored: &str, mut after: u64) {
    let mut lines = vec![];
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for line in stored.split_inclusive('\n') {
        places.entry(line).or_default().push(lines.len());
        lines.push((after, line));
        after += line.len() as u64;
    }
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        match found(places.get(line).map_or(&[], Vec::as_slice), next) {
            Some(place) => {
                add_stored(pieces, lines[place].0, line.len() as u64);
                next = place + 1;
            }
            None => add_text(pieces, line),
        }
    }
}

/// Returns the first index in `places`, where the stored text has a certain line, that is at least
/// `next`; `None` if there is none, or if there are several places and this one is more than
/// [`NEAR_LINES`] lines after `next`.
fn found(places: &[usize], next: usize) -> Option<usize> {
    let place = *places.get(places.partition_point(|place| *place < next))?;
    (place - next <= NEAR_LINES || places.len() == 1).then_some(place)
}

fn add_stored(pieces: &mut Vec<Piece>, from: u64, bytes: u64) {
    if bytes == 0 {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Stored { after, size }) if *after + *size == from => *size += bytes,
        _ => pieces.push(Piece::Stored { after: from, size: bytes }),
    }
}

fn add_text(pieces: &mut Vec<Piece>, line: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push_str(line),
        _ => pieces.push(Piece::Text(line.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use schemas::edit::Body;

    use super::*;

    #[test]
    fn pieces_make_the_text_again() {
        let far = "far\n".repeat(2 * NEAR_LINES);
        let rows = [
            ("", "", 0),
            ("a\nb\n", "a\nb\n", 1),
            ("a\nb\nc\n", "a\nc\n", 3),
            ("a\nc\n", "a\nb\nc\n", 2),
            ("b\na\n", "a\nb\n", 2),
            ("a\nend", "a\nend\n", 2),
            ("x\n", "", 1),
            ("end\n", &format!("{far}end\n"), 1),
            ("same\n", &format!("{far}same\nsame\n"), 1),
        ];
        for (text, stored, count) in rows {
            let pieces = diff(text, stored);
            assert_eq!(pieces.len(), count, "{text:?} of {stored:?}: {pieces:?}");
            assert_eq!(Body::Pieces(pieces).octets(stored).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(Body::Pieces(vec![Piece::Stored { after: 1, size: u64::MAX }]).octets("text"), None);
    }
}
