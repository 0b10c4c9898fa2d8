//! What the history's parts share: the chart, how far loading has come, and the frame being looked at.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::{BandQuery, BarQuery, Chart, Column, LoadState, Span, Step, full_label, spoken_label};
use rtm2_app::{CameraId, FrameInfo, Timestamp};

use super::data::{self, Seek};
use crate::chart::{Heard, Widget, offset_minutes};
use crate::http::CallError;
use crate::live::BusEvent;
use crate::session::Session;
use crate::sys::clock;
use crate::sys::days::{self, Kept};
use crate::sys::first;
use crate::sys::timer::Timeout;

/// The frame being looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewed {
    /// None.
    Nothing,
    /// It is being asked for.
    Awaited(Timestamp),
    /// This one.
    Frame(FrameInfo),
    /// It is not stored any more (B12); the nearest one that is, if any.
    Gone(Timestamp, Option<FrameInfo>),
    /// It could not be asked for, with the reason in words.
    Failed(Timestamp, String),
}

impl Viewed {
    /// Its time.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Nothing => None,
            Self::Frame(info) => Some(info.at),
            Self::Awaited(at) | Self::Gone(at, _) | Self::Failed(at, _) => Some(*at),
        }
    }
}

/// What the chart shows, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The stretch in view.
    pub view: Span,
    /// Width of a column.
    pub bucket_us: i64,
    /// Frames in the columns.
    pub frames: u64,
    /// Columns.
    pub columns: usize,
    /// Bars held second by second.
    pub held: usize,
    /// Whether these are all there are.
    pub whole: bool,
    /// Whether the view moves along with the time.
    pub follows: bool,
}

/// Time after which a view that was changed is taken as settled, in milliseconds.
const SETTLE_MS: u32 = 250;

/// The history of one camera; copies are the same one.
#[derive(Clone, Copy)]
pub struct Desk {
    session: Session,
    /// The camera.
    pub camera: Signal<CameraId>,
    /// How far loading has come.
    pub load: RwSignal<LoadState>,
    /// Whether more is being loaded while there is something to see.
    pub busy: RwSignal<bool>,
    /// The frame being looked at.
    pub viewed: RwSignal<Viewed>,
    /// Whether the next frame is being asked for.
    pub stepping: RwSignal<bool>,
    /// The end of the history that was reached, if one was.
    pub end: RwSignal<Option<Step>>,
    /// A word to the user, read out by screen readers.
    pub notice: RwSignal<String>,
    /// What the chart shows; `None` before it was painted.
    pub facts: RwSignal<Option<Facts>>,
    /// The columns in view, once it has settled.
    pub rows: RwSignal<Vec<Column>>,
    /// Until when what is shown was up to date, while it is what this browser kept because the server does not answer.
    pub kept: RwSignal<Option<Timestamp>>,
    widget: StoredValue<Option<Widget>, LocalStorage>,
    settling: StoredValue<Option<Timeout>, LocalStorage>,
    /// Numbers requests: answers to older ones are dropped.
    loads: StoredValue<u32>,
    frames: StoredValue<u32>,
    /// A request for finer bars under way, or one that failed and is not repeated.
    detail: StoredValue<Option<BarQuery>>,
    /// Which events were asked for last.
    band: StoredValue<Option<(CameraId, BandQuery)>>,
    /// Whether the view is to be put around the frame once the bars are there.
    linked: StoredValue<bool>,
    /// Whether the frame being asked for is one that a link names: where it is gone, the nearest is shown.
    arriving: StoredValue<bool>,
    /// What has to happen before another frame is stepped to.
    hold: StoredValue<Option<Callback<()>>>,
}

