//! Which cells of a frame have to be sent.

use super::cells::{Grid, Look, Shown};

/// Of this many cells one may be refreshed in a frame before it must be.
const CELLS_FOR_ONE_REFRESH: usize = 600;
/// Beyond this distance, in percent of what is allowed, a cell may be refreshed.
const WORTH_REFRESHING: i32 = 75;

/// What was sent of a picture that keeps its size.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    shown: Shown,
    /// The cell that is refreshed next whether it changed or not, so that no trace stays for ever.
    turn: usize,
    /// Cells that may be refreshed, with their distances. Kept for its memory.
    candidates: Vec<(i32, usize)>,
}

impl Ledger {
    /// The whole picture was sent.
    pub(super) fn all_sent(&mut self, now: &[Look]) {
        self.shown.all(now);
    }

    /// Adds to `send`, which holds the cells of regions, what has drifted too far or is worth refreshing.
    pub(super) fn choose(&mut self, grid: Grid, now: &[Look], send: &mut [bool]) {
        self.candidates.clear();
        let candidates = &mut self.candidates;
        self.shown.far(now, WORTH_REFRESHING, |cell, distance| match send.get_mut(cell) {
            Some(send) if distance > 100 => *send = true,
            Some(send) if !*send => candidates.push((distance, cell)),
            _ => {}
        });
        self.candidates.sort_unstable_by(|a, b| b.cmp(a));
        for &(_, cell) in self.candidates.iter().take(1 + grid.cells() / CELLS_FOR_ONE_REFRESH) {
            send[cell] = true;
        }
        if let Some(send) = send.get_mut(self.turn) {
            *send = true;
        }
        self.turn = (self.turn + 1) % grid.cells().max(1);
    }

    /// The chosen cells were sent.
    pub(super) fn sent(&mut self, now: &[Look], send: &[bool]) {
        self.shown.next(now, send);
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::LIMITS;
    use super::*;
    use proptest::prelude::*;

    const GRID: Grid = Grid { columns: 4, rows: 3 };

    /// What happens to a cell from one frame to the next.
    #[derive(Clone, Debug)]
    enum Change {
        Noise(i16),
        Jump(i16),
        Drift(i16),
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            8 => (-3i16..=3).prop_map(Change::Noise),
            1 => (-900i16..=900).prop_map(Change::Jump),
            3 => (-9i16..=9).prop_map(Change::Drift),
        ]
    }

    /// A frame: each cell's change, which cells are in a region, whether the whole picture goes, and which of three viewers
    /// get it.
    type Frame = (Vec<Change>, Vec<bool>, bool, [bool; 3]);

    fn frames() -> impl Strategy<Value = Vec<Frame>> {
        let cells = GRID.cells();
        let frame = (
            proptest::collection::vec(change(), cells),
            proptest::collection::vec(prop::bool::weighted(0.1), cells),
            prop::bool::weighted(0.05),
            prop::array::uniform3(prop::bool::weighted(0.7)),
        );
        proptest::collection::vec(frame, 1..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn nobody_is_shown_more_than_the_limits_off(frames in frames()) {
            let mut ledger = Ledger::default();
            let mut settled = vec![[0i16; 8]; GRID.cells()];
            let mut known: Option<usize> = None;
            // What each viewer is shown, and since which frame.
            let mut viewers: [Option<(usize, Vec<Look>)>; 3] = [None, None, None];
            for (n, (changes, regions, whole, gets)) in frames.iter().enumerate() {
                let now: Vec<Look> = settled.iter_mut().zip(changes).enumerate().map(|(cell, (look, change))| match change {
                    Change::Noise(by) => look.map(|value| value + by * (cell as i16 % 3)),
                    Change::Jump(by) | Change::Drift(by) => {
                        // All but the part that is not looked at.
                        look[..7].iter_mut().for_each(|value| *value = (*value + by).clamp(-1000, 1000));
                        *look
                    }
                }).collect();
                let mut send = regions.clone();
                let base = known.replace(n).filter(|_| !whole);
                if base.is_some() {
                    ledger.choose(GRID, &now, &mut send);
                    ledger.sent(&now, &send);
                } else {
                    ledger.all_sent(&now);
                }
                for (viewer, gets) in viewers.iter_mut().zip(gets) {
                    if !gets {
                        continue;
                    }
                    match viewer {
                        Some((shows, looks)) if base == Some(*shows) => {
                            *shows = n;
                            for (cell, _) in send.iter().enumerate().filter(|&(_, &sent)| sent) {
                                looks[cell] = now[cell];
                            }
                        }
                        _ => *viewer = Some((n, now.clone())),
                    }
                    let Some((_, looks)) = viewer else { continue };
                    for (cell, (shown, now)) in looks.iter().zip(&now).enumerate() {
                        prop_assert!(!regions[cell] || shown == now, "a region's cell is of this frame");
                        for i in 0..7 {
                            let off = (i32::from(shown[i]) - i32::from(now[i])).abs();
                            prop_assert!(off <= i32::from(LIMITS[i]), "{off} of {} at {i}", LIMITS[i]);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_still_picture_is_refreshed_one_cell_at_a_time() {
        let mut ledger = Ledger::default();
        let now = vec![[40; 8]; GRID.cells()];
        ledger.all_sent(&now);
        for turn in 0..2 * GRID.cells() {
            let mut send = vec![false; GRID.cells()];
            ledger.choose(GRID, &now, &mut send);
            ledger.sent(&now, &send);
            assert_eq!(send.iter().position(|&sent| sent), Some(turn % GRID.cells()));
            assert_eq!(send.iter().filter(|&&sent| sent).count(), 1);
        }
    }
}
