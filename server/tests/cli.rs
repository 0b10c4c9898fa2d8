//! The binary as its users meet it: help, exit codes, configuration, replay, check, accounts, signals.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::{Server, rtm2, write_clip};

fn run(args: &[&str]) -> Output {
    rtm2().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_names_defaults_environment_and_exit_codes() {
    let help = text(&run(&["run", "--help"]).stdout);
    for part in ["--source", "RTM2_SOURCE", "RTM2_WEB__LISTEN", "[default: 127.0.0.1:5000]", "RTM2_STATE_DIR"] {
        assert!(help.contains(part), "{part} is missing in:\n{help}");
    }
    assert!(text(&run(&["--help"]).stdout).contains("75  the camera, the port or the directory is busy"));
    assert!(text(&run(&["man"]).stdout).contains(".TH rtm2"));
    assert!(text(&run(&["completions", "bash"]).stdout).contains("_rtm2"));
}

#[test]
fn wrong_usage_is_2_and_wrong_configuration_is_78() {
    assert_eq!(run(&["--no-such-flag"]).status.code(), Some(2));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    fs::write(&file, "[web]\nlissten = \"127.0.0.1:1\"\n").unwrap();
    let checked = run(&["config", "check", "--config", file.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(78));
    assert!(text(&checked.stderr).contains("did you mean `web.listen`?"), "{}", text(&checked.stderr));
    assert_eq!(run(&["config", "check", "--config", "no/such/file.toml"]).status.code(), Some(78));
    let started = run(&["run", "--source", "vhs:1", "--state-dir", dir.path().to_str().unwrap()]);
    assert_eq!(started.status.code(), Some(78), "{}", text(&started.stderr));
}

#[test]
fn a_model_that_cannot_be_used_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("model.onnx");
    fs::write(&model, "no model").unwrap();
    let started = rtm2()
        .args(["run", "--source", "demo:", "--listen", "127.0.0.1:0", "--state-dir", dir.path().to_str().unwrap()])
        .env("RTM2_OBJECTS__MODEL", &model)
        .output()
        .unwrap();
    let said = text(&started.stderr);
    assert_eq!(started.status.code(), Some(78), "{said}");
    let reason = if cfg!(feature = "onnx") { "is no ONNX model" } else { "built without the feature `onnx`" };
    assert!(said.contains("objects.model") && said.contains(reason), "{said}");
    assert_eq!(text(&run(&["--version"]).stdout).contains("onnx"), cfg!(feature = "onnx"));
}

#[test]
fn config_show_hides_passwords_and_names_origins() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    fs::write(&file, "[[camera]]\nsource = \"http://eva:hunter2hunter2@127.0.0.1:9/video\"\n").unwrap();
    let shown = rtm2()
        .args(["config", "show", "--origin", "--config", file.to_str().unwrap()])
        .env("RTM2_STORE__BUDGET", "1GiB")
        .output()
        .unwrap();
    let shown = text(&shown.stdout);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("store.budget = \"1GiB\"  # environment RTM2_STORE__BUDGET"), "{shown}");
    assert!(shown.contains("web.listen = \"127.0.0.1:5000\"  # default"), "{shown}");
    assert!(shown.lines().any(|l| l.starts_with("camera[0].source") && l.contains("config.toml")), "{shown}");
}

#[test]
fn the_printed_default_configuration_can_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    fs::write(&file, run(&["config", "default"]).stdout).unwrap();
    assert!(run(&["config", "check", "--config", file.to_str().unwrap()]).status.success());
}

