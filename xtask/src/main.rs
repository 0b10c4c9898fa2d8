//! Everything that CI and a newcomer run: `cargo xtask --help`.
#![expect(clippy::print_stdout, reason = "printing what it does is this program's work")]

mod bench;
mod bindgen;
mod camera;
mod commands;
mod dev;
mod fingerprint;
mod lockfile;
mod names;
mod page;
mod project;
mod setup;
mod sh;
mod split;
mod steps;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use project::Project;
use test::Which;

/// Everything that CI and a newcomer run. `cargo xtask run` is the one to begin with.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true, after_help = ENVIRONMENT)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const ENVIRONMENT: &str = "Environment:
  RTM2_TOOLS        folder for the build tools [default: $XDG_CACHE_HOME/rtm2-dev/tools]
  RTM2_WASM_STD     `debian`: build the wasm standard library from Debian's packages
  CARGO_TARGET_DIR  folder for native builds [default: target]";

#[derive(Subcommand)]
enum Command {
    /// Make this machine ready to build and test: system packages, wasm32 standard library, tools
    Setup,
    /// Set up, build page and server, and start the server
    Run {
        /// For the server: `-- --source camera:0`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Set up and build the page alone, and weigh what a first visit loads
    Page,
    /// Set up and run every test: native, wasm in a browser, end to end
    Test {
        /// The tests that break things on purpose, many times each, alone: a row for each fault
        #[arg(long, conflicts_with = "camera")]
        faults: bool,
        /// The test with the kernel's camera driver in a virtual machine, alone
        #[arg(long)]
        camera: bool,
        /// For nextest; words that are no options also choose among the other kinds of tests
        #[arg(last = true, conflicts_with_all = ["camera", "faults"])]
        arguments: Vec<String>,
    },
    /// Run the server on the demo scene, and rebuild the page at every change
    Dev {
        /// For the server
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check formatting and run clippy for both targets, and cargo-deny where it is installed
    Lint,
    /// Run benchmarks
    Bench {
        /// A crate, such as detect, or a benchmark [default: all]
        name: Option<String>,
        /// Print only the results on standard output, as one JSON object with the crates' figures
        #[arg(long)]
        json: bool,
        /// For the benchmarks
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check file sizes, the protocol's document, licences, and that nothing names one machine
    Tidy,
    /// Make one release program with the page inside, and print the sizes
    Dist,
    /// As Trunk runs wasm-bindgen: run it, and do what else makes the page's wasm
    #[command(hide = true, disable_help_flag = true)]
    WasmBindgen {
        /// The program itself
        program: PathBuf,
        /// wasm-opt
        optimiser: PathBuf,
        /// Where the rest of the page goes
        rest: PathBuf,
        /// What Trunk gave it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Inside the virtual machine of `test --camera`: run the checks
    #[command(hide = true)]
    CameraGuest {
        /// The server's program
        server: PathBuf,
    },
}

fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Setup => commands::setup_all(&Project::find()?),
        Command::Run { arguments } => commands::run(&Project::find()?, &arguments),
        Command::Page => commands::page(&Project::find()?),
        Command::Test { faults, camera, arguments } => test::test(&Project::find()?, which(faults, camera), &arguments),
        Command::Dev { arguments } => dev::dev(&Project::find()?, &arguments),
        Command::Lint => commands::lint(&Project::find()?),
        Command::Bench { name, json, arguments } => bench::bench(&Project::find()?, name.as_deref(), json, &arguments),
        Command::Tidy => tidy::tidy(&Project::find()?),
        Command::Dist => commands::dist(&Project::find()?),
        Command::WasmBindgen { program, optimiser, rest, arguments } => {
            bindgen::run(&bindgen::Tools { bindgen: program, optimiser, rest }, &arguments)
        }
        Command::CameraGuest { server } => camera::guest(&server),
    }
}

fn which(faults: bool, camera: bool) -> Which {
    match (faults, camera) {
        (_, true) => Which::Camera,
        (true, false) => Which::Faults,
        (false, false) => Which::Usual,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_the_dashes_is_passed_on() {
        let arguments = Arguments::try_parse_from(["xtask", "run", "--", "--source", "demo:"]).unwrap();
        let Command::Run { arguments } = arguments.command else { panic!("not run") };
        assert_eq!(arguments, ["--source", "demo:"]);
        assert!(Arguments::try_parse_from(["xtask", "test", "--camera", "--faults"]).is_err());
    }
}
