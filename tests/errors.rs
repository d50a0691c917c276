//! The text of a UDF's error, as it reaches Kapacitor.

use support::host::talk;
use support::requests::{Requests, option, point, string};
use udf_runtime::{PointError, SendError, UdfHandler, prelude::*};

/// An error type of an author.
#[derive(Debug, thiserror::Error)]
enum Own {
    #[error("the row has no value")]
    Value(#[from] PointError),
    #[error("the row cannot be sent")]
    Send(#[from] Error),
}

/// Looks up a field in the way that `how` names.
#[udf(stream)]
struct LooksUp {
    how: String,
    field: String,
    /// Has the same value as `field`.
    same: String,
    #[option(default = "of_default")]
    default: String,
    pairs: Vec<(i64, String)>,
    path: Option<std::path::PathBuf>,
}

impl LooksUp {
    fn own(&self, point: &Point) -> Result<f64, Own> {
        Ok(point.number(&self.field)?)
    }
}

impl OnPoint for LooksUp {
    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        match &*self.how {
            "option" => point.number(&self.field).map(drop)?,
            "tag" => point.required_tag(&self.same).map(drop)?,
            "default" => point.number(&self.default).map(drop)?,
            "pairs" => point.number(&self.pairs[1].1).map(drop)?,
            "path" => {
                let path = self.path.as_ref().and_then(|path| path.to_str());
                point.number(path.unwrap_or_default()).map(drop)?;
            }
            "own" => self.own(&point).map(drop)?,
            "context" => point.number(&self.field).map(drop).context("at work")?,
            "anyhow" => {
                let error = point.number(&self.field).expect_err("the point has no x");
                Err(anyhow::Error::from(error).context("by anyhow"))?;
            }
            // Equal to the option's text, but not the same string.
            "literal" => point.number("x").map(drop)?,
            other => bail!("{other} is unknown"),
        }
        Ok(())
    }
}

/// The text that Kapacitor gets.
fn error(how: &str) -> String {
    let requests = Requests::new()
        .init([
            option("how", [string(how)]),
            option("field", [string("x")]),
            option("same", [string("x")]),
            option(
                "pairs",
                [
                    udf_runtime::proto::option_value::Value::IntValue(1),
                    string("first"),
                ],
            ),
            option(
                "pairs",
                [
                    udf_runtime::proto::option_value::Value::IntValue(2),
                    string("second"),
                ],
            ),
            option("path", [string("a/path")]),
        ])
        .point(point(1, 1.0));
    let talk = talk(UdfHandler::<LooksUp>::new(), requests);
    // Without the part that names the point.
    let text = talk.error().split(" (point").next();
    text.unwrap_or_default().to_owned()
}

const NO_X: &str = r#"the point has no field "x"; it has "value""#;

#[test]
fn the_error_names_the_option_that_gave_the_name() {
    assert_eq!(error("option"), format!("option .field('x'): {NO_X}"));
    assert!(error("tag").starts_with("option .same('x'): the point has no tag"));
    assert!(error("default").starts_with("option .default('of_default'): "));
    assert!(error("pairs").starts_with("option .pairs('second'): "));
    assert!(error("path").starts_with("option .path('a/path'): "));
}

#[test]
fn an_option_with_the_same_value_is_not_named() {
    assert_eq!(error("literal"), NO_X);
}

#[test]
fn the_option_is_found_behind_other_errors() {
    assert_eq!(
        error("own"),
        format!("option .field('x'): the row has no value: {NO_X}")
    );
    assert_eq!(
        error("context"),
        format!("option .field('x'): at work: {NO_X}")
    );
    assert_eq!(
        error("anyhow"),
        format!("option .field('x'): by anyhow: {NO_X}")
    );
}

/// Sends a point that is too large, in a function with an error type of the author.
#[udf(stream, on_error = "drop")]
struct Sends;

fn send(point: Point, out: &mut StreamOutput) -> Result<(), Own> {
    out.point(point)?;
    Ok(())
}

impl OnPoint for Sends {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        point.set_field("text", "x".repeat(1 << 20).as_str());
        let sent = send(point, out);
        let error = Error::from(sent.expect_err("it is too large"));
        assert!(matches!(
            error.downcast_ref(),
            Some(SendError::TooLarge { .. })
        ));
        assert!(error.to_string().starts_with("the row cannot be sent: "));
        out.point(Point::new("sent"))
    }
}

#[test]
fn a_send_error_passes_through_the_authors_error_type() {
    let mut limits = udf_runtime::Limits::default();
    limits.message_bytes = 1 << 16;
    let requests = Requests::new().init([]).point(point(1, 1.0));
    let talk = support::host::talk_within(limits, UdfHandler::<Sends>::new(), requests);
    assert_eq!(talk.points()[0].name, "sent");
}
