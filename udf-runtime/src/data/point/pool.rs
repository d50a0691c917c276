//! Reuses the buffers of dropped points: a point in the steady state allocates nothing.
//!
//! Each thread has its own list, so that nothing is locked. All lists together keep no more
//! than a budget, which threads draw on in pieces. A thread takes back as many buffers as it has
//! lent, so that none piles up what other threads make. What a burst has left is freed: from time
//! to time a list drops the buffers that were never used since, and the others shrink to what the
//! points of that time needed.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::names::Names;
use super::parse::PADDING;
use super::part::Part;

/// Bytes that all threads keep together.
const BUDGET: usize = 32 * 1024 * 1024;
/// Bytes that a thread may keep without drawing on the budget: a few points.
const FREE: usize = 16 * 1024;
/// Bytes that a thread draws at a time.
const PIECE: usize = MAX_BUFFER;
/// A buffer that a huge point has grown is not kept.
const MAX_BUFFER: usize = 256 * 1024;
/// A list is trimmed when buffers were taken so many times as often as it had some: batches have
/// then emptied and filled it a few times.
const ROUNDS: usize = 8;
/// A list is trimmed after so many points at the earliest.
const MIN_TAKEN: usize = 1024;

/// Bytes of the budget that threads have drawn.
static DRAWN: AtomicUsize = AtomicUsize::new(0);

/// What a point has of memory.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pub(super) bytes: Vec<u8>,
    /// When it was just taken, those of another point: to write over them is quicker than to append.
    pub(super) parts: Vec<Part>,
}

impl Buffers {
    /// Bytes that it costs to keep them.
    fn size(&self) -> usize {
        self.bytes.capacity() + self.parts.capacity() * size_of::<Part>() + size_of::<Self>()
    }

    fn are_unused(&self) -> bool {
        self.bytes.capacity() == 0 && self.parts.capacity() == 0
    }
}

thread_local! {
    static LIST: RefCell<List> = const { RefCell::new(List::new()) };
}

/// Empty bytes and some parts, with room if a point has left some.
#[inline]
pub(super) fn take() -> Buffers {
    // Fails only while the thread ends.
    LIST.try_with(|list| list.borrow_mut().take())
        .unwrap_or_default()
}

/// Takes buffers back.
#[inline]
pub(super) fn give(buffers: Buffers) {
    // While the thread ends, the buffers are just freed.
    let _ = LIST.try_with(|list| list.borrow_mut().give(buffers));
}

/// A table of names, with room if a point has left one.
pub(super) fn take_names() -> Box<Names> {
    LIST.try_with(|list| list.borrow_mut().take_names())
        .unwrap_or_default()
}

/// Takes a table of names back.
pub(super) fn give_names(names: Box<Names>) {
    let _ = LIST.try_with(|list| list.borrow_mut().give_names(names));
}

/// The buffers that a thread keeps.
struct List {
    spare: Vec<Buffers>,
    /// Tables of the wide points among them.
    #[expect(
        clippy::vec_box,
        reason = "they go to points and come back as they are"
    )]
    names: Vec<Box<Names>>,
    /// Bytes of all that is kept.
    kept: usize,
    /// Bytes that may be kept: what is free, and what was drawn.
    allowed: usize,
    /// Buffers that were taken and have not come back.
    lent: usize,
    usage: Usage,
    /// What was the most that a point needed, before the list was trimmed.
    enough_bytes: usize,
    enough_parts: usize,
}

/// What was needed since the list was trimmed.
#[derive(Clone, Copy)]
struct Usage {
    taken: usize,
    /// The most buffers that were spare at a time, and the fewest.
    most_spare: usize,
    fewest_spare: usize,
    /// The most bytes and parts that a point had.
    bytes: usize,
    parts: usize,
    /// Tables of names that were taken.
    names: usize,
}

impl Usage {
    const NONE: Self = Self {
        taken: 0,
        most_spare: 0,
        fewest_spare: usize::MAX,
        bytes: 0,
        parts: 0,
        names: 0,
    };
}

impl List {
    const fn new() -> Self {
        Self {
            spare: Vec::new(),
            names: Vec::new(),
            kept: 0,
            allowed: FREE,
            lent: 0,
            usage: Usage::NONE,
            enough_bytes: MAX_BUFFER,
            enough_parts: MAX_BUFFER / size_of::<Part>(),
        }
    }

    #[inline]
    fn take(&mut self) -> Buffers {
        self.lent += 1;
        let usage = &mut self.usage;
        usage.taken += 1;
        if usage.taken > ROUNDS * usage.most_spare.max(MIN_TAKEN / ROUNDS) {
            self.trim();
        }
        let buffers = self.spare.pop();
        let usage = &mut self.usage;
        usage.fewest_spare = usage.fewest_spare.min(self.spare.len());
        let Some(buffers) = buffers else {
            return Buffers::default();
        };
        self.kept -= buffers.size();
        buffers
    }

    #[inline]
    fn give(&mut self, mut buffers: Buffers) {
        // Where others make the points, theirs are the buffers.
        if self.lent == 0 || buffers.are_unused() {
            return;
        }
        self.lent -= 1;
        let usage = &mut self.usage;
        usage.bytes = usage.bytes.max(buffers.bytes.len());
        usage.parts = usage.parts.max(buffers.parts.len());
        // A buffer that grows by itself has twice as much as it needs.
        let bytes = usage.bytes.max(self.enough_bytes) + PADDING.len();
        if buffers.bytes.capacity() > 2 * bytes {
            buffers.bytes.shrink_to(bytes);
        }
        let parts = usage.parts.max(self.enough_parts) + 16;
        if buffers.parts.capacity() > 2 * parts {
            buffers.parts.shrink_to(parts);
        }
        let size = buffers.size();
        if !self.has_room(size) {
            return;
        }
        buffers.bytes.clear();
        self.kept += size;
        self.spare.push(buffers);
        let usage = &mut self.usage;
        usage.most_spare = usage.most_spare.max(self.spare.len());
    }

