//! Repair of blank lines after the end of the calendar.

/// Removes the lines after `END:VCALENDAR` if one of them contains spaces or tabs. If all are
/// empty, they are well-formed and stay.
///
/// Returns `None` if nothing is removed.
pub(crate) fn cut(text: &str) -> Option<String> {
    const END: &str = "END:VCALENDAR";
    let end = text.trim_end().len();
    let is_end = end.checked_sub(END.len()).and_then(|at| text.get(at..end));
    if !is_end.is_some_and(|last| last.eq_ignore_ascii_case(END)) {
        return None;
    }
    let line_feed = end + text[end..].find('\n')?;
    text[line_feed..].contains([' ', '\t']).then(|| text[..=line_feed].to_owned())
}
