//! The view of ATTENDEE (RFC 5545 §3.8.4.1).

use crate::{Address, Param, Property};
use std::borrow::Cow;

/// An ATTENDEE property.
#[derive(Debug, Clone, Copy)]
pub struct Attendee<'a>(Property<'a>);

impl<'a> Attendee<'a> {
    pub(super) fn of(property: Property<'a>) -> Self {
        Self(property)
    }

    /// Returns the property itself.
    pub fn property(self) -> Property<'a> {
        self.0
    }

    /// Returns the attendee's calendar user address.
    ///
    /// Returns `None` if the value is blank, or a `mailto:` without a mailbox.
    pub fn address(self) -> Option<Address> {
        self.0.address()
    }

    /// Returns the attendee's common name, CN; `None` if it is missing.
    pub fn name(self) -> Option<Cow<'a, str>> {
        self.0.param("CN")
    }

    /// Returns the attendee's PARTSTAT as written; the default is `NEEDS-ACTION` (RFC 5545
    /// §3.2.12).
    pub fn participation(self) -> Cow<'a, str> {
        self.word("PARTSTAT", "NEEDS-ACTION")
    }

    /// Returns the attendee's ROLE; the default is `REQ-PARTICIPANT` (RFC 5545 §3.2.16).
    pub fn role(self) -> Cow<'a, str> {
        self.word("ROLE", "REQ-PARTICIPANT")
    }

    /// Returns the attendee's CUTYPE; the default is `INDIVIDUAL` (RFC 5545 §3.2.3).
    pub fn kind(self) -> Cow<'a, str> {
        self.word("CUTYPE", "INDIVIDUAL")
    }

    /// True for RSVP=TRUE: the organizer expects a reply (RFC 5545 §3.2.17).
    pub fn expects_reply(self) -> bool {
        self.0.param("RSVP").is_some_and(|wish| wish.eq_ignore_ascii_case("TRUE"))
    }

    /// Returns the addresses of the attendee's delegates, DELEGATED-TO (RFC 5545 §3.2.5).
    pub fn delegated_to(self) -> impl Iterator<Item = Address> + use<'a> {
        self.addresses("DELEGATED-TO")
    }

    /// Returns the addresses of the attendee's delegators, DELEGATED-FROM (RFC 5545 §3.2.4).
    pub fn delegated_from(self) -> impl Iterator<Item = Address> + use<'a> {
        self.addresses("DELEGATED-FROM")
    }

    /// Returns the addresses of the groups through which the attendee is invited, MEMBER (RFC 5545
    /// §3.2.11).
    pub fn member_of(self) -> impl Iterator<Item = Address> + use<'a> {
        self.addresses("MEMBER")
    }

    fn word(self, name: &str, usual: &'static str) -> Cow<'a, str> {
        self.0.param(name).filter(|word| !word.is_empty()).unwrap_or(Cow::Borrowed(usual))
    }

    fn addresses(self, name: &'static str) -> impl Iterator<Item = Address> + use<'a> {
        let params = self.0.params().filter(move |param| param.is(name));
        params.flat_map(Param::values).filter_map(|address| Address::parse(&address))
    }
}
