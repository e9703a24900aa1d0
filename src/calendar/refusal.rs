//! The reasons why a command is refused, in the words of the RFCs. `http` maps each refusal to a
//! status and, if an RFC names one, a precondition.

use schemas::{
    PrincipalId,
    object::{Place, Role},
};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A condition of the request headers does not hold (RFC 9110 §13, RFC 6638 §8.3).
    #[error(
        "the condition of `{header}` is false: the resource has changed, was removed, or exists already; read it again"
    )]
    Precondition { header: &'static str },
    #[error("the resource does not exist")]
    NotFound,
    /// The text is not valid iCalendar: `CALDAV:valid-calendar-data` (RFC 4791 §5.3.2.1).
    #[error("not valid iCalendar data: {why}")]
    NotCalendarData { why: String },
    /// The text is iCalendar, but not a valid calendar object resource:
    /// `CALDAV:valid-calendar-object-resource` (RFC 4791 §5.3.2.1).
    #[error("not a valid calendar object resource: {why}")]
    NotCalendarObject { why: String },
    /// A recurrence rule uses another calendar system than the Gregorian: `CALDAV:supported-rscale`
    /// (RFC 7529 §10).
    #[error("the recurrence rule uses an unsupported calendar system: {why}")]
    UnsupportedScale { why: String },
    /// The text names a time zone that the server does not know, without its VTIMEZONE:
    /// `CALDAV:valid-timezone` (RFC 7809 §3.1.4).
    #[error("{why}")]
    UnknownTimezone { why: String },
    /// A date is before the year 1: `CALDAV:min-date-time` (RFC 4791 §5.2.6).
    #[error("{why}")]
    TooEarly { why: String },
    /// The calendar does not accept this kind of component: `CALDAV:supported-calendar-component`
    /// (RFC 4791 §5.3.2.1).
    #[error("this calendar does not accept the component {component}; choose another calendar")]
    UnsupportedComponent { component: String },
    /// Another resource of the calendar, at the place `by`, has the UID: `CALDAV:no-uid-conflict`
    /// (RFC 4791 §5.3.2.1).
    #[error("another object of this calendar already has this UID; change that object instead")]
    UidConflict { by: Place },
    /// The resource that a write would replace, at the place `at`, has another UID:
    /// `CALDAV:no-uid-conflict` (RFC 4791 §5.3.2.1).
    #[error(
        "the object at `{}` has another UID, and a change cannot replace the UID: store the new object under another \
         name, or delete the old one first",
        at.name
    )]
    UidDiffers { at: Place },
    /// The home has the meeting already, at the place `by`:
    /// `CALDAV:unique-scheduling-object-resource` (RFC 6638 §3.2.4.1).
    #[error("this home already has a calendar object for this meeting; change that object instead")]
    SchedulingObjectNotUnique { by: Place },
    /// The object is too large: `CALDAV:max-resource-size` (RFC 4791 §5.2.5).
    #[error("the object is larger than max-resource-size, {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    /// The data that one person keeps for an object of a shared calendar is too large:
    /// `CALDAV:max-resource-size`.
    #[error("your own alarms and TRANSP for this object would be larger than max-personal-data, {limit_bytes} bytes")]
    PersonalDataTooLarge { limit_bytes: usize },
    /// One person keeps data for too many instances of an object of a shared calendar:
    /// `CALDAV:max-instances`.
    #[error(
        "you would have your own alarms or TRANSP for more instances of this object than max-personal-instances, {limit}"
    )]
    TooManyPersonalInstances { limit: usize },
    /// The messages of the change, counted once for each recipient, are too large together:
    /// `CALDAV:max-resource-size` (RFC 6638 §11.1).
    #[error(
        "the messages of this change, counted once for each recipient, have more than max-delivery-bytes, \
         {limit_bytes} bytes: shorten the text or invite fewer people"
    )]
    DeliveryTooLarge { limit_bytes: usize },
    /// The home would be larger than its quota: `DAV:quota-not-exceeded` (RFC 4331 §6).
    #[error(
        "the calendars and files of the home would be larger than its quota, {limit_bytes} bytes: delete something \
         first"
    )]
    QuotaExceeded { limit_bytes: u64 },
    /// RFC 4918 §9.2.1: the properties of the resource would be too large.
    #[error("the properties that clients set on a resource may have at most {limit_bytes} bytes together; remove some")]
    PropertiesTooLarge { limit_bytes: usize },
    /// RFC 4918 §9.2.1: the resource would have too many properties.
    #[error("a resource may have at most {limit} properties set by clients; remove some")]
    TooManyProperties { limit: usize },
    /// RFC 4918 §9.3.1: the home would have too many collections.
    #[error("a home may have at most {limit} collections; remove one first")]
    TooManyCollections { limit: usize },
    /// The access control lists of the home would have too many entries:
    /// `DAV:limited-number-of-aces` (RFC 3744 §8.1.1).
    #[error("the access control lists of a home may have at most {limit} entries together: use groups, or remove some")]
    TooManyEntries { limit: usize },
    /// The principal has used up `history-burst-bytes`, and writes faster than
    /// `history-bytes-per-hour`.
    #[error("you wrote too much in a short time, and this write was refused: wait {retry_seconds} seconds")]
    TooFast { retry_seconds: u64 },
    /// One object would override or enumerate too many instances: `CALDAV:max-instances` (RFC 4791
    /// §5.2.8).
    #[error("the overrides, the RDATEs or the COUNT of an RRULE make more instances than max-instances, {limit}")]
    TooManyInstances { limit: usize },
    /// A component has too many attendees: `CALDAV:max-attendees-per-instance` (RFC 4791 §5.2.9).
    #[error("a component has more attendees than max-attendees-per-instance, {limit}")]
    TooManyAttendees { limit: usize },
    /// A precondition of RFC 6638 §3.2.4, with the property and the instance at fault.
    #[error("{}", .0.why)]
    Scheduling(itip::Refusal),
    /// The caller may not send messages in the name of the owner `home`: `DAV:need-privileges` on
    /// the owner's outbox (RFC 6638 §6.2).
    #[error("sending in the name of the calendar's owner needs {} on the owner's outbox", privilege_to_send(*role))]
    MayNotSend { home: PrincipalId, role: Role },
    /// Another resource exists at the target path, and the request may not replace it; for example,
    /// a `MOVE` or `COPY` with `Overwrite: F`.
    #[error("a resource already exists at the target path; choose another path")]
    Exists,
    /// The collection is of another kind than the resource needs: calendars contain only calendar
    /// objects, and no other collection contains them (RFC 4791 §4.2).
    #[error("the resource needs a {wanted}, which `{collection}` is not: move or remove `{collection}` first")]
    OtherKind { collection: String, wanted: &'static str },
    #[error("this name cannot be used: {why}")]
    BadName { why: &'static str },
    /// The default calendar, or a collection above it, was to be removed:
    /// `CALDAV:default-calendar-needed` (RFC 6638 §4.3).
    #[error("the default calendar cannot be removed, nor a collection that contains it; choose another default first")]
    DefaultCalendarNeeded,
    /// The collection cannot be the default calendar: `CALDAV:valid-schedule-default-calendar-URL`
    /// (RFC 6638 §4.3).
    #[error("the default calendar must be a calendar of this home that can receive invitations")]
    NotADefaultCalendar,
    /// The stored text cannot be parsed, for example because another version of the program wrote
    /// it.
    #[error("this version of Daybook cannot parse the stored calendar data: {why}")]
    Unreadable { why: String },
    /// The server provides this collection: a home, an inbox or an outbox.
    #[error("this collection belongs to the server and cannot be moved or removed")]
    Protected,
    /// The login name of a principal, or a name that is shown to people, has a forbidden form.
    #[error("`{}` cannot be the name of an account: {why}", name.escape_debug())]
    BadPrincipalName { name: String, why: &'static str },
    #[error("`{}` cannot be an address of `{name}`: {why}", address.escape_debug())]
    BadPrincipalAddress { name: String, address: String, why: &'static str },
    /// A property of a principal, such as its kind, cannot change, because paths and meetings
    /// depend on it.
    #[error("the {what} of `{name}` cannot change: register a new account instead")]
    PrincipalFixed { what: &'static str, name: String },
    #[error(
        "`{given}` cannot have the id that belongs to `{name}`; if they are the same account, rename it with \
         `daybook principal rename`"
    )]
    PrincipalOfOtherName { name: String, given: String },
    #[error("`{name}` is retired: `daybook principal enable {name}` brings the account back")]
    PrincipalRetired { name: String },
    #[error("the meetings of `{name}` were handed over: only their new organizer can change them")]
    MeetingsHandedOver { name: String },
    #[error("the password hash of `{name}` has an unknown format, or takes too long to check")]
    BadPasswordHash { name: String },
    #[error("`{}` cannot be the name of an app password: write 1 to 100 visible characters", name.escape_debug())]
    BadAppPasswordName { name: String },
    #[error("the app password `{name}` exists already: revoke it, or choose another name")]
    AppPasswordExists { name: String },
    #[error("there is no app password `{name}`")]
    NoSuchAppPassword { name: String },
    #[error("an account may have at most {limit} app passwords: revoke one first")]
    TooManyAppPasswords { limit: usize },
    #[error("`{address}` is not an address of `{name}`")]
    NoSuchAddress { name: String, address: String },
    #[error("the last address of `{name}` cannot be removed: add another one first")]
    LastAddress { name: String },
    #[error("the share was not changed: {why}")]
    BadShare { why: &'static str },
    #[error("the invitation no longer exists: it was withdrawn, or another one replaced it")]
    NoSuchInvitation,
    /// The name, address or id belongs to another principal already.
    #[error("{what} `{value}` already belongs to `{holder}`, so `{claimant}` cannot have it")]
    PrincipalExists { what: &'static str, value: String, holder: String, claimant: String },
}

/// Returns the privilege that is needed to send messages in the owner's name, in this role of the
/// owner (RFC 6638 §6.2.2, §6.2.3).
const fn privilege_to_send(role: Role) -> &'static str {
    match role {
        Role::Organizer | Role::None => "schedule-send-invite",
        Role::Attendee => "schedule-send-reply",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_to_send_names_the_one_privilege_that_is_missing() {
        for (role, privilege) in [(Role::Organizer, "schedule-send-invite"), (Role::Attendee, "schedule-send-reply")] {
            let refusal = Refusal::MayNotSend { home: PrincipalId(uuid::Uuid::nil()), role };
            let expected =
                format!("sending in the name of the calendar's owner needs {privilege} on the owner's outbox");
            assert_eq!(refusal.to_string(), expected);
        }
    }
}
