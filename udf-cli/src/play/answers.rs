//! What the page asks and what it is answered.

use serde::{Deserialize, Serialize};

use crate::program::{Problem, Settings, TakeAway, Udf};
use crate::series::{Difference, Picture, Row, Summary, View};

/// What the page begins with.
#[derive(Debug, Serialize)]
pub(super) struct Setup<'a> {
    pub(super) program: &'a str,
    /// Counts the times that the program was read.
    pub(super) version: u64,
    pub(super) is_watched: bool,
    pub(super) udfs: &'a [Udf],
    /// The UDF that the page begins with.
    pub(super) udf: &'a str,
    /// Settings to begin with, in the order of the UDFs.
    pub(super) settings: Vec<Settings>,
    pub(super) files: Vec<String>,
    pub(super) data: Summary,
}

/// What part of a result is looked at.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Looked {
    /// Times on the axis of the picture; all without them.
    pub(super) from: Option<f64>,
    pub(super) to: Option<f64>,
    /// The width of the plot in pixels.
    pub(super) columns: usize,
    /// The fields to show; the ones that matter where there are none.
    #[serde(default)]
    pub(super) fields: Vec<String>,
}

impl Looked {
    /// The view of a result.
    pub(super) fn view(&self, settings: &Settings, period: Option<i64>) -> View {
        let named = settings.options.iter().flat_map(|call| call.values.clone());
        View {
            span: self.span(),
            columns: self.columns.clamp(100, 4000),
            fields: self.fields.clone(),
            named: named.collect(),
            period,
        }
    }

    pub(super) fn span(&self) -> Option<(f64, f64)> {
        self.from.zip(self.to).filter(|(from, to)| from < to)
    }
}

/// The page wants the UDF to run.
#[derive(Debug, Deserialize)]
pub(super) struct RunRequest {
    /// The ID that the page has given itself.
    pub(super) page: String,
    pub(super) settings: Settings,
    pub(super) view: Looked,
    /// The program was built again: what is different since?
    #[serde(default)]
    pub(super) is_new_build: bool,
}

/// What a run has brought.
#[derive(Debug, Serialize)]
pub(super) struct RunAnswer {
    pub(super) problems: Vec<Problem>,
    pub(super) log: String,
    /// Milliseconds from the start of the process to its end.
    pub(super) took: f64,
    pub(super) points_in: usize,
    pub(super) points_out: usize,
    pub(super) take_away: TakeAway,
    /// Nothing where the run has failed: the page keeps what it shows.
    pub(super) result: Option<ResultAnswer>,
}

/// The result of a run that has ended well.
#[derive(Debug, Serialize)]
pub(super) struct ResultAnswer {
    pub(super) difference: Difference,
    /// What is different to the program before it was built again.
    pub(super) since: Option<Difference>,
    pub(super) picture: Picture,
}

/// The page wants another part of what it shows.
#[derive(Debug, Deserialize)]
pub(super) struct ViewRequest {
    pub(super) page: String,
    pub(super) view: Looked,
}

/// The page wants rows of the output.
#[derive(Debug, Deserialize)]
pub(super) struct RowsRequest {
    pub(super) page: String,
    #[serde(default)]
    pub(super) from: usize,
}

/// Rows of the output.
#[derive(Debug, Serialize)]
pub(super) struct RowsAnswer {
    pub(super) total: usize,
    pub(super) rows: Vec<Row>,
}

/// The page waits for the program to be built again.
#[derive(Debug, Deserialize)]
pub(super) struct ChangesRequest {
    /// The version that the page knows.
    pub(super) version: u64,
}
