//! The virtual machine: boots, listens to its serial line, and ends it when it talks for too long.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::checks::{END, Report};
use crate::sh::{Cmd, stop};

/// Time for everything, from power on to power off. Usually a minute; emulation on a busy machine is slow.
const LIMIT: Duration = Duration::from_mins(5);

/// Boots a kernel with an image and returns what it told.
pub(super) fn boot(kernel: &Path, image: &Path) -> Result<Report> {
    let mut child = Cmd::new("qemu-system-x86_64")
        // Emulated: works in every container. `max` gives what the emulator has, which the JPEG code can use.
        .args(["-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1536", "-kernel"])
        .arg(kernel)
        .arg("-initrd")
        .arg(image)
        .args(["-append", "console=ttyS0 panic=-1 quiet loglevel=3 random.trust_cpu=on"])
        .args(["-nodefaults", "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none", "-no-reboot"])
        .start_piped()?;
    let output = child.stdout.take().context("the serial line is missing")?;
    let (send, lines) = channel();
    let reader = std::thread::spawn(move || read(output, &send));
    let report = listen(&lines, Instant::now() + LIMIT);
    power_off(&mut child);
    // Ends with the pipe, which the machine held.
    let _ = reader.join();
    Ok(report)
}

fn read(output: ChildStdout, lines: &Sender<String>) {
    let mut output = BufReader::new(output);
    let mut bytes = Vec::new();
    while output.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
        if lines.send(String::from_utf8_lossy(&bytes).trim_end().to_owned()).is_err() {
            return;
        }
        bytes.clear();
    }
}

/// Shows and takes in lines until the guest is through, the machine is off, or time is up.
fn listen(lines: &Receiver<String>, end: Instant) -> Report {
    let mut report = Report::default();
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                println!("      │ {line}");
                report.hear(&line);
                if line.contains(END) {
                    return report;
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                println!("      the virtual machine ended before its checks did");
                return report;
            }
            Err(RecvTimeoutError::Timeout) => {
                println!("      the virtual machine was not through after {} s", LIMIT.as_secs());
                return report;
            }
        }
    }
}

/// Lets the machine power off by itself for a moment; its disk is its memory, so nothing is lost otherwise.
fn power_off(child: &mut Child) {
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    stop(child);
}

#[cfg(test)]
mod tests {
    use super::super::checks::Check;
    use super::*;

    #[test]
    fn listening_ends_with_the_guest_the_machine_or_the_time() {
        let (send, lines) = channel();
        for line in ["boot", &Check::Driver.line(&Ok(String::new())), END, &Check::Probe.line(&Ok(String::new()))] {
            send.send(line.to_owned()).unwrap();
        }
        let far = Instant::now() + Duration::from_mins(10);
        assert_eq!(listen(&lines, far).count().passed, 1, "nothing counts after the end");
        assert_eq!(listen(&lines, Instant::now()).count().passed, 1, "what was told before the time was up");
        drop(send);
        assert_eq!(listen(&lines, far).count().passed, 0, "the machine is off");
    }
}
