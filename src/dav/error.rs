//! Preconditions and postconditions, and the `DAV:error` body that contains the failed one.
//!
//! **Invariant:** an error body contains one condition element and at most one comment.

use crate::{
    name::{CALDAV, DAV, QName},
    privilege::Privilege,
    xml::Writer,
};

macro_rules! conditions {
    ($($(#[$doc:meta])* $variant:ident = $prefix:literal $namespace:ident $local:literal,)*) => {
        /// A condition element of `DAV:error`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Condition { $(#[doc = concat!("`", $prefix, ":", $local, "`.")] $(#[$doc])* $variant,)* }

        impl Condition {
            /// All condition elements.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name of the condition's element.
            pub fn name(self) -> QName {
                match self { $(Self::$variant => QName::of($namespace, $local),)* }
            }

            /// Returns the local name of the condition's element.
            pub fn local(self) -> &'static str {
                match self { $(Self::$variant => $local,)* }
            }

            fn element(self) -> &'static str {
                match self { $(Self::$variant => concat!($prefix, ":", $local),)* }
            }
        }
    };
}

conditions! {
    // Conditions of WebDAV (RFC 4918 §16).
    LockTokenMatchesRequestUri = "D" DAV "lock-token-matches-request-uri",
    LockTokenSubmitted = "D" DAV "lock-token-submitted",
    NoConflictingLock = "D" DAV "no-conflicting-lock",
    NoExternalEntities = "D" DAV "no-external-entities",
    PreservedLiveProperties = "D" DAV "preserved-live-properties",
    PropfindFiniteDepth = "D" DAV "propfind-finite-depth",
    CannotModifyProtectedProperty = "D" DAV "cannot-modify-protected-property",
    // Conditions of REPORT (RFC 3253 §3.6) and MKCALENDAR (RFC 4791 §5.3.1.1).
    SupportedReport = "D" DAV "supported-report",
    ResourceMustBeNull = "D" DAV "resource-must-be-null",
    // Conditions of access control (RFC 3744 §7.1.1, §8.1.1, §9.2, §9.4).
    NeedPrivileges = "D" DAV "need-privileges",
    NoAceConflict = "D" DAV "no-ace-conflict",
    NoProtectedAceConflict = "D" DAV "no-protected-ace-conflict",
    NoInheritedAceConflict = "D" DAV "no-inherited-ace-conflict",
    LimitedNumberOfAces = "D" DAV "limited-number-of-aces",
    DenyBeforeGrant = "D" DAV "deny-before-grant",
    GrantOnly = "D" DAV "grant-only",
    NoInvert = "D" DAV "no-invert",
    NoAbstract = "D" DAV "no-abstract",
    NotSupportedPrivilege = "D" DAV "not-supported-privilege",
    MissingRequiredPrincipal = "D" DAV "missing-required-principal",
    RecognizedPrincipal = "D" DAV "recognized-principal",
    AllowedPrincipal = "D" DAV "allowed-principal",
    NumberOfMatchesWithinLimits = "D" DAV "number-of-matches-within-limits",
    // Conditions of quotas (RFC 4331 §6).
    QuotaNotExceeded = "D" DAV "quota-not-exceeded",
    SufficientDiskSpace = "D" DAV "sufficient-disk-space",
    // Conditions of extended MKCOL (RFC 5689 §3.3).
    ValidResourcetype = "D" DAV "valid-resourcetype",
    // Conditions of POST to add members (RFC 5995 §4).
    AllowClientDefinedUri = "D" DAV "allow-client-defined-URI",
    // Conditions of synchronization (RFC 6578 §3.2, §3.3).
    ValidSyncToken = "D" DAV "valid-sync-token",
    SyncTraversalSupported = "D" DAV "sync-traversal-supported",
    // Conditions of CalDAV (RFC 4791 §5.3.1.1, §5.3.2.1, §7.8, §7.10).
    CalendarCollectionLocationOk = "C" CALDAV "calendar-collection-location-ok",
    InitializeCalendarCollection = "C" CALDAV "initialize-calendar-collection",
    SupportedCalendarData = "C" CALDAV "supported-calendar-data",
    ValidCalendarData = "C" CALDAV "valid-calendar-data",
    ValidCalendarObjectResource = "C" CALDAV "valid-calendar-object-resource",
    SupportedCalendarComponent = "C" CALDAV "supported-calendar-component",
    NoUidConflict = "C" CALDAV "no-uid-conflict",
    MaxResourceSize = "C" CALDAV "max-resource-size",
    MinDateTime = "C" CALDAV "min-date-time",
    MaxDateTime = "C" CALDAV "max-date-time",
    MaxInstances = "C" CALDAV "max-instances",
    MaxAttendeesPerInstance = "C" CALDAV "max-attendees-per-instance",
    ValidFilter = "C" CALDAV "valid-filter",
    SupportedFilter = "C" CALDAV "supported-filter",
    SupportedCollation = "C" CALDAV "supported-collation",
    // Conditions of scheduling (RFC 6638 §3.2.4, §4.3, §5, §9.2).
    UniqueSchedulingObjectResource = "C" CALDAV "unique-scheduling-object-resource",
    SameOrganizerInAllComponents = "C" CALDAV "same-organizer-in-all-components",
    AllowedOrganizerSchedulingObjectChange = "C" CALDAV "allowed-organizer-scheduling-object-change",
    AllowedAttendeeSchedulingObjectChange = "C" CALDAV "allowed-attendee-scheduling-object-change",
    DefaultCalendarNeeded = "C" CALDAV "default-calendar-needed",
    ValidScheduleDefaultCalendarUrl = "C" CALDAV "valid-schedule-default-calendar-URL",
    ValidSchedulingMessage = "C" CALDAV "valid-scheduling-message",
    ValidOrganizer = "C" CALDAV "valid-organizer",
    // Conditions of calendar scales (RFC 7529 §10).
    SupportedRscale = "C" CALDAV "supported-rscale",
    // Conditions of time zones by reference (RFC 7809 §3.1.4, §3.1.5).
    ValidTimezone = "C" CALDAV "valid-timezone",
}

