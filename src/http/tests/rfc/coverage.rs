//! Checks that docs/rfcs.md, docs/examples.md and the cases agree.

use std::{collections::BTreeSet, fs, path::Path};

use super::{FOLDERS, chapters, root};

/// A row of a table in docs/rfcs.md.
struct Row {
    sections: Vec<String>,
    status: String,
}

#[test]
fn every_section_that_is_done_has_cases_and_every_case_has_a_row() {
    let mut differences = Vec::new();
    for folder in FOLDERS {
        let rows = rows(folder);
        let tried: BTreeSet<_> =
            chapters(folder).into_iter().flat_map(|chapter| chapter.cases).map(|case| case.section).collect();
        for section in rows.iter().filter(|row| row.status == "done").flat_map(|row| &row.sections) {
            if !tried.iter().any(|case| is_in(case, section)) {
                differences.push(format!("RFC {folder} §{section} is done, and has no case"));
            }
        }
        for case in &tried {
            if !rows.iter().flat_map(|row| &row.sections).any(|section| is_in(case, section)) {
                differences.push(format!("RFC {folder} §{case} has a case, and no row in docs/rfcs.md"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_case_names_the_section_of_its_file() {
    for folder in FOLDERS {
        for chapter in chapters(folder) {
            let section = chapter.name.split('-').next().unwrap_or_default();
            for case in &chapter.cases {
                assert!(
                    is_in(&case.section, section),
                    "RFC {folder}, {}.txt:{}: §{}",
                    chapter.name,
                    case.line,
                    case.section
                );
                let is_quoted = case.title.starts_with('"') && case.title.ends_with('"');
                assert!(case.is_example() || is_quoted, "{}.txt:{}: {}", chapter.name, case.line, case.title);
                assert!(!case.exchanges.is_empty(), "{}.txt:{} tries nothing", chapter.name, case.line);
            }
        }
    }
}

#[test]
fn every_folder_of_cases_is_played() {
    let folders = fs::read_dir(root()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> =
        folders.filter(|path| path.is_dir()).filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    folders.retain(|name| !["given", "objects"].contains(&name.as_str()));
    folders.sort();
    assert_eq!(folders, FOLDERS);
}

#[test]
fn the_table_of_examples_names_each_example_and_its_file() {
    let table = document("examples.md");
    let listed: BTreeSet<_> = table.lines().filter_map(example).collect();
    let mut played = BTreeSet::new();
    for folder in ["4791", "6638"] {
        for chapter in chapters(folder) {
            let examples = chapter.cases.iter().filter(|case| case.is_example());
            let file = format!("{folder}/{}.txt", chapter.name);
            played.extend(examples.map(|case| (folder.to_owned(), case.section.clone(), file.clone())));
        }
    }
    let missing: Vec<_> = played.difference(&listed).chain(listed.difference(&played)).collect();
    assert!(missing.is_empty(), "in docs/examples.md or among the cases, not in both: {missing:#?}");
}

#[test]
fn the_table_of_preconditions_names_files_that_exist() {
    let document = document("rfcs.md");
    let (_, table) = document.split_once("## Preconditions").expect("the table");
    let tried = table.lines().filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | "));
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in tried.flat_map(|(_, cell)| cell.split('`').skip(1).step_by(2)) {
        let places = [crates.join("tests").join(file), crates.join("../..").join(file)];
        assert!(places.iter().any(|place| place.exists()), "docs/rfcs.md names {file}, which does not exist");
    }
}

/// Returns the RFC, the section and the file of a row in docs/examples.md such as `| 4791 §7.8.1 |
/// Partial … | 4791/7.8-calendar-query.txt |`. `None` for other lines.
fn example(line: &str) -> Option<(String, String, String)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let (rfc, section) = cells.next()?.split_once(" §")?;
    let file = cells.last()?.trim_end_matches(" |").trim_matches('`');
    Some((rfc.to_owned(), section.to_owned(), file.to_owned()))
}

/// Returns the rows of the table below the heading of an RFC in docs/rfcs.md.
fn rows(rfc: &str) -> Vec<Row> {
    let document = document("rfcs.md");
    let body = if rfc.starts_with(|first: char| first.is_ascii_digit()) { "RFC" } else { "CalendarServer" };
    let heading = format!("## {body} {rfc},");
    let lines = document.lines().skip_while(|line| !line.starts_with(&heading)).skip(1);
    let rows: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).filter_map(row).collect();
    assert!(!rows.is_empty(), "docs/rfcs.md has no table for RFC {rfc}");
    rows
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let sections = sections(cells.next()?);
    Some(Row { sections, status: cells.next()?.trim().to_owned() }).filter(|row| !row.sections.is_empty())
}

/// Returns the sections in a cell such as `4.1–4.2, 5 collections`.
fn sections(cell: &str) -> Vec<String> {
    let words = cell.split([' ', ',']).filter(|word| !word.is_empty());
    words.take_while(|word| is_section(word)).flat_map(range).collect()
}

fn is_section(word: &str) -> bool {
    let mut characters = word.chars();
    let is_appendix = word.chars().nth(1).is_none_or(|second| second == '.');
    characters.next().is_some_and(|first| first.is_ascii_digit() || (first.is_ascii_uppercase() && is_appendix))
}

/// Expands a range of sections: `8.1–8.3` becomes 8.1, 8.2, 8.3.
fn range(word: &str) -> Vec<String> {
    let Some((from, to)) = word.split_once('–') else { return vec![word.to_owned()] };
    let split = |section: &str| {
        let (above, last) = section.rsplit_once('.').map_or(("", section), |(above, last)| (above, last));
        (if above.is_empty() { String::new() } else { format!("{above}.") }, last.parse::<u32>().expect("a number"))
    };
    let ((above, from), (_, to)) = (split(from), split(to));
    (from..=to).map(|last| format!("{above}{last}")).collect()
}

/// Returns true if `section` is the section `whole` or a part of it.
fn is_in(section: &str, whole: &str) -> bool {
    section.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn document(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn sections_are_read_from_the_first_cell() {
    assert_eq!(sections("4.1–4.2, 5 collections"), ["4.1", "4.2", "5"]);
    assert_eq!(sections("B.5 appendix"), ["B.5"]);
    assert_eq!(sections("All of it"), [""; 0]);
}
