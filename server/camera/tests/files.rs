//! Files as sources: folders of pictures, concatenated JPEGs, and real videos through ffmpeg.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use rtm2_app::Timestamp;
use rtm2_camera::jpeg::{Encoder, Layout, Limits, Range, Raw, inspect};
use rtm2_camera::{Picture, Source, SourceError, SourceUrl, Wanted, open};

/// A JPEG of one brightness, so that pictures can be told apart.
fn grey(level: u8) -> Vec<u8> {
    let raw =
        Raw { data: &[level; 64 * 48], width: 64, height: 48, stride: 0, layout: Layout::Grey, range: Range::Full };
    Encoder::new(90).unwrap().encode(&raw).unwrap().to_vec()
}

fn open_path(path: &Path, options: &str) -> Result<Box<dyn Source>, SourceError> {
    let url: SourceUrl = format!("file:{}?{options}", path.display()).parse().unwrap();
    open(&url, &Wanted::default(), Timestamp(7))
}

/// All pictures until the end; pictures that are skipped are left out.
fn all(mut source: Box<dyn Source>) -> Vec<Picture> {
    let mut pictures = Vec::new();
    loop {
        match source.next() {
            Ok(picture) => pictures.push(picture),
            Err(SourceError::Bad(_)) => {}
            Err(SourceError::Ended) => return pictures,
            Err(lost) => panic!("{lost}"),
        }
    }
}

