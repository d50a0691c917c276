//! Enrichment: adds tags to each point from a table in a file.
//!
//! The first line of the table names the columns. The first column is the key; each of the others
//! becomes a tag:
//!
//! ```text
//! host,rack,owner
//! a,r12,payments
//! b,r14,search
//! ```
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!     @enrich()
//!         .table('/etc/kapacitor/hosts.csv')
//!         .tag('host')
//!         .missing('drop')
//!     |httpOut('enriched')
//! ```

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use udf_runtime::prelude::*;

/// Adds tags to each point from a table in a file.
#[udf(stream)]
struct Enrich {
    /// CSV file without quotes: a header, then a line for each key. It is read once, when the task starts.
    table: PathBuf,
    /// Tag whose value is looked up in the first column.
    tag: String,
    /// What to do with a point whose tag is not in the table.
    #[option(default = Missing::Pass)]
    missing: Missing,
    #[skip]
    loaded: Table,
}

/// What to do with a point whose tag is not in the table.
#[derive(Clone, Copy, OptionValue)]
enum Missing {
    /// Pass it on as it is.
    Pass,
    /// Drop it.
    Drop,
    /// End the task with an error.
    Fail,
}

impl OnPoint for Enrich {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        self.loaded = Table::read(&self.table)?;
        info!("{}: {} rows", self.table.display(), self.loaded.rows.len());
        Ok(())
    }

    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let row = point
            .tag(&self.tag)
            .and_then(|key| self.loaded.rows.get(key));
        match (row, self.missing) {
            (Some(row), _) => {
                for (name, value) in self.loaded.columns.iter().zip(row) {
                    point.set_tag(name, value);
                }
            }
            (None, Missing::Pass) => {}
            (None, Missing::Drop) => return Ok(()),
            (None, Missing::Fail) => {
                let key = point.required_tag(&self.tag)?;
                bail!("{}: no row for {key:?}", self.table.display());
            }
        }
        out.point(point)
    }
}

#[derive(Default)]
struct Table {
    /// Names of the columns after the first.
    columns: Vec<String>,
    /// The other values of each row, by the first.
    rows: HashMap<String, Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let mut lines = (1..).zip(text.lines());
        let (_, header) = lines.next().context("the table is empty")?;
        let (_, columns) = cells(header);
        let mut rows = HashMap::new();
        for (number, line) in lines {
            let (key, values) = cells(line);
            let (expected, found) = (columns.len() + 1, values.len() + 1);
            ensure!(
                found == expected,
                "line {number}: expected {expected} columns, found {found}"
            );
            ensure!(
                rows.insert(key.clone(), values).is_none(),
                "line {number}: the key {key:?} is there twice"
            );
        }
        Ok(Self { columns, rows })
    }
}

/// The first cell of a line, and the others.
fn cells(line: &str) -> (String, Vec<String>) {
    let mut cells = line.split(',').map(|cell| cell.trim().to_owned());
    (cells.next().unwrap_or_default(), cells.collect())
}

udf_runtime::main!(Enrich);

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tempfile::NamedTempFile;
    use udf_runtime::testing::{Failure, Harness};

    use super::*;

    const HOSTS: &str = "host,rack,owner\na,r12,payments\nb,r14,search\n";

    /// A UDF with a table. Its file can go once the UDF has started.
    fn start(table: &str, options: &str) -> Result<Harness<Enrich>, Failure> {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(table.as_bytes()).unwrap();
        Harness::setup()
            .options(".tag('host')")
            .options(options)
            .set(&format!("table={}", file.path().display()))
            .start()
    }

    #[test]
    fn a_row_becomes_tags() {
        let mut udf = start(HOSTS, "").unwrap();
        let sent = udf.lines("cpu,host=b v=1 1\ncpu,host=a v=2 2").unwrap();
        sent.assert_lines(
            "
            cpu,host=b,rack=r14,owner=search v=1 1
            cpu,host=a,rack=r12,owner=payments v=2 2
            ",
        );
    }

    #[test]
    fn a_point_without_a_row_is_passed_dropped_or_an_error() {
        let line = "cpu,host=c v=1 1\n";
        assert_eq!(start(HOSTS, "").unwrap().lines(line).unwrap(), line);

        let mut drops = start(HOSTS, ".missing('drop')").unwrap();
        assert!(drops.lines(line).unwrap().is_empty());

        let mut fails = start(HOSTS, ".missing('fail')").unwrap();
        let failure = fails.lines(line).unwrap_err();
        assert!(failure.text().contains("no row for \"c\""), "{failure}");
    }

    #[test]
    fn a_bad_table_refuses_the_options() {
        let refused = start("host,rack\na,r12,payments\n", "").unwrap_err();
        assert!(
            refused
                .text()
                .ends_with("line 2: expected 2 columns, found 3"),
            "{refused}"
        );
        let refused = start("host,rack\na,r1\na,r2\n", "").unwrap_err();
        assert!(refused.text().contains("line 3"), "{refused}");
        let refused = start("", "").unwrap_err();
        assert!(refused.text().contains("the table is empty"), "{refused}");
        let refused = Harness::<Enrich>::new(".table('/does/not/exist').tag('host')").unwrap_err();
        assert!(refused.text().contains("/does/not/exist"), "{refused}");
    }
}
