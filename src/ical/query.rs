//! Calendar queries as plain data (RFC 4791 §9.6, §9.7).
//!
//! **Invariant:** names are in upper case. A range for which the RFC requires both bounds has both.

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
    /// True if the component must not exist. All other conditions are then empty.
    pub is_not_defined: bool,
    /// A time range that the component must overlap (RFC 4791 §9.9); `None` if any time is
    /// accepted.
    pub time_range: Option<TimeRange>,
    /// Conditions on the component's properties; all must hold.
    pub prop_filters: Vec<PropFilter>,
    /// Conditions on the nested components; all must hold.
    pub comp_filters: Vec<Self>,
}

/// A condition on a property (RFC 4791 §9.7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropFilter {
    /// The property name.
    pub name: String,
    /// True if the property must not exist. All other conditions are then empty.
    pub is_not_defined: bool,
    /// A time range in which the property's time must lie (RFC 4791 §9.9); `None` if any time is
    /// accepted.
    pub time_range: Option<TimeRange>,
    /// The condition on the text of the property's value; `None` if there is none.
    pub text_match: Option<TextMatch>,
    /// Conditions on the property's parameters; all must hold.
    pub param_filters: Vec<ParamFilter>,
}

/// A condition on a parameter (RFC 4791 §9.7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamFilter {
    /// The parameter name.
    pub name: String,
    /// True if the parameter must not exist.
    pub is_not_defined: bool,
    /// The condition on the text of the parameter's value; `None` if there is none.
    pub text_match: Option<TextMatch>,
}

/// A condition on the value of a property or parameter: whether a text occurs in it (RFC 4791
/// §9.7.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    /// The text that is searched for in the value.
    pub text: String,
    /// The place in the value at which the text must occur.
    pub match_type: MatchType,
    /// The collation by which characters are compared.
    pub collation: Collation,
    /// True if the condition is negated: the value must not contain the text at that place.
    pub negate: bool,
}

/// The place at which a text must occur in a value. RFC 4791 and RFC 3744 have only substrings;
/// clients also send the match types of RFC 6352 §10.5.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatchType {
    /// Anywhere in the value.
    #[default]
    Contains,
    /// At the start of the value.
    StartsWith,
    /// At the end of the value.
    EndsWith,
    /// The text is the whole value.
    Equals,
}

impl MatchType {
    /// All match types.
    pub const ALL: [Self; 4] = [Self::Contains, Self::StartsWith, Self::EndsWith, Self::Equals];

    /// Returns this match type as a value of the attribute `match-type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts-with",
            Self::EndsWith => "ends-with",
            Self::Equals => "equals",
        }
    }

    /// True if `wanted` occurs in `text` at the place that this type requires. Both texts are
    /// collation keys.
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
    /// `i;ascii-casemap`: ignores the case of ASCII letters.
    AsciiCasemap,
    /// `i;octet`: compares octets.
    Octet,
    /// `i;unicode-casemap`: compares titlecased, decomposed texts (RFC 5051).
    UnicodeCasemap,
}

impl Collation {
    /// All supported collations.
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];

    /// Returns the collation's identifier in the collation registry.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }
}

/// The parts of an object that a client requests (RFC 4791 §9.6). The default is the whole object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarData {
    /// The requested components and properties; `None` for all of them.
    pub selection: Option<Selection>,
    /// The form in which a series is returned; `None` for the stored form.
    pub recurrence: Option<Recurrence>,
    /// The window to which FREEBUSY periods are reduced (RFC 4791 §9.6.7); `None` for all periods.
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
    /// True if no properties and no nested components are named. The whole component is then
    /// returned, as RFC 4791 §7.8.1 expects for VTIMEZONE.
    pub fn is_whole(&self) -> bool {
        let no_properties = matches!(&self.properties, Properties::These(these) if these.is_empty());
        let no_components = matches!(&self.components, Components::These(these) if these.is_empty());
        no_properties && no_components
    }
}

/// The selected properties of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Properties {
    /// All properties of the component.
    All,
    /// The properties with these names.
    These(Vec<SelectedProperty>),
}

/// The selected nested components of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Components {
    /// All nested components.
    All,
    /// The nested components with these names.
    These(Vec<Selection>),
}

/// A property to return (RFC 4791 §9.6.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedProperty {
    /// The property name.
    pub name: String,
    /// True if only the name and the parameters are returned, without the value.
    pub no_value: bool,
}

/// The form in which a series is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// The series is expanded into single instances (RFC 4791 §9.6.5).
    Expand(Window),
    /// The master is returned, and of the overrides those that have an effect in the window (RFC
    /// 4791 §9.6.6).
    Limit(Window),
}
