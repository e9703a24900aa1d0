//! Tests of the scanner with files as other servers write them, and with damaged files.

use super::*;

/// Scans a text in the way that callers do.
fn scanned(text: &str) -> Contents {
    let mut scanner = Scanner::default();
    for line in text.as_bytes().split_inclusive(|octet| *octet == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        scanner.line(&content[..content.len().min(KEPT_OCTETS)], line.len() as u64);
    }
    scanner.finish()
}

fn cut<'t>(text: &'t str, piece: &Piece) -> &'t str {
    let start = usize::try_from(piece.offset).unwrap();
    &text[start..start + usize::try_from(piece.length).unwrap()]
}

/// Returns the UIDs of the objects, with the line numbers of their components.
fn found(contents: &Contents) -> Vec<(&str, Vec<u64>)> {
    let lines = |entry: &Entry| entry.pieces.iter().map(|piece| piece.line).collect();
    contents.entries.iter().map(|entry| (entry.uid.as_str(), lines(entry))).collect()
}

fn faults(contents: &Contents) -> Vec<(u64, &str)> {
    contents.faults.iter().map(|fault| (fault.line, fault.why.as_str())).collect()
}

const FILE: &str = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nMETHOD:PUBLISH\nX-WR-CALNAME:Alice\\, at\n  work\nX-WR-TIMEZONE:Europe/Berlin\n\
                    BEGIN:VTIMEZONE\nTZID:Here\nEND:VTIMEZONE\n\
                    BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Here:20260105T120000\n\
                    BEGIN:VALARM\nUID:not-this\nEND:VALARM\nEND:VEVENT\n\
                    BEGIN:VTODO\nUI\n D:b\nEND:VTODO\n\
                    begin:vevent\nUID;X-A=1:a\nRECURRENCE-ID:20260106T120000Z\nend:vevent\nEND:VCALENDAR\n";

#[test]
fn the_components_of_an_object_are_found_wherever_they_lie() {
    let contents = scanned(FILE);
    assert_eq!(found(&contents), [("a", vec![11, 22]), ("b", vec![18])]);
    assert_eq!(faults(&contents), []);
    let calendar = &contents.calendars[0];
    assert_eq!(calendar.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(calendar.head, ["VERSION:2.0", "PRODID:-//x//y//EN"]);
    assert_eq!(calendar.name.as_deref(), Some("Alice, at work"));
    assert_eq!(cut(FILE, &calendar.zones[0].1), "BEGIN:VTIMEZONE\nTZID:Here\nEND:VTIMEZONE\n");
    assert!(cut(FILE, &contents.entries[0].pieces[1]).ends_with("end:vevent\n"));
}

/// A title, a text, its objects with their line numbers, and the line numbers of the faults.
type Row = (&'static str, &'static str, &'static [(&'static str, u64)], &'static [u64]);

