//! Cameras that send no JPEG: their pictures are encoded when somebody needs one, and not before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use image::{GenericImageView as _, GrayImage};
use rtm2::pipeline::detecting::{self, Eye, Outlet, ZoneNumbers};
use rtm2::pipeline::mailbox::{Mailbox, Policy};
use rtm2::pipeline::tiling::Tiler;
use rtm2::pipeline::{CameraFeed, Capture, Hub, LiveFrame, recorder};
use rtm2_app::wire::TilesRef;
use rtm2_app::{CameraId, Mode, Timestamp};
use rtm2_camera::jpeg::{Encoder, Layout, Range, Raw};
use rtm2_camera::{Picture, RawImage};
use rtm2_detect::Settings;
use rtm2_store::{Options, Store};
use rtm2_tiles::Step;
use tempfile::TempDir;

const CAMERA: CameraId = CameraId(0);
const WIDTH: u16 = 320;
const HEIGHT: u16 = 240;
const PATIENCE: Duration = Duration::from_secs(30);

/// A camera that sends YUYV, with all that follows on it.
struct Camera {
    hub: Arc<Hub>,
    store: Arc<Store>,
    mailbox: Arc<Mailbox<Picture>>,
    encoder: Arc<Mutex<Encoder>>,
    threads: Vec<thread::JoinHandle<()>>,
    seq: u64,
    folder: TempDir,
}

