//! Which pixels changed.

/// Writes 1 where `a` and `b` differ by more than `threshold`, else 0, and says how many did. Slices of different
/// lengths are compared over the shortest.
pub(crate) fn changed(a: &[u8], b: &[u8], threshold: u8, mask: &mut [u8]) -> usize {
    for ((mask, a), b) in mask.iter_mut().zip(a).zip(b) {
        *mask = u8::from(a.abs_diff(*b) > threshold);
    }
    // At most 255 ones are added up in a byte: sums of bytes are the ones that compile to wide instructions.
    mask.chunks(255).map(|ones| usize::from(ones.iter().sum::<u8>())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_and_counts_what_differs(
            pairs in prop::collection::vec(any::<(u8, u8)>(), 0..1_000),
            threshold: u8,
        ) {
            let (a, b): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
            let mut mask = vec![7; pairs.len()];
            let count = changed(&a, &b, threshold, &mut mask);
            let wanted: Vec<_> =
                pairs.iter().map(|&(a, b)| u8::from((i16::from(a) - i16::from(b)).abs() > i16::from(threshold))).collect();
            prop_assert_eq!(count, wanted.iter().map(|&v| usize::from(v)).sum::<usize>());
            prop_assert_eq!(mask, wanted);
        }
    }
}