impl Desk {
    /// Nothing is loaded yet.
    pub fn new(session: Session, camera: Signal<CameraId>) -> Self {
        Self {
            session,
            camera,
            load: RwSignal::new(LoadState::Loading),
            busy: RwSignal::new(false),
            viewed: RwSignal::new(Viewed::Nothing),
            stepping: RwSignal::new(false),
            end: RwSignal::new(None),
            notice: RwSignal::new(String::new()),
            facts: RwSignal::new(None),
            rows: RwSignal::new(Vec::new()),
            kept: RwSignal::new(None),
            widget: StoredValue::new_local(None),
            settling: StoredValue::new_local(None),
            loads: StoredValue::new(0),
            frames: StoredValue::new(0),
            detail: StoredValue::new(None),
            band: StoredValue::new(None),
            linked: StoredValue::new(false),
            arriving: StoredValue::new(false),
            hold: StoredValue::new(None),
        }
    }

    /// The login.
    pub fn session(self) -> Session {
        self.session
    }

    /// Calls `hold` before each step: what plays stands still then.
    pub fn hold_before_steps(self, hold: Callback<()>) {
        self.hold.set_value(Some(hold));
    }

    fn hold(self) {
        if let Some(hold) = self.hold.get_value() {
            hold.run(());
        }
    }

    /// Begins to ask for a frame; answers to earlier questions are dropped from now on.
    pub fn ask(self) -> u32 {
        self.frames.update_value(|n| *n = n.wrapping_add(1));
        self.frames.get_value()
    }

    /// Whether nothing else was asked for since.
    pub fn is_asked(self, number: u32) -> bool {
        self.frames.try_get_value() == Some(number)
    }

    /// Takes the chart once its canvases are on the page.
    pub fn attach(self, widget: Widget) {
        self.widget.set_value(Some(widget));
    }

    /// Looks at the chart; `None` while, or after, it is on the page.
    pub fn read<T>(self, look: impl FnOnce(&Chart) -> T) -> Option<T> {
        self.widget.try_with_value(|w| w.as_ref().map(|w| w.read(look))).flatten()
    }

    /// Changes the chart.
    pub fn change<T>(self, change: impl FnOnce(&mut Chart) -> T) -> Option<T> {
        self.with_widget(|w| w.change(change))
    }

    /// Uses the chart's widget.
    pub fn with_widget<T>(self, run: impl FnOnce(&Widget) -> T) -> Option<T> {
        self.widget.try_with_value(|w| w.as_ref().map(run)).flatten()
    }

    /// Says something to the user.
    pub fn say(self, words: impl Into<String>) {
        self.notice.set(words.into());
    }

    /// What the chart tells.
    pub fn hear(self, heard: Heard) {
        match heard {
            Heard::Picked(column) => self.open(column.first),
            Heard::PickedEvent(start) => self.open(start),
            Heard::Painted => {
                if self.load.get_untracked() != LoadState::Loading {
                    first::take_away();
                }
                self.count();
                if self.settling.try_with_value(Option::is_none).unwrap_or(false) {
                    self.settling.set_value(Some(Timeout::new(SETTLE_MS, move || self.settle())));
                }
            }
        }
    }

    /// What the live connection tells.
    pub fn live(self, event: BusEvent) {
        match event {
            BusEvent::Bar(camera, bar, _) if camera == self.camera.get_untracked() => {
                self.change(|c| c.live(bar));
                self.show_state();
                if self.end.get_untracked() == Some(Step::Forward) {
                    self.end.set(None);
                }
            }
            BusEvent::Bar(..) | BusEvent::Seen(_) | BusEvent::Storage(_) | BusEvent::Detector(..) => {}
            BusEvent::Resync => self.reload(),
        }
    }

    fn count(self) {
        let columns = self.with_widget(Widget::columns).unwrap_or_default();
        let facts = self.read(|c| Facts {
            view: c.view(),
            bucket_us: c.bucket_us(),
            frames: columns.iter().map(|c| c.count).sum(),
            columns: columns.len(),
            held: c.history.seconds().len(),
            whole: c.history.is_whole(),
            follows: c.follows(),
        });
        if self.facts.get_untracked() != facts {
            self.facts.set(facts);
        }
    }

    fn settle(self) {
        self.settling.set_value(None);
        let rows = self.with_widget(Widget::columns).unwrap_or_default();
        if self.rows.with_untracked(|old| *old != rows) {
            self.rows.set(rows);
        }
        self.refine();
        self.load_band();
    }

