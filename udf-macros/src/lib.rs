//! The macros of `udf-runtime`.
