//! Draws a picture, onto pixels or onto characters.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::labels::{TimeAxis, short};
use crate::series::{Mark, Picture, Side, Trace};

type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// The sizes of what is around the lines.
#[derive(Debug)]
pub(super) struct Measures {
    font: u32,
    /// The height of a line of text.
    line: u32,
    /// The height of the times below.
    times: u32,
    /// The width of the numbers on the left.
    numbers: u32,
    /// The width of a character, about.
    character: u32,
    /// The distance to the right edge.
    right: u32,
    mark: i32,
    /// Whether there is a background and a grid.
    is_filled: bool,
}

impl Measures {
    pub(super) const PIXELS: Measures = Measures {
        font: 15,
        line: 20,
        times: 20,
        numbers: 56,
        character: 7,
        right: 24,
        mark: 4,
        is_filled: true,
    };

    /// A character has two dots beside each other, and four above each other.
    pub(super) const CHARACTERS: Measures = Measures {
        font: 4,
        line: 4,
        times: 9,
        numbers: 18,
        character: 2,
        right: 2,
        mark: 1,
        is_filled: false,
    };
}

/// Colours that people with any colour vision can tell apart, by Okabe and Ito; darker ones for lines.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 95, 153),
    RGBColor(196, 78, 0),
    RGBColor(0, 122, 88),
    RGBColor(163, 61, 122),
    RGBColor(40, 140, 190),
    RGBColor(168, 115, 0),
    RGBColor(88, 80, 160),
    RGBColor(80, 80, 80),
];
const TEXT: RGBColor = RGBColor(60, 66, 72);
const GRID: RGBColor = RGBColor(228, 231, 235);
const BAND: RGBColor = RGBColor(244, 246, 249);

/// Draws the panels below each other.
pub(super) fn draw<B: DrawingBackend>(
    backend: B,
    picture: &Picture,
    title: &str,
    measures: &Measures,
) -> Drawn<B> {
    let mut area = backend.into_drawing_area();
    if measures.is_filled {
        area.fill(&WHITE)?;
    }
    if !title.is_empty() {
        let (head, rest) = area.split_vertically(measures.line + 4);
        write(
            &head,
            title,
            (measures.numbers as i32, (measures.line / 4) as i32),
            &TEXT,
            measures,
        )?;
        area = rest;
    }
    if picture.panels.is_empty() {
        let text = "no field with numbers to show";
        write(
            &area,
            text,
            (measures.numbers as i32, (measures.line / 4) as i32),
            &TEXT,
            measures,
        )?;
    }
    let panels = area.split_evenly((picture.panels.len().max(1), 1));
    for (panel, area) in picture.panels.iter().zip(&panels) {
        let (legend, lines) = area.split_vertically(measures.line);
        draw_legend(&legend, picture, &panel.traces, measures)?;
        draw_traces(&lines, picture, &panel.traces, measures)?;
    }
    area.present()
}

/// Each field and group once, in its colour.
fn draw_legend<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    picture: &Picture,
    traces: &[Trace],
    measures: &Measures,
) -> Drawn<B> {
    let width = area.dim_in_pixel().0 as i32;
    let mut at = measures.numbers as i32;
    let mut seen = Vec::new();
    for trace in traces {
        let mut text = match trace.mark {
            Mark::Line | Mark::Dots => trace.field.clone(),
            Mark::Kept => format!("{} ● kept", trace.field),
            Mark::Vanished => format!("{} × vanished", trace.field),
            Mark::Appeared => format!("{} △ appeared", trace.field),
            Mark::Since => format!("{} ○ changed", trace.field),
        };
        if picture.groups.len() > 1
            && let Some(group) = picture.groups.get(trace.group)
        {
            text = format!("{text} {group}");
        }
        if seen.contains(&text) {
            continue;
        }
        let length = (text.chars().count() + 3) as i32 * measures.character as i32;
        if at + length > width {
            return write(area, "…", (at, (measures.line / 4) as i32), &TEXT, measures);
        }
        write(
            area,
            &text,
            (at, (measures.line / 4) as i32),
            &colour(trace, traces, picture),
            measures,
        )?;
        at += length;
        seen.push(text);
    }
    Ok(())
}