    /// Fetches finer bars for what is in view, if there are any.
    fn refine(self) {
        let Some(query) = self.read(Chart::detail_query).flatten() else { return };
        if self.detail.get_value().is_some_and(|q| q == query) {
            return;
        }
        self.detail.set_value(Some(query));
        let (load, camera) = (self.loads.get_value(), self.camera.get_untracked());
        spawn_local(async move {
            let answer = data::bars(self.session, camera, query).await;
            if self.loads.try_get_value() != Some(load) {
                return;
            }
            match answer {
                Ok(bars) => {
                    self.detail.set_value(None);
                    self.change(|c| c.history.set_detail(rtm2_app::chart::Layer { query, bars: bars.bars }));
                }
                Err(e) => self.say(format!("Finer bars could not be loaded: {e}.")),
            }
        });
    }

    /// Fetches the events of what is in view, unless they are there.
    fn load_band(self) {
        let Some(query) = self.read(Chart::band_query) else { return };
        let camera = self.camera.get_untracked();
        let asked = Some((camera, query));
        if self.band.get_value() == asked || self.load.get_untracked() != LoadState::Ready {
            return;
        }
        self.band.set_value(asked);
        spawn_local(async move {
            // Bars and list say the same: nobody is told that the band lacks.
            let Ok(events) = data::band(self.session, camera, query).await else { return };
            if self.band.try_get_value() == Some(asked) {
                self.change(|c| c.events = events);
            }
        });
    }

    /// An event was changed: the band is asked for anew.
    pub fn renew_band(self) {
        self.band.set_value(None);
        self.load_band();
    }

    fn show_state(self) {
        if let Some(state) = self.read(|c| c.history.state().clone())
            && self.load.with_untracked(|old| *old != state)
        {
            self.load.set(state);
        }
    }

    /// Forgets everything and loads anew: the camera was changed.
    pub fn restart(self) {
        self.close();
        self.change(|c| c.restart(clock::now()));
        self.reload();
    }

    /// Loads the newest bars; what is held beside them stays.
    pub fn reload(self) {
        let (load, camera) = (self.begin(), self.camera.get_untracked());
        spawn_local(async move {
            let answer = data::recent(self.session, camera).await;
            let is_first = self.loads.try_get_value() == Some(load) && self.load.get_untracked() != LoadState::Ready;
            // Only what was never loaded comes from what is kept: bars that are there already are newer.
            let kept = if is_first && answer == Err(CallError::Unreachable) { days::kept(camera).await } else { None };
            if self.loads.try_get_value() != Some(load) {
                return;
            }
            self.busy.set(false);
            if let Some(kept) = kept {
                self.show_kept(camera, &kept);
                return;
            }
            if answer.is_ok() {
                self.kept.set(None);
            }
            let linked = answer.is_ok() && self.linked.get_value();
            if linked {
                self.linked.set_value(false);
            }
            self.change(|c| match answer {
                Ok(bars) => {
                    c.history.refresh(bars, rtm2_app::chart::RECENT_BARS);
                    c.loaded();
                    if linked {
                        c.five_minutes();
                    }
                }
                Err(e) => c.history.fail(e.to_string()),
            });
            self.show_state();
            self.load_overview(load, camera).await;
        });
    }

    /// Shows what this browser kept.
    fn show_kept(self, camera: CameraId, kept: &Kept) {
        let bars = kept.bars(camera);
        self.change(|c| {
            c.elastic.put_all(&kept.days);
            c.history.replace_all(bars);
            c.show_all();
        });
        self.kept.set(Some(Timestamp::from_millis(kept.at_ms as i64)));
        self.show_state();
    }

    fn begin(self) -> u32 {
        self.loads.update_value(|n| *n = n.wrapping_add(1));
        self.detail.set_value(None);
        self.band.set_value(None);
        self.change(|c| c.history.begin());
        self.show_state();
        self.busy.set(self.load.with_untracked(|l| *l == LoadState::Ready));
        self.loads.get_value()
    }

