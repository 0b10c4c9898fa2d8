//! The pipeline without the web: a source's pictures become verdicts, recordings, bars and states.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use image::{GrayImage, Luma};
use rtm2::pipeline::cameras::{self, CameraPlan};
use rtm2::pipeline::{CameraFeed, Capture, Hub, HubEvent, LiveFrame, recorder};
use rtm2_app::wire::{Flags, FrameHeader};
use rtm2_app::{Bar, CameraId, CameraState, Timestamp, ZoneSet};
use rtm2_camera::{SourceUrl, Wanted};
use rtm2_detect::{Point, Settings, Zone, ZoneKind, Zones};
use rtm2_store::{EventFilter, Options, Store};
use tokio::sync::broadcast::Receiver;

const CAMERA: CameraId = CameraId(0);

/// A camera that has run to the end of its source, and what was heard of it.
struct Ran {
    store: Arc<Store>,
    hub: Arc<Hub>,
    events: Vec<HubEvent>,
}

/// Runs one camera until its source ends or is lost.
fn run_to_the_end(source: &str, store: Store) -> Ran {
    run_with(source, store, Settings::default())
}

/// The same with a detector that is set otherwise.
fn run_with(source: &str, store: Store, settings: Settings) -> Ran {
    let source: SourceUrl = source.parse().unwrap();
    let plan = CameraPlan { source, wanted: Wanted::default(), detector: "classic".into(), settings };
    let feed = CameraFeed::new(CAMERA, "Door".into(), plan.source.label(), false);
    let hub = Arc::new(Hub::new(vec![feed.with_zones(plan.zone_names())]));
    let store = Arc::new(store);
    let mut events = hub.events();
    let (recorder, recording) = recorder::start(Arc::clone(&store), Arc::clone(&hub)).unwrap();
    let camera = cameras::start(CAMERA, &plan, &hub, &recorder).unwrap();
    drop(recorder);
    let start = Instant::now();
    while !matches!(hub.camera(CAMERA).unwrap().state(), CameraState::Lost { .. }) {
        assert!(start.elapsed() < Duration::from_mins(1), "the source never ended");
        thread::sleep(Duration::from_millis(10));
    }
    camera.stop();
    recording.join().unwrap();
    let events = drain(&mut events);
    Ran { store, hub, events }
}

fn drain(events: &mut Receiver<HubEvent>) -> Vec<HubEvent> {
    std::iter::from_fn(|| events.try_recv().ok()).collect()
}

/// A clip in which a square jumps to and fro every two pictures, so that each but the first two moves: the frame after
/// motion becomes the reference and repeats the verdict (R13).
fn write_restless_clip(folder: &Path, count: u32) {
    std::fs::create_dir_all(folder).unwrap();
    for i in 0..count.min(4) {
        let left = if i < 2 { 100 } else { 400 };
        let picture = GrayImage::from_fn(640, 480, |x, y| {
            let square = (left..left + 100).contains(&x) && (120..220).contains(&y);
            Luma([if square { 230 } else { 60 }])
        });
        picture.save(folder.join(format!("{i:04}.jpg"))).unwrap();
    }
    for i in 4..count {
        std::fs::copy(folder.join(format!("{:04}.jpg", i % 4)), folder.join(format!("{i:04}.jpg"))).unwrap();
    }
}

/// The last word on each second that viewers heard.
fn live_bars(events: &[HubEvent]) -> BTreeMap<Timestamp, Bar> {
    let bars = events.iter().filter_map(|event| match event {
        HubEvent::Bar(camera, bar, _) if *camera == CAMERA => Some((bar.start, *bar)),
        _ => None,
    });
    bars.collect()
}

#[test]
fn b17_live_bars_equal_stored_bars() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    write_restless_clip(&clip, 62);
    let source = format!("file:{}?realtime=0&fps=15", clip.display());
    let ran = run_to_the_end(&source, Store::open(Options::directory(dir.path().join("frames"))).unwrap());

    let live: Vec<Bar> = live_bars(&ran.events).into_values().collect();
    let stored = ran.store.last_bars(CAMERA, 1000).unwrap();
    assert_eq!(live, stored, "what viewers heard is not what is stored");
    let counted: u32 = stored.iter().map(|bar| bar.count).sum();
    assert_eq!(counted, 60, "every frame with motion counts, the first of each second and the last second included");
    for bar in stored {
        assert!(ran.store.frame(CAMERA, bar.first).unwrap().is_some(), "a bar without a frame behind it");
    }
}

