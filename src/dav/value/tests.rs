use super::*;
use crate::{
    name::{CALDAV, CALENDAR_HOME_SET, DISPLAY_NAME, OWNER},
    privilege::Privilege,
    request::{self, AcePrincipal, Effect},
    setting::{Setting, Transparency},
    xml::{Element, Limits, parse},
};

fn written(write: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::fragment();
    write(&mut writer);
    writer.finish()
}

fn document(fragment: &str) -> Element {
    let mut writer = Writer::document("D:x");
    writer.raw(fragment);
    writer.end("D:x");
    let root = parse(writer.as_str().as_bytes(), &Limits::default()).expect(fragment);
    root.elements().next().expect("one property").clone()
}

#[test]
fn values_are_written_as_the_rfcs_show_them() {
    let report = QName::of(CALDAV, "calendar-query");
    for (xml, expected) in [
        (written(|w| creation_date(w, 0)), "<D:creationdate>1970-01-01T00:00:00Z</D:creationdate>"),
        (written(|w| last_modified(w, 0)), "<D:getlastmodified>Thu, 01 Jan 1970 00:00:00 GMT</D:getlastmodified>"),
        (
            written(|w| resource_type(w, &["D:collection", "C:calendar"])),
            "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
        ),
        (written(|w| href(w, "D:owner", "/a&b/")), "<D:owner><D:href>/a&amp;b/</D:href></D:owner>"),
        (
            written(|w| calendar_user_address_set(w, ["mailto:a@b", "/p/"])),
            "<C:calendar-user-address-set><D:href preferred=\"1\">mailto:a@b</D:href><D:href>/p/</D:href>\
             </C:calendar-user-address-set>",
        ),
        (
            written(|w| current_user_principal(w, None)),
            "<D:current-user-principal><D:unauthenticated/></D:current-user-principal>",
        ),
        (
            written(|w| supported_report_set(w, [&report])),
            "<D:supported-report-set><D:supported-report><D:report><C:calendar-query/></D:report></D:supported-report>\
             </D:supported-report-set>",
        ),
        (
            written(|w| supported_calendar_component_sets(w, &[&["VEVENT"]])),
            "<C:supported-calendar-component-sets><C:supported-calendar-component-set><C:comp name=\"VEVENT\"/>\
             </C:supported-calendar-component-set></C:supported-calendar-component-sets>",
        ),
        (
            written(supported_calendar_data),
            "<C:supported-calendar-data><C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>\
             </C:supported-calendar-data>",
        ),
        (
            written(|w| supported_collation_set(w, &["i;octet"])),
            "<C:supported-collation-set><C:supported-collation>i;octet</C:supported-collation>\
             </C:supported-collation-set>",
        ),
        (written(acl_restrictions), "<D:acl-restrictions/>"),
    ] {
        assert_eq!(xml, expected);
        document(&xml);
    }
}

#[test]
fn an_acl_that_was_read_is_written_the_same() {
    let principals = [
        AcePrincipal::Href("/p/".into()),
        AcePrincipal::All,
        AcePrincipal::Authenticated,
        AcePrincipal::Unauthenticated,
        AcePrincipal::Oneself,
        AcePrincipal::Property(OWNER.clone()),
    ];
    let mut writer = Writer::document("D:x");
    let entry = |principal, inverted, effect| ShownAce {
        principal,
        inverted,
        effect,
        privileges: &[Privilege::Read, Privilege::ScheduleSend],
        protected: true,
        inherited: Some("/"),
    };
    acl(&mut writer, principals.iter().flat_map(|p| [entry(p, false, Effect::Grant), entry(p, true, Effect::Deny)]));
    let (_, xml) = writer.as_str().split_once("<D:acl>").expect("an acl");
    let fixed = "<D:protected/><D:inherited><D:href>/</D:href></D:inherited>";
    assert_eq!(xml.matches(&format!("{fixed}</D:ace>")).count(), 12);
    // The written property is sent as the body of `ACL`, without protected and inherited entries,
    // which a request cannot set.
    let body = format!("<D:acl xmlns:D='DAV:' xmlns:C='{CALDAV}'>{}", xml.replace(fixed, ""));
    let read = request::acl(body.as_bytes(), &Limits::default()).expect(&body);
    let again = written(|w| {
        acl(
            w,
            read.iter()
                .map(|ace| ShownAce { privileges: &ace.privileges, ..entry(&ace.principal, ace.inverted, ace.effect) }),
        );
    });
    assert_eq!(again, format!("<D:acl>{xml}"));
}

#[test]
fn settings_read_back_what_values_wrote() {
    let components = document(&written(|w| supported_calendar_component_set(w, &["VEVENT", "VTODO"])));
    assert_eq!(Setting::read(&components), Ok(Some(Setting::Components(vec!["VEVENT".into(), "VTODO".into()]))));
    for transparency in [Transparency::Opaque, Transparency::Transparent] {
        let element = document(&written(|w| schedule_calendar_transp(w, transparency)));
        assert_eq!(Setting::read(&element), Ok(Some(Setting::Transparency(transparency))));
    }
}

#[test]
fn searchable_properties_are_described() {
    let body = principal_search_property_set(&[(&DISPLAY_NAME, "Name"), (&CALENDAR_HOME_SET, "Home")]);
    let root = parse(body.as_bytes(), &Limits::default()).expect(&body);
    assert_eq!(root.elements().count(), 2);
    assert!(body.contains("<D:prop><D:displayname/></D:prop><D:description xml:lang=\"en\">Name</D:description>"));
}
