//! Text messages: JSON objects told apart by their field `t`.

use serde::{Deserialize, Serialize};

use crate::{Bar, CameraId, CameraInfo, CameraState, Mode, Timestamp, ZoneSet};

/// What a viewer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase", deny_unknown_fields)]
pub enum ClientMessage {
    /// Replaces the viewer's subscription.
    Subscribe {
        /// The camera to watch.
        camera: CameraId,
        /// Which of its pictures.
        mode: Mode,
        /// Most frames a second, 0 for no limit of the viewer's own.
        #[serde(default)]
        max_fps: u8,
        /// Whether it takes parts of pictures in place of whole ones ([`super::TilesRef`]).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tiles: bool,
        /// Whether anybody looks: without, only events are sent, whatever the mode.
        #[serde(default = "yes", skip_serializing_if = "bool::clone")]
        pictures: bool,
    },
    /// All frames of `camera` up to `seq` have been shown or thrown away: their credit is given back.
    Ack {
        /// The frames' camera.
        camera: CameraId,
        /// Highest sequence number received.
        seq: u64,
    },
    /// Somebody has seen every alarm up to a time: it is silenced everywhere.
    Seen {
        /// Alarms up to this time are meant. What lies ahead of the server's clock counts as its now.
        upto: Timestamp,
    },
    /// An alarm rings here: if nobody has seen it in time, whoever can be reached otherwise is told.
    Ring {
        /// The camera that it is about.
        camera: CameraId,
        /// When it began to ring.
        since: Timestamp,
        /// Seconds from now; 0 for an alarm that somebody has ended.
        within: u16,
    },
}

/// What a field is that is left out.
const fn yes() -> bool {
    true
}

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// Account name.
    pub name: String,
    /// Whether the account may change settings and see other viewers.
    pub admin: bool,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase", try_from = "Flat")]
pub enum ServerMessage {
    /// First message of every connection.
    Hello {
        /// [`super::PROTOCOL`] of the server.
        protocol: u16,
        /// Identifies the server's build; a page built from another one offers a reload.
        build: String,
        /// The server's clock, for showing its skew.
        now: Timestamp,
        /// Frames that may be outstanding.
        window: u16,
        /// The user of this connection.
        user: UserInfo,
        /// All cameras with their states.
        cameras: Vec<CameraInfo>,
    },
    /// A camera's state changed.
    State {
        /// The camera.
        camera: CameraId,
        /// Its state now.
        state: CameraState,
    },
    /// A second's bar grew; the count is the whole of that second so far.
    Bar {
        /// The camera.
        camera: CameraId,
        /// Its bar as the store would answer it.
        bar: Bar,
        /// Zones in which something moved in that second so far.
        #[serde(default, skip_serializing_if = "ZoneSet::is_empty")]
        zones: ZoneSet,
    },
    /// Somebody has seen every alarm up to a time: whatever rings for one of them falls silent.
    Seen {
        /// Alarms up to this time are meant.
        upto: Timestamp,
        /// When it was said.
        at: Timestamp,
        /// Name of the account that said it.
        by: String,
    },
    /// Whether frames can be recorded.
    Storage {
        /// Why not, in words for the user; `None` while they can.
        fault: Option<String>,
    },
    /// Whether a camera's pictures are looked at.
    Detector {
        /// The camera.
        camera: CameraId,
        /// Why not, in words for the user; `None` while they are.
        fault: Option<String>,
    },
    /// How many viewers are connected.
    Viewers {
        /// All of them, this one included.
        count: u32,
    },
    /// Nothing to say, still here. One a second at most (B8).
    #[serde(rename = "hb")]
    Heartbeat,
    /// Events were lost because this viewer read too slowly: bars and states must be fetched anew.
    Resync,
    /// The last message was refused; the connection stays.
    Error {
        /// What is wrong and what to do about it.
        message: String,
    },
}

