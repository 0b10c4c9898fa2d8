//! Small things that must not go wrong.

use rtm2_frontend::pages::live::readouts::rate;
use rtm2_frontend::pages::login::{login_address, safe_next};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_login_leads_to_pages_of_ours_only() {
    for next in ["/", "/history", "/history?from=1&to=2", "/settings#x"] {
        assert_eq!(safe_next(Some(next)), next);
    }
    for next in ["", "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"] {
        assert_eq!(safe_next(Some(next)), "/", "{next}");
    }
    assert_eq!(safe_next(None), "/");
    assert_eq!(login_address("/"), "/login");
    assert_eq!(login_address("/history?a=1&b=2"), "/login?next=%2Fhistory%3Fa%3D1%26b%3D2");
}

#[wasm_bindgen_test]
fn traffic_reads_well() {
    let shown = [0, 999, 1_000, 34_567, 999_999, 2_050_000].map(rate);
    assert_eq!(shown, ["0 B/s", "999 B/s", "1.0 kB/s", "34.5 kB/s", "999.9 kB/s", "2.0 MB/s"]);
}
