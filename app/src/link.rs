//! How a page's connection is doing: pauses between attempts, the watchdog for a server that fell silent, and the
//! words that the page shows. No socket and no clock: both are the page's.

use crate::time::MICROS_PER_SECOND;
use crate::wire::HEARTBEAT_MS;
use crate::{CameraState, Timestamp};

/// Shortest pause before another attempt, in milliseconds.
pub const SHORTEST_PAUSE_MS: u32 = 500;
/// Longest pause before another attempt, in milliseconds.
pub const LONGEST_PAUSE_MS: u32 = 10_000;
/// How long an attempt may take before it is given up, in milliseconds.
pub const CONNECT_LIMIT_MS: u32 = 10_000;
/// How long an open connection may be silent, in milliseconds: three heartbeats.
pub const SILENCE_LIMIT_MS: u32 = 3 * HEARTBEAT_MS as u32;

/// The pause before attempt number `attempt` (from 0), in milliseconds. Doubles from one attempt to the next;
/// `random` (0 to 1) spreads pages over its upper half, so that they do not all come back at once.
pub fn pause_ms(attempt: u32, random: f64) -> u32 {
    let whole = (2 * SHORTEST_PAUSE_MS).saturating_mul(1 << attempt.min(8)).min(LONGEST_PAUSE_MS);
    let half = whole / 2;
    half + (f64::from(half) * random.clamp(0.0, 1.0)) as u32
}

/// Notices a connection on which nothing is heard any more (B7).
///
/// It counts the ticks that passed, not the clock: a laptop that slept or a throttled tab must not be cut off for
/// silence that nobody could hear.
#[derive(Clone, Copy, Debug)]
pub struct Watchdog {
    limit_ms: u32,
    silent_ms: u32,
    last_tick: Option<Timestamp>,
}

impl Watchdog {
    /// Longest time that one tick counts for, in milliseconds. Ticks are a second apart.
    const TICK_MS: i64 = 1_500;

    /// A watchdog that barks after `limit_ms` of silence.
    pub const fn new(limit_ms: u32) -> Self {
        Self { limit_ms, silent_ms: 0, last_tick: None }
    }

    /// Something was heard.
    pub fn heard(&mut self) {
        self.silent_ms = 0;
    }

    /// About a second passed. Whether the connection has been silent for too long.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let passed = self.last_tick.map_or(0, |last| now.millis() - last.millis());
        self.last_tick = Some(now);
        self.silent_ms = self.silent_ms.saturating_add(passed.clamp(0, Self::TICK_MS) as u32);
        self.silent_ms > self.limit_ms
    }
}

/// The state of the connection to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// First attempt.
    #[default]
    Connecting,
    /// The server said hello and is heard.
    Open,
    /// Broken; another attempt is due.
    Down {
        /// When, on the page's clock.
        retry_at: Timestamp,
        /// What happened.
        why: Broken,
    },
    /// Broken, and being tried again right now.
    Retrying,
    /// The server speaks another protocol: only a reload helps.
    Outdated,
}

/// Why a connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It was closed or could not be made.
    Closed,
    /// The server shuts down or restarts.
    GoingAway,
    /// Nothing was heard for [`SILENCE_LIMIT_MS`].
    Silent,
    /// The server closed it because of what the page did, such as too many sockets.
    Refused,
}

impl Broken {
    /// In words, for the user.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Closed => "the connection to the server broke",
            Self::GoingAway => "the server is restarting",
            Self::Silent => "the server stopped answering",
            Self::Refused => "the server refused the connection",
        }
    }
}

/// How good or bad a status is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Not known yet.
    Wait,
    /// All is well.
    Good,
    /// Something needs watching.
    Warn,
    /// The page is blind.
    Bad,
}

/// What the status pill says (R46).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How good or bad it is.
    pub tone: Tone,
    /// What kind of status it is, without anything that counts: what a screen reader announces.
    pub kind: &'static str,
    /// A few words.
    pub text: String,
    /// The reason, if there is more to say.
    pub detail: Option<String>,
}

impl Status {
    fn new(tone: Tone, kind: &'static str, detail: Option<&str>) -> Self {
        Self { tone, kind, text: kind.to_owned(), detail: detail.map(str::to_owned) }
    }

    /// The same with something after the kind.
    fn with(mut self, rest: &str) -> Self {
        self.text.push_str(rest);
        self
    }
}

/// The status of a connection and the camera that it shows (B6: a dead camera is never "online").
///
/// `camera` is `None` until the server named it. `now` is the page's clock; `server_now` is the server's, by which
/// camera states are stamped.
pub fn status(link: Link, camera: Option<&CameraState>, now: Timestamp, server_now: Timestamp) -> Status {
    match link {
        Link::Connecting => Status::new(Tone::Wait, "waiting", Some("connecting to the server")),
        Link::Retrying => Status::new(Tone::Bad, "disconnected", None).with(", retrying"),
        Link::Down { retry_at, why } => {
            let seconds = (retry_at.0 - now.0).max(0).unsigned_abs().div_ceil(MICROS_PER_SECOND.unsigned_abs()).max(1);
            Status::new(Tone::Bad, "disconnected", Some(why.explain())).with(&format!(", retrying in {seconds} s"))
        }
        Link::Outdated => Status::new(Tone::Warn, "new version", Some("reload this page to use it")),
        Link::Open => camera_status(camera, server_now),
    }
}

