//! Addresses good and bad.

use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> SourceUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    text.parse::<SourceUrl>().expect_err(text).to_string()
}

#[test]
fn cameras() {
    let Target::Camera(plain) = parse("camera:0").target else { panic!() };
    assert_eq!(plain, CameraUrl { device: CameraDevice::Index(0), size: None, fps: None, format: None });
    let Target::Camera(full) = parse("camera:/dev/video2?size=640x480&fps=30&format=yuyv").target else { panic!() };
    assert_eq!(full.device, CameraDevice::Path("/dev/video2".into()));
    assert_eq!((full.size, full.fps, full.format), (Some((640, 480)), Some(30), Some(CameraFormat::Yuyv)));
    assert_eq!(parse("camera:3").scheme(), "camera");
    assert_eq!(parse("camera:3"), SourceUrl::camera(3));
    assert!(!parse("camera:3").is_demo());
}

#[test]
fn files() {
    let Target::File(file) = parse("file:clip.mp4").target else { panic!() };
    assert_eq!(file, FileUrl { path: "clip.mp4".into(), fps: None, ending: Ending::Stop, tempo: Tempo::RealTime });
    let Target::File(file) = parse("file:a/b?loop&fps=12&realtime=0").target else { panic!() };
    assert_eq!((file.fps, file.ending, file.tempo), (Some(12), Ending::Loop, Tempo::Unpaced));
    assert!(parse("file:x?realtime=0").is_unpaced());
    let path = |text: &str| match parse(text).target {
        Target::File(file) => file.path,
        _ => panic!("{text}"),
    };
    assert_eq!(path("file:///srv/clip.mp4"), PathBuf::from("/srv/clip.mp4"));
    assert_eq!(path("file:-i.mp4"), PathBuf::from("-i.mp4"));
    assert_eq!(path("file:who is there? me.mp4"), PathBuf::from("who is there? me.mp4"));
    assert_eq!(path("file:what?loop?"), PathBuf::from("what?loop"));
    assert_eq!(path("file:a%20b & c=d.mp4?fps=3"), PathBuf::from("a%20b & c=d.mp4"));
}

#[test]
fn demo() {
    let url = parse("demo:?fps=15&size=320x240&seed=9");
    assert!(url.is_demo());
    assert_eq!(url.target, Target::Demo(DemoUrl { size: Some((320, 240)), fps: Some(15), seed: 9 }));
    assert!(parse("demo:").is_demo() && parse("DEMO://").is_demo());
}

#[test]
fn secrets_are_never_shown() {
    for text in [
        "http://admin:hunter2@cam.lan:8080/stream",
        "https://admin:hunter2@cam.lan/stream?fps=5&password=hunter2&x=1",
        "http://cam.lan/videostream.cgi?user=hunter2&pwd=hunter2",
        "http://hunter2@cam.lan/",
        "http://cam.lan/?access_token=hunter2&apiKey=hunter2",
    ] {
        let url = parse(text);
        for shown in [url.label(), url.to_string(), format!("{url:?}")] {
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains("cam.lan"), "{shown}");
        }
    }
    for text in ["http://admin:hunter2@:80/", "http://admin:hunter2@cam.lan:999999/", "admin:hunter2@cam.lan"] {
        assert!(!refused(text).contains("hunter2"), "{}", refused(text));
    }
    assert_eq!(parse("http://a:b@h/s?fps=5&pwd=x").label(), "http://h/s?fps=5&pwd=***");
}

#[test]
fn credentials_are_decoded() {
    let Target::Http(http) = parse("http://us%40er:p%3Ass%2F%@h/").target else { panic!() };
    let credentials = http.credentials().unwrap();
    assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("us@er", "p:ss/%"));
    assert_eq!(http.url().as_str(), "http://h/");
}

#[test]
fn errors_name_the_part_and_the_fix() {
    for (text, expected) in [
        ("", "camera:0"),
        ("0", "write camera:0"),
        ("/dev/video0", "write camera:/dev/video0"),
        ("clip.mp4", "write file:clip.mp4"),
        ("camra:0", "did you mean camera:?"),
        ("rtsp://host/", "http://"),
        ("v4l2:/dev/video0", "camera:/dev/video0"),
        ("gopher://host/", "camera:, file:"),
        ("camera:", "camera:0"),
        ("camera:front", "rtm2 probe"),
        ("camera:0?szie=640x480", "did you mean size?"),
        ("camera:0?zoom=2", "it has size, fps, format"),
        ("camera:0?size=640", "such as 640x480"),
        ("camera:0?size=640x99999", "such as 640x480"),
        ("camera:0?fps=0", "from 1 to 1000"),
        ("camera:0?fps=5&fps=6", "given twice"),
        ("camera:0?format=h264", "mjpeg"),
        ("file:", "no path"),
        ("file:x?lop", "did you mean loop?"),
        ("file:x?realtime=maybe", "1 or 0"),
        ("demo:street", "demo:?fps=15"),
        ("demo:?seed=x", "whole number"),
        ("http://", "write http://host/path"),
    ] {
        let error = refused(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in ".*") {
        if let Ok(url) = text.parse::<SourceUrl>() {
            let _ = (url.label(), url.scheme());
        }
    }

    #[test]
    fn labels_parse_again(path in "[a-zA-Z0-9/ ._-]{1,30}", fps in 1u16..1000) {
        let url = parse(&format!("file:{path}?fps={fps}"));
        prop_assert_eq!(parse(&url.label()), url);
    }
}
