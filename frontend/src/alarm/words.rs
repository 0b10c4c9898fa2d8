//! What the alarm says.

use rtm2_app::alarm::{Cause, Trouble};
use rtm2_app::{CameraId, CameraInfo, Timestamp};

use crate::pages::history::data;

/// What is the matter, in a few words.
pub fn headline(cause: Cause, cameras: &[CameraInfo]) -> String {
    let named = |camera: CameraId| {
        let name = cameras.iter().find(|info| info.id == camera).map(|info| info.name.clone());
        name.unwrap_or_else(|| ["camera ", &camera.to_string()].concat())
    };
    match cause {
        Cause::Motion(camera, _) => match zone(cause, cameras) {
            Some(zone) => ["Motion detected: ", &named(camera), ", ", zone].concat(),
            None => ["Motion detected: ", &named(camera)].concat(),
        },
        Cause::Trouble(Trouble::Link) => "Connection to the server lost".to_owned(),
        Cause::Trouble(Trouble::Camera(camera)) => ["No pictures from ", &named(camera)].concat(),
        Cause::Trouble(Trouble::Detector(camera)) => ["Nothing is detected any more: ", &named(camera)].concat(),
        Cause::Trouble(Trouble::Disk) => "Recordings cannot be written".to_owned(),
    }
}

/// The camera that something is about.
pub fn camera(cause: Cause) -> Option<CameraId> {
    match cause {
        Cause::Motion(camera, _) | Cause::Trouble(Trouble::Camera(camera) | Trouble::Detector(camera)) => Some(camera),
        Cause::Trouble(Trouble::Link | Trouble::Disk) => None,
    }
}

/// The name of the zone that something moves in.
pub fn zone(cause: Cause, cameras: &[CameraInfo]) -> Option<&str> {
    let Cause::Motion(camera, Some(zone)) = cause else { return None };
    let info = cameras.iter().find(|info| info.id == camera)?;
    info.zones.get(usize::from(zone)).map(String::as_str)
}

/// Address of the page that shows a frame.
pub fn address(frame: Option<(CameraId, Timestamp)>) -> String {
    frame.map_or_else(|| "/alarm".to_owned(), |(camera, at)| data::link(camera, at))
}
