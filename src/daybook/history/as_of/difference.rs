//! The differences between two moments of the history, as text and as JSON.

use std::fmt::Write as _;

use anyhow::Result;
use audit::{
    foreign,
    past::{Content, Detail, Difference, What},
    show,
};
use journal::Journal;
use serde_json::json;

use super::read;

/// Returns a line for each difference, with the differing values and lines of text below it. The
/// line begins with `+` for an added resource, `-` for a removed one, `>` for a moved one and `*`
/// for a changed one.
pub(super) async fn text(journal: &dyn Journal, differences: &[Difference]) -> Result<String> {
    let mut text = String::new();
    for difference in differences {
        writeln!(text, "{}", line(difference))?;
        for Detail { of, before, after } in &difference.details {
            for (mark, value) in [('-', before), ('+', after)] {
                let Some(value) = value else { continue };
                writeln!(text, "    {mark} {of}: {value}")?;
            }
        }
        let Some((then, now)) = contents(journal, difference).await? else { continue };
        for line in show::lines(&then, &now).lines() {
            writeln!(text, "    {line}")?;
        }
    }
    if differences.is_empty() {
        text.push_str("There is no difference between the two times.\n");
    }
    Ok(text)
}

fn line(difference: &Difference) -> String {
    let Difference { what, path, was, then, now, .. } = difference;
    let path = foreign::identifier(path);
    let since = match (then, now) {
        (None, None) => String::new(),
        (None, Some(now)) => format!(" (#{})", now.since),
        (Some(then), None) => format!(" (was #{})", then.since),
        (Some(then), Some(now)) => format!(" (#{} → #{})", then.since, now.since),
    };
    match what {
        What::Added => format!("+ {path}{since}"),
        What::Removed => format!("- {path}{since}"),
        What::Changed => format!("* {path}{since}"),
        What::Moved => format!("> {} → {path}{since}", foreign::identifier(was.as_deref().unwrap_or_default())),
    }
}

/// Returns the texts of a resource at both moments; `None` if both are the content of the same
/// event, if it did not exist at one of them, or if the difference is about a collection.
async fn contents(journal: &dyn Journal, difference: &Difference) -> Result<Option<(String, String)>> {
    let (Some(then), Some(now)) = (&difference.then, &difference.now) else { return Ok(None) };
    if then.content == now.content {
        return Ok(None);
    }
    let text_of = |content: Content| String::from_utf8_lossy(&content.body).into_owned();
    let mut texts = read(journal, &[then.clone(), now.clone()]).await?.into_iter().map(text_of);
    Ok(Some((texts.next().unwrap_or_default(), texts.next().unwrap_or_default())))
}

/// Returns the differences as a JSON array, with the texts of a changed resource before and after.
pub(super) async fn json(journal: &dyn Journal, differences: &[Difference]) -> Result<serde_json::Value> {
    let mut all = vec![];
    for difference in differences {
        let Difference { what, path, was, then, now, details } = difference;
        let (before, after) = contents(journal, difference).await?.unzip();
        let what = match what {
            What::Added => "added",
            What::Removed => "removed",
            What::Moved => "moved",
            What::Changed => "changed",
        };
        let detail = |Detail { of, before, after }: &Detail| json!({ "of": of, "before": before, "after": after });
        all.push(json!({
            "what": what,
            "path": path,
            "was": was,
            "is_collection": then.is_none() && now.is_none(),
            "since_before": then.as_ref().map(|then| then.since),
            "since_after": now.as_ref().map(|now| now.since),
            "details": details.iter().map(detail).collect::<Vec<_>>(),
            "text_before": before,
            "text_after": after,
        }));
    }
    Ok(all.into())
}
