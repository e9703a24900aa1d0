//! The parser for the sentences of a scheduling text.

/// A parsed sentence: a user, an action and its options.
pub struct Sentence<'a> {
    pub who: &'a str,
    pub deed: Deed<'a>,
    pub options: Options<'a>,
}

pub enum Deed<'a> {
    /// `has no calendar`: the user has no calendar that accepts invitations.
    HasNoCalendar,
    /// `has the address ADDRESS`: the user has this address in addition to the default ones.
    HasAddress(&'a str),
    /// `has the members NAME, NAME`: the name is a group with these members and the address
    /// `mailto:NAME@example.org`.
    HasMembers(Vec<&'a str>),
    /// `answers invitations: MODE`: the user answers automatically. MODE is a value of
    /// `AutomaticAnswer` as events store it.
    AnswersInvitations(&'a str),
    /// `is busy START/END`: the user is busy in this period, in UTC.
    IsBusy(&'a str),
    /// `puts`: the user stores an object. The body of the sentence contains its components.
    Puts,
    /// `edits`: the user stores a changed copy. The body of the sentence contains the changes.
    Edits,
    /// `stores the copy again`: the user stores the copy without any change.
    StoresAgain,
    /// `answers PARTSTAT`: the user stores the copy with this PARTSTAT in every component.
    Answers(&'a str),
    Deletes,
    /// `looks at bookings again after DAYS days`: the room or user that answers automatically
    /// checks its accepted bookings again.
    LooksAgain(i64),
    /// `moves the copy to COLLECTION`: the user moves the copy to another collection.
    Moves(&'a str),
    /// `deletes the copy and stores it in COLLECTION`: the user deletes the copy and stores it in
    /// another collection before a message is delivered.
    Recreates(&'a str),
    /// `receives METHOD from ADDRESS`: the user receives a scheduling message of another server.
    /// The body of the sentence contains its components.
    Receives {
        method: &'a str,
        sender: &'a str,
    },
}

/// The options after the deed, separated by commas. Tags are numbers: 1 is the first tag that the
/// copy had.
#[derive(Default)]
pub struct Options<'a> {
    pub if_match: Option<usize>,
    pub if_schedule_tag_match: Option<usize>,
    pub if_none_match: bool,
    /// True if the request has `Schedule-Reply: F` (RFC 6638 §8.1).
    pub no_reply: bool,
    /// `from etag N`: the edit or answer starts from an older version of the copy.
    pub from_etag: Option<usize>,
    /// `named NAME`: the last segment of the resource's path.
    pub name: Option<&'a str>,
    /// `at once`: the step happens in the same second as the step before.
    pub at_once: bool,
}

impl<'a> Sentence<'a> {
    /// Parses a sentence without its first word, which is `given` or `when`.
    pub fn read(text: &'a str) -> Self {
        let (who, rest) = text.split_once(' ').unwrap_or_else(|| panic!("{text:?} does not say what is done"));
        let mut parts = rest.split(", ");
        let deed = parts.next().unwrap_or_default();
        if let Some(first) = deed.strip_prefix("has the members ") {
            let members = std::iter::once(first).chain(parts).collect();
            return Self { who, deed: Deed::HasMembers(members), options: Options::default() };
        }
        Self { who, deed: Deed::read(deed), options: Options::read(parts) }
    }
}

impl<'a> Deed<'a> {
    fn read(text: &'a str) -> Self {
        let words: Vec<_> = text.split(' ').collect();
        match words[..] {
            ["has", "no", "calendar"] => Self::HasNoCalendar,
            ["has", "the", "address", address] => Self::HasAddress(address),
            ["answers", "invitations:", mode] => Self::AnswersInvitations(mode),
            ["is", "busy", period] => Self::IsBusy(period),
            ["puts"] => Self::Puts,
            ["edits"] => Self::Edits,
            ["stores", "the", "copy", "again"] => Self::StoresAgain,
            ["answers", partstat] => Self::Answers(partstat),
            ["deletes"] => Self::Deletes,
            ["looks", "at", "bookings", "again", "after", days, "days"] => {
                Self::LooksAgain(days.parse().expect("a number of days"))
            }
            ["moves", "the", "copy", "to", collection] => Self::Moves(collection),
            ["deletes", "the", "copy", "and", "stores", "it", "in", collection] => Self::Recreates(collection),
            ["receives", method, "from", sender] => Self::Receives { method, sender },
            _ => panic!("no sentence of scheduling texts: {text:?}"),
        }
    }
}

impl<'a> Options<'a> {
    fn read(parts: impl Iterator<Item = &'a str>) -> Self {
        let mut options = Self::default();
        for part in parts {
            let words: Vec<_> = part.split(' ').collect();
            match words[..] {
                ["if-match", tag] => options.if_match = Some(number(tag)),
                ["if-schedule-tag-match", tag] => options.if_schedule_tag_match = Some(number(tag)),
                ["if-none-match", "*"] => options.if_none_match = true,
                ["schedule-reply", "F"] => options.no_reply = true,
                ["from", "etag", tag] => options.from_etag = Some(number(tag)),
                ["named", name] => options.name = Some(name),
                ["at", "once"] => options.at_once = true,
                _ => panic!("no option of scheduling texts: {part:?}"),
            }
        }
        options
    }
}

fn number(tag: &str) -> usize {
    tag.parse().unwrap_or_else(|_| panic!("a tag is a number, not {tag:?}"))
}
