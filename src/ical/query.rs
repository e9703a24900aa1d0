//! Calendar queries as plain data (RFC 4791 §9.6, §9.7).
//!
//! **Invariant:** names are in upper case. A range that needs both ends has both.

use crate::{TimeRange, time::Window};

/// The filter of a query (RFC 4791 §9.7). It applies to the `VCALENDAR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The condition on the `VCALENDAR`.
    pub component: CompFilter,
}

/// A condition on a component (RFC 4791 §9.7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompFilter {
    /// The component name.
    pub name: String,
    /// True if the component must not exist. Then the other conditions are empty.
    pub is_not_defined: bool,
    /// A time range that the component must overlap (RFC 4791 §9.9).
    pub time_range: Option<TimeRange>,
    /// Conditions on its properties; all must hold.
    pub prop_filters: Vec<PropFilter>,
    /// Conditions on its nested components; all must hold.
    pub comp_filters: Vec<Self>,
}

/// A condition on a property (RFC 4791 §9.7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropFilter {
    /// The property name.
    pub name: String,
    /// True if the property must not exist. Then the other conditions are empty.
    pub is_not_defined: bool,
    /// A time range that the value must overlap.
    pub time_range: Option<TimeRange>,
    /// A text that the value must match.
    pub text_match: Option<TextMatch>,
    /// Conditions on its parameters; all must hold.
    pub param_filters: Vec<ParamFilter>,
}

/// A condition on a parameter (RFC 4791 §9.7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamFilter {
    /// The parameter name.
    pub name: String,
    /// True if the parameter must not exist.
    pub is_not_defined: bool,
    /// A text that the value must match.
    pub text_match: Option<TextMatch>,
}

/// A text to match (RFC 4791 §9.7.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    /// The text to find.
    pub text: String,
    /// Where it must occur.
    pub match_type: MatchType,
    /// How characters compare.
    pub collation: Collation,
    /// True if the text must not match.
    pub negate: bool,
}

/// Where the text must occur. RFC 4791 and RFC 3744 know only substrings; clients also send the
/// match types of RFC 6352 §10.5.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatchType {
    /// Anywhere.
    #[default]
    Contains,
    /// At the start.
    StartsWith,
    /// At the end.
    EndsWith,
    /// The whole text.
    Equals,
}

impl MatchType {
    /// All match types.
    pub const ALL: [Self; 4] = [Self::Contains, Self::StartsWith, Self::EndsWith, Self::Equals];

    /// Returns the value of the attribute `match-type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts-with",
            Self::EndsWith => "ends-with",
            Self::Equals => "equals",
        }
    }

    /// True if `wanted` occurs in `text` as this type requires. Both are collation keys.
    pub fn holds(self, text: &str, wanted: &str) -> bool {
        match self {
            Self::Contains => text.contains(wanted),
            Self::StartsWith => text.starts_with(wanted),
            Self::EndsWith => text.ends_with(wanted),
            Self::Equals => text == wanted,
        }
    }
}

/// A collation (RFC 4790 §9, RFC 5051).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap`: ASCII letters without case.
    AsciiCasemap,
    /// `i;octet`: exact.
    Octet,
    /// `i;unicode-casemap`: Unicode without case (RFC 5051).
    UnicodeCasemap,
}

impl Collation {
    /// All supported collations.
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];

    /// Returns its identifier in the collation registry.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }
}

/// The parts of an object that a client asks for (RFC 4791 §9.6). The default is the whole object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarData {
    /// The components and properties; `None` for all of them.
    pub selection: Option<Selection>,
    /// How a series is returned; `None`: as it is stored.
    pub recurrence: Option<Recurrence>,
    /// The window to which FREEBUSY periods are reduced (RFC 4791 §9.6.7).
    pub limit_freebusy_set: Option<Window>,
}

/// A component and the parts of it to return (RFC 4791 §9.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The component name.
    pub component: String,
    /// The properties to return.
    pub properties: Properties,
    /// The nested components to return.
    pub components: Components,
}

impl Selection {
    /// True if nothing inside the component is selected, which means all of it: the request of
    /// RFC 4791 §7.8.1 asks so for every VTIMEZONE.
    pub fn is_whole(&self) -> bool {
        let no_properties = matches!(&self.properties, Properties::These(these) if these.is_empty());
        let no_components = matches!(&self.components, Components::These(these) if these.is_empty());
        no_properties && no_components
    }
}

/// Selected properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Properties {
    /// All of them.
    All,
    /// Those with these names.
    These(Vec<SelectedProperty>),
}

/// Selected nested components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Components {
    /// All of them.
    All,
    /// Those with these names.
    These(Vec<Selection>),
}

/// A property to return (RFC 4791 §9.6.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedProperty {
    /// The property name.
    pub name: String,
    /// Returns name and parameters without the value.
    pub no_value: bool,
}

/// How a series is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// Expand the series into single instances (RFC 4791 §9.6.5).
    Expand(Window),
    /// Return only overrides that matter in the window (RFC 4791 §9.6.6).
    Limit(Window),
}
