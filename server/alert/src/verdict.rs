//! What follows from a target's answer. Pure: time is an argument.

use std::time::Duration;

use rtm2_app::Timestamp;

/// The first pause before another attempt.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause that is chosen here; a target may ask for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// Who was asked to take an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A push service, for one device.
    Push,
    /// A webhook.
    Webhook,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An HTTP status, and how long the target asks to be left alone.
    Status(u16, Option<Duration>),
    /// No answer: no connection, no name, no time.
    Silence(String),
    /// It was not asked, because its address or its settings forbid it.
    Forbidden(String),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Done.
    Delivered,
    /// Try again then.
    Retry(Timestamp, String),
    /// The device is gone for good.
    Gone,
    /// Another attempt would end the same way, or too late.
    GiveUp(String),
}

/// Judges the answer to attempt number `attempt` (from 0) of an alert that is worth delivering until `expires`.
pub(crate) fn judge(lane: Lane, answer: &Answer, attempt: u32, now: Timestamp, expires: Timestamp) -> Verdict {
    let (why, asked) = match answer {
        Answer::Status(200..=299, _) => return Verdict::Delivered,
        Answer::Status(404 | 410, _) if lane == Lane::Push => return Verdict::Gone,
        Answer::Status(status @ (408 | 425 | 429 | 500..=599), asked) => (format!("answered {status}"), *asked),
        Answer::Silence(why) => (why.clone(), None),
        Answer::Status(403, _) if lane == Lane::Push => {
            return Verdict::GiveUp("refused with 403: subscribe again, or see `alert.contact`".into());
        }
        Answer::Status(status @ 300..=399, _) => {
            return Verdict::GiveUp(format!("moved ({status}): give its new address"));
        }
        Answer::Status(status, _) => return Verdict::GiveUp(format!("refused with {status}")),
        Answer::Forbidden(why) => return Verdict::GiveUp(why.clone()),
    };
    let wait = pause(attempt).max(asked.unwrap_or_default());
    let again = Timestamp(now.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)));
    if again < expires { Verdict::Retry(again, why) } else { Verdict::GiveUp(format!("{why} until it was too late")) }
}

/// The pause after attempt number `attempt`, doubling.
fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(LONGEST_PAUSE)
}

/// Reads a `Retry-After` header: seconds, or a date (RFC 9110, 10.2.3). Rubbish is none.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value.trim()).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(at.saturating_sub(Duration::from_micros(now.0.max(0).unsigned_abs())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_764_000_000_000_000);
    const HOUR: Timestamp = Timestamp(NOW.0 + 3_600_000_000);

    fn at(seconds: i64) -> Timestamp {
        Timestamp(NOW.0 + seconds * 1_000_000)
    }

    fn status(lane: Lane, status: u16) -> Verdict {
        judge(lane, &Answer::Status(status, None), 0, NOW, HOUR)
    }

    #[test]
    fn answers_mean_what_their_rfcs_say() {
        for code in [200, 201, 202, 204] {
            assert_eq!(status(Lane::Push, code), Verdict::Delivered);
        }
        for code in [404, 410] {
            assert_eq!(status(Lane::Push, code), Verdict::Gone);
            assert!(matches!(status(Lane::Webhook, code), Verdict::GiveUp(_)), "a webhook is never forgotten");
        }
        for code in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(status(Lane::Push, code), Verdict::Retry(at(5), format!("answered {code}")));
        }
        for code in [301, 302, 307, 400, 401, 403, 413] {
            assert!(matches!(status(Lane::Push, code), Verdict::GiveUp(_)), "{code}");
        }
        let silent = Answer::Silence("no connection".into());
        assert_eq!(judge(Lane::Push, &silent, 3, NOW, HOUR), Verdict::Retry(at(40), "no connection".into()));
        let forbidden = Answer::Forbidden("private".into());
        assert_eq!(judge(Lane::Webhook, &forbidden, 0, NOW, HOUR), Verdict::GiveUp("private".into()));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("120", NOW), Some(Duration::from_mins(2)));
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(1_764_000_030));
        assert_eq!(retry_after(&date, NOW), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", NOW), Some(Duration::ZERO), "over already");
        assert_eq!(retry_after("soon", NOW), None);
    }

    proptest! {
        #[test]
        fn a_retry_is_later_than_now_than_asked_and_before_the_end(
            code in 100_u16..600, asked in proptest::option::of(0_u64..100_000), attempt: u32, left in -10_i64..100_000,
        ) {
            let expires = at(left);
            let answer = Answer::Status(code, asked.map(Duration::from_secs));
            for lane in [Lane::Push, Lane::Webhook] {
                if let Verdict::Retry(again, _) = judge(lane, &answer, attempt, NOW, expires) {
                    prop_assert!(again > NOW && again < expires);
                    prop_assert!(again >= at(asked.unwrap_or(0) as i64));
                    prop_assert!(code == 429 || code == 408 || code == 425 || code >= 500);
                }
            }
        }

        #[test]
        fn attempts_end(kind in 0_usize..3, lifetime in 1_i64..86_400) {
            let answers = [
                Answer::Status(503, None),
                Answer::Status(429, Some(Duration::ZERO)),
                Answer::Silence("nobody there".into()),
            ];
            let (mut now, mut attempts) = (NOW, 0);
            while let Verdict::Retry(again, _) = judge(Lane::Push, &answers[kind], attempts, now, at(lifetime)) {
                now = again;
                attempts += 1;
                prop_assert!(attempts < 200);
            }
        }

        #[test]
        fn pauses_grow_up_to_their_limit(attempt in 0_u32..100) {
            prop_assert!(pause(attempt) <= pause(attempt + 1) && pause(attempt + 1) <= LONGEST_PAUSE);
        }

        #[test]
        fn any_header_is_read_or_ignored(value: String) {
            let _ = retry_after(&value, NOW);
        }
    }
}