#[test]
fn replay_writes_a_line_per_picture_and_sees_the_square_arrive() {
    let dir = tempfile::tempdir().unwrap();
    let pictures = dir.path().join("clip");
    support::write_clip(&pictures, 12, 6);
    let csv = dir.path().join("out.csv");
    let replayed =
        run(&["replay", pictures.to_str().unwrap(), "--csv", csv.to_str().unwrap(), "--detector", "classic"]);
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    let csv = fs::read_to_string(csv).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "frame,motion,boxes,ms,score");
    assert_eq!(lines.len(), 13);
    let motion: Vec<&str> = lines[1..].iter().map(|l| l.split(',').nth(1).unwrap()).collect();
    // The frame after motion becomes the reference and repeats the verdict (R13); then all is still again.
    assert_eq!(motion, ["0", "0", "0", "0", "0", "0", "1", "1", "0", "0", "0", "0"]);
    let first_box: Vec<u32> =
        lines[7].split(',').nth(2).unwrap().split(';').next().unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
    let (x, y, w, h) = (first_box[0], first_box[1], first_box[2], first_box[3]);
    assert!(x <= 200 && y <= 120 && x + w >= 300 && y + h >= 220, "the box {first_box:?} misses the square");
}

/// A `.y4m` of 320×240 in which a bright square walks from left to right from frame `from` on.
fn write_y4m(path: &std::path::Path, frames: u32, from: u32) {
    let mut bytes = b"YUV4MPEG2 W320 H240 F10:1 Ip A1:1 C420jpeg\n".to_vec();
    for n in 0..frames {
        bytes.extend_from_slice(b"FRAME\n");
        let left = if n < from { 1000 } else { (n - from) * 12 };
        for (y, x) in (0..240).flat_map(|y| (0..320).map(move |x| (y, x))) {
            let square = (left..left + 48).contains(&x) && (100..180).contains(&y);
            bytes.push(if square { 220 } else { 60 + (x / 16 + y / 20 % 2 * 9) as u8 });
        }
        bytes.resize(bytes.len() + 160 * 120 * 2, 128);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn replay_reads_raw_video_and_writes_a_mask_per_frame() {
    let dir = tempfile::tempdir().unwrap();
    let (clip, csv, masks) = (dir.path().join("clip.y4m"), dir.path().join("motion.csv"), dir.path().join("masks"));
    write_y4m(&clip, 60, 40);
    let [clip, csv, folder] = [&clip, &csv, &masks].map(|path| path.to_str().unwrap().to_owned());
    let replayed = run(&["replay", &clip, "--csv", &csv, "--masks", &folder]);
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    let lines: Vec<String> = fs::read_to_string(&csv).unwrap().lines().skip(1).map(str::to_owned).collect();
    assert_eq!(lines.len(), 60);
    let moved = |n: usize| lines[n].split(',').nth(1) == Some("1");
    assert!((0..40).all(|n| !moved(n)) && (50..58).all(moved), "{lines:#?}");
    for n in 0..60 {
        let mask = image::open(masks.join(format!("bin{n:06}.png"))).unwrap().into_luma8();
        assert_eq!(mask.dimensions(), (160, 120));
        let white: Vec<(u32, u32)> =
            mask.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] != 0).map(|(x, y, _)| (x, y)).collect();
        assert_eq!(!white.is_empty(), moved(n), "frame {n}");
        // The square at half its size, and a little around it.
        let left = (n.max(40) as u32 - 40) * 6;
        let near = |&(x, y): &(u32, u32)| x + 40 >= left && x < left + 40 && (40..100).contains(&y);
        assert!(white.iter().all(near), "frame {n}: {white:?}");
    }
    assert_eq!(fs::read_dir(&masks).unwrap().count(), 60);
    let refused = run(&["replay", &clip, "--masks", &folder, "--detector", "classic"]);
    assert!(text(&refused.stderr).contains("leave --masks out"), "{}", text(&refused.stderr));
}

#[test]
fn replay_refuses_raw_video_with_a_bad_header_and_bears_a_cut_end() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip.y4m");
    fs::write(&clip, "YUV4MPEG2 W64 H48 F25:1 C420p10\nFRAME\n").unwrap();
    let refused = run(&["replay", clip.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("C420p10 is not supported"), "{}", text(&refused.stderr));
    write_y4m(&clip, 3, 9);
    let bytes = fs::read(&clip).unwrap();
    fs::write(&clip, &bytes[..bytes.len() - 9]).unwrap();
    let cut = run(&["replay", clip.to_str().unwrap()]);
    assert!(cut.status.success(), "{}", text(&cut.stderr));
    assert_eq!(text(&cut.stdout).lines().count(), 3);
    assert!(text(&cut.stderr).contains("ends in the middle of frame 2"), "{}", text(&cut.stderr));
}

