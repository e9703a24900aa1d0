use super::*;

const ALARM: &str = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Soon\r\nEND:VALARM\r\n";
const LATER: &str = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:Now\r\nEND:VALARM\r\n";
const DAILY: &str = "DTSTART;TZID=Europe/Berlin:20261105T120000\r\nDTEND;TZID=Europe/Berlin:20261105T130000\r\n\
    RRULE:FREQ=DAILY;COUNT=9\r\n";
const SECOND_DAY: &str = "RECURRENCE-ID;TZID=Europe/Berlin:20261106T120000\r\n\
    DTSTART;TZID=Europe/Berlin:20261106T120000\r\nDTEND;TZID=Europe/Berlin:20261106T130000\r\n";
const SECOND: &str = "20261106T110000Z";

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T120000Z\r\nSUMMARY:Lunch\r\n{lines}END:VEVENT\r\n")
}

fn object(events: &[&str]) -> Document {
    let events: String = events.iter().map(|lines| event(lines)).collect();
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n");
    Document::parse(text).expect("the text is well-formed")
}

fn entry(instance: Option<&str>, properties: &[&str], alarms: &[&str]) -> Entry {
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    Entry { instance: instance.map(str::to_owned), properties: texts(properties), alarms: texts(alarms) }
}

fn parted(owners: &Document, own: &[Entry], sent: &Document) -> Split {
    split(Some(owners), own, sent).expect("it can be taken apart")
}

#[test]
fn each_person_sees_their_own_alarms_only() {
    let at = "DTSTART:20261105T120000Z\r\n";
    let plain = object(&[at]);
    let owners = object(&[&format!("{at}X-MOZ-LASTACK:20261105T110000Z\r\n{LATER}")]);
    assert_eq!(shown(&owners, &[]), plain.as_str(), "the owner's are not shown");
    let sent = object(&[&format!("{at}X-MOZ-SNOOZE-TIME:20261105T114500Z\r\n{ALARM}")]);
    let kept = parted(&owners, &[], &sent);
    let own = vec![entry(None, &["X-MOZ-SNOOZE-TIME:20261105T114500Z"], &[ALARM])];
    assert_eq!(kept, Split { own: own.clone(), changed: None });
    assert_eq!(shown(&owners, &own), sent.as_str(), "it reads as it was sent");
    assert_eq!(parted(&owners, &own, &plain), Split { own: vec![], changed: None }, "and is taken away again");
}

#[test]
fn another_change_keeps_the_alarms_of_the_owner() {
    let owners = object(&[&format!("DTSTART:20261105T120000Z\r\n{LATER}")]);
    let sent = object(&[&format!("DTSTART:20261105T130000Z\r\n{ALARM}")]);
    let kept = parted(&owners, &[], &sent);
    let expected = object(&[&format!("DTSTART:20261105T130000Z\r\n{LATER}")]);
    assert_eq!(kept.changed.as_deref(), Some(expected.as_str()));
    assert_eq!(kept.own, [entry(None, &[], &[ALARM])]);
}

#[test]
fn an_alarm_of_one_instance_is_an_override_for_its_person_alone() {
    let owners = object(&[&format!("{DAILY}{LATER}")]);
    let sent = object(&[&format!("{DAILY}{ALARM}"), SECOND_DAY]);
    let kept = parted(&owners, &[], &sent);
    let own = vec![entry(None, &[], &[ALARM]), entry(Some(SECOND), &[], &[])];
    assert_eq!(kept, Split { own: own.clone(), changed: None });
    assert_eq!(shown(&owners, &[]), object(&[DAILY]).as_str(), "others see no override");
    let seen = Document::parse(shown(&owners, &own)).expect("it is well-formed");
    assert_eq!(parted(&owners, &own, &seen), Split { own: own.clone(), changed: None }, "it is stable");
    assert_eq!(seen.root().components_named("VEVENT").count(), 2, "{}", seen.as_str());
    assert_eq!(seen.as_str().matches("VALARM").count(), 2, "the instance has none: {}", seen.as_str());
}

#[test]
fn alarms_follow_what_the_owner_moves() {
    let own = [entry(None, &[], &[ALARM]), entry(Some(SECOND), &[], &[LATER])];
    let moved = object(&[&DAILY.replace("T12", "T14").replace("T13", "T15")]);
    let seen = shown(&moved, &own);
    assert!(seen.contains(ALARM), "the series keeps them: {seen}");
    assert!(!seen.contains(LATER), "the instance is no more: {seen}");
    let late = SECOND_DAY.replace("DTSTART;TZID=Europe/Berlin:20261106T12", "DTSTART;TZID=Europe/Berlin:20261106T11");
    let seen = shown(&object(&[DAILY, &late]), &own[..1]);
    assert_eq!(seen.matches(ALARM).count(), 2, "an instance that the owner changes has those of the series: {seen}");
}

