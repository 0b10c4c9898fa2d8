//! Runs inside the virtual machine: the checks.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::checks::{Check, END};
use super::http::Client;
use super::server::{Server, says_state, setup_link};

/// The account that the checks make: name and password, and both in base64 for HTTP Basic.
const ACCOUNT: [&str; 2] = ["guest", "only in this machine"];
const BASIC: &str = "Z3Vlc3Q6b25seSBpbiB0aGlzIG1hY2hpbmU=";
/// Where the kernel takes a device from its driver and gives it back.
const DRIVER: &str = "/sys/bus/platform/drivers/vivid";
const DEVICE: &str = "vivid.0";
/// Far longer than anything should take, since emulation may be very slow. The time taken is part of each result.
const LIMIT: Duration = Duration::from_mins(1);
/// Most time for a camera that is gone to be reported.
const LOST_LIMIT: Duration = Duration::from_secs(10);
/// Frames that must come for "frames flow".
const FRAMES: f64 = 10.0;

/// Makes all checks and tells the results. A check that fails ends those that build on it.
pub(crate) fn run(program: &Path) -> Result<()> {
    let done = check_all(program);
    println!("{END}");
    done
}

fn check_all(program: &Path) -> Result<()> {
    tell(Check::Driver, driver)?;
    tell(Check::Probe, || probe(program))?;
    let arguments = [
        "run",
        "--source",
        "camera:0",
        "--size",
        "320x180",
        "--fps",
        "10",
        "--listen",
        "127.0.0.1:5000",
        "--state-dir",
        "/tmp/state",
    ];
    let mut server = Server::start(program, &arguments)?;
    let mut client = None;
    tell(Check::Health, || {
        client = Some(healthy(&mut server)?);
        Ok("and has its first account".to_owned())
    })?;
    let client = client.context("no server to ask")?;
    tell(Check::Live, || state(&mut server, 0, "live", LIMIT))?;
    tell(Check::Frames, || grows(&client, "rtm2_frames_captured_total"))?;
    tell(Check::Detector, || grows(&client, "rtm2_detect_seconds_count"))?;
    let before = server.said();
    tell(Check::Lost, || {
        std::fs::write(format!("{DRIVER}/unbind"), DEVICE)?;
        state(&mut server, before, "lost", LOST_LIMIT)
    })?;
    let before = server.said();
    tell(Check::Back, || {
        std::fs::write(format!("{DRIVER}/bind"), DEVICE)?;
        state(&mut server, before, "live", LIMIT)
    })?;
    tell(Check::FramesAgain, || grows(&client, "rtm2_frames_captured_total"))?;
    tell(Check::End, || server.end(LIMIT))
}

/// Makes a check and tells its result. Its failure is an error too, for what would come next.
fn tell(check: Check, work: impl FnOnce() -> Result<String>) -> Result<()> {
    let result = work().map_err(|error| format!("{error:#}"));
    println!("{}", check.line(&result));
    result.map(drop).map_err(anyhow::Error::msg)
}

fn driver() -> Result<String> {
    ensure!(Path::new("/dev/video0").exists(), "there is no /dev/video0");
    let version = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!("Linux {}", version.trim()))
}

fn probe(program: &Path) -> Result<String> {
    let output = Command::new(program).args(["probe", "--json"]).output()?;
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "rtm2 probe ended with {}: {errors}", output.status);
    let devices: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))?;
    of_vivid(&devices)
}

/// The camera in the list that `rtm2 probe --json` prints.
fn of_vivid(devices: &serde_json::Value) -> Result<String> {
    let found = devices.as_array().into_iter().flatten().find(|device| device["path"] == "/dev/video0");
    let device = found.with_context(|| format!("/dev/video0 is not in {devices}"))?;
    ensure!(device["driver"] == "vivid", "its driver is {}", device["driver"]);
    let formats = device["formats"].as_array().map_or(0, Vec::len);
    ensure!(formats > 0, "it has no formats");
    Ok(format!("{} with {formats} formats and sizes", device["name"].as_str().unwrap_or("?")))
}

/// Waits for the server to listen, and makes the first account as its owner would.
fn healthy(server: &mut Server) -> Result<Client> {
    let (address, token) = server.wait_for(0, LIMIT, setup_link)?;
    let mut client = Client { address, basic: None };
    client.get("/healthz")?;
    let [user, password] = ACCOUNT;
    let account = serde_json::json!({ "token": token, "user": user, "password": password });
    client.post("/api/v1/setup", &account.to_string())?;
    client.basic = Some(BASIC);
    Ok(client)
}

/// Waits until the log tells a state of the camera.
fn state(server: &mut Server, after: usize, state: &str, limit: Duration) -> Result<String> {
    let begin = Instant::now();
    let line = server.wait_for(after, limit, |line| says_state(line, state).then(|| line.to_owned()))?;
    Ok(format!("after {:.1} s: {line}", begin.elapsed().as_secs_f64()))
}

/// Waits until a counter has grown.
fn grows(client: &Client, name: &str) -> Result<String> {
    let begin = Instant::now();
    let first = sum(&client.get("/metrics")?, name);
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let more = sum(&client.get("/metrics")?, name) - first;
        if more >= FRAMES {
            return Ok(format!("{more} in {:.1} s", begin.elapsed().as_secs_f64()));
        }
        ensure!(begin.elapsed() < LIMIT, "{name} grew by {more} in {} s", LIMIT.as_secs());
    }
}

/// The sum of a metric over its labels.
fn sum(metrics: &str, name: &str) -> f64 {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let is_whole_name = rest.starts_with(['{', ' ']);
        is_whole_name.then(|| rest.rsplit(' ').next()?.parse::<f64>().ok()).flatten()
    };
    metrics.lines().filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_camera_must_be_vivid_and_have_formats() {
        let list = |driver: &str, formats: serde_json::Value| serde_json::json!([{ "path": "/dev/video0", "name": "vivid", "driver": driver, "formats": formats }]);
        let formats = serde_json::json!([{ "fourcc": "YUYV" }]);
        assert!(of_vivid(&list("vivid", formats.clone())).is_ok());
        assert!(of_vivid(&list("uvcvideo", formats)).is_err());
        assert!(of_vivid(&list("vivid", serde_json::json!([]))).is_err());
        assert!(of_vivid(&serde_json::json!([])).is_err());
    }

    #[test]
    fn metrics_are_summed_by_whole_name() {
        let text = "# TYPE frames_total counter\nframes_total{camera=\"0\"} 3\nframes_total{camera=\"1\"} 4\nframes_total_other 9\nframes_total 1\n";
        assert!((sum(text, "frames_total") - 8.0).abs() < f64::EPSILON);
    }
}