#[test]
fn scenes_prints_a_scorecard_for_people_and_for_machines() {
    let listed = text(&run(&["scenes", "--list"]).stdout);
    assert!(listed.lines().any(|line| line.starts_with("lamp-off-person")), "{listed}");
    let shown = run(&["scenes", "--scene", "person-near", "--size", "160x120"]);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let table = text(&shown.stdout);
    for detector in rtm2_detect::NAMES {
        assert!(table.lines().any(|line| line == *detector), "{detector} is missing in:\n{table}");
    }
    assert_eq!(table.lines().filter(|line| line.starts_with("person-near")).count(), rtm2_detect::NAMES.len());
    assert!(text(&shown.stderr).contains("[1/1] person-near"), "{}", text(&shown.stderr));

    let args = ["scenes", "--json", "--detector", "classic", "--scene", "person-near", "--scene", "person-far"];
    let shown = run(&[&args[..], &["--size", "160x120", "--seed", "2"]].concat());
    let card: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&card["seed"], &card["width"]), (&2.into(), &160.into()));
    let names: Vec<&str> = card["scenes"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["person-near", "person-far"]);
    assert_eq!(card["total"]["classic"]["events"], 3);
    assert!(card["scenes"][0]["detectors"]["classic"]["ms_per_frame"].as_f64().unwrap() > 0.0);
    assert!(card["total"].get("steady").is_none());

    let refused = run(&["scenes", "--scene", "garden"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("lamp-off-person"), "{}", text(&refused.stderr));
}

#[test]
fn replay_of_what_is_not_there_fails_with_its_name() {
    let failed = run(&["replay", "no-such-clip.mp4"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed.stderr).contains("no-such-clip.mp4"), "{}", text(&failed.stderr));
    let failed = run(&["replay", ".", "--detector", "psychic"]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(text(&failed.stderr).contains("classic"), "{}", text(&failed.stderr));
}

#[test]
fn accounts_are_kept_by_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let user = |args: &[&str], input: &str| {
        let mut child = rtm2()
            .arg("user")
            .args(args)
            .args(["--state-dir", dir.path().to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    };
    assert!(user(&["list"], "").1.contains("no accounts yet"));
    assert_eq!(user(&["add", "eva", "--admin"], "too short\n").0, 1);
    assert_eq!(user(&["add", "eva", "--admin"], "long enough for eva\n").0, 0);
    assert!(user(&["add", "EVA"], "long enough for eva\n").1.contains("already"));
    assert_eq!(user(&["passwd", "eva"], "another long one\n").0, 0);
    assert!(user(&["list"], "").1.contains("eva"));
    assert!(user(&["remove", "eva"], "").1.contains("last admin"));
    assert!(user(&["remove", "nobody"], "").1.contains("no user"));
}

#[test]
fn a_busy_port_and_a_busy_directory_are_75() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_str().unwrap();
    let failed = run(&["run", "--source", "demo:", "--listen", &address, "--state-dir", state]);
    assert_eq!(failed.status.code(), Some(75), "{}", text(&failed.stderr));

    let server = Server::start(&["--source", "demo:"]);
    let state = server.state_dir().to_str().unwrap().to_owned();
    let second = run(&["run", "--source", "demo:", "--listen", "127.0.0.1:0", "--state-dir", &state]);
    assert_eq!(second.status.code(), Some(75), "{}", text(&second.stderr));
    assert_eq!(run(&["check", "--state-dir", &state]).status.code(), Some(75));
}

#[test]
fn the_first_signal_ends_gracefully_and_leaves_sound_recordings() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    support::write_clip(&clip, 10, 5);
    let source = format!("file:{}?loop&fps=20", clip.display());
    let server = Server::start(&["--source", &source, "--detector", "classic"]);
    let health = run(&["health", "--address", &server.address().to_string()]);
    assert!(health.status.success(), "{}", text(&health.stdout));
    server.wait_for_log("live");
    std::thread::sleep(std::time::Duration::from_secs(1));
    let address = server.address();
    let (code, state, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped"), "{log}");
    assert_eq!(run(&["health", "--address", &address.to_string()]).status.code(), Some(1));

    let checked = run(&["check", "--state-dir", state.path().to_str().unwrap()]);
    let said = text(&checked.stdout);
    assert!(checked.status.success(), "{said}");
    let frames: u32 = said.split(' ').next().unwrap().parse().unwrap();
    assert!(frames > 0, "nothing was recorded: {said}");
}

#[test]
fn the_second_signal_ends_at_once() {
    let server = Server::start(&["--source", "demo:"]);
    // A request that never ends holds the graceful way up for its ten seconds.
    let mut request = TcpStream::connect(server.address()).unwrap();
    let head = "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Type: application/json\r\n";
    write!(request, "{head}Content-Length: 100\r\n\r\n{{").unwrap();
    server.signal();
    server.wait_for_log("SIGTERM: stopping");
    let (code, _, log) = server.end();
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("stopping at once"), "{log}");
}

