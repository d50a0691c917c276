//! Buffers of points that are gone, for those that come: no allocation a point.
//!
//! Each thread has its own, so that nothing is locked; what it keeps is bounded.

use std::cell::RefCell;

use super::body::Part;

/// Bytes that a thread keeps at most.
const MAX_KEPT: usize = 32 * 1024 * 1024;
/// A buffer that a huge point has grown is not kept.
const MAX_BUFFER: usize = 256 * 1024;

struct Pool {
    spare: Vec<(Vec<u8>, Vec<Part>)>,
    kept: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { spare: Vec::new(), kept: 0 }) };
}

fn size(bytes: &Vec<u8>, parts: &Vec<Part>) -> usize {
    bytes.capacity() + parts.capacity() * size_of::<Part>()
}

/// Empty buffers, with room if a point has left some.
#[inline]
pub(super) fn take() -> (Vec<u8>, Vec<Part>) {
    // Fails only while the thread ends.
    POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        let (bytes, parts) = pool.spare.pop()?;
        pool.kept -= size(&bytes, &parts);
        Some((bytes, parts))
    })
    .ok()
    .flatten()
    .unwrap_or_default()
}

/// Takes buffers back.
#[inline]
pub(super) fn give(mut bytes: Vec<u8>, mut parts: Vec<Part>) {
    let size = size(&bytes, &parts);
    if size == 0 || size > MAX_BUFFER {
        return;
    }
    bytes.clear();
    parts.clear();
    // While the thread ends, the buffers are just freed.
    let _ = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.kept + size <= MAX_KEPT {
            pool.kept += size;
            pool.spare.push((bytes, parts));
        }
    });
}
