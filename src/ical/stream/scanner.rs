//! A scanner that finds the components of a file, line by line.

use std::collections::HashMap;

use super::{Calendar, Contents, Entry, Fault, Piece};
use crate::{hexadecimal_color, unescape_text};

/// Maximum number of octets of a logical line that the scanner needs. Callers may cut longer
/// physical lines to this length.
pub const KEPT_OCTETS: usize = 4 * 1024;
/// Maximum number of objects that are read from one file. A component of a further object is
/// reported as a fault.
pub const MAX_STREAM_OBJECTS: usize = 1_000_000;
/// Maximum number of components of objects that are read from one file. An object with a further
/// component is left out, and reported as a fault.
pub const MAX_STREAM_COMPONENTS: usize = 2_000_000;
/// Maximum number of `VTIMEZONE`s that are read from one file. A further one is reported as a
/// fault.
pub const MAX_STREAM_ZONES: usize = 200_000;
/// Maximum number of the lines `VERSION`, `PRODID` and `CALSCALE` of one `VCALENDAR`, which may
/// have each of them once (RFC 5545 §3.6).
const MAX_HEAD_LINES: usize = 16;
/// Maximum number of faults that are reported one by one.
const MAX_FAULTS: usize = 1_000;
/// Maximum number of `VCALENDAR`s in one file.
const MAX_CALENDARS: usize = 100_000;

/// A scanner, which reads a file line by line.
#[derive(Debug, Default)]
pub struct Scanner {
    contents: Contents,
    by_uid: HashMap<String, usize>,
    /// The logical line that the next physical line may continue; `None` before the first line.
    pending: Option<Logical>,
    /// The number of lines read.
    line: u64,
    /// The index of the open `VCALENDAR`; `None` outside of one.
    calendar: Option<usize>,
    /// The line of the last `BEGIN:VCALENDAR`.
    calendar_line: u64,
    open: Option<Open>,
    end: u64,
    room: Room,
}

/// The numbers of parts that may still be read from the file.
#[derive(Debug)]
struct Room {
    components: usize,
    zones: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { components: MAX_STREAM_COMPONENTS, zones: MAX_STREAM_ZONES }
    }
}

/// Takes one of the parts that may still be read. Returns false if there is none left.
fn take(room: &mut usize) -> bool {
    let left = room.checked_sub(1);
    *room = left.unwrap_or_default();
    left.is_some()
}

/// A logical line that is being read.
#[derive(Debug)]
struct Logical {
    kept: Vec<u8>,
    offset: u64,
    end: u64,
    line: u64,
}

/// An open component, directly in a `VCALENDAR`, whose END has not been read yet.
#[derive(Debug)]
struct Open {
    name: String,
    offset: u64,
    line: u64,
    /// The number of components that are open inside this one.
    nested: usize,
    uid: Option<String>,
    tzid: Option<String>,
}

impl Scanner {
    /// Reads a physical line. `start` is its first octets without the line end: all of them, or at
    /// least [`KEPT_OCTETS`]. `length` is the length of the whole line in the file, with the line
    /// end.
    pub fn line(&mut self, start: &[u8], length: u64) {
        self.line += 1;
        let offset = self.end;
        self.end += length;
        match &mut self.pending {
            Some(pending) if start.first().is_some_and(|first| matches!(first, b' ' | b'\t')) => {
                let room = KEPT_OCTETS.saturating_sub(pending.kept.len());
                pending.kept.extend(&start[1..start.len().min(room.saturating_add(1))]);
                pending.end = self.end;
            }
            _ => {
                self.finish_line();
                let kept = start[..start.len().min(KEPT_OCTETS)].to_vec();
                self.pending = Some(Logical { kept, offset, end: self.end, line: self.line });
            }
        }
    }

    /// Ends the file, and returns its contents.
    pub fn finish(mut self) -> Contents {
        self.finish_line();
        if let Some(open) = self.open.take() {
            self.fault(open.line, format!("the file ends inside {}: the file may be incomplete", open.name));
        } else if self.calendar.is_some() {
            let why = "the file ends inside VCALENDAR: the file may be incomplete";
            self.fault(self.calendar_line, why.to_owned());
        } else if self.contents.calendars.is_empty() && self.contents.faults.is_empty() {
            self.fault(1, "the file has no VCALENDAR".to_owned());
        }
        // An object that lacks one of its components is left out as a whole.
        self.contents.entries.retain(|entry| !entry.pieces.is_empty());
        self.contents
    }

