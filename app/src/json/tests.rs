use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Unfit, read, write};
use crate::http::{Bars, EventList, MarkEvent, Storage};
use crate::push::{Change, Filters, Quiet};
use crate::wire::{ClientMessage, ServerMessage};
use crate::{Bar, CameraId, CameraInfo, CameraState, Event, FrameInfo, Mode, Region, Timestamp};

/// What `serde_json` says of the same text.
fn both<T: for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(text: &str) -> Option<T> {
    let ours = read(text).ok();
    assert_eq!(ours, serde_json::from_str(text).ok(), "{text}");
    ours
}

/// Written by either, read by either.
fn there_and_back<T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(value: &T) {
    let theirs = serde_json::to_string(value).unwrap();
    assert_eq!(read::<T>(&theirs).as_ref(), Ok(value), "{theirs}");
    let ours = write(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&ours).unwrap(), value, "{ours}");
}

fn event() -> Event {
    let boxes = [Region { x: 1, y: 2, w: 3, h: 4, strength: 5 }];
    Event { label: "“a\\\"\n\u{1}😀".into(), ..Event::of_frame(CameraId(1), Timestamp(-5), 9, &boxes) }
}

#[test]
fn bodies_of_the_api_go_there_and_back() {
    let bars = vec![Bar { start: Timestamp(1_700_000_000_000_000), count: u32::MAX, first: Timestamp(i64::MIN) }];
    there_and_back(&Bars {
        camera: CameraId(2),
        bucket_us: 1,
        bars,
        extent: Some((Timestamp(0), Timestamp(i64::MAX))),
    });
    there_and_back(&EventList { events: vec![event(), event()], next: None });
    there_and_back(&MarkEvent { pinned: Some(false), label: Some(String::new()), zone: None });
    there_and_back(&FrameInfo {
        camera: CameraId(0),
        at: Timestamp(7),
        seq: u64::MAX,
        width: 640,
        height: 480,
        score: 0,
        bytes: 9,
        boxes: vec![Region::default(); 2],
        motion: true,
    });
    let quiet = Some(Quiet { from: 0, to: 5, zone: "Europe/Berlin".into() });
    let filters = Filters { cameras: vec![CameraId(3)], quiet, cooldown_s: 60, ..Filters::default() };
    for change in [Change::Filter { filters }, Change::Test, Change::Rename { name: "Phöne".into() }] {
        let text = write(&change).unwrap();
        assert_eq!(text, serde_json::to_string(&change).unwrap());
    }
}

#[test]
fn messages_of_the_socket_go_there_and_back() {
    let lost = CameraState::Lost { since: Timestamp(4), reason: "no \"signal\"".into() };
    let camera = CameraInfo {
        id: CameraId(0),
        name: "Door".into(),
        source: "demo:".into(),
        demo: true,
        state: lost.clone(),
        zones: vec!["gate".into()],
    };
    let user = crate::wire::UserInfo { name: "a".into(), admin: true };
    there_and_back(&ServerMessage::Hello {
        protocol: 1,
        build: "b".into(),
        now: Timestamp(1),
        window: 2,
        user,
        cameras: vec![camera],
    });
    there_and_back(&ServerMessage::State { camera: CameraId(0), state: lost });
    there_and_back(&ServerMessage::Storage { fault: None });
    there_and_back(&ServerMessage::Heartbeat);
    let subscribe =
        ClientMessage::Subscribe { camera: CameraId(0), mode: Mode::Live, max_fps: 0, tiles: true, pictures: false };
    for message in [subscribe, ClientMessage::Seen { upto: Timestamp(-1) }] {
        assert_eq!(write(&message).unwrap(), serde_json::to_string(&message).unwrap());
    }
}

#[test]
fn numbers_are_those_that_serde_json_reads() {
    let whole = ["0", "-0", "01", "-", "+1", "255", "256", "9223372036854775807", "-9223372036854775808"];
    let large = ["18446744073709551615", "18446744073709551616", "-9223372036854775809", "1.", "1.5", "1e2", ".5"];
    for text in whole.into_iter().chain(large) {
        both::<u8>(text);
        both::<i64>(text);
        both::<u64>(text);
    }
    for text in ["0.5", "-12.75", "1e3", "1E-2", "2.5e+2", "1e", "1e+", "0.0", "1e400x"] {
        both::<f64>(text);
    }
    let text = r#"{"bytes":1,"frames":2,"days_left":2.5625001,"more":[{}, [1e5], "x"]}"#;
    let storage: Storage = read(text).unwrap();
    assert!((storage.days_left.unwrap() - 2.562_500_1).abs() < 1e-9);
    assert_eq!((storage.bytes, storage.budget_bytes, storage.frames), (1, None, 2));
}

#[test]
fn what_is_not_json_or_not_of_the_type_is_refused() {
    let texts = [
        "",
        " ",
        "nul",
        "null",
        "[1,2",
        "[1,,2]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1]]",
        "[1] x",
        "{\"a\":1}",
        "[\"a\"]",
        "[300]",
        "[-1]",
        " [ 1 , 2 ]\r\n\t",
    ];
    for text in texts {
        both::<Vec<u8>>(text);
    }
    let strings = [
        r#""\u00e4\ud83d\ude00\/\b\f\n\r\t\"\\""#,
        r#""\ud83d""#,
        r#""\ud83dx""#,
        r#""\ud83d\u0041""#,
        r#""\udc00""#,
        r#""\u+123""#,
        r#""\u12""#,
        r#""\x""#,
        "\"\n\"",
        "\"",
        "\"\\",
        "\"ä\\u00ä\"",
    ];
    for text in strings {
        both::<String>(text);
    }
    for text in [r#""live""#, r#""LIVE""#, "1", r#"{"live":null}x"#] {
        assert_eq!(read::<Mode>(text).ok(), serde_json::from_str(text).ok(), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(read::<serde::de::IgnoredAny>(&deep).map(|_| ()), Err(Unfit));
}

#[test]
fn what_the_api_has_not_is_not_written() {
    assert_eq!(write(&1.5), Err(Unfit));
    assert_eq!(write(&std::collections::BTreeMap::from([("a", 1)])), Err(Unfit));
    assert_eq!(write(&('a', (), None::<u8>, -3_i8)).as_deref(), Ok(r#"["a",null,null,-3]"#));
}

proptest! {
    #[test]
    fn any_text_reads_alike(text in r#"[\[\]{},:"\\a-f0-9nulte \.\-+ä]{0,24}"#) {
        both::<Vec<Option<i32>>>(&text);
        both::<String>(&text);
        both::<(bool, u16)>(&text);
    }

    #[test]
    fn any_string_goes_there_and_back(text in any::<String>(), number in any::<i64>()) {
        there_and_back(&(text, number));
    }
}