fn draw_traces<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    picture: &Picture,
    traces: &[Trace],
    measures: &Measures,
) -> Drawn<B> {
    let ys = traces.iter().flat_map(|trace| &trace.y).copied();
    let (lowest, highest) = ys.fold((f64::MAX, f64::MIN), |(low, high), y| {
        (low.min(y), high.max(y))
    });
    let edge = match highest - lowest {
        height if height > 0.0 => height / 20.0,
        _ => 1.0,
    };
    // Where all is above zero, no negative number stands at the axis.
    let low = if lowest >= 0.0 && lowest < edge * 4.0 {
        0.0
    } else {
        lowest - edge
    };
    let (from, mut to) = picture.span;
    if to <= from {
        to = from + 1.0;
    }
    let (width, height) = area.dim_in_pixel();
    let labels = TimeAxis::new(
        picture.axis,
        (from, to),
        (width / measures.character / 12) as usize,
    );
    let mut chart = ChartBuilder::on(area)
        .margin_right(measures.right)
        .x_label_area_size(measures.times)
        .y_label_area_size(measures.numbers)
        .build_cartesian_2d(labels.clone(), low..highest + edge)?;
    if measures.is_filled {
        chart.draw_series(picture.bands.iter().map(|(from, to)| {
            Rectangle::new([(*from, low), (*to, highest + edge)], BAND.filled())
        }))?;
    }
    let font = ("sans-serif", measures.font).into_font().color(&TEXT);
    let time = |at: &f64| labels.text(*at);
    let number = |at: &f64| short(*at);
    let mut mesh = chart.configure_mesh();
    mesh.x_label_formatter(&time)
        .y_label_formatter(&number)
        .y_labels((height / measures.line / 2).clamp(2, 8) as usize)
        .label_style(font)
        .axis_style(TEXT)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT);
    if !measures.is_filled {
        mesh.disable_mesh();
    }
    mesh.draw()?;
    for trace in traces {
        let colour = colour(trace, traces, picture);
        let points = || trace.x.iter().copied().zip(trace.y.iter().copied());
        match trace.mark {
            Mark::Line => {
                let width = if trace.side == Side::Output { 2 } else { 1 };
                chart.draw_series(LineSeries::new(points(), colour.stroke_width(width)))?;
            }
            Mark::Dots | Mark::Kept => {
                chart.draw_series(
                    points().map(|at| Circle::new(at, measures.mark - 1, colour.filled())),
                )?;
            }
            Mark::Vanished => {
                chart.draw_series(
                    points().map(|at| Cross::new(at, measures.mark, colour.stroke_width(2))),
                )?;
            }
            Mark::Appeared => {
                chart.draw_series(
                    points().map(|at| TriangleMarker::new(at, measures.mark + 1, colour.filled())),
                )?;
            }
            Mark::Since => {
                chart.draw_series(
                    points().map(|at| Circle::new(at, measures.mark + 1, colour.stroke_width(1))),
                )?;
            }
        }
    }
    Ok(())
}

/// A colour a group; where there is one group alone, a colour a field. Input is paler than output.
fn colour(trace: &Trace, traces: &[Trace], picture: &Picture) -> RGBColor {
    let index = if picture.groups.len() > 1 {
        trace.group
    } else {
        let mut fields: Vec<&str> = traces.iter().map(|trace| &*trace.field).collect();
        fields.dedup();
        fields
            .iter()
            .position(|field| *field == trace.field)
            .unwrap_or_default()
    };
    let colour = COLOURS[index % COLOURS.len()];
    match (trace.side, trace.mark) {
        (Side::Input, Mark::Line) => {
            let pale = |part: u8| part / 2 + 120;
            RGBColor(pale(colour.0), pale(colour.1), pale(colour.2))
        }
        _ => colour,
    }
}

fn write<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    text: &str,
    at: (i32, i32),
    colour: &RGBColor,
    measures: &Measures,
) -> Drawn<B> {
    let style = ("sans-serif", measures.font).into_font().color(colour);
    area.draw_text(text, &style.pos(Pos::new(HPos::Left, VPos::Top)), at)
}
