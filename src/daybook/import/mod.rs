//! `daybook import`: adds calendar files of another server to a calendar, without sending messages.

mod files;
mod objects;
pub(crate) mod report;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use ical::stream::{Assembled, Contents, Entry};
use schemas::{CollectionId, object::Imported};
use service::clock;
use uuid::Uuid;

use self::{
    files::{Found, Unread},
    report::Teller,
};
use crate::{
    calendar::{Import, Reply, Request, Target},
    cli::moving::ImportCalendar,
    config::Config,
    control::client::{Control, UNEXPECTED_ANSWER},
};

/// The value of the argument CALENDAR with which each file gets a calendar of its own, named after
/// the file.
const BY_FILE: &str = "{file}";

/// Executes `daybook import`. The exit code is 1 if a file or an object was refused. All others are
/// imported.
pub(crate) async fn run(folder: &Path, asked: &ImportCalendar, config: &Config) -> Result<ExitCode> {
    let mut import = Run {
        asked,
        control: Control::open(folder, config).await?,
        limit_bytes: config.limits.max_resource_size_bytes,
        request: clock::new_id(),
        teller: Teller::new(asked.output.json, asked.output.dry_run),
        seen: HashSet::new(),
        filled: HashMap::new(),
    };
    let imported = import.files().await;
    let Run { mut control, request, teller, .. } = import;
    let settled = control.ask_calendars(Request::Settle).await;
    control.close();
    // An error of the import ends the command here. The objects that were imported before it were
    // already printed.
    imported?;
    settled?;
    teller.end(&request.to_string())?;
    Ok(if teller.has_refused() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The state of a running import.
struct Run<'a> {
    asked: &'a ImportCalendar,
    control: Control,
    limit_bytes: usize,
    /// The request id with which the history records the whole import.
    request: Uuid,
    teller: Teller,
    /// The calendar and UID of each object that this run has read. A second object with the same
    /// calendar and UID is refused.
    seen: HashSet<(String, String)>,
    /// The file that was imported into each calendar, for calendars that have the name of their
    /// file.
    filled: HashMap<String, String>,
}

impl Run<'_> {
    async fn files(&mut self) -> Result<()> {
        for path in &self.asked.files {
            for found in files::at(path)? {
                match found {
                    Ok(found) => self.file(found).await?,
                    Err(Unread { name, why }) => self.refused(name, &format!("{why:#}"))?,
                }
            }
        }
        Ok(())
    }

    /// Reports a file from which nothing is imported.
    fn refused(&mut self, file: String, why: &str) -> Result<()> {
        self.teller.refused(None, &Imported { file, line: 1 }, why)
    }

    async fn file(&mut self, mut found: Found) -> Result<()> {
        let contents = match objects::find(&mut found.file) {
            Ok(contents) => contents,
            Err(why) => return self.refused(found.name, &format!("{why:#}")),
        };
        for fault in &contents.faults {
            let from = Imported { file: found.name.clone(), line: fault.line };
            self.teller.refused(None, &from, &fault.why)?;
        }
        let (name, calendar) = match self.calendar(&found, &contents).await? {
            Ok(calendar) => calendar,
            Err(why) => return self.refused(found.name, &why),
        };
        for entry in &contents.entries {
            let line = entry.pieces.first().map_or(1, |piece| piece.line);
            let from = Imported { file: found.name.clone(), line };
            if !self.seen.insert((name.clone(), entry.uid.clone())) {
                self.teller.refused(
                    Some(&entry.uid),
                    &from,
                    "an earlier file of this import already had an object with this UID",
                )?;
                continue;
            }
            self.object(&mut found, &contents, entry, calendar, from).await?;
        }
        Ok(())
    }

    async fn object(
        &mut self,
        found: &mut Found,
        contents: &Contents,
        entry: &Entry,
        calendar: Option<CollectionId>,
        from: Imported,
    ) -> Result<()> {
        let assembled = match objects::object(&mut found.file, contents, entry, self.limit_bytes) {
            Ok(assembled) => assembled,
            Err(why) => return self.teller.refused(Some(&entry.uid), &from, &why.to_string()),
        };
        let import = Import {
            user: self.asked.user.clone(),
            calendar,
            octets: assembled.octets.clone().into(),
            from: from.clone(),
            replace: self.asked.replace,
            dry_run: self.asked.output.dry_run,
            request: self.request,
        };
        let answer = self.control.ask_calendars(Request::Import(Box::new(import))).await;
        match answer.with_context(|| format!("{}, line {}", from.file, from.line))? {
            Reply::Imported(object) => self.teller.object(&object),
            Reply::ObjectRefused { why } => self.teller.refused(Some(&entry.uid), &from, &in_file(&why, &assembled)),
            _ => bail!(UNEXPECTED_ANSWER),
        }
    }

    /// Returns the path and the id of the calendar for a file. The id is `None` in a dry run if the
    /// calendar does not exist. The inner error is the reason why the file is refused, for example
    /// because its name cannot be the name of a calendar.
    async fn calendar(
        &mut self,
        found: &Found,
        contents: &Contents,
    ) -> Result<Result<(String, Option<CollectionId>), String>> {
        let is_by_file = self.asked.calendar == BY_FILE;
        let described = contents.calendars.first();
        let target = Target {
            user: self.asked.user.clone(),
            calendar: if is_by_file { found.stem.clone() } else { self.asked.calendar.clone() },
            make: is_by_file || self.asked.make,
            display_name: described.and_then(|calendar| calendar.name.clone()).filter(|_| is_by_file),
            color: described.and_then(|calendar| calendar.color.clone()),
            time_zone: described.and_then(|calendar| calendar.time_zone.clone()),
            dry_run: self.asked.output.dry_run,
            request: self.request,
        };
        match self.control.ask_calendars(Request::Target(target)).await? {
            Reply::Target { name, id, made } => {
                if let Some(made) = made {
                    self.teller.made(&name, &made)?;
                }
                Ok(if is_by_file { self.fill(name, found).map(|name| (name, id)) } else { Ok((name, id)) })
            }
            Reply::TargetRefused { why } if is_by_file => Ok(Err(why)),
            Reply::TargetRefused { why } => bail!("{why}"),
            _ => bail!(UNEXPECTED_ANSWER),
        }
    }
}

impl Run<'_> {
    /// Records that `found` is imported into `calendar`, and returns `calendar`. An error comes
    /// back if this run has imported another file into it, because files with equal names in
    /// different folders may be calendars of different people.
    fn fill(&mut self, calendar: String, found: &Found) -> Result<String, String> {
        let first = self.filled.entry(calendar.clone()).or_insert_with(|| found.name.clone());
        if *first == found.name {
            return Ok(calendar);
        }
        Err(format!(
            "{first} was already imported into the calendar `{calendar}`; import this file into a calendar with \
             another name"
        ))
    }
}

/// Returns the reason with the line number in the file instead of the one in the assembled object.
fn in_file(why: &str, assembled: &Assembled) -> String {
    let Some((before, rest)) = why.split_once("line ") else { return why.to_owned() };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest[..digits].parse() {
        Ok(line) => format!("{before}line {}{}", assembled.line_in_file(line), &rest[digits..]),
        Err(_) => why.to_owned(),
    }
}
