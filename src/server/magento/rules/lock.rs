//! Locking of accounts and names after wrong passwords. Main functions: [`count`], [`is_locked`], [`is_throttled`].

use super::super::storage::Failures;

/// Number of consecutive wrong passwords that lock an account ...
const MAX_FAILURES: i64 = 10;
/// ... for this number of seconds.
const LOCK: i64 = 600;

/// Counts a wrong password at `now`. The tenth locks the account; after the lock has expired, counting restarts.
pub fn count(failures: Failures, now: i64) -> Failures {
    let lock_has_ended = failures.locked_until.is_some_and(|until| now > until);
    let times = failures.times.saturating_add(1);
    if times == 1 || failures.first_at.is_none() || lock_has_ended {
        return Failures {
            times: 1,
            first_at: Some(now),
            locked_until: None,
        };
    }
    let locked_until = if times >= MAX_FAILURES {
        Some(now + LOCK)
    } else {
        failures.locked_until
    };
    Failures {
        times,
        locked_until,
        ..failures
    }
}

/// Whether the account is locked at `now`.
pub fn is_locked(failures: Failures, now: i64) -> bool {
    failures.locked_until.is_some_and(|until| now < until)
}

/// Number of consecutive failed sign-ins with a name after which even the right password is rejected ...
const MAX_SIGN_INS: i64 = 6;
/// ... for this number of seconds after the last failure.
const PAUSE: i64 = 1800;

/// Whether a name cannot sign in at `now`, given the number of failures and the time of the last failure.
pub fn is_throttled(failures: i64, last: i64, now: i64) -> bool {
    failures >= MAX_SIGN_INS && now - last < PAUSE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenth_wrong_password_locks_for_ten_minutes() {
        let start = 1_795_211_833;
        let mut failures = Failures::default();
        for second in 0..9 {
            failures = count(failures, start + second);
            assert!(!is_locked(failures, start + second));
        }
        failures = count(failures, start + 9);
        assert_eq!(failures.locked_until, Some(start + 609));
        assert!(is_locked(failures, start + 608) && !is_locked(failures, start + 609));
        // A wrong password during the lock extends it; the first one after the lock counts as 1.
        assert_eq!(count(failures, start + 100).locked_until, Some(start + 700));
        let after = count(failures, start + 610);
        assert_eq!((after.times, after.locked_until), (1, None));
    }

    #[test]
    fn six_failures_stop_signing_in_for_half_an_hour() {
        assert!(!is_throttled(5, 1000, 1001));
        assert!(is_throttled(6, 1000, 2799));
        assert!(!is_throttled(6, 1000, 2800));
    }
}
