//! What a calendar query asks, as plain data (RFC 4791 §9.6, §9.7).
//!
//! **Invariant:** names are in upper case; a range that must have both ends has both.

use crate::{TimeRange, time::Window};

/// Applies to the `VCALENDAR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub component: CompFilter,
}

/// RFC 4791 §9.7.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompFilter {
    pub name: String,
    pub is_not_defined: bool,
    pub time_range: Option<TimeRange>,
    pub prop_filters: Vec<PropFilter>,
    pub comp_filters: Vec<Self>,
}

/// RFC 4791 §9.7.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropFilter {
    pub name: String,
    pub is_not_defined: bool,
    pub time_range: Option<TimeRange>,
    pub text_match: Option<TextMatch>,
    pub param_filters: Vec<ParamFilter>,
}

/// RFC 4791 §9.7.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamFilter {
    pub name: String,
    pub is_not_defined: bool,
    pub text_match: Option<TextMatch>,
}

/// RFC 4791 §9.7.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    pub text: String,
    pub match_type: MatchType,
    pub collation: Collation,
    pub negate: bool,
}

/// Where in a text another one must be. RFC 4791 and RFC 3744 have only substrings; clients send what RFC 6352 §10.5.4 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatchType {
    #[default]
    Contains,
    StartsWith,
    EndsWith,
    Equals,
}

impl MatchType {
    pub const ALL: [Self; 4] = [Self::Contains, Self::StartsWith, Self::EndsWith, Self::Equals];

    /// As the attribute `match-type` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts-with",
            Self::EndsWith => "ends-with",
            Self::Equals => "equals",
        }
    }

    pub fn holds(self, text: &str, wanted: &str) -> bool {
        match self {
            Self::Contains => text.contains(wanted),
            Self::StartsWith => text.starts_with(wanted),
            Self::EndsWith => text.ends_with(wanted),
            Self::Equals => text == wanted,
        }
    }
}

/// RFC 4790 §9, RFC 5051.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    AsciiCasemap,
    Octet,
    UnicodeCasemap,
}

impl Collation {
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];

    /// Its identifier in the registry of collations.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }
}

/// Which parts of an object are wanted (RFC 4791 §9.6). The default is all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarData {
    /// `None`: everything.
    pub selection: Option<Selection>,
    pub recurrence: Option<Recurrence>,
    pub limit_freebusy_set: Option<Window>,
}

/// RFC 4791 §9.6.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub component: String,
    pub properties: Properties,
    pub components: Components,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Properties {
    All,
    These(Vec<SelectedProperty>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Components {
    All,
    These(Vec<Selection>),
}

/// RFC 4791 §9.6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedProperty {
    pub name: String,
    /// Name and parameters without the value.
    pub no_value: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// RFC 4791 §9.6.5.
    Expand(Window),
    /// RFC 4791 §9.6.6.
    Limit(Window),
}
