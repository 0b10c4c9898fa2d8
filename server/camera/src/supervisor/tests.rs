//! Cameras that stall, end, lie, panic and come back.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use rtm2_app::Timestamp;

use super::*;
use crate::jpeg::{Limits, testing};

/// One thing that a fake source does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Picture,
    /// A picture, again and again.
    Flow,
    Garbage,
    LyingSize,
    End,
    Lose,
    Panic,
    /// Blocks until the gate opens, then gives a picture.
    Hang,
    Sleep(u64),
}

struct Fake {
    acts: VecDeque<Act>,
    gate: Arc<AtomicBool>,
    drop_panics: bool,
}

fn picture() -> Picture {
    let jpeg = testing::gradient_jpeg(32, 24);
    Picture::from_jpeg(jpeg.into(), Timestamp(1), &Limits::default()).unwrap()
}

impl Source for Fake {
    fn next(&mut self) -> Result<Picture, SourceError> {
        let act = self.acts.pop_front().unwrap_or(Act::Lose);
        let limits = Limits { width: 16, ..Limits::default() };
        match act {
            Act::Picture => Ok(picture()),
            Act::Flow => {
                self.acts.push_front(Act::Flow);
                thread::sleep(Duration::from_millis(5));
                Ok(picture())
            }
            Act::Garbage => Ok(Picture::from_jpeg(vec![1, 2, 3].into(), Timestamp(1), &Limits::default())?),
            Act::LyingSize => Ok(Picture::from_jpeg(testing::gradient_jpeg(32, 24).into(), Timestamp(1), &limits)?),
            Act::End => Err(SourceError::Ended),
            Act::Lose => Err(SourceError::Lost("unplugged".to_owned())),
            Act::Panic => panic!("driver bug"),
            Act::Hang => {
                while !self.gate.load(SeqCst) {
                    thread::sleep(Duration::from_millis(2));
                }
                Ok(Picture { at: Timestamp(666), ..picture() })
            }
            Act::Sleep(ms) => {
                thread::sleep(Duration::from_millis(ms));
                self.next()
            }
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        assert!(!self.drop_panics, "clean-up bug");
    }
}

#[derive(Default)]
struct Notes {
    states: Mutex<Vec<CameraState>>,
    times: Mutex<Vec<Timestamp>>,
    slow: AtomicBool,
}

impl Sink for Notes {
    fn picture(&self, picture: Picture) {
        while self.slow.load(SeqCst) {
            thread::sleep(Duration::from_millis(2));
        }
        self.times.lock().unwrap().push(picture.at);
    }

    fn state(&self, state: CameraState) {
        self.states.lock().unwrap().push(state);
    }
}

impl Notes {
    fn pictures(&self) -> usize {
        self.times.lock().unwrap().len()
    }

    fn names(&self) -> Vec<&'static str> {
        let name = |state: &CameraState| match state {
            CameraState::Starting => "starting",
            CameraState::Live => "live",
            CameraState::Stalled { .. } => "stalled",
            CameraState::Lost { .. } => "lost",
        };
        self.states.lock().unwrap().iter().map(name).collect()
    }

    /// Whether these states came in this order, whatever came between.
    fn has_seen(&self, order: &[&str]) -> bool {
        let mut wanted = order.iter();
        let mut next = wanted.next();
        for name in self.names() {
            if next == Some(&name) {
                next = wanted.next();
            }
        }
        next.is_none()
    }

    fn reasons(&self) -> Vec<String> {
        let states = self.states.lock().unwrap();
        states
            .iter()
            .filter_map(|s| if let CameraState::Lost { reason, .. } = s { Some(reason.clone()) } else { None })
            .collect()
    }
}

const QUICK: Timing = Timing {
    stall: Duration::from_millis(400),
    first_backoff: Duration::from_millis(5),
    max_backoff: Duration::from_millis(20),
};

/// A stall that no slow machine reaches by accident.
const PATIENT: Timing = Timing { stall: Duration::from_mins(1), ..QUICK };

