//! What an alert is, and how it reads.

use rtm2_app::{CameraId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most characters of a camera's name or a reason in an alert, so that a push stays below 4 kB.
const MAX_WORDS: usize = 120;

/// Width of the picture in a notification, in pixels: as wide as phones show it.
const PICTURE_WIDTH: u16 = 480;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something began to move.
    Motion,
    /// A camera delivers no pictures any more.
    CameraLost,
    /// A lost camera delivers pictures again.
    CameraBack,
    /// Pictures of a camera come, but nobody looks at them.
    DetectorStalled,
    /// They are looked at again.
    DetectorBack,
    /// Frames cannot be recorded.
    StorageLost,
    /// They can be again.
    StorageBack,
    /// An alarm rang on some device and nobody has acknowledged it.
    Unanswered,
    /// Somebody tries whether alerts arrive.
    Test,
}

impl Kind {
    /// Every kind that is raised by itself.
    pub const RAISED: [Self; 8] = [
        Self::Motion,
        Self::CameraLost,
        Self::CameraBack,
        Self::DetectorStalled,
        Self::DetectorBack,
        Self::StorageLost,
        Self::StorageBack,
        Self::Unanswered,
    ];

    /// Its name in settings and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Motion => "motion",
            Self::CameraLost => "camera-lost",
            Self::CameraBack => "camera-back",
            Self::DetectorStalled => "detector-stalled",
            Self::DetectorBack => "detector-back",
            Self::StorageLost => "storage-lost",
            Self::StorageBack => "storage-back",
            Self::Unanswered => "unanswered",
            Self::Test => "test",
        }
    }

    /// How long it is worth delivering, in seconds: motion is for now, a dead camera also for tomorrow morning.
    pub const fn lifetime_s(self) -> i64 {
        match self {
            Self::Motion | Self::Unanswered => 3_600,
            Self::CameraLost
            | Self::CameraBack
            | Self::DetectorStalled
            | Self::DetectorBack
            | Self::StorageLost
            | Self::StorageBack => 86_400,
            Self::Test => 300,
        }
    }

    /// Whether it is about one camera.
    pub const fn is_of_a_camera(self) -> bool {
        !matches!(self, Self::StorageLost | Self::StorageBack | Self::Test)
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about.
    pub kind: Kind,
    /// The camera; means nothing where [`Kind::is_of_a_camera`] does not hold.
    pub camera: CameraId,
    /// The camera's name.
    pub name: String,
    /// When it happened: of motion the very frame's capture time.
    pub at: Timestamp,
    /// The detector's score of that frame.
    pub score: u16,
    /// Why something does not work.
    pub reason: String,
    /// Names of the zones that it moves in, as [`rtm2_app::Event::zone`] has them; may be empty.
    #[serde(default)]
    pub zone: String,
    /// Whether the motion was told before, and has come into these zones since: news for who chose zones only.
    #[serde(default)]
    pub further: bool,
}

impl Alert {
    fn new(kind: Kind, camera: CameraId, name: &str, at: Timestamp) -> Self {
        Self { kind, camera, name: cut(name), at, score: 0, reason: String::new(), zone: String::new(), further: false }
    }

    /// Something began to move in the frame of this time.
    pub fn motion(camera: CameraId, name: &str, at: Timestamp, score: u16) -> Self {
        Self { score, ..Self::new(Kind::Motion, camera, name, at) }
    }

    /// The same in zones of these names.
    pub fn in_zones(self, zone: &str) -> Self {
        Self { zone: zone.to_owned(), ..self }
    }

    /// The same about motion that was told before.
    pub fn told_before(self) -> Self {
        Self { further: true, ..self }
    }

    /// Pictures of a camera come, but nobody looks at them; without a reason they are looked at again.
    pub fn detector(camera: CameraId, name: &str, at: Timestamp, reason: Option<&str>) -> Self {
        let kind = if reason.is_some() { Kind::DetectorStalled } else { Kind::DetectorBack };
        Self { reason: cut(reason.unwrap_or_default()), ..Self::new(kind, camera, name, at) }
    }

    /// Frames cannot be recorded; without a reason they can be again.
    pub fn storage(at: Timestamp, reason: Option<&str>) -> Self {
        let kind = if reason.is_some() { Kind::StorageLost } else { Kind::StorageBack };
        Self { reason: cut(reason.unwrap_or_default()), ..Self::new(kind, CameraId::default(), "rtm2", at) }
    }

    /// An alarm about a camera rings and nobody has acknowledged it in time.
    pub fn unanswered(camera: CameraId, name: &str, at: Timestamp) -> Self {
        Self::new(Kind::Unanswered, camera, name, at)
    }

    /// A camera was lost.
    pub fn camera_lost(camera: CameraId, name: &str, at: Timestamp, reason: &str) -> Self {
        Self { reason: cut(reason), ..Self::new(Kind::CameraLost, camera, name, at) }
    }

    /// A lost camera is back.
    pub fn camera_back(camera: CameraId, name: &str, at: Timestamp) -> Self {
        Self::new(Kind::CameraBack, camera, name, at)
    }

    /// Somebody tries whether alerts arrive.
    pub fn test(at: Timestamp) -> Self {
        Self::new(Kind::Test, CameraId::default(), "rtm2", at)
    }

    /// What names it among all others: the same event is delivered once to each target.
    pub fn event(&self) -> String {
        format!("{}-{}-{}", self.kind.name(), self.camera, self.at)
    }

