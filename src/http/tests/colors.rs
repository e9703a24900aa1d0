//! Colours of calendars (Apple's `calendar-color`) and of events (RFC 7986 §5.9) stay as clients
//! write them.

use super::{
    server::Server,
    sharing::{WORK, xml},
};

#[actix_web::test]
async fn a_colour_stays_as_it_was_written_whatever_it_is() {
    let server = Server::start().await;
    for color in ["#FF2968FF", "#ff2968", "turquoise", "#1af", "Cornflower Blue", ""] {
        let set = format!(
            "<D:propertyupdate><D:set><D:prop><color xmlns='urn:x'/><A:calendar-color \
             xmlns:A='http://apple.com/ns/ical/'>{color}</A:calendar-color></D:prop></D:set></D:propertyupdate>"
        );
        let (status, answer) = xml(&server, "anna", "PROPPATCH", WORK, &set).await;
        assert!(status == 207 && answer.contains("200 OK") && !answer.contains("403"), "{color}: {answer}");
        let asked = "<D:propfind><D:prop><A:calendar-color xmlns:A='http://apple.com/ns/ical/'/></D:prop></D:propfind>";
        let found = xml(&server, "anna", "PROPFIND", WORK, asked).await.1;
        let expected = if color.is_empty() { "calendar-color" } else { color };
        assert!(found.contains(expected), "{color}: {found}");

        let event = specimens::event("1", &format!("DTSTART:20260105T120000Z\nCOLOR:{color}"));
        let path = format!("{WORK}1.ics");
        let stored = server.send("anna", "PUT", &path, &[], &event).await;
        assert!(stored.status.is_success(), "{color}: {}", stored.body);
        if !color.is_empty() {
            assert_eq!(server.send("anna", "GET", &path, &[], "").await.body, event);
        }
    }
}