#[test]
fn damaged_parts_are_told_with_their_lines_and_the_rest_is_found() {
    let rows: [Row; 10] = [
        (
            "no UID",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nBEGIN:VEVENT\nUID:b\nEND:VEVENT\nEND:VCALENDAR\n",
            &[("b", 4)],
            &[2],
        ),
        (
            "no END",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nBEGIN:VEVENT\nUID:b\nEND:VEVENT\nEND:VCALENDAR\n",
            &[("b", 4)],
            &[2],
        ),
        ("cut off between two objects", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\n", &[("a", 2)], &[1]),
        (
            "another calendar after a cut",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nBEGIN:VCALENDAR\nEND:VCALENDAR\n",
            &[("a", 2)],
            &[1],
        ),
        ("a header only", "BEGIN:VCALENDAR\nVERSION:2.0\n", &[], &[1]),
        ("nothing", "\n", &[], &[1]),
        ("cut off", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n", &[], &[2]),
        ("outside", "BEGIN:VEVENT\nUID:a\nEND:VEVENT\n", &[], &[1, 2, 3]),
        ("rubbish", "hello\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n", &[("a", 4)], &[1]),
        ("a second END", "BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR\n", &[], &[2]),
    ];
    for (title, text, expected, lines) in rows {
        let contents = scanned(text);
        let objects: Vec<_> = contents.entries.iter().map(|entry| (entry.uid.as_str(), entry.pieces[0].line)).collect();
        assert_eq!(objects, expected, "{title}");
        assert_eq!(contents.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), lines, "{title}");
    }
}

#[test]
fn an_object_is_put_together_with_the_lines_of_its_file() {
    let contents = scanned(FILE);
    let part = |piece: &Piece| (cut(FILE, piece).as_bytes().to_vec(), piece.line);
    let entry = &contents.entries[0];
    let mut parts = Parts {
        head: contents.calendars[entry.calendar].head.clone(),
        zones: vec![],
        components: entry.pieces.iter().map(part).collect(),
    };
    let needed = tzids(&assemble(&parts).octets);
    assert_eq!(needed.iter().map(String::as_str).collect::<Vec<_>>(), ["Here"]);
    parts.zones = contents.calendars[0].zones.iter().map(|(_, piece)| part(piece)).collect();
    let assembled = assemble(&parts);
    let text = String::from_utf8(assembled.octets.clone()).unwrap();
    for (index, line) in
        text.lines().enumerate().filter(|(_, line)| line.starts_with("DTSTART") || line.starts_with("RECU"))
    {
        let in_file = usize::try_from(assembled.line_in_file(index as u64 + 1)).unwrap();
        assert_eq!(FILE.lines().nth(in_file - 1), Some(line), "{in_file}");
    }
    assert!(!text.contains("METHOD") && !text.contains('\r'), "{text}");
}

#[test]
fn a_file_without_prodid_gets_one_and_crlf_stays() {
    let component = b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT".to_vec();
    let parts = Parts { components: vec![(component, 1)], ..Parts::default() };
    let text = String::from_utf8(assemble(&parts).octets).unwrap();
    assert_eq!(
        text,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Import//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
}

#[test]
fn nothing_that_a_file_holds_takes_more_than_its_index() {
    let long = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{}\nEND:VEVENT\n", "x".repeat(2 * KEPT_OCTETS));
    assert_eq!(found(&scanned(&long)), []);
    let folded =
        format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDESCRIPTION:{}END:VEVENT\n", "x\n ".repeat(10_000) + "\n");
    assert_eq!(found(&scanned(&folded)), [("a", vec![2])]);
}

#[test]
fn a_message_about_meetings_is_no_calendar() {
    for (method, is_read) in
        [("PUBLISH", true), ("request", true), ("CANCEL", false), ("Reply", false), ("COUNTER", false)]
    {
        let text = FILE.replace("METHOD:PUBLISH", &format!("METHOD:{method}"));
        let contents = scanned(&text);
        assert_eq!(contents.entries.is_empty(), !is_read, "{method}");
        let lines: Vec<_> = contents.faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, if is_read { vec![] } else { vec![4] }, "{method}: {contents:?}");
    }
}

#[test]
fn the_colour_of_a_calendar_is_hexadecimal_and_the_exact_one_counts() {
    let color = |lines: &str| {
        let text = format!("BEGIN:VCALENDAR\n{lines}BEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n");
        scanned(&text).calendars.remove(0).color
    };
    assert_eq!(color("COLOR:Turquoise\n").as_deref(), Some("#40e0d0"));
    assert_eq!(color("COLOR:no colour\n").as_deref(), Some("no colour"));
    for lines in ["COLOR:red\nX-APPLE-CALENDAR-COLOR:#FF2968FF\n", "X-APPLE-CALENDAR-COLOR:#FF2968FF\nCOLOR:red\n"] {
        assert_eq!(color(lines).as_deref(), Some("#FF2968FF"));
    }
    assert_eq!(color(""), None);
}
