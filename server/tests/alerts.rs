//! Alerts of the real binary: motion and a lost camera reach a webhook and a command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

#[path = "support/receiver.rs"]
mod receiver;
#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use image::{GrayImage, Luma};
use serde_json::Value;

use receiver::Receiver;
use support::{Server, rtm2};

/// A clip in which a square jumps to and fro every two pictures.
fn write_restless_clip(folder: &Path, count: u32) {
    fs::create_dir_all(folder).unwrap();
    let square_at = |left: u32| {
        GrayImage::from_fn(640, 480, |x, y| {
            let square = (left..left + 100).contains(&x) && (120..220).contains(&y);
            Luma([if square { 230 } else { 60 }])
        })
    };
    for (i, left) in [100, 100, 400, 400].into_iter().enumerate() {
        square_at(left).save(folder.join(format!("{i:04}.jpg"))).unwrap();
    }
    for i in 4..count {
        fs::copy(folder.join(format!("{:04}.jpg", i % 4)), folder.join(format!("{i:04}.jpg"))).unwrap();
    }
}

fn wait_for(file: &Path) -> String {
    let start = Instant::now();
    loop {
        if let Ok(text) = fs::read_to_string(file)
            && text.ends_with('\n')
        {
            return text;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "no {}", file.display());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn motion_and_a_lost_camera_are_told_once_each() {
    let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start());
    let (clip, config, said) = (dir.path().join("clip"), dir.path().join("config.toml"), dir.path().join("said"));
    write_restless_clip(&clip, 40);
    let settings = format!(
        r#"
        [web]
        origins = ["https://cams.example.net"]
        [[camera]]
        source = "file:{clip}?fps=20"
        name = "The $(Door)"
        [[alert.webhook]]
        url = "{base}/hook?key=s3cret-key"
        allow-private = true
        secret = "sixteen characters at least"
        [[alert.webhook]]
        name = "not allowed"
        url = "{base}/private"
        [[alert.command]]
        program = "sh"
        args = ["-c", 'printf "%s\n" "$1" > "$2"', "sh", "{{title}}", "{said}"]
        kinds = ["motion"]
        "#,
        clip = clip.display(),
        base = receiver.base,
        said = said.display(),
    );
    fs::write(&config, settings).unwrap();
    let shown = rtm2().args(["config", "show", "--config", config.to_str().unwrap()]).output().unwrap();
    assert!(shown.status.success() && !String::from_utf8_lossy(&shown.stdout).contains("s3cret-key"));

    let server = Server::start(&["--config", config.to_str().unwrap(), "--detector", "classic"]);
    let motion = receiver.next();
    assert_eq!(motion.path, "/hook?key=s3cret-key");
    assert!(motion.headers["webhook-signature"].starts_with("v1,"));
    let alert: Value = serde_json::from_slice(&motion.body).unwrap();
    assert_eq!(
        (&alert["kind"], &alert["camera"], &alert["name"]),
        (&"motion".into(), &0.into(), &"The $(Door)".into())
    );
    let at = alert["at"].as_i64().unwrap();
    assert_eq!(alert["url"], format!("https://cams.example.net/history?camera=0&at={at}"));
    assert!(alert["score"].as_u64().unwrap() > 0);
    let lost: Value = serde_json::from_slice(&receiver.next().body).unwrap();
    assert_eq!(lost["kind"], "camera-lost", "the clip is over, and its motion was told once");
    assert_eq!(wait_for(&said), "The $(Door): motion\n");
    server.wait_for_log("private address");

    let (code, _, log) = server.end();
    assert_eq!(code, Some(0));
    assert!(!log.contains("s3cret-key"), "{log}");
    while let Some(more) = receiver.waiting() {
        let alert: Value = serde_json::from_slice(&more.body).unwrap();
        assert_eq!((&alert["kind"], more.path.as_str()), (&"camera-back".into(), "/hook?key=s3cret-key"));
    }
}
