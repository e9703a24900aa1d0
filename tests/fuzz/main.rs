//! Runs the fuzz targets on stable Rust, with every seed and seeded mutations of it. The seeds
//! include inputs in which fuzzing found faults.

#[path = "../../fuzz/lib.rs"]
#[expect(unreachable_pub, reason = "libFuzzer's targets are crates of their own")]
mod targets;

use std::fs;
use std::path::Path;

const MUTATIONS_OF_A_SEED: usize = 40;
/// Texts that mutations insert.
const TOKENS: [&str; 20] = [
    "\r\n",
    "\n ",
    ":",
    ";",
    ",",
    "=",
    "\"",
    "^n",
    "\\",
    "ä",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    ";TZID=Europe/Berlin",
    ";VALUE=DATE",
    "RRULE:FREQ=DAILY\r\n",
    ";COUNT=2",
    ";BYSETPOS=-1",
    "99991231T235959Z",
    "-P1W",
    "RECURRENCE-ID:",
];

/// A xorshift generator of pseudo-random numbers, which are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit.max(1)
    }
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.expect("the folder can be listed").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed can be read")).collect()
}

fn mutated(seed: &[u8], others: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(data.len() + 1);
        let end = (at + numbers.below(40)).min(data.len());
        match numbers.below(6) {
            0 => drop(data.drain(at..end)),
            1 => drop(data.splice(at..at, data[at..end].to_vec())),
            2 => drop(data.splice(at..end, TOKENS[numbers.below(TOKENS.len())].bytes())),
            3 => drop(data.splice(at..at, TOKENS[numbers.below(TOKENS.len())].bytes())),
            4 => data.iter_mut().skip(at).take(1).for_each(|octet| *octet ^= 1 << numbers.below(8)),
            _ => {
                let other = &others[numbers.below(others.len())];
                data.truncate(at);
                data.extend(&other[numbers.below(other.len() + 1)..]);
            }
        }
    }
    data
}

fn smoke(target: &str, run: fn(&[u8])) {
    let seeds = seeds(target);
    assert!(seeds.len() > 3, "there are seeds of {target}");
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        run(seed);
        for _ in 0..MUTATIONS_OF_A_SEED {
            run(&mutated(seed, &seeds, &mut numbers));
        }
    }
}

#[test]
fn any_text_is_kept_or_refused() {
    smoke("text", targets::text::run);
}

#[test]
fn any_lines_of_an_event_are_expanded_alike_by_whatever_window() {
    smoke("rules", targets::rules::run);
}

#[test]
fn any_lines_of_a_vtimezone_are_a_total_zone_or_none() {
    smoke("zones", targets::zones::run);
}

#[test]
fn any_changes_leave_a_document() {
    smoke("edits", targets::edits::run);
}

#[test]
fn any_query_of_any_object_is_answered_within_its_bounds() {
    smoke("filters", targets::filters::run);
}

#[test]
fn any_change_and_message_of_a_meeting_is_well_formed_and_idempotent() {
    smoke("scheduling", targets::scheduling::run);
}

#[test]
fn any_bearer_token_is_refused_unless_it_was_signed() {
    smoke("tokens", targets::tokens::run);
}

#[test]
fn any_request_is_read_or_refused() {
    smoke("requests", targets::requests::run);
}