    fn take_names(&mut self) -> Box<Names> {
        self.usage.names += 1;
        let names = self.names.pop().unwrap_or_default();
        self.kept -= names.size();
        names
    }

    fn give_names(&mut self, names: Box<Names>) {
        let size = names.size();
        // There is one for each point at most.
        if self.names.len() <= self.spare.len() && self.has_room(size) {
            self.kept += size;
            self.names.push(names);
        }
    }

    #[inline]
    fn has_room(&mut self, size: usize) -> bool {
        size <= MAX_BUFFER && (self.kept + size <= self.allowed || self.draw())
    }

    /// Draws a piece of the budget, which has room for any buffer.
    #[cold]
    fn draw(&mut self) -> bool {
        let drawn = DRAWN.fetch_update(Relaxed, Relaxed, |drawn| {
            (drawn + PIECE <= BUDGET).then_some(drawn + PIECE)
        });
        if drawn.is_ok() {
            self.allowed += PIECE;
        }
        drawn.is_ok()
    }

    /// Frees what was not needed since the last time, and returns what of the budget is left.
    #[cold]
    fn trim(&mut self) {
        let usage = std::mem::replace(&mut self.usage, Usage::NONE);
        let unused = usage.fewest_spare.min(self.spare.len());
        // Those at the front were not used for longest.
        self.spare.drain(..unused);
        self.spare.shrink_to(usage.most_spare);
        (self.enough_bytes, self.enough_parts) = (usage.bytes, usage.parts);
        self.names.truncate(usage.names.min(self.spare.len() + 1));
        self.names
            .retain(|names| names.is_worth_keeping(usage.parts));
        self.kept = self.spare.iter().map(Buffers::size).sum::<usize>()
            + self.names.iter().map(|names| names.size()).sum::<usize>();
        self.return_pieces();
        self.usage.most_spare = self.spare.len();
    }

    fn return_pieces(&mut self) {
        let drawn = self.allowed - FREE;
        let needed = self.kept.saturating_sub(FREE).next_multiple_of(PIECE);
        let left = drawn.saturating_sub(needed);
        DRAWN.fetch_sub(left, Relaxed);
        self.allowed -= left;
    }
}

/// The thread ends.
impl Drop for List {
    fn drop(&mut self) {
        self.kept = 0;
        self.return_pieces();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, Mutex, PoisonError};
    use std::thread;

    use super::*;
    use crate::data::Point;

    /// These tests share the budget: each has it alone.
    fn alone(test: impl FnOnce() + Send + 'static) {
        static ALONE: Mutex<()> = Mutex::new(());
        let _guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // On a thread with a new list.
        thread::spawn(test).join().unwrap();
    }

    /// Bytes that this thread keeps.
    fn kept() -> usize {
        LIST.with_borrow(|list| {
            let sum = list.spare.iter().map(Buffers::size).sum::<usize>()
                + list.names.iter().map(|names| names.size()).sum::<usize>();
            assert_eq!(list.kept, sum, "the list knows what it keeps");
            sum
        })
    }

    /// So many points at a time, of so many bytes each.
    fn batch(points: usize, bytes: usize) {
        let text = "x".repeat(bytes);
        let points: Vec<_> = (0..points)
            .map(|_| {
                let mut point = Point::new("m");
                point.set_field("text", &text);
                point
            })
            .collect();
        drop(points);
    }

    #[test]
    fn all_threads_keep_no_more_than_one_budget_and_leave_it_to_others() {
        const THREADS: usize = 16;
        alone(|| {
            for _ in 0..2 {
                let (filled, sum) = (Barrier::new(THREADS), Mutex::new(0));
                thread::scope(|scope| {
                    for _ in 0..THREADS {
                        scope.spawn(|| {
                            // More than the budget on each thread.
                            batch(40, MAX_BUFFER / 2);
                            batch(10_000, 4_000);
                            *sum.lock().unwrap() += kept();
                            // No thread ends before all have counted.
                            filled.wait();
                        });
                    }
                });
                let sum = sum.into_inner().unwrap();
                assert!(sum <= BUDGET + THREADS * FREE, "{sum} bytes");
                assert!(sum >= BUDGET / 4, "{sum} bytes: the budget is in use");
            }
        });
    }

    #[test]
    fn what_a_burst_has_grown_is_given_back() {
        alone(|| {
            batch(1_000, 1_000);
            assert!(kept() > 1_000_000, "{} bytes", kept());
            for _ in 0..3 * ROUNDS * 1_000 {
                batch(1, 10);
            }
            assert!(kept() < 1_000, "{} bytes", kept());
        });
    }

    #[test]
    fn buffers_of_large_points_shrink_when_points_are_small() {
        alone(|| {
            batch(100, 100_000);
            assert!(kept() > 1_000_000, "{} bytes", kept());
            for _ in 0..40 {
                batch(100, 10);
            }
            assert!(kept() < 100_000, "{} bytes", kept());
        });
    }

    #[test]
    fn batches_keep_their_buffers() {
        alone(|| {
            for _ in 0..3 * ROUNDS {
                batch(1_000, 1_000);
            }
            assert!(kept() > 1_000_000, "{} bytes", kept());
        });
    }

    #[test]
    fn a_thread_does_not_keep_what_others_make() {
        let points: Vec<_> = (0..100).map(|_| Point::new("m")).collect();
        thread::spawn(|| {
            drop(points);
            assert_eq!(kept(), 0);
        })
        .join()
        .unwrap();
    }
}
