//! The range of an argument.

use std::{cmp::Ordering, time::Duration};

use super::Value;

/// The range of an argument's values.
///
/// The default range has no limits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueRange {
    from: Option<Value>,
    to: Option<Value>,
    /// Whether the range leaves out `to` itself.
    below: bool,
    /// Whether 0 is left out.
    no_zero: bool,
}

impl ValueRange {
    /// INTs between the two, both included.
    #[must_use]
    pub fn ints(from: i64, to: i64) -> Self {
        Self::new(Some(Value::Int(from)), Some(Value::Int(to)), false)
    }

    /// INTs from here on.
    #[must_use]
    pub fn ints_from(from: i64) -> Self {
        Self::new(Some(Value::Int(from)), None, false)
    }

    /// DOUBLEs between the two, both included.
    #[must_use]
    pub fn doubles(from: f64, to: f64) -> Self {
        Self::new(Some(Value::Double(from)), Some(Value::Double(to)), false)
    }

    /// DURATIONs between the two, both included.
    #[must_use]
    pub fn durations(from: Duration, to: Duration) -> Self {
        use super::Given as _;
        Self::new(Some(from.into_value()), Some(to.into_value()), false)
    }

    /// The parts of a range, as Rust writes it.
    pub(super) fn new(from: Option<Value>, to: Option<Value>, below: bool) -> Self {
        match to {
            // For whole numbers, what lies below 10 goes up to 9.
            Some(Value::Int(to)) if below && to > i64::MIN => Self {
                from,
                to: Some(Value::Int(to - 1)),
                below: false,
                no_zero: false,
            },
            to => Self {
                from,
                to,
                below,
                no_zero: false,
            },
        }
    }

    /// The same without 0.
    pub(super) fn without_zero(mut self) -> Self {
        if self.from == Some(Value::Int(0)) {
            self.from = Some(Value::Int(1));
        } else {
            self.no_zero = true;
        }
        self
    }

    /// What lies within both.
    pub(super) fn and(self, other: Self) -> Self {
        let from = match (self.from, other.from) {
            (Some(a), Some(b)) => Some(if a >= b { a } else { b }),
            (a, b) => a.or(b),
        };
        let (to, below) = match (self.to, other.to) {
            (Some(a), Some(b)) if a < b => (Some(a), self.below),
            (Some(_), Some(b)) => (Some(b), other.below),
            (Some(a), None) => (Some(a), self.below),
            (None, b) => (b, other.below),
        };
        let no_zero = self.no_zero || other.no_zero;
        let zero_is_out = from >= Some(Value::Int(1));
        Self {
            from,
            to,
            below,
            no_zero: no_zero && !zero_is_out,
        }
    }

    /// Whether the value lies within.
    #[must_use]
    pub fn contain(&self, value: &Value) -> bool {
        // Values of different types have no order, and so lie outside.
        let above = self.from.as_ref().is_none_or(|from| value >= from);
        let below = self
            .to
            .as_ref()
            .is_none_or(|to| match value.partial_cmp(to) {
                Some(Ordering::Less) => true,
                Some(Ordering::Equal) => !self.below,
                Some(Ordering::Greater) | None => false,
            });
        above && below && !(self.no_zero && is_zero(value))
    }

    /// The least value, if there is a limit.
    #[must_use]
    pub fn from(&self) -> Option<&Value> {
        self.from.as_ref()
    }

    /// The limit above, if there is one.
    #[must_use]
    pub fn to(&self) -> Option<&Value> {
        self.to.as_ref()
    }

    /// Whether there is a limit above that itself lies outside: [`to`](Self::to).
    #[must_use]
    pub fn is_below_to(&self) -> bool {
        self.below && self.to.is_some()
    }

    /// The range in words, to stand behind the type: `from 1 to 10`.
    pub(super) fn text(&self) -> Option<String> {
        let below = if self.below { "below " } else { "" };
        let text = match (&self.from, &self.to) {
            (Some(from), Some(to)) => Some(format!("from {from} to {below}{to}")),
            (Some(from), None) => Some(format!("from {from}")),
            (None, Some(to)) if self.below => Some(format!("below {to}")),
            (None, Some(to)) => Some(format!("up to {to}")),
            (None, None) => None,
        };
        match (text, self.no_zero) {
            (Some(text), true) => Some(format!("{text}, but not 0")),
            (None, true) => Some("other than 0".to_owned()),
            (text, false) => text,
        }
    }

