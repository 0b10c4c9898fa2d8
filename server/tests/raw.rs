//! Cameras that send no JPEG: their pictures are encoded when somebody needs one, and not before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rtm2::pipeline::detecting::{self, Eye, Outlet, ZoneNumbers};
use rtm2::pipeline::mailbox::{Mailbox, Policy};
use rtm2::pipeline::tiling::Tiler;
use rtm2::pipeline::{CameraFeed, Capture, Hub, recorder};
use rtm2_app::{CameraId, Mode, Timestamp};
use rtm2_camera::jpeg::{Encoder, Layout, Range, Raw};
use rtm2_camera::{Picture, RawImage};
use rtm2_detect::Settings;
use rtm2_store::{Options, Store};
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
    fn take(&mut self, x: Option<u16>) {
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
        while self.feed().newest().borrow().as_ref().is_none_or(|frame| frame.header().seq < self.seq) {
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
