//! The agent's loop: read, call, write.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::AgentError;
use super::session::Session;
use super::shared::{Shared, wish};
use crate::agent::Handler;
use crate::protocol::{FrameError, FrameReader};

/// Bytes that are still taken in after a stop: more than a pipe or a socket's buffer holds, so
/// that what had come is handled, and little enough that a host that goes on cannot keep us.
const DRAIN: u64 = 4 * 1024 * 1024;

/// Works until the end, and notes how it ended; `false` where another thread has.
pub(super) fn run<H: Handler>(reader: impl Read, shared: &Arc<Shared<H>>) -> bool {
    match read_and_call(reader, shared) {
        Err(Ended::Elsewhere) => false,
        Err(Ended::Here(error)) => shared.note(Err(error)),
        Ok(()) => shared.note(Ok(())),
    }
}

enum Ended {
    Here(AgentError),
    Elsewhere,
}

fn read_and_call<H: Handler>(reader: impl Read, shared: &Arc<Shared<H>>) -> Result<(), Ended> {
    let mut frames = FrameReader::new(reader, shared.limits.message_bytes);
    let mut drained = 0;
    loop {
        {
            let mut session = shared.lock();
            if session.is_ended() {
                return Err(Ended::Elsewhere);
            }
            let handled = shared.guarded(|| {
                handle_buffered(&mut frames, &mut session, shared)?;
                shared.mark_idle();
                session.flush()
            });
            if let Err(error) = handled {
                shared.mark_idle();
                let error = session.locate(error);
                session.fail(&error);
                return Err(Ended::Here(error));
            }
        }
        if shared.wishes.load(Ordering::SeqCst) != 0 {
            // Where the read can be woken, the input ends by itself.
            let is_drained = !shared.can_be_woken() && !shared.more_to_read();
            if shared.is_to_stop() && (is_drained || drained > DRAIN) {
                break;
            }
            shared.attend_idle().map_err(Ended::Here)?;
        }
        let before = frames.bytes_read();
        match shared.while_reading(frames.is_amid_frame(), || frames.fill()) {
            Ok(true) => {}
            Ok(false) => break,
            // A stop has cut the input off where it was.
            Err(FrameError::Truncated { .. }) if shared.is_to_stop() => break,
            Err(error) => {
                let mut session = shared.lock();
                if session.is_ended() {
                    return Err(Ended::Elsewhere);
                }
                let error = AgentError::from(error);
                session.fail(&error);
                return Err(Ended::Here(error));
            }
        }
        if shared.is_to_stop() {
            drained += frames.bytes_read() - before;
        }
    }
    let mut session = shared.lock();
    if session.is_ended() {
        return Err(Ended::Elsewhere);
    }
    let stopped = shared.guarded(|| session.stop(shared));
    shared.mark_idle();
    stopped.map_err(|error| {
        session.fail(&error);
        Ended::Here(error)
    })
}

/// Handles all the frames that were read.
fn handle_buffered<H: Handler>(
    frames: &mut FrameReader<impl Read>,
    session: &mut Session<H>,
    shared: &Arc<Shared<H>>,
) -> Result<(), AgentError> {
    while let Some((offset, frame)) = frames.next_buffered()? {
        if shared.wishes.load(Ordering::Relaxed) & (wish::FLUSH | wish::TICK) != 0 {
            if shared.take_wish(wish::FLUSH) {
                session.flush()?;
            }
            if shared.take_wish(wish::TICK) {
                session.tick(shared)?;
            }
        }
        session.frame(offset, frame, shared)?;
    }
    Ok(())
}