    fn finish_line(&mut self) {
        let Some(logical) = self.pending.take() else { return };
        let text = String::from_utf8_lossy(&logical.kept);
        let text = text.trim_end_matches('\r');
        // A byte order mark may begin the file, or a file that was appended to another.
        let text = if self.open.is_none() { text.trim_start_matches('\u{feff}') } else { text };
        let name_end = text.find([':', ';']).unwrap_or(text.len());
        let name = text[..name_end].to_ascii_uppercase();
        let value = text.split_once(':').map_or("", |(_, value)| value);
        match name.as_str() {
            "BEGIN" => self.begin(value.trim().to_ascii_uppercase(), &logical),
            "END" => self.end(&value.trim().to_ascii_uppercase(), &logical),
            _ if self.open.is_some() => self.property(&name, value, logical.kept.len() < KEPT_OCTETS),
            "METHOD" if self.calendar.is_some() => self.method(value, logical.line),
            _ if self.calendar.is_some() => self.of_calendar(&name, text, value, logical.line),
            _ if text.trim().is_empty() => {}
            _ => self.fault(logical.line, "the line lies outside of a VCALENDAR".to_owned()),
        }
    }

    fn begin(&mut self, name: String, logical: &Logical) {
        if name == "VCALENDAR" {
            self.lose_calendar();
            self.calendar_line = logical.line;
            if self.contents.calendars.len() >= MAX_CALENDARS {
                self.calendar = None;
                return self.fault(logical.line, format!("the file has more than {MAX_CALENDARS} calendars; split it"));
            }
            self.contents.calendars.push(Calendar::default());
            self.calendar = Some(self.contents.calendars.len() - 1);
            return;
        }
        if self.calendar.is_none() {
            return self.fault(logical.line, format!("{name} lies outside of a VCALENDAR"));
        }
        // These components are only valid directly in a VCALENDAR. If another component is still
        // open, its END is missing.
        if matches!(name.as_str(), "VEVENT" | "VTODO" | "VJOURNAL" | "VTIMEZONE") {
            self.lose_open();
        }
        if let Some(open) = &mut self.open {
            open.nested += 1;
            return;
        }
        let (offset, line) = (logical.offset, logical.line);
        self.open = Some(Open { name, offset, line, nested: 0, uid: None, tzid: None });
    }

    fn end(&mut self, name: &str, logical: &Logical) {
        if name == "VCALENDAR" {
            self.lose_open();
            self.calendar = None;
            return;
        }
        match self.open.take() {
            None => self.fault(logical.line, format!("END:{name} has no BEGIN")),
            Some(open) if open.nested > 0 => self.open = Some(Open { nested: open.nested - 1, ..open }),
            Some(open) => self.close(open, logical.end),
        }
    }

    fn lose_open(&mut self) {
        if let Some(open) = self.open.take() {
            self.fault(open.line, format!("{} has no END", open.name));
        }
    }

    fn lose_calendar(&mut self) {
        let is_whole = self.open.is_none();
        self.lose_open();
        if self.calendar.is_some() && is_whole {
            self.fault(self.calendar_line, "VCALENDAR has no END: the file may be incomplete".to_owned());
        }
    }

    fn close(&mut self, open: Open, end: u64) {
        let Some(calendar) = self.calendar else { return };
        let piece = Piece { offset: open.offset, length: end - open.offset, line: open.line };
        if open.name == "VTIMEZONE" {
            if !take(&mut self.room.zones) {
                return self.fault(open.line, format!("the file has more than {MAX_STREAM_ZONES} time zones"));
            }
            let tzid = open.tzid.unwrap_or_default();
            self.contents.calendars[calendar].zones.push((tzid, piece));
            return;
        }
        if self.contents.calendars[calendar].is_message {
            return;
        }
        let Some(uid) = open.uid else {
            return self
                .fault(open.line, format!("{} has no UID, or a UID line of {KEPT_OCTETS} octets or more", open.name));
        };
        if let Some(index) = self.by_uid.get(&uid) {
            let pieces = &mut self.contents.entries[*index].pieces;
            if !pieces.is_empty() && take(&mut self.room.components) {
                pieces.push(piece);
            } else {
                *pieces = vec![];
                self.fault(open.line, too_many_components());
            }
        } else if self.contents.entries.len() >= MAX_STREAM_OBJECTS {
            self.fault(open.line, format!("the file has more than {MAX_STREAM_OBJECTS} objects; split it"));
        } else if !take(&mut self.room.components) {
            self.fault(open.line, too_many_components());
        } else {
            self.by_uid.insert(uid.clone(), self.contents.entries.len());
            self.contents.entries.push(Entry { uid, calendar, pieces: vec![piece] });
        }
    }

    /// Stores the value of a property in the open component, if the property is its UID or TZID.
    /// `is_whole` is false if the line was cut at [`KEPT_OCTETS`]; its value is then ignored.
    fn property(&mut self, name: &str, value: &str, is_whole: bool) {
        let Some(open) = self.open.as_mut().filter(|open| open.nested == 0) else { return };
        let value = || Some(unescape_text(value.trim()).into_owned()).filter(|value| is_whole && !value.is_empty());
        match name {
            "UID" if open.uid.is_none() => open.uid = value(),
            "TZID" if open.tzid.is_none() => open.tzid = value().map(|tzid| tzid.trim_matches('"').to_owned()),
            _ => {}
        }
    }

