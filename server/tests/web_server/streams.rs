//! Pictures as a multipart stream.

use std::time::Duration;

use rtm2::web::WebSettings;
use rtm2::web::ws::Timing;
use rtm2_app::wire::Flags;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::common::{PASSWORD, PATIENCE, Server, Site, VIEWER, basic, frame, jpeg};

/// Asks for a stream as VLC does.
async fn open(server: &Server, query: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let authorization = basic(VIEWER, PASSWORD);
    let request = format!(
        "GET /stream.mjpeg{query} HTTP/1.1\r\nHost: {}\r\nUser-Agent: VLC/3\r\nAuthorization: {authorization}\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads until `wanted` was seen.
async fn read_until(stream: &mut TcpStream, wanted: &[u8]) -> Vec<u8> {
    let mut seen = Vec::new();
    let read = async {
        while !seen.windows(wanted.len()).any(|window| window == wanted) {
            let mut bytes = [0; 4096];
            let n = stream.read(&mut bytes).await.unwrap();
            assert_ne!(n, 0, "the stream ended: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&bytes[..n]);
        }
    };
    timeout(PATIENCE, read).await.unwrap();
    seen
}

/// Reads until the last chunk: the stream has ended, the connection may be used again.
async fn read_to_end(stream: &mut TcpStream) {
    read_until(stream, b"0\r\n\r\n").await;
}

#[tokio::test]
async fn a_stream_begins_with_the_newest_picture_and_goes_on() {
    let site = Site::new();
    let server = site.listen().await;
    site.hub.cameras()[0].publish(frame(1, Flags::default()));
    let mut stream = open(&server, "").await;
    let head = read_until(&mut stream, &jpeg(1)).await;
    let text = String::from_utf8_lossy(&head).to_lowercase();
    assert!(text.starts_with("http/1.1 200"), "{text}");
    assert!(text.contains("content-type: multipart/x-mixed-replace; boundary=rtm2-frame"), "{text}");
    assert!(text.contains(&format!("content-length: {}", jpeg(1).len())), "{text}");
    site.hub.cameras()[0].publish(frame(2, Flags::default()));
    read_until(&mut stream, &jpeg(2)).await;
    assert_eq!(site.app.viewers.list()[0].user_agent, "VLC/3");
    drop(stream);
    let gone = async {
        while site.hub.viewers() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
}

#[tokio::test]
async fn a_stream_ends_with_the_account_and_with_the_server() {
    let site = Site::new();
    let server = site.listen().await;
    site.hub.cameras()[0].publish(frame(1, Flags::default()));
    let mut stream = open(&server, "?fps=5").await;
    read_until(&mut stream, &jpeg(1)).await;
    site.auth.remove_user(VIEWER).unwrap();
    read_to_end(&mut stream).await;

    site.auth.add_user(&VIEWER.parse().unwrap(), PASSWORD, rtm2::auth::Role::Viewer).unwrap();
    let mut stream = open(&server, "").await;
    read_until(&mut stream, &jpeg(1)).await;
    server.shutdown.cancel();
    read_to_end(&mut stream).await;
    timeout(PATIENCE, server.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_reader_that_stops_loses_its_seat() {
    let timing = Timing { send: Duration::from_millis(200), ..Timing::default() };
    let site = Site::with(WebSettings { timing, ..WebSettings::default() });
    let server = site.listen().await;
    let camera = &site.hub.cameras()[0];
    camera.publish(frame(1, Flags::default()));
    let mut stream = open(&server, "").await;
    read_until(&mut stream, &jpeg(1)).await;
    assert_eq!(site.hub.viewers(), 1);
    // Nobody reads on; large pictures fill whatever the system buffers.
    let big = || {
        let header = frame(2, Flags::default()).header().clone();
        std::sync::Arc::new(rtm2::pipeline::LiveFrame::new(header, vec![0; 1 << 20].into()))
    };
    let gone = async {
        while site.hub.viewers() > 0 {
            camera.publish(big());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
}
