//! The first chart that the server drew into the document of `/history`, to be seen until the page has painted its own.

use rtm2_app::CameraId;
use web_sys::Element;

fn element() -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id("first")
}

/// Takes it away, if there is one.
pub fn take_away() {
    if let Some(first) = element() {
        first.remove();
    }
}

/// Takes it away if it is not of this camera.
pub fn keep_only(camera: CameraId) {
    if element().is_some_and(|first| first.get_attribute("data-camera") != Some(camera.to_string())) {
        take_away();
    }
}
