//! `rtm2 probe`: which cameras are there.

use super::{Failure, Global, print};

/// Arguments of `rtm2 probe`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON array instead of a table
    #[arg(long)]
    json: bool,
}

/// Lists the cameras.
pub(super) fn run(_: &Global, args: &Args) -> Result<(), Failure> {
    let devices = rtm2_camera::probe().map_err(anyhow::Error::from)?;
    if args.json {
        let text = serde_json::to_string_pretty(&devices).map_err(anyhow::Error::from)?;
        return print(&format!("{text}\n"));
    }
    if devices.is_empty() {
        return print("no camera found; try `rtm2 --source demo:` or `--source http://…`\n");
    }
    print(&rtm2_camera::table(&devices))
}
