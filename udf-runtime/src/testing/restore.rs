//! Whether a restored UDF goes on as if nothing had happened.

use std::error::Error;
use std::fmt::{self, Write as _};

use super::clock::Clock;
use super::difference::difference;
use super::frames;
use super::script::Step;
use super::{Failure, Harness, Script, Sent, Setup, Subject};
use crate::line::Precision;

/// Inputs of more steps are not cut at every place, since the work grows with their square,
const MANY: usize = 200;
/// but at so many places, chosen at random.
const SOME: usize = 50;
/// How often the input is run again to find a short one.
const SHRINKING_RUNS: usize = 300;

/// Where the input is cut for a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cuts {
    /// Before the first step, between any two, and after the last.
    Every,
    /// At so many of these places. The same seed chooses the same ones.
    Random {
        /// How many.
        count: usize,
        /// Chooses the places.
        seed: u64,
    },
}

impl Cuts {
    /// Places of an input of `steps` steps, as the number of steps before each.
    fn places(self, steps: usize) -> Vec<usize> {
        match self {
            Self::Random { count, mut seed } if count <= steps => {
                // The ends are where most mistakes are.
                let mut places: Vec<_> = [steps, 0].into_iter().take(count).collect();
                while places.len() < count {
                    let place = (random(&mut seed) % (steps as u64 + 1)) as usize;
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
                places.sort_unstable();
                places
            }
            _ => (0..=steps).collect(),
        }
    }
}

/// The next number of a SplitMix64 generator.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *state;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl<U: Subject> Setup<U> {
    /// Checks that a UDF can be restored at any place of an input.
    ///
    /// The input is run once as a whole. Then it is cut at each place in turn: a snapshot is taken there and restored
    /// into a new UDF, made from the same options, which gets the rest of the input. It must send what the first one has
    /// sent, step by step and in `on_stop`. Steps are points, batches, and moves of the clock. Inputs of more than 200
    /// steps are cut at 50 random places; see [`restore_at`](Self::restore_at).
    ///
    /// What threads send does not count, because it has no place in the input.
    ///
    /// ```
    /// use udf_runtime::prelude::*;
    /// use udf_runtime::testing::Harness;
    ///
    /// /// Numbers the points.
    /// #[udf(stream)]
    /// struct Number {
    ///     // It should be `#[state]`.
    ///     #[skip]
    ///     seen: i64,
    /// }
    ///
    /// impl OnPoint for Number {
    ///     fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
    ///         self.seen += 1;
    ///         point.set_field("number", self.seen);
    ///         out.point(point)
    ///     }
    /// }
    ///
    /// let error = Harness::<Number>::setup()
    ///     .restore_everywhere("m v=1 1\nm v=2 2\nm v=3 3")
    ///     .unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "\
    /// the output differs after a restore; input:
    ///   m v=1 1
    ///   --- snapshot and restore ---
    ///   m v=2 2
    /// output of the last step (- as a whole, + restored):
    /// - m v=2,number=2i 2
    /// + m v=2,number=1i 2
    /// this is the shortest input that was found; the whole one has 3 steps and is cut after step 1
    /// "
    /// );
    /// ```
    ///
    /// # Errors
    /// The first output that differs, with a short input that leads to it; or the failure of a run.
    pub fn restore_everywhere(&self, input: impl Into<Script>) -> Result<(), RestoreDifference> {
        let steps = self.start()?.steps(input.into())?;
        let cuts = if steps.len() <= MANY {
            Cuts::Every
        } else {
            Cuts::Random {
                count: SOME,
                seed: 0,
            }
        };
        self.restore(&steps, cuts)
    }

    /// The same with a choice of the places.
    ///
    /// # Errors
    /// Those of [`restore_everywhere`](Self::restore_everywhere).
    pub fn restore_at(
        &self,
        input: impl Into<Script>,
        cuts: Cuts,
    ) -> Result<(), RestoreDifference> {
        let steps = self.start()?.steps(input.into())?;
        self.restore(&steps, cuts)
    }