#[test]
fn zones_are_told_with_the_bars_and_stored_with_the_events() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    write_restless_clip(&clip, 12);
    let source = format!("file:{}?realtime=0&fps=15", clip.display());
    let store = Store::open(Options::directory(dir.path().join("frames"))).unwrap();
    let zone = |name, kind, (left, top, right, bottom): (f64, f64, f64, f64)| {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        Zone::new(name, kind, &corners.map(|(x, y)| Point::from_fractions(x, y).unwrap()), None).unwrap()
    };
    let zones = [
        // Not watched, so viewers have no number for it.
        zone("sky", ZoneKind::Ignore, (0.0, 0.0, 1.0, 0.1)),
        zone("left", ZoneKind::Include, (0.0, 0.1, 0.5, 1.0)),
        zone("right", ZoneKind::Include, (0.5, 0.1, 1.0, 0.5)),
        zone("floor", ZoneKind::Include, (0.5, 0.8, 1.0, 1.0)),
    ];
    let zones = zones.into_iter().try_fold(Zones::default(), Zones::with).unwrap();
    let ran = run_with(&source, store, Settings { zones, ..Settings::default() });

    assert_eq!(ran.hub.camera(CAMERA).unwrap().info().zones, ["left", "right", "floor"]);
    let mut told = ran.events.iter().filter_map(|event| match event {
        HubEvent::Bar(_, _, zones) => Some(*zones),
        _ => None,
    });
    assert_eq!(told.next_back(), Some(ZoneSet(0b011)), "the square is gone from one and come to the other");
    let in_zone = |zone: &str| EventFilter { zone: Some(zone.into()), ..EventFilter::default() };
    let [left, floor] = ["left", "floor"].map(|zone| ran.store.events(&in_zone(zone)).unwrap());
    assert_eq!((left.len(), left[0].zone.as_str(), floor.len()), (1, "left, right", 0));
}

#[test]
fn b16_the_stored_picture_is_the_cameras_own_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    support::write_clip(&clip, 8, 4);
    let source = format!("file:{}?realtime=0&fps=15", clip.display());
    let ran = run_to_the_end(&source, Store::open(Options::directory(dir.path().join("frames"))).unwrap());

    let stored = ran.store.last_bars(CAMERA, 10).unwrap();
    let frame = ran.store.frame(CAMERA, stored[0].first).unwrap().unwrap();
    assert_eq!(frame.jpeg, std::fs::read(clip.join("0004.jpg")).unwrap());
    assert!(!frame.info.boxes.is_empty(), "boxes are kept as data");
    let grid = frame.grid.unwrap();
    // The square covers the cells of columns 5 to 7 and rows 3 to 5 of the 16×12.
    assert!(grid[4 * 16 + 6] > 0 && grid[0] == 0 && grid[11 * 16 + 15] == 0, "{grid:?}");
    assert_eq!((frame.info.width, frame.info.height), (640, 480));
}

#[test]
fn r7_r30_r31_the_newest_motion_frame_and_the_newest_frame_are_both_at_hand() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    support::write_clip(&clip, 12, 6);
    let source = format!("file:{}?realtime=0&fps=15", clip.display());
    let ran = run_to_the_end(&source, Store::open(Options::memory()).unwrap());

    let feed = ran.hub.camera(CAMERA).unwrap();
    let newest = feed.newest().borrow().clone().unwrap();
    let motion = feed.motion().borrow().clone().unwrap();
    assert_eq!((newest.header().seq, newest.motion()), (12, false));
    assert_eq!((motion.header().seq, motion.motion()), (8, true), "a still frame pushed the motion frame out");
}

#[test]
fn b5_a_source_that_is_not_there_is_lost_with_a_reason() {
    let ran = run_to_the_end("file:/no/such/clip.mjpeg", Store::open(Options::memory()).unwrap());
    let reason = ran.events.iter().find_map(|event| match event {
        HubEvent::State(_, CameraState::Lost { reason, .. }) => Some(reason.clone()),
        _ => None,
    });
    assert!(reason.unwrap().contains("/no/such/clip.mjpeg"));
}

