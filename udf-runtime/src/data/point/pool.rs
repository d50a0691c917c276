//! Reuses the messages of dropped points, so that a point in the steady state allocates nothing.
//!
//! Each thread has its own list, without a lock. All lists together keep at most a budget, which threads
//! draw on in pieces. A thread takes back as many messages as it has lent, so a thread that only drops the
//! points of others collects nothing. A list is trimmed regularly: it frees the messages that stayed unused
//! since the last time, and shrinks large ones as they come back. So the memory of a burst is freed.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::message::Message;
use super::names::Names;
use super::parse::PADDING;
use super::part::Part;

/// Bytes that all threads keep together.
const BUDGET: usize = 32 * 1024 * 1024;
/// Bytes that a thread may keep without drawing on the budget: a few points.
const FREE: usize = 16 * 1024;
/// Bytes that a thread draws at a time.
const PIECE: usize = MAX_SIZE;
/// Larger messages are not kept.
const MAX_SIZE: usize = 256 * 1024;
/// Takes after which a list may be trimmed.
const CHECK_EVERY: usize = 1024;
/// A list is trimmed once each of its messages was taken this many times on average. By then, batches have
/// emptied and refilled it several times.
const ROUNDS: usize = 8;

/// Bytes of the budget that threads have drawn.
static DRAWN: AtomicUsize = AtomicUsize::new(0);

/// A message whose memory comes from the pool and returns to it. To move it is to move a pointer.
#[derive(Debug, Default)]
pub(super) struct Pooled(
    /// `None` is an empty message, which needs no memory.
    Option<Box<Message>>,
);

impl Pooled {
    /// An empty message, except that it still has the parts of another one: overwriting parts is faster than
    /// appending them.
    #[inline]
    pub(super) fn with_other_parts() -> Self {
        // Fails only while the thread ends.
        let message = LIST.try_with(|list| list.borrow_mut().take());
        Self(Some(message.ok().flatten().unwrap_or_default()))
    }

    /// An empty message.
    pub(super) fn empty() -> Self {
        let mut message = Self::with_other_parts();
        message.parts.clear();
        message
    }
}

impl Deref for Pooled {
    type Target = Message;

    #[inline]
    fn deref(&self) -> &Message {
        static EMPTY: Message = Message::EMPTY;
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl DerefMut for Pooled {
    #[inline]
    fn deref_mut(&mut self) -> &mut Message {
        self.0.get_or_insert_default()
    }
}

impl Drop for Pooled {
    #[inline]
    fn drop(&mut self) {
        if let Some(message) = self.0.take() {
            // While the thread ends, the memory is freed.
            let _ = LIST.try_with(|list| list.borrow_mut().give(message));
        }
    }
}

impl Message {
    /// Bytes of memory, without the table of names.
    #[inline]
    fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.capacity() + self.parts.capacity() * size_of::<Part>()
    }

    /// Bytes of memory that are in use.
    #[inline]
    fn used(&self) -> usize {
        self.bytes.len() + self.parts.len() * size_of::<Part>()
    }

    /// Frees what a message that uses `used` bytes does not need.
    fn shrink(&mut self, used: usize) {
        self.bytes.shrink_to(used + PADDING.len());
        self.parts.shrink_to(used.div_ceil(size_of::<Part>()));
    }
}

/// The size above which messages are shrunk, if recent ones have used up to `used` bytes. A buffer doubles when
/// it grows, so it may have twice what it needs.
fn ample(used: usize) -> usize {
    const SMALLEST: usize = 2 * (PADDING.len() + 16 * size_of::<Part>());
    size_of::<Message>() + 2 * used + SMALLEST
}

thread_local! {
    static LIST: RefCell<List> = const { RefCell::new(List::new()) };
}

/// A table of names, with room if a dropped point has left it.
pub(super) fn take_names() -> Box<Names> {
    LIST.try_with(|list| list.borrow_mut().take_names())
        .unwrap_or_default()
}

/// The messages that a thread keeps.
#[expect(
    clippy::vec_box,
    reason = "points take and return the boxes, which then cost no allocation"
)]
struct List {
    spare: Vec<Box<Message>>,
    /// Tables of names of wide points.
    names: Vec<Box<Names>>,
    /// Bytes that are kept.
    kept: usize,
    /// Bytes that may be kept: the free ones and the drawn ones.
    allowed: usize,
    /// Messages that were taken and have not come back.
    lent: usize,
    /// The most bytes that one point used, before the list was last trimmed.
    used_before: usize,
    /// Larger messages are shrunk before they are kept.
    ample: usize,
    /// Takes until the next check.
    until_check: usize,
    usage: Usage,
}

