use super::*;

fn site() -> Site {
    Site { url: "https://cal.example.com/".to_owned(), realm: "Daybook".to_owned() }
}

fn shown(hostile: &str) -> String {
    let notice = Notice::Refused(hostile.to_owned());
    let text = || hostile.to_owned();
    let calendar = Calendar { id: text(), name: text(), url: text(), color: Some(text()), receives_invitations: true };
    let given = Given { to: text(), name: text(), calendar: Some(text()), what: text(), may: text() };
    let received = Received {
        owner: text(),
        what: text(),
        may: text(),
        url: text(),
        color: Some(text()),
        offered: Some(Offered::Waiting(text())),
    };
    let device = Device { name: text(), made: text(), last_used: Some(text()) };
    account(
        &site(),
        &Account {
            token: hostile,
            login: hostile,
            display_name: hostile,
            calendars: vec![calendar],
            given: vec![given],
            received: vec![received],
            devices: vec![device],
            made: Some((text(), text())),
            has_password: true,
            notice: Some(&notice),
        },
    )
}

#[test]
fn what_people_wrote_never_becomes_markup() {
    let hostile = "\"><script>alert(1)</script><a href='javascript:x'>&amp;";
    for page in [
        shown(hostile),
        welcome(&site(), hostile, Some(&Notice::Refused(hostile.to_owned())), hostile, Some(hostile)),
        unknown_person(&site(), hostile, hostile, Some(hostile)),
        logged_out(&site(), hostile, Some(hostile)),
    ] {
        assert!(!page.contains("<script") && !page.contains("<a href='"), "{page}");
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }
}

#[test]
fn pages_have_no_scripts_and_no_styles_inside() {
    for page in [shown("x"), welcome(&site(), "t", None, "", Some("Example")), failure(&site(), "why")] {
        for forbidden in ["<script", " style=", "<style", " onclick", "javascript:", "<img"] {
            assert!(!page.contains(forbidden), "{forbidden}: {page}");
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_form_a_token() {
    for page in [shown("x"), welcome(&site(), "t", None, "", Some("Example"))] {
        let forms = page.matches("<form").count();
        assert_eq!(page.matches("type=\"hidden\" name=\"token\"").count(), forms, "{page}");
        for id in page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
            let is_field =
                page.contains(&format!("<input id=\"{id}\"")) || page.contains(&format!("<select id=\"{id}\""));
            assert!(!is_field || page.contains(&format!("<label for=\"{id}\"")), "{id} has no label");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        assert_eq!(page.matches("<main").count(), 1);
    }
}

#[test]
fn an_account_without_a_password_here_changes_none() {
    let notice = None;
    let page = account(
        &site(),
        &Account {
            token: "t",
            login: "alice",
            display_name: "Alice",
            calendars: vec![],
            given: vec![],
            received: vec![],
            devices: vec![],
            made: None,
            has_password: false,
            notice,
        },
    );
    assert!(!page.contains(path::CHANGE_PASSWORD) && page.contains("belongs to another system"), "{page}");
}

#[test]
fn only_colours_are_drawn() {
    let drawn = |color| account::swatch(Some(color)).into_string();
    assert!(drawn("#1badf8").contains("fill=\"#1badf8\""));
    assert!(drawn("#1badf8ff").contains("fill=\"#1badf8\""), "without its opacity");
    for other in ["red", "#12345", "#12345g", "url(x)", "#ääää"] {
        assert!(drawn(other).contains("fill=\"none\""), "{other}");
    }
}

#[test]
fn a_profile_names_host_port_and_login() {
    let profile = mobile_config(&site(), Some("al&ice"));
    for part in ["<string>cal.example.com</string>", "<integer>443</integer>", "<true/>", "<string>al&amp;ice</string>"]
    {
        assert!(profile.contains(part), "{part}: {profile}");
    }
    assert_eq!(profile, mobile_config(&site(), Some("al&ice")), "installing it again replaces it");
    let plain = Site { url: "http://localhost:8080/".to_owned(), ..site() };
    let profile = mobile_config(&plain, None);
    assert!(profile.contains("<integer>8080</integer>") && profile.contains("<false/>"), "{profile}");
    assert!(!profile.contains("CalDAVUsername"));
}
