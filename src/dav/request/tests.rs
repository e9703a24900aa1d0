use proptest::prelude::*;

use super::*;
use ical::TimeRange;

use crate::{error::Condition, name::*, privilege::Privilege, status::Status};

const NS: &str = r#"xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:x="urn:x""#;

/// Returns the XML with the namespaces declared on its root.
fn body(xml: &str) -> Vec<u8> {
    let at = xml.find(['>', '/', ' ']).expect("a root");
    let at = if xml[at..].starts_with('/') { xml.find("/>").expect("an empty root") } else { at };
    format!("{} {NS}{}", &xml[..at], &xml[at..]).into_bytes()
}

fn limits() -> Limits {
    Limits::default()
}

fn report(body: &[u8], limits: &Limits) -> Result<Report, RequestError> {
    super::report(body, limits).map(|request| request.report)
}

fn props(names: &[&QName]) -> Props {
    Props { names: names.iter().map(|name| (*name).clone()).collect(), calendar_data: None }
}

#[test]
fn a_propfind_asks_for_some_all_or_the_names() {
    for (title, xml, expected) in [
        (
            "names once each",
            "<D:propfind><D:prop><D:getetag/><D:owner/><D:getetag/></D:prop></D:propfind>",
            Wanted::Prop(props(&[&GET_ETAG, &OWNER])),
        ),
        ("none", "<D:propfind><D:prop/></D:propfind>", Wanted::Prop(Props::default())),
        ("all", "<D:propfind><D:allprop/></D:propfind>", Wanted::AllProp { include: Props::default() }),
        (
            "all and more",
            "<D:propfind><D:allprop/><D:include><D:acl/></D:include></D:propfind>",
            Wanted::AllProp { include: props(&[&ACL]) },
        ),
        ("names", "<D:propfind><D:propname/><x:ignored/></D:propfind>", Wanted::PropName),
    ] {
        assert_eq!(propfind(&body(xml), &limits()), Ok(expected), "{title}");
    }
    assert_eq!(propfind(b" \r\n", &limits()), Ok(Wanted::AllProp { include: Props::default() }));
}

#[test]
fn updates_keep_the_order_of_the_document() {
    let xml = "<D:propertyupdate><D:set><D:prop><x:a>1</x:a><x:b/></D:prop></D:set><D:remove><D:prop><x:a/></D:prop>\
               </D:remove><D:set><D:prop><x:c/></D:prop></D:set></D:propertyupdate>";
    let updates = proppatch(&body(xml), &limits()).expect("a body");
    let seen: Vec<_> = updates.iter().map(|update| (matches!(update, Update::Set(_)), update.name().local())).collect();
    assert_eq!(seen, [(true, "a"), (true, "b"), (false, "a"), (true, "c")]);
}

#[test]
fn a_creation_has_properties_and_perhaps_a_type() {
    let calendar = "<C:mkcalendar><D:set><D:prop><D:displayname>Work</D:displayname></D:prop></D:set></C:mkcalendar>";
    let creation = mkcalendar(&body(calendar), &limits()).expect("a body");
    assert_eq!((creation.resource_type, creation.set.len()), (None, 1));
    assert_eq!(mkcalendar(b"", &limits()), Ok(Creation::default()));

    let collection = "<D:mkcol><D:set><D:prop><D:resourcetype><D:collection/><C:calendar/></D:resourcetype>\
                      <D:displayname/></D:prop></D:set></D:mkcol>";
    let creation = mkcol(&body(collection), &limits()).expect("a body");
    let types = [QName::of(DAV, "collection"), QName::of(CALDAV, "calendar")];
    assert_eq!((creation.resource_type.as_deref(), creation.set.len()), (Some(&types[..]), 1));
}

#[test]
fn a_multiget_names_hrefs() {
    let xml = "<C:calendar-multiget><D:prop><D:getetag/></D:prop><D:href> /a%20b </D:href><D:href>/c</D:href></C:calendar-multiget>";
    let expected =
        CalendarMultiget { wanted: Wanted::Prop(props(&[&GET_ETAG])), hrefs: vec!["/a%20b".into(), "/c".into()] };
    assert_eq!(report(&body(xml), &limits()), Ok(Report::CalendarMultiget(expected)));
}

