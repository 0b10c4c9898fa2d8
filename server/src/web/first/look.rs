//! What the page that asks will look at: from its address, and from what it said of itself in a cookie.

use axum::http::{HeaderMap, header};
use rtm2_app::{CameraId, Timestamp};

/// The cookie in which the page says how it looks at things: minutes that its clocks are east of UTC, and the camera that was
/// looked at last, with `_` between them (`frontend/src/pwa/pwa.js`). Nothing in it is secret.
const COOKIE: &str = "rtm2-look";
/// Clocks are at most this far from UTC, in minutes.
const FURTHEST: i32 = 15 * 60;

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// The camera.
    pub(super) camera: CameraId,
    /// The frame that the address names.
    pub(super) at: Option<Timestamp>,
    /// Minutes that the viewer's clocks are east of UTC; `None` if they did not say.
    pub(super) zone: Option<i32>,
}

impl Look {
    /// What is asked for. What cannot be understood counts as not said, as in the page.
    pub(super) fn of(query: Option<&str>, headers: &HeaderMap) -> Self {
        let mut look = Self::default();
        if let Some((zone, camera)) = said(headers) {
            (look.zone, look.camera) = (zone, camera.unwrap_or_default());
        }
        for (name, value) in query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            let time = |in_us: i64| {
                let number = value.parse::<i64>().ok().filter(|at| *at >= 0);
                number.and_then(|at| at.checked_mul(in_us)).map(Timestamp)
            };
            match name {
                "camera" => look.camera = value.parse().unwrap_or(look.camera),
                "at" => look.at = time(1),
                "t" => look.at = time(1_000),
                _ => {}
            }
        }
        look
    }
}

/// The cookie's parts.
fn said(headers: &HeaderMap) -> Option<(Option<i32>, Option<CameraId>)> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (zone, camera) = pairs.find(|(name, _)| *name == COOKIE)?.1.split_once('_')?;
    let zone = zone.parse().ok().filter(|minutes: &i32| minutes.abs() <= FURTHEST);
    Some((zone, camera.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(query: Option<&str>, cookie: &str) -> Look {
        Look::of(query, &HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]))
    }

    #[test]
    fn the_address_goes_before_the_cookie() {
        let (camera, at) = (CameraId(2), Some(Timestamp(5_000)));
        assert_eq!(look(None, "a=b; rtm2-look=-90_2"), Look { camera, at: None, zone: Some(-90) });
        assert_eq!(look(Some("t=5&camera=2"), "rtm2-look=60_1"), Look { camera, at, zone: Some(60) });
        assert_eq!(look(Some("camera=2&at=5000"), ""), Look { camera, at, zone: None });
    }

    #[test]
    fn nonsense_is_not_said() {
        let odd = ["camera=&at=x&t", "at=-5", "t=9223372036854775807", "camera=70000", "%%%=1&camera=%32"];
        for query in odd {
            assert_eq!(look(Some(query), "rtm2-look=9999_x; rtm2-look"), Look::default(), "{query}");
        }
        assert_eq!(look(None, "rtm2-look=<b>_<i>"), Look::default());
    }
}
