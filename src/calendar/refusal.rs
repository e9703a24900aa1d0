//! The reasons why a command is refused, in the words of the RFCs. `http` maps each refusal to a
//! status and a precondition.

use schemas::{
    PrincipalId,
    object::{Place, Role},
};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A condition of the request headers does not hold (RFC 9110 §13, RFC 6638 §8.3).
    #[error("the condition of `{header}` does not hold")]
    Precondition { header: &'static str },
    #[error("there is no such resource")]
    NotFound,
    /// `CALDAV:valid-calendar-data` (RFC 4791 §5.3.2.1).
    #[error("not valid iCalendar data: {why}")]
    NotCalendarData { why: String },
    /// `CALDAV:valid-calendar-object-resource` (RFC 4791 §5.3.2.1).
    #[error("not a valid calendar object resource: {why}")]
    NotCalendarObject { why: String },
    /// `CALDAV:supported-rscale` (RFC 7529 §10).
    #[error("the recurrence rule uses an unsupported calendar system: {why}")]
    UnsupportedScale { why: String },
    /// `CALDAV:valid-timezone` (RFC 7809 §3.1.4).
    #[error("{why}")]
    UnknownTimezone { why: String },
    /// `CALDAV:min-date-time` (RFC 4791 §5.2.6).
    #[error("{why}")]
    TooEarly { why: String },
    /// `CALDAV:supported-calendar-component`.
    #[error("this calendar does not accept {component}")]
    UnsupportedComponent { component: String },
    /// `CALDAV:no-uid-conflict`.
    #[error("the UID is in use in this calendar")]
    UidConflict { by: Place },
    /// `CALDAV:no-uid-conflict`, for a write over an object with another UID.
    #[error(
        "the object at `{}` has another UID, and a change keeps the UID: store this one under another name, \
         or delete that one first",
        at.name
    )]
    UidDiffers { at: Place },
    /// `CALDAV:unique-scheduling-object-resource` (RFC 6638 §3.2.4.1).
    #[error("this home already has a resource for this meeting")]
    SchedulingObjectNotUnique { by: Place },
    /// `CALDAV:max-resource-size`.
    #[error("the object is larger than max-resource-size, {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    /// `CALDAV:max-resource-size`, of the data that one person keeps for an object of a shared
    /// calendar.
    #[error("your alarms for this object are larger than max-personal-data, {limit_bytes} bytes")]
    PersonalDataTooLarge { limit_bytes: usize },
    /// `CALDAV:max-instances`, of the data that one person keeps for an object of a shared
    /// calendar.
    #[error("you keep alarms of your own for more instances of this object than max-personal-instances, {limit}")]
    TooManyPersonalInstances { limit: usize },
    /// `CALDAV:max-resource-size`, of all copies that the change would write (RFC 6638 §11.1).
    #[error("the attendees' copies together would be larger than max-delivery-bytes, {limit_bytes} bytes")]
    DeliveryTooLarge { limit_bytes: usize },
    /// `DAV:quota-not-exceeded` (RFC 4331 §6).
    #[error("the home would hold more than its quota, {limit_bytes} bytes")]
    QuotaExceeded { limit_bytes: u64 },
    /// RFC 4918 §9.2.1: the properties of the resource would be too large.
    #[error("the properties of a resource may have at most {limit_bytes} bytes together")]
    PropertiesTooLarge { limit_bytes: usize },
    /// RFC 4918 §9.2.1: the resource would have too many properties.
    #[error("a resource may have at most {limit} properties set by clients")]
    TooManyProperties { limit: usize },
    /// RFC 4918 §9.3.1: the home would have too many collections.
    #[error("a home may have at most {limit} collections")]
    TooManyCollections { limit: usize },
    /// `DAV:limited-number-of-aces` (RFC 3744 §8.1.1).
    #[error("the access control lists of a home may have at most {limit} entries together: use groups, or remove some")]
    TooManyEntries { limit: usize },
    /// The principal's writes make the history grow faster than `history-bytes-per-hour`.
    #[error("too much was written in a short time: writing is possible again in {retry_seconds} seconds")]
    TooFast { retry_seconds: u64 },
    /// `CALDAV:max-instances`.
    #[error("the overrides, the RDATEs or the COUNT of an RRULE make more instances than max-instances, {limit}")]
    TooManyInstances { limit: usize },
    /// `CALDAV:max-attendees-per-instance`.
    #[error("a component has more attendees than max-attendees-per-instance, {limit}")]
    TooManyAttendees { limit: usize },
    /// A precondition of RFC 6638 §3.2.4, with the property and the instance at fault.
    #[error("{}", .0.why)]
    Scheduling(itip::Refusal),
    /// `DAV:need-privileges` on the outbox of the owner (RFC 6638 §6.2).
    #[error("sending messages in the name of the calendar's owner needs a privilege on the owner's outbox")]
    MayNotSend { home: PrincipalId, role: Role },
    /// `DAV:resource-must-be-null`, or the target of a `MOVE` or `COPY` with `Overwrite: F` exists
    /// (412).
    #[error("a resource already exists there")]
    Exists,
    /// The collection is of another kind than the resource needs: calendars contain only calendar
    /// objects, and no other collection contains them (RFC 4791 §4.2).
    #[error("`{collection}` is no {wanted} now: move or remove it first")]
    OtherKind { collection: String, wanted: &'static str },
    #[error("this name cannot be used: {why}")]
    BadName { why: &'static str },
    /// `CALDAV:default-calendar-needed` (RFC 6638 §4.3).
    #[error("the default calendar cannot be removed")]
    DefaultCalendarNeeded,
    /// `CALDAV:valid-schedule-default-calendar-URL` (RFC 6638 §4.3).
    #[error("the default calendar must be a calendar of this home that can receive invitations")]
    NotADefaultCalendar,
    /// The stored text was written by another version of the program, and this one cannot parse it.
    #[error("the stored text cannot be parsed by this version: {why}")]
    Unreadable { why: String },
    /// The server provides this collection: a home, an inbox or an outbox.
    #[error("this collection belongs to the server and cannot be moved or removed")]
    Protected,
    /// The login name of a principal, or a name that is shown to people, has a forbidden form.
    #[error("`{}` cannot be the name of an account: {why}", name.escape_debug())]
    BadPrincipalName { name: String, why: &'static str },
    #[error("`{}` cannot be an address of `{name}`: {why}", address.escape_debug())]
    BadPrincipalAddress { name: String, address: String, why: &'static str },
    /// The property cannot change, because paths and meetings depend on it.
    #[error("the {what} of `{name}` cannot change: register a new account instead")]
    PrincipalFixed { what: &'static str, name: String },
    #[error("this id belongs to `{name}`, and `{given}` claims it too; `daybook principal rename` gives a new name")]
    PrincipalOfOtherName { name: String, given: String },
    #[error("`{name}` has left: `daybook principal enable {name}` brings the account back")]
    PrincipalRetired { name: String },
    #[error("the meetings of `{name}` were handed over: only their new organizer can change them")]
    MeetingsHandedOver { name: String },
    #[error("the password hash of `{name}` has an unknown form, or takes too long to check")]
    BadPasswordHash { name: String },
    #[error("`{}` cannot be the name of an app password: write 1 to 100 visible characters", name.escape_debug())]
    BadAppPasswordName { name: String },
    #[error("the app password `{name}` exists already: revoke it, or choose another name")]
    AppPasswordExists { name: String },
    #[error("there is no app password `{name}`")]
    NoSuchAppPassword { name: String },
    #[error("an account may have {limit} app passwords: revoke one first")]
    TooManyAppPasswords { limit: usize },
    #[error("`{address}` is not an address of `{name}`")]
    NoSuchAddress { name: String, address: String },
    #[error("the last address of `{name}` cannot be removed: add another one first")]
    LastAddress { name: String },
    #[error("this cannot be shared: {why}")]
    BadShare { why: &'static str },
    #[error("there is no such invitation any more: it was taken back, or another one replaced it")]
    NoSuchInvitation,
    /// The name, address or id belongs to another principal already.
    #[error("{what} `{value}` belongs to `{holder}`, and `{claimant}` claims it too")]
    PrincipalExists { what: &'static str, value: String, holder: String, claimant: String },
}