#[test]
fn overrides_that_only_the_owner_needs_are_kept_for_them() {
    let owners = object(&[DAILY, &format!("{SECOND_DAY}{LATER}")]);
    assert_eq!(shown(&owners, &[]), object(&[DAILY]).as_str());
    let kept = parted(&owners, &[], &object(&[&DAILY.replace("COUNT=9", "COUNT=5")]));
    let text = kept.changed.expect("the rule differs");
    let expected = "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T120000Z\r\nSUMMARY:Lunch\r\n\
        DTSTART;TZID=Europe/Berlin:20261106T120000\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261106T120000\r\n\
        DTEND;TZID=Europe/Berlin:20261106T130000\r\nBEGIN:VALARM\r\n";
    assert!(text.contains(expected), "{text}");
    assert_eq!(kept.own, []);
}

#[test]
fn an_override_of_no_instance_stays() {
    let stray = SECOND_DAY.replace("20261106", "20261130");
    let owners = object(&[DAILY, &format!("{stray}{LATER}")]);
    assert_eq!(shown(&owners, &[]), object(&[DAILY, &stray]).as_str());
}

#[test]
fn the_owners_transparency_counts_until_a_person_chooses_theirs() {
    let of = |transp: &str| object(&[&format!("DTSTART:20261105T120000Z\r\n{transp}")]);
    let free = "TRANSP:TRANSPARENT\r\n";
    let own = |value: &str| vec![entry(None, &[&format!("TRANSP:{value}")], &[])];
    let rows = [
        ("as the owner", of(free), vec![], of(free), vec![]),
        ("as by default", of(""), vec![], of("TRANSP:OPAQUE\r\n"), vec![]),
        ("free for the person alone", of(""), vec![], of(free), own("TRANSPARENT")),
        ("busy for the person alone", of(free), vec![], of(""), own("OPAQUE")),
        ("chosen before", of(free), own("TRANSPARENT"), of(free), own("TRANSPARENT")),
    ];
    for (title, owners, known, sent, expected) in rows {
        assert_eq!(parted(&owners, &known, &sent), Split { own: expected, changed: None }, "{title}");
    }
    assert_eq!(shown(&of(free), &own("OPAQUE")), of("TRANSP:OPAQUE\r\n").as_str());
    assert_eq!(shown(&of(free), &[entry(None, &[], &[])]), of(free).as_str());
}

#[test]
fn what_is_not_personal_stays_as_it_was_written() {
    let lines = "TRANSP:TRANSPARENT\r\nDTSTART:20261105T120000Z\r\nx-other:1\r\n";
    let owners = object(&[&format!("{lines}{LATER}")]);
    assert_eq!(shown(&owners, &[]), object(&[lines]).as_str());
    let sent = object(&[&lines.replace("T12", "T13")]);
    let expected = object(&[&format!("{}{LATER}", lines.replace("T12", "T13"))]);
    assert_eq!(parted(&owners, &[], &sent).changed.as_deref(), Some(expected.as_str()));
    let plain = object(&[lines]);
    let busy = sent.as_str().replace("TRANSPARENT", "OPAQUE");
    let kept = parted(&plain, &[], &Document::parse(busy).expect("it is well-formed"));
    assert_eq!(kept.changed.as_deref(), Some(sent.as_str()), "the owner's stays in its place");
}

#[test]
fn the_owners_transparency_of_one_instance_counts_too() {
    let free = format!("{SECOND_DAY}TRANSP:TRANSPARENT\r\n");
    let owners = object(&[DAILY, &format!("{free}{LATER}")]);
    assert_eq!(shown(&owners, &[]), object(&[DAILY, &free]).as_str(), "without the owner's alarm");
    let own = vec![entry(None, &[], &[ALARM]), entry(Some(SECOND), &[], &[])];
    let sent = object(&[&format!("{DAILY}{ALARM}"), &free]);
    assert_eq!(parted(&owners, &[], &sent), Split { own: own.clone(), changed: None });
    assert_eq!(shown(&owners, &own), sent.as_str(), "it reads as it was sent");
    assert_eq!(parted(&owners, &own, &sent), Split { own: own.clone(), changed: None }, "it is stable");
    let busy = vec![entry(Some(SECOND), &["TRANSP:OPAQUE"], &[])];
    assert_eq!(parted(&owners, &own, &object(&[DAILY])), Split { own: busy.clone(), changed: None }, "like the series");
    let seen = object(&[DAILY, &format!("{SECOND_DAY}TRANSP:OPAQUE\r\n")]);
    assert_eq!(shown(&owners, &busy), seen.as_str(), "the person has chosen");
    let without = object(&[&format!("{DAILY}EXDATE:{SECOND}\r\n")]);
    assert_eq!(parted(&owners, &own, &without).own, [], "nothing is kept of a removed instance");
    let lone =
        object(&["DTSTART;TZID=Europe/Berlin:20261105T120000\r\nDTEND;TZID=Europe/Berlin:20261105T130000\r\n", &free]);
    let stored = parted(&lone, &[], &sent).changed.expect("the rule differs");
    let stored = Document::parse(stored).expect("it is well-formed");
    assert_eq!(shown(&stored, &own).matches("TRANSP:TRANSPARENT").count(), 1, "also once it is of the series");
}

