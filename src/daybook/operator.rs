//! The stamps of commands of operators.

use schemas::{
    Client, Operator, Right,
    metadata::{Authentication, Ground},
};
use service::{Stamp, clock};
use uuid::Uuid;

/// Returns the stamp of an operator's act that begins now. `via` is the part of the program, which
/// the history shows as the client. `request` is the id of the request to which the act belongs;
/// `None` for a new one.
pub(crate) fn stamp(via: &str, operator: &Operator, request: Option<Uuid>) -> Stamp {
    let client = Client { via: via.to_owned(), ..Client::default() };
    let mut stamp = clock::stamp(None, None, client, request.unwrap_or_else(clock::new_id));
    stamp.metadata.right = Some(Right::of(Ground::Operator));
    stamp.metadata.auth = Some(Authentication::OperatingSystem);
    stamp.metadata.operator = Some(operator.clone());
    stamp
}
