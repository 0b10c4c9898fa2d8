//! Runs commands for alerts, one at a time, and writes what they say into the log.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;

use crate::alert::Alert;
use crate::hooks::Command;
use crate::inbox::Inbox;
use crate::stats;

/// Alerts that may wait for a command. Beyond it the oldest goes and is counted.
pub(crate) const WAITING: usize = 16;
/// Most bytes of each of a command's outputs that are logged; the rest is read and thrown away.
const MAX_OUTPUT: usize = 4_096;

/// Runs until it is dropped.
pub(crate) async fn run(commands: Arc<[Command]>, inbox: Arc<Inbox<Alert>>, base: Arc<str>) {
    loop {
        while let Some(alert) = inbox.take() {
            for command in commands.iter().filter(|command| command.only.wants(&alert)) {
                run_one(command, &alert, &base).await;
            }
        }
        inbox.arrived().await;
    }
}

async fn run_one(command: &Command, alert: &Alert, base: &str) {
    let program = &command.program;
    match spawn(command, alert, base) {
        Ok(running) => match finish(running, command.timeout).await {
            Ok(status) if status.success() => stats::delivery("command", "delivered"),
            Ok(status) => {
                stats::delivery("command", "failed");
                tracing::warn!("alert command {program} failed: {status}");
            }
            Err(why) => {
                stats::delivery("command", "failed");
                tracing::warn!("alert command {program} {why}");
            }
        },
        Err(error) => {
            stats::delivery("command", "failed");
            tracing::warn!("alert command {program} cannot be run: {error}");
        }
    }
}

/// A program at work, the leader of a process group of its own. All of the group ends with it.
struct Group {
    child: Child,
    program: String,
    leader: Option<Pid>,
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // Fails when nothing is left of the group, which is what it is for.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

fn spawn(command: &Command, alert: &Alert, base: &str) -> std::io::Result<Group> {
    let child = tokio::process::Command::new(&command.program)
        .args(command.arguments(alert, base))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let leader = child.id().and_then(|id| Pid::from_raw(id as i32));
    Ok(Group { child, program: command.program.clone(), leader })
}

/// Waits for the program and its output.
async fn finish(mut group: Group, timeout: std::time::Duration) -> Result<ExitStatus, String> {
    let (out, err) = (group.child.stdout.take(), group.child.stderr.take());
    let all = async {
        let (status, out, err) = tokio::join!(group.child.wait(), read(out), read(err));
        (status, out, err)
    };
    let Ok((status, out, err)) = tokio::time::timeout(timeout, all).await else {
        return Err(format!("was killed: it ran longer than {} s", timeout.as_secs()));
    };
    for line in out.lines().chain(err.lines()).filter(|line| !line.trim().is_empty()) {
        tracing::info!("alert command {}: {}", group.program, line.trim_end());
    }
    status.map_err(|error| format!("cannot be waited for: {error}"))
}

/// The first [`MAX_OUTPUT`] bytes of a stream, read to its end so that the program is not held up.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> String {
    let (mut kept, mut chunk) = (Vec::new(), [0; 1_024]);
    let Some(mut stream) = stream else { return String::new() };
    // A stream that breaks has ended.
    while let Ok(n @ 1..) = stream.read(&mut chunk).await {
        let room = MAX_OUTPUT - kept.len();
        kept.extend_from_slice(&chunk[..n.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::filter::Selection;
    use crate::template::Template;
    use rtm2_app::{CameraId, Timestamp};

    fn command(program: &str, args: &[&str], timeout: Duration) -> Command {
        let args = args.iter().map(|arg| Template::parse(arg).unwrap()).collect();
        Command { program: program.into(), args, timeout, only: Selection::default() }
    }

    fn alert(name: &str) -> Alert {
        Alert::motion(CameraId(3), name, Timestamp(1_764_000_003_000_000), 9)
    }

    const PATIENCE: Duration = Duration::from_mins(1);

    async fn outcome(command: &Command, name: &str) -> Result<ExitStatus, String> {
        let group = spawn(command, &alert(name), "https://cam.example").map_err(|e| e.to_string())?;
        finish(group, command.timeout).await
    }

    #[tokio::test]
    async fn arguments_stay_arguments_whatever_is_in_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("said");
        // The program writes its arguments, a line each.
        let script = format!("printf '%s\\n' \"$@\" > '{}'", file.display());
        let evil = "$(touch pwned) `id`; rm -rf / && '\"";
        let args = ["-c", script.as_str(), "sh", "{name}", "{camera} {score}", "", "{url}"];
        assert!(outcome(&command("sh", &args, PATIENCE), evil).await.unwrap().success());
        let said = std::fs::read_to_string(file).unwrap();
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines, [evil, "3 9", "", "https://cam.example/history?camera=3&at=1764000003000000"]);
    }

    #[tokio::test]
    async fn what_runs_too_long_is_killed_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > '{}'; wait", file.display());
        // Long enough for the shell to write the number on any machine.
        let started = Instant::now();
        let error = outcome(&command("sh", &["-c", &script], Duration::from_secs(3)), "Door").await.unwrap_err();
        assert!(error.contains("3 s"), "{error}");
        assert!(started.elapsed() < PATIENCE);
        let pid: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        // Dead at once, and away when whoever inherited it has looked.
        let gone = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            state.map_or(true, |stat| stat.contains(") Z "))
        };
        let until = Instant::now() + PATIENCE;
        while !gone() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(gone(), "the grandchild lives on");
    }

    #[tokio::test]
    async fn floods_of_output_hold_nobody_up() {
        let script = "head -c 3000000 /dev/zero | tr '\\0' x; echo oops >&2; exit 3";
        let status = outcome(&command("sh", &["-c", script], PATIENCE), "Door").await.unwrap();
        assert_eq!(status.code(), Some(3));
        let stream = [b'x'; 10_000];
        assert_eq!(read(Some(&stream[..])).await.len(), MAX_OUTPUT);
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_no_panic() {
        assert!(outcome(&command("/nonexistent/program", &[], PATIENCE), "Door").await.is_err());
        run_one(&command("/nonexistent/program", &[], PATIENCE), &alert("Door"), "").await;
    }
}
