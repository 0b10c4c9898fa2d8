//! The chart on the page: canvases, what is drawn on them, and who listens.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use leptos::prelude::window;
use rtm2_app::Timestamp;
use rtm2_app::chart::{Chart, Column, Gestures, Painted, Plot};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlCanvasElement;

use super::input;
use super::listen::{Listener, Resized};
use super::overlay::{self, Hover};
use super::paint;
use super::slider::{self, Hand};
use super::surface::Surface;
use super::theme::Theme;
use crate::sys::js::{call, global};
use crate::sys::screen::pixel_ratio;

/// What the chart tells its page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard {
    /// A column was clicked or tapped.
    Picked(Column),
    /// An event was clicked or tapped: the time of its first frame of motion.
    PickedEvent(Timestamp),
    /// The bars were painted anew: another view, or other bars in it.
    Painted,
}

/// Columns around a pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Around {
    /// By time.
    pub columns: Vec<Column>,
    /// Which of them is under the pixel, or nearest to it.
    pub middle: usize,
    /// How far away that is; 0 if it is the one that is drawn there.
    pub away_px: f64,
}

/// What has to be painted at the next animation frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stale {
    Nothing,
    /// Only what moves over the bars.
    Overlay,
    Everything,
}

/// A pointer is in the middle of the pixel that it is said to be at.
pub(super) const HALF: f64 = 0.5;

/// A chart on three canvases. Dropping it ends all its listeners.
pub struct Widget(Rc<Inner>);

/// What the parts of the chart share.
pub(super) struct Inner {
    pub(super) chart: RefCell<Chart>,
    pub(super) base: Surface,
    pub(super) over: Surface,
    pub(super) slider: Surface,
    pub(super) gestures: RefCell<Gestures>,
    pub(super) hand: Hand,
    /// Pixel of the plot under the mouse, and of the canvas from its upper edge.
    pub(super) hover: Cell<Option<(f64, f64)>>,
    /// Pixels of the plot between which a box is being drawn.
    pub(super) rubber: Cell<Option<(f64, f64)>>,
    theme: RefCell<Option<Theme>>,
    /// The columns on the canvas.
    columns: RefCell<Vec<Column>>,
    /// Whether bars were painted ever.
    is_marked: Cell<bool>,
    stale: Cell<Stale>,
    frame: Cell<Option<i32>>,
    paint: RefCell<Option<Closure<dyn FnMut()>>>,
    tell: Box<dyn Fn(Heard)>,
    listeners: RefCell<Vec<Listener>>,
    sizes: RefCell<Vec<Resized>>,
}

impl Widget {
    /// A chart on these canvases: bars, what moves over them (which gets the pointer events), and the slider. `tell`
    /// hears what the user does. `None` if the browser refuses a drawing context.
    pub fn new(
        base: HtmlCanvasElement,
        over: HtmlCanvasElement,
        slider: HtmlCanvasElement,
        now: Timestamp,
        tell: impl Fn(Heard) + 'static,
    ) -> Option<Self> {
        let inner = Rc::new(Inner {
            chart: RefCell::new(Chart::new(now)),
            base: Surface::new(base)?,
            over: Surface::new(over)?,
            slider: Surface::new(slider)?,
            gestures: RefCell::default(),
            hand: Hand::default(),
            hover: Cell::default(),
            rubber: Cell::default(),
            theme: RefCell::default(),
            columns: RefCell::default(),
            is_marked: Cell::default(),
            stale: Cell::new(Stale::Nothing),
            frame: Cell::default(),
            paint: RefCell::default(),
            tell: Box::new(tell),
            listeners: RefCell::default(),
            sizes: RefCell::default(),
        });
        // Whatever the browser holds of the chart does not keep it alive.
        let weak = Rc::downgrade(&inner);
        let paint = with(&weak, Inner::paint);
        inner.paint.replace(Some(Closure::wrap(Box::new(paint) as Box<dyn FnMut()>)));
        inner.listeners.replace(input::listen(&inner, &weak));
        let fit = || with(&weak, |inner: &Inner| inner.fit());
        inner.sizes.replace(vec![Resized::new(inner.base.canvas(), fit()), Resized::new(inner.slider.canvas(), fit())]);
        inner.fit();
        Some(Self(inner))
    }

    /// Looks at the chart's state.
    pub fn read<T>(&self, look: impl FnOnce(&Chart) -> T) -> T {
        look(&self.0.chart.borrow())
    }

    /// Changes the chart's state; it is painted anew at the next animation frame.
    pub fn change<T>(&self, change: impl FnOnce(&mut Chart) -> T) -> T {
        let result = change(&mut self.0.chart.borrow_mut());
        self.0.ask(Stale::Everything);
        result
    }

    /// The columns that are on the canvas.
    pub fn columns(&self) -> Vec<Column> {
        self.0.columns.borrow().clone()
    }

