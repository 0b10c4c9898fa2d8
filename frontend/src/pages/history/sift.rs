//! Which bars would be left if more had to change, or only in a part of the picture: sliders and a region over the picture,
//! and the bars of the whole range in other colours at once. Nobody asks the server: the days' records are here.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::{Rule, STEPS, Tally, share, step_of};
use rtm2_app::day::ALL_CELLS;

use super::cells::Cells;
use super::data;
use super::desk::Desk;
use crate::session::Session;
use crate::sys::days::{self, Listed, Missing};
use crate::sys::storage;
use crate::sys::timer::Timeout;

/// Days that are fetched at a time, and put into the chart together: it is not sifted for each of them.
const BATCH: usize = 24;
/// How long after new bars their records are fetched, in milliseconds.
const REFRESH_MS: u32 = 4_000;

/// How far the records are loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not begun.
    Idle,
    /// So many days of so many.
    Loading(usize, usize),
    /// All are there.
    Done,
    /// Not all could be loaded, with the reason in words.
    Failed(String),
}

/// The records of one camera's history and what is asked of them; copies are the same one.
#[derive(Clone, Copy)]
pub struct Sieve {
    session: Session,
    desk: Desk,
    /// What a second needs to pass.
    pub rule: RwSignal<Rule>,
    /// How far the records are loaded.
    pub progress: RwSignal<Progress>,
    /// Numbers rounds of loading: what an older one brings is dropped.
    round: StoredValue<u32>,
    /// The days that the chart has, as they were listed.
    held: StoredValue<Vec<Listed>, LocalStorage>,
    waiting: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Sieve {
    /// What was asked for when this tab showed a history last.
    pub fn new(desk: Desk) -> Self {
        Self {
            session: Session::expect(),
            desk,
            rule: RwSignal::new(storage::of_session("sift").map(|text| Rule::from_text(&text)).unwrap_or_default()),
            progress: RwSignal::new(Progress::Idle),
            round: StoredValue::new(0),
            held: StoredValue::new_local(Vec::new()),
            waiting: StoredValue::new_local(None),
        }
    }

    /// Asks for something else.
    pub fn set(self, change: impl FnOnce(&mut Rule)) {
        self.rule.update(change);
        storage::set_of_session("sift", &self.rule.get_untracked().to_text());
        self.apply();
    }

    /// Lets the chart know what is asked for.
    pub fn apply(self) {
        self.desk.change(|c| c.elastic.set(self.rule.get_untracked()));
    }

    /// Forgets the days of another camera.
    pub fn restart(self) {
        self.round.update_value(|n| *n = n.wrapping_add(1));
        self.held.update_value(Vec::clear);
        self.progress.set(Progress::Idle);
    }

    /// Fetches the records of the newest `most` days that are not here yet, and keeps them in this browser.
    pub fn load(self, most: usize) {
        if self.desk.kept.get_untracked().is_some() {
            // Without the server there is no more than what was kept, and the chart has that.
            self.progress.set(Progress::Done);
            return;
        }
        self.round.update_value(|n| *n = n.wrapping_add(1));
        let round = self.round.get_value();
        spawn_local(async move {
            let camera = self.desk.camera.get_untracked();
            let listed = days::list(camera).await;
            if !self.is_current(round) {
                return;
            }
            match listed {
                Ok(mut listed) => {
                    listed.truncate(most);
                    self.fetch(round, listed).await;
                }
                Err(Missing::LoggedOut) => self.session.end(),
                Err(Missing::Failed(why)) => self.progress.set(Progress::Failed(why)),
            }
        });
    }

    /// Fetches the records of seconds that moved meanwhile, not more often than every few seconds.
    pub fn refresh(self, most: usize) {
        if self.waiting.with_value(Option::is_none) {
            let run = move || {
                self.waiting.set_value(None);
                self.load(most);
            };
            self.waiting.set_value(Some(Timeout::new(REFRESH_MS, run)));
        }
    }

    fn is_current(self, round: u32) -> bool {
        self.round.try_get_value() == Some(round)
    }

    async fn fetch(self, round: u32, mut listed: Vec<Listed>) {
        self.held.with_value(|held| listed.retain(|day| !held.contains(day)));
        let (camera, all) = (self.desk.camera.get_untracked(), listed.len());
        let (mut done, mut trouble) = (0, None);
        for batch in listed.chunks(BATCH) {
            self.progress.set(Progress::Loading(done, all));
            let came = days::fetch(camera, batch).await;
            if !self.is_current(round) {
                return;
            }
            let mut days = Vec::with_capacity(batch.len());
            for (listed, day) in batch.iter().zip(came) {
                match day {
                    Ok(day) => {
                        days.push(day);
                        self.held.update_value(|held| {
                            held.retain(|old| old.number != listed.number);
                            held.push(listed.clone());
                        });
                    }
                    Err(why) => trouble = Some(why),
                }
            }
            done += batch.len();
            self.desk.change(|c| c.elastic.put_all(&days));
        }
        self.progress.set(trouble.map_or(Progress::Done, Progress::Failed));
        days::trim().await;
    }

    /// How much passes: of what is in view, and of everything.
    pub fn tallies(self) -> Option<(Tally, Tally)> {
        self.desk.read(|c| (c.elastic.tally(c.view()), c.elastic.tally(c.bounds())))
    }
}

/// The panel.
#[component]
pub fn Sift(
    /// The history.
    desk: Desk,
    /// Its records.
    sieve: Sieve,
) -> impl IntoView {
    // A picture to draw on: the frame being looked at, else the newest that is known.
    let picture = Memo::new(move |_| {
        let viewed = desk.viewed.with(super::desk::Viewed::at);
        desk.rows.track();
        let newest = || desk.read(|c| c.history.seconds().last().map(|bar| bar.first)).flatten();
        let at = viewed.or_else(newest).filter(|_| desk.kept.get().is_none())?;
        Some(data::picture_url(desk.camera.get(), at))
    });
    let cells = Signal::derive(move || sieve.rule.get().cells);
    let is_open = Memo::new(move |_| sieve.rule.get().is_open());
    view! {
        <section class="sift" aria-label="Sift the bars">
            <Cells cells picture on_change=move |cells: u64| sieve.set(|rule| rule.cells = cells & ALL_CELLS) />
            <div class="sift-side">
                <h2 class="sift-title">"What would be left"</h2>
                {slider("Changed area, at least", move || sieve.rule.get().area, move |v| sieve.set(|rule| rule.area = v))}
                {slider("Biggest region, at least", move || sieve.rule.get().biggest, move |v| sieve.set(|rule| rule.biggest = v))}
                <p class="sift-where">{move || where_words(cells.get())}</p>
                <p class="sift-count" role="status" aria-live="polite">{move || count_words(desk, &sieve)}</p>
                <p class="sift-progress">{move || progress_words(&sieve.progress.get())}</p>
                <button
                    type="button"
                    class="history-button"
                    disabled=move || is_open.get()
                    on:click=move |_| sieve.set(|rule| *rule = Rule::default())
                >
                    "Reset"
                </button>
            </div>
        </section>
    }
}

fn slider(
    label: &'static str,
    value: impl Fn() -> u16 + Copy + Send + 'static,
    set: impl Fn(u16) + Copy + 'static,
) -> AnyView {
    let range = NodeRef::<html::Input>::new();
    let change = move |_| {
        if let Some(step) = range.get_untracked().and_then(|range| range.value().parse().ok()) {
            set(share(step));
        }
    };
    view! {
        <label class="sift-slider">
            <span>{label}</span>
            <b>{move || percent(value())}</b>
            <input
                type="range"
                min="0"
                max=STEPS.to_string()
                node_ref=range
                prop:value=move || step_of(value()).to_string()
                aria-valuetext=move || percent(value())
                on:input=change
            />
        </label>
    }
    .into_any()
}

/// A share of 65535 in words.
fn percent(share: u16) -> String {
    if share == 0 {
        return "anything".to_owned();
    }
    let hundredths = u32::from(share) * 10_000 / 65_535;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match (whole, rest) {
        (0, 0) => "0.01 %".to_owned(),
        (0..10, _) => {
            [whole.to_string().as_str(), ".", if rest < 10 { "0" } else { "" }, &rest.to_string(), " %"].concat()
        }
        _ => [&whole.to_string(), " %"].concat(),
    }
}

fn where_words(cells: u64) -> String {
    match cells.count_ones() {
        0 => "Anywhere in the picture. Draw on it to choose where.".to_owned(),
        1 => "In the one part chosen.".to_owned(),
        n => ["In one of the ", &n.to_string(), " parts chosen."].concat(),
    }
}

/// A number with a comma between thousands.
fn grouped(n: u32) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn count_words(desk: Desk, sieve: &Sieve) -> String {
    desk.facts.track();
    sieve.rule.track();
    sieve.progress.track();
    let Some((view, all)) = sieve.tallies().filter(|(_, all)| all.known > 0) else {
        return match sieve.progress.get() {
            Progress::Done => "There are no seconds with motion to choose from.".to_owned(),
            _ => String::new(),
        };
    };
    let of = |tally: Tally| [&grouped(tally.passed), " of ", &grouped(tally.known)].concat();
    if view.known == 0 {
        return ["Nothing moved in this stretch of time; of everything, ", &of(all), " seconds."].concat();
    }
    [&of(view), " seconds in view, ", &of(all), " of everything."].concat()
}

fn progress_words(progress: &Progress) -> String {
    match progress {
        Progress::Loading(done, all) => {
            ["Loading the records: ", &done.to_string(), " of ", &all.to_string(), " days …"].concat()
        }
        Progress::Failed(why) => ["Some days are missing: ", why, "."].concat(),
        Progress::Idle | Progress::Done => String::new(),
    }
}