    fn restore(&self, steps: &[Step], cuts: Cuts) -> Result<(), RestoreDifference> {
        let whole = self.whole(steps)?;
        let mut udf = self.start()?;
        let places = cuts.places(steps.len());
        for (cut, sent) in whole.iter().enumerate() {
            if places.binary_search(&cut).is_ok() {
                let snapshot = udf.snapshot()?;
                let found = self.rest(&snapshot, udf.clock(), &steps[cut..], &whole[cut..]);
                if let Some(found) = found {
                    return Err(self.shrink(steps, cut, found, cuts));
                }
            }
            let with_snapshots = match steps.get(cut) {
                Some(step) => udf.sent_at(step.clone())?,
                None => udf.stop()?,
            };
            if let Some(difference) = differs(sent, &with_snapshots) {
                return Err(RestoreDifference {
                    cut: None,
                    text: format!(
                        "the output of step {} differs since snapshots are taken before it (- without, + with):\n{difference}",
                        cut + 1
                    ),
                });
            }
        }
        Ok(())
    }

    /// What each step sends, and then the end.
    fn whole(&self, steps: &[Step]) -> Result<Vec<Sent>, Failure> {
        let mut udf = self.start()?;
        let mut whole = Vec::with_capacity(steps.len() + 1);
        for step in steps {
            whole.push(udf.sent_at(step.clone())?);
        }
        whole.push(udf.stop()?);
        Ok(whole)
    }

    /// Runs the rest of an input after a restore; returns the first difference.
    fn rest(
        &self,
        snapshot: &[u8],
        clock: Clock,
        steps: &[Step],
        expected: &[Sent],
    ) -> Option<Found> {
        let mut udf = match Harness::start(self.clone(), Some((snapshot, clock))) {
            Ok(udf) => udf,
            Err(failure) => {
                return Some(Found {
                    steps: 0,
                    difference: format!("the snapshot is refused: {failure}\n"),
                });
            }
        };
        for (index, expected) in expected.iter().enumerate() {
            let sent = match steps.get(index) {
                Some(step) => udf.sent_at(step.clone()),
                None => udf.stop(),
            };
            let difference = match sent {
                Ok(sent) => differs(expected, &sent),
                Err(failure) => Some(format!("it fails once restored: {failure}\n")),
            };
            if let Some(difference) = difference {
                return Some(Found {
                    steps: index + 1,
                    difference,
                });
            }
        }
        None
    }

    /// Takes steps out as long as the output still differs.
    fn shrink(&self, whole: &[Step], cut: usize, found: Found, cuts: Cuts) -> RestoreDifference {
        let mut best = Shortest {
            steps: whole[..whole.len().min(cut + found.steps)].to_vec(),
            cut,
            found,
        };
        let mut runs = 0;
        let mut size = best.steps.len() / 2;
        while size > 0 {
            let mut start = 0;
            while start < best.steps.len() && runs < SHRINKING_RUNS {
                runs += 1;
                match best.without(start..best.steps.len().min(start + size), |steps, cut| {
                    self.found_at(steps, cut)
                }) {
                    Some(shorter) => best = shorter,
                    None => start += size,
                }
            }
            size /= 2;
        }
        best.report(whole.len(), cut, self.precision, cuts)
    }

    /// The first difference of an input that is cut at one place.
    fn found_at(&self, steps: &[Step], cut: usize) -> Option<Found> {
        let whole = self.whole(steps).ok()?;
        let mut udf = self.start().ok()?;
        for step in &steps[..cut] {
            udf.sent_at(step.clone()).ok()?;
        }
        let snapshot = udf.snapshot().ok()?;
        self.rest(&snapshot, udf.clock(), &steps[cut..], &whole[cut..])
    }
}

/// The first output that differs.
struct Found {
    /// Steps after the cut, with that of the difference. The end counts as one.
    steps: usize,
    difference: String,
}

