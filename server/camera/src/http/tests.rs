//! Network cameras as they really answer, served by a few lines on the loopback interface.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::*;
use crate::address::{SourceUrl, Target};
use crate::jpeg::testing;

/// Answers each connection with the next of `answers`; gives the requests.
fn serve(answers: Vec<Vec<u8>>) -> (u16, Receiver<String>) {
    serve_with(answers, |_| {})
}

fn serve_with(answers: Vec<Vec<u8>>, after: impl Fn(TcpStream) + Send + 'static) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                request.push(byte[0]);
            }
            let _ = sender.send(String::from_utf8(request).unwrap());
            // In pieces that fit no boundary.
            for piece in answer.chunks(777) {
                if stream.write_all(piece).is_err() {
                    break;
                }
            }
            after(stream);
        }
    });
    (port, requests)
}

fn connect(address: &str, patience: Patience) -> Result<Box<dyn Source>, SourceError> {
    let url: SourceUrl = address.parse().unwrap();
    let Target::Http(http) = url.target() else { panic!("{address}") };
    open_with(http, url.label(), &Wanted { fps: Some(100), ..Wanted::default() }, patience)
}

fn at(port: u16) -> Result<Box<dyn Source>, SourceError> {
    connect(&format!("http://127.0.0.1:{port}/stream"), Patience::default())
}

