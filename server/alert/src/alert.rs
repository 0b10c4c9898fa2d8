//! What an alert is, and how it reads.

use rtm2_app::{CameraId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most characters of a camera's name or a reason in an alert, so that a push stays below 4 kB.
const MAX_WORDS: usize = 120;

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
    /// Somebody tries whether alerts arrive.
    Test,
}

impl Kind {
    /// Every kind that is raised by itself.
    pub const RAISED: [Self; 3] = [Self::Motion, Self::CameraLost, Self::CameraBack];

    /// Its name in settings and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Motion => "motion",
            Self::CameraLost => "camera-lost",
            Self::CameraBack => "camera-back",
            Self::Test => "test",
        }
    }

    /// How long it is worth delivering, in seconds: motion is for now, a dead camera also for tomorrow morning.
    pub const fn lifetime_s(self) -> i64 {
        match self {
            Self::Motion => 3_600,
            Self::CameraLost | Self::CameraBack => 86_400,
            Self::Test => 300,
        }
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about.
    pub kind: Kind,
    /// The camera; that of a test means nothing.
    pub camera: CameraId,
    /// The camera's name.
    pub name: String,
    /// When it happened: of motion the very frame's capture time.
    pub at: Timestamp,
    /// The detector's score of that frame.
    pub score: u16,
    /// Why a camera was lost.
    pub reason: String,
}

impl Alert {
    fn new(kind: Kind, camera: CameraId, name: &str, at: Timestamp) -> Self {
        Self { kind, camera, name: cut(name), at, score: 0, reason: String::new() }
    }

    /// Something began to move in the frame of this time.
    pub fn motion(camera: CameraId, name: &str, at: Timestamp, score: u16) -> Self {
        Self { score, ..Self::new(Kind::Motion, camera, name, at) }
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
            Kind::Motion => format!("{}: motion", self.name),
            Kind::CameraLost => format!("{}: camera lost", self.name),
            Kind::CameraBack => format!("{}: camera is back", self.name),
            Kind::Test => "rtm2: test".into(),
        }
    }

    /// A sentence.
    pub fn body(&self) -> String {
        match self.kind {
            Kind::Motion => format!("Something moves (score {}).", self.score),
            Kind::CameraLost if self.reason.is_empty() => "It delivers no pictures.".into(),
            Kind::CameraLost => self.reason.clone(),
            Kind::CameraBack => "It delivers pictures again.".into(),
            Kind::Test => "Alerts reach this device.".into(),
        }
    }

    /// What a newer notification of the same thing replaces.
    pub fn tag(&self) -> String {
        let thing = match self.kind {
            Kind::Motion => "motion",
            Kind::CameraLost | Kind::CameraBack => "camera",
            Kind::Test => return "rtm2-test".into(),
        };
        format!("rtm2-{thing}-{}", self.camera)
    }

    /// Where in the page it leads: to the very frame, to the cameras, or to the devices.
    pub fn path(&self) -> String {
        match self.kind {
            Kind::Motion => format!("/history?camera={}&at={}", self.camera, self.at),
            Kind::CameraLost | Kind::CameraBack => "/".into(),
            Kind::Test => "/settings".into(),
        }
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
