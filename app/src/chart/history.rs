//! The bars that a page holds: the newest ones second by second, older ones in wider buckets where they are looked at.

use super::{Column, Span, bucket_for, fold, merge_columns};
use crate::bars::upsert;
use crate::http::Bars;
use crate::{Bar, Timestamp};

/// Bars that are loaded at first, and that stay when old data is released (R38, R43).
pub const RECENT_BARS: usize = 1_000;

/// How far loading has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadState {
    /// The first answer is still awaited.
    Loading,
    /// The camera has no motion stored (B10).
    Empty,
    /// There are bars.
    Ready,
    /// Loading failed, with a sentence for the user.
    Failed(String),
}

/// A request for bars of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarQuery {
    /// The stretch.
    pub span: Span,
    /// Width of a bucket in microseconds.
    pub bucket_us: i64,
}

/// Bars of a stretch that is older than the bars held second by second, and so no longer grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What was asked for.
    pub query: BarQuery,
    /// The answer, by time.
    pub bars: Vec<Bar>,
}

/// All that is known of one camera's history.
#[derive(Clone, Debug)]
pub struct History {
    state: LoadState,
    /// One-second bars, by time: all there are from `seconds_from` on.
    seconds: Vec<Bar>,
    /// `None` before the first answer.
    seconds_from: Option<Timestamp>,
    /// What lies before `seconds_from`, coarsely and whole.
    overview: Option<Layer>,
    /// What lies before `seconds_from`, finely, around the view.
    detail: Option<Layer>,
    extent: Option<(Timestamp, Timestamp)>,
    /// Live bars that came while an answer was awaited, which may be older than they are.
    meanwhile: Option<Vec<Bar>>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            state: LoadState::Loading,
            seconds: Vec::new(),
            seconds_from: None,
            overview: None,
            detail: None,
            extent: None,
            meanwhile: Some(Vec::new()),
        }
    }
}

impl History {
    /// How far loading has come.
    pub fn state(&self) -> &LoadState {
        &self.state
    }

    /// The bars held second by second, by time.
    pub fn seconds(&self) -> &[Bar] {
        &self.seconds
    }

