//! `rtm2 run`: the server.

mod front;
mod greeting;
mod server;
mod signals;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use rtm2_app::CameraId;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_store::Options;
use toml::Value;

use super::{Failure, Global, log};
use crate::config::{ByteSize, Camera, Config};

/// Arguments of `rtm2 run`.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Server")]
#[expect(clippy::doc_markdown, reason = "the text is shown in a terminal")]
pub(super) struct Args {
    /// Where pictures come from; repeat it for several cameras: camera:0, camera:/dev/video2, demo:, file:clip.mp4?loop,
    /// http://user:password@host/video [default: `[[camera]]` of the configuration, else the first camera found,
    /// else demo:]
    #[arg(long, value_name = "URL", env = "RTM2_SOURCE", value_delimiter = ' ')]
    source: Vec<String>,
    /// Picture size of the --source cameras; the nearest that a camera has is taken [default: the camera's own]
    #[arg(long, value_name = "WxH", requires = "source")]
    size: Option<String>,
    /// Frames a second of the --source cameras; the nearest that a camera has is taken [default: the camera's own]
    #[arg(long, value_name = "N", requires = "source")]
    fps: Option<u16>,
    /// Address and port to listen on [env: RTM2_WEB__LISTEN=] [default: 127.0.0.1:5000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Listen on the network with TLS: on 0.0.0.0:5000 unless --listen says otherwise, with certificates of an authority
    /// of its own unless the configuration names others; /trust tells phones how to trust it [env: RTM2_WEB__LAN=]
    #[arg(long)]
    lan: bool,
    /// Keep no frames on disk, only the newest ones in memory [env: RTM2_STORE__MEMORY_ONLY=]
    #[arg(long)]
    memory_only: bool,
    /// Space for frames; the oldest go when it is used up [env: RTM2_STORE__BUDGET=] [default: 10GiB]
    #[arg(long, value_name = "SIZE")]
    budget: Option<ByteSize>,
    /// The detector [env: RTM2_DETECT__NAME=] [default: steady]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(rtm2_detect::NAMES))]
    detector: Option<String>,
}

impl Args {
    /// The flags that were given, as settings.
    fn flags(&self) -> Vec<(&'static str, &'static str, Value)> {
        let mut flags = Vec::new();
        for source in &self.source {
            let camera = Camera { size: self.size.clone(), fps: self.fps, ..Camera::with_source(source) };
            if let Ok(value) = Value::try_from(camera) {
                flags.push(("--source", "camera", value));
            }
        }
        flags.extend(self.listen.map(|a| ("--listen", "web.listen", a.to_string().into())));
        flags.extend(self.lan.then_some(("--lan", "web.lan", true.into())));
        flags.extend(self.memory_only.then_some(("--memory-only", "store.memory-only", true.into())));
        flags.extend(self.budget.map(|b| ("--budget", "store.budget", b.into())));
        flags.extend(self.detector.clone().map(|d| ("--detector", "detect.name", d.into())));
        flags
    }
}

/// Runs the server until a signal ends it.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    log::init(global)?;
    let loaded = global.load(args.flags())?;
    let state_dir = global.state_dir()?;
    server::run(&loaded, &state_dir)
}

/// Where the recordings are kept within the state directory.
pub(in crate::cmds) fn frames_dir(state_dir: &Path) -> PathBuf {
    state_dir.join("frames")
}

/// How recordings in a directory are kept.
pub(in crate::cmds) fn store_options(config: &Config, dir: PathBuf) -> Options {
    let budgets = config.cameras.iter().enumerate();
    let budgets = budgets.filter_map(|(i, camera)| Some((CameraId(i as u16), camera.budget?.0)));
    Options {
        budget_bytes: config.store.budget.0,
        camera_budgets: budgets.collect(),
        min_free_bytes: config.store.min_free.0,
        quiet_us: i64::from(config.store.event_gap) * MICROS_PER_SECOND,
        ..Options::directory(dir)
    }
}

/// A store's failure with the exit code that it deserves.
pub(in crate::cmds) fn store_failure(error: rtm2_store::Error) -> Failure {
    match error {
        rtm2_store::Error::Locked { .. } => Failure::Busy(error.to_string()),
        rtm2_store::Error::Io { path, source } => Failure::io(path.display().to_string(), source),
        other => Failure::Other(other.into()),
    }
}

/// Makes the state directory for its owner alone.
pub(in crate::cmds) fn make_private(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|e| Failure::io(format!("cannot make the state directory {}", dir.display()), e))
}
