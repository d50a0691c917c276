//! Notices hooks that would never be called, because the edges ask for the other trait.
//!
//! An associated constant of [`Implements`] itself comes before that of [`DoesNotImplement`], but
//! exists only where its bound holds.

use std::marker::PhantomData;

use crate::output::Output;
use crate::udf::hooks::{OnBatch, OnPoint};

pub struct Implements<T, Out>(PhantomData<(T, Out)>);

impl<T: OnPoint<Out>, Out: Output> Implements<T, Out> {
    pub const ON_POINT: bool = true;
}

impl<T: OnBatch<Out>, Out: Output> Implements<T, Out> {
    pub const ON_BATCH: bool = true;
}

pub trait DoesNotImplement {
    const ON_POINT: bool = false;
    const ON_BATCH: bool = false;
}

impl<T, Out> DoesNotImplement for Implements<T, Out> {}
