//! When a viewer gives back credit.

/// Frames whose credit goes back at once. Every message wakes the server, which of a small picture is a fifth of what it costs to
/// send; with this few a link of 100 ms is still filled, see [`super::WINDOW`].
const TOGETHER: u16 = 2;

/// The credit that one viewer holds back on a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    owed: u16,
}

impl Credit {
    /// Another frame was shown or thrown away. Whether it is time to acknowledge all of them up to here.
    pub fn is_due(&mut self) -> bool {
        self.owed = (self.owed + 1) % TOGETHER;
        self.owed == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::WINDOW;

    #[test]
    fn every_other_frame_gives_back_the_credit_of_two() {
        let mut credit = Credit::default();
        assert_eq!([(); 6].map(|()| credit.is_due()), [false, true, false, true, false, true]);
    }

    #[test]
    fn a_link_of_a_tenth_of_a_second_is_filled_at_thirty_frames_a_second() {
        // A word comes back three frames after what it is about was sent.
        let (mut credit, mut outstanding, mut words) = (Credit::default(), 0, std::collections::VecDeque::from([0; 3]));
        for frame in 0..300 {
            outstanding -= words.pop_front().unwrap();
            assert!(outstanding < WINDOW, "frame {frame} has to wait");
            outstanding += 1;
            words.push_back(if credit.is_due() { TOGETHER } else { 0 });
        }
    }
}
