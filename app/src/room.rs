//! How much room recordings have, in words.

/// What the server tells of the room, as far as it is needed here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Most bytes that may be used; `None` where recordings are in memory alone.
    pub budget: Option<u64>,
    /// Bytes that can be recorded until old frames give way.
    pub left: u64,
    /// Bytes recorded a day; `None` while that is not known.
    pub per_day: Option<u64>,
}

/// From so many days on the number means nothing any more.
const MANY_DAYS: u64 = 730;
/// Less than this share of the budget is what making room leaves free.
const LITTLE: u64 = 20;

impl Room {
    /// How long the room lasts.
    pub fn forecast(&self) -> String {
        let Some(budget) = self.budget else { return "only the newest frames are kept, in memory".to_owned() };
        let days = match self.per_day {
            None => return "not known yet, it takes a whole day of recording".to_owned(),
            Some(0) => return "nothing was recorded in the last days".to_owned(),
            Some(rate) if self.left < rate && self.left < budget / LITTLE => {
                return "used up, the oldest events are thinned for new ones".to_owned();
            }
            Some(rate) => self.left / rate,
        };
        match days {
            0 => "less than a day left".to_owned(),
            1 => "about 1 day left".to_owned(),
            MANY_DAYS.. => "more than two years left".to_owned(),
            _ => ["about ", &days.to_string(), " days left"].concat(),
        }
    }
}

/// A number of bytes for people: three digits at most, and a tenth where there are fewer.
pub fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut tenths = bytes.saturating_mul(10);
    while tenths >= 10_240 && unit < UNITS.len() - 1 {
        tenths /= 1_024;
        unit += 1;
    }
    let whole = (tenths / 10).to_string();
    if tenths >= 1_000 || unit == 0 {
        return [&whole, " ", UNITS[unit]].concat();
    }
    [&whole, ".", &(tenths % 10).to_string(), " ", UNITS[unit]].concat()
}

/// Each is 1024 of the one before.
const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_foretold_only_where_its_rate_is_known() {
        const GIB: u64 = 1 << 30;
        let words = |left, per_day| Room { budget: Some(10 * GIB), left, per_day }.forecast();
        assert_eq!(words(5 * GIB, None), "not known yet, it takes a whole day of recording");
        assert_eq!(words(5 * GIB, Some(0)), "nothing was recorded in the last days");
        assert_eq!(words(5 * GIB, Some(GIB / 2)), "about 10 days left");
        assert_eq!(words(GIB, Some(GIB)), "about 1 day left");
        assert_eq!(words(GIB, Some(2 * GIB)), "less than a day left");
        assert_eq!(words(GIB / 100, Some(GIB)), "used up, the oldest events are thinned for new ones");
        assert_eq!(words(GIB / 100, Some(GIB / 400)), "about 4 days left");
        assert_eq!(words(5 * GIB, Some(1)), "more than two years left");
        assert_eq!(Room::default().forecast(), "only the newest frames are kept, in memory");
    }

    #[test]
    fn bytes_are_told_in_few_digits() {
        for (bytes, words) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_536, "1.5 KiB"),
            (150 << 20, "150 MiB"),
            (10 << 30, "10.0 GiB"),
            (3 << 40, "3.0 TiB"),
        ] {
            assert_eq!(size(bytes), words);
        }
        size(u64::MAX);
    }
}
