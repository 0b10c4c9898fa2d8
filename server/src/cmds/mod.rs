//! The command line: one file per command, and what all of them share.

mod check;
mod completions;
mod config;
mod exit;
mod export;
mod health;
mod import;
mod log;
mod probe;
mod replay;
mod run;
mod scenes;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use exit::Failure;

use crate::config::{Layers, Loaded, environment};

/// Version with what tells builds apart.
const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("RTM2_COMMIT"), ", features:", env!("RTM2_FEATURES"), ")");

/// A motion monitor that speaks only when something moves.
///
/// Without a command it runs the server.
#[derive(Debug, Parser)]
#[command(name = "rtm2", version = VERSION, max_term_width = 100, after_long_help = exit::HELP)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Args,
}

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
#[expect(clippy::doc_markdown, reason = "the text is shown in a terminal")]
struct Global {
    /// Configuration file [default: the first of $CONFIGURATION_DIRECTORY/config.toml,
    /// $XDG_CONFIG_HOME/rtm2/config.toml, /etc/rtm2/config.toml]
    #[arg(long, value_name = "FILE", env = "RTM2_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Directory for accounts and recordings [default: $STATE_DIRECTORY or $XDG_STATE_HOME/rtm2]
    #[arg(long, value_name = "DIR", env = "RTM2_STATE_DIR", global = true)]
    state_dir: Option<PathBuf>,
    /// What to log, such as `debug` or `rtm2=debug,warn` [default: info; falls back to $RUST_LOG]
    #[arg(long, value_name = "FILTER", env = "RTM2_LOG", global = true)]
    log: Option<String>,
    /// How to log
    #[arg(long, value_name = "FORMAT", env = "RTM2_LOG_FORMAT", default_value = "pretty", global = true)]
    log_format: log::Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default)
    Run(run::Args),
    /// List cameras with their formats, sizes and rates
    Probe(probe::Args),
    /// Check the recordings and mend them
    Check(check::Args),
    /// Write an event or a stretch of time as pictures, a table and a clip
    Export(export::Args),
    /// Take over the pictures of the original rtm2
    Import(import::Args),
    /// Show, check or print the configuration
    Config(config::Args),
    /// Add, change, list and remove accounts
    User(user::Args),
    /// Run a detector over footage and write its decisions
    Replay(replay::Args),
    /// Run the detectors over generated scenes and print the scorecard
    Scenes(scenes::Args),
    /// Ask a running server whether it is healthy
    Health(health::Args),
    /// Print a shell's completion script
    Completions(completions::Completions),
    /// Print the manual page
    Man(completions::Man),
}

impl Global {
    /// The state directory in force.
    fn state_dir(&self) -> Result<PathBuf, Failure> {
        match &self.state_dir {
            Some(dir) => Ok(dir.clone()),
            None => Ok(crate::config::state_dir()?),
        }
    }

    /// The settings in force, with a command's flags over them.
    fn load(&self, flags: Vec<(&'static str, &'static str, toml::Value)>) -> Result<Loaded, Failure> {
        Ok(Layers { file: self.config.clone(), env: environment(), flags }.load()?)
    }
}

/// Reads the command line, runs the command, and turns its failure into a message and an exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = dispatch(&cli);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                eprintln!("rtm2: {failure}");
            }
            failure.code()
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), Failure> {
    let global = &cli.global;
    match &cli.command {
        None => run::run(global, &cli.run),
        Some(Command::Run(args)) => run::run(global, args),
        Some(Command::Probe(args)) => probe::run(global, args),
        Some(Command::Check(args)) => check::run(global, args),
        Some(Command::Export(args)) => export::run(global, args),
        Some(Command::Import(args)) => import::run(global, args),
        Some(Command::Config(args)) => config::run(global, args),
        Some(Command::User(args)) => user::run(global, args),
        Some(Command::Replay(args)) => replay::run(global, args),
        Some(Command::Scenes(args)) => scenes::run(global, args),
        Some(Command::Health(args)) => health::run(global, args),
        Some(Command::Completions(args)) => completions::completions(args, &mut Cli::command()),
        Some(Command::Man(_)) => completions::man(Cli::command()),
    }
}

/// Writes to standard output; a closed pipe is no failure.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::io("cannot write to standard output", e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_with_a_value_says_where_else_it_can_be_set_or_what_it_defaults_to() {
        let command = Cli::command();
        for name in ["run", "health"] {
            let sub = command.find_subcommand(name).unwrap();
            for arg in sub.get_arguments().filter(|a| a.get_long().is_some() && a.get_action().takes_values()) {
                let documented = arg.get_env().is_some()
                    || !arg.get_default_values().is_empty()
                    || arg.get_help().is_some_and(|h| h.to_string().contains('['));
                assert!(documented, "--{} of {name}", arg.get_id());
            }
        }
    }
}
