//! Saves the chart as a picture.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::theme::Theme;

/// Room above the chart for the title, in CSS pixels.
const HEAD: f64 = 30.0;

/// Puts the canvases one above the other on a plain background with a title, and lets the browser save that as a PNG.
/// `None` if the browser refuses.
pub fn save(layers: &[&HtmlCanvasElement], theme: &Theme, title: &str, file: &str) -> Option<()> {
    let first = layers.first()?;
    let ratio = f64::from(first.width()) / f64::from(first.client_width().max(1));
    let sheet: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    sheet.set_width(first.width());
    sheet.set_height(first.height() + (HEAD * ratio) as u32);
    let c: CanvasRenderingContext2d = sheet.get_context("2d").ok()??.dyn_into().ok()?;
    c.set_fill_style_str(&theme.back);
    c.fill_rect(0.0, 0.0, f64::from(sheet.width()), f64::from(sheet.height()));
    for layer in layers {
        c.draw_image_with_html_canvas_element(layer, 0.0, HEAD * ratio).ok()?;
    }
    c.scale(ratio, ratio).ok()?;
    c.set_font(&theme.font(14));
    c.set_fill_style_str(&theme.text);
    c.set_text_baseline("middle");
    c.fill_text(title, 8.0, HEAD / 2.0).ok()?;
    let file = file.to_owned();
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        let _ = blob.and_then(|blob| download(&blob, &file));
    });
    sheet.to_blob(done.unchecked_ref()).ok()
}

fn download(blob: &Blob, file: &str) -> Option<()> {
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(file);
    link.click();
    // Some browsers begin to read it only after the click was handled.
    let revoke = Closure::once_into_js(move || {
        let _ = Url::revoke_object_url(&url);
    });
    window().set_timeout_with_callback_and_timeout_and_arguments_0(revoke.unchecked_ref(), 60_000).ok()?;
    Some(())
}
