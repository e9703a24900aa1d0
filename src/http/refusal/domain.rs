//! The table from the refusals of the domain to HTTP statuses and WebDAV conditions.
//!
//! **Invariant:** the table has no `_` arm. A new domain refusal does not compile without a row
//! here.

use actix_web::http::StatusCode;
use dav::{Condition, Privilege};
use schemas::object::{Place, Role};
use service::Error;

use super::{FailedCondition, Location, Refusal};

impl From<service::Refusal> for Refusal {
    fn from(refusal: service::Refusal) -> Self {
        use service::Refusal as Domain;
        let why = refusal.to_string();
        let condition = |condition| Self::condition(condition, why.clone());
        match refusal {
            Domain::NotFound => Self::NotFound,
            // The preconditions of RFC 4791 §5.3.2.1.
            Domain::NotCalendarData { .. } => condition(Condition::ValidCalendarData),
            Domain::NotCalendarObject { .. } => condition(Condition::ValidCalendarObjectResource),
            Domain::UnsupportedComponent { .. } => condition(Condition::SupportedCalendarComponent),
            // The precondition of RFC 7529 §10.
            Domain::UnsupportedScale { .. } => condition(Condition::SupportedRscale),
            // The precondition of RFC 7809 §3.1.4.
            Domain::UnknownTimezone { .. } => condition(Condition::ValidTimezone),
            Domain::TooEarly { .. } => condition(Condition::MinDateTime),
            // RFC 4791 §1.3: 409, because the client can resolve a conflict of UIDs.
            Domain::UidConflict { by: at } | Domain::UidDiffers { at } => {
                conflict(StatusCode::CONFLICT, Condition::NoUidConflict, at, why)
            }
            Domain::TooLarge { .. } | Domain::DeliveryTooLarge { .. } | Domain::PersonalDataTooLarge { .. } => {
                condition(Condition::MaxResourceSize)
            }
            Domain::QuotaExceeded { .. } => {
                Self::condition_as(StatusCode::INSUFFICIENT_STORAGE, Condition::QuotaNotExceeded, why)
            }
            // RFC 4918 §9.2.1: 507 if there is no room for the properties.
            Domain::PropertiesTooLarge { .. } | Domain::TooManyProperties { .. } => {
                Self::status(StatusCode::INSUFFICIENT_STORAGE, why)
            }
            // RFC 4918 §9.3.1: 507 if there is no room for a new collection.
            Domain::TooManyCollections { .. } => Self::status(StatusCode::INSUFFICIENT_STORAGE, why),
            Domain::TooManyEntries { .. } => condition(Condition::LimitedNumberOfAces),
            Domain::TooFast { retry_seconds } => Self::TooFast { retry_seconds, why },
            Domain::TooManyInstances { .. } | Domain::TooManyPersonalInstances { .. } => {
                condition(Condition::MaxInstances)
            }
            Domain::TooManyAttendees { .. } => condition(Condition::MaxAttendeesPerInstance),
            // The precondition of RFC 6638 §3.2.4.1.
            Domain::SchedulingObjectNotUnique { by } => {
                conflict(StatusCode::FORBIDDEN, Condition::UniqueSchedulingObjectResource, by, why)
            }
            Domain::Scheduling(refusal) => {
                let name = refusal.condition.as_str();
                match Condition::ALL.iter().find(|condition| condition.local() == name) {
                    Some(condition) => Self::condition(*condition, why),
                    None => Self::status(StatusCode::FORBIDDEN, why),
                }
            }
            // RFC 9110 §13: 412 if a condition is false; RFC 4918 §9.8.4, §9.9.3: also for
            // `Overwrite: F`.
            Domain::Precondition { .. } | Domain::Exists => Self::status(StatusCode::PRECONDITION_FAILED, why),
            Domain::BadName { .. }
            | Domain::Protected
            | Domain::BadPrincipalName { .. }
            | Domain::BadPrincipalAddress { .. }
            | Domain::BadPasswordHash { .. }
            | Domain::BadAppPasswordName { .. } => Self::status(StatusCode::FORBIDDEN, why),
            unreadable @ Domain::Unreadable { .. } => Self::Failure(Error::failed(unreadable)),
            // RFC 6638 §6.2.2, §6.2.3: invitations and replies need different privileges.
            Domain::MayNotSend { home, role } => {
                let privilege = match role {
                    Role::Organizer | Role::None => Privilege::ScheduleSendInvite,
                    Role::Attendee => Privilege::ScheduleSendReply,
                };
                Self::needs_privilege_at(Location::Outbox(home), privilege)
            }
            Domain::DefaultCalendarNeeded => condition(Condition::DefaultCalendarNeeded),
            Domain::NotADefaultCalendar => condition(Condition::ValidScheduleDefaultCalendarUrl),
            Domain::BadShare { .. }
            | Domain::NoSuchInvitation
            | Domain::OtherKind { .. }
            | Domain::PrincipalExists { .. }
            | Domain::PrincipalFixed { .. }
            | Domain::PrincipalOfOtherName { .. }
            | Domain::PrincipalRetired { .. }
            | Domain::MeetingsHandedOver { .. }
            | Domain::AppPasswordExists { .. }
            | Domain::NoSuchAppPassword { .. }
            | Domain::TooManyAppPasswords { .. }
            | Domain::NoSuchAddress { .. }
            | Domain::LastAddress { .. } => Self::status(StatusCode::CONFLICT, why),
        }
    }
}

/// Returns the refusal for a false precondition. The body of the response names the resource that
/// causes the conflict (`with`), if the caller may read it.
fn conflict(status: StatusCode, condition: Condition, with: Place, why: String) -> Refusal {
    let at = Some(Location::Place(with));
    Refusal::Condition(Box::new(FailedCondition { status, condition, at, privilege: None, why }))
}
