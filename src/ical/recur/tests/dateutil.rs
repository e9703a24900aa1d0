//! Test of 2,000 generated rules, whose expansion must equal that of python-dateutil
//! (`write_dateutil.py`).

use super::rfc5545::expand;
use crate::time::{DAY, Window, civil};
use crate::value::DateTime;

const ROWS: &str = include_str!("dateutil.txt");
const MOST: usize = 40;
const YEARS: i64 = 30;

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, octet| (state ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn rules_agree_with_python_dateutil() {
    let mut judged = 0;
    for row in ROWS.lines() {
        let [start, rule, count, last, hash] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let begin = DateTime::parse(start, None).expect("it is a time").local();
        let window = Window::new(civil(begin) + 1, civil(begin) + 366 * YEARS * DAY);
        let found = expand(&DateTime::Utc(begin), rule, window, MOST);
        let found: Vec<_> = found.iter().map(|time| time.format("%Y%m%dT%H%M%S").to_string()).collect();
        let shown = found.last().map_or("-", String::as_str);
        assert_eq!((found.len().to_string().as_str(), shown), (count, last), "{start} {rule}");
        assert_eq!(format!("{:016x}", fnv(&found.join(" "))), hash, "{start} {rule}: {found:?}");
        judged += 1;
    }
    assert_eq!(judged, 2000);
}