    /// When it is not worth delivering any more.
    pub fn expires(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_add(self.kind.lifetime_s() * 1_000_000))
    }

    /// A few words.
    pub fn title(&self) -> String {
        match self.kind {
            Kind::Motion if self.zone.is_empty() => format!("{}: motion", self.name),
            Kind::Motion => format!("{}: motion in {}", self.name, self.zone_words()),
            Kind::CameraLost => format!("{}: camera lost", self.name),
            Kind::CameraBack => format!("{}: camera is back", self.name),
            Kind::DetectorStalled => format!("{}: nothing is detected", self.name),
            Kind::DetectorBack => format!("{}: detects again", self.name),
            Kind::StorageLost => "rtm2: nothing is recorded".into(),
            Kind::StorageBack => "rtm2: records again".into(),
            Kind::Unanswered => format!("{}: nobody has acknowledged the alarm", self.name),
            Kind::Test => "rtm2: test".into(),
        }
    }

    /// The zones that it moves in, as far as they fit into a push.
    pub fn zone_words(&self) -> String {
        cut(&self.zone)
    }

    /// A sentence.
    pub fn body(&self) -> String {
        match self.kind {
            Kind::Motion => format!("Something moves (score {}).", self.score),
            Kind::CameraLost if self.reason.is_empty() => "It delivers no pictures.".into(),
            Kind::CameraLost | Kind::DetectorStalled | Kind::StorageLost => self.reason.clone(),
            Kind::CameraBack => "It delivers pictures again.".into(),
            Kind::DetectorBack => "Its pictures are looked at again.".into(),
            Kind::StorageBack => "Frames are recorded again.".into(),
            Kind::Unanswered => "It still rings on a device that is armed.".into(),
            Kind::Test => "Alerts reach this device.".into(),
        }
    }

    /// What a newer notification of the same thing replaces.
    pub fn tag(&self) -> String {
        let thing = match self.kind {
            Kind::Motion => "motion",
            Kind::CameraLost | Kind::CameraBack => "camera",
            Kind::DetectorStalled | Kind::DetectorBack => "detector",
            Kind::StorageLost | Kind::StorageBack => return "rtm2-storage".into(),
            Kind::Unanswered => return "rtm2-unanswered".into(),
            Kind::Test => return "rtm2-test".into(),
        };
        format!("rtm2-{thing}-{}", self.camera)
    }

    /// Where in the page it leads: to the very frame, to the cameras, or to the devices.
    pub fn path(&self) -> String {
        match self.kind {
            Kind::Motion => format!("/history?camera={}&at={}", self.camera, self.at),
            Kind::CameraLost | Kind::CameraBack | Kind::DetectorStalled | Kind::DetectorBack => "/".into(),
            Kind::StorageLost | Kind::StorageBack => "/history".into(),
            Kind::Unanswered => "/alarm".into(),
            Kind::Test => "/settings".into(),
        }
    }

    /// Where a small copy of the very frame is, if it is about one.
    pub fn picture(&self) -> Option<String> {
        let (camera, at) = (self.camera, self.at);
        (self.kind == Kind::Motion).then(|| format!("/api/v1/cameras/{camera}/frames/{at}.jpg?width={PICTURE_WIDTH}"))
    }

    /// Its time as RFC 3339 in UTC, to the millisecond.
    pub fn time(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.at.millis()).unwrap_or_default();
        format!("{at:.3}")
    }
}

/// The first [`MAX_WORDS`] characters without control characters.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_leads_to_the_very_frame() {
        let alert = Alert::motion(CameraId(2), "Door", Timestamp(1_764_000_003_120_000), 300);
        assert_eq!(alert.path(), "/history?camera=2&at=1764000003120000");
        assert_eq!(alert.time(), "2025-11-24T16:00:03.120Z");
        assert_eq!((alert.title(), alert.body()), ("Door: motion".into(), "Something moves (score 300).".into()));
        assert_eq!(alert.event(), "motion-2-1764000003120000");
        assert_eq!(alert.expires(), Timestamp(1_764_003_603_120_000));
    }

    #[test]
    fn a_zone_is_named_and_older_alerts_that_wait_have_none() {
        let alert = Alert::motion(CameraId(2), "Door", Timestamp(0), 3).in_zones("porch, gate");
        assert_eq!(alert.title(), "Door: motion in porch, gate");
        let text = r#"{"kind":"motion","camera":2,"name":"Door","at":0,"score":3,"reason":""}"#;
        let old: Alert = serde_json::from_str(text).unwrap();
        assert_eq!(old, Alert::motion(CameraId(2), "Door", Timestamp(0), 3));
    }

    #[test]
    fn trouble_and_its_end_replace_each_other() {
        let at = Timestamp(9);
        let pairs = [
            [Alert::detector(CameraId(1), "Door", at, Some("hangs")), Alert::detector(CameraId(1), "Door", at, None)],
            [Alert::storage(at, Some("hangs")), Alert::storage(at, None)],
        ];
        for [begin, end] in pairs {
            assert_eq!((begin.tag(), begin.body().as_str()), (end.tag(), "hangs"));
            assert!(begin.kind != end.kind && !end.body().is_empty());
        }
    }

    #[test]
    fn lost_and_back_replace_each_other_and_long_words_are_cut() {
        let lost = Alert::camera_lost(CameraId(0), &"x".repeat(500), Timestamp(0), "gone\nfor good");
        assert_eq!(lost.tag(), Alert::camera_back(CameraId(0), "Door", Timestamp(9)).tag());
        assert_ne!(lost.tag(), Alert::motion(CameraId(0), "Door", Timestamp(9), 1).tag());
        assert_eq!((lost.name.len(), lost.body()), (MAX_WORDS, "gonefor good".into()));
    }

    #[test]
    fn kinds_are_stored_by_their_names() {
        for kind in Kind::RAISED.into_iter().chain([Kind::Test]) {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
        }
    }
}
