//! Whatever a camera sends is scanned or refused; what was scanned is cut, and the cut is scanned again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtm2_tiles::{Rect, Scale, Scanner};

fuzz_target!(|jpeg: &[u8]| {
    let mut scanner = Scanner::new();
    for scale in [Scale::Quarter, Scale::Eighth, Scale::None] {
        let Ok(scanned) = scanner.scan(jpeg, scale) else { return };
        let shape = scanned.shape();
        let (columns, rows) = (shape.columns() as u16, shape.rows() as u16);
        let corners = [
            Rect { x: 0, y: 0, width: 1, height: 1 },
            Rect { x: columns - 1, y: rows - 1, width: 1, height: 1 },
            Rect { x: columns / 3, y: rows / 3, width: columns - columns / 3, height: rows - rows / 3 },
        ];
        if let Ok(sheet) = scanned.cut(&corners) {
            let again = Scanner::new().scan(&sheet.jpeg(), Scale::None).map(rtm2_tiles::Scanned::shape);
            let again = again.expect("a sheet can be scanned");
            assert_eq!((again.mcu_width, again.mcu_height), (shape.mcu_width, shape.mcu_height));
        }
    }
});