fn reason(result: Result<Box<dyn Source>, SourceError>) -> String {
    match result {
        Err(SourceError::Lost(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened"),
    }
}

fn jpegs() -> Vec<Vec<u8>> {
    [(48, 32), (64, 48), (80, 60)].map(|(width, height)| testing::gradient_jpeg(width, height)).to_vec()
}

fn answer(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Serves one body and expects exactly the pictures of [`jpegs`], then a lost stream.
fn expect_pictures(kind: &str, body: &[u8]) {
    let (port, _requests) = serve(vec![answer(kind, body)]);
    let mut source = at(port).unwrap();
    for expected in jpegs() {
        let picture = source.next().unwrap();
        assert_eq!(&picture.image.jpeg().unwrap()[..], &expected[..]);
        assert!(picture.at.0 > 0 && picture.width > 0);
    }
    assert!(matches!(source.next(), Err(SourceError::Lost(_))), "{kind}");
}

#[test]
fn ustreamer_with_lengths_and_extra_headers() {
    let mut body = Vec::new();
    for jpeg in jpegs() {
        let head = format!(
            "--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\nX-Timestamp: 1.5\r\n\r\n",
            jpeg.len()
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&jpeg);
        body.extend_from_slice(b"\r\n");
    }
    expect_pictures("multipart/x-mixed-replace;boundary=boundarydonotcross", &body);
}

#[test]
fn esp32_with_the_boundary_before_the_headers_of_chunks() {
    // The firmware sends each part as chunks of a chunked answer.
    let mut body = Vec::new();
    for jpeg in jpegs() {
        let head = format!("Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", jpeg.len());
        for chunk in [b"\r\n--123456789000000000000987654321\r\n", head.as_bytes(), &jpeg] {
            body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
    }
    body.extend_from_slice(b"0\r\n\r\n");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=123456789000000000000987654321\r\n\
        Transfer-Encoding: chunked\r\n\r\n";
    let (port, _requests) = serve(vec![[head.as_bytes(), &body].concat()]);
    let mut source = at(port).unwrap();
    for expected in jpegs() {
        assert_eq!(&source.next().unwrap().image.jpeg().unwrap()[..], &expected[..]);
    }
}

#[test]
fn boundaries_lengths_and_junk_do_not_matter() {
    // Without lengths; a boundary that already has dashes; lengths that lie; junk between; nothing between at all.
    let with = |between: &[u8]| jpegs().iter().flat_map(|jpeg| [between, jpeg].concat()).collect::<Vec<u8>>();
    expect_pictures(
        "multipart/x-mixed-replace; boundary=\"--x\"",
        &with(b"\r\n----x\r\nContent-type: image/jpeg\r\n\r\n"),
    );
    expect_pictures("multipart/x-mixed-replace", &with(b"--x\nContent-Length: 7\n\n"));
    expect_pictures("multipart/x-mixed-replace; boundary=x", &with(&[0, 255, 0, 255, 216, 0, 13, 10]));
    expect_pictures("application/octet-stream", &with(b""));
    expect_pictures("video/x-motion-jpeg", &with(&[0; 5000]));
}

#[test]
fn a_cut_picture_is_skipped_and_the_next_one_comes() {
    let jpegs = jpegs();
    let body = [&jpegs[0][..jpegs[0].len() / 2], b"\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n", &jpegs[1]].concat();
    let (port, _requests) = serve(vec![answer("multipart/x-mixed-replace", &body)]);
    let mut source = at(port).unwrap();
    assert!(matches!(source.next(), Err(SourceError::Bad(_))));
    assert_eq!(&source.next().unwrap().image.jpeg().unwrap()[..], &jpegs[1][..]);
}

#[test]
fn single_pictures_are_asked_for_again() {
    let answers: Vec<_> = jpegs().iter().map(|jpeg| answer("image/jpeg", jpeg)).collect();
    let (port, requests) = serve(answers);
    let mut source = at(port).unwrap();
    for expected in jpegs() {
        assert_eq!(&source.next().unwrap().image.jpeg().unwrap()[..], &expected[..]);
    }
    assert_eq!(requests.try_iter().count(), 3);
}

#[test]
fn credentials_are_sent_when_asked_for_and_only_then() {
    let asks =
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cam\"\r\nConnection: close\r\n\r\n".to_vec();
    let (port, requests) = serve(vec![asks.clone(), answer("multipart/x-mixed-replace", &jpegs()[0])]);
    let mut source = connect(&format!("http://admin:p%40ss@127.0.0.1:{port}/"), Patience::default()).unwrap();
    source.next().unwrap();
    let (first, second) = (requests.recv().unwrap(), requests.recv().unwrap());
    assert!(!first.to_lowercase().contains("authorization"), "{first}");
    // base64 of "admin:p@ss".
    assert!(second.contains("Basic YWRtaW46cEBzcw=="), "{second}");

    let (port, _requests) = serve(vec![asks.clone()]);
    let error = reason(at(port));
    assert!(error.contains("write http://user:password@host/"), "{error}");
    let (port, _requests) = serve(vec![asks.clone(), asks]);
    let error = reason(connect(&format!("http://admin:hunter2@127.0.0.1:{port}/?pwd=hunter2"), Patience::default()));
    assert!(error.contains("refuses this user name") && !error.contains("hunter2"), "{error}");
}

#[test]
fn digest_is_answered() {
    let asks = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\
        WWW-Authenticate: Digest realm=\"cam\", nonce=\"n1\", qop=\"auth\", algorithm=MD5\r\nConnection: close\r\n\r\n";
    let (port, requests) = serve(vec![asks.as_bytes().to_vec(), answer("multipart/x-mixed-replace", &jpegs()[0])]);
    let mut source = connect(&format!("http://admin:hunter2@127.0.0.1:{port}/v?a=1"), Patience::default()).unwrap();
    source.next().unwrap();
    let second = requests.iter().nth(1).unwrap();
    let field = |name: &str| {
        let rest = second.split_once(&format!(" {name}=")).unwrap_or_else(|| panic!("{name} in {second}")).1;
        rest.trim_start_matches('"').split(['"', ',', '\r']).next().unwrap().to_owned()
    };
    assert_eq!(field("uri"), "/v?a=1");
    let (ha1, ha2) = (md5::hex("admin:cam:hunter2"), md5::hex("GET:/v?a=1"));
    let expected = md5::hex(&format!("{ha1}:n1:{}:{}:auth:{ha2}", field("nc"), field("cnonce")));
    assert_eq!(field("response"), expected);
    assert!(!second.contains("hunter2"));
}

#[test]
fn answers_without_pictures_say_what_to_do() {
    let page = answer("text/html; charset=utf-8", b"<html>");
    let (port, _requests) = serve(vec![page]);
    let error = reason(at(port));
    assert!(error.contains("web page") && error.contains("/stream"), "{error}");
    let (port, _requests) = serve(vec![b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()]);
    assert!(reason(at(port)).contains("404"));
    let (port, _requests) = serve(vec![answer("image/jpeg", b"no picture")]);
    let lost = at(port).unwrap().next();
    assert!(matches!(&lost, Err(SourceError::Lost(reason)) if reason.contains("no whole JPEG")), "{lost:?}");
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = reason(at(port));
    assert!(error.contains("no connection") && error.contains("127.0.0.1"), "{error}");
}

#[test]
fn a_camera_that_falls_silent_or_trickles_is_lost() {
    let quick = Patience { connect: Duration::from_secs(5), quiet: Duration::from_millis(1500) };
    let silent = |stream: TcpStream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    };
    let (port, _requests) = serve_with(vec![answer("multipart/x-mixed-replace", &jpegs()[0])], silent);
    let mut source = connect(&format!("http://127.0.0.1:{port}/"), quick).unwrap();
    source.next().unwrap();
    let lost = source.next();
    assert!(matches!(&lost, Err(SourceError::Lost(reason)) if reason.contains("nothing any more")), "{lost:?}");

    let trickle = |mut stream: TcpStream| {
        while stream.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    };
    let (port, _requests) = serve_with(vec![answer("multipart/x-mixed-replace", b"")], trickle);
    let lost = connect(&format!("http://127.0.0.1:{port}/"), quick).unwrap().next();
    assert!(matches!(&lost, Err(SourceError::Lost(reason)) if reason.contains("the camera sends")), "{lost:?}");
}

#[test]
fn a_stream_lives_longer_than_the_patience() {
    let quick = Patience { connect: Duration::from_secs(5), quiet: Duration::from_secs(2) };
    let jpeg = testing::gradient_jpeg(48, 32);
    let flow = move |mut stream: TcpStream| {
        while stream.write_all(&jpeg).is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    };
    let (port, _requests) = serve_with(vec![answer("multipart/x-mixed-replace", b"")], flow);
    let mut source = connect(&format!("http://127.0.0.1:{port}/"), quick).unwrap();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(4500) {
        source.next().unwrap();
    }
}
