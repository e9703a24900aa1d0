//! The table of components: the properties of each component, how often each may occur, and its
//! type (RFC 5545 §3.6, RFC 7953 §3.1).
//!
//! **Invariant:** a property that is not in the table may occur any number of times with any type
//! of value. Other rules are in `component` (sizes), `value`, `timing`, `object`, `scale` and
//! `zones`.

use Cardinality::{Any, AtMostOnce, Once};
use Type::{
    Duration, Free, Geo, Integer, Moment, Moments, MomentsOrPeriods, NotEmpty, Offset, OneOf, Periods, Rule, Trigger,
};

/// A row of the table for a component.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The names of the components that may contain this one.
    pub(crate) parents: &'static [&'static str],
    pub(crate) rows: &'static [Row],
}

/// A row of the table for a property of a component.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) cardinality: Cardinality,
    pub(crate) of: Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cardinality {
    Any,
    AtMostOnce,
    Once,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Type {
    Free,
    NotEmpty,
    /// A value type: one DATE or DATE-TIME.
    Moment,
    Moments,
    MomentsOrPeriods,
    Periods,
    Duration,
    /// A value type: a DURATION or a DATE-TIME (RFC 5545 §3.8.6.3).
    Trigger,
    /// A value type: an INTEGER between these bounds, both included.
    Integer(i32, i32),
    Offset,
    Rule,
    Geo,
    /// A value type: one of these words, ignoring case.
    OneOf(&'static [&'static str]),
}

/// Returns the row for the component with that name, ignoring case. Returns `None` if the component
/// is unknown.
pub(crate) fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name.eq_ignore_ascii_case(name))
}

const fn row(name: &'static str, cardinality: Cardinality, of: Type) -> Row {
    Row { name, cardinality, of }
}

const CALENDAR: &[&str] = &["VCALENDAR"];
const OBSERVANCE: &[Row] = &[
    row("DTSTART", Once, Moment),
    row("TZOFFSETTO", Once, Offset),
    row("TZOFFSETFROM", Once, Offset),
    row("RRULE", Any, Rule),
    row("RDATE", Any, MomentsOrPeriods),
];