    /// Oldest and newest time known, live bars included.
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        self.extent
    }

    /// Whether every second of the whole extent is held.
    pub fn is_whole(&self) -> bool {
        let Some(from) = self.seconds_from else { return false };
        self.extent.is_none_or(|(oldest, _)| from <= oldest.second())
    }

    /// To be called when one-second bars are asked for: live bars are remembered until the answer comes, because it
    /// may have been made before them.
    pub fn begin(&mut self) {
        self.meanwhile.get_or_insert_default();
        if self.seconds_from.is_none() {
            self.state = LoadState::Loading;
        }
    }

    /// Replaces everything by the answer to a request for the newest `limit` one-second bars.
    pub fn replace_recent(&mut self, answer: Bars, limit: usize) {
        let from = match answer.bars.first() {
            Some(oldest) if answer.bars.len() >= limit => oldest.start,
            _ => Timestamp(i64::MIN),
        };
        self.replace(answer, from);
    }

    /// Takes an answer to a request for the newest `limit` one-second bars without forgetting what was loaded beside
    /// them, unless there is a gap between the two: for the time after a connection was lost.
    pub fn refresh(&mut self, answer: Bars, limit: usize) {
        let newest = self.seconds.last().map(|b| b.start);
        let gapless = match (answer.bars.first(), newest) {
            (Some(first), Some(newest)) => answer.bars.len() < limit || first.start <= newest,
            _ => false,
        };
        if self.seconds_from.is_none() || !gapless {
            return self.replace_recent(answer, limit);
        }
        self.meanwhile = None;
        for bar in answer.bars {
            self.insert(bar);
        }
        if let Some((oldest, newest)) = answer.extent {
            // What was stored longest may be gone meanwhile.
            let kept = self.seconds.partition_point(|b| b.start < oldest.second());
            self.seconds.drain(..kept);
            let known = self.extent.map_or(newest, |(_, known)| known);
            self.extent = Some((oldest, newest.max(known)));
        }
        self.settle();
    }

    /// Replaces everything by the answer to a request for all one-second bars.
    pub fn replace_all(&mut self, answer: Bars) {
        self.replace(answer, Timestamp(i64::MIN));
    }

    fn replace(&mut self, answer: Bars, from: Timestamp) {
        self.seconds = answer.bars;
        self.seconds.sort_unstable_by_key(|b| b.start);
        self.seconds.dedup_by_key(|b| b.start);
        self.seconds_from = Some(from);
        self.extent = answer.extent;
        (self.overview, self.detail) = (None, None);
        for bar in self.meanwhile.take().unwrap_or_default() {
            self.insert(bar);
        }
        for i in [0, self.seconds.len().wrapping_sub(1)] {
            if let Some(bar) = self.seconds.get(i).copied() {
                self.stretch(bar);
            }
        }
        self.settle();
    }

    /// Loading failed; what is already held stays.
    pub fn fail(&mut self, why: String) {
        if self.seconds_from.is_some() {
            self.meanwhile = None;
        } else {
            self.state = LoadState::Failed(why);
        }
    }

    /// Puts in a live bar: the whole count of its second so far.
    pub fn live(&mut self, bar: Bar) {
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.push(bar);
        }
        self.insert(bar);
        self.stretch(bar);
        // Before the first answer a single live bar is not the history yet.
        if self.seconds_from.is_some() {
            self.settle();
        }
    }

    /// A second only ever grows, so of two bars for it the one with more frames is the newer, whichever came first.
    fn insert(&mut self, bar: Bar) {
        let known = self.seconds.binary_search_by_key(&bar.start, |b| b.start).ok().map(|i| self.seconds[i].count);
        let held = self.seconds_from.is_none_or(|from| bar.start >= from);
        if held && bar.count > known.unwrap_or(0) {
            upsert(&mut self.seconds, bar);
        }
    }

    fn stretch(&mut self, bar: Bar) {
        let (oldest, newest) = self.extent.unwrap_or((bar.first, bar.first));
        self.extent = Some((oldest.min(bar.first), newest.max(bar.first)));
    }

    fn settle(&mut self) {
        self.state = if self.seconds.is_empty() { LoadState::Empty } else { LoadState::Ready };
    }

    /// Takes the answer to [`overview_query`](Self::overview_query).
    pub fn set_overview(&mut self, mut layer: Layer) {
        if self.seconds_from == Some(layer.query.span.to()) {
            self.cut(&mut layer);
            self.overview = Some(layer);
        }
    }

    /// Takes the answer to [`detail_query`](Self::detail_query).
    pub fn set_detail(&mut self, mut layer: Layer) {
        if self.seconds_from.is_some_and(|from| layer.query.span.to() <= from) {
            self.cut(&mut layer);
            self.detail = Some(layer);
        }
    }

    /// Answers hold whole buckets. What of them is also held second by second is taken out, so that nothing counts
    /// twice.
    fn cut(&self, layer: &mut Layer) {
        let (bucket_us, Some(from)) = (layer.query.bucket_us, self.seconds_from) else { return };
        layer.bars.retain(|b| b.start < from);
        let Some(last) = layer.bars.last_mut() else { return };
        let end = Timestamp(last.start.0.saturating_add(bucket_us));
        let doubled = self.seconds.iter().take_while(|b| b.start < end).map(|b| b.count).sum::<u32>();
        last.count = last.count.saturating_sub(doubled);
        if last.count == 0 {
            layer.bars.pop();
        }
    }

    /// Keeps the newest `keep` one-second bars and forgets the rest (B20: it replaces, nothing is appended). What is
    /// forgotten moves into the overview, if that has been loaded.
    pub fn release(&mut self, keep: usize) {
        let Some(cut) = self.seconds.len().checked_sub(keep.max(1)).filter(|cut| *cut > 0) else { return };
        let newer = self.seconds.split_off(cut);
        let released = std::mem::replace(&mut self.seconds, newer);
        self.seconds.shrink_to_fit();
        let Some(from) = self.seconds.first().map(|b| b.start) else { return };
        self.seconds_from = Some(from);
        self.detail = None;
        if let Some(overview) = &mut self.overview {
            overview.query.span = Span::new(overview.query.span.from(), from);
            overview.absorb(&released);
        }
    }

    /// The columns that a view shows: one bucket width for all of them where the finer bars are held, a wider one in
    /// older stretches for which only the overview is there yet.
    pub fn columns(&self, view: Span, width_px: f64) -> Vec<Column> {
        self.columns_of(view, bucket_for(view, width_px))
    }

    /// The columns of a stretch in buckets of a given width, wider ones where only the overview is held.
    pub fn columns_of(&self, view: Span, bucket: i64) -> Vec<Column> {
        let newer = fold(within(&self.seconds, view, bucket), bucket);
        let older = self.layer_for(view).map_or_else(Vec::new, |layer| {
            let bucket = bucket.max(layer.query.bucket_us);
            fold(within(&layer.bars, view, bucket), bucket)
        });
        merge_columns(older, newer)
    }

    fn layer_for(&self, view: Span) -> Option<&Layer> {
        let older = self.older_part(view)?;
        self.detail.iter().find(|l| l.query.span.covers(older)).or(self.overview.as_ref())
    }

    /// The part of a view that holds frames but no one-second bars.
    fn older_part(&self, view: Span) -> Option<Span> {
        let (oldest, _) = self.extent?;
        let (from, to) = (oldest.second(), self.seconds_from?);
        if to <= from {
            return None;
        }
        view.intersection(Span::new(from, to))
    }

    /// What must be asked for so that a view shows bars as fine as it can: `None` when all of it is held.
    pub fn detail_query(&self, view: Span, width_px: f64) -> Option<BarQuery> {
        let older = self.older_part(view)?;
        let bucket_us = bucket_for(view, width_px);
        let fits = |l: &Layer| l.query.span.covers(older) && l.query.bucket_us <= bucket_us;
        if self.detail.as_ref().is_some_and(fits) || self.overview.as_ref().is_some_and(fits) {
            return None;
        }
        // A view's length on both sides, so that panning finds something.
        let wide = Span::new(view.shifted(-view.len_us()).from(), view.shifted(view.len_us()).to());
        let ((oldest, _), seconds_from) = (self.extent?, self.seconds_from?);
        let all = Span::new(oldest.bucket(bucket_us), seconds_from);
        let span = Span::new(wide.from().bucket(bucket_us), wide.to()).intersection(all)?;
        // The end is a bucket's too, unless the one-second bars begin there.
        let end = Timestamp(span.to().bucket(bucket_us).0.saturating_add(bucket_us)).min(seconds_from);
        Some(BarQuery { span: Span::new(span.from(), end), bucket_us })
    }

    /// What must be asked for so that the overview is whole: `None` when it is.
    pub fn overview_query(&self, width_px: f64) -> Option<BarQuery> {
        if self.overview.is_some() || self.is_whole() || self.seconds.is_empty() {
            return None;
        }
        let (oldest, newest) = self.extent?;
        let bucket_us = bucket_for(Span::new(oldest, newest), width_px);
        Some(BarQuery { span: Span::new(oldest.bucket(bucket_us), self.seconds_from?), bucket_us })
    }

    /// Frames known of altogether, at least.
    pub fn total(&self) -> u64 {
        let sum = |bars: &[Bar]| bars.iter().map(|b| u64::from(b.count)).sum::<u64>();
        sum(&self.seconds) + self.overview.as_ref().map_or(0, |l| sum(&l.bars))
    }
}

impl Layer {
    /// Adds one-second bars that follow the layer.
    fn absorb(&mut self, seconds: &[Bar]) {
        for column in fold(seconds, self.query.bucket_us) {
            let count = u32::try_from(column.count).unwrap_or(u32::MAX);
            match self.bars.last_mut() {
                Some(last) if last.start == column.span.from() => last.count = last.count.saturating_add(count),
                _ => self.bars.push(Bar { start: column.span.from(), count, first: column.first }),
            }
        }
    }
}

/// The bars, sorted by time, that fall into a view's buckets, the cut ones at its edges included whole.
fn within(bars: &[Bar], view: Span, bucket_us: i64) -> &[Bar] {
    let end = Timestamp(view.to().bucket(bucket_us).0.saturating_add(bucket_us));
    let from = bars.partition_point(|b| b.start < view.from().bucket(bucket_us));
    let to = bars.partition_point(|b| b.start < end);
    bars.get(from..to).unwrap_or_default()
}
