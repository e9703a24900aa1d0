//! `CALDAV:schedule-response`: the result of a `POST` to the outbox (RFC 6638 §10.1).
//!
//! **Invariant:** the document has one response for each result that the caller writes, in the same
//! order. The elements of a response are in the order of the DTD (RFC 6638 §10.2).

use crate::{
    error::{Condition, write_nested},
    xml::Writer,
};

/// The result of a request for one recipient.
#[derive(Debug, Clone, Copy)]
pub struct RecipientResponse<'a> {
    /// The calendar user address of the recipient as the client wrote it.
    pub recipient: &'a str,
    /// The value of iTIP's `REQUEST-STATUS`, such as `2.0;Success`.
    pub request_status: &'a str,
    /// The `VFREEBUSY` reply of the recipient; `None` if there is none.
    pub calendar_data: Option<&'a str>,
    /// The condition that the request fails for this recipient; `None` if it fails none.
    pub error: Option<Condition>,
    /// An explanation of the result for people; `None` if there is none.
    pub description: Option<&'a str>,
}

/// A `CALDAV:schedule-response` document, which is written recipient by recipient.
#[derive(Debug)]
pub struct ScheduleResponse {
    writer: Writer,
}

impl Default for ScheduleResponse {
    fn default() -> Self {
        Self { writer: Writer::document("C:schedule-response") }
    }
}

impl ScheduleResponse {
    /// Writes the result for one recipient.
    pub fn answer(&mut self, answer: &RecipientResponse<'_>) {
        let writer = &mut self.writer;
        writer.start("C:response");
        writer.start("C:recipient");
        writer.element("D:href", answer.recipient);
        writer.end("C:recipient");
        writer.element("C:request-status", answer.request_status);
        if let Some(data) = answer.calendar_data {
            writer.element("C:calendar-data", data);
        }
        if let Some(condition) = answer.error {
            write_nested(writer, condition);
        }
        if let Some(description) = answer.description {
            writer.element("D:responsedescription", description);
        }
        writer.end("C:response");
    }

    /// Removes the text that was written so far from the document and returns it, for a response
    /// that is streamed.
    pub fn take(&mut self) -> String {
        self.writer.take()
    }

    /// Returns the number of bytes that [`Self::take`] would return.
    pub fn pending(&self) -> usize {
        self.writer.as_str().len()
    }

    /// Ends the document and returns the text that [`Self::take`] has not returned yet.
    pub fn finish(mut self) -> String {
        self.writer.end("C:schedule-response");
        self.writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        name::{CALDAV, DAV},
        xml::{Limits, parse},
    };

    #[test]
    fn each_recipient_gets_a_response_that_reads_back() {
        let data = "BEGIN:VCALENDAR\r\nX:<&>\r\nEND:VCALENDAR\r\n";
        let bare = RecipientResponse {
            recipient: "mailto:mike@example.org",
            request_status: "3.7;Invalid calendar user",
            calendar_data: None,
            error: None,
            description: None,
        };
        let busy = RecipientResponse {
            recipient: "mailto:a&b@example.org",
            request_status: "2.0;Success",
            calendar_data: Some(data),
            ..bare
        };
        let refused = RecipientResponse { error: Some(Condition::NeedPrivileges), description: Some("no"), ..bare };
        let mut response = ScheduleResponse::default();
        for answer in [busy, bare, refused] {
            response.answer(&answer);
        }
        let body = response.finish();
        let root = parse(body.as_bytes(), &Limits::default()).expect(&body);
        assert!(root.is_caldav("schedule-response"));
        let responses: Vec<_> = root.named(CALDAV, "response").collect();
        let names = |n: usize| responses[n].elements().map(|e| e.name.local()).collect::<Vec<_>>();
        assert_eq!(names(0), ["recipient", "request-status", "calendar-data"]);
        assert_eq!(names(1), ["recipient", "request-status"]);
        assert_eq!(names(2), ["recipient", "request-status", "error", "responsedescription"]);
        let recipient = responses[0].caldav("recipient").and_then(|recipient| recipient.child(DAV, "href"));
        assert_eq!(recipient.expect("an href").text(), "mailto:a&b@example.org");
        assert_eq!(responses[0].caldav("calendar-data").expect("data").text(), data);
    }
}
