//! The order in which decoded pictures reach the canvas. Decoding ends in any order; parts of a picture may only be laid
//! on the frame that they were made for. Pure: what is decoded is of any type.

use std::collections::VecDeque;

use super::newest::{Newest, Ticket};

/// What a picture is, to the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it: whatever was on the canvas does not matter.
    Whole,
    /// Parts, for the frame with this sequence number.
    Of(u64),
}

/// What became of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on the canvas.
    Shown,
    /// A newer one is, or the camera was changed meanwhile.
    Stale,
    /// The browser could not decode it.
    Broken,
    /// It was a part of a picture whose rest is not on the canvas: a whole one is needed.
    Lost,
}

/// Pictures being decoded, in the order in which they came.
#[derive(Debug)]
pub struct Line<P> {
    newest: Newest,
    next: u64,
    waiting: VecDeque<Waiting<P>>,
}

#[derive(Debug)]
struct Waiting<P> {
    id: u64,
    ticket: Ticket,
    part: Part,
    decoding: Decoding<P>,
}

#[derive(Debug)]
enum Decoding<P> {
    Running,
    Done(P),
    Broken,
}

impl<P> Decoding<P> {
    fn into_picture(self) -> Option<P> {
        if let Self::Done(picture) = self { Some(picture) } else { None }
    }
}

/// A picture that was decided on.
#[derive(Debug, PartialEq, Eq)]
pub struct Decided<P> {
    /// Which one, as [`Line::enter`] numbered it.
    pub id: u64,
    /// What is to become of it.
    pub fate: Fate,
    /// The decoded picture; to be painted if it is shown.
    pub picture: Option<P>,
}

impl<P> Default for Line<P> {
    fn default() -> Self {
        Self { newest: Newest::default(), next: 0, waiting: VecDeque::new() }
    }
}

impl<P> Line<P> {
    /// A picture came. Gives its number if it is worth decoding, else what becomes of it without.
    pub fn enter(&mut self, seq: u64, part: Part) -> Result<u64, Fate> {
        let ticket = self.newest.ticket(seq);
        if let Some(fate) = self.foresee(ticket, part) {
            return Err(fate);
        }
        self.next += 1;
        self.waiting.push_back(Waiting { id: self.next, ticket, part, decoding: Decoding::Running });
        Ok(self.next)
    }

    /// The fate of a picture that cannot be shown whatever becomes of those before it.
    fn foresee(&self, ticket: Ticket, part: Part) -> Option<Fate> {
        match part {
            Part::Whole => self.newest.is_past(ticket).then_some(Fate::Stale),
            Part::Of(base) => {
                let before = self.waiting.back().filter(|before| self.newest.is_current(before.ticket));
                let follows = before.map_or_else(|| self.newest.shows(base), |before| before.ticket.seq == base);
                (!follows).then_some(Fate::Lost)
            }
        }
    }

    /// Forgets which picture was the newest and what is on the canvas.
    pub fn begin(&mut self) {
        self.newest.begin();
    }

    /// A picture is decoded, or could not be. Gives all that can be decided now, in the order to paint them.
    pub fn decoded(&mut self, id: u64, picture: Option<P>) -> Vec<Decided<P>> {
        let mut decided = Vec::new();
        match self.waiting.iter_mut().find(|waiting| waiting.id == id) {
            Some(waiting) => waiting.decoding = picture.map_or(Decoding::Broken, Decoding::Done),
            // A whole picture that came later was faster.
            None => decided.push(Decided { id, fate: Fate::Stale, picture }),
        }
        self.outrun(&mut decided);
        while let Some(Waiting { id, ticket, part, decoding }) =
            self.waiting.pop_front_if(|front| !matches!(front.decoding, Decoding::Running))
        {
            let picture = decoding.into_picture();
            let fate = self.judge(ticket, part, picture.is_some());
            decided.push(Decided { id, fate, picture });
        }
        decided
    }

    /// Whatever came before a whole picture that is decoded does not matter any more.
    fn outrun(&mut self, decided: &mut Vec<Decided<P>>) {
        let is_whole = |w: &Waiting<P>| w.part == Part::Whole && matches!(w.decoding, Decoding::Done(_));
        let Some(last) = self.waiting.iter().rposition(is_whole) else { return };
        // Those that are still being decoded are told when they are.
        let outrun = self.waiting.drain(..last).filter(|waiting| !matches!(waiting.decoding, Decoding::Running));
        decided.extend(outrun.map(|Waiting { id, decoding, .. }| Decided {
            id,
            fate: Fate::Stale,
            picture: decoding.into_picture(),
        }));
    }

