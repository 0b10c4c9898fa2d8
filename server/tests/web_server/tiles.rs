//! Changes in place of whole pictures, over loopback: who gets which.

use std::io::Cursor;
use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use image::{GrayImage, ImageFormat, Luma};
use rtm2::pipeline::tiling::Tiler;
use rtm2::pipeline::{CameraFeed, FrameJpeg, LiveFrame};
use rtm2_app::wire::frame::KIND_FRAME;
use rtm2_app::wire::tiles::KIND_TILES;
use rtm2_app::wire::{ClientMessage, Flags, FrameHeader, FrameRef, TilesRef, WINDOW};
use rtm2_app::{CameraId, Mode, Timestamp};
use rtm2_detect::{Region, Verdict};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::common::{PATIENCE, Server, Site, VIEWER};
use crate::sockets::{Socket, try_connect};

const CAMERA: CameraId = CameraId(0);

/// A camera before which a square moves a little from frame to frame.
struct Camera {
    feed: Arc<CameraFeed>,
    tiler: Tiler,
    seq: u64,
}

impl Camera {
    fn of(site: &Site) -> Self {
        Self { feed: Arc::clone(site.hub.camera(CAMERA).unwrap()), tiler: Tiler::default(), seq: 0 }
    }

    /// Takes and hands out the next frame; gives its JPEG.
    fn take(&mut self) -> Vec<u8> {
        self.seq += 1;
        let x = 100 + 4 * self.seq as u16;
        let grey = GrayImage::from_fn(320, 240, |px, py| {
            let lit = (u32::from(x)..u32::from(x) + 40).contains(&px) && (96..136).contains(&py);
            Luma([if lit { 240 } else { 60 + (px * 7 + py * 13) as u8 % 64 }])
        });
        let mut jpeg = Cursor::new(Vec::new());
        grey.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let (jpeg, at) = (jpeg.into_inner(), Timestamp(self.seq as i64 * 1000));
        let picture = FrameJpeg::from(jpeg.clone());
        let region = Region { x, y: 96, w: 40, h: 40, strength: 9, zone: None };
        let verdict = Verdict { motion: true, regions: vec![region], ..Verdict::default() };
        let steps = self.tiler.step(&self.feed, &picture, (self.seq, &verdict), None);
        let header = FrameHeader {
            camera: CAMERA,
            flags: Flags::KEY.with(Flags::MOTION),
            seq: self.seq,
            at,
            width: 320,
            height: 240,
            score: 9,
            boxes: Vec::new(),
        };
        self.feed.publish(Arc::new(LiveFrame::new(header, jpeg.clone().into()).with_steps(steps)));
        jpeg
    }
}

/// What came of a frame: its number and, for changes, the frame that they are of and whether they came with the head.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    Whole(u64),
    Changes { seq: u64, base: u64, head: bool },
}

struct Viewer(Socket);

impl Viewer {
    /// Connects and subscribes; when this returns the server has done so.
    async fn watch(server: &Server, cookie: &str, tiles: bool) -> Self {
        let origin = format!("http://{}", server.address);
        let socket = try_connect(server, Some(cookie), Some(&origin), Some("rtm2.v1")).await.unwrap();
        let mut viewer = Self(socket);
        let mode = Mode::Live;
        viewer.say(&ClientMessage::Subscribe { camera: CAMERA, mode, max_fps: 0, tiles, pictures: true }).await;
        // Messages are answered in order.
        viewer.0.send(Message::Text("{}".into())).await.unwrap();
        while !matches!(viewer.message().await, Message::Text(text) if text.contains(r#""t":"error""#)) {}
        viewer
    }

    async fn say(&mut self, message: &ClientMessage) {
        self.0.send(Message::Text(serde_json::to_string(message).unwrap().into())).await.unwrap();
    }

    async fn ack(&mut self, seq: u64) {
        self.say(&ClientMessage::Ack { camera: CAMERA, seq }).await;
    }

    async fn message(&mut self) -> Message {
        timeout(PATIENCE, self.0.next()).await.unwrap().unwrap().unwrap()
    }

    /// The next frame. Whole ones must be the camera's own JPEG.
    async fn frame(&mut self, jpeg: &[u8]) -> Got {
        loop {
            let Message::Binary(bytes) = self.message().await else { continue };
            return match bytes[0] {
                KIND_FRAME => {
                    let frame = FrameRef::parse(&bytes).unwrap();
                    assert_eq!(frame.jpeg, jpeg);
                    assert!(frame.header.flags.has(Flags::KEY));
                    Got::Whole(frame.header.seq)
                }
                KIND_TILES => {
                    let TilesRef { header, laying, head, body } = TilesRef::parse(&bytes).unwrap();
                    assert!(!header.flags.has(Flags::KEY) && header.flags.has(Flags::MOTION));
                    assert!(bytes.len() * 2 < jpeg.len(), "{} bytes of {}", bytes.len(), jpeg.len());
                    assert!(!laying.places.is_empty() && body.ends_with(&[0xff, 0xd9]));
                    Got::Changes { seq: header.seq, base: laying.base, head: !head.is_empty() }
                }
                kind => panic!("a message of kind {kind}"),
            };
        }
    }
}

#[tokio::test]
async fn changes_go_to_those_in_step_and_whole_pictures_to_who_fell_behind() {
    let site = Site::new();
    let server = site.listen().await;
    let cookie = site.log_in(VIEWER).await;
    let mut camera = Camera::of(&site);
    let mut quick = Viewer::watch(&server, &cookie, true).await;
    let mut slow = Viewer::watch(&server, &cookie, true).await;
    let mut plain = Viewer::watch(&server, &cookie, false).await;

    let window = u64::from(WINDOW);
    for seq in 1..=window + 2 {
        let jpeg = camera.take();
        let changes = Got::Changes { seq, base: seq - 1, head: seq == 2 };
        let expected = if seq == 1 { Got::Whole(1) } else { changes };
        assert_eq!(quick.frame(&jpeg).await, expected);
        assert_eq!(plain.frame(&jpeg).await, Got::Whole(seq), "who did not ask for changes");
        quick.ack(seq).await;
        plain.ack(seq).await;
        if seq <= window {
            // Who gives no credit back gets no more than the window.
            assert_eq!(slow.frame(&jpeg).await, expected);
        } else if seq == window + 2 {
            slow.ack(window).await;
            assert_eq!(slow.frame(&jpeg).await, Got::Whole(seq), "a frame was lost");
            slow.ack(seq).await;
        }
    }
    let seq = window + 3;
    let jpeg = camera.take();
    for viewer in [&mut quick, &mut slow] {
        let expected = Got::Changes { seq, base: seq - 1, head: false };
        assert_eq!(viewer.frame(&jpeg).await, expected, "in step again, with the head that it has");
    }
}
