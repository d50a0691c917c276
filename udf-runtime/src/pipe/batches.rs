//! Batches that are still open.

use std::collections::HashMap;

use crate::line::Line;

/// The open batches, one for each group and name.
///
/// They hold the text of their lines, which takes a fraction of what points take. That matters where
/// many groups are open or a batch is as long as the input.
#[derive(Debug)]
pub(super) struct Batches {
    /// Nanoseconds of the points' time that a batch spans.
    period: Option<i64>,
    open: HashMap<Box<[u8]>, OpenBatch>,
    /// Name and group of the last point.
    key: Vec<u8>,
    opened: u64,
}

/// One batch.
#[derive(Debug)]
pub(super) struct OpenBatch {
    /// Counts the batches in the order in which they began.
    number: u64,
    /// The beginning of its time span.
    start: i64,
    /// The end of its time span or, without a period, its latest time.
    pub(super) tmax: i64,
    /// Line after line: its time, its length, its text.
    records: Vec<u8>,
    pub(super) points: usize,
    latest: i64,
    is_sorted: bool,
}

impl Batches {
    pub(super) fn new(period: Option<i64>) -> Self {
        Batches {
            period,
            open: HashMap::new(),
            key: Vec::new(),
            opened: 0,
        }
    }

    /// Adds a line of a group; returns the batch that it ends.
    pub(super) fn add(&mut self, group: &str, line: &Line<'_>, time: i64) -> Option<OpenBatch> {
        self.key.clear();
        self.key.extend_from_slice(line.name().as_bytes());
        // No text has this byte.
        self.key.push(0xff);
        self.key.extend_from_slice(group.as_bytes());

        let (start, tmax) = match self.period {
            Some(period) => {
                let start = time.saturating_sub(time.rem_euclid(period));
                (start, Some(start.saturating_add(period)))
            }
            None => (0, None),
        };
        let fresh = |number| OpenBatch::new(number, start, tmax.unwrap_or(time));
        match self.open.get_mut(&*self.key) {
            Some(open) if open.start < start => {
                self.opened += 1;
                let ended = std::mem::replace(open, fresh(self.opened));
                open.push(line, time);
                Some(ended)
            }
            Some(open) => {
                if self.period.is_none() {
                    open.tmax = open.tmax.max(time);
                }
                open.push(line, time);
                None
            }
            None => {
                self.opened += 1;
                let mut open = fresh(self.opened);
                open.push(line, time);
                self.open.insert(self.key.as_slice().into(), open);
                None
            }
        }
    }

    /// Takes all open batches, in the order in which they began.
    pub(super) fn end(&mut self) -> Vec<OpenBatch> {
        let mut all: Vec<_> = std::mem::take(&mut self.open).into_values().collect();
        all.sort_unstable_by_key(|batch| batch.number);
        all
    }
}

impl OpenBatch {
    fn new(number: u64, start: i64, tmax: i64) -> Self {
        OpenBatch {
            number,
            start,
            tmax,
            records: Vec::new(),
            points: 0,
            latest: i64::MIN,
            is_sorted: true,
        }
    }

    fn push(&mut self, line: &Line<'_>, time: i64) {
        let text = line.text().as_bytes();
        self.records.extend_from_slice(&time.to_le_bytes());
        // No line is longer than 2^30 bytes, see `Parser`.
        self.records
            .extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.records.extend_from_slice(text);
        self.points += 1;
        self.is_sorted &= self.latest <= time;
        self.latest = self.latest.max(time);
    }

    /// The lines and their times, in the order of time.
    pub(super) fn lines(&self) -> impl Iterator<Item = (i64, &[u8])> {
        let mut records: Vec<(i64, &[u8])> = Vec::new();
        let mut unsorted = Records(&self.records);
        if !self.is_sorted {
            records.extend(&mut unsorted);
            records.sort_by_key(|(time, _)| *time);
        }
        records.into_iter().chain(unsorted)
    }
}

/// The records of a batch, in the order of the input.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (i64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (time, rest) = self.0.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some((i64::from_le_bytes(*time), text))
    }
}
