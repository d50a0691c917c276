//! [`Clock`]: the clock that a test moves.

use std::time::Duration;

use super::{Setup, Subject};

/// The clock that the test moves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) now: i64,
    /// Whether it goes on to the time of each point.
    follows: bool,
    /// The next tick, and the nanoseconds between two.
    tick: Option<(i64, i64)>,
}

impl Clock {
    pub(super) fn of<U: Subject>(setup: &Setup<U>) -> Self {
        Self {
            now: setup.clock.unwrap_or(0),
            follows: setup.clock.is_none(),
            tick: None,
        }
    }

    /// The same time, with ticks that are still to be started.
    pub(super) fn without_ticks(self) -> Self {
        Self { tick: None, ..self }
    }

    /// Goes on to the time of a point.
    pub(super) fn follow(&mut self, time: i64) {
        if self.follows {
            self.now = self.now.max(time);
        }
    }

    /// Starts the ticks, unless they go on from before.
    pub(super) fn start_ticks(&mut self, every: Option<Duration>) {
        if self.tick.is_none()
            && let Some(every) = every
        {
            let every = i64::try_from(every.as_nanos()).unwrap_or(i64::MAX);
            self.tick = Some((self.now.saturating_add(every), every));
        }
    }

    /// Goes on to the next tick, if there is one up to a time. Those that the data has passed are missed.
    pub(super) fn next_tick(&mut self, end: i64) -> Option<i64> {
        let (next, every) = self.tick.as_mut()?;
        // An interval of 0 would never end.
        let interval = (*every).max(1);
        if *next <= self.now {
            let missed = (self.now - *next) / interval;
            *next = next.saturating_add((missed + 1).saturating_mul(interval));
        }
        if *next > end || *next == i64::MAX {
            return None;
        }
        self.now = *next;
        *next = next.saturating_add(interval);
        Some(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(every: u64) -> Clock {
        let mut clock = Clock {
            now: 0,
            follows: true,
            tick: None,
        };
        clock.start_ticks(Some(Duration::from_nanos(every)));
        clock
    }

    fn ticks(clock: &mut Clock, end: i64) -> Vec<i64> {
        std::iter::from_fn(|| clock.next_tick(end)).collect()
    }

    #[test]
    fn ticks_come_at_multiples_of_the_interval() {
        let mut clock = clock(10);
        assert_eq!(ticks(&mut clock, 9), []);
        assert_eq!(ticks(&mut clock, 30), [10, 20, 30]);
        assert_eq!(ticks(&mut clock, 30), []);
    }

    #[test]
    fn ticks_that_the_data_has_passed_are_missed() {
        let mut clock = clock(10);
        clock.follow(25);
        clock.follow(5);
        assert_eq!(clock.now, 25);
        assert_eq!(ticks(&mut clock, 45), [30, 40]);
        clock.follow(50);
        assert_eq!(ticks(&mut clock, 60), [60]);
    }

    #[test]
    fn the_end_of_time_ends_the_ticks() {
        let mut clock = clock(i64::MAX as u64 / 2);
        assert_eq!(ticks(&mut clock, i64::MAX).len(), 2);
        clock.follow(i64::MAX);
        assert_eq!(ticks(&mut clock, i64::MAX), []);
    }
}
