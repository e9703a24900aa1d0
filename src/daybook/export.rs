//! `daybook export`: writes the calendars of a person as .ics files, into a folder or a ZIP
//! archive.
//!
//! **Invariant:** each component is written byte for byte as it is stored, but equal VTIMEZONEs
//! only once in a VCALENDAR. The command works while a server is running.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufWriter, Seek, Write},
    path::{Path, PathBuf},
};

use ::projections::{Collection, Failure, ReadModels, Snapshot};
use anyhow::{Context as _, Result, bail};
use ical::{Document, Writer, escape_text, view::Timezone};
use schemas::{
    CollectionId,
    collection::{COLOR, Property},
};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{calendar::known, cli::moving::ExportCalendars, config::Config, data, out};

/// The PRODID of exported files. It differs from that of the server's messages, so that an import
/// does not treat the objects as messages.
const PRODID: &str = "PRODID:-//Daybook//Export//EN";

pub(crate) async fn run(folder: &Path, asked: &ExportCalendars, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let home = known::person(&models, &asked.user)?;
    let mut meant = known::all(&models, home)?;
    if !asked.calendars.is_empty() {
        let mut chosen = BTreeSet::new();
        for name in &asked.calendars {
            let found = known::find(&models, home, name)?;
            let found = found.with_context(|| known::none(&models, (home, &asked.user), name))?;
            chosen.insert(found.id);
        }
        meant.retain(|calendar| chosen.contains(&calendar.id));
    }
    let (count, to) = match (&asked.zip, &asked.folder) {
        (Some(file), _) => (to_zip(file, &models, &meant)?, file),
        (None, Some(target)) => (to_folder(target, &models, &meant)?, target),
        (None, None) => bail!("name a folder, or a file with --zip"),
    };
    out::print(&format!(
        "Exported {} of {} to {}.\n",
        out::counted(count, "object", "objects"),
        out::counted(meant.len(), "calendar", "calendars"),
        to.display()
    ))
}

fn to_folder(folder: &Path, models: &ReadModels, calendars: &[Collection]) -> Result<u64> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let files: Vec<_> = named(calendars).into_iter().map(|(name, calendar)| (folder.join(name), calendar)).collect();
    // All names are checked before the first file is written, because an incomplete export could
    // stay unnoticed.
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        bail!("{} exists already; remove it, or name another folder", taken.display());
    }
    let mut count = 0;
    for (path, calendar) in files {
        let file = File::create_new(&path).with_context(|| path.display().to_string())?;
        let mut file = BufWriter::new(file);
        count += write(&mut file, &models.snapshot()?, calendar)?;
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()
            .with_context(|| path.display().to_string())?;
    }
    Ok(count)
}

fn to_zip(path: &PathBuf, models: &ReadModels, calendars: &[Collection]) -> Result<u64> {
    let file = File::create_new(path).with_context(|| path.display().to_string())?;
    let mut count = 0;
    let mut archive = ZipWriter::new(BufWriter::new(file));
    for (name, calendar) in named(calendars) {
        archive.start_file(name, SimpleFileOptions::default().large_file(true))?;
        count += write(&mut archive, &models.snapshot()?, calendar)?;
    }
    finish(archive).with_context(|| path.display().to_string())?;
    Ok(count)
}

fn finish(archive: ZipWriter<impl Write + Seek>) -> Result<()> {
    archive.finish()?.flush()?;
    Ok(())
}

/// Returns a file name for each calendar, made from its path. If a file system could confuse two
/// names, the second gets a number.
fn named(calendars: &[Collection]) -> Vec<(String, &Collection)> {
    let mut used = BTreeSet::new();
    let mut name = |calendar: &'_ Collection| {
        let plain: String =
            calendar.name.chars().map(|one| if "/\\:*?\"<>|".contains(one) { '_' } else { one }).collect();
        let mut candidate = format!("{plain}.ics");
        let mut number = 2;
        while !used.insert(candidate.to_lowercase()) {
            candidate = format!("{plain}-{number}.ics");
            number += 1;
        }
        candidate
    };
    let names: Vec<_> = calendars.iter().map(&mut name).collect();
    names.into_iter().zip(calendars).collect()
}

