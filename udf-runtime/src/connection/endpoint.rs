//! The reader and the writer that an agent gets.
//!
//! The agent waits directly on the descriptors of standard streams, pipes, files and sockets. For any other
//! reader or writer, a thread copies the bytes to or from a pipe.

use std::any::Any;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Stdin, Stdout, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use super::pump::{self, Pump};
use crate::process::stdio;

/// Where requests come from.
pub(crate) enum Source {
    Stdin,
    Descriptor(OwnedFd),
    Reader(Box<dyn Read + Send>),
}

/// Where responses go.
pub(crate) enum Target {
    Stdout,
    Descriptor(OwnedFd),
    Writer(Box<dyn Write + Send>),
}

impl Source {
    pub(crate) fn of(reader: impl Read + Send + 'static) -> Self {
        let mut reader = Some(reader);
        if taken::<Stdin>(&mut reader).is_some() {
            return Self::Stdin;
        }
        match descriptor(&mut reader) {
            Some(descriptor) => Self::Descriptor(descriptor),
            None => Self::Reader(match reader {
                Some(reader) => Box::new(reader),
                None => Box::new(io::empty()),
            }),
        }
    }

    /// The descriptor to read from, and the thread that copies to it, if any.
    pub(super) fn into_descriptor(self) -> io::Result<(OwnedFd, Option<Pump>)> {
        match self {
            Self::Stdin => Ok((stdio::take_input()?, None)),
            Self::Descriptor(descriptor) => Ok((descriptor, None)),
            Self::Reader(reader) => {
                let (descriptor, pump) = pump::out_of(reader)?;
                Ok((descriptor, Some(pump)))
            }
        }
    }
}

impl Target {
    pub(crate) fn of(writer: impl Write + Send + 'static) -> Self {
        let mut writer = Some(writer);
        if taken::<Stdout>(&mut writer).is_some() {
            return Self::Stdout;
        }
        match descriptor(&mut writer) {
            Some(descriptor) => Self::Descriptor(descriptor),
            None => Self::Writer(match writer {
                Some(writer) => Box::new(writer),
                None => Box::new(io::sink()),
            }),
        }
    }

    /// The descriptor to write to, and the thread that copies from it, if any.
    pub(super) fn into_descriptor(self) -> io::Result<(OwnedFd, Option<Pump>)> {
        match self {
            Self::Stdout => Ok((stdio::take_output()?, None)),
            Self::Descriptor(descriptor) => Ok((descriptor, None)),
            Self::Writer(writer) => {
                let (descriptor, pump) = pump::into(writer)?;
                Ok((descriptor, Some(pump)))
            }
        }
    }
}

/// Extracts the descriptor from a stream of a known type.
fn descriptor<T: Any>(stream: &mut Option<T>) -> Option<OwnedFd> {
    taken::<UnixStream>(stream)
        .map(OwnedFd::from)
        .or_else(|| taken::<TcpStream>(stream).map(OwnedFd::from))
        .or_else(|| taken::<PipeReader>(stream).map(OwnedFd::from))
        .or_else(|| taken::<PipeWriter>(stream).map(OwnedFd::from))
        .or_else(|| taken::<File>(stream).map(OwnedFd::from))
}

/// Takes the stream out if its type is `S`.
fn taken<S: 'static>(stream: &mut Option<impl Any>) -> Option<S> {
    (stream as &mut dyn Any).downcast_mut::<Option<S>>()?.take()
}