    /// Excludes a calendar that is a scheduling message, such as a CANCEL (RFC 5546 §1.4). If it
    /// were stored, a meeting would take place that the message cancels. PUBLISH and REQUEST
    /// contain whole objects.
    fn method(&mut self, value: &str, line: u64) {
        let method = value.trim().to_ascii_uppercase();
        if matches!(method.as_str(), "PUBLISH" | "REQUEST" | "") {
            return;
        }
        if let Some(calendar) = self.calendar.and_then(|index| self.contents.calendars.get_mut(index)) {
            calendar.is_message = true;
        }
        let why = format!("METHOD:{method} makes this calendar a scheduling message, which cannot be imported");
        self.fault(line, why);
    }

    fn of_calendar(&mut self, name: &str, text: &str, value: &str, line: u64) {
        let Some(calendar) = self.calendar.and_then(|index| self.contents.calendars.get_mut(index)) else { return };
        let decoded = || Some(unescape_text(value.trim()).into_owned()).filter(|value| !value.is_empty());
        match name {
            "VERSION" | "PRODID" | "CALSCALE" if calendar.head.len() >= MAX_HEAD_LINES => {
                let why = format!("VCALENDAR has more than {MAX_HEAD_LINES} lines VERSION, PRODID and CALSCALE");
                self.fault(line, why);
            }
            "VERSION" | "PRODID" | "CALSCALE" => calendar.head.push(text.to_owned()),
            "NAME" => calendar.name = decoded().or(calendar.name.take()),
            "X-WR-CALNAME" => calendar.name = calendar.name.take().or(decoded()),
            "X-WR-TIMEZONE" => calendar.time_zone = calendar.time_zone.take().or(decoded()),
            "X-APPLE-CALENDAR-COLOR" => calendar.color = decoded().or(calendar.color.take()),
            "COLOR" => {
                // Programs that show the colour of a calendar read no names of CSS, so a name is
                // converted.
                let readable = |color: String| hexadecimal_color(&color).unwrap_or(color);
                calendar.color = calendar.color.take().or_else(|| decoded().map(readable));
            }
            // Other properties, such as REFRESH-INTERVAL, are not read.
            _ => {}
        }
    }

    fn fault(&mut self, line: u64, why: String) {
        match self.contents.faults.len() {
            count if count < MAX_FAULTS => self.contents.faults.push(Fault { line, why }),
            MAX_FAULTS => {
                let why = format!("the file has more than {MAX_FAULTS} errors; the rest is not reported");
                self.contents.faults.push(Fault { line, why });
            }
            _ => {}
        }
    }
}

fn too_many_components() -> String {
    format!("the file has more than {MAX_STREAM_COMPONENTS} components; the object with this one is left out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &str, room: Room) -> Contents {
        let mut scanner = Scanner { room, ..Scanner::default() };
        text.lines().for_each(|line| scanner.line(line.as_bytes(), line.len() as u64 + 1));
        scanner.finish()
    }

    fn uids(contents: &Contents) -> Vec<(&str, usize)> {
        contents.entries.iter().map(|entry| (entry.uid.as_str(), entry.pieces.len())).collect()
    }

    #[test]
    fn an_object_with_a_component_beyond_the_limit_is_left_out_as_a_whole() {
        let event = |uid: &str| format!("BEGIN:VEVENT\nUID:{uid}\nEND:VEVENT\n");
        let text = ["a", "b", "a", "b", "b", "c"].map(event).concat();
        let text = format!("BEGIN:VCALENDAR\n{text}END:VCALENDAR\n");
        let with_room = |components| scanned(&text, Room { components, ..Room::default() });
        let contents = with_room(6);
        assert_eq!(uids(&contents), [("a", 2), ("b", 3), ("c", 1)]);
        assert_eq!(contents.faults, []);
        let contents = with_room(5);
        assert_eq!(uids(&contents), [("a", 2), ("b", 3)]);
        assert_eq!(contents.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [17]);
        let contents = with_room(3);
        assert_eq!(uids(&contents), [("a", 2)]);
        assert_eq!(contents.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [11, 14, 17]);
        assert!(contents.faults[0].why.contains("more than 2000000 components"), "{}", contents.faults[0].why);
    }

    #[test]
    fn time_zones_and_head_lines_beyond_their_limits_are_reported() {
        let zone = "BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE\n";
        let heads = |count| format!("BEGIN:VCALENDAR\n{}{zone}{zone}END:VCALENDAR\n", "VERSION:2.0\n".repeat(count));
        for (zones, count, faults) in [(2, MAX_HEAD_LINES, 0), (1, MAX_HEAD_LINES, 1), (2, MAX_HEAD_LINES + 1, 1)] {
            let contents = scanned(&heads(count), Room { zones, ..Room::default() });
            assert_eq!(contents.faults.len(), faults, "{:?}", contents.faults);
            let calendar = &contents.calendars[0];
            assert_eq!((calendar.zones.len(), calendar.head.len()), (zones, MAX_HEAD_LINES));
        }
    }
}
