//! Tests of conditions on properties, parameters and their text (RFC 4791 §9.7.2 to §9.7.5).

use super::*;

#[test]
fn properties_and_parameters_are_matched_by_collation() {
    let object = event(
        "DTSTART:20260107T120000Z\nSUMMARY:Grüße an Anna\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\n\
        ATTENDEE:mailto:eve@example.org\n",
    );
    let with = |filter: PropFilter| asks(&object, CompFilter { prop_filters: vec![filter], ..comp("VEVENT") });
    let summary = |wanted| PropFilter { text_match: Some(wanted), ..prop("SUMMARY") };
    let partstat =
        |wanted| ParamFilter { name: "PARTSTAT".to_owned(), is_not_defined: false, text_match: Some(wanted) };
    let attendee = |filter| PropFilter { param_filters: vec![filter], ..prop("ATTENDEE") };
    let absent = |name: &str| PropFilter { is_not_defined: true, ..prop(name) };
    let no_value_of_role = ParamFilter {
        name: "ROLE".to_owned(),
        is_not_defined: false,
        text_match: Some(text("x", Collation::Octet, true)),
    };
    let accepted = || vec![partstat(text("ACCEPTED", Collation::Octet, false))];
    let named = |name| Some(text(name, Collation::AsciiCasemap, false));
    let both = PropFilter { text_match: named("BOB"), param_filters: accepted(), ..prop("ATTENDEE") };
    let split = PropFilter { text_match: named("EVE"), param_filters: accepted(), ..prop("ATTENDEE") };
    let no_role = ParamFilter { name: "ROLE".to_owned(), is_not_defined: true, text_match: None };
    let rows = [
        ("defined", prop("SUMMARY"), true),
        ("not there", prop("LOCATION"), false),
        ("not defined, and so it is", absent("LOCATION"), true),
        ("not defined, but it is", absent("SUMMARY"), false),
        ("ASCII case", summary(text("ANNA", Collation::AsciiCasemap, false)), true),
        ("ASCII case leaves other letters", summary(text("GRÜSSE", Collation::AsciiCasemap, false)), false),
        ("Unicode case", summary(text("GRÜ", Collation::UnicodeCasemap, false)), true),
        ("Unicode case makes no more letters", summary(text("GRÜSSE", Collation::UnicodeCasemap, false)), false),
        ("Unicode, composed otherwise", summary(text("gru\u{308}ße", Collation::UnicodeCasemap, false)), true),
        ("octets", summary(text("anna", Collation::Octet, false)), false),
        ("negated", summary(text("anna", Collation::Octet, true)), true),
        ("a parameter", attendee(partstat(text("accepted", Collation::AsciiCasemap, false))), true),
        ("another value", attendee(partstat(text("declined", Collation::AsciiCasemap, false))), false),
        ("not another value", attendee(partstat(text("declined", Collation::AsciiCasemap, true))), true),
        ("not this value", attendee(partstat(text("accepted", Collation::AsciiCasemap, true))), false),
        ("a parameter that is not there", attendee(no_role), true),
        ("a value no parameter has", attendee(no_value_of_role), false),
        ("text of a parameter and of its property", both, true),
        ("the same of two properties", split, false),
        (
            "a time of a property",
            PropFilter { time_range: Some(TimeRange { start: Some(NOON), end: None }), ..prop("DTSTART") },
            true,
        ),
    ];
    for (title, filter, expected) in rows {
        assert_eq!(with(filter), expected, "{title}");
    }
}

/// The collation maps each character to titlecase, then decomposes it (RFC 5051 §2).
#[test]
fn unicode_casemap_ignores_case_in_all_scripts() {
    let rows = [
        ("Latin", "grün", "GRÜN", true),
        ("composed or not", "gr\u{fc}n", "gru\u{308}n", true),
        ("other marks", "grün", "grun", false),
        ("a sharp s", "Straße", "STRASSE", false),
        ("Greek", "ὀδός", "ὈΔΌς", true),
        ("Greek, a final sigma", "οδος", "ΟΔΟΣ", true),
        ("Greek, an iota below", "ᾳ", "ᾼ", true),
        ("Greek, marks and an iota below", "ᾆ", "ᾎ", true),
        ("Cyrillic", "москва", "МОСКВА", true),
        ("one letter for two, in three cases", "\u{1C6}", "\u{1C4}", true),
        ("and spelled in two, as its title is", "\u{1C4}", "dž", false),
        ("Georgian", "\u{10D0}", "\u{1C90}", false),
        ("a ligature", "ﬁn", "fin", false),
        ("capitals of a ligature's letters", "ﬁ", "ﬁ", true),
        ("wide letters", "Ａ", "a", true),
        ("letters without case", "東京", "東京", true),
    ];
    for (title, one, other, expected) in rows {
        for (summary, wanted) in [(one, other), (other, one)] {
            let wanted = TextMatch { match_type: MatchType::Equals, ..text(wanted, Collation::UnicodeCasemap, false) };
            let summary_is = PropFilter { text_match: Some(wanted), ..prop("SUMMARY") };
            let object = event(&format!("SUMMARY:{summary}\n"));
            let found = asks(&object, CompFilter { prop_filters: vec![summary_is], ..comp("VEVENT") });
            assert_eq!(found, expected, "{title}");
        }
    }
}

