//! `rtm2 completions` and `rtm2 man`: made from the same definition as the command line.

use clap::Command;
use clap_complete::Shell;

use super::{Failure, print};

/// Arguments of `rtm2 completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

/// Arguments of `rtm2 man`.
#[derive(Debug, clap::Args)]
pub(super) struct Man {}

/// Prints the completion script.
pub(super) fn completions(args: &Completions, command: &mut Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "rtm2", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Prints the manual page in roff.
pub(super) fn man(command: Command) -> Result<(), Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(|e| Failure::io("cannot render the manual page", e))?;
    print(&String::from_utf8_lossy(&page))
}
