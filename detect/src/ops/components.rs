//! Connected areas of a mask: runs of set pixels, joined row by row by union and find.

use alloc::vec::Vec;

/// A connected area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Blob {
    /// First row.
    pub(crate) top: u16,
    /// First column.
    pub(crate) left: u16,
    /// The row after the last.
    pub(crate) bottom: u16,
    /// The column after the last.
    pub(crate) right: u16,
    /// Set pixels.
    pub(crate) area: u32,
}

/// A horizontal run of set pixels.
struct Run {
    row: u16,
    start: u16,
    /// The column after the last.
    end: u16,
    /// A run of the same area with a smaller or the same index.
    parent: u32,
    /// Its area's index in `blobs`.
    blob: u32,
}

/// A horizontal run of set pixels and the area that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) row: usize,
    pub(crate) start: usize,
    /// The column after the last.
    pub(crate) end: usize,
    /// Index into [`Components::blobs`].
    pub(crate) blob: usize,
}

/// The place of the first set pixel: most rows have none, so eight are looked at in one go.
fn first_set(row: &[u8]) -> Option<usize> {
    let (eights, _) = row.as_chunks();
    let empty = eights.iter().take_while(|&&eight| u64::from_ne_bytes(eight) == 0).count() * 8;
    row[empty..].iter().position(|&pixel| pixel != 0).map(|at| empty + at)
}

/// Finds the areas of masks of one size; pixels that touch at a corner belong together.
pub(crate) struct Components {
    width: usize,
    runs: Vec<Run>,
    blobs: Vec<Blob>,
}

impl Components {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        // The most there can be, so that no mask makes them grow.
        let runs = Vec::with_capacity(width.div_ceil(2) * height);
        let blobs = Vec::with_capacity(width.div_ceil(2) * height.div_ceil(2));
        Self { width, runs, blobs }
    }

    /// The areas of `mask`, in the order of their first pixels. May be sorted in place by the caller.
    pub(crate) fn find(&mut self, mask: &[u8]) -> &mut [Blob] {
        self.runs.clear();
        self.blobs.clear();
        if self.width > 0 {
            let mut above = 0;
            for (y, row) in mask.chunks_exact(self.width).enumerate() {
                let first = self.runs.len();
                self.collect_runs(row, y as u16);
                self.join(above, first);
                above = first;
            }
            self.collect_blobs();
        }
        &mut self.blobs
    }

    /// The areas that [`Self::find`] found, in its order as long as the caller did not sort them.
    pub(crate) fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// The runs of all areas, row by row. Their indices mean nothing once the areas were sorted.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.runs.iter().map(|run| Span {
            row: usize::from(run.row),
            start: usize::from(run.start),
            end: usize::from(run.end),
            blob: run.blob as usize,
        })
    }

    fn collect_runs(&mut self, row: &[u8], y: u16) {
        let mut at = 0;
        while let Some(gap) = first_set(&row[at..]) {
            let start = at + gap;
            let length = row[start..].iter().position(|&pixel| pixel == 0).unwrap_or(row.len() - start);
            at = start + length;
            let parent = self.runs.len() as u32;
            self.runs.push(Run { row: y, start: start as u16, end: at as u16, parent, blob: 0 });
        }
    }

    /// Joins the runs from `first` on with those of the row above, `above..first`, that they touch.
    fn join(&mut self, above: usize, first: usize) {
        let mut candidate = above;
        for current in first..self.runs.len() {
            let (start, end) = (self.runs[current].start, self.runs[current].end);
            while candidate < first && self.runs[candidate].end < start {
                candidate += 1;
            }
            let mut touching = candidate;
            while touching < first && self.runs[touching].start <= end {
                self.union(touching as u32, current as u32);
                touching += 1;
            }
        }
    }

    fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.runs[a.max(b) as usize].parent = a.min(b);
    }

    fn root(&mut self, mut run: u32) -> u32 {
        loop {
            let parent = self.runs[run as usize].parent;
            if parent == run {
                return run;
            }
            let grandparent = self.runs[parent as usize].parent;
            self.runs[run as usize].parent = grandparent;
            run = grandparent;
        }
    }

    fn collect_blobs(&mut self) {
        for index in 0..self.runs.len() {
            let root = self.root(index as u32) as usize;
            let Run { row, start, end, .. } = self.runs[index];
            if root == index {
                self.runs[index].blob = self.blobs.len() as u32;
                self.blobs.push(Blob { top: row, left: start, bottom: row, right: end, area: 0 });
            }
            let owner = self.runs[root].blob;
            self.runs[index].blob = owner;
            let blob = &mut self.blobs[owner as usize];
            blob.left = blob.left.min(start);
            blob.right = blob.right.max(end);
            blob.bottom = row + 1;
            blob.area += u32::from(end - start);
        }
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.runs.capacity() * size_of::<Run>() + self.blobs.capacity() * size_of::<Blob>()
    }

    #[cfg(test)]
    pub(crate) fn capacities(&self) -> [usize; 2] {
        [self.runs.capacity(), self.blobs.capacity()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Flood fill, as plain as can be.
    fn flooded(mask: &[u8], width: usize) -> Vec<Blob> {
        let height = mask.len() / width;
        let mut left_over = mask.to_vec();
        let mut blobs = Vec::new();
        for seed in 0..mask.len() {
            if left_over[seed] == 0 {
                continue;
            }
            left_over[seed] = 0;
            let mut open = vec![seed];
            let mut blob = Blob { top: u16::MAX, left: u16::MAX, bottom: 0, right: 0, area: 0 };
            while let Some(at) = open.pop() {
                let (x, y) = (at % width, at / width);
                blob.top = blob.top.min(y as u16);
                blob.left = blob.left.min(x as u16);
                blob.bottom = blob.bottom.max(y as u16 + 1);
                blob.right = blob.right.max(x as u16 + 1);
                blob.area += 1;
                for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                    for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                        let near = near_y * width + near_x;
                        if core::mem::take(&mut left_over[near]) != 0 {
                            open.push(near);
                        }
                    }
                }
            }
            blobs.push(blob);
        }
        blobs
    }

    proptest! {
        #[test]
        fn equals_flood_fill(
            (width, mask) in (1_usize..30, 1_usize..30)
                .prop_flat_map(|(w, h)| (Just(w), prop::collection::vec(0_u8..2, w * h))),
            sparse: bool,
        ) {
            let mask: Vec<u8> = mask.iter().enumerate().map(|(i, &v)| if sparse && i % 3 == 0 { 0 } else { v }).collect();
            let mut components = Components::new(width, mask.len() / width);
            let before = components.capacities();
            let mut found = components.find(&mask).to_vec();
            let mut wanted = flooded(&mask, width);
            found.sort_unstable();
            wanted.sort_unstable();
            prop_assert_eq!(found, wanted);
            prop_assert_eq!(components.capacities(), before);
        }
    }

    #[test]
    fn the_most_scattered_masks_fit_what_is_reserved() {
        for step in [1, 2] {
            let mut components = Components::new(33, 17);
            let before = components.capacities();
            let mask: Vec<u8> = (0..33 * 17).map(|i| u8::from(i % 33 % 2 == 0 && i / 33 % step == 0)).collect();
            assert_eq!(components.find(&mask).len(), if step == 1 { 17 } else { 17 * 9 });
            assert_eq!(components.capacities(), before);
        }
    }
}