#[test]
fn a_sync_has_a_token_a_level_and_a_limit() {
    let prop = "<D:prop><D:getetag/></D:prop>";
    let wanted = props(&[&GET_ETAG]);
    for (title, inner, token, level, limit) in [
        ("first", "<D:sync-token/><D:sync-level>1</D:sync-level>", None, Some(SyncLevel::One), None),
        (
            "later",
            "<D:sync-token> urn:1 </D:sync-token><D:sync-level>infinite</D:sync-level>",
            Some("urn:1"),
            Some(SyncLevel::Infinite),
            None,
        ),
        ("by depth", "<D:sync-token/><D:limit><D:nresults>10</D:nresults></D:limit>", None, None, Some(10)),
    ] {
        let xml = format!("<D:sync-collection>{inner}{prop}</D:sync-collection>");
        let token = token.map(str::to_owned);
        let expected = SyncCollection { token, level, limit, wanted: wanted.clone() };
        assert_eq!(report(&body(&xml), &limits()), Ok(Report::SyncCollection(expected)), "{title}");
    }
}

#[test]
fn expansions_nest() {
    let xml = r#"<D:expand-property><D:property name="group-membership"><D:property name="y" namespace="urn:x"/>
                 </D:property><D:property name="owner"/></D:expand-property>"#;
    let leaf = |name| Expanded { name, inside: Vec::new() };
    let expected = vec![
        Expanded { name: GROUP_MEMBERSHIP.clone(), inside: vec![leaf(QName::of("urn:x", "y"))] },
        leaf(OWNER.clone()),
    ];
    assert_eq!(report(&body(xml), &limits()), Ok(Report::ExpandProperty(expected)));
}

#[test]
fn principals_are_matched_and_searched() {
    let oneself = "<D:principal-match><D:self/></D:principal-match>";
    let expected = PrincipalMatch { by: MatchBy::Oneself, wanted: Props::default() };
    assert_eq!(report(&body(oneself), &limits()), Ok(Report::PrincipalMatch(expected)));

    let owned = "<D:principal-match><D:principal-property><D:owner/></D:principal-property><D:prop><D:owner/></D:prop></D:principal-match>";
    let expected = PrincipalMatch { by: MatchBy::Property(OWNER.clone()), wanted: props(&[&OWNER]) };
    assert_eq!(report(&body(owned), &limits()), Ok(Report::PrincipalMatch(expected)));

    let search = r#"<D:principal-property-search test="anyof"><D:property-search><D:prop><D:displayname/></D:prop>
        <D:match match-type="starts-with">An na</D:match></D:property-search><D:prop><D:owner/></D:prop>
        <D:apply-to-principal-collection-set/></D:principal-property-search>"#;
    let expected = PrincipalSearch {
        searches: vec![PropertySearch {
            properties: vec![DISPLAY_NAME.clone()],
            text: "An na".into(),
            match_type: MatchType::StartsWith,
        }],
        test: Test::AnyOf,
        wanted: props(&[&OWNER]),
        everywhere: true,
    };
    assert_eq!(report(&body(search), &limits()), Ok(Report::PrincipalPropertySearch(expected)));
    let set = report(&body("<D:principal-search-property-set/>"), &limits());
    assert_eq!(set, Ok(Report::PrincipalSearchPropertySet));
    let acl =
        report(&body("<D:acl-principal-prop-set><D:prop><D:owner/></D:prop></D:acl-principal-prop-set>"), &limits());
    assert_eq!(acl, Ok(Report::AclPrincipalPropSet(props(&[&OWNER]))));
}

#[test]
fn busy_times_are_asked_for_in_utc() {
    let ask = |range: &str| {
        report(&body(&format!("<C:free-busy-query><C:time-range {range}/></C:free-busy-query>")), &limits())
    };
    for (range, start, end) in [
        ("start='19700101T000000Z' end='19700102T000000Z'", Some(0), Some(86_400)),
        ("start='19700101T000001Z'", Some(1), None),
        ("end='19700101T000001Z'", None, Some(1)),
    ] {
        assert_eq!(ask(range), Ok(Report::FreeBusyQuery(TimeRange { start, end })), "{range}");
    }
    for (range, why) in [
        ("start='19700102T000000Z' end='19700101T000000Z'", "not after"),
        ("start='19700101T000000Z' end='19700101T000000Z'", "not after"),
        ("start='19700101T000000'", "`start` must be a date with UTC time"),
        ("start='19700101T000000Z' end='19700102'", "`end` must be a date with UTC time"),
        ("", "needs `start`, `end` or both"),
    ] {
        let error = ask(range).expect_err(range);
        // RFC 4791 §7.10 defines no precondition for an invalid range.
        assert_eq!((error.status(), error.condition()), (Status::BAD_REQUEST, None), "{range}");
        assert!(error.to_string().contains(why), "{range}: {error}");
    }
}

