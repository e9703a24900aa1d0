//! `daybook replay`: decides recorded acts again, by the rules of this program.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, process::ExitCode};

use anyhow::Result;
use audit::{foreign, show};
use schemas::Position;
use service::history::{Difference, Range, Replayed};

use crate::{cli::history::Replay, config::Config, data, out};

/// Lines of each difference that are shown.
const SHOWN_LINES: usize = 12;

/// Fails with exit code 1 if an act is decided otherwise.
pub(crate) async fn run(folder: &Path, asked: &Replay, config: &Config) -> Result<ExitCode> {
    let (journal, models) = data::look(folder, config).await?;
    let position = |text: &Option<String>, otherwise: Position| {
        text.as_deref().map_or(Some(otherwise), |text| text.trim_start_matches('#').parse().ok().map(Position))
    };
    let head = journal.head().await?;
    let (Some(from), Some(to)) = (position(&asked.from, Position(1)), position(&asked.to, head)) else {
        anyhow::bail!("--from and --to are positions; write #136");
    };
    let after = Position(from.0.saturating_sub(1));
    let range = Range { after, until: to, uid: asked.uid.clone() };
    let replayed = service::history::replay(&*journal, &models, &config.service().limits, &range).await?;
    out::print(&text(&replayed)?)?;
    Ok(if replayed.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(replayed: &Replayed) -> Result<String> {
    let Replayed { acts, passed, differences } = replayed;
    let mut text = String::new();
    for Difference { position, request, recorded, decided } in differences {
        writeln!(text, "DIFFERENT: #{position} (request {request}) is decided otherwise:")?;
        for line in differing(recorded, decided).into_iter().take(SHOWN_LINES) {
            writeln!(text, "  {line}")?;
        }
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, why) in passed {
        *reasons.entry(why).or_default() += 1;
    }
    writeln!(text, "{acts} acts were decided again, {} of them otherwise", differences.len())?;
    for (why, count) in reasons {
        writeln!(text, "{count} were passed over: {why}")?;
    }
    Ok(text)
}

/// Returns the differing lines; both results, if one of them is not a list of events.
fn differing(recorded: &str, decided: &str) -> Vec<String> {
    let outcome = |line: &str| foreign::visible(line.split(" {").next().unwrap_or_default()).into_owned();
    if !(recorded.contains(" {") && decided.contains(" {")) {
        return vec![format!("recorded: {}", outcome(recorded)), format!("decided now: {}", outcome(decided))];
    }
    let lines = |json: &str| json.replace("\\r\\n", "\n").replace(",\"", ",\n\"");
    show::lines(&lines(recorded), &lines(decided)).lines().map(str::to_owned).collect()
}
