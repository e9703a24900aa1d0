//! The statuses of deliveries, which a sender finds in `SCHEDULE-STATUS` (RFC 6638 §3.2.9, RFC 5546
//! §3.6).

/// The status code of a delivery, such as `1.2`.
pub type Status = &'static str;

/// The message was delivered to the recipient, who is on this system.
pub const DELIVERED: Status = "1.2";
/// The calendar user is not a user of this server. Messages are not sent to other servers.
pub const INVALID_USER: Status = "3.7";
/// The recipient's inbox does not accept messages of this kind from this sender.
pub const NO_AUTHORITY: Status = "3.8";
/// The recipient is known, but the delivery could not be completed.
pub const NOT_COMPLETED: Status = "5.1";
/// The recipient does not take messages about this object from this sender.
pub const REJECTED: Status = "5.3";