#[test]
fn the_recordings_survive_a_kill() {
    let server = Server::start(&["--source", "demo:"]);
    server.wait_for_log("live");
    let state = server.kill();
    let checked = run(&["check", "--repair", "--state-dir", state.path().to_str().unwrap()]);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
}

#[test]
fn check_of_nothing_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let checked = run(&["check", "--state-dir", dir.path().to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked.stderr).contains("no recordings"), "{}", text(&checked.stderr));
}

#[test]
fn still_frames_are_exported_for_another_look() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    write_clip(&clip, 2, 1);
    let state = dir.path().join("state");
    let store = rtm2_store::Store::open(rtm2_store::Options::directory(state.join("frames"))).unwrap();
    for i in 0..3 {
        let jpeg = fs::read(clip.join(format!("{:04}.jpg", i % 2))).unwrap();
        let frame = rtm2_store::NewFrame {
            camera: rtm2_app::CameraId(0),
            at: rtm2_app::Timestamp(1_700_000_000_000_000 + i * 60_000_000),
            seq: 1,
            width: 640,
            height: 480,
            motion: false,
            light_shift: false,
            score: 0,
            boxes: &[],
            grid: None,
            jpeg: &jpeg,
        };
        store.append_still(&frame).unwrap();
    }
    // The server may go on running.
    let export = |args: &[&str]| {
        let range = ["--from", "1700000000000000", "--to", "1700000060000000", "--what", "jpeg,csv"];
        rtm2().args(["export", "--state-dir"]).arg(&state).args(range).args(args).output().unwrap()
    };
    let out = dir.path().join("out");
    let done = export(&["--stills", "--out", out.to_str().unwrap()]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(fs::read_dir(out.join("frames")).unwrap().count(), 2);
    let second = fs::read(out.join("frames/20231114T221420.000000Z.jpg")).unwrap();
    assert_eq!(second, fs::read(clip.join("0001.jpg")).unwrap());
    let none = export(&["--out", dir.path().join("none").to_str().unwrap()]);
    assert!(text(&none.stderr).contains("no frame stored"), "{}", text(&none.stderr));
    let again = dir.path().join("again.csv");
    let replayed = rtm2().arg("replay").arg(out.join("frames")).arg("--csv").arg(&again).output().unwrap();
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    assert_eq!(fs::read_to_string(again).unwrap().lines().count(), 3);
}

#[test]
fn a_repair_knows_the_configured_pause_between_events() {
    let dir = tempfile::tempdir().unwrap();
    write_original(dir.path());
    let state = dir.path().join("state");
    let import = ["import", dir.path().to_str().unwrap(), "--state-dir", state.to_str().unwrap()];
    assert!(run(&import).status.success());
    fs::remove_file(state.join("frames/index.sqlite")).unwrap();
    let repair = |gap: &str| {
        rtm2()
            .args(["check", "--repair", "--state-dir"])
            .arg(&state)
            .env("RTM2_STORE__EVENT_GAP", gap)
            .output()
            .unwrap()
    };
    assert_eq!(repair("1").status.code(), Some(78), "no less than what is recorded around motion");
    let repaired = repair("20");
    assert!(repaired.status.success(), "{}", text(&repaired.stdout));
}

