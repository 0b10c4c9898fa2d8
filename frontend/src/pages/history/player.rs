//! Plays the event of the frame being looked at, on a canvas over its picture.
//!
//! A few pictures are fetched and decoded ahead. What is not there in time is left out; [`Playback`] decides both.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::Step;
use rtm2_app::playback::{Pauses, Playback};
use rtm2_app::{CameraId, Event, FrameInfo, Kept, Timestamp};

use super::data;
use super::desk::{Desk, Viewed};
use super::film::{Film, Lost, picture};
use crate::http::CallError;
use crate::sys::clock;
use crate::sys::timer::Timeout;

/// How many times faster than life it can be played.
pub const SPEEDS: [i64; 3] = [1, 4, 16];
/// Pictures that are fetched at a time.
const AT_A_TIME: usize = 4;
/// Pictures that are fetched or wait for their time.
const AHEAD: usize = 8;
/// Pictures that may fail one after the other until the server counts as away.
const FAILURES: u32 = 6;
/// A longer pause between two looks at the clock was no playing: the page was in the background.
const ABSENCE_US: i64 = 1_000_000;
/// How often the marker on the chart follows, in µs: each time costs a painting of the bars.
const MARK_US: i64 = 250_000;
/// Time after which the frame looked at is taken as chosen, in milliseconds.
const SETTLE_MS: u32 = 150;

/// What the player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playing {
    /// Nothing: the picture stands.
    Still,
    /// It finds out which frames there are.
    Loading,
    /// It plays.
    Yes,
}

/// Plays events; copies are the same one.
#[derive(Clone, Copy)]
pub struct Player {
    /// Stored: a copy of it is large.
    desk: StoredValue<Desk>,
    /// The event that the frame looked at belongs to.
    pub event: RwSignal<Option<Event>>,
    /// What it does.
    pub playing: RwSignal<Playing>,
    /// The frame on the canvas while it plays.
    pub shown: RwSignal<Option<FrameInfo>>,
    /// How many times faster than life.
    pub speed: RwSignal<i64>,
    /// Where it is, in µs from the event's first frame.
    pub place: RwSignal<i64>,
    /// How long the event takes, in µs.
    pub length: RwSignal<i64>,
    /// Frames that were gone when their time came.
    pub lost: RwSignal<u32>,
    /// Where pictures are painted.
    pub canvas: NodeRef<html::Canvas>,
    film: StoredValue<Option<Film>, LocalStorage>,
    settling: StoredValue<Option<Timeout>, LocalStorage>,
    /// Numbers what was asked for: answers to older questions are dropped.
    turn: StoredValue<u32>,
    /// Whether to play once the frame is there that is awaited.
    eager: StoredValue<bool>,
}

impl Player {
    /// A player beside a desk, until the owner goes.
    pub fn new(desk: Desk) -> Self {
        let player = Self {
            desk: StoredValue::new(desk),
            event: RwSignal::new(None),
            playing: RwSignal::new(Playing::Still),
            shown: RwSignal::new(None),
            speed: RwSignal::new(1),
            place: RwSignal::new(0),
            length: RwSignal::new(0),
            lost: RwSignal::new(0),
            canvas: NodeRef::new(),
            film: StoredValue::new_local(None),
            settling: StoredValue::new_local(None),
            turn: StoredValue::new(0),
            eager: StoredValue::new(false),
        };
        Effect::new(move |_| {
            let at = desk.viewed.with(|viewed| match viewed {
                Viewed::Frame(info) => Some((info.camera, info.at)),
                _ => None,
            });
            untrack(|| player.look(at));
        });
        player
    }

    /// Another frame is looked at, or none.
    fn look(self, frame: Option<(CameraId, Timestamp)>) {
        // Somebody chose another frame while it played, or nothing any more.
        if self.playing.get_untracked() != Playing::Still {
            self.stop();
        }
        let Some((camera, at)) = frame else {
            self.settling.set_value(None);
            let viewed = self.desk().viewed.get_untracked();
            if viewed == Viewed::Nothing {
                self.forget();
            }
            if !matches!(viewed, Viewed::Awaited(_)) {
                self.eager.set_value(false);
            }
            return;
        };
        if self.eager.try_update_value(std::mem::take) == Some(true) {
            request_animation_frame(move || self.play());
        }
        let within = |event: &Event| event.camera == camera && event.from <= at && at <= event.to;
        if self.event.with_untracked(|event| event.as_ref().is_some_and(within)) {
            self.stand_at(at);
            return;
        }
        self.forget();
        self.settling.set_value(Some(Timeout::new(SETTLE_MS, move || {
            let turn = self.take_turn();
            spawn_local(async move {
                // Without the answer there is nothing to be said of the event; playing asks again.
                if let Ok(Some(event)) = data::event_of(self.desk().session(), camera, at).await
                    && self.is_turn(turn)
                {
                    self.know(event);
                    self.stand_at(at);
                }
            });
        })));
    }

