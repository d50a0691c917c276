//! The four kinds of UDF.

use clap::ValueEnum;

/// What a UDF takes and what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Edges {
    /// Takes and sends points.
    Stream,
    /// Takes and sends batches.
    Batch,
    /// Takes points and sends batches.
    StreamBatch,
    /// Takes batches and sends points.
    BatchStream,
}

impl Edges {
    /// The name on the command line, which is that of a folder in the template.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Batch => "batch",
            Self::StreamBatch => "stream-batch",
            Self::BatchStream => "batch-stream",
        }
    }

    /// Flags of the command `pipe` that the data of the template needs, each with a space after it.
    pub(super) fn pipe_flags(self) -> &'static str {
        match self {
            Self::Stream | Self::StreamBatch => "",
            Self::Batch | Self::BatchStream => "--period 10s ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_the_name_that_the_command_line_takes() {
        for edges in Edges::value_variants() {
            assert_eq!(Edges::from_str(edges.name(), false), Ok(*edges));
        }
    }
}
