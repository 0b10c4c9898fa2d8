//! A picture with its verdict, ready to be sent to any number of viewers.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use rtm2_app::wire::tiles::{Laying, Place};
use rtm2_app::wire::{Flags, FrameHeader};
use rtm2_app::{Mode, ZoneSet};
use rtm2_detect::Grid;
use rtm2_tiles::{Step, Tiles};

use super::FrameJpeg;
use super::tiling::Steps;

/// A frame as the pipeline hands it out. The message is built when the first viewer needs it, once for all of them,
/// so an unwatched camera costs no copying (B24).
#[derive(Debug)]
pub struct LiveFrame {
    header: FrameHeader,
    jpeg: FrameJpeg,
    grid: Option<Grid>,
    label: Option<Arc<str>>,
    light_shift: bool,
    zones: ZoneSet,
    steps: Steps,
    message: OnceLock<Bytes>,
    /// Messages with tiles: of every picture and of motion, each without and with the sheet's head.
    tiles: [OnceLock<Bytes>; 4],
    order: OnceLock<Order>,
}

/// A frame's place among those that its camera handed out, from 1, so that a viewer can tell whether it missed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Among all frames.
    pub any: u64,
    /// Among those with motion; a still frame has the number of the last one before it.
    pub motion: u64,
}

impl LiveFrame {
    /// Pairs a header with its picture.
    pub fn new(header: FrameHeader, jpeg: FrameJpeg) -> Self {
        Self {
            header,
            jpeg,
            grid: None,
            label: None,
            light_shift: false,
            zones: ZoneSet::default(),
            steps: Steps::default(),
            message: OnceLock::new(),
            tiles: Default::default(),
            order: OnceLock::new(),
        }
    }

    /// Adds the detector's map of where it moved, which is stored but not sent.
    pub fn with_grid(self, grid: Grid) -> Self {
        Self { grid: Some(grid), ..self }
    }

    /// Adds what it is that moved, which is neither stored nor part of the message.
    pub fn with_label(self, label: Option<Arc<str>>) -> Self {
        Self { label, ..self }
    }

    /// What it is that moved, where a model was asked and knew.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The detector's map of where it moved, row by row.
    pub fn grid(&self) -> Option<&[u8]> {
        self.grid.as_ref().map(|grid| &grid.0[..])
    }

    /// Says whether the light shifted as a whole, which is stored but not sent.
    pub fn with_light_shift(self, light_shift: bool) -> Self {
        Self { light_shift, ..self }
    }

    /// Whether the light shifted as a whole.
    pub fn light_shift(&self) -> bool {
        self.light_shift
    }

    /// Says in which of the camera's zones something moves, which is stored, and sent with the second's bar.
    pub fn with_zones(self, zones: ZoneSet) -> Self {
        Self { zones, ..self }
    }

    /// The zones in which something moves.
    pub fn zones(&self) -> ZoneSet {
        self.zones
    }

    /// What is known of the picture.
    pub fn header(&self) -> &FrameHeader {
        &self.header
    }

    /// The picture as a JPEG: the camera's own, or made by the first who asks. Shared, not copied.
    pub fn jpeg(&self) -> Bytes {
        self.jpeg.get()
    }

    /// Whether there is a JPEG already; else the first who asks waits about a millisecond.
    pub fn has_jpeg(&self) -> bool {
        self.jpeg.is_made()
    }

    /// Bytes that the picture takes in memory: of its JPEG, or of its pixels while there is none.
    pub fn picture_bytes(&self) -> usize {
        self.jpeg.bytes()
    }

    /// Whether something moved in it.
    pub fn motion(&self) -> bool {
        self.header.flags.has(Flags::MOTION)
    }

    /// Its place among the frames handed out; zero while it was not.
    pub fn order(&self) -> Order {
        self.order.get().copied().unwrap_or_default()
    }

    /// Gives it its place; the first one given stays.
    pub(super) fn place(&self, order: Order) {
        let _ = self.order.set(order);
    }

    /// Adds what viewers in step need of it.
    pub fn with_steps(self, steps: Steps) -> Self {
        Self { steps, ..self }
    }

    /// What viewers in step need of it; `None` if nobody asked when it came.
    pub fn step(&self, mode: Mode) -> Option<&Step> {
        match mode {
            Mode::Live => self.steps.live.as_ref(),
            Mode::Motion => self.steps.motion.as_ref(),
            Mode::Off => None,
        }
    }

    /// The binary message with what changed, with the sheet's head or without, shared by all viewers in step; the whole
    /// picture where there is no such step.
    pub fn tiles_message(&self, mode: Mode, head: bool) -> Bytes {
        let Some(Step::Tiles(tiles)) = self.step(mode) else { return self.message() };
        let place = usize::from(mode == Mode::Motion) * 2 + usize::from(head);
        self.tiles[place].get_or_init(|| self.encode_tiles(tiles, head)).clone()
    }

    fn encode_tiles(&self, tiles: &Tiles, head: bool) -> Bytes {
        let sheet = &tiles.sheet;
        let head = if head { &sheet.head[..] } else { &[] };
        let flags = Flags(self.header.flags.0 & !Flags::KEY.0);
        let header = FrameHeader { flags, ..self.header.clone() };
        let laying = Laying {
            base: tiles.base,
            head: tiles.head,
            head_len: head.len() as u16,
            mcu: self.steps.mcu,
            places: sheet.places.iter().map(place).collect(),
        };
        let mut out = Vec::with_capacity(laying.encoded_len(&header) + head.len() + sheet.body.len());
        laying.encode(&header, &mut out);
        out.extend_from_slice(head);
        out.extend_from_slice(&sheet.body);
        out.into()
    }

    /// Whether the shared message was built: never for a frame that nobody watches (B24).
    pub fn is_encoded(&self) -> bool {
        self.message.get().is_some()
    }

    /// The binary message for viewers that have lost nothing, shared by all of them.
    pub fn message(&self) -> Bytes {
        self.message.get_or_init(|| self.encode(self.header.flags)).clone()
    }

    /// The message with further flags set, built for one viewer.
    pub fn message_with(&self, flags: Flags) -> Bytes {
        self.encode(self.header.flags.with(flags))
    }

    fn encode(&self, flags: Flags) -> Bytes {
        let header = FrameHeader { flags, ..self.header.clone() };
        let jpeg = self.jpeg();
        let mut out = Vec::with_capacity(header.encoded_len() + jpeg.len());
        header.encode(&mut out);
        out.extend_from_slice(&jpeg);
        out.into()
    }
}

fn place(place: &rtm2_tiles::Place) -> Place {
    let rtm2_tiles::Place { x, y, of } = *place;
    Place { sheet_x: x, sheet_y: y, x: of.x, y: of.y, width: of.width, height: of.height }
}