/// Writes a calendar and returns the number of objects. Objects that define a TZID differently from
/// an earlier object are written afterwards, each in a separate VCALENDAR (RFC 5545 §3.4).
fn write(output: &mut impl Write, rows: &Snapshot, calendar: &Collection) -> Result<u64> {
    let zones = zones(rows, calendar.id)?;
    let mut apart = vec![];
    let mut count = 0;
    output.write_all(head(calendar).as_bytes())?;
    for text in zones.values() {
        write_component(output, text)?;
    }
    rows.members_with_bodies::<Stopped>(calendar.id, |member, body| {
        let document = parsed(&member.name, body)?;
        let agrees = defined(&document).all(|(tzid, text)| zones.get(tzid).is_some_and(|known| *known == text));
        if agrees {
            components(output, &document)?;
        } else {
            apart.push(member.name);
        }
        count += 1;
        Ok(())
    })?;
    output.write_all(b"END:VCALENDAR\r\n")?;
    for name in apart {
        let found = rows.member_with_body(calendar.id, &name)?;
        let (_, body) =
            found.with_context(|| format!("the object {name} was removed during the export; run the command again"))?;
        let document = parsed(&name, &body)?;
        output.write_all(head(calendar).as_bytes())?;
        for (_, text) in defined(&document) {
            write_component(output, text)?;
        }
        components(output, &document)?;
        output.write_all(b"END:VCALENDAR\r\n")?;
    }
    Ok(count)
}

/// Returns `BEGIN:VCALENDAR` and the properties of the calendar.
fn head(calendar: &Collection) -> String {
    let mut writer = Writer::new();
    writer.begin("VCALENDAR").property("VERSION:2.0").property(PRODID);
    writer.property(&format!("X-WR-CALNAME:{}", escape_text(&known::display_name(calendar))));
    if let Some(tzid) = calendar.settings.time_zone.as_deref().and_then(time_zone) {
        writer.property(&format!("X-WR-TIMEZONE:{}", escape_text(&tzid)));
    }
    if let Some(color) = Property::text(&calendar.properties, COLOR) {
        let color = ical::hexadecimal_color(&color).unwrap_or_else(|| color.trim().to_owned());
        writer.property(&format!("X-APPLE-CALENDAR-COLOR:{}", escape_text(&color)));
    }
    let text = writer.finish();
    text.strip_suffix("END:VCALENDAR\r\n").unwrap_or(&text).to_owned()
}

/// Returns the TZID of a calendar's time zone; `None` if `text`, its VCALENDAR, cannot be parsed or
/// has no TZID.
fn time_zone(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    document.root().components().filter_map(Timezone::of).find_map(|zone| Some(zone.tzid()?.into_owned()))
}

/// Returns the VTIMEZONE of each TZID. If objects define one differently, the first definition is
/// used.
fn zones(rows: &Snapshot, calendar: CollectionId) -> Result<BTreeMap<String, String>> {
    let mut zones = BTreeMap::new();
    rows.members_with_bodies::<Stopped>(calendar, |member, body| {
        let document = parsed(&member.name, body)?;
        for (tzid, text) in defined(&document) {
            if !zones.contains_key(tzid) {
                zones.insert(tzid.to_owned(), text.to_owned());
            }
        }
        Ok(())
    })?;
    Ok(zones)
}

fn defined(document: &Document) -> impl Iterator<Item = (&str, &str)> {
    let zones = document.root().components_named("VTIMEZONE");
    zones.map(|zone| (zone.property("TZID").map_or("", ical::Property::value), zone.text()))
}

fn components(output: &mut impl Write, document: &Document) -> Result<()> {
    for component in document.root().components().filter(|component| !component.is("VTIMEZONE")) {
        write_component(output, component.text())?;
    }
    Ok(())
}

fn write_component(output: &mut impl Write, text: &str) -> Result<()> {
    output.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        output.write_all(b"\r\n")?;
    }
    Ok(())
}

fn parsed(name: &str, body: &str) -> Result<Document> {
    Document::parse(body.to_owned()).with_context(|| format!("the text of the object {name} cannot be read"))
}

/// The error that ended the reading of a calendar's objects.
struct Stopped(anyhow::Error);

impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self(failure.into())
    }
}

impl From<Stopped> for anyhow::Error {
    fn from(stopped: Stopped) -> Self {
        stopped.0
    }
}
