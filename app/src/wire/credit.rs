//! When a viewer gives back credit.

use crate::CameraId;

/// The credit that one viewer holds back on a connection: that of one frame at most. Every word wakes the server, which of a
/// small picture is a fifth of what it costs to send; two frames to a word still fill a link of 100 ms, see [`super::WINDOW`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    held: Option<(CameraId, u64)>,
}

impl Credit {
    /// Frame `seq` of a camera was shown or thrown away. Up to where the camera's frames are to be acknowledged now, if
    /// it is time.
    pub fn done(&mut self, camera: CameraId, seq: u64) -> Option<u64> {
        match self.held.take() {
            Some((held, other)) if held == camera => Some(other.max(seq)),
            // What was held of another camera went with its subscription.
            _ => {
                self.held = Some((camera, seq));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::wire::WINDOW;

    const CAMERA: CameraId = CameraId(0);

    #[test]
    fn every_other_frame_gives_back_the_credit_of_two() {
        let mut credit = Credit::default();
        let words = [1, 2, 3, 5, 4, 6].map(|seq| credit.done(CAMERA, seq));
        assert_eq!(words, [None, Some(2), None, Some(5), None, Some(6)]);
    }

    #[test]
    fn another_camera_begins_anew() {
        let mut credit = Credit::default();
        let words = [(0, 900), (1, 7), (1, 8)].map(|(camera, seq)| credit.done(CameraId(camera), seq));
        assert_eq!(words, [None, None, Some(8)]);
    }

    #[test]
    fn a_link_of_a_tenth_of_a_second_is_filled_at_thirty_frames_a_second() {
        // A word comes back three frames after what it is about was sent.
        let (mut credit, mut acknowledged, mut words) = (Credit::default(), 0, VecDeque::from([None; 3]));
        for seq in 1..=300 {
            acknowledged = words.pop_front().unwrap().unwrap_or(acknowledged);
            assert!(seq - acknowledged <= u64::from(WINDOW), "frame {seq} has to wait");
            words.push_back(credit.done(CAMERA, seq));
        }
    }
}