/// A folder as the original leaves it: twelve pictures a fifth of a second apart, and what gathers in such folders.
fn write_original(folder: &std::path::Path) {
    let clip = folder.join("clip");
    support::write_clip(&clip, 12, 6);
    let frames = folder.join("frames");
    fs::create_dir(&frames).unwrap();
    for i in 0..12 {
        fs::copy(clip.join(format!("{i:04}.jpg")), frames.join(format!("{}.jpg", 1_700_000_000_000_u64 + i * 200)))
            .unwrap();
    }
    fs::write(frames.join("holiday.jpg"), "x").unwrap();
    fs::write(frames.join("1700000099999.jpg"), "no picture").unwrap();
    fs::write(frames.join("Thumbs.db"), "x").unwrap();
    fs::create_dir(frames.join("7.jpg")).unwrap();
}

#[test]
fn b11_import_takes_the_originals_pictures_and_skips_strays_with_a_word() {
    let dir = tempfile::tempdir().unwrap();
    write_original(dir.path());
    let state = dir.path().join("state");
    let import = |folder: &str| {
        run(&["import", dir.path().join(folder).to_str().unwrap(), "--state-dir", state.to_str().unwrap()])
    };
    let first = import("frames");
    let said = text(&first.stdout);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(said.contains("12 pictures imported, 0 were stored already, 4 files skipped"), "{said}");
    for stray in ["holiday.jpg", "1700000099999.jpg", "Thumbs.db", "7.jpg"] {
        assert!(said.lines().any(|line| line.starts_with("skipped: ") && line.contains(stray)), "{stray} in {said}");
    }
    // The folder above it will do, and twice is no harm.
    let again = text(&import("").stdout);
    assert!(again.contains("0 pictures imported, 12 were stored already"), "{again}");
    let checked = run(&["check", "--state-dir", state.to_str().unwrap()]);
    assert!(checked.status.success() && text(&checked.stdout).starts_with("12 intact frames"));
    let none = import("frames/7.jpg");
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stderr).contains("1700000000123.jpg"), "{}", text(&none.stderr));
    assert_eq!(import("nowhere").status.code(), Some(74));
}