#[test]
fn an_element_that_may_stand_once_is_refused_the_second_time() {
    let filter = "<C:filter><C:comp-filter name='VCALENDAR'/></C:filter>";
    let range = "<C:time-range start='19700101T000000Z' end='19700102T000000Z'/>";
    let search = "<D:property-search><D:prop><D:owner/></D:prop><D:match>a</D:match></D:property-search>";
    for twice in [
        "<D:acl-principal-prop-set><D:prop/><D:prop/></D:acl-principal-prop-set>".to_owned(),
        "<D:principal-match><D:self/><D:prop/><D:prop/></D:principal-match>".to_owned(),
        "<D:principal-match><D:self/><D:self/></D:principal-match>".to_owned(),
        format!("<D:principal-property-search>{search}<D:prop/><D:prop/></D:principal-property-search>"),
        "<D:principal-property-search><D:property-search><D:prop><D:owner/></D:prop><D:match>a</D:match><D:match>b</D:match>\
            </D:property-search></D:principal-property-search>"
            .to_owned(),
        format!("<C:calendar-query>{filter}{filter}</C:calendar-query>"),
        format!("<C:calendar-query>{filter}<C:timezone-id>UTC</C:timezone-id><C:timezone-id>UTC</C:timezone-id></C:calendar-query>"),
        format!("<C:calendar-query><D:prop><C:calendar-data/><C:calendar-data/></D:prop>{filter}</C:calendar-query>"),
        format!("<C:free-busy-query>{range}{range}</C:free-busy-query>"),
        "<D:sync-collection><D:sync-token/><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>".to_owned(),
        "<D:sync-collection><D:sync-token/><D:sync-level>1</D:sync-level><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>"
            .to_owned(),
    ] {
        let error = report(&body(&twice), &limits()).expect_err(&twice);
        assert_eq!((error.status(), error.condition()), (Status::BAD_REQUEST, None), "{twice}");
        assert!(error.to_string().contains("only once"), "{twice}: {error}");
    }
    let both =
        "<D:principal-match><D:self/><D:principal-property><D:owner/></D:principal-property></D:principal-match>";
    assert_eq!(report(&body(both), &limits()).expect_err("either").status(), Status::BAD_REQUEST);
}

#[test]
fn a_principal_search_has_at_most_a_hundred_conditions() {
    let search = "<D:property-search><D:prop><D:owner/></D:prop><D:match>a</D:match></D:property-search>";
    let ask = |number: usize| {
        let searches = search.repeat(number);
        report(&body(&format!("<D:principal-property-search>{searches}</D:principal-property-search>")), &limits())
    };
    assert!(ask(100).is_ok());
    let error = ask(101).expect_err("one too many");
    assert!(error.to_string().contains("more than 100 properties"), "{error}");
}

#[test]
fn a_request_names_at_most_five_hundred_properties() {
    let names = |count: usize| (0..count).map(|number| format!("<x:p{number}/>")).collect::<Vec<_>>().concat();
    let outcomes = |count: usize| {
        let set = format!("<D:set><D:prop>{}</D:prop></D:set>", names(count));
        // Each instruction counts, even in a `set` of its own, and even for a name that occurred
        // before.
        let single = "<D:set><D:prop><x:p/></D:prop></D:set>".repeat(count - 1);
        let remove = "<D:remove><D:prop><x:p/></D:prop></D:remove>";
        let expanded = format!("<D:property name='a'>{}</D:property>", "<D:property name='b'/>".repeat(count - 1));
        let selected = "<C:prop name='X'/>".repeat(count - 2) + "<C:comp name='VEVENT'/>";
        let data = format!("<C:calendar-data><C:comp name='VCALENDAR'>{selected}</C:comp></C:calendar-data>");
        let multiget = format!("<C:calendar-multiget><D:prop>{data}</D:prop><D:href>/a</D:href></C:calendar-multiget>");
        [
            proppatch(&body(&format!("<D:propertyupdate>{set}</D:propertyupdate>")), &limits()).err(),
            proppatch(&body(&format!("<D:propertyupdate>{single}{remove}</D:propertyupdate>")), &limits()).err(),
            mkcalendar(&body(&format!("<C:mkcalendar>{set}</C:mkcalendar>")), &limits()).err(),
            mkcol(&body(&format!("<D:mkcol>{set}</D:mkcol>")), &limits()).err(),
            propfind(&body(&format!("<D:propfind><D:prop>{}</D:prop></D:propfind>", names(count))), &limits()).err(),
            report(&body(&format!("<D:expand-property>{expanded}</D:expand-property>")), &limits()).err(),
            report(&body(&multiget), &limits()).err(),
        ]
    };
    assert!(outcomes(500).iter().all(Option::is_none), "{:?}", outcomes(500));
    for (row, error) in outcomes(501).into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("row {row} has one too many"));
        assert_eq!(error.status(), Status::BAD_REQUEST, "{row}");
        assert!(error.to_string().contains("more than 500"), "{row}: {error}");
    }
}

