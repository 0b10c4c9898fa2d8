//! Loops over planes, natively compiled twice.

/// Does `$work`, a block of loops, in the form that was compiled for the processor at hand: on x86-64 for AVX2 where there
/// is, elsewhere for the plainest of the target. What comes out is the same.
///
/// A macro, since the block must stand twice in the source: compilers make what is called from two places a function of
/// its own, and that would be one for the plainest processor. For the same reason it should hold loops rather than calls.
macro_rules! vectorised {
    ($work:block) => {{
        #[cfg(target_arch = "x86_64")]
        {
            match pulp::x86::V3::try_new() {
                Some(processor) => processor.vectorize(|| $work),
                None => $work,
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        $work
    }};
}

pub(crate) use vectorised;
