//! The statuses of deliveries, which a sender finds in `SCHEDULE-STATUS` (RFC 6638 §3.2.9, RFC 5546
//! §3.6).

/// The status code of a delivery, such as `1.2`.
pub type Status = &'static str;

/// The message was delivered to the recipient on this server, or the recipient is a group.
pub const DELIVERED: Status = "1.2";
/// The calendar user is not, or no longer, a user of this server. Messages are not sent to other
/// servers.
pub const INVALID_USER: Status = "3.7";
/// The recipient's inbox does not accept messages of this kind from this sender.
pub const NO_AUTHORITY: Status = "3.8";
/// The recipient is a user of this server, but the delivery is parked.
pub const NOT_COMPLETED: Status = "5.1";
/// The recipient's home rejected the message, such as because the UID belongs to a meeting of
/// another organizer.
pub const REJECTED: Status = "5.3";
