//! `daybook projections`: rebuilds, lists and shows the read models.

use std::path::Path;

use ::projections::{Condition, ReadModels, Table};
use anyhow::{Context as _, Result, ensure};
use audit::foreign;

use crate::{
    cli::{self, Format},
    config::Config,
    data, engine, out, progress,
};

pub(crate) async fn run(folder: &Path, config: &Config, asked: cli::Projections) -> Result<()> {
    match asked {
        cli::Projections::Rebuild => rebuild(folder, config).await,
        cli::Projections::Show { name, format } => show(folder, config, name.as_deref(), format).await,
    }
}

async fn rebuild(folder: &Path, config: &Config) -> Result<()> {
    let (journal, lock) = engine::to_look(folder, config).await?;
    ensure!(lock.is_some(), "another daybook process uses the read models in {}; stop it first", folder.display());
    data::make_derived(folder, config)?;
    let models_folder = data::read_models_folder(folder, config);
    let (models, mut projector) =
        ReadModels::open(&models_folder).with_context(|| models_folder.display().to_string())?;
    projector.reset()?;
    let bar = progress::bar(journal.head().await?.0);
    data::catch_up(&*journal, projector, |position| bar.set_position(position.0)).await?;
    bar.finish_and_clear();
    println!("The read models were rebuilt up to position {}.", models.position());
    Ok(())
}

/// Shows the table of the read model `name`; without a name, lists all read models.
async fn show(folder: &Path, config: &Config, name: Option<&str>, format: Format) -> Result<()> {
    let (_journal, models) = data::look(folder, config).await?;
    let table = match name {
        None => list(&models.conditions()),
        Some(name) => {
            let known: Vec<_> = models.conditions().iter().map(|condition| condition.name).collect();
            ensure!(known.contains(&name), "there is no read model `{name}`; there are {}", known.join(", "));
            models
                .table(name)?
                .with_context(|| format!("the read model `{name}` has no table to show; `room_utilisation` has one"))?
        }
    };
    out::print(&match format {
        Format::Text => text(&table),
        Format::Json => foreign::json_indented(&json(&table)),
    })
}

fn list(conditions: &[Condition]) -> Table {
    let row = |condition: &Condition| {
        let Condition { name, version, position, .. } = condition;
        vec![(*name).to_owned(), version.to_string(), position.to_string(), condition.complaint().unwrap_or_default()]
    };
    let columns = ["name", "version", "position", "complaint"].map(str::to_owned).to_vec();
    Table { columns, rows: conditions.iter().map(row).collect() }
}

/// Returns the table as text with aligned columns, two spaces apart.
fn text(table: &Table) -> String {
    let lines = || std::iter::once(&table.columns).chain(&table.rows);
    let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<_> = (0..table.columns.len()).map(width).collect();
    let line = |line: &Vec<String>| {
        let padded = line.iter().zip(widths.iter().copied()).map(|(value, width)| format!("{value:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines().map(line).collect()
}

/// Returns the table as JSON, with an object for each row.
fn json(table: &Table) -> serde_json::Value {
    let row = |row: &Vec<String>| -> serde_json::Map<_, _> {
        table.columns.iter().cloned().zip(row.iter().cloned().map(serde_json::Value::String)).collect()
    };
    table.rows.iter().map(|values| serde_json::Value::Object(row(values))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_in_columns_and_as_json() {
        let owned = |values: [&str; 2]| values.map(str::to_owned).to_vec();
        let table = Table { columns: owned(["room", "week"]), rows: vec![owned(["lake", "2026-01-05"])] };
        assert_eq!(text(&table), "room  week\nlake  2026-01-05\n");
        assert_eq!(json(&table).to_string(), r#"[{"room":"lake","week":"2026-01-05"}]"#);
    }
}
