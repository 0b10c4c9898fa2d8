//! The page: files that Trunk built, inside the binary. Without a built page everything else works, and `/` says how
//! to build it.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::compress::accepts;
use super::headers::Nonce;
use super::problem::Refusal;

/// What Trunk writes where a nonce belongs (its `create_nonce`).
pub(super) const NONCE_PLACEHOLDER: &str = "{{__TRUNK NONCE__}}";
/// What `index.html` says where the server's build belongs: a page that meets another build offers a reload.
const BUILD_PLACEHOLDER: &str = "{{__RTM2_BUILD__}}";

/// The service worker, which knows the page's files by name only after the page was built.
const WORKER: &str = "sw.js";
/// What the service worker says where the list of files belongs that it keeps.
const KEPT_PLACEHOLDER: &str = "{{__RTM2_KEPT__}}";

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// What the name of the file with the rest of the page begins with (`xtask/src/split.rs`).
const REST: &str = "rtm2-rest-";
/// Addresses that show nothing of what is in it.
const WITHOUT_REST: [&str; 2] = ["/", "/login"];

/// Encodings of files that were compressed when the page was built, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// What the server answers with while no page was built.
const UNBUILT: &str = "<!doctype html>
<html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>rtm2</title>
<h1>rtm2 runs, but without its page</h1>
<p>This binary was built without the page inside. In the source folder, <code>cargo xtask run</code> builds both.</p>
<p>The rest of the server works: see <code>/api/v1/openapi.json</code>.</p>
";

/// Identifies the build: the version, and with a page inside the start of its hash. The page names all its files by
/// their hashes, so another page is another build.
pub fn build() -> String {
    let version = env!("CARGO_PKG_VERSION");
    match Dist::get("index.html") {
        Some(index) => format!("{version}-{}", &hex(&index.metadata.sha256_hash()[..6])),
        None => version.to_owned(),
    }
}