#[test]
fn r19_memory_only_keeps_the_newest_frames_and_bars_of_these_alone() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    write_restless_clip(&clip, 100);
    let source = format!("file:{}?realtime=0&fps=15", clip.display());
    let ran = run_to_the_end(&source, Store::open(Options::memory()).unwrap());
    let bars = ran.store.last_bars(CAMERA, 1000).unwrap();
    assert_eq!(bars.iter().map(|bar| bar.count).sum::<u32>(), 64);
    for bar in bars {
        assert!(ran.store.frame(CAMERA, bar.first).unwrap().is_some(), "b12: a bar whose frame is gone");
    }
}

#[test]
fn garbage_among_the_pictures_is_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("clip");
    support::write_clip(&clip, 10, 5);
    std::fs::write(clip.join("0002.jpg"), b"not a picture").unwrap();
    let whole = std::fs::read(clip.join("0003.jpg")).unwrap();
    std::fs::write(clip.join("0003.jpg"), &whole[..whole.len() / 2]).unwrap();
    let source = format!("file:{}?realtime=0&fps=15", clip.display());
    let ran = run_to_the_end(&source, Store::open(Options::memory()).unwrap());
    let newest = ran.hub.camera(CAMERA).unwrap().newest().borrow().clone().unwrap();
    assert_eq!(newest.header().seq, 8);
}

/// A frame as small as can be.
fn frame(seq: u64, at_us: i64, motion: bool) -> Arc<LiveFrame> {
    let header = FrameHeader {
        camera: CAMERA,
        flags: if motion { Flags::MOTION } else { Flags::default() },
        seq,
        at: Timestamp(at_us),
        width: 4,
        height: 2,
        score: 0,
        boxes: Vec::new(),
    };
    let jpeg = vec![0xFF, 0xD8, 0xFF, 0xFE, 0, 2, 0xFF, 0xD9];
    Arc::new(LiveFrame::new(header, jpeg.into()))
}

#[test]
fn the_last_bar_is_told_while_what_follows_motion_is_still_recorded() {
    let store = Arc::new(Store::open(Options::memory()).unwrap());
    let hub = Arc::new(Hub::new(vec![CameraFeed::new(CAMERA, "Door".into(), "demo:".into(), false)]));
    let mut events = hub.events();
    let capture = Capture { after: Duration::from_mins(1), ..Capture::default() };
    let (recorder, recording) = recorder::start_capturing(store, Arc::clone(&hub), capture).unwrap();
    let mut camera = recorder.camera();
    let mut heard = 0;
    for n in 0..200 {
        camera.record(frame(n, n as i64 * 33_333, n < 4));
        heard = live_bars(&drain(&mut events)).into_values().last().map_or(heard, |bar| bar.count);
        if heard == 4 {
            break;
        }
        // The first is told at once; the rest of the motion comes together, too soon after it to be told with each frame.
        if n == 0 || n > 2 {
            thread::sleep(Duration::from_millis(25));
        }
    }
    assert_eq!(heard, 4);
    drop((camera, recorder));
    recording.join().unwrap();
}

#[test]
fn still_frames_are_kept_at_their_rate_where_nothing_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(Options::directory(dir.path())).unwrap());
    let hub = Arc::new(Hub::new(vec![CameraFeed::new(CAMERA, "Door".into(), "demo:".into(), false)]));
    let capture = Capture { stills: Duration::from_mins(1), ..Capture::default() };
    let (recorder, recording) = recorder::start_capturing(Arc::clone(&store), hub, capture).unwrap();
    let mut camera = recorder.camera();
    for second in 0..200 {
        camera.record_waiting(frame(second, second as i64 * 1_000_000, second == 70));
    }
    drop((camera, recorder));
    recording.join().unwrap();
    let (from, to) = (Timestamp(0), Timestamp(i64::MAX));
    let seconds = |frames: Vec<rtm2_app::FrameInfo>| frames.iter().map(|f| f.at.0 / 1_000_000).collect::<Vec<_>>();
    // The frame of motion stands for the minute in which it came.
    assert_eq!(seconds(store.stills(CAMERA, from, to, 100).unwrap()), [0, 60, 130, 190]);
    assert_eq!(seconds(store.frames(CAMERA, from, to, 100).unwrap()), [70]);
}