/// How the list was used since it was last trimmed.
#[derive(Clone, Copy)]
struct Usage {
    taken: usize,
    most_spare: usize,
    fewest_spare: usize,
    /// The most bytes that one point used.
    used: usize,
    /// Tables of names that were taken.
    names: usize,
}

impl Usage {
    const NONE: Self = Self {
        taken: 0,
        most_spare: 0,
        fewest_spare: usize::MAX,
        used: 0,
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
            used_before: MAX_SIZE,
            ample: MAX_SIZE,
            until_check: CHECK_EVERY,
            usage: Usage::NONE,
        }
    }

    #[inline]
    fn take(&mut self) -> Option<Box<Message>> {
        self.lent += 1;
        self.until_check -= 1;
        if self.until_check == 0 {
            self.check();
        }
        let Some(message) = self.spare.pop() else {
            self.usage.fewest_spare = 0;
            return None;
        };
        self.usage.fewest_spare = self.usage.fewest_spare.min(self.spare.len());
        self.kept -= message.size();
        Some(message)
    }

    #[inline]
    fn give(&mut self, mut message: Box<Message>) {
        if let Some(names) = message.names.take() {
            self.give_names(names);
        }
        // A thread that takes no messages keeps none.
        if self.lent == 0 {
            return;
        }
        self.lent -= 1;
        self.usage.used = self.usage.used.max(message.used());
        let mut size = message.size();
        if size > self.ample || self.kept + size > self.allowed {
            self.shrink(&mut message);
            size = message.size();
            if !self.has_room(size) {
                return;
            }
        }
        message.reset();
        self.kept += size;
        self.spare.push(message);
        self.usage.most_spare = self.usage.most_spare.max(self.spare.len());
    }

    fn take_names(&mut self) -> Box<Names> {
        self.usage.names += 1;
        let names = self.names.pop().unwrap_or_default();
        self.kept -= names.size();
        names
    }

    fn give_names(&mut self, names: Box<Names>) {
        let size = names.size();
        // Each point has at most one.
        if self.names.len() <= self.spare.len() && self.has_room(size) {
            self.kept += size;
            self.names.push(names);
        }
    }

    /// Shrinks a message that is larger than recent points need.
    #[cold]
    fn shrink(&mut self, message: &mut Message) {
        let used = self.used_before.max(self.usage.used);
        self.ample = ample(used);
        if message.size() > self.ample {
            message.shrink(used);
        }
    }

    fn has_room(&mut self, size: usize) -> bool {
        size <= MAX_SIZE && (self.kept + size <= self.allowed || self.draw())
    }

    /// Draws a piece of the budget, which has room for any message.
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

    #[cold]
    fn check(&mut self) {
        self.until_check = CHECK_EVERY;
        self.usage.taken += CHECK_EVERY;
        if self.usage.taken >= ROUNDS * self.usage.most_spare {
            self.trim();
        }
    }

    /// Frees what was not needed since the last time, and returns the rest of the budget.
    fn trim(&mut self) {
        let usage = std::mem::replace(&mut self.usage, Usage::NONE);
        let unused = usage.fewest_spare.min(self.spare.len());
        // The messages at the front were not used for longest.
        self.spare.drain(..unused);
        self.spare.shrink_to(usage.most_spare);
        self.used_before = usage.used;
        self.ample = ample(usage.used);
        self.names.truncate(usage.names.min(self.spare.len() + 1));
        self.names
            .retain(|names| names.is_worth_keeping(usage.used / size_of::<Part>()));
        self.kept = self
            .spare
            .iter()
            .map(|message| message.size())
            .sum::<usize>()
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

    /// Runs a test alone, because these tests share the budget.
    fn alone(test: impl FnOnce() + Send + 'static) {
        static ALONE: Mutex<()> = Mutex::new(());
        let _guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // On a thread with a new list.
        thread::spawn(test).join().unwrap();
    }

    /// Bytes that this thread keeps.
    fn kept() -> usize {
        LIST.with_borrow(|list| {
            let sum = list
                .spare
                .iter()
                .map(|message| message.size())
                .sum::<usize>()
                + list.names.iter().map(|names| names.size()).sum::<usize>();
            assert_eq!(list.kept, sum, "the list knows what it keeps");
            sum
        })
    }

    /// Makes and drops this many points of this many bytes.
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
                            batch(40, MAX_SIZE / 2);
                            batch(10_000, 4_000);
                            *sum.lock().unwrap() += kept();
                            // A thread that ends returns its part of the budget.
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