fn lost(result: Result<Box<dyn Source>, SourceError>) -> String {
    match result {
        Err(SourceError::Lost(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_folder_is_shown_in_the_order_of_its_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let jpegs: Vec<Vec<u8>> = [10, 90, 170].map(grey).to_vec();
    for (name, jpeg) in ["frame2.jpg", "frame10.JPEG", "frame100.jpg"].iter().zip(&jpegs) {
        fs::write(dir.path().join(name), jpeg).unwrap();
    }
    fs::write(dir.path().join("frame50.jpg"), b"no picture").unwrap();
    fs::write(dir.path().join("notes.txt"), b"not for us").unwrap();
    let pictures = all(open_path(dir.path(), "realtime=0&fps=10").unwrap());
    assert_eq!(pictures.iter().map(|p| p.image.jpeg().unwrap().to_vec()).collect::<Vec<_>>(), jpegs, "byte for byte");
    // The damaged one keeps its place in time.
    assert_eq!(pictures.iter().map(|p| p.at.0).collect::<Vec<_>>(), [7, 100_007, 300_007]);
}

#[test]
fn loops_start_over_and_time_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    for level in [10u8, 200] {
        fs::write(dir.path().join(format!("{level}.jpg")), grey(level)).unwrap();
    }
    let together = dir.path().join("both.mjpeg");
    fs::write(&together, [grey(10), grey(200)].concat()).unwrap();
    for path in [dir.path(), &together] {
        let mut source = open_path(path, "loop&realtime=0&fps=2").unwrap();
        let pictures: Vec<Picture> = (0..6).map(|_| source.next().unwrap()).collect();
        assert_eq!(pictures[0].image, pictures[4].image);
        assert_ne!(pictures[0].image, pictures[1].image);
        assert_eq!(pictures[5].at, Timestamp(2_500_007));
    }
}

#[test]
fn pictures_in_real_time_carry_the_time_of_day() {
    let dir = tempfile::tempdir().unwrap();
    for level in 0..4u8 {
        fs::write(dir.path().join(format!("{level}.jpg")), grey(level)).unwrap();
    }
    let pictures = all(open_path(dir.path(), "fps=50").unwrap());
    assert!(pictures[0].at.0 > 1_600_000_000_000_000);
    assert!(pictures[3].at.0 - pictures[0].at.0 >= 55_000);
}

#[test]
fn pngs_are_encoded_and_single_pictures_are_sources() {
    let dir = tempfile::tempdir().unwrap();
    let png = dir.path().join("a.png");
    image::RgbImage::from_pixel(40, 30, image::Rgb([200, 100, 50])).save(&png).unwrap();
    let jpeg = dir.path().join("b.jpg");
    fs::write(&jpeg, [grey(77), vec![0; 100]].concat()).unwrap();
    let pictures = all(open_path(&png, "realtime=0").unwrap());
    assert_eq!((pictures.len(), pictures[0].width, pictures[0].height), (1, 40, 30));
    assert!(inspect(&pictures[0].image.jpeg().unwrap(), &Limits::default()).is_ok());
    let pictures = all(open_path(&jpeg, "realtime=0").unwrap());
    assert_eq!(pictures[0].image.jpeg().unwrap(), grey(77), "trimmed at its end");
    assert_eq!(all(open_path(dir.path(), "realtime=0").unwrap()).len(), 2);
}

#[test]
fn concatenated_jpegs_come_out_byte_for_byte_with_damage_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("segment.bin");
    let cut = &grey(50)[..100];
    fs::write(&path, [&grey(1)[..], b"between", cut, &grey(2), cut].concat()).unwrap();
    let pictures = all(open_path(&path, "realtime=0").unwrap());
    assert_eq!(pictures.iter().map(|p| p.image.jpeg().unwrap().to_vec()).collect::<Vec<_>>(), [grey(1), grey(2)]);
}

#[test]
fn what_cannot_be_shown_says_why() {
    let dir = tempfile::tempdir().unwrap();
    assert!(lost(open_path(dir.path(), "")).contains("holds no pictures"));
    assert!(lost(open_path(&dir.path().join("none.mp4"), "")).contains("no such file"));
    let empty = dir.path().join("empty.jpg");
    fs::write(&empty, b"").unwrap();
    assert!(lost(open_path(&empty, "")).contains("is empty"));
    let junk = dir.path().join("junk.mjpeg");
    fs::write(&junk, b"nothing in here").unwrap();
    let result = open_path(&junk, "loop").unwrap().next();
    assert!(matches!(result, Err(SourceError::Lost(_))), "{result:?}");
}

/// Whether ffmpeg is there; says so when a test is left out.
fn has_ffmpeg(test: &str) -> bool {
    let there = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !there {
        eprintln!("LEFT OUT: {test} needs ffmpeg, which is not installed");
    }
    there
}

/// A clip of ffmpeg's test picture at 10 pictures a second for two seconds.
fn clip(path: &Path, codec: &[&str]) {
    let input = ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=2"];
    let mut file = std::ffi::OsString::from("file:");
    file.push(path);
    let status = Command::new("ffmpeg").args(input).args(codec).arg(file).status().unwrap();
    assert!(status.success());
}

#[test]
fn videos_come_through_ffmpeg_at_their_own_rate() {
    if !has_ffmpeg("videos_come_through_ffmpeg_at_their_own_rate") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // Names that a careless command line would take for an option, an address or a pattern.
    for name in ["-clip.mp4", "a:b c.mkv", "50%d 'x' & \"y\".mp4"] {
        let path = dir.path().join(name);
        clip(&path, &["-c:v", "mpeg4"]);
        let pictures = all(open_path(&path, "realtime=0").unwrap());
        assert_eq!(pictures.len(), 20, "{name}");
        assert!(pictures.iter().all(|p| (p.width, p.height) == (160, 120)));
        assert_eq!((pictures[0].at, pictures[19].at), (Timestamp(7), Timestamp(1_900_007)), "{name}");
    }
    let path = dir.path().join("-clip.mp4");
    let fewer = all(open_path(&path, "realtime=0&fps=5").unwrap());
    assert_eq!(fewer.iter().map(|p| p.at.0 - 7).collect::<Vec<_>>(), (0..10).map(|n| n * 200_000).collect::<Vec<_>>());
    let mut looped = open_path(&path, "realtime=0&loop").unwrap();
    let times: Vec<i64> = (0..45).map(|_| looped.next().unwrap().at.0).collect();
    assert_eq!(times[44], 4_400_007);
}

#[test]
fn motion_jpeg_videos_are_copied_not_encoded_again() {
    if !has_ffmpeg("motion_jpeg_videos_are_copied_not_encoded_again") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (avi, plain) = (dir.path().join("clip.avi"), dir.path().join("clip.mjpeg"));
    clip(&avi, &["-c:v", "mjpeg", "-q:v", "7"]);
    let mut copy = Command::new("ffmpeg");
    copy.args(["-v", "error", "-i"]).arg(&avi).args(["-c:v", "copy", "-f", "mjpeg"]).arg(&plain);
    assert!(copy.status().unwrap().success());
    let (from_avi, from_plain) =
        (all(open_path(&avi, "realtime=0").unwrap()), all(open_path(&plain, "realtime=0&fps=10").unwrap()));
    assert_eq!(from_avi.len(), 20);
    assert_eq!(from_avi, from_plain);
}

#[test]
fn files_that_are_no_video_say_what_ffmpeg_said() {
    if !has_ffmpeg("files_that_are_no_video_say_what_ffmpeg_said") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letter.mp4");
    fs::write(&path, b"dear reader").unwrap();
    let reason = lost(open_path(&path, ""));
    assert!(reason.contains("letter.mp4") && reason.contains("Invalid data"), "{reason}");
}

#[test]
fn ffmpeg_ends_with_its_source() {
    if !has_ffmpeg("ffmpeg_ends_with_its_source") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("endless.mkv");
    clip(&path, &["-c:v", "mpeg4"]);
    let mark = path.display().to_string();
    let running = || {
        let Ok(processes) = fs::read_dir("/proc") else { return 0 };
        let command = |dir: &fs::DirEntry| fs::read(dir.path().join("cmdline")).unwrap_or_default();
        processes.flatten().filter(|dir| String::from_utf8_lossy(&command(dir)).contains(&mark)).count()
    };
    let mut source = open_path(&path, "loop&fps=1").unwrap();
    source.next().unwrap();
    drop(source);
    assert_eq!(running(), 0);
}
