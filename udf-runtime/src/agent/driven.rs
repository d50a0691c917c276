//! A session that its caller drives, without a connection, a thread or a clock.

use std::io::Write;
use std::sync::Arc;

use super::control::Control;
use super::session::Session;
use super::{AgentError, Handler, Limits};
use crate::output::{Outlet, Output as _, ResponseWriter};
use crate::protocol::FrameBuffer;

/// An agent whose caller is its host: it answers each call at once, from the calling thread.
pub(crate) struct Driven<H: Handler> {
    session: Session<H>,
    control: Arc<Control>,
    frames: FrameBuffer,
}

impl<H: Handler> Driven<H> {
    /// Creates an agent that writes its responses to `output`. Calls `sender_failed` with the error when a
    /// thread of the UDF fails; the caller then ends the agent.
    pub(crate) fn new(
        handler: H,
        output: impl Write + Send + 'static,
        limits: Limits,
        sender_failed: impl Fn(AgentError) + Send + Sync + 'static,
    ) -> Self {
        let limits = limits.checked();
        let outlet = Outlet::to(output);
        let writer = ResponseWriter::new(outlet, H::Output::EDGE, limits.message_bytes);
        writer.attach(move |error| sender_failed(AgentError::Sender { error }));
        let control = Control::new(
            writer,
            None,
            limits.callback,
            Box::new(|_| {}),
            Box::new(|_| {}),
        );
        Self {
            frames: FrameBuffer::new(limits.message_bytes),
            session: Session::new(handler, control.clone(), limits),
            control,
        }
    }

    /// Handles whole frames and writes the resulting output.
    pub(crate) fn receive(&mut self, mut bytes: &[u8]) -> Result<(), AgentError> {
        let Self {
            session,
            control,
            frames,
        } = self;
        let handled = control.guarded(|| {
            while !bytes.is_empty() {
                let room = frames.room();
                let (now, later) = bytes.split_at(room.len().min(bytes.len()));
                room[..now.len()].copy_from_slice(now);
                frames.add(now.len());
                bytes = later;
                while let Some((offset, frame)) = frames.next_frame()? {
                    session.frame(offset, frame)?;
                }
            }
            session.flush()
        });
        handled.map_err(|error| session.locate(error))
    }

    /// Releases the senders' held output, because no `Restore` comes.
    pub(crate) fn open(&mut self) -> Result<(), AgentError> {
        self.session.open()
    }

    /// Calls the handler's `tick` and writes its output.
    pub(crate) fn tick(&mut self, now: i64) -> Result<(), AgentError> {
        let session = &mut self.session;
        self.control.guarded(|| {
            session.tick(now)?;
            session.flush()
        })
    }

    /// Ends the agent as the end of its input does.
    pub(crate) fn stop(&mut self) -> Result<(), AgentError> {
        let session = &mut self.session;
        self.control.guarded(|| session.stop())
    }

    /// Ends the agent with an error.
    pub(crate) fn fail(&mut self, error: &AgentError) {
        self.session.fail(error);
    }

    pub(crate) fn handler(&self) -> &H {
        self.session.handler()
    }

    pub(crate) fn handler_mut(&mut self) -> &mut H {
        self.session.handler_mut()
    }
}

impl<H: Handler> Drop for Driven<H> {
    /// Closes the output, so that the UDF's threads stop sending.
    fn drop(&mut self) {
        let _ = self.session.close(None);
    }
}