#[test]
fn the_names_that_a_request_asks_for_have_sixteen_kibibytes_together() {
    // Together with the namespace `urn:x`, each of the 32 names has 512 octets.
    let names = |more: usize| (0..32).map(move |n| format!("n{n:0>506}{}", "x".repeat(if n == 31 { more } else { 0 })));
    let outcomes = |more: usize| {
        let props: Vec<_> = names(more).map(|name| format!("<x:{name}/>")).collect();
        let properties: Vec<_> =
            names(more).map(|name| format!("<D:property namespace='urn:x' name='{name}'/>")).collect();
        let (props, properties) = (props.concat(), properties.concat());
        [
            propfind(&body(&format!("<D:propfind><D:prop>{props}</D:prop></D:propfind>")), &limits()).err(),
            report(&body(&format!("<D:expand-property>{properties}</D:expand-property>")), &limits()).err(),
        ]
    };
    assert!(outcomes(0).iter().all(Option::is_none), "{:?}", outcomes(0));
    for (row, error) in outcomes(1).into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("row {row} has one octet too many"));
        assert!(error.to_string().contains("more than 16384 octets"), "{row}: {error}");
    }
}

#[test]
fn a_report_has_the_name_of_its_root_also_if_it_is_unknown() {
    let name = |xml: &str| super::report(&body(xml), &limits()).map(|request| (request.name, request.report));
    assert_eq!(name("<x:what/>"), Ok((QName::of("urn:x", "what"), Report::Unknown)));
    let known = (QName::of(DAV, "principal-search-property-set"), Report::PrincipalSearchPropertySet);
    assert_eq!(name("<D:principal-search-property-set/>"), Ok(known));
}

#[test]
fn an_access_control_list_grants_and_denies() {
    let xml = "<D:acl><D:ace><D:principal><D:href>/p/</D:href></D:principal><D:grant><D:privilege><D:read/></D:privilege>\
        <D:privilege><C:read-free-busy/></D:privilege></D:grant></D:ace>\
        <D:ace><D:invert><D:principal><D:property><D:owner/></D:property></D:principal></D:invert>\
        <D:deny><D:privilege><D:all/></D:privilege></D:deny></D:ace></D:acl>";
    let expected = vec![
        Ace {
            principal: AcePrincipal::Href("/p/".into()),
            inverted: false,
            effect: Effect::Grant,
            privileges: vec![Privilege::Read, Privilege::ReadFreeBusy],
        },
        Ace {
            principal: AcePrincipal::Property(OWNER.clone()),
            inverted: true,
            effect: Effect::Deny,
            privileges: vec![Privilege::All],
        },
    ];
    assert_eq!(acl(&body(xml), &limits()), Ok(expected));
    for (who, expected) in [
        ("all", AcePrincipal::All),
        ("authenticated", AcePrincipal::Authenticated),
        ("unauthenticated", AcePrincipal::Unauthenticated),
        ("self", AcePrincipal::Oneself),
    ] {
        let xml = format!(
            "<D:acl><D:ace><D:principal><D:{who}/></D:principal><D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>"
        );
        assert_eq!(acl(&body(&xml), &limits()).expect(who)[0].principal, expected);
    }
}

