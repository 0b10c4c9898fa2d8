//! The binary `rtm2`: reads the command line and hands over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rtm2::cmds::main()
}