/// All fields of all of the server's messages, each there or not. The page reads messages through it: what serde makes
/// for an enum with a tag inside buffers every message as a tree, and is eight kilobytes of the page.
#[derive(Deserialize)]
struct Flat {
    t: String,
    protocol: Option<u16>,
    build: Option<String>,
    now: Option<Timestamp>,
    window: Option<u16>,
    user: Option<UserInfo>,
    cameras: Option<Vec<CameraInfo>>,
    camera: Option<CameraId>,
    state: Option<CameraState>,
    bar: Option<Bar>,
    zones: Option<ZoneSet>,
    upto: Option<Timestamp>,
    at: Option<Timestamp>,
    by: Option<String>,
    fault: Option<String>,
    count: Option<u32>,
    message: Option<String>,
}

impl TryFrom<Flat> for ServerMessage {
    type Error = &'static str;

    fn try_from(flat: Flat) -> Result<Self, &'static str> {
        flat.message().ok_or("not a message of this protocol")
    }
}

impl Flat {
    /// The message; `None` for an unknown one, or where a field is missing.
    fn message(self) -> Option<ServerMessage> {
        Some(match self.t.as_str() {
            "hello" => ServerMessage::Hello {
                protocol: self.protocol?,
                build: self.build?,
                now: self.now?,
                window: self.window?,
                user: self.user?,
                cameras: self.cameras?,
            },
            "state" => ServerMessage::State { camera: self.camera?, state: self.state? },
            "bar" => ServerMessage::Bar { camera: self.camera?, bar: self.bar?, zones: self.zones.unwrap_or_default() },
            "seen" => ServerMessage::Seen { upto: self.upto?, at: self.at?, by: self.by? },
            "storage" => ServerMessage::Storage { fault: self.fault },
            "detector" => ServerMessage::Detector { camera: self.camera?, fault: self.fault },
            "viewers" => ServerMessage::Viewers { count: self.count? },
            "hb" => ServerMessage::Heartbeat,
            "resync" => ServerMessage::Resync,
            "error" => ServerMessage::Error { message: self.message? },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_small_and_tagged() {
        let json = |m: &ServerMessage| serde_json::to_string(m).unwrap();
        assert_eq!(json(&ServerMessage::Heartbeat), r#"{"t":"hb"}"#);
        assert_eq!(
            json(&ServerMessage::State { camera: CameraId(1), state: CameraState::Stalled { since: Timestamp(9) } }),
            r#"{"t":"state","camera":1,"state":{"s":"stalled","since":9}}"#
        );
        let text = r#"{"t":"subscribe","camera":0,"mode":"live"}"#;
        assert_eq!(
            serde_json::from_str::<ClientMessage>(text).unwrap(),
            ClientMessage::Subscribe {
                camera: CameraId(0),
                mode: Mode::Live,
                max_fps: 0,
                tiles: false,
                pictures: true
            }
        );
    }

    #[test]
    fn pictures_come_unless_they_are_refused() {
        let read = |rest: &str| {
            let text = [r#"{"t":"subscribe","camera":0,"mode":"motion""#, rest, "}"].concat();
            let Ok(ClientMessage::Subscribe { pictures, .. }) = serde_json::from_str(&text) else { panic!("{text}") };
            pictures
        };
        assert!(read("") && read(r#","pictures":true"#) && !read(r#","pictures":false"#));
    }

    #[test]
    fn a_later_servers_messages_and_fields_are_no_harm() {
        let read = |text: &str| serde_json::from_str::<ServerMessage>(text).ok();
        assert_eq!(
            read(r#"{"n":[{}],"t":"viewers","count":3,"more":null}"#),
            Some(ServerMessage::Viewers { count: 3 })
        );
        for text in [r#"{"t":"tune"}"#, r#"{"t":"viewers"}"#, r#"{"count":3}"#, r#"{"t":"bar","camera":0}"#, "[]"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn unknown_messages_and_fields_are_refused() {
        for text in [r#"{"t":"root"}"#, r#"{"t":"ack","camera":0,"seq":1,"x":2}"#, "{}", "[]"] {
            assert!(serde_json::from_str::<ClientMessage>(text).is_err(), "{text}");
        }
    }
}