    async fn load_overview(self, load: u32, camera: CameraId) {
        let width = self.with_widget(Widget::slider_width).unwrap_or(1_000.0);
        let Some(query) = self.read(|c| c.history.overview_query(width)).flatten() else { return };
        // Without it the slider shows less; everything else works, so nobody is told.
        if let Ok(bars) = data::bars(self.session, camera, query).await
            && self.loads.try_get_value() == Some(load)
        {
            self.change(|c| c.history.set_overview(rtm2_app::chart::Layer { query, bars: bars.bars }));
        }
    }

    /// Loads every one-second bar there is, and shows all of them (R43).
    pub fn load_all(self) {
        let Some((oldest, _)) = self.read(|c| c.history.extent()).flatten() else { return };
        if self.read(|c| c.history.is_whole()) == Some(true) {
            self.change(Chart::show_all);
            self.say("Everything is loaded.");
            return;
        }
        let (load, camera) = (self.begin(), self.camera.get_untracked());
        spawn_local(async move {
            // Up to tomorrow, in case the server's clock is ahead.
            let span = Span::new(oldest.second(), Timestamp(clock::now().0.saturating_add(86_400_000_000)));
            let answer = data::all_seconds(self.session, camera, span).await;
            if self.loads.try_get_value() != Some(load) {
                return;
            }
            self.busy.set(false);
            self.change(|c| match answer {
                Ok(bars) => {
                    let count = bars.bars.len();
                    c.history.replace_all(bars);
                    c.show_all();
                    self.say(format!("All {count} seconds with motion are loaded."));
                }
                Err(e) => {
                    c.history.fail(e.to_string());
                    self.say(format!("The old data could not be loaded: {e}."));
                }
            });
            self.show_state();
        });
    }

    /// Forgets all but the newest bars (R43).
    pub fn release(self) {
        self.change(Chart::release);
        let Some(held) = self.read(|c| c.history.seconds().len()) else { return };
        self.say(format!("Only the newest {held} seconds with motion are kept in this page. Nothing was deleted."));
        let (load, camera) = (self.loads.get_value(), self.camera.get_untracked());
        spawn_local(self.load_overview(load, camera));
    }

    /// Shows the frame of exactly this time (R40).
    pub fn open(self, at: Timestamp) {
        if self.viewed.with_untracked(|v| !matches!(v, Viewed::Frame(_))) {
            self.viewed.set(Viewed::Awaited(at));
        }
        self.change(|c| c.mark(Some(at)));
        self.end.set(None);
        self.seek(Seek::At(at));
    }

    /// Shows the frame of exactly this time in the five minutes that end with it: where a link leads to. Where it is
    /// gone, the nearest one.
    pub fn open_around(self, at: Timestamp) {
        self.open(at);
        self.linked.set_value(true);
        self.arriving.set_value(true);
    }

    /// Shows another frame. Ignored while one is being fetched, so that a held key does not pile up requests.
    pub fn step(self, step: Step) {
        if self.stepping.get_untracked() {
            return;
        }
        self.hold();
        let at = self.viewed.with_untracked(Viewed::at);
        self.seek(match (at, step) {
            (None, _) => Seek::Last,
            (Some(at), Step::Back) => Seek::Previous(at),
            (Some(at), Step::Forward) => Seek::Next(at),
        });
    }

    /// Shows the first frame of the bar before or after (the exact hit of the keyboard).
    pub fn step_bar(self, step: Step) {
        self.hold();
        match self.read(|c| c.neighbour(step)).flatten() {
            Some(column) => self.open(column.first),
            None => self.say(end_words(step)),
        }
    }