/// The content of a condition element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside<'a> {
    /// No content: an empty element, as most conditions are.
    Nothing,
    /// The hrefs of the resources in conflict, in `no-uid-conflict`,
    /// `unique-scheduling-object-resource`, `lock-token-submitted` and `no-conflicting-lock`.
    Hrefs(&'a [&'a str]),
    /// The hrefs of resources, each with the privilege that the caller lacks on it (RFC 3744
    /// §7.1.1).
    Privileges(&'a [(&'a str, Privilege)]),
}

/// Returns a `DAV:error` document. `detail` is an explanation for people, written as an XML
/// comment.
///
/// ```
/// use dav::error::{Condition, Inside, body};
///
/// let error = body(Condition::NoUidConflict, Inside::Hrefs(&["/calendars/anna/work/a.ics"]), None);
/// assert!(error.ends_with(
///     "<C:no-uid-conflict><D:href>/calendars/anna/work/a.ics</D:href></C:no-uid-conflict></D:error>"
/// ));
/// ```
pub fn body(condition: Condition, inside: Inside<'_>, detail: Option<&str>) -> String {
    let mut writer = Writer::document("D:error");
    if let Some(detail) = detail {
        writer.comment(detail);
    }
    write_condition(&mut writer, condition, inside);
    writer.end("D:error");
    writer.finish()
}

/// Writes `<D:error>` with an empty condition element, inside a `DAV:response` or `DAV:propstat`.
pub(crate) fn write_nested(writer: &mut Writer, condition: Condition) {
    writer.start("D:error");
    write_condition(writer, condition, Inside::Nothing);
    writer.end("D:error");
}

fn write_condition(writer: &mut Writer, condition: Condition, inside: Inside<'_>) {
    let element = condition.element();
    match inside {
        Inside::Nothing => writer.empty(element),
        Inside::Hrefs(hrefs) => {
            writer.start(element);
            for href in hrefs {
                writer.element("D:href", href);
            }
            writer.end(element);
        }
        Inside::Privileges(needed) => {
            writer.start(element);
            for (href, privilege) in needed {
                writer.start("D:resource");
                writer.element("D:href", href);
                privilege.write(writer);
                writer.end("D:resource");
            }
            writer.end(element);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    #[test]
    fn every_condition_is_the_only_element_of_its_body() {
        for condition in Condition::ALL {
            let body = body(*condition, Inside::Nothing, Some("why -- it is so -->"));
            let root = parse(body.as_bytes(), &Limits::default()).expect(&body);
            assert!(root.is_dav("error"));
            let names: Vec<_> = root.elements().map(|element| element.name.clone()).collect();
            assert_eq!(names, [condition.name()]);
            assert_eq!(root.text(), "", "nothing but the condition and a comment");
        }
    }

    #[test]
    fn what_the_rfc_puts_inside_stands_inside() {
        let body = body(Condition::NoUidConflict, Inside::Hrefs(&["/a&b/"]), None);
        assert!(
            body.ends_with("<C:no-uid-conflict><D:href>/a&amp;b/</D:href></C:no-uid-conflict></D:error>"),
            "{body}"
        );
        let needed = [("/outbox/", Privilege::ScheduleSendInvite)];
        let body = super::body(Condition::NeedPrivileges, Inside::Privileges(&needed), None);
        let expected = "<D:need-privileges><D:resource><D:href>/outbox/</D:href><D:privilege>\
                        <C:schedule-send-invite/></D:privilege></D:resource></D:need-privileges></D:error>";
        assert!(body.ends_with(expected), "{body}");
    }
}
