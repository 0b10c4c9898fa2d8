//! Clips over HTTP. They need ffmpeg; where it is not installed the tests say so and try only what goes without.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use rtm2::web::WebSettings;
use tokio::time::timeout;

use crate::common::{ADMIN, ORIGIN, PATIENCE, Site, VIEWER, real_jpeg, request};

const EVENT: &str = "/api/v1/cameras/0/clip.mp4?event=60000000";

/// An event of twenty pictures, a tenth of a second apart, and after five minutes one of a single picture.
fn recorded(settings: WebSettings) -> Site {
    let site = Site::with(settings);
    for i in 0..20 {
        site.store_jpeg(60_000_000 + i * 100_000, &real_jpeg(160 + 2 * (i as u16 / 10), 120));
    }
    site.store_jpeg(360_000_000, &real_jpeg(160, 120));
    site
}

fn has_ffmpeg() -> bool {
    let found = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !found {
        eprintln!("skipped: ffmpeg is not installed");
    }
    found
}

/// Codec, width, height, length in seconds and number of frames of a clip, as ffprobe reads it.
fn probe(clip: &[u8]) -> (String, u32, u32, f64, u32) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), clip).unwrap();
    let wanted = "stream=codec_name,width,height,nb_read_frames:format=duration";
    let args = ["-v", "error", "-count_frames", "-of", "default=noprint_wrappers=1:nokey=0", "-show_entries", wanted];
    let output = Command::new("ffprobe").args(args).arg(file.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{text}{:?}", String::from_utf8(output.stderr));
    let value =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned();
    let number = |name: &str| value(name).parse().unwrap();
    (
        value("codec_name"),
        number("width"),
        number("height"),
        value("duration").parse().unwrap(),
        number("nb_read_frames"),
    )
}

#[tokio::test]
async fn an_event_is_a_clip_that_players_read_in_parts() {
    if !has_ffmpeg() {
        return;
    }
    let site = recorded(WebSettings::default());
    let cookie = site.log_in(VIEWER).await;
    let answer = site.get(EVENT, &cookie).await;
    assert_eq!(
        (answer.status, answer.header(header::CONTENT_TYPE)),
        (StatusCode::OK, "video/mp4"),
        "{:?}",
        answer.body
    );
    assert_eq!(answer.header(header::ACCEPT_RANGES), "bytes");
    assert_eq!(answer.header(header::CONTENT_DISPOSITION), "inline; filename=\"camera-0-60000000.mp4\"");
    let (codec, width, height, seconds, frames) = probe(&answer.body);
    // The last picture stands in it twice, so that it is seen for a moment.
    assert_eq!((codec.as_str(), width, height, frames), ("h264", 160, 120, 21));
    assert!((1.9..2.3).contains(&seconds), "{seconds} s");

    let part = [("cookie", &*cookie), ("range", "bytes=4-7")];
    let part = site.send(request(Method::GET, EVENT, &part, "")).await;
    assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, &b"ftyp"[..]));
    assert_eq!(part.header(header::CONTENT_RANGE), format!("bytes 4-7/{}", answer.body.len()));
    let behind = [("cookie", &*cookie), ("range", "bytes=999999999-")];
    assert_eq!(site.send(request(Method::GET, EVENT, &behind, "")).await.status, StatusCode::RANGE_NOT_SATISFIABLE);

    let one = site.get("/api/v1/cameras/0/clip.mp4?from=300000000&to=400000000", &cookie).await;
    assert_eq!(probe(&one.body).4, 2, "a single picture is a clip too");
    let webm = site.get("/api/v1/cameras/0/clip.webm?from=0&to=400000000", &cookie).await;
    assert_eq!(webm.header(header::CONTENT_TYPE), "video/webm");
    let (codec, _, _, seconds, frames) = probe(&webm.body);
    assert_eq!((codec.as_str(), frames), ("vp8", 22));
    assert!((3.8..4.5).contains(&seconds), "the pause of minutes is cut to two seconds: {seconds} s");
}

