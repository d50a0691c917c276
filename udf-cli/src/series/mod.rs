//! What a plot shows: the points of input and output as series, what a UDF has changed, and a picture made
//! of both.

mod compare;
mod picture;
mod summary;
mod table;
mod thin;

pub(crate) use compare::{Difference, compare};
pub(crate) use picture::{Axis, Mark, Picture, Side, Trace, View, paint};
pub(crate) use summary::Summary;
pub(crate) use table::{Row, Table, each_line, rows};
