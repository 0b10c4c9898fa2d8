//! How long a frame takes in a browser. Printed and not judged: that is for whoever reads it on a quiet machine.
#![cfg(target_arch = "wasm32")]

use rtm2_detect::{Geometry, Settings, create, walk};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

#[wasm_bindgen_test]
fn milliseconds_a_frame_with_a_person_in_the_picture() {
    let (geometry, _) = Geometry::for_source(640, 480);
    let frames = walk::frames(geometry);
    for name in ["steady", "classic"] {
        let Ok(mut detector) = create(name, geometry, &Settings::default()) else { panic!("there is no `{name}`") };
        let mut seen = 0;
        let mut rounds: Vec<f64> = (0..6_i64)
            .map(|round| {
                let start = js_sys::Date::now();
                for (n, luma) in frames.iter().enumerate() {
                    let at = (round * walk::FRAMES as i64 + n as i64) * 1_000_000 / walk::FPS;
                    seen += usize::from(detector.update(luma, at).motion);
                }
                (js_sys::Date::now() - start) / walk::FRAMES as f64
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        assert!(seen > walk::FRAMES, "{name} saw the person in {seen} frames only");
        console_log!("{name}: {:.3} ms a frame in wasm, the median of six rounds", rounds[3]);
    }
}
