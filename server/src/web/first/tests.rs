//! The first chart is that of the page, and waits for nobody.

use std::sync::mpsc;

use rtm2_app::chart::Span;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{NewFrame, Options, Store};

use super::*;

const DAY: i64 = 86_400 * MICROS_PER_SECOND;
const NOW: i64 = 20_000 * DAY;

/// `seconds` seconds with motion, a minute apart, up to now.
fn recorded(seconds: i64) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options::directory(dir.path())).unwrap();
    for i in 1..=seconds {
        let at = Timestamp(NOW - (seconds + 1 - i) * 60 * MICROS_PER_SECOND);
        let frame = NewFrame {
            camera: CameraId(0),
            at,
            seq: i as u64,
            width: 4,
            height: 2,
            score: 1,
            boxes: &[],
            grid: None,
            motion: true,
            light_shift: false,
            jpeg: &[0xFF, 0xD8, 0xFF, 0xD9],
        };
        store.append(&frame).unwrap();
    }
    (dir, store)
}

fn shown(store: &Store, look: &Look) -> Chart {
    chart(store, look, Timestamp(NOW)).unwrap().unwrap()
}

/// Corners of the bars that a document draws for wide windows.
fn drawn_bars(html: &str) -> usize {
    let bars = html.split("first-bar\" d=\"").nth(1).unwrap();
    bars.split('"').next().unwrap().matches('M').count()
}

#[test]
fn nothing_recorded_is_nothing_to_show() {
    let (_dir, store) = recorded(0);
    assert!(chart(&store, &Look::default(), Timestamp(NOW)).unwrap().is_none());
}

#[test]
fn the_newest_thousand_seconds_are_shown_as_the_page_shows_them() {
    let (_dir, store) = recorded(1_200);
    let chart = shown(&store, &Look::default());
    let mut page = Chart::new(Timestamp(NOW));
    page.resize(1_144.0);
    let bars = store.last_bars(CameraId(0), RECENT_BARS).unwrap();
    let extent = store.extent(CameraId(0)).unwrap();
    page.history.replace_recent(Bars { camera: CameraId(0), bucket_us: MICROS_PER_SECOND, bars, extent }, RECENT_BARS);
    page.loaded();
    assert_eq!(chart.view(), page.view());
    let first = page.history.seconds()[0].start;
    // At the left edge a little of what is older is seen, as in the page once it has the overview.
    let same = chart.columns().into_iter().filter(|c| c.span.from() >= first).eq(page.columns());
    assert!(same && page.columns().iter().map(|c| c.count).sum::<u64>() == 1_000);
    let all = chart.overview_columns(1_000.0);
    assert_eq!(all.iter().map(|c| c.count).sum::<u64>(), 1_200, "the slider shows all there is");
    assert_eq!(drawn_bars(&draw::document(chart.clone(), &Look::default())), chart.columns().len());
}

#[test]
fn a_frame_that_is_named_is_shown_in_its_five_minutes_however_old() {
    let (_dir, store) = recorded(1_200);
    let at = Timestamp(NOW - 1_190 * 60 * MICROS_PER_SECOND);
    let chart = shown(&store, &Look { at: Some(at), ..Look::default() });
    assert_eq!(chart.view(), Span::new(Timestamp(at.0 + 1 - 300 * MICROS_PER_SECOND), Timestamp(at.0 + 1)));
    assert_eq!(chart.columns().iter().map(|c| c.count).sum::<u64>(), 6, "with the second that is cut");
    assert!(draw::document(chart, &Look::default()).contains("class=\"first-marker\" x=\"100.00%\""));
}

#[test]
fn times_are_those_of_the_viewer_and_else_said_to_be_utc() {
    let (_dir, store) = recorded(400);
    let html =
        |zone| draw::document(shown(&store, &Look { zone, ..Look::default() }), &Look { zone, ..Look::default() });
    // Now is midnight of UTC.
    assert!(html(None).contains("times in UTC") && html(None).contains(">23:00<"));
    assert!(!html(Some(330)).contains("UTC"));
    assert!(html(Some(330)).contains(">05:00<") && !html(Some(330)).contains(">05:30<"));
}

#[tokio::test]
async fn what_takes_too_long_or_has_no_room_is_left_out() {
    let room = Arc::new(Semaphore::new(1));
    let (finish, wait) = mpsc::channel::<()>();
    let late = in_time(&room, Duration::from_millis(1), move || wait.recv().is_ok()).await;
    assert_eq!(late, None);
    // It is still at work: there is no room for another one, which is not even begun.
    assert_eq!(in_time(&room, Duration::from_mins(1), || true).await, None);
    finish.send(()).unwrap();
    let _turn = room.acquire().await.unwrap();
}
