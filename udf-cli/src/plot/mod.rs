//! `udf plot`: a picture of what a UDF makes of data, without a browser.

mod braille;
mod draw;
mod labels;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use plotters::backend::SVGBackend;

use crate::program::{Bounds, Data, Edge, Program, SettingsArguments, problems};
use crate::series::{Picture, Table, View, paint};

use braille::Braille;
use draw::{Measures, draw};

/// Draw what a UDF makes of data, as an SVG or as text
///
/// The picture shows the data and the output over time: the fields that the options name, and those that the UDF
/// makes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The program of the UDF
    #[arg(value_name = "PROGRAM")]
    program: PathBuf,
    #[command(flatten)]
    settings: SettingsArguments,
    /// Draw with characters, for a terminal
    #[arg(long)]
    text: bool,
    /// A field to show; may be given several times
    #[arg(long, value_name = "FIELD")]
    field: Vec<String>,
    /// Show only the series with this tag; may be given several times
    #[arg(long, value_name = "TAG=VALUE")]
    tag: Vec<String>,
    /// Draw the series of all tags as one
    #[arg(long)]
    merge: bool,
    /// A title above the picture
    #[arg(long, default_value = "")]
    title: String,
    /// Pixels, or characters with --text
    #[arg(long)]
    width: Option<u32>,
    /// Pixels, or lines with --text
    #[arg(long)]
    height: Option<u32>,
    #[command(flatten)]
    bounds: Bounds,
}

/// The usual width of an SVG, in pixels.
const WIDTH: u32 = 860;

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let picture = runtime.block_on(picture(&arguments))?;
    let text = if arguments.text {
        text(&picture, &arguments)?
    } else {
        svg(&picture, &arguments)?
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

async fn picture(arguments: &Arguments) -> Result<Picture, String> {
    let program = Program::read(&arguments.program).await?;
    let given = &arguments.settings;
    let udf = program.udf(given.udf.as_deref())?;
    let settings = given.settings(udf);
    let data = Data::Files(&given.files);
    let ran = program.pipe(&settings, data, arguments.bounds).await;
    let ran = ran.map_err(|error| format!("cannot run {}: {error}", program.shown))?;
    eprint!("{}", ran.log);
    let problems = problems(&ran);
    if !problems.is_empty() {
        let texts = problems.into_iter().map(|problem| problem.text);
        return Err(texts.collect::<Vec<_>>().join("\n"));
    }

    let precision = settings.precision.precision();
    let mut text = Vec::new();
    for file in &given.files {
        let read = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        text.extend(read);
        text.push(b'\n');
    }
    let mut input = Table::read(&text, precision);
    let mut output = Table::read(&ran.output, precision);
    for tag in &arguments.tag {
        let tag = tag
            .split_once('=')
            .ok_or_else(|| format!("--tag: expected TAG=VALUE, found {tag:?}"))?;
        input.keep(tag);
        output.keep(tag);
    }
    if arguments.merge {
        input.merge();
        output.merge();
    }
    let named = settings.options.iter().flat_map(|call| call.values.clone());
    let view = View {
        span: None,
        // As many as an SVG of the usual width has; characters are fewer.
        columns: arguments.width.unwrap_or(WIDTH) as usize,
        fields: arguments.field.clone(),
        named: named.collect(),
        period: (udf.wants == Edge::Batch)
            .then(|| settings.period_nanoseconds())
            .flatten(),
    };
    Ok(paint(&input, &output, None, &view))
}

fn svg(picture: &Picture, arguments: &Arguments) -> Result<String, String> {
    let panels = u32::try_from(picture.panels.len().max(1)).unwrap_or(1);
    let size = (
        arguments.width.unwrap_or(WIDTH),
        arguments.height.unwrap_or(60 + 220 * panels),
    );
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, size);
    draw(backend, picture, &arguments.title, &Measures::PIXELS)
        .map_err(|error| error.to_string())?;
    Ok(text)
}

fn text(picture: &Picture, arguments: &Arguments) -> Result<String, String> {
    let terminal = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let size_of = |given: Option<u32>, of_terminal: Option<u16>, default: u32| {
        given
            .or(of_terminal.filter(|size| *size > 0).map(u32::from))
            .unwrap_or(default)
    };
    let width = size_of(arguments.width, terminal.map(|size| size.ws_col), 100);
    // The shell's prompt is below.
    let height = size_of(
        arguments.height,
        terminal.map(|size| size.ws_row.saturating_sub(2)),
        30,
    );
    let mut canvas = Braille::new(width, height);
    draw(
        &mut canvas,
        picture,
        &arguments.title,
        &Measures::CHARACTERS,
    )
    .map_err(|error| error.to_string())?;
    Ok(canvas.text(io::stdout().is_terminal()))
}