/// The status of a camera over a working connection.
fn camera_status(camera: Option<&CameraState>, server_now: Timestamp) -> Status {
    match camera {
        None => Status::new(Tone::Wait, "waiting", None),
        Some(CameraState::Starting) => Status::new(Tone::Wait, "waiting", Some("the camera is being opened")),
        Some(CameraState::Live) => Status::new(Tone::Good, "online", None),
        Some(CameraState::Stalled { since }) => {
            let length = span(server_now.0 - since.0);
            Status::new(Tone::Warn, "stalled", Some("the camera sends no pictures")).with(&format!(" {length}"))
        }
        Some(CameraState::Lost { reason, .. }) => Status::new(Tone::Bad, "camera lost", Some(reason)),
    }
}

/// A length of time in words of one or two units; negative ones count as none.
pub fn span(us: i64) -> String {
    let seconds = us.max(0) / MICROS_PER_SECOND;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h {:02} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// How long after the last motion something still counts as moving, in microseconds.
pub const MOTION_LINGERS_US: i64 = 2 * MICROS_PER_SECOND;

/// Whether something moves right now (B21), given the last motion and the server's clock.
pub fn moving(last_motion: Option<Timestamp>, server_now: Timestamp) -> bool {
    last_motion.is_some_and(|at| server_now.0 - at.0 < MOTION_LINGERS_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000 * MICROS_PER_SECOND);

    fn ago(seconds: i64) -> Timestamp {
        Timestamp(NOW.0 - seconds * MICROS_PER_SECOND)
    }

    fn shown(link: Link, camera: Option<&CameraState>) -> (Tone, String) {
        let status = status(link, camera, NOW, NOW);
        (status.tone, status.text)
    }

    #[test]
    fn b6_a_dead_camera_is_never_online() {
        let lost = CameraState::Lost { since: ago(5), reason: "device unplugged".into() };
        let status = status(Link::Open, Some(&lost), NOW, NOW);
        assert_eq!((status.tone, status.text.as_str()), (Tone::Bad, "camera lost"));
        assert_eq!((status.kind, status.detail.as_deref()), ("camera lost", Some("device unplugged")));
        let stalled = CameraState::Stalled { since: ago(12) };
        assert_eq!(shown(Link::Open, Some(&stalled)), (Tone::Warn, "stalled 12 s".into()));
        assert_eq!(shown(Link::Open, None), (Tone::Wait, "waiting".into()));
        assert_eq!(shown(Link::Open, Some(&CameraState::Starting)), (Tone::Wait, "waiting".into()));
        assert_eq!(shown(Link::Open, Some(&CameraState::Live)), (Tone::Good, "online".into()));
    }

    #[test]
    fn b6_a_broken_connection_outweighs_the_camera() {
        let live = Some(&CameraState::Live);
        let down = Link::Down { retry_at: Timestamp(NOW.0 + 2_100_000), why: Broken::Closed };
        assert_eq!(shown(down, live), (Tone::Bad, "disconnected, retrying in 3 s".into()));
        for link in [Link::Connecting, Link::Retrying, Link::Outdated] {
            assert_ne!(shown(link, live).0, Tone::Good, "{link:?}");
        }
    }

    #[test]
    fn b7_silence_is_noticed_and_sleep_is_not_silence() {
        let tick = |dog: &mut Watchdog, second| dog.tick(Timestamp(second * MICROS_PER_SECOND));
        let mut dog = Watchdog::new(SILENCE_LIMIT_MS);
        assert!((0..=3).all(|s| !tick(&mut dog, s)), "three seconds are allowed");
        assert!(tick(&mut dog, 4), "four are not");
        dog.heard();
        assert!((5..8).all(|s| !tick(&mut dog, s)));
        dog.heard();
        assert!(!tick(&mut dog, 10_000), "a laptop that slept is given the time to hear something");
        assert!(!tick(&mut dog, 5), "a clock set back does not bark");
    }

    #[test]
    fn b21_motion_shows_and_ends() {
        assert!(moving(Some(NOW), NOW) && moving(Some(ago(1)), NOW));
        assert!(!moving(Some(ago(2)), NOW) && !moving(None, NOW));
    }

    #[test]
    fn pauses_double_with_jitter_up_to_ten_seconds() {
        let ends = |attempt| (pause_ms(attempt, 0.0), pause_ms(attempt, 1.0));
        assert_eq!([0, 1, 2, 3, 4].map(ends), [(500, 1000), (1000, 2000), (2000, 4000), (4000, 8000), (5000, 10_000)]);
        assert_eq!(ends(u32::MAX), (5_000, LONGEST_PAUSE_MS));
        assert_eq!(pause_ms(0, 7.0), 1_000, "random outside 0 to 1 changes nothing");
    }

    #[test]
    fn spans_read_well() {
        let spans = [-5, 0, 59, 60, 3_599, 3_661, 90_000].map(|s| span(s * MICROS_PER_SECOND));
        assert_eq!(spans, ["0 s", "0 s", "59 s", "1 min", "59 min", "1 h 01 min", "1 d 1 h"]);
    }
}