    pub(super) fn desk(self) -> Desk {
        self.desk.get_value()
    }

    pub(super) fn know(self, event: Event) {
        self.length.set(event.to.0.saturating_sub(event.from.0));
        self.event.set(Some(event));
    }

    pub(super) fn forget(self) {
        self.take_turn();
        self.film.set_value(None);
        self.event.set(None);
        self.lost.set(0);
        self.place.set(0);
    }

    /// Shows where in the event a frame is.
    fn stand_at(self, at: Timestamp) {
        let of_film = self.with_film(|film| film.playback.place_of(at));
        let of_event = || self.event.with_untracked(|event| event.as_ref().map_or(0, |event| at.0 - event.from.0));
        self.place.set(of_film.unwrap_or_else(of_event));
    }

    fn take_turn(self) -> u32 {
        self.turn
            .try_update_value(|turn| {
                *turn = turn.wrapping_add(1);
                *turn
            })
            .unwrap_or_default()
    }

    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    fn with_film<T>(self, run: impl FnOnce(&mut Film) -> T) -> Option<T> {
        self.film.try_update_value(|film| film.as_mut().map(run)).flatten()
    }

    /// Plays what stands, stops what plays.
    pub fn toggle(self) {
        if self.playing.get_untracked() == Playing::Still { self.play() } else { self.pause() }
    }

    /// Plays on from the frame being looked at.
    pub fn play(self) {
        let Some(at) = self.frame_at() else {
            if self.desk().viewed.with_untracked(|viewed| matches!(viewed, Viewed::Awaited(_))) {
                self.eager.set_value(true);
                return;
            }
            self.desk().say("Click a bar first: the event of its frame is what is played.");
            return;
        };
        self.playing.set(Playing::Loading);
        self.when_loaded(at, Self::begin, at.0);
    }

    /// Finds out which frames the event of the frame of `at` has, then goes on with `then`, unless something else was
    /// asked for meanwhile.
    fn when_loaded(self, at: Timestamp, then: fn(Self, i64), with: i64) {
        // It is found out here, and the question that waits would be the newer one.
        self.settling.set_value(None);
        let turn = self.take_turn();
        spawn_local(async move {
            let loaded = self.load(at).await;
            if !self.is_turn(turn) {
                return;
            }
            match loaded {
                Ok(()) => then(self, with),
                Err(words) => {
                    self.playing.set(Playing::Still);
                    self.desk().say(words);
                }
            }
        });
    }

    fn frame_at(self) -> Option<Timestamp> {
        self.desk().viewed.with_untracked(|viewed| match viewed {
            Viewed::Frame(info) => Some(info.at),
            _ => None,
        })
    }

    /// Finds out which frames the event of this frame has.
    async fn load(self, at: Timestamp) -> Result<(), String> {
        let (session, camera) = (self.desk().session(), self.desk().camera.get_untracked());
        let failed = |e: CallError| format!("The event could not be loaded: {e}.");
        let event = if let Some(event) = self.event.get_untracked() {
            event
        } else {
            let found = data::event_of(session, camera, at).await.map_err(failed)?;
            found.ok_or("This frame belongs to no event any more; there is nothing to play.")?
        };
        if self.with_film(|film| (film.camera, film.event.start)) == Some((camera, event.start)) {
            return Ok(());
        }
        let frames = data::frames(session, camera, (event.from, event.to)).await.map_err(failed)?;
        if frames.is_empty() {
            return Err("No frame of this event is stored any more.".to_owned());
        }
        let pauses = if event.kept() == Kept::Whole { Pauses::Kept } else { Pauses::Cut };
        let playback = Playback::new(frames, pauses);
        self.know(event.clone());
        self.length.set(playback.length());
        self.lost.set(0);
        self.film.set_value(Some(Film::new(camera, event, playback)));
        Ok(())
    }

    /// Plays from the frame of a time on.
    fn begin(self, at: i64) {
        let (now, speed) = (clock::steady_us(), self.speed.get_untracked());
        self.with_film(|film| {
            let place = film.playback.place_of(Timestamp(at));
            let last = film.playback.frames().len().saturating_sub(1);
            // From the last frame there is nothing to play but the whole.
            let place = if film.playback.index_at(place) == last { 0 } else { place };
            film.playback.set_speed(speed, now);
            film.playback.go_to(place, now);
            film.playback.play(now);
            (film.looked, film.marked, film.failed) = (now, now, 0);
        });
        self.playing.set(Playing::Yes);
        self.tick();
    }

