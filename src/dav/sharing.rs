//! Writers of the XML about shared calendars (caldav-sharing §6).
//!
//! **Invariant:** the elements of a notification are in the order of the DTD. Texts are escaped
//! here.

use crate::{request::SharedAccess, time, xml::Writer};

/// The state of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteStatus {
    /// `CS:invite-noresponse`: the sharee has not answered yet.
    NoResponse,
    /// `CS:invite-accepted`: the sharee has accepted the calendar.
    Accepted,
    /// `CS:invite-declined`: the sharee has declined the calendar.
    Declined,
    /// `CS:invite-deleted`: the owner has withdrawn the invitation.
    Deleted,
}

/// A person, by address and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// The person's calendar user address.
    pub address: &'a str,
    /// The person's name, as clients display it.
    pub common_name: &'a str,
}

/// A sharee of a calendar (caldav-sharing §6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedUser<'a> {
    /// The sharee, by address and name.
    pub user: Named<'a>,
    /// The state of the sharee's invitation.
    pub status: InviteStatus,
    /// The sharee's access to the calendar.
    pub access: SharedAccess,
    /// The owner's description of the calendar; empty if there is none.
    pub summary: &'a str,
}

/// A message about an invitation, for the notification collection of a sharee or an owner
/// (caldav-sharing §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteNotification<'a> {
    /// The time at which the message was made, in seconds since the epoch.
    pub at: i64,
    /// The `CS:uid` of the invitation.
    pub uid: &'a str,
    /// The sharee to whom the invitation is addressed.
    pub to: SharedUser<'a>,
    /// The URL of the owner's calendar.
    pub host_url: &'a str,
    /// The owner of the calendar.
    pub organizer: Named<'a>,
    /// The component types that the calendar accepts.
    pub components: &'a [&'a str],
}

impl InviteStatus {
    const fn element(self) -> &'static str {
        match self {
            Self::NoResponse => "CS:invite-noresponse",
            Self::Accepted => "CS:invite-accepted",
            Self::Declined => "CS:invite-declined",
            Self::Deleted => "CS:invite-deleted",
        }
    }
}

impl InviteNotification<'_> {
    /// Returns the notification for the sharee: the invitation (caldav-sharing §6.15).
    pub fn invitation(&self) -> String {
        let mut writer = begin(self.at);
        writer.start_with("CS:invite-notification", &[("shared-type", "calendar")]);
        writer.element("CS:uid", self.uid);
        writer.element("D:href", self.to.user.address);
        writer.empty(self.to.status.element());
        access(&mut writer, self.to.access);
        host_url(&mut writer, self.host_url);
        organizer(&mut writer, self.organizer);
        summary(&mut writer, self.to.summary);
        crate::value::supported_calendar_component_set(&mut writer, self.components);
        writer.end("CS:invite-notification");
        finish(writer, "CS:notification")
    }

    /// Returns the notification for the owner: the sharee's reply (caldav-sharing §6.22).
    pub fn reply(&self) -> String {
        let mut writer = begin(self.at);
        writer.start_with("CS:invite-reply", &[("shared-type", "calendar")]);
        writer.element("D:href", self.to.user.address);
        writer.empty(self.to.status.element());
        host_url(&mut writer, self.host_url);
        writer.element("CS:in-reply-to", self.uid);
        summary(&mut writer, self.to.summary);
        writer.end("CS:invite-reply");
        finish(writer, "CS:notification")
    }
}

/// Returns `CS:shared-as` (caldav-sharing §6.29), the response to a reply that accepts an
/// invitation. `href` is the place of the calendar in the sharee's home.
pub fn shared_as(href: &str) -> String {
    let mut writer = Writer::document("CS:shared-as");
    writer.element("D:href", href);
    finish(writer, "CS:shared-as")
}

/// Writes the property `CS:invite` (caldav-sharing §5.2.2).
pub fn invite<'a>(writer: &mut Writer, owner: Named<'_>, users: impl IntoIterator<Item = SharedUser<'a>>) {
    writer.start("CS:invite");
    organizer(writer, owner);
    for SharedUser { user, status, access: level, summary: words } in users {
        writer.start("CS:user");
        writer.element("D:href", user.address);
        writer.element("CS:common-name", user.common_name);
        writer.empty(status.element());
        access(writer, level);
        summary(writer, words);
        writer.end("CS:user");
    }
    writer.end("CS:invite");
}