struct Rig {
    notes: Arc<Notes>,
    gate: Arc<AtomicBool>,
    opened: Arc<AtomicUsize>,
    supervisor: Supervisor,
}

/// A supervisor over sources that do one list of acts each; the last list is done again and again.
fn rig(timing: Timing, lists: &[&[Act]]) -> Rig {
    rig_with(timing, lists, false)
}

fn rig_with(timing: Timing, lists: &[&[Act]], drop_panics: bool) -> Rig {
    let lists: Vec<Vec<Act>> = lists.iter().map(|acts| acts.to_vec()).collect();
    let (notes, gate) = (Arc::new(Notes::default()), Arc::new(AtomicBool::new(false)));
    let opened = Arc::new(AtomicUsize::new(0));
    let (count, shut) = (Arc::clone(&opened), Arc::clone(&gate));
    let factory: Opener = Arc::new(move || {
        let n = count.fetch_add(1, SeqCst).min(lists.len() - 1);
        let acts = lists[n].clone().into();
        Ok(Box::new(Fake { acts, gate: Arc::clone(&shut), drop_panics }) as Box<dyn Source>)
    });
    let sink: Arc<dyn Sink> = Arc::<Notes>::clone(&notes);
    let supervisor = Supervisor::with_opener("test", factory, timing, sink);
    Rig { notes, gate, opened, supervisor }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    wait_for(Duration::from_secs(30), &is_so);
    assert!(is_so(), "never came: {what}");
}

#[test]
fn a_good_camera_goes_live_and_stops_when_told() {
    let rig = rig(PATIENT, &[&[Act::Flow]]);
    until("pictures", || rig.notes.pictures() > 10);
    until("live", || rig.notes.names() == ["starting", "live"]);
    rig.supervisor.stop();
    let n = rig.notes.pictures();
    thread::sleep(Duration::from_millis(50));
    assert_eq!(rig.notes.pictures(), n);
    assert_eq!(rig.supervisor.counts().attempts, 1);
}

#[test]
fn b5_a_camera_that_is_gone_is_lost_and_comes_back_by_itself() {
    let rig = rig(PATIENT, &[&[Act::Lose], &[Act::Picture, Act::Picture, Act::Lose], &[Act::Lose], &[Act::Flow]]);
    until("back", || rig.notes.pictures() > 5);
    until("states", || rig.notes.names() == ["starting", "lost", "live", "lost", "live"]);
    assert!(rig.notes.reasons().iter().all(|reason| reason == "unplugged"));
}

#[test]
fn b6_every_trouble_reaches_the_sink_as_a_state_with_its_reason() {
    let rig = rig(PATIENT, &[&[Act::Panic], &[Act::Garbage; 60], &[Act::Flow]]);
    until("live", || rig.notes.names().last() == Some(&"live"));
    let reasons = rig.notes.reasons();
    assert_eq!(rig.notes.names(), ["starting", "lost", "lost", "live"]);
    assert!(reasons[0].contains("driver bug"), "{reasons:?}");
    assert!(reasons[1].contains("50 unusable pictures") && reasons[1].contains("not a JPEG"), "{reasons:?}");
    let states = rig.notes.states.lock().unwrap();
    let (CameraState::Lost { since: first, .. }, CameraState::Lost { since: second, .. }) = (&states[1], &states[2])
    else {
        panic!("{states:?}")
    };
    assert_eq!(first, second, "it is lost since the first trouble");
}

#[test]
fn b9_a_driver_that_blocks_stalls_only_its_own_attempt() {
    let rig = rig(QUICK, &[&[Act::Picture, Act::Hang], &[Act::Flow]]);
    until("the second attempt", || rig.notes.pictures() > 5);
    until("states", || rig.notes.has_seen(&["starting", "stalled", "lost", "live"]));
    assert!(rig.supervisor.counts().abandoned >= 1);
    // The late picture of the first attempt is nobody's any more.
    rig.gate.store(true, SeqCst);
    let n = rig.notes.pictures();
    until("more", || rig.notes.pictures() > n + 5);
    assert!(!rig.notes.times.lock().unwrap().contains(&Timestamp(666)));
}

