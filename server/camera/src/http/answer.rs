//! Reads what a camera answers before its pictures.

use std::error::Error as _;

use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::CONTENT_TYPE;

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Pictures one after the other.
    Stream,
    /// One picture, to be asked for again. Some cameras call their stream so, too.
    Picture,
}

/// What the answer holds, or why it is of no use, in words for the user.
pub(super) fn check(response: &Response) -> Result<Content, String> {
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(status));
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "image/jpeg" | "image/jpg" | "image/pjpeg" => Ok(Content::Picture),
        "" | "application/octet-stream" | "image/x-motion-jpeg" => Ok(Content::Stream),
        _ if kind.starts_with("multipart/") || kind.contains("jpeg") => Ok(Content::Stream),
        "text/html" | "application/xhtml+xml" => {
            Err("the camera answered with a web page; give the address of the stream \
            itself, such as /stream (ustreamer), :81/stream (ESP32-CAM) or /video (IP Webcam)"
                .to_owned())
        }
        other => Err(format!("the camera answered with {other}; only MJPEG streams and JPEG pictures are read")),
    }
}

fn refusal(status: StatusCode) -> String {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "the camera refuses this user name and password; write http://user:password@host/…".to_owned()
        }
        StatusCode::NOT_FOUND => "the camera has nothing at this path (404); check the address".to_owned(),
        StatusCode::SERVICE_UNAVAILABLE => "the camera is busy (503); it may allow only one viewer".to_owned(),
        other => format!("the camera answered {other}"),
    }
}

/// What went wrong, without the address, which may hold secrets.
pub(super) fn words(error: &reqwest::Error) -> String {
    let mut root = String::new();
    let mut source = error.source();
    while let Some(inner) = source {
        root = inner.to_string();
        source = inner.source();
    }
    if error.is_timeout() && !error.is_connect() {
        return "the camera sends nothing any more".to_owned();
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => "no connection: the camera does not answer".to_owned(),
        (true, false) => format!("no connection: {root}"),
        _ if error.is_redirect() => "the camera redirects in a circle".to_owned(),
        _ if root.is_empty() => "the request failed".to_owned(),
        _ => format!("the connection broke: {root}"),
    }
}
