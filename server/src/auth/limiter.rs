//! Limits on guessing. Failures are counted per account *and* address, so that nobody can lock the owner out from
//! elsewhere, and per address over all accounts. Pure: the time is an argument.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// What is allowed before it must be waited.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Failures of one account from one address.
    pub per_account: u32,
    /// Failures from one address over all accounts.
    pub per_address: u32,
    /// The first wait; each further failure doubles it.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// Failures are forgotten after this long without one.
    pub forget: Duration,
    /// Counters kept; beyond it the longest untouched goes.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_account: 10,
            per_address: 50,
            first_wait: Duration::from_secs(30),
            longest_wait: Duration::from_hours(1),
            forget: Duration::from_hours(24),
            entries: 4096,
        }
    }
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds, rounded up, at least one: the value of the HTTP header.
    pub fn seconds(self) -> u64 {
        self.0.as_millis().div_ceil(1000).max(1) as u64
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.seconds())
    }
}

/// Whose attempts are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(IpAddr, String),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Count {
    failures: u32,
    last: Instant,
    blocked_until: Instant,
}

/// Counters of failed attempts.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: Limits,
    counts: HashMap<Key, Count>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, counts: HashMap::new() }
    }

    /// Whether an attempt may be made now; counts nothing.
    pub(super) fn check(&self, from: IpAddr, account: &str, now: Instant) -> Result<(), RetryAfter> {
        let wait = |key: &Key| self.counts.get(key).map_or(Duration::ZERO, |c| c.blocked_until.duration_since(now));
        let [a, b] = keys(from, account);
        match wait(&a).max(wait(&b)) {
            Duration::ZERO => Ok(()),
            longest => Err(RetryAfter(longest)),
        }
    }

    /// Counts an attempt as failed before it is made, so that many at once are counted too.
    pub(super) fn charge(&mut self, from: IpAddr, account: &str, now: Instant) -> Result<(), RetryAfter> {
        self.check(from, account, now)?;
        self.make_room(now);
        for (key, allowed) in keys(from, account).into_iter().zip([self.limits.per_account, self.limits.per_address]) {
            let fresh = Count { failures: 0, last: now, blocked_until: now };
            let count = self.counts.entry(key).or_insert(fresh);
            if now.duration_since(count.last) >= self.limits.forget {
                *count = fresh;
            }
            count.failures = count.failures.saturating_add(1);
            count.last = now;
            if let Some(over) = count.failures.checked_sub(allowed) {
                let wait = self.limits.first_wait.saturating_mul(1 << over.min(16));
                count.blocked_until = now + wait.min(self.limits.longest_wait);
            }
        }
        Ok(())
    }

    /// The attempt succeeded: the account's failures from there are forgotten, and the address's is taken back.
    pub(super) fn refund(&mut self, from: IpAddr, account: &str, now: Instant) {
        let [account, address] = keys(from, account);
        self.counts.remove(&account);
        if let Some(count) = self.counts.get_mut(&address) {
            count.failures = count.failures.saturating_sub(1);
            if count.failures < self.limits.per_address {
                count.blocked_until = now;
            }
        }
    }

    fn make_room(&mut self, now: Instant) {
        if self.counts.len() + 2 <= self.limits.entries {
            return;
        }
        let forget = self.limits.forget;
        self.counts.retain(|_, c| now.duration_since(c.last) < forget);
        while self.counts.len() + 2 > self.limits.entries {
            // Those that block nobody go first, the longest untouched before the others.
            let oldest =
                self.counts.iter().min_by_key(|(_, c)| (c.blocked_until > now, c.last)).map(|(k, _)| k.clone());
            let Some(key) = oldest else { return };
            self.counts.remove(&key);
        }
    }
}

fn keys(from: IpAddr, account: &str) -> [Key; 2] {
    let from = network(from);
    // Whatever was typed is cut: it may be long, and it need not be a name at all.
    let account = account.chars().take(super::MAX_NAME).collect::<String>().to_ascii_lowercase();
    [Key::Account(from, account), Key::Address(from)]
}

/// An IPv6 household has 2⁶⁴ addresses: they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn fail(limiter: &mut Limiter, from: IpAddr, user: &str, times: u32, now: Instant) {
        for _ in 0..times {
            limiter.charge(from, user, now).unwrap();
        }
    }

    #[test]
    fn ten_failures_block_and_the_wait_doubles() {
        let (mut l, t) = (Limiter::new(Limits::default()), Instant::now());
        fail(&mut l, HERE, "anna", 10, t);
        assert_eq!(l.charge(HERE, "Anna", t), Err(RetryAfter(Duration::from_secs(30))));
        let later = t + Duration::from_secs(30);
        l.charge(HERE, "anna", later).unwrap();
        assert_eq!(l.check(HERE, "anna", later), Err(RetryAfter(Duration::from_mins(1))));
        let mut now = later;
        for _ in 0..20 {
            now += Duration::from_hours(1);
            l.charge(HERE, "anna", now).unwrap();
        }
        assert_eq!(l.check(HERE, "anna", now), Err(RetryAfter(Duration::from_hours(1))));
    }

    #[test]
    fn nobody_is_locked_out_from_elsewhere() {
        let (mut l, t) = (Limiter::new(Limits::default()), Instant::now());
        fail(&mut l, HERE, "anna", 10, t);
        assert!(l.check(THERE, "anna", t).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_names_is_blocked() {
        let (mut l, t) = (Limiter::new(Limits::default()), Instant::now());
        for i in 0..50 {
            l.charge(HERE, &format!("user{i}"), t).unwrap();
        }
        assert!(l.check(HERE, "somebody", t).is_err());
    }

    #[test]
    fn success_clears_the_account_but_not_the_guesses_at_others() {
        let (mut l, t) = (Limiter::new(Limits::default()), Instant::now());
        fail(&mut l, HERE, "anna", 9, t);
        l.charge(HERE, "anna", t).unwrap();
        l.refund(HERE, "anna", t);
        assert!(l.check(HERE, "anna", t).is_ok());
        fail(&mut l, HERE, "bert", 9, t);
        assert!(l.check(HERE, "bert", t).is_ok());
    }

    #[test]
    fn counters_are_bounded_and_forgotten() {
        let mut l = Limiter::new(Limits { entries: 64, ..Limits::default() });
        let t = Instant::now();
        for i in 0..1000u32 {
            let from = IpAddr::from((0x0a00_0000 + i).to_be_bytes());
            l.charge(from, "anna", t + Duration::from_millis(u64::from(i))).unwrap();
            assert!(l.counts.len() <= 64);
        }
        let mut l = Limiter::new(Limits::default());
        fail(&mut l, HERE, "anna", 9, t);
        fail(&mut l, HERE, "anna", 9, t + Duration::from_hours(25));
        assert!(l.check(HERE, "anna", t + Duration::from_hours(25)).is_ok());
    }

    #[test]
    fn an_ipv6_household_is_one_address() {
        let (mut l, t) = (Limiter::new(Limits::default()), Instant::now());
        fail(&mut l, "2001:db8::1".parse().unwrap(), "anna", 10, t);
        assert!(l.check("2001:db8::ffff".parse().unwrap(), "anna", t).is_err());
        assert!(l.check("2001:db8:0:1::1".parse().unwrap(), "anna", t).is_ok());
    }
}