#[test]
fn wrong_bodies_are_refused_and_say_where() {
    type Parse = fn(&[u8]) -> Option<RequestError>;
    let find: Parse = |body| propfind(body, &limits()).err();
    let patch: Parse = |body| proppatch(body, &limits()).err();
    let make: Parse = |body| mkcalendar(body, &limits()).err();
    let ask: Parse = |body| report(body, &limits()).err();
    let control: Parse = |body| acl(body, &limits()).err();
    let search = "<D:principal-property-search><D:property-search><D:prop><D:owner/></D:prop>";
    for (parse, xml, why) in [
        (find, "<D:prop/>", "`D:prop`: the root element for this method must be `D:propfind`"),
        (find, "<D:propfind/>", "`D:propfind`: the element must contain a `D:prop`"),
        (find, "<D:propfind><D:prop/><D:allprop/></D:propfind>", "only one of"),
        (patch, "<D:propertyupdate/>", "must set or remove a property"),
        (patch, "<D:propertyupdate><D:set/></D:propertyupdate>", "`D:set`: the element must contain a `D:prop`"),
        (make, "<D:mkcol/>", "the root element for this method must be `C:mkcalendar`"),
        (make, "<C:mkcalendar><D:set/></C:mkcalendar>", "`D:set`: the element must contain a `D:prop`"),
        (ask, "<C:calendar-multiget><D:prop/></C:calendar-multiget>", "the element must contain a `D:href`"),
        (ask, "<D:sync-collection><D:prop/></D:sync-collection>", "the element must contain a `D:sync-token`"),
        (ask, "<D:sync-collection><D:sync-token/></D:sync-collection>", "the element must contain a `D:prop`"),
        (
            ask,
            "<D:sync-collection><D:sync-token/><D:sync-level>2</D:sync-level><D:prop/></D:sync-collection>",
            "`D:sync-level`: the value must be",
        ),
        (
            ask,
            "<D:sync-collection><D:sync-token/><D:limit><D:nresults>0</D:nresults></D:limit><D:prop/></D:sync-collection>",
            "`D:nresults`: the value must be",
        ),
        (ask, "<D:expand-property><D:property/></D:expand-property>", "the element needs the attribute `name`"),
        (
            ask,
            "<D:expand-property><D:property name='a/&gt;&lt;D:b'/></D:expand-property>",
            "are not the name of an XML element",
        ),
        (
            ask,
            "<D:expand-property><D:property name='a' namespace='http://www.w3.org/2000/xmlns/'/></D:expand-property>",
            "are not the name of an XML element",
        ),
        (ask, "<D:principal-match/>", "the element must contain a `D:principal-property`"),
        (ask, "<D:principal-match><D:principal-property/></D:principal-match>", "the name of a property"),
        (ask, "<D:principal-property-search/>", "the element must contain a `D:property-search`"),
        (ask, &format!("{search}<D:match> </D:match></D:property-search></D:principal-property-search>"), "is empty"),
        (
            ask,
            &format!("{search}<D:match match-type='x'>a</D:match></D:property-search></D:principal-property-search>"),
            "`match-type` must be",
        ),
        (control, "<D:acl><D:ace/></D:acl>", "`D:principal` or a `D:invert`"),
        (control, "<D:acl><D:ace><D:principal><D:all/></D:principal></D:ace></D:acl>", "`D:grant` or a `D:deny`"),
        (
            control,
            "<D:acl><D:ace><D:principal><D:all/></D:principal><D:grant/></D:ace></D:acl>",
            "the element must contain a `D:privilege`",
        ),
    ] {
        let error = parse(&body(xml)).expect(xml);
        assert_eq!((error.status(), error.condition()), (Status::BAD_REQUEST, None), "{xml}");
        assert!(error.to_string().contains(why), "{xml}: {error}");
    }
    let deep = format!(
        "<D:expand-property>{}{}</D:expand-property>",
        r#"<D:property name="a">"#.repeat(5),
        "</D:property>".repeat(5)
    );
    assert!(ask(&body(&deep)).expect("too deep").to_string().contains("more than 4 levels deep"));
}

#[test]
fn preconditions_are_named() {
    let ace = |who: &str, what: &str| {
        format!(
            "<D:acl><D:ace><D:principal>{who}</D:principal><D:grant><D:privilege>{what}</D:privilege></D:grant></D:ace></D:acl>"
        )
    };
    for (xml, expected) in [
        (ace("<D:all/>", "<x:fly/>"), Condition::NotSupportedPrivilege),
        (ace("<x:me/>", "<D:read/>"), Condition::RecognizedPrincipal),
        (ace("", "<D:read/>"), Condition::RecognizedPrincipal),
        ("<!DOCTYPE a><a/>".into(), Condition::NoExternalEntities),
    ] {
        let body = if xml.starts_with("<!") { xml.clone().into_bytes() } else { body(&xml) };
        let error = acl(&body, &limits()).expect_err(&xml);
        assert_eq!((error.status(), error.condition()), (Status::FORBIDDEN, Some(expected)), "{xml}");
    }
}

proptest! {
    #[test]
    fn no_body_panics(inner in "(<D:(prop|set|ace|href|property|match|privilege|limit) ?/?>|</D:(prop|set|ace)>|[a<>/ ]){0,12}", root in 0..6_usize) {
        let roots = ["D:propfind", "D:propertyupdate", "C:mkcalendar", "D:acl", "D:sync-collection", "D:expand-property"];
        let body = body(&format!("<{0}>{inner}</{0}>", roots[root]));
        let _ = (propfind(&body, &limits()), proppatch(&body, &limits()), mkcalendar(&body, &limits()));
        let _ = (acl(&body, &limits()), report(&body, &limits()));
    }
}

mod query;