    /// Looks at the clock once for each picture that the screen shows.
    fn tick(self) {
        if self.playing.try_get_untracked() != Some(Playing::Yes) {
            return;
        }
        let now = clock::steady_us();
        let Some((place, shown, ended)) = self.with_film(|film| {
            if now - film.looked > ABSENCE_US {
                film.playback.pause(film.looked);
                film.playback.play(now);
            }
            film.looked = now;
            let shown = film.paint(self.canvas.get_untracked().as_ref(), now);
            while film.flying < AT_A_TIME && film.flying + film.ready.len() < AHEAD {
                let Some(index) = film.playback.ask(now, film.fetch_us) else { break };
                self.fetch(film, index, now);
            }
            let mark = now - film.marked > MARK_US;
            if mark {
                film.marked = now;
            }
            (film.playback.place(now), shown.map(|frame| (frame, mark)), film.playback.has_ended(now))
        }) else {
            return;
        };
        self.place.set(place);
        if let Some((frame, mark)) = shown {
            if mark {
                self.desk().change(|chart| chart.mark(Some(frame.at)));
            }
            self.shown.set(Some(frame));
        }
        if ended {
            self.pause();
        } else {
            request_animation_frame(move || self.tick());
        }
    }

    fn fetch(self, film: &mut Film, index: usize, asked: i64) {
        let Some(at) = film.playback.frames().get(index).map(|frame| frame.at) else { return };
        film.flying += 1;
        let (round, path) = (film.round, data::picture_url(film.camera, at));
        spawn_local(async move {
            let picture = picture(self.desk().session(), &path).await;
            let over = self.with_film(|film| {
                if film.round != round {
                    if let Ok(bitmap) = &picture {
                        bitmap.close();
                    }
                    return false;
                }
                film.flying = film.flying.saturating_sub(1);
                match &picture {
                    Ok(bitmap) => {
                        let took = clock::steady_us() - asked;
                        film.fetch_us += (took - film.fetch_us) / 4;
                        film.failed = 0;
                        film.ready.push((index, bitmap.clone()));
                    }
                    Err(Lost::Frame) => self.lost.update(|lost| *lost += 1),
                    Err(Lost::Server) => film.failed += 1,
                }
                film.failed >= FAILURES
            });
            match (over, picture) {
                (None, Ok(bitmap)) => bitmap.close(),
                (Some(true), _) => {
                    self.pause();
                    self.desk().say("The server does not answer; playing stopped.");
                }
                _ => {}
            }
        });
    }

    /// Stops at the frame on the screen and looks at it.
    pub fn pause(self) {
        let now = clock::steady_us();
        let played = self.playing.get_untracked() == Playing::Yes;
        let frame = self.with_film(|film| {
            film.playback.pause(now);
            let index = film.playback.index_at(film.playback.place(now));
            film.playback.frames().get(index).cloned()
        });
        // Said before the desk looks at the frame, so that this is not taken for a choice of the user's.
        self.stop();
        if let (true, Some(frame)) = (played, frame.flatten()) {
            self.desk().show(frame);
        }
    }

    /// Stops if it plays.
    pub fn stand_still(self) {
        if self.playing.get_untracked() != Playing::Still {
            self.pause();
        }
    }

    pub(super) fn stop(self) {
        self.take_turn();
        let now = clock::steady_us();
        self.with_film(|film| {
            film.playback.pause(now);
            film.forget_ready();
        });
        self.playing.set(Playing::Still);
        self.shown.set(None);
    }

    /// Wipes what was played: the picture below it is there.
    pub fn uncover(self) {
        if let (Playing::Still, Some(canvas)) = (self.playing.get_untracked(), self.canvas.get_untracked()) {
            canvas.set_width(0);
        }
    }

    /// Plays faster or slower from here on.
    pub fn set_speed(self, speed: i64) {
        self.speed.set(speed);
        let now = clock::steady_us();
        self.with_film(|film| {
            film.forget_ready();
            film.playback.set_speed(speed, now);
        });
    }

    /// Plays at the next faster or slower speed.
    pub fn shift_speed(self, step: Step) {
        let now = self.speed.get_untracked();
        let other = match step {
            Step::Forward => SPEEDS.into_iter().find(|speed| *speed > now),
            Step::Back => SPEEDS.into_iter().rev().find(|speed| *speed < now),
        };
        if let Some(speed) = other {
            self.set_speed(speed);
        }
    }

    /// Goes to a place in µs from the event's first frame.
    pub fn go_to(self, place: i64) {
        self.place.set(place);
        if self.playing.get_untracked() == Playing::Yes {
            let now = clock::steady_us();
            self.with_film(|film| {
                film.forget_ready();
                film.playback.go_to(place, now);
            });
            return;
        }
        // One picture for where the hand comes to rest, not one for each step of its way.
        let Some(at) = self.frame_at() else { return };
        let rest = Timeout::new(SETTLE_MS, move || self.when_loaded(at, Self::show_place, place));
        self.settling.set_value(Some(rest));
    }

    /// Looks at the frame of a place.
    fn show_place(self, place: i64) {
        let frame = self.with_film(|film| film.playback.frames().get(film.playback.index_at(place)).cloned());
        if let Some(frame) = frame.flatten() {
            self.desk().show(frame);
        }
    }
}
