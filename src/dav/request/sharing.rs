//! The request bodies that share a calendar, and that reply to an invitation (caldav-sharing §6.22,
//! §6.26).

use super::{RequestError, required, word};
use crate::{
    name::{CALENDARSERVER, DAV},
    xml::{Element, Limits, parse},
};

/// The body of a `POST` about sharing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// `CS:share`, sent to a calendar: the changes in the order of the request.
    Share(Vec<ShareeChange>),
    /// `CS:invite-reply`, sent to the home of the sharee.
    Reply(InviteReply),
}

/// A change of the access that a sharee has to a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareeChange {
    /// The sharee, as the href of a principal or as a calendar user address.
    pub href: String,
    /// The access that the sharee gets; `None` ends the share.
    pub access: Option<SharedAccess>,
    /// The owner's description of the calendar; empty if there is none.
    pub summary: String,
}

/// The level of a sharee's access (caldav-sharing §5.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedAccess {
    /// `CS:read`: the sharee may read.
    Read,
    /// `CS:read-write`: the sharee may read and write.
    ReadWrite,
}

/// A sharee's reply to an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteReply {
    /// The answer: the calendar is accepted or declined.
    pub answer: InviteAnswer,
    /// The `CS:uid` of the invitation.
    pub in_reply_to: String,
    /// The URL of the calendar (`CS:hosturl`); `None` if the reply has none.
    pub host: Option<String>,
    /// The name that the sharee gives to the calendar; empty if there is none.
    pub summary: String,
}

/// The answer to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteAnswer {
    /// `CS:invite-accepted`: the sharee accepts the calendar.
    Accepted,
    /// `CS:invite-declined`: the sharee declines the calendar.
    Declined,
}

/// Reads the body of a `POST` about sharing. Returns an error if the body is malformed, or its root
/// is neither `CS:share` nor `CS:invite-reply`.
pub fn sharing(body: &[u8], limits: &Limits) -> Result<Sharing, RequestError> {
    let root = parse(body, limits)?;
    if root.is(CALENDARSERVER, "share") {
        let changes = root.elements().filter(|element| element.name.namespace() == CALENDARSERVER);
        return Ok(Sharing::Share(changes.map(change).collect::<Result<_, _>>()?));
    }
    if root.is(CALENDARSERVER, "invite-reply") {
        return Ok(Sharing::Reply(reply(&root)?));
    }
    Err(RequestError::invalid(&root, "the root element for POST must be `CS:share` or `CS:invite-reply`"))
}

fn change(element: &Element) -> Result<ShareeChange, RequestError> {
    let href = word(required(element, DAV, "href")?);
    let access = match element.name.local() {
        "set" => Some(access(element)?),
        "remove" => None,
        _ => return Err(RequestError::invalid(element, "only `CS:set` and `CS:remove` are allowed in `CS:share`")),
    };
    Ok(ShareeChange { href, access, summary: summary(element) })
}

fn access(element: &Element) -> Result<SharedAccess, RequestError> {
    let has = |local| element.child(CALENDARSERVER, local).is_some();
    match (has("read"), has("read-write")) {
        (true, false) => Ok(SharedAccess::Read),
        (false, true) => Ok(SharedAccess::ReadWrite),
        _ => Err(RequestError::invalid(element, "the element must contain either `CS:read` or `CS:read-write`")),
    }
}

fn reply(root: &Element) -> Result<InviteReply, RequestError> {
    let has = |local| root.child(CALENDARSERVER, local).is_some();
    let answer = match (has("invite-accepted"), has("invite-declined")) {
        (true, false) => InviteAnswer::Accepted,
        (false, true) => InviteAnswer::Declined,
        _ => {
            return Err(RequestError::invalid(
                root,
                "the element must contain either `CS:invite-accepted` or `CS:invite-declined`",
            ));
        }
    };
    let in_reply_to = word(required(root, CALENDARSERVER, "in-reply-to")?);
    let host = root.child(CALENDARSERVER, "hosturl").and_then(|host| host.child(DAV, "href")).map(word);
    Ok(InviteReply { answer, in_reply_to, host, summary: summary(root) })
}

fn summary(element: &Element) -> String {
    element.child(CALENDARSERVER, "summary").map(word).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Sharing, RequestError> {
        let (name, rest) = body.split_at(body.find(['>', '/', ' ']).expect("a name"));
        let spaces = "xmlns:D=\"DAV:\" xmlns:CS=\"http://calendarserver.org/ns/\"";
        sharing(format!("{name} {spaces}{rest}").as_bytes(), &Limits::default())
    }

    #[test]
    fn sharees_are_set_and_removed_in_the_order_of_the_request() {
        let body = "<CS:share><CS:set><D:href> mailto:eric@example.com </D:href><CS:common-name>Eric York</CS:common-name>\
            <CS:summary>Shared workspace</CS:summary><CS:read-write/></CS:set>\
            <CS:remove><D:href>mailto:wilfredo@example.com</D:href></CS:remove></CS:share>";
        let change = |href: &str, access, summary: &str| ShareeChange {
            href: href.to_owned(),
            access,
            summary: summary.to_owned(),
        };
        let expected = vec![
            change("mailto:eric@example.com", Some(SharedAccess::ReadWrite), "Shared workspace"),
            change("mailto:wilfredo@example.com", None, ""),
        ];
        assert_eq!(read(body), Ok(Sharing::Share(expected)));
    }

    #[test]
    fn a_reply_accepts_or_declines() {
        let reply = |answer: &str| {
            read(&format!(
                "<CS:invite-reply><D:href>mailto:eric@example.com</D:href>{answer}<CS:hosturl><D:href>/a/</D:href>\
                 </CS:hosturl><CS:in-reply-to>7</CS:in-reply-to></CS:invite-reply>"
            ))
        };
        let read = |answer| InviteReply {
            answer,
            in_reply_to: "7".to_owned(),
            host: Some("/a/".to_owned()),
            summary: String::new(),
        };
        assert_eq!(reply("<CS:invite-accepted/>"), Ok(Sharing::Reply(read(InviteAnswer::Accepted))));
        assert_eq!(reply("<CS:invite-declined/>"), Ok(Sharing::Reply(read(InviteAnswer::Declined))));
        assert!(reply("").is_err() && reply("<CS:invite-accepted/><CS:invite-declined/>").is_err());
    }

    #[test]
    fn a_body_that_is_about_something_else_is_refused() {
        for body in [
            "<CS:shared/>",
            "<D:share/>",
            "<CS:share><CS:set><CS:read/></CS:set></CS:share>",
            "<CS:share><CS:set><D:href>a</D:href></CS:set></CS:share>",
            "<CS:share><CS:set><D:href>a</D:href><CS:read/><CS:read-write/></CS:set></CS:share>",
            "<CS:share><CS:other><D:href>a</D:href></CS:other></CS:share>",
            "<CS:invite-reply><CS:invite-accepted/></CS:invite-reply>",
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }
}
