//! Every target gives the same verdicts: run natively and, with a wasm-bindgen test runner, in wasm.

use rtm2_detect::golden::{CLASSIC, STEADY, golden};

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn classic_gives_the_golden_verdicts() {
    compare("classic", CLASSIC);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn steady_gives_the_golden_verdicts() {
    compare("steady", STEADY);
}

fn compare(name: &str, wanted: &str) {
    let Ok(got) = golden(name) else { panic!("there is no detector `{name}`") };
    for (got, wanted) in got.lines().zip(wanted.lines()) {
        assert_eq!(got, wanted);
    }
    assert_eq!(got.len(), wanted.len());
}