/// Writes the property `CS:notificationtype` (caldav-sharing §4.2.1): `CS:invite-reply` if
/// `is_reply`, else `CS:invite-notification`.
pub fn notification_type(writer: &mut Writer, is_reply: bool) {
    writer.start("CS:notificationtype");
    let element = if is_reply { "CS:invite-reply" } else { "CS:invite-notification" };
    writer.empty_with(element, &[("shared-type", "calendar")]);
    writer.end("CS:notificationtype");
}

fn begin(at: i64) -> Writer {
    let mut writer = Writer::document("CS:notification");
    // The time is written in the form of iCalendar, as CalendarServer does: 20120919T120000Z.
    writer.element("CS:dtstamp", &time::rfc3339(at).replace(['-', ':'], ""));
    writer
}

fn finish(mut writer: Writer, root: &'static str) -> String {
    writer.end(root);
    writer.finish()
}

fn access(writer: &mut Writer, access: SharedAccess) {
    writer.start("CS:access");
    writer.empty(match access {
        SharedAccess::Read => "CS:read",
        SharedAccess::ReadWrite => "CS:read-write",
    });
    writer.end("CS:access");
}

fn host_url(writer: &mut Writer, href: &str) {
    writer.start("CS:hosturl");
    writer.element("D:href", href);
    writer.end("CS:hosturl");
}

fn organizer(writer: &mut Writer, Named { address, common_name }: Named<'_>) {
    writer.start("CS:organizer");
    writer.element("D:href", address);
    writer.element("CS:common-name", common_name);
    writer.end("CS:organizer");
}

fn summary(writer: &mut Writer, summary: &str) {
    if !summary.is_empty() {
        writer.element("CS:summary", summary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(status: InviteStatus, summary: &str) -> InviteNotification<'_> {
        let user = Named { address: "mailto:eric@example.com", common_name: "Eric & Co" };
        let to = SharedUser { user, status, access: SharedAccess::ReadWrite, summary };
        let organizer = Named { address: "mailto:cyrus@example.com", common_name: "Cyrus" };
        InviteNotification {
            at: 0,
            uid: "7",
            to,
            host_url: "/calendars/cyrus/work/",
            organizer,
            components: &["VEVENT"],
        }
    }

    fn body(document: &str) -> &str {
        document.split_once("</CS:dtstamp>").expect("a time").1
    }

    #[test]
    fn a_notification_has_its_elements_in_the_order_of_the_document_type() {
        let invitation = notification(InviteStatus::NoResponse, "a<b").invitation();
        assert!(invitation.contains("<CS:dtstamp>19700101T000000Z</CS:dtstamp>"), "{invitation}");
        let expected = "<CS:invite-notification shared-type=\"calendar\"><CS:uid>7</CS:uid>\
            <D:href>mailto:eric@example.com</D:href><CS:invite-noresponse/><CS:access><CS:read-write/></CS:access>\
            <CS:hosturl><D:href>/calendars/cyrus/work/</D:href></CS:hosturl><CS:organizer>\
            <D:href>mailto:cyrus@example.com</D:href><CS:common-name>Cyrus</CS:common-name></CS:organizer>\
            <CS:summary>a&lt;b</CS:summary><C:supported-calendar-component-set><C:comp name=\"VEVENT\"/>\
            </C:supported-calendar-component-set></CS:invite-notification></CS:notification>";
        assert_eq!(body(&invitation), expected);
        let expected = "<CS:invite-reply shared-type=\"calendar\"><D:href>mailto:eric@example.com</D:href>\
            <CS:invite-accepted/><CS:hosturl><D:href>/calendars/cyrus/work/</D:href></CS:hosturl>\
            <CS:in-reply-to>7</CS:in-reply-to></CS:invite-reply></CS:notification>";
        assert_eq!(body(&notification(InviteStatus::Accepted, "").reply()), expected);
    }

    #[test]
    fn who_has_a_calendar_is_listed_with_how_their_invitations_stand() {
        let InviteNotification { to, organizer, .. } = notification(InviteStatus::Declined, "");
        let mut writer = Writer::fragment();
        invite(&mut writer, organizer, [to]);
        let expected = "<CS:invite><CS:organizer><D:href>mailto:cyrus@example.com</D:href>\
            <CS:common-name>Cyrus</CS:common-name></CS:organizer><CS:user><D:href>mailto:eric@example.com</D:href>\
            <CS:common-name>Eric &amp; Co</CS:common-name><CS:invite-declined/><CS:access><CS:read-write/></CS:access>\
            </CS:user></CS:invite>";
        assert_eq!(writer.finish(), expected);
    }
}
