//! Names in the order that people count in: `2.jpg` before `10.jpg`.

use std::cmp::Ordering;
use std::ffi::OsStr;

/// Compares names; runs of digits by their number. Equal only for equal names.
pub(super) fn compare(one: &OsStr, other: &OsStr) -> Ordering {
    let (one, other) = (one.as_encoded_bytes(), other.as_encoded_bytes());
    let (mut left, mut right) = (one, other);
    while let (Some(first), Some(second)) = (left.first(), right.first()) {
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (first, second) = (digits(&mut left), digits(&mut right));
            first.len().cmp(&second.len()).then_with(|| first.cmp(second))
        } else {
            let order = first.to_ascii_lowercase().cmp(&second.to_ascii_lowercase());
            (left, right) = (&left[1..], &right[1..]);
            order
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// Takes the digits at the start, without leading zeros.
fn digits<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let n = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, after) = rest.split_at(n);
    *rest = after;
    &number[number.iter().take_while(|&&byte| byte == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count() {
        let mut names = ["b10", "b9", "a", "B1", "b010", "b1x", "99999999999999999999999", "b"].map(OsStr::new);
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["99999999999999999999999", "a", "b", "B1", "b1x", "b9", "b010", "b10"].map(OsStr::new));
    }
}