    /// The column under a pixel of the canvas, or the nearest, with `side` of its neighbours before and behind it.
    pub fn around(&self, canvas_x: f64, side: usize) -> Option<Around> {
        let (chart, columns) = (self.0.chart.borrow(), self.0.columns.borrow());
        let x = self.0.plot().x(canvas_x) + HALF;
        let exact = self.0.hit(&chart, x, rtm2_app::chart::PointerKind::Fine.tolerance_px());
        let away = |column: &Column| {
            let (from, to) = (chart.x_of(column.span.from()), chart.x_of(column.span.to()));
            (from - x).max(x - to).max(0.0)
        };
        let middle = match exact {
            Some(column) => columns.iter().position(|other| other.span == column.span)?,
            None => (0..columns.len()).min_by(|a, b| away(&columns[*a]).total_cmp(&away(&columns[*b])))?,
        };
        let first = middle.saturating_sub(side);
        let last = (middle + side).min(columns.len() - 1);
        let away_px = if exact.is_some() { 0.0 } else { away(&columns[middle]) };
        Some(Around { columns: columns[first..=last].to_vec(), middle: middle - first, away_px })
    }

    /// Reads the colours anew, after the page became light or dark.
    pub fn recolour(&self) {
        self.0.theme.replace(None);
        self.0.ask(Stale::Everything);
    }

    /// Paints now instead of at the next animation frame.
    pub fn paint_now(&self) {
        self.0.stale.set(Stale::Everything);
        self.0.paint();
    }

    /// Width of the slider's track in CSS pixels.
    pub fn slider_width(&self) -> f64 {
        rtm2_app::chart::track_width(self.0.slider.size().0)
    }

    /// How many listeners the chart has on its canvases.
    pub fn listeners(&self) -> usize {
        self.0.listeners.borrow().len()
    }

    /// Lets the browser save the chart as a picture.
    pub fn save(&self, title: &str, file: &str) -> Option<()> {
        self.0.hover.set(None);
        self.paint_now();
        let theme = self.0.theme.borrow().clone()?;
        super::picture::save(&[self.0.base.canvas(), self.0.over.canvas()], &theme, title, file)
    }
}

impl Drop for Widget {
    fn drop(&mut self) {
        if let Some(frame) = self.0.frame.take() {
            // An id that the browser gave is one that it knows.
            let _ = window().cancel_animation_frame(frame);
        }
    }
}

/// A callback for the browser that does nothing once the chart is gone.
fn with(weak: &Weak<Inner>, run: impl Fn(&Inner) + 'static) -> impl FnMut() + 'static {
    let weak = weak.clone();
    move || {
        if let Some(inner) = weak.upgrade() {
            run(&inner);
        }
    }
}

impl Inner {
    /// Where the bars are on the canvas.
    pub(super) fn plot(&self) -> Plot {
        Plot::within(self.over.size())
    }

    pub(super) fn tell(&self, heard: Heard) {
        (self.tell)(heard);
    }

    /// Asks for painting at the next animation frame.
    pub(super) fn ask(&self, stale: Stale) {
        self.stale.set(self.stale.get().max(stale));
        if self.frame.get().is_some() {
            return;
        }
        if let Some(paint) = &*self.paint.borrow() {
            self.frame.set(window().request_animation_frame(paint.as_ref().unchecked_ref()).ok());
        }
    }

    /// The canvases got another size.
    fn fit(&self) {
        let width = self.plot().width;
        self.chart.borrow_mut().resize(width);
        self.ask(Stale::Everything);
    }

    fn paint(&self) {
        self.frame.set(None);
        let stale = self.stale.replace(Stale::Nothing);
        if self.theme.borrow().is_none() {
            let parent = self.base.canvas().parent_element();
            *self.theme.borrow_mut() = parent.and_then(|p| Theme::read(&p));
        }
        let theme = self.theme.borrow();
        let Some(theme) = &*theme else { return };
        {
            let chart = self.chart.borrow();
            if stale == Stale::Everything {
                self.paint_bars(&chart, theme);
            }
            if let Some(sheet) = self.over.wipe() {
                let event = self.hover.get().and_then(|(x, y)| Some((x, chart.event_at(self.plot(), x, y)?)));
                let column = if event.is_some() { None } else { self.hovered(&chart) };
                overlay::overlay(&sheet, &chart, theme, column, event, self.rubber.get());
            }
        }
        // The page may look at the chart and change it.
        if stale == Stale::Everything {
            self.tell(Heard::Painted);
        }
    }

    fn paint_bars(&self, chart: &Chart, theme: &Theme) {
        let columns = chart.columns();
        if let Some(sheet) = self.base.wipe() {
            paint::bars(&sheet, chart, &columns, theme);
        }
        if let Some(sheet) = self.slider.wipe() {
            slider::slider(&sheet, chart, theme);
        }
        if !columns.is_empty() && !self.is_marked.replace(true) {
            // For whoever measures: `performance.getEntriesByName("chart-first-paint")`.
            let _ = call(&global("performance"), "mark", &["chart-first-paint".into()]);
        }
        self.columns.replace(columns);
    }

    /// The column at a pixel of the plot, exactly as it is painted.
    pub(super) fn hit(&self, chart: &Chart, x: f64, tolerance_px: f64) -> Option<Column> {
        let painted = Painted { view: chart.view(), width_px: chart.width_px(), ratio: pixel_ratio() };
        painted.pointed(&self.columns.borrow(), x, tolerance_px)
    }

    fn hovered(&self, chart: &Chart) -> Option<Hover> {
        let (x, _) = self.hover.get()?;
        let column = self.hit(chart, x, rtm2_app::chart::PointerKind::Fine.tolerance_px())?;
        Some(Hover { column, x })
    }
}