#[test]
fn a_new_object_keeps_its_transparency_for_all() {
    let sent = object(&[&format!("DTSTART:20261105T120000Z\r\nTRANSP:TRANSPARENT\r\n{ALARM}")]);
    let kept = split(None, &[], &sent).expect("it can be taken apart");
    let expected = object(&["DTSTART:20261105T120000Z\r\nTRANSP:TRANSPARENT\r\n"]);
    assert_eq!(kept.changed.as_deref(), Some(expected.as_str()));
    assert_eq!(kept.own, [entry(None, &[], &[ALARM])]);
}

#[test]
fn another_spelling_is_no_change() {
    let owners = object(&["DTSTART;TZID=Europe/Berlin:20261105T120000\r\nCATEGORIES;A=1;B=2:x\\, y\r\n"]);
    let rows = [
        ("another order", "CATEGORIES;B=2;a=\"1\":x\\, y\r\nDTSTART;TZID=Europe/Berlin:20261105T120000\r\n", true),
        ("another zone", "DTSTART:20261105T110000Z\r\nCATEGORIES;A=1;B=2:x\\, y\r\n", true),
        ("a fold", "DTSTART:20261105T110000Z\r\nCATEGORIES;A=1;B=2:x\\,\r\n  y\r\n", true),
        (
            "bookkeeping",
            "DTSTART:20261105T110000Z\r\nCATEGORIES;A=1;B=2:x\\, y\r\nX-MOZ-GENERATION:2\r\nSEQUENCE:1\r\nCLASS:PUBLIC\r\n",
            true,
        ),
        ("another parameter", "DTSTART:20261105T110000Z\r\nCATEGORIES;A=1;B=3:x\\, y\r\n", false),
        ("another time", "DTSTART:20261105T120000Z\r\nCATEGORIES;A=1;B=2:x\\, y\r\n", false),
        ("less", "DTSTART:20261105T110000Z\r\n", false),
        ("more", "DTSTART:20261105T110000Z\r\nCATEGORIES;A=1;B=2:x\\, y\r\nLOCATION:here\r\n", false),
    ];
    for (title, sent, is_same) in rows {
        assert_eq!(parted(&owners, &[], &object(&[sent])).changed.is_none(), is_same, "{title}");
    }
}

#[test]
fn derived_overrides_are_bounded() {
    let long = format!("{DAILY}COMMENT:{}\r\n", "x".repeat(400_000));
    let own: Vec<_> = (6..9).map(|day| entry(Some(&format!("2026110{day}T110000Z")), &[], &[ALARM])).collect();
    let seen = shown(&object(&[&long]), &own);
    assert_eq!(seen.matches("BEGIN:VEVENT").count(), 3, "the master, and two that fit into 1 MiB");
    let owners: Vec<_> = std::iter::once(DAILY.to_owned())
        .chain((6..9).map(|day| format!("{}{ALARM}", SECOND_DAY.replace("20261106", &format!("2026110{day}")))))
        .collect();
    let owners = object(&owners.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(split(Some(&owners), &[], &object(&[&long])), None, "the owner's must not be lost");
}

#[test]
fn an_instance_of_a_task_with_a_due_time_alone_is_derived() {
    let task = "BEGIN:VTODO\r\nUID:1\r\nDUE:20261105T120000Z\r\nRRULE:FREQ=DAILY;COUNT=9\r\nEND:VTODO\r\n";
    let owners = Document::parse(specimens::calendar(task)).expect("it is well-formed");
    let seen = shown(&owners, &[entry(Some("20261106T120000Z"), &[], &[ALARM])]);
    let expected = format!(
        "BEGIN:VTODO\r\nUID:1\r\nDUE:20261106T120000Z\r\nRECURRENCE-ID:20261106T120000Z\r\n{ALARM}END:VTODO\r\n"
    );
    assert!(seen.contains(&format!("{task}{expected}")), "{seen}");
}
