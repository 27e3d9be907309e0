//! Exact fractions: every share, strength and threshold. Written as `2/5` in lowest terms, whole numbers as `1`.

use std::fmt;
use std::ops::{Add, Div, Mul, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not a fraction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fraction in lowest terms such as 2/5 expected")]
pub struct FractionError;

/// Longest part of a fraction that people write down, in digits.
const WRITTEN_DIGITS: usize = 40;
/// Longest part of a fraction that a count can come to: 200 classes, each with a strength that was written down and a share
/// of at most a million votes.
const COUNTED_DIGITS: usize = 10_000;

/// A rational number of any size; no rounding anywhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(Ratio<BigInt>);

impl Fraction {
    /// `numerator / denominator`; the denominator is not zero.
    pub fn new(numerator: i64, denominator: i64) -> Self {
        Self(Ratio::new(numerator.into(), denominator.into()))
    }

    /// `part / whole`; `None` where the whole is nothing.
    pub fn share(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then(|| Self(Ratio::new(part.into(), whole.into())))
    }

    pub fn zero() -> Self {
        Self(Ratio::zero())
    }

    pub fn one() -> Self {
        Self(Ratio::one())
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it lies between 0 and 1, both included.
    pub fn is_share(&self) -> bool {
        !self.0.is_negative() && self.0 <= Ratio::one()
    }

    /// Rounded half up to `digits` decimals of a percentage, for people only: `68.6`.
    pub fn percent(&self, digits: u32) -> String {
        let scale = BigInt::from(10).pow(digits);
        let scaled = (&self.0 * BigInt::from(100) * &scale + Ratio::new(1.into(), 2.into())).floor().to_integer();
        let (sign, scaled) = if scaled.is_negative() { ("-", -scaled) } else { ("", scaled) };
        let (whole, rest) = (&scaled / &scale, &scaled % &scale);
        if digits == 0 {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}.{:0>width$}", rest.to_string(), width = digits as usize)
    }
}

macro_rules! operator {
    ($($operation:ident $method:ident),*) => {$(
        impl $operation for &Fraction {
            type Output = Fraction;

            fn $method(self, other: &Fraction) -> Fraction {
                Fraction((&self.0).$method(&other.0))
            }
        }
    )*};
}
operator!(Add add, Sub sub, Mul mul, Div div);

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Fraction {
    type Err = FractionError;

    fn from_str(text: &str) -> Result<Self, FractionError> {
        let plain = |part: &str| (1..=COUNTED_DIGITS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        if !plain(numerator) || !plain(denominator) || denominator.bytes().all(|b| b == b'0') {
            return Err(FractionError);
        }
        let number = |part: &str| part.parse::<BigInt>().map_err(|_| FractionError);
        let fraction = Self(Ratio::new(number(numerator)?, number(denominator)?));
        // One text per number: 2/4, 01/2 and 3/1 are refused.
        if fraction.to_string() == text { Ok(fraction) } else { Err(FractionError) }
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A fraction as a charter has it: its parts have at most 40 digits.
pub(crate) fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fraction, D::Error> {
    let text = String::deserialize(deserializer)?;
    let short = text.split('/').all(|part| part.len() <= WRITTEN_DIGITS);
    let fraction = if short { text.parse() } else { Err(FractionError) };
    fraction.map_err(serde::de::Error::custom)
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lowest_terms_parse() {
        for text in ["2/5", "0", "1", "247/360"] {
            assert_eq!(text.parse::<Fraction>().expect(text).to_string(), text);
        }
        for text in ["2/4", "1/0", "-1/2", "01/2", "3/1", "", "1/2/3", "+1/2", "0/5"] {
            assert!(text.parse::<Fraction>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_counted_is_read_back_however_long_and_what_is_written_down_is_short() {
        let primes =
            [191, 193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293];
        let count = primes.iter().fold(Fraction::zero(), |sum, prime| &sum + &Fraction::new(1, *prime));
        let text = count.to_string();
        assert!(text.len() > 2 * WRITTEN_DIGITS, "{text}");
        assert_eq!(text.parse(), Ok(count));
        let read = |text: &str| written(serde_json::Value::from(text));
        assert!(read(&text).is_err() && read("2/4").is_err());
        assert_eq!(read("2/5").ok(), Some(Fraction::new(2, 5)));
        assert!(format!("1/{}", "7".repeat(COUNTED_DIGITS + 1)).parse::<Fraction>().is_err());
    }

    #[test]
    fn percentages_round_half_up() {
        assert_eq!(Fraction::new(247, 360).percent(1), "68.6");
        assert_eq!(Fraction::new(1, 8).percent(1), "12.5");
        assert_eq!(Fraction::new(1, 1000).percent(0), "0");
        assert_eq!(Fraction::one().percent(2), "100.00");
    }
}
