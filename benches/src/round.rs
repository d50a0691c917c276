//! Takes turns between programs, so that other load of the machine affects all alike.

use crate::process::Cost;
use crate::program::Program;

/// The cost of each program, as medians of `rounds` rounds. Each program has one turn in each round.
pub fn medians(
    programs: &[Program],
    rounds: usize,
    mut turn: impl FnMut(&Program) -> Cost,
) -> Vec<Cost> {
    let mut costs = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, costs) in programs.iter().zip(&mut costs) {
            costs.push(turn(program));
        }
    }
    costs
        .iter()
        .map(|costs| Cost {
            seconds: median(costs.iter().map(|cost| cost.seconds)),
            cpu: median(costs.iter().map(|cost| cost.cpu)),
            memory: median(costs.iter().map(|cost| cost.memory as f64)) as u64,
        })
        .collect()
}

/// The value in the middle.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this part of the values lies.
pub fn quantile(values: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}
