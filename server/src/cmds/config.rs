//! `rtm2 config`: show what is in force, check a file, print the default.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::{Failure, Global, print};
use crate::config::{DEFAULT_FILE, Loaded};

/// Arguments of `rtm2 config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print the settings in force
    Show {
        /// Say behind each value where it came from
        #[arg(long)]
        origin: bool,
    },
    /// Check the configuration without starting
    Check,
    /// Print the default configuration with explanations
    Default,
}

/// Runs the action.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    match args.action {
        Action::Default => print(DEFAULT_FILE),
        Action::Check => {
            let loaded = global.load(Vec::new())?;
            let file = loaded.file.map_or_else(|| "no file, all defaults".into(), |f| f.display().to_string());
            print(&format!("the configuration is fine ({file})\n"))
        }
        Action::Show { origin } => show(&global.load(Vec::new())?, origin),
    }
}

fn show(loaded: &Loaded, origin: bool) -> Result<(), Failure> {
    let mut shown = loaded.config.clone();
    shown.redact();
    let table = Table::try_from(&shown).map_err(anyhow::Error::from)?;
    let text = if origin { with_origins(&table, loaded) } else { table.to_string() };
    print(&text)
}

/// A line per key: `key = value  # origin`.
fn with_origins(table: &Table, loaded: &Loaded) -> String {
    let mut lines = Vec::new();
    flatten("", table, &mut lines);
    let mut text = String::new();
    for (key, value) in lines {
        let origin =
            loaded.origins.get(&key).or_else(|| key.starts_with("camera").then(|| loaded.origins.get("camera"))?);
        let origin = origin.map_or_else(|| "default".to_owned(), ToString::to_string);
        let _ = writeln!(text, "{key} = {value}  # {origin}");
    }
    text
}

fn flatten(prefix: &str, table: &Table, lines: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(inner) => flatten(&format!("{key}."), inner, lines),
            Value::Array(items) if items.iter().any(Value::is_table) => {
                for (i, inner) in items.iter().enumerate().filter_map(|(i, item)| Some((i, item.as_table()?))) {
                    flatten(&format!("{key}[{i}]."), inner, lines);
                }
            }
            _ => lines.push((key, value.to_string())),
        }
    }
}