#[test]
fn a_text_matches_at_the_required_place() {
    let object = event("SUMMARY:Lunch at noon\nCATEGORIES:work\n");
    let with = |match_type, wanted: &str, negate| {
        let wanted = TextMatch { match_type, ..text(wanted, Collation::AsciiCasemap, negate) };
        let summary = PropFilter { text_match: Some(wanted), ..prop("SUMMARY") };
        asks(&object, CompFilter { prop_filters: vec![summary], ..comp("VEVENT") })
    };
    let rows = [
        (MatchType::Contains, "AT", true),
        (MatchType::Contains, "dinner", false),
        (MatchType::StartsWith, "lunch", true),
        (MatchType::StartsWith, "noon", false),
        (MatchType::EndsWith, "Noon", true),
        (MatchType::EndsWith, "lunch", false),
        (MatchType::Equals, "LUNCH AT NOON", true),
        (MatchType::Equals, "lunch", false),
        (MatchType::Equals, "", false),
        (MatchType::Contains, "", true),
    ];
    for (match_type, wanted, expected) in rows {
        assert_eq!(with(match_type, wanted, false), expected, "{match_type:?} {wanted}");
        assert_eq!(with(match_type, wanted, true), !expected, "not {match_type:?} {wanted}");
    }
}

#[test]
fn time_ranges_of_dtstart_and_dtend_apply_to_every_instance() {
    let weekly = "DTSTART:20251231T120000Z\nDTEND:20251231T130000Z\nRRULE:FREQ=WEEKLY\n";
    let lasting = "DTSTART:20251231T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n";
    let task = "DTSTART:20251231T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n";
    let rows = [
        ("the start of an instance", "VEVENT", weekly, "DTSTART", NOON, true),
        ("not its end", "VEVENT", weekly, "DTSTART", NOON + HOUR, false),
        ("the end of an instance", "VEVENT", weekly, "DTEND", NOON + HOUR, true),
        ("an end by a duration", "VEVENT", lasting, "DTEND", NOON + HOUR, true),
        ("events are not due", "VEVENT", lasting, "DUE", NOON + HOUR, false),
        ("no end", "VEVENT", "DTSTART:20260107T120000Z\n", "DTEND", NOON, false),
        ("due after a duration", "VTODO", task, "DUE", NOON + HOUR, true),
        ("due without a start", "VTODO", "DUE:20260107T120000Z\n", "DUE", NOON, true),
        ("no start", "VTODO", "DUE:20260107T120000Z\n", "DTSTART", NOON, false),
        ("a stamp", "VEVENT", "DTSTAMP:20260107T120000Z\n", "DTSTAMP", NOON, true),
        ("another stamp", "VEVENT", "DTSTAMP:20260107T115959Z\n", "DTSTAMP", NOON, false),
    ];
    for (title, name, lines, property, at, expected) in rows {
        let object = calendar(&format!("BEGIN:{name}\nUID:1\n{lines}END:{name}\n"));
        let time_range = Some(TimeRange { start: Some(at), end: Some(at + 1) });
        let filter = CompFilter { prop_filters: vec![PropFilter { time_range, ..prop(property) }], ..comp(name) };
        assert_eq!(asks(&object, filter), expected, "{title}");
    }
}

#[test]
fn all_conditions_must_hold_for_the_same_component() {
    let series = calendar(
        "BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:Lunch\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260108T120000Z\nDTSTART:20260108T120000Z\nDURATION:PT1H\n\
        SUMMARY:Brunch\nEND:VEVENT\n",
    );
    let ask = |summary: &str, day: i64| {
        let wanted = PropFilter { text_match: Some(text(summary, Collation::Octet, false)), ..prop("SUMMARY") };
        let times = within("VEVENT", Some(NOON + day * DAY), Some(NOON + day * DAY + HOUR));
        asks(&series, CompFilter { prop_filters: vec![wanted], ..times })
    };
    assert_eq!([ask("Lunch", 0), ask("Lunch", 1), ask("Lunch", 2)], [true, false, true]);
    assert_eq!([ask("Brunch", 0), ask("Brunch", 1), ask("Brunch", 2)], [false, true, false]);
}

#[test]
fn texts_spend_the_budget_and_match_when_it_is_spent() {
    let object = event(&format!("DTSTART:20260107T120000Z\nDESCRIPTION:{}\n", "x".repeat(3_200)));
    let wanted = PropFilter { text_match: Some(text("y", Collation::AsciiCasemap, false)), ..prop("DESCRIPTION") };
    let filter = {
        let event = CompFilter { prop_filters: vec![wanted], ..comp("VEVENT") };
        Filter { component: CompFilter { comp_filters: vec![event], ..comp("VCALENDAR") } }
    };
    let budget = Budget::new(250);
    let ask = || matches(&object, &filter, &Zone::Utc, &budget);
    assert_eq!([ask(), ask(), ask(), ask()], [false, false, true, true]);
}
