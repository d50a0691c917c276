//! [`Subject`]: what a harness runs.

use std::marker::PhantomData;

use udf_proto::Option as Call;

use crate::agent::Handler;
use crate::udf::options::{OptionErrors, OptionSpec};
use crate::udf::{Udf, UdfHandler};

/// What a [`Harness`](super::Harness) runs: a struct with `#[udf]`, or a [`Handwritten`] handler.
pub trait Subject: sealed::Sealed {}

impl<U: Udf> Subject for U {}
impl<H: Handler> Subject for Handwritten<H> {}

/// A [`Handler`] that is written by hand, in place of a struct with `#[udf]`.
#[derive(Debug)]
pub struct Handwritten<H>(PhantomData<fn() -> H>);

pub(super) mod sealed {
    use super::{Call, Handler, OptionErrors, OptionSpec};

    /// What is asked of a subject.
    #[doc(hidden)]
    pub trait Sealed {
        type Handler: Handler;

        /// The name in the ID of its node.
        fn name() -> &'static str;

        /// The options, where they are known.
        fn options() -> Option<Vec<OptionSpec>>;

        /// What is wrong with the options of an `Init`, as far as that is known.
        fn problems(calls: &[Call]) -> OptionErrors;
    }
}

impl<U: Udf> sealed::Sealed for U {
    type Handler = UdfHandler<U>;

    fn name() -> &'static str {
        U::NAME
    }

    fn options() -> Option<Vec<OptionSpec>> {
        Some(U::spec().options)
    }

    fn problems(calls: &[Call]) -> OptionErrors {
        U::from_options(calls).err().unwrap_or_default()
    }
}

impl<H: Handler> sealed::Sealed for Handwritten<H> {
    type Handler = H;

    fn name() -> &'static str {
        "handler"
    }

    fn options() -> Option<Vec<OptionSpec>> {
        None
    }

    fn problems(_: &[Call]) -> OptionErrors {
        OptionErrors::default()
    }
}
