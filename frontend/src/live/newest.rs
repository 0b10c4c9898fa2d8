//! Which picture may be painted. Decoding is asynchronous and ends in any order: a picture older than the one on
//! the screen must be dropped.

/// A picture's place in the order of one connection to one camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Counts connections and camera changes; a server that restarts counts its frames anew.
    pub epoch: u32,
    /// The camera's running number.
    pub seq: u64,
}

/// The newest picture shown so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Newest {
    epoch: u32,
    shown: Option<u64>,
}

impl Newest {
    /// Begins a new epoch: pictures of earlier ones are not shown any more.
    pub fn begin(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.shown = None;
    }

    /// The ticket of a picture that just arrived.
    pub fn ticket(&self, seq: u64) -> Ticket {
        Ticket { epoch: self.epoch, seq }
    }

    /// Whether a ticket is of the present epoch.
    pub fn is_current(&self, ticket: Ticket) -> bool {
        ticket.epoch == self.epoch
    }

    /// Whether the picture with this number is the newest.
    pub fn shows(&self, seq: u64) -> bool {
        self.shown == Some(seq)
    }

    /// Whether a later picture than that of `ticket` is shown.
    pub fn is_past(&self, ticket: Ticket) -> bool {
        self.shown.is_some_and(|shown| ticket.seq < shown)
    }

    /// Whether the picture of `ticket` may be shown now; if so, it is the newest from here on.
    pub fn admit(&mut self, ticket: Ticket) -> bool {
        let newer = ticket.epoch == self.epoch && self.shown.is_none_or(|shown| ticket.seq > shown);
        if newer {
            self.shown = Some(ticket.seq);
        }
        newer
    }
}