    fn judge(&mut self, ticket: Ticket, part: Part, is_picture: bool) -> Fate {
        match part {
            _ if !self.newest.is_current(ticket) => Fate::Stale,
            Part::Whole if !is_picture => Fate::Broken,
            // Also of the frame that is shown already: what is on the canvas may be made of parts.
            Part::Whole if self.newest.admit(ticket) || self.newest.shows(ticket.seq) => Fate::Shown,
            Part::Whole => Fate::Stale,
            Part::Of(base) if is_picture && self.newest.shows(base) && self.newest.admit(ticket) => Fate::Shown,
            Part::Of(_) => Fate::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(decided: Vec<Decided<&'static str>>) -> Vec<(u64, Fate)> {
        decided.into_iter().map(|decided| (decided.id, decided.fate)).collect()
    }

    #[test]
    fn parts_wait_for_what_they_are_laid_on() {
        let mut line = Line::default();
        let whole = line.enter(7, Part::Whole).unwrap();
        let [eight, nine] = [(8, 7), (9, 8)].map(|(seq, base)| line.enter(seq, Part::Of(base)).unwrap());
        assert_eq!(fates(line.decoded(nine, Some("9"))), []);
        assert_eq!(fates(line.decoded(eight, Some("8"))), []);
        let all = fates(line.decoded(whole, Some("7")));
        assert_eq!(all, [(whole, Fate::Shown), (eight, Fate::Shown), (nine, Fate::Shown)]);
    }

    #[test]
    fn a_whole_picture_outruns_what_came_before() {
        let mut line = Line::default();
        let [first, second] = [7, 8].map(|seq| line.enter(seq, Part::Whole).unwrap());
        assert_eq!(fates(line.decoded(second, Some("8"))), [(second, Fate::Shown)]);
        assert_eq!(fates(line.decoded(first, Some("7"))), [(first, Fate::Stale)]);
    }

    #[test]
    fn parts_without_their_frame_are_lost_until_a_whole_picture_comes() {
        let mut line = Line::default();
        let steps = [
            (3, Part::Of(2)),
            (4, Part::Whole),
            (6, Part::Of(5)),
            (7, Part::Of(6)),
            (8, Part::Whole),
            (9, Part::Of(8)),
        ];
        let entered = steps.map(|(seq, part)| line.enter(seq, part));
        let [Err(Fate::Lost), Ok(four), Err(Fate::Lost), Err(Fate::Lost), Ok(eight), Ok(nine)] = entered else {
            panic!("what cannot be shown is decoded: {entered:?}");
        };
        assert_eq!(fates(line.decoded(four, Some(""))), [(four, Fate::Shown)]);
        assert_eq!(fates(line.decoded(eight, None)), [(eight, Fate::Broken)], "what is on the canvas stays");
        assert_eq!(fates(line.decoded(nine, Some(""))), [(nine, Fate::Lost)]);
        assert_eq!(line.enter(10, Part::Of(9)), Err(Fate::Lost));
        assert!(line.enter(10, Part::Of(4)).is_ok(), "that is on the canvas");
    }

    #[test]
    fn older_pictures_are_not_even_decoded() {
        let mut line = Line::default();
        let eight = line.enter(8, Part::Whole).unwrap();
        assert_eq!(fates(line.decoded(eight, Some("8"))), [(eight, Fate::Shown)]);
        assert_eq!(line.enter(5, Part::Whole), Err(Fate::Stale));
        let again = line.enter(8, Part::Whole).unwrap();
        assert_eq!(
            fates(line.decoded(again, Some("8"))),
            [(again, Fate::Shown)],
            "it may be better than what is shown"
        );
        line.begin();
        assert!(line.enter(1, Part::Whole).is_ok(), "the numbers begin anew");
    }

    #[test]
    fn what_was_on_its_way_before_a_new_beginning_is_stale() {
        let mut line = Line::default();
        let [whole, part] = [line.enter(1, Part::Whole), line.enter(2, Part::Of(1))].map(Result::unwrap);
        line.begin();
        assert_eq!(fates(line.decoded(whole, Some(""))), [(whole, Fate::Stale)]);
        assert_eq!(fates(line.decoded(part, Some(""))), [(part, Fate::Stale)]);
    }
}