/// The page itself; what it shows depends on the path, which the browser sees to.
pub(super) async fn page(address: Uri) -> Response {
    match Dist::get("index.html") {
        Some(index) => telling_of_rest(address.path(), index_html(&index.data)),
        None => (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-cache")], Html(UNBUILT)).into_response(),
    }
}

/// How style sheets are put into a document: the document, its nonce, and the files.
type Inline = fn(&str, &str, &dyn Fn(&str) -> Option<String>) -> String;

/// The page with something at the start of its body, and with its styles inside, so that this waits for no further file;
/// `None` while no page was built.
pub(super) fn page_with(path: &str, start: &str, inline: Inline) -> Option<Response> {
    let index = Dist::get("index.html")?;
    Some(telling_of_rest(path, index_with(&index.data, start, inline)))
}

fn index_with(bytes: &[u8], start: &str, inline: Inline) -> Response {
    let nonce = Nonce::new();
    let text = |name: &str| Dist::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
    let html = String::from_utf8_lossy(bytes).replace(NONCE_PLACEHOLDER, nonce.as_str());
    let html = inline(&html, nonce.as_str(), &text).replacen("<body>", &["<body>", start].concat(), 1);
    answer(&html, nonce)
}

/// The page with a word of its rest in the head of the answer, at addresses that need that.
fn telling_of_rest(path: &str, mut page: Response) -> Response {
    let rest = Dist::iter().find(|name| name.starts_with(REST) && name.ends_with(".wasm"));
    if let Some(link) = rest.and_then(|name| preload(path, &name)) {
        page.headers_mut().insert(header::LINK, link);
    }
    page
}

/// Tells a browser of the rest of the page at addresses that need it, before the page itself can: it comes beside the
/// first half instead of after it, and does not take its place.
fn preload(path: &str, rest: &str) -> Option<HeaderValue> {
    if WITHOUT_REST.contains(&path) {
        return None;
    }
    HeaderValue::try_from(format!("</{rest}>; rel=preload; as=fetch; crossorigin; fetchpriority=low")).ok()
}

/// Files of the page; else the page for somebody who typed an address, else 404.
pub(super) async fn fallback(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let api =
        ["api", "ws"].iter().any(|p| path.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let nothing = || Refusal::not_found("there is nothing at this path").into_response();
    if !matches!(*request.method(), Method::GET | Method::HEAD) || api {
        return nothing();
    }
    if path == WORKER
        && let Some(worker) = Dist::get(WORKER)
    {
        return service_worker(&worker.data);
    }
    if path != "index.html"
        && let Some(response) = file(path, request.headers())
    {
        return response;
    }
    let html = |v: &HeaderValue| v.to_str().is_ok_and(|v| v.contains("text/html"));
    if !request.headers().get_all(header::ACCEPT).iter().any(html) {
        return nothing();
    }
    // At an address that is none of ours the page only says so.
    page(Uri::from_static("/")).await
}

/// The page with a nonce of its own for its scripts.
fn index_html(bytes: &[u8]) -> Response {
    let nonce = Nonce::new();
    let html = String::from_utf8_lossy(bytes).replace(NONCE_PLACEHOLDER, nonce.as_str());
    answer(&html, nonce)
}

fn answer(html: &str, nonce: Nonce) -> Response {
    let html = html.replace(BUILD_PLACEHOLDER, &build());
    let mut response = ([(header::CACHE_CONTROL, "no-cache")], Html(html)).into_response();
    response.extensions_mut().insert(nonce);
    response
}

/// The service worker with what it keeps. Browsers ask for it again and again, and take it as new when it differs.
fn service_worker(bytes: &[u8]) -> Response {
    let kept = kept(Dist::iter().filter_map(|name| Some((Dist::get(&name)?.metadata.sha256_hash(), name))));
    let source = String::from_utf8_lossy(bytes);
    // Whole lines of comment are for readers of the source.
    let is_code = |line: &&str| !["//", "/**"].iter().any(|mark| line.trim_start().starts_with(mark));
    let code = source.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let script = code.replace(KEPT_PLACEHOLDER, &kept).replace(BUILD_PLACEHOLDER, &build());
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, script).into_response()
}

/// The files that make the page work without the server: addresses with a mark of their content, as JSON.
fn kept(files: impl Iterator<Item = ([u8; 32], Cow<'static, str>)>) -> String {
    let small = ["manifest.webmanifest", "icons/icon.svg"];
    let is_kept = |name: &str| {
        let code = [".js", ".css", ".wasm"].iter().any(|end| name.ends_with(end));
        (code && name != WORKER) || small.contains(&name)
    };
    let mut kept: Vec<_> =
        files.filter(|(_, name)| is_kept(name)).map(|(hash, name)| [format!("/{name}"), hex(&hash[..4])]).collect();
    kept.sort();
    serde_json::to_string(&kept).unwrap_or_default()
}

/// A file of the page, compressed where there is a compressed one that the client takes.
fn file(path: &str, request: &HeaderMap) -> Option<Response> {
    let plain = Dist::get(path)?;
    let etag = etag(&plain);
    let headers = [
        (header::CONTENT_TYPE, content_type(path)),
        (header::CACHE_CONTROL, HeaderValue::from_static(if is_hashed(path) { IMMUTABLE } else { "no-cache" })),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, etag.clone()),
    ];
    if super::headers::matches_etag(request, &etag) {
        return Some((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    for (encoding, extension) in ENCODINGS {
        if accepts(request, encoding)
            && let Some(packed) = Dist::get(&format!("{path}{extension}"))
        {
            let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static(encoding))];
            return Some((headers, encoding, body(packed)).into_response());
        }
    }
    Some((headers, body(plain)).into_response())
}

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn content_type(path: &str) -> HeaderValue {
    if path.ends_with(".webmanifest") {
        return HeaderValue::from_static("application/manifest+json");
    }
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let text = if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// Whether the name holds a hash of the content, as Trunk's do: `name-0123456789abcdef.js`, `name-0123456789abcdef_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    let hash = hash.strip_suffix("_bg").unwrap_or(hash);
    hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for hashed in
            ["rtm2-frontend-6d3a40c0ffee1234.js", "a-0123456789abcdef_bg.wasm", "css/main-abcdef0123456789.css"]
        {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in ["index.html", "manifest.webmanifest", "icon-192.png", "sw.js", "a-.js", "apple-touch-icon.png"] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }

    #[tokio::test]
    async fn the_worker_knows_the_pages_files() {
        let names =
            ["sw.js", "a-0123456789abcdef.js", "a-0123456789abcdef.js.br", "icons/icon.svg", "index.html", "b.css"];
        let list = kept(names.into_iter().map(|name| ([7; 32], name.into())));
        assert_eq!(
            list,
            r#"[["/a-0123456789abcdef.js","07070707"],["/b.css","07070707"],["/icons/icon.svg","07070707"]]"#
        );
        let source = format!("// About it.\nconst a = {KEPT_PLACEHOLDER},\n  b = \"{BUILD_PLACEHOLDER}\"; // kept\n");
        let worker = service_worker(source.as_bytes());
        assert_eq!(worker.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(worker.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let body = axum::body::to_bytes(worker.into_body(), 100_000).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(!body.contains("{{__") && !body.contains("About it"));
        assert!(body.starts_with("const a = [") && body.ends_with("// kept"));
    }

    #[test]
    fn the_rest_of_the_page_is_named_where_it_is_needed() {
        let link = preload("/history", "rtm2-rest-0123456789abcdef.wasm").unwrap();
        assert_eq!(link, "</rtm2-rest-0123456789abcdef.wasm>; rel=preload; as=fetch; crossorigin; fetchpriority=low");
        assert!(preload("/setup", "rtm2-rest-0123456789abcdef.wasm").is_some());
        for first in ["/", "/login"] {
            assert!(preload(first, "rtm2-rest-0123456789abcdef.wasm").is_none(), "{first}");
        }
        assert!(is_hashed("rtm2-rest-0123456789abcdef.wasm"), "it is kept for ever");
    }

    #[tokio::test]
    async fn the_index_gets_a_fresh_nonce() {
        let html = format!("<script nonce=\"{NONCE_PLACEHOLDER}\">1</script>");
        let nonce = |response: &Response| response.extensions().get::<Nonce>().unwrap().as_str().to_owned();
        let (a, b) = (index_html(html.as_bytes()), index_html(html.as_bytes()));
        assert_ne!(nonce(&a), nonce(&b));
        let (nonce, body) = (nonce(&a), axum::body::to_bytes(a.into_body(), 1000).await.unwrap());
        assert_eq!(body, format!("<script nonce=\"{nonce}\">1</script>"));
    }
}
