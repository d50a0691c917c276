//! Distinct: about how many different values a tag has had, in 4 KiB for each group.
//!
//! This is HyperLogLog (P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a
//! near-optimal cardinality estimation algorithm", AofA 2007, figure 3) with a hash of 64 bits, which
//! needs no correction for large numbers. With 4096 registers the standard error is 1.6 %.
//!
//! The registers go into snapshots as they are: a state by hand, since `#[state]` would name and
//! number them.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('requests')
//!         .groupBy('service')
//!     @distinct()
//!         .tag('customer')
//!     |httpOut('customers')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run -p udf-recipes --bin distinct -- pipe examples/data/cpu.lp --set tag=cpu
//! ```

use udf_runtime::prelude::*;

/// Adds about how many different values a tag has had, for each group.
#[udf(stream, custom_state)]
struct Distinct {
    /// Tag whose values are counted.
    tag: String,
    /// Field that receives the number.
    #[option(default = "distinct")]
    r#as: String,
    #[skip]
    groups: PerGroup<Sketch>,
}

/// A group that is silent for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 86_400);

impl OnPoint for Distinct {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        self.groups.expire_after(FORGOTTEN_AFTER);
        Ok(())
    }

    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let hash = hash(point.required_tag(&self.tag)?);
        let sketch = self.groups.of(&point);
        sketch.insert(hash);
        point.set_field(&self.r#as, sketch.estimate().round() as i64);
        out.point(point)
    }
}

/// For each group the length of its name in 4 bytes, the name, and the registers.
impl CustomState for Distinct {
    fn snapshot(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for (group, sketch) in self.groups.iter() {
            bytes.extend(u32::try_from(group.len())?.to_le_bytes());
            bytes.extend(group.as_bytes());
            bytes.extend(sketch.registers);
        }
        Ok(bytes)
    }

    fn restore(&mut self, mut state: &[u8]) -> Result<()> {
        self.groups.clear();
        while !state.is_empty() {
            let (length, rest) = state.split_first_chunk().context(CUT)?;
            let length = u32::from_le_bytes(*length) as usize;
            let (group, rest) = rest.split_at_checked(length).context(CUT)?;
            let (registers, rest) = rest.split_first_chunk().context(CUT)?;
            let sketch = Sketch {
                registers: *registers,
            };
            self.groups.insert(std::str::from_utf8(group)?, sketch);
            state = rest;
        }
        Ok(())
    }
}

const CUT: &str = "the snapshot ends within a group";

/// Bits of a hash that choose the register.
const BITS: u32 = 12;
const REGISTERS: usize = 1 << BITS;

struct Sketch {
    /// For each, the most leading zeros of a hash that chose it, and one.
    registers: [u8; REGISTERS],
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            registers: [0; REGISTERS],
        }
    }
}

impl Sketch {
    fn insert(&mut self, hash: u64) {
        let register = &mut self.registers[(hash >> (64 - BITS)) as usize];
        // The bit that is set keeps the number of zeros to those that are there.
        let rest = hash << BITS | 1 << (BITS - 1);
        *register = (*register).max(rest.leading_zeros() as u8 + 1);
    }

    fn estimate(&self) -> f64 {
        let registers = REGISTERS as f64;
        let mut sum = 0.0;
        let mut zeros = 0.0;
        for register in self.registers {
            sum += f64::from(register).exp2().recip();
            zeros += f64::from(register == 0);
        }
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        if raw <= 2.5 * registers && zeros > 0.0 {
            registers * (registers / zeros).ln()
        } else {
            raw
        }
    }
}

/// FNV-1a, and the end of SplitMix64 to spread its bits. Snapshots need a hash that is always the
/// same; the standard library's may differ from one Rust to the next.
fn hash(text: &str) -> u64 {
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

udf_runtime::main!(Distinct);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::{FailureKind, Harness, Setup};

    use super::*;

    fn setup() -> Setup<Distinct> {
        Harness::setup()
            .options(".tag('customer')")
            .group_by(["service"])
    }

    #[test]
    fn a_value_counts_once_in_each_group() {
        let mut udf = setup().start().unwrap();
        let sent = udf.lines(
            "
            m,service=x,customer=a v=1 1
            m,service=x,customer=b v=1 2
            m,service=y,customer=c v=1 3
            m,service=x,customer=a v=1 4
            ",
        );
        let sent = sent.unwrap();
        let counts = sent.points().iter().map(|it| it.int("distinct").unwrap());
        assert_eq!(counts.collect::<Vec<_>>(), [1, 2, 1, 2]);
    }

    #[test]
    fn a_group_that_is_gone_takes_no_memory_even_after_a_restart() {
        let mut udf = setup().start().unwrap();
        let point = |service: &str, day: u64| {
            let time = Duration::from_secs(day * 86_400).as_nanos();
            format!("m,service={service},customer=a v=1 {time}")
        };
        udf.lines(point("goes", 1)).unwrap();
        udf.restart().unwrap();
        for day in 1..50 {
            udf.lines(point("stays", day)).unwrap();
        }
        assert_eq!(udf.udf().groups.len(), 1);
    }

    #[test]
    fn the_estimate_is_close_for_few_and_for_many() {
        for count in [100_u32, 5_000, 10_000, 200_000] {
            let mut sketch = Sketch::default();
            for number in 0..count {
                sketch.insert(hash(&format!("customer {number}")));
            }
            let error = sketch.estimate() / f64::from(count) - 1.0;
            // Three times the standard error.
            assert!(error.abs() < 0.05, "{count}: {error}");
        }
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let line = |time| format!("m,service={},customer={} v=1 {time}\n", time % 2, time % 5);
        let lines: String = (0..12).map(line).collect();
        setup().restore_everywhere(lines).unwrap();
    }

    #[test]
    fn a_snapshot_that_was_cut_is_refused() {
        let mut udf = setup().start().unwrap();
        udf.lines("m,service=x,customer=a v=1 1").unwrap();
        let snapshot = udf.snapshot().unwrap();
        let state = udf.udf().snapshot().unwrap();
        for length in [1, 6, state.len() - 1] {
            let error = udf.udf_mut().restore(&state[..length]).unwrap_err();
            assert_eq!(error.to_string(), CUT);
        }
        let refused = udf.restore(&snapshot[..snapshot.len() - 1]).unwrap_err();
        assert_eq!(refused.kind(), FailureKind::Refused);
    }
}