static SHAPES: [Shape; 11] = [
    Shape {
        name: "VCALENDAR",
        parents: &[],
        rows: &[
            row("VERSION", Once, OneOf(&["2.0"])),
            // RFC 5545 §3.6 requires PRODID. Nothing depends on it, so a missing one is tolerated.
            row("PRODID", AtMostOnce, Free),
            row("CALSCALE", AtMostOnce, OneOf(&["GREGORIAN"])),
            row("METHOD", AtMostOnce, NotEmpty),
        ],
    },
    Shape {
        name: "VEVENT",
        parents: CALENDAR,
        rows: &[
            row("UID", Once, NotEmpty),
            row("DTSTAMP", Once, Moment),
            row("DTSTART", AtMostOnce, Moment),
            row("DTEND", AtMostOnce, Moment),
            row("DURATION", AtMostOnce, Duration),
            row("RECURRENCE-ID", AtMostOnce, Moment),
            row("RRULE", Any, Rule),
            row("RDATE", Any, MomentsOrPeriods),
            row("EXDATE", Any, Moments),
            row("EXRULE", Any, Rule),
            row("SEQUENCE", AtMostOnce, Integer(0, i32::MAX)),
            row("STATUS", AtMostOnce, OneOf(&["TENTATIVE", "CONFIRMED", "CANCELLED"])),
            row("TRANSP", AtMostOnce, OneOf(&["OPAQUE", "TRANSPARENT"])),
            // Exchange writes empty addresses, which are treated as absent. The values of ORGANIZER
            // are therefore not checked.
            row("ORGANIZER", AtMostOnce, Free),
            row("SUMMARY", AtMostOnce, Free),
            row("DESCRIPTION", AtMostOnce, Free),
            row("LOCATION", AtMostOnce, Free),
            row("CLASS", AtMostOnce, Free),
            row("URL", AtMostOnce, Free),
            row("CREATED", AtMostOnce, Moment),
            row("LAST-MODIFIED", AtMostOnce, Moment),
            row("PRIORITY", AtMostOnce, Integer(0, 9)),
            row("GEO", AtMostOnce, Geo),
        ],
    },
    Shape {
        name: "VTODO",
        parents: CALENDAR,
        rows: &[
            row("UID", Once, NotEmpty),
            row("DTSTAMP", Once, Moment),
            row("DTSTART", AtMostOnce, Moment),
            row("DUE", AtMostOnce, Moment),
            row("DURATION", AtMostOnce, Duration),
            row("COMPLETED", AtMostOnce, Moment),
            row("RECURRENCE-ID", AtMostOnce, Moment),
            row("RRULE", Any, Rule),
            row("RDATE", Any, MomentsOrPeriods),
            row("EXDATE", Any, Moments),
            row("EXRULE", Any, Rule),
            row("SEQUENCE", AtMostOnce, Integer(0, i32::MAX)),
            row("STATUS", AtMostOnce, OneOf(&["NEEDS-ACTION", "COMPLETED", "IN-PROCESS", "CANCELLED"])),
            row("PERCENT-COMPLETE", AtMostOnce, Integer(0, 100)),
            row("ORGANIZER", AtMostOnce, Free),
            row("SUMMARY", AtMostOnce, Free),
            row("DESCRIPTION", AtMostOnce, Free),
            row("LOCATION", AtMostOnce, Free),
            row("CLASS", AtMostOnce, Free),
            row("URL", AtMostOnce, Free),
            row("CREATED", AtMostOnce, Moment),
            row("LAST-MODIFIED", AtMostOnce, Moment),
            row("PRIORITY", AtMostOnce, Integer(0, 9)),
            row("GEO", AtMostOnce, Geo),
        ],
    },
    Shape {
        name: "VJOURNAL",
        parents: CALENDAR,
        rows: &[
            row("UID", Once, NotEmpty),
            row("DTSTAMP", Once, Moment),
            row("DTSTART", AtMostOnce, Moment),
            row("RECURRENCE-ID", AtMostOnce, Moment),
            row("RRULE", Any, Rule),
            row("RDATE", Any, MomentsOrPeriods),
            row("EXDATE", Any, Moments),
            row("SEQUENCE", AtMostOnce, Integer(0, i32::MAX)),
            row("STATUS", AtMostOnce, OneOf(&["DRAFT", "FINAL", "CANCELLED"])),
            row("ORGANIZER", AtMostOnce, Free),
            row("SUMMARY", AtMostOnce, Free),
            row("CLASS", AtMostOnce, Free),
            row("URL", AtMostOnce, Free),
            row("CREATED", AtMostOnce, Moment),
            row("LAST-MODIFIED", AtMostOnce, Moment),
        ],
    },
    Shape {
        name: "VFREEBUSY",
        parents: CALENDAR,
        rows: &[
            row("UID", Once, NotEmpty),
            row("DTSTAMP", Once, Moment),
            row("DTSTART", AtMostOnce, Moment),
            row("DTEND", AtMostOnce, Moment),
            row("DURATION", AtMostOnce, Duration),
            row("ORGANIZER", AtMostOnce, Free),
            row("CONTACT", AtMostOnce, Free),
            row("URL", AtMostOnce, Free),
            row("FREEBUSY", Any, Periods),
        ],
    },
    Shape {
        name: "VAVAILABILITY",
        parents: CALENDAR,
        rows: &[
            row("UID", Once, NotEmpty),
            row("DTSTAMP", Once, Moment),
            row("DTSTART", AtMostOnce, Moment),
            row("DTEND", AtMostOnce, Moment),
            row("DURATION", AtMostOnce, Duration),
            row("BUSYTYPE", AtMostOnce, NotEmpty),
            row("SEQUENCE", AtMostOnce, Integer(0, i32::MAX)),
            row("PRIORITY", AtMostOnce, Integer(0, 9)),
            row("ORGANIZER", AtMostOnce, Free),
            row("SUMMARY", AtMostOnce, Free),
            row("CREATED", AtMostOnce, Moment),
            row("LAST-MODIFIED", AtMostOnce, Moment),
        ],
    },
    Shape {
        name: "AVAILABLE",
        parents: &["VAVAILABILITY"],
        rows: &[
            row("UID", Once, NotEmpty),
            row("DTSTAMP", Once, Moment),
            row("DTSTART", Once, Moment),
            row("DTEND", AtMostOnce, Moment),
            row("DURATION", AtMostOnce, Duration),
            row("RECURRENCE-ID", AtMostOnce, Moment),
            row("RRULE", Any, Rule),
            row("RDATE", Any, MomentsOrPeriods),
            row("EXDATE", Any, Moments),
        ],
    },
    Shape {
        name: "VALARM",
        parents: &["VEVENT", "VTODO"],
        rows: &[
            // Some values of ACTION require DESCRIPTION, SUMMARY or ATTENDEE, which clients omit.
            // This is tolerated, because the server does not perform alarms.
            row("ACTION", Once, NotEmpty),
            row("TRIGGER", Once, Trigger),
            row("DURATION", AtMostOnce, Duration),
            row("REPEAT", AtMostOnce, Integer(0, i32::MAX)),
            row("ACKNOWLEDGED", AtMostOnce, Moment),
        ],
    },
    Shape { name: "VTIMEZONE", parents: CALENDAR, rows: &[row("TZID", Once, NotEmpty)] },
    Shape { name: "STANDARD", parents: &["VTIMEZONE"], rows: OBSERVANCE },
    Shape { name: "DAYLIGHT", parents: &["VTIMEZONE"], rows: OBSERVANCE },
];
