//! The kinds of repair and their names.
//!
//! **Invariant:** the name of a kind never changes, because callers store it.

use std::fmt;

/// A kind of repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RepairKind {
    /// A fold inside a UTF-8 character was moved behind the character.
    FoldInsideCharacter,
    /// Control characters were removed; vertical tabs and form feeds became escaped newlines.
    ControlCharacter,
    /// Quotation marks inside a parameter value were encoded.
    MisplacedQuote,
    /// Blank lines with spaces after `END:VCALENDAR` were removed.
    BlankLinesAtEnd,
    /// A parameter with a colon was put in quotation marks.
    UnquotedColon,
    /// Quotation marks or angle brackets around an address were removed.
    AddressFormat,
    /// METHOD was removed from an object that is stored.
    Method,
    /// A missing VERSION was added.
    MissingVersion,
    /// A missing DTSTAMP was added.
    MissingDtstamp,
    /// An optional property or a DTSTAMP, without a value or with a time of zeros, was removed.
    EmptyProperty,
    /// An empty TZID parameter was removed.
    EmptyTimeZone,
    /// An empty part was removed from a recurrence rule.
    EmptyRulePart,
    /// A date or time in another format, such as the extended one of ISO 8601, was written as RFC
    /// 5545 requires.
    DateTimeFormat,
    /// A whole number with decimals was written as an integer; a negative SEQUENCE or REPEAT became
    /// 0.
    IntegerFormat,
    /// A UTC offset was written with a sign and four or six digits.
    UtcOffsetFormat,
    /// GEO was written with a semicolon.
    GeoFormat,
    /// A misspelled word was replaced: `CANCELED` by `CANCELLED`, and in TRANSP `FREE` by
    /// `TRANSPARENT` and `BUSY` by `OPAQUE`.
    Spelling,
    /// A property that may occur once occurred several times; one of them was kept.
    RepeatedProperty,
    /// DURATION was removed, because DTEND or DUE states the same end.
    RepeatedEnd,
    /// Recurrence properties of an override that repeat the master's were removed.
    RepeatedRecurrence,
    /// An override that repeats another one octet by octet was removed.
    RepeatedOverride,
    /// DTSTART of a task was later than its DUE, and was set to the time of DUE.
    StartAfterDue,
    /// DTSTART or DUE of a task was changed from a date to a time, because the other of the two is
    /// a time.
    MixedDateAndTime,
    /// An end without a time zone got the time zone of the start.
    EndWithoutZone,
    /// A RECURRENCE-ID, RDATE or EXDATE was changed to a date or a time, as the DTSTART of the
    /// series is.
    InstanceType,
    /// The owner of the calendar became the organizer in place of the person who writes for them.
    /// Another crate makes this repair, because it must know the owner and the delegate.
    OrganizerOfDelegate,
    /// A sharee's personal data was stored apart, and the owner's was put back. Module
    /// [`crate::personal`] does this, not the repairs here.
    PersonalDataKeptApart,
}

impl RepairKind {
    /// All kinds of repair.
    pub const ALL: [Self; 27] = [
        Self::FoldInsideCharacter,
        Self::ControlCharacter,
        Self::MisplacedQuote,
        Self::BlankLinesAtEnd,
        Self::UnquotedColon,
        Self::AddressFormat,
        Self::Method,
        Self::MissingVersion,
        Self::MissingDtstamp,
        Self::EmptyProperty,
        Self::EmptyTimeZone,
        Self::EmptyRulePart,
        Self::DateTimeFormat,
        Self::IntegerFormat,
        Self::UtcOffsetFormat,
        Self::GeoFormat,
        Self::Spelling,
        Self::RepeatedProperty,
        Self::RepeatedEnd,
        Self::RepeatedRecurrence,
        Self::RepeatedOverride,
        Self::StartAfterDue,
        Self::MixedDateAndTime,
        Self::EndWithoutZone,
        Self::InstanceType,
        Self::OrganizerOfDelegate,
        Self::PersonalDataKeptApart,
    ];

    /// Returns the name under which the repair is recorded.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FoldInsideCharacter => "fold-inside-character",
            Self::ControlCharacter => "control-character",
            Self::MisplacedQuote => "misplaced-quote",
            Self::BlankLinesAtEnd => "blank-lines-at-end",
            Self::UnquotedColon => "unquoted-colon",
            Self::AddressFormat => "address-format",
            Self::Method => "method",
            Self::MissingVersion => "missing-version",
            Self::MissingDtstamp => "missing-dtstamp",
            Self::EmptyProperty => "empty-property",
            Self::EmptyTimeZone => "empty-time-zone",
            Self::EmptyRulePart => "empty-rule-part",
            Self::DateTimeFormat => "date-time-format",
            Self::IntegerFormat => "integer-format",
            Self::UtcOffsetFormat => "utc-offset-format",
            Self::GeoFormat => "geo-format",
            Self::Spelling => "spelling",
            Self::RepeatedProperty => "repeated-property",
            Self::RepeatedEnd => "repeated-end",
            Self::RepeatedRecurrence => "repeated-recurrence",
            Self::RepeatedOverride => "repeated-override",
            Self::StartAfterDue => "start-after-due",
            Self::MixedDateAndTime => "mixed-date-and-time",
            Self::EndWithoutZone => "end-without-zone",
            Self::InstanceType => "instance-type",
            Self::OrganizerOfDelegate => "organizer-of-delegate",
            Self::PersonalDataKeptApart => "personal-data-kept-apart",
        }
    }
}

impl fmt::Display for RepairKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
