//! `cargo xtask dev`: the server on the demo scene, and Trunk rebuilding the page at every change, ended together.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::project::Project;
use crate::setup::{self, Purpose, setup};
use crate::sh::{Cmd, stop};
use crate::steps::Steps;
use crate::{commands, page};

/// Where Trunk serves the page, as `Trunk.toml` says.
const PAGE: &str = "http://127.0.0.1:8080";
/// Time for each to end by itself before it is ended.
const PATIENCE: Duration = Duration::from_secs(12);

/// Runs both until one ends or a signal comes.
pub(crate) fn dev(project: &Project, arguments: &[String]) -> Result<()> {
    let mut steps = Steps::new(setup::STEPS + 2);
    setup(project, Purpose::Run, &mut steps)?;
    steps.step("server", || commands::build_server(project, "debug"))?;
    steps.announce(&format!("start: the page will be on {PAGE} (not localhost), the server behind it on port 5000"));

    let asked_to_end = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&asked_to_end))?;
    }
    let source: &[&str] =
        if arguments.iter().any(|argument| argument.starts_with("--source")) { &[] } else { &["--source", "demo:"] };
    let mut server = Cmd::new(project.server("debug"))
        .arg("run")
        .args(source)
        .args(arguments)
        .env("RTM2_WEB__ORIGINS", PAGE)
        .dir(&project.root)
        .apart()
        .start()?;
    // Into a folder of its own, so that the release page in `dist/` stays what it is.
    let dist = project.web_target.join("dev");
    std::fs::create_dir_all(&dist)?;
    let started = page::trunk(project, &["serve", "--dist"]).and_then(|command| {
        // For the page's socket, which Trunk's proxy cannot carry: it forgets the subprotocol.
        command.arg(&dist).env("RTM2_DEVELOPMENT_SERVER", "ws://127.0.0.1:5000").apart().start()
    });
    let mut trunk = match started {
        Ok(trunk) => trunk,
        Err(error) => {
            stop(&mut server);
            return Err(error);
        }
    };
    let outcome = watch(&mut server, &mut trunk, &asked_to_end);
    end(&mut trunk);
    end(&mut server);
    outcome
}

/// Waits for the first to end.
fn watch(server: &mut Child, trunk: &mut Child, asked_to_end: &AtomicBool) -> Result<()> {
    while !asked_to_end.load(Ordering::Relaxed) {
        for (name, child) in [("the server", &mut *server), ("trunk", &mut *trunk)] {
            if let Some(status) = child.try_wait()? {
                bail!("{name} ended ({status})");
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Asks a child to end, and ends it when it does not.
fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    Cmd::new("kill").args(["-TERM", &child.id().to_string()]).succeeds();
    let limit = Instant::now() + PATIENCE;
    while Instant::now() < limit {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    stop(child);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_end_ends_both() {
        let mut quick = Cmd::new("true").start().unwrap();
        let mut slow = Cmd::new("sleep").arg("600").start().unwrap();
        let error = watch(&mut slow, &mut quick, &AtomicBool::new(false)).unwrap_err();
        assert!(error.to_string().contains("trunk ended"), "{error}");
        end(&mut slow);
        assert!(slow.try_wait().unwrap().is_some());
        assert!(watch(&mut quick, &mut slow, &AtomicBool::new(true)).is_ok(), "a signal is a good end");
    }
}
