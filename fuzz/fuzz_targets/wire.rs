//! Whatever arrives is a message that can be written again, or refused; nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtm2_app::wire::{ClientMessage, FrameRef};

fuzz_target!(|message: &[u8]| {
    if let Ok(frame) = FrameRef::parse(message) {
        let mut again = Vec::new();
        frame.header.encode(&mut again);
        again.extend_from_slice(frame.jpeg);
        let parsed = FrameRef::parse(&again).expect("a header that was parsed can be written and parsed");
        assert_eq!(parsed, frame);
    }
    if let Ok(control) = serde_json::from_slice::<ClientMessage>(message) {
        let text = serde_json::to_string(&control).expect("a message that was read can be written");
        assert_eq!(serde_json::from_str::<ClientMessage>(&text).expect("and read again"), control);
    }
});
