//! The outcomes a sender is told as `SCHEDULE-STATUS` (RFC 6638 §3.2.9, RFC 5546 §3.6).

/// One code.
pub(super) type Status = &'static str;

/// Delivered to the recipient on this system.
pub(super) const DELIVERED: Status = "1.2";
/// No such calendar user is known here, and no way leads to anybody elsewhere.
pub(super) const INVALID_USER: Status = "3.7";
/// The recipient's inbox takes no such messages from this sender.
pub(super) const NO_AUTHORITY: Status = "3.8";
/// The recipient is known, but the message could not be brought to an end.
pub(super) const NOT_COMPLETED: Status = "5.1";
/// The recipient does not take messages about this object from this sender.
pub(super) const REJECTED: Status = "5.3";