#[test]
fn export_writes_pictures_a_table_and_a_clip_that_plays() {
    let dir = tempfile::tempdir().unwrap();
    write_original(dir.path());
    let state = dir.path().join("state");
    let state = state.to_str().unwrap();
    assert!(run(&["import", dir.path().to_str().unwrap(), "--state-dir", state]).status.success());
    let out = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let export = |args: &[&str]| run(&[&["export", "--state-dir", state], args].concat());

    let done = export(&["--event", "1700000000000000", "--what", "jpeg,csv", "--out", &out("event")]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let picture = fs::read(dir.path().join("event/frames/20231114T221320.400000Z.jpg")).unwrap();
    assert_eq!(picture, fs::read(dir.path().join("frames/1700000000400.jpg")).unwrap());
    assert_eq!(fs::read_dir(dir.path().join("event/frames")).unwrap().count(), 12);
    let table = fs::read_to_string(dir.path().join("event/frames.csv")).unwrap();
    assert_eq!(table.lines().count(), 13);
    assert!(table.contains("2023-11-14T22:13:20.4Z,1700000000400000,1,0,640,480,"), "{table}");

    for (wrong, code) in [(["--event", "5"], 1), (["--event", "soon"], 2), (["--from", "5"], 2)] {
        let failed = export(&[&wrong[..], &["--what", "csv", "--out", &out("wrong")]].concat());
        assert_eq!(failed.status.code(), Some(code), "{wrong:?}: {}", text(&failed.stderr));
    }
    let full = export(&["--event", "1700000000000000", "--what", "csv", "--out", &out("event")]);
    assert!(text(&full.stderr).contains("not empty"), "{}", text(&full.stderr));

    let range = ["--from", "2023-11-14T22:13:20.2Z", "--to", "1700000001000000"];
    let clips = out("clips");
    let clip = [&range[..], &["--what", "mp4,webm", "--out", &clips]].concat();
    let without =
        rtm2().args(["export", "--state-dir", state]).args(&clip).env("PATH", "/nonexistent").output().unwrap();
    assert_eq!(without.status.code(), Some(1));
    assert!(text(&without.stderr).contains("--what jpeg,csv"), "{}", text(&without.stderr));
    assert!(!dir.path().join("clips").exists(), "nothing is written without ffmpeg");
    if Command::new("ffprobe").arg("-version").output().is_err() {
        eprintln!("skipped: ffmpeg is not installed");
        return;
    }
    let made = export(&clip);
    assert!(made.status.success(), "{}", text(&made.stderr));
    for (name, codec) in [("clip.mp4", "h264"), ("clip.webm", "vp8")] {
        let entries = "stream=codec_name,width,height,pix_fmt,nb_read_frames";
        let probe = Command::new("ffprobe")
            .args(["-v", "error", "-count_frames", "-show_entries", entries, "-of", "csv=p=0"])
            .arg(dir.path().join("clips").join(name))
            .output()
            .unwrap();
        assert_eq!(text(&probe.stdout).trim(), format!("{codec},640,480,yuv420p,5"), "{}", text(&probe.stderr));
    }
    let left: Vec<_> = fs::read_dir(dir.path().join("clips")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

/// A closed pipe is what `| head` makes; it is no failure.
#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rtm2"))
        .arg("man")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_machine_without_certificates_of_authorities_watches_all_the_same() {
    let mut program = rtm2();
    program.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    let server = Server::start_as(program, tempfile::tempdir().unwrap(), &["--source", "demo:"]);
    server.wait_for_log("install ca-certificates");
    let (code, _, said) = server.end();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_log_that_nobody_reads_any_more_keeps_nobody_from_stopping_it() {
    let state = tempfile::tempdir().unwrap();
    let mut child = rtm2()
        .args(["run", "--source", "demo:", "--listen", "127.0.0.1:0", "--state-dir", state.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("/setup#token=")), "it never served");
    // The other ends of both pipes close, as when the terminal or the logger goes away.
    drop((lines, child.stderr.take()));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if begin.elapsed() > Duration::from_mins(1) => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("it did not stop");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(status.code(), Some(0));
}

#[test]
fn lan_speaks_tls_and_says_how_to_trust_it() {
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start(&["--lan", "--source", "demo:"]);
    let address = server.address();
    server.wait_for_log(&format!("http://{address}/trust\n"));
    server.wait_for_log("Its SHA-256 fingerprint:\n");
    assert!(server.setup_token().len() > 20);
    let said = server.said();
    assert!(said.contains(&format!("rtm2 is ready: https://{address}/")), "{said}");
    assert!(said.contains(&format!("  https://{address}/setup#token=")), "{said}");
    // On loopback nobody hears an announced name.
    assert!(!said.contains("rtm2.local:"), "{said}");
    let key = server.state_dir().join("tls/authority.key");
    assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(run(&["health", "--address", &address.to_string()]).status.success());

    let mut plain = TcpStream::connect(address).unwrap();
    write!(plain, "GET /trust HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    plain.read_to_string(&mut page).unwrap();
    let fingerprint = said.split_once("fingerprint:\n  ").unwrap().1.lines().next().unwrap();
    assert!(page.contains(fingerprint), "{page}");

    // The authority outlives a restart.
    let (_, state, _) = server.end();
    let again = Server::start_in(state, &["--lan", "--source", "demo:"]);
    again.wait_for_log(fingerprint);
}

#[test]
fn a_certificate_that_cannot_be_read_stops_the_start() {
    let quiet = Server::start(&["--source", "demo:"]).end().2;
    assert!(!quiet.contains("can be overheard"), "{quiet}");
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("c.pem"), dir.path().join("k.pem"));
    let refused = rtm2()
        .args(["run", "--source", "demo:", "--listen", "127.0.0.1:0", "--state-dir", dir.path().to_str().unwrap()])
        .env("RTM2_TLS__CERTIFICATE", &certificate)
        .env("RTM2_TLS__KEY", &key)
        .output()
        .unwrap();
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(78), "{said}");
    assert!(said.contains("tls.certificate") && said.contains("c.pem"), "{said}");
}
