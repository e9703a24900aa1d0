//! `daybook replay`: decides recorded acts again with the rules of this program, and compares the
//! results.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs::File,
    io::Write as _,
    path::Path,
    process::ExitCode,
    time::Instant,
};

use ::projections::ReadModels;
use anyhow::{Context as _, Result, ensure};
use audit::{foreign, show};
use journal::Journal;
use schemas::Position;
use service::history::{Difference, Range, Replayed};

use crate::{
    cli::history::Replay,
    config::{self, Config},
    data, out,
};

/// The maximum number of lines that are shown of each difference.
const SHOWN_LINES: usize = 12;
/// The maximum number of meetings that are exported as scheduling texts.
const MAX_EXPORTED_MEETINGS: usize = 1_000;
/// The maximum number of acts that are named for each reason for which acts were not decided again.
const MAX_NAMED_ACTS: usize = 20;
/// The maximum number of differences that are shown.
const MAX_SHOWN_DIFFERENCES: usize = 100;

/// Executes `daybook replay`. The exit code is 1 if the result of an act differs from the recorded
/// one.
#[expect(clippy::disallowed_methods, reason = "the rim: the duration is told, and nothing depends on it")]
pub(crate) async fn run(folder: &Path, asked: &Replay, config: &Config) -> Result<ExitCode> {
    let mut config = config.clone();
    for setting in &asked.settings {
        config::change(&mut config, setting).context("--setting")?;
    }
    let (journal, models) = data::look_at_past(folder, &config).await?;
    let position = |text: &Option<String>, otherwise: Position| {
        text.as_deref().map_or(Some(otherwise), |text| text.trim_start_matches('#').parse().ok().map(Position))
    };
    let head = journal.head().await?;
    let (Some(from), Some(to)) = (position(&asked.from, Position(1)), position(&asked.to, head)) else {
        anyhow::bail!("--from and --to are positions; write #136");
    };
    ensure!(from <= to, "--from {from} is after {to}, the end of the range (--to, or else the last event)");
    let after = from.previous();
    let range = Range { after, until: to.min(head), uid: asked.uid.clone(), request: asked.request };
    let began = Instant::now();
    let replayed = service::history::replay(&*journal, &models, &config.service(), &range).await?;
    let is_none = replayed.acts == 0 && replayed.passed.is_empty();
    let is_unknown = is_none && (asked.uid.is_some() || asked.request.is_some());
    ensure!(!is_unknown, "no act in the range belongs to this --uid or --request, so nothing was decided again");
    out::print(&text(&replayed, began.elapsed().as_secs_f64())?)?;
    if let Some(folder) = &asked.export {
        let written = export(&*journal, &models, &replayed.meetings, folder).await?;
        out::print(&format!("Texts of acts, one for each meeting, written to {}: {written}\n", folder.display()))?;
    }
    Ok(if replayed.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes a text for tests/scheduling for each meeting with an act that such a text can show, and
/// returns the number of texts.
async fn export(
    journal: &dyn Journal,
    models: &ReadModels,
    meetings: &BTreeSet<String>,
    folder: &Path,
) -> Result<usize> {
    ensure!(
        meetings.len() <= MAX_EXPORTED_MEETINGS,
        "the range has {} meetings, and at most {MAX_EXPORTED_MEETINGS} can be exported: narrow the range with \
         --from, --to or --uid",
        meetings.len()
    );
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut written = 0;
    for uid in meetings {
        let evidence = audit::read::meeting(journal, models, uid).await?;
        let Some(text) = audit::given::text(&evidence) else { continue };
        written += 1;
        let file = folder.join(format!("recorded_{written}.txt"));
        let mut file = File::create_new(&file).with_context(|| file.display().to_string())?;
        file.write_all(text.as_bytes())?;
    }
    Ok(written)
}

fn text(replayed: &Replayed, seconds: f64) -> Result<String> {
    let Replayed { acts, passed, differences, .. } = replayed;
    let mut text = String::new();
    for Difference { position, request, aspect, recorded, decided } in differences.iter().take(MAX_SHOWN_DIFFERENCES) {
        let aspect = aspect.as_str();
        writeln!(text, "DIFFERENT: #{position} (request {request}) is decided differently, in its {aspect}:")?;
        for line in differing(recorded, decided).into_iter().take(SHOWN_LINES) {
            writeln!(text, "  {line}")?;
        }
    }
    if differences.len() > MAX_SHOWN_DIFFERENCES {
        writeln!(
            text,
            "further differences that are not shown: {}; narrow the range to see them",
            differences.len() - MAX_SHOWN_DIFFERENCES
        )?;
    }
    let mut reasons: BTreeMap<&str, Vec<Position>> = BTreeMap::new();
    for (position, why) in passed {
        reasons.entry(why).or_default().push(*position);
    }
    writeln!(
        text,
        "{} decided again, {} of them differently; {seconds:.1} s",
        out::counted(*acts, "act", "acts"),
        differences.len()
    )?;
    for (why, positions) in reasons {
        let named: Vec<_> = positions.iter().take(MAX_NAMED_ACTS).map(|position| format!("#{position}")).collect();
        let more = positions.len().saturating_sub(MAX_NAMED_ACTS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(
            text,
            "not decided again, because {why}: {} ({}{more})",
            out::counted(positions.len(), "act", "acts"),
            named.join(", ")
        )?;
    }
    Ok(text)
}

/// Returns the lines that differ between the recorded and the new result of an act. If one of them
/// is not a list of events, both results are returned.
fn differing(recorded: &str, decided: &str) -> Vec<String> {
    let outcome = |line: &str| foreign::visible(line.split(" {").next().unwrap_or_default()).into_owned();
    if !(recorded.contains(" {") && decided.contains(" {")) {
        return vec![format!("recorded: {}", outcome(recorded)), format!("decided now: {}", outcome(decided))];
    }
    let lines = |json: &str| json.replace("\\r\\n", "\n").replace(",\"", ",\n\"");
    show::lines(&lines(recorded), &lines(decided)).lines().map(str::to_owned).collect()
}
