//! Every target gives the same verdicts: run natively and, with a wasm-bindgen test runner, in wasm.

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn classic_gives_the_golden_verdicts() {
    let got = rtm2_detect::golden::golden("classic").expect("classic is known");
    for (got, wanted) in got.lines().zip(rtm2_detect::golden::CLASSIC.lines()) {
        assert_eq!(got, wanted);
    }
    assert_eq!(got.len(), rtm2_detect::golden::CLASSIC.len());
}
