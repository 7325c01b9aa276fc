//! Numbers as they are written, of any size. Main type: [`Decimal`].

use std::cmp::Ordering;

use num_bigint::BigInt;
use serde_json::Number;

/// How many digits, and how large an exponent, a number may have that is compared exactly.
const MOST_DIGITS: usize = 10_000;

/// A number in base 10.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    digits: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The number that a literal of JSON represents; `None` for other text, and for a number of too many digits.
    pub(super) fn parse(literal: &str) -> Option<Decimal> {
        let (mantissa, exponent) = match literal.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (literal, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let most = MOST_DIGITS as i64;
        if mantissa.len() > MOST_DIGITS || !(-most..=most).contains(&exponent) {
            return None;
        }
        Some(Decimal {
            digits: format!("{whole}{fraction}").parse().ok()?,
            exponent: exponent - fraction.len() as i64,
        })
    }

    /// The number by its shortest form: a float of 64 bits is the decimal that is written so.
    pub(super) fn of(number: &Number) -> Option<Decimal> {
        Decimal::parse(&number.to_string())
    }

    pub(super) fn is_multiple_of(&self, other: &Decimal) -> bool {
        let (number, unit) = aligned(self, other);
        unit != BigInt::ZERO && number % unit == BigInt::ZERO
    }
}

/// Both numbers in the unit of the one with the finer unit.
fn aligned(left: &Decimal, right: &Decimal) -> (BigInt, BigInt) {
    let unit = left.exponent.min(right.exponent);
    let scaled = |number: &Decimal| {
        let by = u32::try_from(number.exponent - unit).unwrap_or(u32::MAX);
        &number.digits * BigInt::from(10).pow(by)
    };
    (scaled(left), scaled(right))
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = aligned(self, other);
        left.cmp(&right)
    }
}

/// Whether a text may contain a number that 64 bits do not hold exactly: it has that many digits in a row.
pub(super) fn may_be_inexact(text: &[u8]) -> bool {
    const DIGITS: usize = 16;
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    text.split(|byte| !is_digit(byte))
        .any(|run| run.len() >= DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(literal: &str) -> Decimal {
        Decimal::parse(literal).unwrap()
    }

    #[test]
    fn decimals_compare_by_value() {
        for (less, more) in [
            (
                "123456789012345678901234567890",
                "123456789012345678901234567891",
            ),
            ("-1e30", "-1"),
            ("0.1", "0.10000000000000000001"),
            ("1e-10000", "1e10000"),
        ] {
            assert!(decimal(less) < decimal(more), "{less} {more}");
        }
        for (left, right) in [
            ("1.0", "1"),
            ("1e3", "1000"),
            ("0", "-0.0"),
            ("12.50E1", "125"),
        ] {
            assert_eq!(decimal(left), decimal(right));
        }
        for literal in ["", "x", "1e99999", "0x10", "1.2.3"] {
            assert!(Decimal::parse(literal).is_none(), "{literal}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        assert!(decimal("123456789012345678901234567890").is_multiple_of(&decimal("10")));
        assert!(!decimal("123456789012345678901234567891").is_multiple_of(&decimal("10")));
        assert!(decimal("0.3").is_multiple_of(&decimal("0.1")));
        assert!(!decimal("1").is_multiple_of(&decimal("0")));
    }

    #[test]
    fn long_numbers_are_noticed() {
        assert!(may_be_inexact(b"[12345678901234567890]"));
        assert!(may_be_inexact(b"[0.12345678901234567]"));
        assert!(!may_be_inexact(b"[123456789012345,67890]"));
    }
}
