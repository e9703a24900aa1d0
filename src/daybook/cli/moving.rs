//! The options of the commands `daybook import` and `daybook export`.

use std::path::PathBuf;

use clap::Args;

use super::OutputOptions;

#[derive(Debug, Args)]
pub(crate) struct ImportCalendar {
    /// Login of the person whose calendar it is
    pub user: String,
    /// The calendar, by its path, its display name or, without --make, the last part of its path;
    /// `{file}`: one calendar for each file, named after the file
    pub calendar: String,
    /// Files, folders and ZIP archives of .ics files
    #[arg(required = true, value_name = "FILE|DIR|ZIP")]
    pub files: Vec<PathBuf>,
    /// Make the calendar if it does not exist
    #[arg(long)]
    pub make: bool,
    /// Also replace objects that were changed here after an import, or that no import stored
    #[arg(long)]
    pub replace: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ExportCalendars {
    /// Login of the person
    pub user: String,
    /// Folder for the .ics files, one for each calendar; the folder is made if it does not exist
    #[arg(value_name = "DIR", required_unless_present = "zip", conflicts_with = "zip")]
    pub folder: Option<PathBuf>,
    /// Write this ZIP archive instead of a folder
    #[arg(long, value_name = "FILE")]
    pub zip: Option<PathBuf>,
    /// Export only this calendar; can be repeated
    #[arg(long = "calendar", value_name = "NAME")]
    pub calendars: Vec<String>,
}