#[tokio::test]
async fn what_cannot_be_a_clip_is_refused_in_words() {
    let nowhere = PathBuf::from("/nowhere/ffmpeg");
    let site = recorded(WebSettings { ffmpeg: nowhere, ..WebSettings::default() });
    let cookie = site.log_in(VIEWER).await;
    let clip = "/api/v1/cameras/0/clip.mp4";
    for (path, status) in [
        (clip.to_owned(), StatusCode::BAD_REQUEST),
        (format!("{clip}?event=60000000&from=1&to=2"), StatusCode::BAD_REQUEST),
        (format!("{clip}?from=2&to=1"), StatusCode::BAD_REQUEST),
        (format!("{clip}?from=0&to=9000000000000000"), StatusCode::BAD_REQUEST),
        (format!("{clip}?event=7"), StatusCode::NOT_FOUND),
        (format!("{clip}?from=1&to=2"), StatusCode::NOT_FOUND),
        ("/api/v1/cameras/7/clip.mp4?from=1&to=2".to_owned(), StatusCode::NOT_FOUND),
        (EVENT.to_owned(), StatusCode::NOT_IMPLEMENTED),
    ] {
        let answer = site.get(&path, &cookie).await;
        assert!(answer.status == status && answer.is_problem(), "{path}: {} {:?}", answer.status, answer.body);
    }
    let without = site.get(EVENT, &cookie).await.json();
    assert!(without["error"].as_str().unwrap().contains("install the package ffmpeg"), "{without}");
    // What goes without it.
    let pictures = site.get("/api/v1/cameras/0/frames.mjpeg?from=300000000&to=400000000", &cookie).await;
    assert_eq!((pictures.status, &pictures.body[..]), (StatusCode::OK, &real_jpeg(160, 120)[..]));
}

/// A program in place of ffmpeg that writes its process id into a file and then does what `body` says.
fn stand_in(dir: &tempfile::TempDir, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = dir.path().join("ffmpeg");
    std::fs::write(&path, format!("#!/bin/sh\necho $$ >> {}/pids\n{body}\n", dir.path().display())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn pids(dir: &tempfile::TempDir) -> Vec<u32> {
    let text = std::fs::read_to_string(dir.path().join("pids")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Whether a process is there and no zombie.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, wait).await.is_ok(), "not within a minute: {what}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_clip_is_made_once_for_all_who_wait_and_ends_with_the_last_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let ffmpeg = stand_in(&dir, "exec sleep 600");
    let site = recorded(WebSettings { ffmpeg, ..WebSettings::default() });
    let cookie = site.log_in(VIEWER).await;
    let mut one = Box::pin(site.get(EVENT, &cookie));
    let mut other = Box::pin(site.get(EVENT, &cookie));
    let started = async {
        let _ = timeout(PATIENCE, futures_util::future::join(&mut one, &mut other)).await;
    };
    tokio::select! {
        () = started => panic!("a clip was answered that nobody made"),
        () = until("a process", || !pids(&dir).is_empty()) => {}
    }
    // Whoever came second is told of the first one's work a moment after it began.
    let both = futures_util::future::join(&mut one, &mut other);
    assert!(timeout(Duration::from_secs(2), both).await.is_err());
    assert_eq!(pids(&dir).len(), 1, "both wait for the same work");
    let pid = pids(&dir)[0];
    drop(one);
    assert!(timeout(Duration::from_millis(50), &mut other).await.is_err());
    assert!(is_alive(pid), "somebody still waits");
    drop(other);
    until("the end of the process", || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_clip_that_fails_says_so_and_the_next_one_is_tried_anew() {
    let dir = tempfile::tempdir().unwrap();
    let ffmpeg = stand_in(&dir, "echo no such codec >&2; exit 1");
    let site = recorded(WebSettings { ffmpeg, ..WebSettings::default() });
    let cookie = site.log_in(VIEWER).await;
    for times in 1..=2 {
        let answer = site.get(EVENT, &cookie).await;
        assert!(answer.status == StatusCode::INTERNAL_SERVER_ERROR && answer.is_problem(), "{}", answer.status);
        assert_eq!(pids(&dir).len(), times);
    }
}

#[tokio::test]
async fn the_clip_of_a_deleted_event_is_deleted_too() {
    if !has_ffmpeg() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let site = Site::on(rtm2_store::Store::open(rtm2_store::Options::directory(dir.path())).unwrap());
    site.store_jpeg(60_000_000, &real_jpeg(160, 120));
    let cookie = site.log_in(ADMIN).await;
    let path = "/api/v1/cameras/0/clip.webm?from=50000000&to=70000000";
    assert_eq!(site.get(path, &cookie).await.status, StatusCode::OK);
    let headers = [("cookie", &*cookie), ("origin", ORIGIN)];
    let gone = site.send(request(Method::DELETE, "/api/v1/cameras/0/events/60000000", &headers, "")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get(path, &cookie).await.status, StatusCode::NOT_FOUND);
}