    /// Asks for a frame and shows it.
    pub fn seek(self, seek: Seek) {
        let (number, camera) = (self.ask(), self.camera.get_untracked());
        self.stepping.set(true);
        spawn_local(async move {
            let answer = match seek {
                Seek::At(at) => data::nearest(self.session, camera, at).await,
                _ => data::frame(self.session, camera, seek).await,
            };
            if !self.is_asked(number) {
                return;
            }
            self.stepping.set(false);
            match answer {
                Ok(found) => self.found(seek, found),
                Err(e) => match seek {
                    Seek::At(at) => self.viewed.set(Viewed::Failed(at, e.to_string())),
                    _ => self.say(format!("The frame could not be loaded: {e}.")),
                },
            }
        });
    }

    fn found(self, seek: Seek, found: Option<FrameInfo>) {
        let arriving = self.arriving.get_value();
        self.arriving.set_value(false);
        match (seek, found) {
            (Seek::At(at), Some(frame)) if arriving && frame.at.millis() != at.millis() => {
                self.show(frame);
                self.say(format!("No frame of {} is stored (any more). This is the nearest one.", label(at)));
            }
            // A link may say no more than the millisecond.
            (Seek::At(_), Some(frame)) if arriving => self.show(frame),
            (Seek::At(at), found) if found.as_ref().is_none_or(|f| f.at != at) => {
                self.say(format!("The frame of {} is not stored any more.", label(at)));
                self.viewed.set(Viewed::Gone(at, found));
            }
            (_, Some(frame)) => {
                self.end.set(match seek {
                    Seek::First => Some(Step::Back),
                    Seek::Last => Some(Step::Forward),
                    _ => None,
                });
                self.show(frame);
                if matches!(seek, Seek::First | Seek::Last) {
                    self.change(Chart::five_minutes);
                }
            }
            (Seek::Previous(_), None) => self.reached(Step::Back),
            (Seek::Next(_), None) => self.reached(Step::Forward),
            (_, None) => self.say("No frame is stored yet."),
        }
    }

    fn reached(self, end: Step) {
        self.end.set(Some(end));
        self.say(end_words(end));
    }

    /// Shows a frame that is known.
    pub fn show(self, frame: FrameInfo) {
        self.change(|c| c.mark(Some(frame.at)));
        self.say(format!("Frame of {}.", spoken_label(frame.at, offset_minutes(frame.at))));
        self.viewed.set(Viewed::Frame(frame));
    }

    /// The browser could not load the picture of a frame: asks whether it is still stored.
    pub fn broken(self, at: Timestamp) {
        let (number, camera) = (self.frames.get_value(), self.camera.get_untracked());
        spawn_local(async move {
            let answer = data::frame(self.session, camera, Seek::At(at)).await;
            if self.frames.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(Some(frame)) if frame.at == at => {
                    self.viewed.set(Viewed::Failed(at, "the browser could not load this picture".to_owned()));
                }
                Ok(found) => self.found(Seek::At(at), found),
                Err(e) => self.viewed.set(Viewed::Failed(at, e.to_string())),
            }
        });
    }

    /// Looks at no frame any more.
    pub fn close(self) {
        self.ask();
        self.arriving.set_value(false);
        self.stepping.set(false);
        self.end.set(None);
        self.viewed.set(Viewed::Nothing);
        self.change(|c| c.mark(None));
        self.say("");
    }

    /// Lets the browser save the chart as a picture (R44).
    pub fn save(self) {
        let Some(view) = self.read(Chart::view) else { return };
        let (from, to) = (label(view.from()), label(view.to()));
        let title = format!("Motion of camera {}, {from} to {to}", self.camera.get_untracked());
        let file = format!("motion-{}.png", from.replace([' ', ':'], "-"));
        if self.with_widget(|w| w.save(&title, &file)).flatten().is_none() {
            self.say("The browser could not make a picture of the chart.");
        }
    }
}

fn end_words(step: Step) -> &'static str {
    match step {
        Step::Back => "This is the first frame; there is none before it.",
        Step::Forward => "This is the last frame; there is none after it yet.",
    }
}

/// Local date and time to the second.
pub fn label(at: Timestamp) -> String {
    let full = full_label(at, offset_minutes(at));
    full.get(..19).map_or(full.clone(), str::to_owned)
}
