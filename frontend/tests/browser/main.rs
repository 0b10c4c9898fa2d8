//! Tests of the page in a real browser. The network is replaced by `fake.js`, which counts what the page registers.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alarm;
mod fake;
mod header;
mod modes;
mod painter;
mod safety;
mod socket;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