    /// A value to show as an example: the wanted one if it lies within, or else a limit.
    pub(super) fn example(&self, wanted: Value) -> Value {
        if self.contain(&wanted) {
            return wanted;
        }
        self.limits()
            .find(|limit| self.contain(limit))
            .cloned()
            .unwrap_or(wanted)
    }

    /// The limits that there are.
    pub(super) fn limits(&self) -> impl Iterator<Item = &Value> {
        [&self.from, &self.to].into_iter().flatten()
    }
}

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Int(0) | Value::Duration(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(from: Option<i64>, to: Option<i64>, below: bool) -> ValueRange {
        ValueRange::new(from.map(Value::Int), to.map(Value::Int), below)
    }

    #[test]
    fn limits_say_themselves_in_words() {
        let words = |limits: ValueRange| limits.text();
        assert_eq!(words(ints(None, None, false)), None);
        assert_eq!(
            words(ints(Some(1), Some(10), false)).unwrap(),
            "from 1 to 10"
        );
        assert_eq!(words(ints(Some(1), Some(10), true)).unwrap(), "from 1 to 9");
        assert_eq!(words(ints(Some(1), None, false)).unwrap(), "from 1");
        assert_eq!(words(ints(None, Some(10), false)).unwrap(), "up to 10");
        assert_eq!(
            words(ints(None, None, false).without_zero()).unwrap(),
            "other than 0"
        );
        assert_eq!(
            words(ValueRange::ints(-5, 5).without_zero()).unwrap(),
            "from -5 to 5, but not 0"
        );
        assert_eq!(
            words(ValueRange::ints(0, 5).without_zero()).unwrap(),
            "from 1 to 5"
        );
        let half_open = ValueRange::new(Some(Value::Double(0.0)), Some(Value::Double(1.0)), true);
        assert_eq!(words(half_open).unwrap(), "from 0.0 to below 1.0");
        let hour = ValueRange::durations(Duration::from_secs(1), Duration::from_secs(3600));
        assert_eq!(words(hour).unwrap(), "from 1s to 1h");
    }

    #[test]
    fn two_limits_leave_what_lies_within_both() {
        let both = ValueRange::ints(0, 255).and(ints(Some(1), None, false));
        assert_eq!(both, ValueRange::ints(1, 255));
        let both = ValueRange::ints(0, 255).and(ints(Some(-5), Some(10), false));
        assert_eq!(both, ValueRange::ints(0, 10));
        let both = ValueRange::ints(-5, 5)
            .without_zero()
            .and(ints(Some(1), None, false));
        assert_eq!(both.text().unwrap(), "from 1 to 5");
    }

    #[test]
    fn values_outside_and_of_no_order_are_not_contained() {
        let limits = ValueRange::new(Some(Value::Double(0.0)), Some(Value::Double(1.0)), true);
        assert!(limits.contain(&Value::Double(0.0)));
        assert!(!limits.contain(&Value::Double(1.0)));
        assert!(!limits.contain(&Value::Double(f64::NAN)));
        assert!(!limits.contain(&Value::Int(0)));
        let of_each_type = [
            Value::Bool(true),
            Value::Int(1),
            Value::Double(1.0),
            Value::String("1".to_owned()),
            Value::Duration(1),
        ];
        for limit in &of_each_type {
            let from = ValueRange::new(Some(limit.clone()), None, false);
            let to = ValueRange::new(None, Some(limit.clone()), false);
            for value in &of_each_type {
                let of_its_type = value.value_type() == limit.value_type();
                assert_eq!(from.contain(value), of_its_type, "{value} from {limit}");
                assert_eq!(to.contain(value), of_its_type, "{value} up to {limit}");
            }
        }
        assert!(!ints(None, Some(i64::MIN), true).contain(&Value::Int(i64::MIN)));
    }

    #[test]
    fn an_example_lies_within() {
        assert_eq!(
            ValueRange::ints(1, 100).example(Value::Int(10)),
            Value::Int(10)
        );
        assert_eq!(
            ValueRange::ints(20, 100).example(Value::Int(10)),
            Value::Int(20)
        );
        assert_eq!(
            ValueRange::ints(-9, 5).example(Value::Int(10)),
            Value::Int(-9)
        );
        assert_eq!(
            ints(None, Some(5), false).example(Value::Int(10)),
            Value::Int(5)
        );
    }
}
