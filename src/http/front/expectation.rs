//! `Expect: 100-continue` (RFC 9110 §10.1.1): a request that is refused for its head gets the
//! refusal before the client sends the body.
//!
//! The request is answered twice. The first time it has no body, and the answer is final unless it
//! asked for the body. Only then the client is asked to go on, and the complete request is answered
//! from the beginning.
//!
//! **Invariant:** a method that reads the body writes only afterwards, so the first answer carries
//! out no command if a second one follows. Steps before the method may take effect in the first
//! answer: login, the delivery of delayed messages, and records in the access journal. Repeating
//! them changes nothing more, except that a request below `/asof/` is recorded twice. A final
//! answer closes the connection, so that a body that the client sends nevertheless is not taken for
//! the next request.

use std::rc::Rc;

use actix_http::{HttpMessage as _, Request, Response, body::BoxBody};
use actix_service::Service;
use actix_web::{
    Error,
    dev::ServiceResponse,
    http::{ConnectionType, StatusCode},
};

use super::head_limit::Head;
use crate::body::Unsent;

/// Returns the request if the server wants its body. Otherwise `Err` with the final response.
pub(super) async fn check<S>(app: &S, request: Request) -> Result<Request, Response<BoxBody>>
where
    S: Service<Request, Response = ServiceResponse, Error = Error>,
{
    let _answering = request.conn_data::<Rc<Head>>().map(Head::answering);
    let mut head = Request::new();
    head.head_mut().clone_from(request.head());
    head.extensions_mut().insert(Unsent::default());
    let answered = app.call(head).await?;
    if answered.status() == StatusCode::CONTINUE {
        return Ok(request);
    }
    let mut response = Response::from(answered);
    response.head_mut().set_connection_type(ConnectionType::Close);
    Err(response)
}
