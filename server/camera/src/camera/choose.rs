//! Which of a camera's formats to take.
#![cfg_attr(not(all(feature = "v4l", target_os = "linux")), allow(dead_code))]

use crate::address::CameraFormat;

/// What is taken where nothing is said: enough to see a person across a room, little enough for a small computer.
const USUAL_SIZE: (u16, u16) = (640, 480);
const USUAL_FPS: f64 = 30.0;

/// A format and size that a camera can give, with its rates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    pub(super) format: CameraFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fps: Vec<f64>,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) format: CameraFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fps: u32,
}

/// What the settings say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish {
    pub(super) format: Option<CameraFormat>,
    pub(super) size: Option<(u16, u16)>,
    pub(super) fps: Option<u16>,
}

/// The offer that comes nearest: the format wanted, else MJPEG, which costs least; then the size, then the rate.
pub(super) fn choose(offers: &[Offer], wish: Wish) -> Option<Choice> {
    let rank = |format: CameraFormat| match format {
        _ if wish.format == Some(format) => 0,
        CameraFormat::Mjpeg => 1,
        CameraFormat::Yuyv => 2,
        CameraFormat::Nv12 => 3,
        CameraFormat::Rgb => 4,
        CameraFormat::Bgr => 5,
    };
    let (width, height) = wish.size.unwrap_or(USUAL_SIZE);
    let off = |side: u32, wanted: u16| u64::from(side.abs_diff(u32::from(wanted))).pow(2);
    let distance = |offer: &Offer| off(offer.width, width) + off(offer.height, height);
    // Cameras often offer a size at few pictures a second raw and at many as MJPEG: the size decides first.
    let best = offers.iter().min_by_key(|offer| (rank(offer.format), distance(offer)))?;
    let fps = rate(&best.fps, wish.fps);
    Some(Choice { format: best.format, width: best.width, height: best.height, fps })
}

/// The rate nearest to the one wanted; without one, the highest up to 30. Whole numbers only: nokhwa knows no others.
fn rate(offered: &[f64], wanted: Option<u16>) -> u32 {
    let target = wanted.map_or(USUAL_FPS, f64::from);
    let distance = |fps: f64| (fps - target).abs() + if wanted.is_none() && fps > target { 1000.0 } else { 0.0 };
    let whole = offered.iter().copied().filter(|fps| fps.fract() == 0.0 && *fps >= 1.0);
    whole.min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap_or(target) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(format: CameraFormat, width: u32, height: u32, fps: &[f64]) -> Offer {
        Offer { format, width, height, fps: fps.to_vec() }
    }

    #[test]
    fn mjpeg_wins_then_size_then_rate() {
        use CameraFormat::{Mjpeg, Nv12, Yuyv};
        let offers = [
            offer(Yuyv, 640, 480, &[30.0]),
            offer(Mjpeg, 1920, 1080, &[30.0, 60.0]),
            offer(Mjpeg, 800, 600, &[60.0, 29.97, 24.0, 7.5]),
            offer(Nv12, 640, 480, &[12.5]),
        ];
        let taken = |wish| choose(&offers, wish).map(|c| (c.format, c.width, c.fps)).unwrap();
        assert_eq!(taken(Wish::default()), (Mjpeg, 800, 24));
        assert_eq!(taken(Wish { fps: Some(50), ..Wish::default() }), (Mjpeg, 800, 60));
        assert_eq!(taken(Wish { size: Some((2000, 1000)), ..Wish::default() }), (Mjpeg, 1920, 30));
        assert_eq!(taken(Wish { format: Some(Yuyv), ..Wish::default() }), (Yuyv, 640, 30));
        assert_eq!(taken(Wish { format: Some(CameraFormat::Bgr), ..Wish::default() }), (Mjpeg, 800, 24));
        assert_eq!(taken(Wish { format: Some(Nv12), fps: Some(10), ..Wish::default() }), (Nv12, 640, 10));
        assert_eq!(choose(&offers[..1], Wish::default()).unwrap().format, Yuyv);
        assert_eq!(choose(&[], Wish::default()), None);
    }
}