/// The shortest input so far of which the output differs.
struct Shortest {
    steps: Vec<Step>,
    cut: usize,
    found: Found,
}

impl Shortest {
    /// The input without some of its steps, if the output still differs.
    fn without(
        &self,
        out: std::ops::Range<usize>,
        found_at: impl FnOnce(&[Step], usize) -> Option<Found>,
    ) -> Option<Self> {
        let mut steps = self.steps.clone();
        let cut = self.cut - out.clone().filter(|step| *step < self.cut).count();
        steps.drain(out);
        let found = found_at(&steps, cut)?;
        steps.truncate(cut + found.steps);
        Some(Self { steps, cut, found })
    }

    fn report(
        &self,
        whole: usize,
        cut: usize,
        precision: Precision,
        cuts: Cuts,
    ) -> RestoreDifference {
        let mut text = "the output differs after a restore; input:\n".to_owned();
        for (index, step) in self.steps.iter().enumerate() {
            if index == self.cut {
                text.push_str(SNAPSHOT);
            }
            for line in step.shown(precision).lines() {
                // Writing to a String does not fail.
                let _ = writeln!(text, "  {line}");
            }
        }
        if self.cut == self.steps.len() {
            text.push_str(SNAPSHOT);
        }
        let last = match self.found.steps {
            0 => "",
            steps if self.cut + steps > self.steps.len() => {
                "output of `on_stop` (- as a whole, + restored):\n"
            }
            _ => "output of the last step (- as a whole, + restored):\n",
        };
        let seed = match cuts {
            Cuts::Every => String::new(),
            Cuts::Random { seed, .. } => format!(" (seed {seed})"),
        };
        let _ = writeln!(
            text,
            "{last}{}this is the shortest input that was found; the whole one has {whole} steps and is cut after step \
             {cut}{seed}",
            self.found.difference
        );
        RestoreDifference {
            cut: Some(cut),
            text,
        }
    }
}

const SNAPSHOT: &str = "  --- snapshot and restore ---\n";

fn differs(expected: &Sent, found: &Sent) -> Option<String> {
    // By their bytes as well: NaN is not equal to itself.
    if expected == found || bytes(expected) == bytes(found) {
        return None;
    }
    let difference = difference(&expected.to_string(), &found.to_string());
    // What no line shows: groups of points, and texts that differ in white space alone.
    Some(
        difference.unwrap_or_else(|| {
            "  the lines are the same, but not what they stand for\n".to_owned()
        }),
    )
}

fn bytes(sent: &Sent) -> Vec<u8> {
    let points = sent.points().iter().flat_map(frames::of_point);
    let batches = sent.batches().iter().flat_map(frames::of_batch);
    points.chain(batches).collect()
}

/// What a restore has changed.
///
/// It displays as a report with the input and both outputs.
pub struct RestoreDifference {
    cut: Option<usize>,
    text: String,
}

impl RestoreDifference {
    /// How many steps of the whole input came before the snapshot. `None` where it is not a restore that has failed,
    /// but a run.
    #[must_use]
    pub fn cut(&self) -> Option<usize> {
        self.cut
    }
}

impl From<Failure> for RestoreDifference {
    fn from(failure: Failure) -> Self {
        Self {
            cut: None,
            text: failure.to_string(),
        }
    }
}

impl fmt::Display for RestoreDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The report, so that `unwrap` shows it as it is.
impl fmt::Debug for RestoreDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for RestoreDifference {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_chooses_the_places() {
        let of = |count, seed| Cuts::Random { count, seed }.places(1000);
        assert_eq!(of(50, 7), of(50, 7));
        assert_ne!(of(50, 7), of(50, 8));
        assert_eq!(of(50, 7).len(), 50);
        assert!(of(50, 7).contains(&0) && of(50, 7).contains(&1000));
        assert_eq!(of(2000, 7).len(), 1001);
        assert_eq!(Cuts::Every.places(2), [0, 1, 2]);
    }
}