impl Camera {
    fn start(capture: Capture) -> Self {
        let hub = Arc::new(Hub::new(vec![CameraFeed::new(CAMERA, "Door".into(), "camera:0".into(), false)]));
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(Options::directory(folder.path())).unwrap());
        let (recorder, recording) = recorder::start_capturing(Arc::clone(&store), Arc::clone(&hub), capture).unwrap();
        let outlet = Outlet {
            camera: CAMERA,
            hub: Arc::clone(&hub),
            recorder: recorder.camera(),
            policy: Policy::Wait,
            tiler: Tiler::default(),
            zones: ZoneNumbers::default(),
            #[cfg(feature = "onnx")]
            filter: None,
        };
        let mailbox = Arc::new(Mailbox::new(Policy::Wait));
        let eye = Eye::new("steady", Settings::default()).unwrap();
        let detecting = {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || detecting::run(&mailbox, eye, outlet))
        };
        let encoder = Arc::new(Mutex::new(Encoder::new(85).unwrap()));
        Self { hub, store, mailbox, encoder, threads: vec![detecting, recording], seq: 0, folder }
    }

    fn feed(&self) -> &Arc<CameraFeed> {
        self.hub.camera(CAMERA).unwrap()
    }

    /// Takes a picture of a textured room, with a bright thing at `x` if there is one, and waits until it is handed out.
    fn take(&mut self, x: Option<u16>) -> Arc<LiveFrame> {
        let pixel = |column: u16, row: u16| {
            let lit = x.is_some_and(|x| (x..x + 48).contains(&column) && (80..160).contains(&row));
            if lit { 220 } else { 70 + ((column / 8 * 7 + row / 8 * 13) % 48) as u8 }
        };
        let pairs = (0..HEIGHT).flat_map(|row| (0..WIDTH).step_by(2).map(move |column| (column, row)));
        let data: Vec<u8> = pairs.flat_map(|(x, y)| [pixel(x, y), 128, pixel(x + 1, y), 128]).collect();
        let raw =
            Raw { data: &data, width: WIDTH, height: HEIGHT, stride: 0, layout: Layout::Yuyv, range: Range::Full };
        let image = RawImage::new(raw.own().unwrap(), Arc::clone(&self.encoder)).into();
        self.seq += 1;
        let at = Timestamp(1_700_000_000_000_000 + self.seq as i64 * 66_667);
        self.mailbox.put(Picture { image, at, width: WIDTH, height: HEIGHT });
        let start = Instant::now();
        loop {
            let newest = self.feed().newest().borrow().clone();
            if let Some(frame) = newest.filter(|frame| frame.header().seq == self.seq) {
                return frame;
            }
            assert!(start.elapsed() < PATIENCE, "frame {} was never handed out", self.seq);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends everything once what was taken is stored.
    fn end(self) -> (Arc<Hub>, Arc<Store>, TempDir) {
        self.mailbox.close();
        for thread in self.threads {
            thread.join().unwrap();
        }
        (self.hub, self.store, self.folder)
    }
}

#[test]
fn b24_while_nothing_moves_nothing_is_encoded() {
    let mut camera = Camera::start(Capture::default());
    let _viewer = CameraFeed::wish_for_tiles(camera.feed(), Mode::Motion);
    // Whoever encoded would wait for ever.
    let encoder = Arc::clone(&camera.encoder);
    let held = encoder.lock().unwrap();
    for _ in 0..60 {
        camera.take(None);
    }
    assert!(!camera.feed().newest().borrow().as_ref().unwrap().has_jpeg());
    drop(held);

    for step in 0..30 {
        camera.take(Some(40 + 6 * step));
    }
    let (hub, store, _folder) = camera.end();
    let moved = hub.camera(CAMERA).unwrap().motion().borrow().clone().unwrap();
    assert!(moved.has_jpeg(), "what moved is recorded");
    let stored = store.frame(CAMERA, moved.header().at).unwrap().unwrap();
    assert_eq!(stored.jpeg, moved.jpeg(), "the store and viewers have the same");
    let seen = image::load_from_memory(&stored.jpeg).unwrap().to_luma8();
    assert_eq!(seen.dimensions(), (WIDTH.into(), HEIGHT.into()));
    let boxes = &moved.header().boxes;
    assert!(
        boxes.iter().any(|b| seen.get_pixel((b.x + b.w / 2).into(), (b.y + b.h / 2).into()).0[0] > 180),
        "{boxes:?}"
    );
    assert!(store.last_bars(CAMERA, 10).unwrap().iter().map(|bar| bar.count).sum::<u32>() >= 10);
}

#[test]
fn what_was_before_motion_is_kept_as_pixels_and_encoded_when_it_is_stored() {
    let capture = Capture { before: Duration::from_secs(2), bytes: 16 << 20, ..Capture::default() };
    let mut camera = Camera::start(capture);
    let encoder = Arc::clone(&camera.encoder);
    let held = encoder.lock().unwrap();
    for _ in 0..45 {
        camera.take(None);
    }
    drop(held);
    for step in 0..15 {
        camera.take(Some(40 + 6 * step));
    }
    let (_, store, _folder) = camera.end();
    let first = store.last_bars(CAMERA, 10).unwrap()[0].first;
    let frames = store.frames(CAMERA, Timestamp(0), first, 1_000).unwrap();
    let before = frames.iter().filter(|frame| frame.at < first).count();
    assert!((25..=31).contains(&before), "{before} frames of the two seconds before");
}

#[test]
fn b24_who_watches_live_while_nothing_moves_costs_one_whole_picture() {
    // Memory for a tenth of the pixels from before motion.
    let capture = Capture { before: Duration::from_secs(3), bytes: 512 << 10, ..Capture::default() };
    let mut camera = Camera::start(capture);
    let unwatched: Vec<_> = (0..10).map(|_| camera.take(None)).collect();
    assert!(unwatched.iter().all(|frame| frame.step(Mode::Live).is_none()), "something is made for nobody");
    let _viewer = CameraFeed::wish_for_tiles(camera.feed(), Mode::Live);
    let first = camera.take(None);
    assert!(matches!(first.step(Mode::Live), Some(Step::Picture { .. })));
    let whole = first.message().len();
    let frames: Vec<_> = (0..60).map(|_| camera.take(None)).collect();
    for frame in &frames {
        assert!(matches!(frame.step(Mode::Live), Some(Step::Tiles(_))));
        assert!(frame.tiles_message(Mode::Live, false).len() * 20 < whole);
    }
    let encoded = unwatched.iter().chain(&frames).filter(|frame| frame.has_jpeg()).count();
    assert_eq!(encoded, 0, "whole pictures that nobody needed");
    camera.end();
}

#[test]
fn changes_make_the_picture_that_is_stored() {
    for mode in [Mode::Live, Mode::Motion] {
        let mut camera = Camera::start(Capture::default());
        let _viewer = CameraFeed::wish_for_tiles(camera.feed(), mode);
        for _ in 0..60 {
            camera.take(None);
        }
        let mut canvas = GrayImage::default();
        let (mut head, mut shows, mut tiles, mut last) = (Vec::new(), 0, 0, None);
        for step in 0..30 {
            let frame = camera.take(Some(40 + 6 * step));
            if !frame.motion() {
                continue;
            }
            let seq = frame.header().seq;
            match frame.step(mode) {
                Some(Step::Tiles(part)) if part.base == shows => {
                    let message = frame.tiles_message(mode, head.is_empty());
                    let message = TilesRef::parse(&message).unwrap();
                    if head.is_empty() {
                        head = message.head.to_vec();
                    }
                    lay(&mut canvas, &message, &head);
                    tiles += 1;
                }
                _ => canvas = grey(&frame.jpeg()),
            }
            (shows, last) = (seq, Some(frame));
        }
        let (_, store, _folder) = camera.end();
        let last = last.unwrap();
        let stored = grey(&store.frame(CAMERA, last.header().at).unwrap().unwrap().jpeg);
        assert!(tiles > 10, "{mode:?}: {tiles} frames came as changes");
        assert!(!last.header().boxes.is_empty());
        for b in &last.header().boxes {
            for (x, y) in (b.x..b.x + b.w).flat_map(|x| (b.y..b.y + b.h).map(move |y| (x.into(), y.into()))) {
                assert_eq!(canvas.get_pixel(x, y), stored.get_pixel(x, y), "{mode:?}: {x},{y} in {b:?}");
            }
        }
        for (x, y) in (0..20).flat_map(|x| (0..15).map(move |y| (x * 16, y * 16))) {
            let mean = |of: &GrayImage| {
                of.view(x, y, 16, 16).pixels().map(|(_, _, pixel)| f64::from(pixel.0[0])).sum::<f64>() / 256.0
            };
            let off = (mean(&canvas) - mean(&stored)).abs();
            assert!(off <= 4.0, "{mode:?}: the block at {x},{y} is {off} off");
        }
    }
}

fn grey(jpeg: &[u8]) -> GrayImage {
    image::load_from_memory(jpeg).unwrap().to_luma8()
}

/// Lays changes on a canvas as the page does.
fn lay(canvas: &mut GrayImage, message: &TilesRef<'_>, head: &[u8]) {
    let sheet = grey(&[&[0xff, 0xd8], head, message.body].concat());
    let [across, down] = message.laying.mcu.map(u32::from);
    for place in &message.laying.places {
        let part = sheet.view(
            u32::from(place.sheet_x) * across,
            u32::from(place.sheet_y) * down,
            u32::from(place.width) * across,
            u32::from(place.height) * down,
        );
        let (x, y) = (u32::from(place.x) * across, u32::from(place.y) * down);
        image::imageops::replace(canvas, &*part, x.into(), y.into());
    }
}
