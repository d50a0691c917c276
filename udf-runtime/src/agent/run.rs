//! The agent's loop: receive, call, write.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::control::Control;
use super::session::Session;
use super::{AgentError, Callback, Handler};
use crate::connection::{Input, Pump, Received};
use crate::output::SendError;
use crate::protocol::{FrameBuffer, FrameError};

/// Bytes that are still read after a stop. More than a pipe or a socket's buffer holds, so that everything
/// received is handled. Few enough that a host that keeps writing cannot keep the agent alive.
const DRAIN: usize = 4 * 1024 * 1024;

/// Works until the end, records how it ended, and drops the handler.
pub(super) fn run<H: Handler>(
    input: &Input,
    pump: Option<&Pump>,
    mut session: Session<H>,
    message_limit: usize,
    control: &Arc<Control>,
) {
    // Weak, because the control holds the writer.
    let agent = Arc::downgrade(control);
    control.writer.attach(move |error| {
        if let Some(agent) = agent.upgrade() {
            agent.fail(error);
        }
    });
    let mut ended = work(input, &mut session, message_limit, control);
    match &ended {
        Some(Ok(())) => {}
        Some(Err(error)) => session.fail(error),
        // After a stuck callback, the output is closed already.
        None => drop(session.close(control.noted_error())),
    }
    if !matches!(ended, Some(Ok(()))) {
        input.linger();
    }
    if let Some(Err(error)) = pump.map(Pump::finish)
        && let Some(Ok(())) = ended
    {
        ended = Some(Err(SendError::Write(error).into()));
    }
    match ended {
        // A graceful end waits for the handler's `Drop`. An error does not.
        Some(Ok(())) => {
            drop_handler(session, control);
            control.note(Ok(()));
        }
        Some(error) => {
            control.note(error);
            drop_handler(session, control);
        }
        None => drop_handler(session, control),
    }
}

fn drop_handler<H: Handler>(session: Session<H>, control: &Control) {
    let dropped = control.guarded(|| {
        control.calls(Callback::Drop);
        drop(session);
        Ok(())
    });
    if let Err(error) = dropped {
        log::error!("{error}");
    }
}

/// Receives, calls and writes until the end. Returns `None` if another thread ended the agent.
fn work<H: Handler>(
    input: &Input,
    session: &mut Session<H>,
    message_limit: usize,
    control: &Arc<Control>,
) -> Option<Result<(), AgentError>> {
    let mut frames = FrameBuffer::new(message_limit);
    let mut drained = 0;
    let mut start = Start::default();
    loop {
        let handled = control.guarded(|| {
            handle(&mut frames, session, control)?;
            session.on_time(frames.is_amid_frame())?;
            control.set_idle();
            session.flush()
        });
        if control.should_end() {
            return None;
        }
        if let Err(error) = handled {
            if session.messages() <= 1 && start.looks_like_text() {
                return Some(Err(AgentError::Text));
            }
            return Some(Err(session.locate(error)));
        }
        let is_stopping = control.should_stop();
        if is_stopping && drained > DRAIN {
            break;
        }
        let deadline = if is_stopping {
            Some(Instant::now())
        } else {
            session.due()
        };
        match input.receive(frames.room(), deadline) {
            Ok(Received::Bytes(count)) => {
                frames.add(count);
                start.add(frames.pending(), count);
                session.on_input();
                if is_stopping {
                    drained += count;
                }
            }
            Ok(Received::Nothing) if is_stopping => {
                if !input.has_more() {
                    break;
                }
                thread::yield_now();
            }
            Ok(Received::Nothing) => {}
            Ok(Received::End) => match frames.end() {
                // A stop may cut the input off in the middle of a frame.
                Err(error) if !is_stopping => {
                    if session.messages() == 0 && start.looks_like_text() {
                        return Some(Err(AgentError::Text));
                    }
                    return Some(Err(error.into()));
                }
                _ => break,
            },
            Err(error) => {
                let offset = frames.bytes_read();
                return Some(Err(FrameError::Read { offset, error }.into()));
            }
        }
    }
    let stopped = control.guarded(|| session.stop());
    if control.should_end() {
        return None;
    }
    Some(stopped)
}

/// Handles all complete frames.
fn handle<H: Handler>(
    frames: &mut FrameBuffer,
    session: &mut Session<H>,
    control: &Control,
) -> Result<(), AgentError> {
    while let Some((offset, frame)) = frames.next_frame()? {
        session.tick_if_due()?;
        session.frame(offset, frame)?;
        if control.has_requests() {
            if control.should_end() {
                return Ok(());
            }
            if control.take_flush_request() {
                session.flush()?;
            }
        }
    }
    Ok(())
}

/// The first bytes of the input.
#[derive(Default)]
struct Start {
    bytes: [u8; 8],
    len: usize,
}

impl Start {
    /// Adds the last `count` bytes of `pending`, which are new.
    #[inline]
    fn add(&mut self, pending: &[u8], count: usize) {
        if self.len < self.bytes.len() {
            let new = &pending[pending.len() - count..];
            let room = &mut self.bytes[self.len..];
            let count = room.len().min(new.len());
            room[..count].copy_from_slice(&new[..count]);
            self.len += count;
        }
    }

    /// Whether the input begins like line protocol or another text. A request of Kapacitor's does not: its
    /// second byte is a key, and the keys of the first requests are not printable characters.
    fn looks_like_text(&self) -> bool {
        let is_printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        self.len > 1 && self.bytes[..self.len].iter().all(is_printable)
    }
}