#[test]
fn a_stall_that_passes_is_live_again_without_reopening() {
    let timing = Timing { stall: Duration::from_secs(1), ..QUICK };
    let rig = rig(timing, &[&[Act::Picture, Act::Sleep(1300), Act::Flow]]);
    until("live again", || rig.notes.has_seen(&["starting", "stalled", "live"]));
    assert_eq!(rig.opened.load(SeqCst), 1);
    let states = rig.notes.states.lock().unwrap();
    let stalled = states.iter().find_map(|s| if let CameraState::Stalled { since } = s { Some(*since) } else { None });
    let since = stalled.unwrap();
    assert!(since > Timestamp(0) && since < clock::now());
}

#[test]
fn no_more_than_three_threads_hang() {
    let timing = Timing { stall: Duration::from_millis(20), ..QUICK };
    let rig = rig(timing, &[&[Act::Hang]]);
    until("three", || rig.supervisor.counts().abandoned == 3);
    until("said", || rig.notes.reasons().iter().any(|reason| reason.contains("3 attempts hang")));
    thread::sleep(Duration::from_millis(200));
    assert_eq!((rig.opened.load(SeqCst), rig.notes.pictures()), (3, 0));
    rig.gate.store(true, SeqCst);
    until("another attempt", || rig.opened.load(SeqCst) > 3);
}

#[test]
fn a_file_that_ended_is_not_opened_again() {
    let rig = rig(PATIENT, &[&[Act::Picture, Act::End]]);
    until("ended", || rig.notes.reasons() == ["the file ended"]);
    thread::sleep(Duration::from_millis(100));
    assert_eq!(rig.opened.load(SeqCst), 1);
    rig.supervisor.stop();
}

#[test]
fn unusable_pictures_among_good_ones_are_skipped_and_counted() {
    let mut acts = Vec::new();
    for _ in 0..40 {
        acts.extend([Act::Garbage, Act::LyingSize, Act::Picture]);
    }
    acts.push(Act::Flow);
    let rig = rig(PATIENT, &[&acts]);
    until("pictures", || rig.notes.pictures() > 45);
    assert_eq!(rig.supervisor.counts().skipped, 80);
    assert_eq!(rig.opened.load(SeqCst), 1);
}

#[test]
fn panics_in_sources_and_in_their_clean_up_are_caught() {
    let rig = rig_with(PATIENT, &[&[Act::Picture, Act::Panic], &[Act::Lose]], true);
    until("reopened", || rig.opened.load(SeqCst) > 3);
    assert!(rig.notes.reasons()[0].contains("driver bug"));
}

#[test]
fn a_slow_sink_is_no_stall() {
    let rig = rig(QUICK, &[&[Act::Flow]]);
    until("live", || rig.notes.pictures() > 3 && rig.notes.names().last() == Some(&"live"));
    rig.notes.slow.store(true, SeqCst);
    let before = rig.notes.names().len();
    thread::sleep(QUICK.stall * 4);
    assert_eq!(rig.notes.names().len(), before);
    rig.notes.slow.store(false, SeqCst);
    until("on", || rig.notes.pictures() > 10);
}

#[test]
fn real_sources_run_under_it() {
    let notes = Arc::new(Notes::default());
    let sink: Arc<dyn Sink> = Arc::<Notes>::clone(&notes);
    let url: SourceUrl = "demo:?size=64x48&fps=100".parse().unwrap();
    let supervisor = Supervisor::start("demo", url, Wanted::default(), Timing::default(), sink);
    until("pictures", || notes.pictures() > 5 && notes.names() == ["starting", "live"]);
    supervisor.stop();
    let url: SourceUrl = "file:/nowhere/to/be/found.mp4".parse().unwrap();
    let sink: Arc<dyn Sink> = Arc::<Notes>::clone(&notes);
    let _supervisor = Supervisor::start("gone", url, Wanted::default(), Timing::default(), sink);
    until("lost", || notes.reasons().iter().any(|reason| reason.contains("no such file")));
}
