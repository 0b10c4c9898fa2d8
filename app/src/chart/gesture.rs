//! What fingers and a mouse mean on the chart.

/// What kind of pointer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerKind {
    /// A mouse or a pen: exact, and can hover.
    Fine,
    /// A finger.
    Touch,
}

impl PointerKind {
    /// Pixels by which a bar may be missed.
    pub fn tolerance_px(self) -> f64 {
        match self {
            Self::Fine => 3.0,
            Self::Touch => 16.0,
        }
    }

    /// Pixels that a press may move and still be a click.
    fn slop_px(self) -> f64 {
        match self {
            Self::Fine => 4.0,
            Self::Touch => 10.0,
        }
    }
}

/// Where a pointer is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    /// The browser's number for it.
    pub id: i32,
    /// Its kind.
    pub kind: PointerKind,
    /// Pixels from the chart's left edge.
    pub x: f64,
    /// Pixels from its upper edge.
    pub y: f64,
}

/// What a pointer's move means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Nothing.
    None,
    /// A mouse is over this pixel.
    Hover(f64),
    /// Drag the view by so many pixels.
    Pan(f64),
    /// Two fingers: their middle went from one pixel to another; the span is to be multiplied by `factor`.
    Pinch {
        /// The middle before.
        from_x: f64,
        /// The middle now.
        to_x: f64,
        /// Factor for the view's length; below 1 comes closer.
        factor: f64,
    },
    /// A box is being drawn between these pixels.
    Box(f64, f64),
    /// It was finished: show what it holds.
    Zoom(f64, f64),
    /// A click or tap on this pixel.
    Tap(f64, PointerKind),
}

/// Distance of two fingers below which they do not zoom: closer, a pixel's tremble would be a leap.
const MIN_PINCH_PX: f64 = 24.0;

#[derive(Clone, Copy, Debug)]
struct Held {
    pointer: Pointer,
    /// Where it went down.
    down: (f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Pressed, and not moved enough to be a drag.
    Press,
    Drag,
    Box,
    /// Two fingers were down: what is left of them is no click.
    Pinch,
}

/// The pointers that are down, and what they have been doing.
#[derive(Clone, Debug)]
pub struct Gestures {
    held: Vec<Held>,
    phase: Phase,
}

impl Default for Gestures {
    fn default() -> Self {
        Self { held: Vec::new(), phase: Phase::Press }
    }
}

impl Gestures {
    /// Whether any pointer is down.
    pub fn active(&self) -> bool {
        !self.held.is_empty()
    }

    /// A pointer went down to drag, click or pinch.
    pub fn press(&mut self, pointer: Pointer) {
        self.held.retain(|h| h.pointer.id != pointer.id);
        if self.held.len() < 2 {
            self.held.push(Held { pointer, down: (pointer.x, pointer.y) });
        }
        self.phase = if self.held.len() > 1 { Phase::Pinch } else { Phase::Press };
    }

    /// A pointer went down to draw a box (with Shift held).
    pub fn press_box(&mut self, pointer: Pointer) {
        self.press(pointer);
        if self.held.len() == 1 {
            self.phase = Phase::Box;
        }
    }

    /// A pointer moved.
    pub fn moved(&mut self, to: Pointer) -> Action {
        let Some(i) = self.held.iter().position(|h| h.pointer.id == to.id) else {
            let hovers = self.held.is_empty() && to.kind == PointerKind::Fine;
            return if hovers { Action::Hover(to.x) } else { Action::None };
        };
        let before = self.held[i].pointer;
        self.held[i].pointer = to;
        let Held { down, .. } = self.held[i];
        match (self.phase, self.held.as_slice()) {
            (Phase::Pinch, [a, b]) => {
                pinched(if i == 0 { (before, b.pointer) } else { (a.pointer, before) }, (a.pointer, b.pointer))
            }
            (Phase::Box, _) => Action::Box(down.0, to.x),
            (Phase::Drag | Phase::Pinch, _) => Action::Pan(to.x - before.x),
            (Phase::Press, _) => {
                if (to.x - down.0).hypot(to.y - down.1) <= to.kind.slop_px() {
                    return Action::None;
                }
                self.phase = Phase::Drag;
                Action::Pan(to.x - down.0)
            }
        }
    }

    /// A pointer was lifted.
    pub fn released(&mut self, at: Pointer) -> Action {
        let Some(i) = self.held.iter().position(|h| h.pointer.id == at.id) else { return Action::None };
        let Held { down, .. } = self.held.remove(i);
        if !self.held.is_empty() {
            return Action::None;
        }
        match self.phase {
            Phase::Box if (at.x - down.0).abs() > at.kind.slop_px() => Action::Zoom(down.0.min(at.x), down.0.max(at.x)),
            Phase::Press | Phase::Box => Action::Tap(at.x, at.kind),
            Phase::Drag | Phase::Pinch => Action::None,
        }
    }

    /// The browser took the pointer away, for instance to scroll the page.
    pub fn cancelled(&mut self, id: i32) {
        self.held.retain(|h| h.pointer.id != id);
        if !self.held.is_empty() {
            self.phase = Phase::Pinch;
        }
    }
}

fn pinched((a0, b0): (Pointer, Pointer), (a1, b1): (Pointer, Pointer)) -> Action {
    let apart = |a: Pointer, b: Pointer| (a.x - b.x).hypot(a.y - b.y).max(MIN_PINCH_PX);
    Action::Pinch {
        from_x: f64::midpoint(a0.x, b0.x),
        to_x: f64::midpoint(a1.x, b1.x),
        factor: apart(a0, b0) / apart(a1, b1),
    }
}
