//! Reads the objects of a file in two passes: the first finds them, the second reads them one by
//! one.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Seek, SeekFrom},
};

use anyhow::{Result, ensure};
use ical::stream::{self, Assembled, Contents, Entry, KEPT_OCTETS, Parts, Piece, Scanner};

/// The beginning of a file that was compressed with gzip.
const GZIP: &[u8] = b"\x1f\x8b";

/// Finds the objects of a file. An error comes back if the file cannot be read, is UTF-16 or
/// UTF-32, or is compressed with gzip.
pub(super) fn find(file: &mut File) -> Result<Contents> {
    let mut input = BufReader::with_capacity(64 * 1024, file);
    let start = input.fill_buf()?;
    ensure!(
        !ical::is_utf16(start),
        "the file is UTF-16 or UTF-32; write it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`"
    );
    ensure!(!start.starts_with(GZIP), "the file is compressed; unpack it first, for example with `gunzip`");
    let mut scanner = Scanner::default();
    let mut kept = Vec::with_capacity(KEPT_OCTETS);
    while let Some(length) = line(&mut input, &mut kept)? {
        scanner.line(&kept, length);
    }
    Ok(scanner.finish())
}

/// Reads a line of the file, before unfolding. Returns its length including the line end, or `None`
/// at the end of the file. `kept` gets at most [`KEPT_OCTETS`] of its bytes, without the line feed.
fn line(input: &mut impl BufRead, kept: &mut Vec<u8>) -> io::Result<Option<u64>> {
    kept.clear();
    let mut length = 0;
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok((length > 0).then_some(length));
        }
        let end = chunk.iter().position(|octet| *octet == b'\n');
        let content = &chunk[..end.unwrap_or(chunk.len())];
        let room = KEPT_OCTETS - kept.len();
        kept.extend(&content[..content.len().min(room)]);
        let used = content.len() + usize::from(end.is_some());
        input.consume(used);
        length += used as u64;
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}

/// Reads an object, and assembles a VCALENDAR of it and the VTIMEZONEs that it refers to.
///
/// Returns an error if the object is longer than `limit_bytes`. A VTIMEZONE that is longer is left
/// out.
pub(super) fn object(file: &mut File, contents: &Contents, entry: &Entry, limit_bytes: usize) -> Result<Assembled> {
    let length: u64 = entry.pieces.iter().map(|piece| piece.length).sum();
    ensure!(
        length <= limit_bytes as u64,
        "the object is larger than limits.max_resource_size_bytes, {limit_bytes} bytes"
    );
    let calendar = &contents.calendars[entry.calendar];
    let mut components = vec![];
    let mut seen = HashSet::new();
    for piece in &entry.pieces {
        let octets = read(file, piece)?;
        // A file that was made by appending files may contain the same component several times.
        if seen.insert(octets.clone()) {
            components.push((octets, piece.line));
        }
    }
    let mut parts = Parts { head: calendar.head.clone(), zones: vec![], components };
    let mut needed = stream::tzids(&stream::assemble(&parts).octets);
    for (tzid, piece) in &calendar.zones {
        if needed.remove(tzid) && piece.length <= limit_bytes as u64 {
            parts.zones.push((read(file, piece)?, piece.line));
        }
    }
    Ok(stream::assemble(&parts))
}

fn read(file: &mut File, piece: &Piece) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(piece.offset))?;
    let mut octets = Vec::with_capacity(usize::try_from(piece.length).unwrap_or_default());
    file.take(piece.length).read_to_end(&mut octets)?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn each_object_gets_the_zones_it_names_and_no_others() {
        let zone = |tzid: &str| format!("BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nEND:VTIMEZONE\r\n");
        let event = |uid: &str, tzid: &str| {
            format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;TZID={tzid}:20260105T120000\r\nEND:VEVENT\r\n")
        };
        let events = event("a", "Here")
            + &event("b", "\"W. Europe Standard Time\"")
            + &event("a", "Here").replace("20260105", "20260106");
        let text = format!(
            "BEGIN:VCALENDAR\r\nPRODID:p\r\n{}{}{events}END:VCALENDAR\r\n",
            zone("Here"),
            zone("W. Europe Standard Time")
        );
        let mut file = file(text.as_bytes());
        let contents = find(&mut file).unwrap();
        let texts: Vec<_> = contents
            .entries
            .iter()
            .map(|entry| String::from_utf8(object(&mut file, &contents, entry, 10_000).unwrap().octets).unwrap())
            .collect();
        assert_eq!(texts.len(), 2);
        assert_eq!(texts[0].matches("BEGIN:VEVENT").count(), 2);
        assert!(texts[0].contains("TZID:Here\r\n") && !texts[0].contains("W. Europe"), "{}", texts[0]);
        assert!(texts[1].contains("TZID:W. Europe Standard Time\r\n") && !texts[1].contains("Here"), "{}", texts[1]);
        let error = object(&mut file, &contents, &contents.entries[0], 100).unwrap_err();
        assert_eq!(error.to_string(), "the object is larger than limits.max_resource_size_bytes, 100 bytes");
    }

    #[test]
    fn a_text_in_utf_16_is_told_as_what_it_is() {
        for text in [&b"\xff\xfeB\0E\0"[..], b"B\0E\0G\0", b"\0B\0E\0G", b"b\0e\0g\0", b"\r\0\n\0B\0", b"\0\0\xfe\xff"]
        {
            assert!(find(&mut file(text)).unwrap_err().to_string().contains("UTF-16"));
        }
        assert!(find(&mut file(b"\x1f\x8b\x08\0")).unwrap_err().to_string().contains("gunzip"));
    }

    #[test]
    fn a_calendar_that_stands_twice_in_a_file_is_read_once() {
        let one = "\u{feff}BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let mut file = file(one.repeat(2).as_bytes());
        let contents = find(&mut file).unwrap();
        assert_eq!((contents.entries.len(), contents.faults.len()), (1, 0));
        let assembled = object(&mut file, &contents, &contents.entries[0], 1_000).unwrap();
        assert_eq!(String::from_utf8(assembled.octets).unwrap().matches("BEGIN:VEVENT").count(), 1);
    }

    #[test]
    fn a_line_without_end_is_not_kept_whole() {
        let mut kept = vec![];
        let text = vec![b'x'; 3 * KEPT_OCTETS];
        let length = line(&mut BufReader::with_capacity(100, &text[..]), &mut kept).unwrap();
        assert_eq!((length, kept.len()), (Some(text.len() as u64), KEPT_OCTETS));
    }
}
