//! A canvas of characters: Braille's characters have eight dots each, and so are small pixels.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

/// A canvas of characters.
#[derive(Debug)]
pub(super) struct Braille {
    width: u32,
    height: u32,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// Bits of the dots, as Unicode counts them.
    dots: u8,
    /// A character in place of dots.
    char: Option<char>,
    colour: Option<(u8, u8, u8)>,
}

/// The bits of the dots of a character: four rows of two.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Braille {
    /// A canvas of so many characters and lines.
    pub(super) fn new(width: u32, height: u32) -> Self {
        // A size that no terminal has would take all memory.
        let (width, height) = (width.clamp(20, 1000), height.clamp(5, 1000));
        Braille {
            width,
            height,
            cells: vec![Cell::default(); (width * height) as usize],
        }
    }

    fn cell(&mut self, column: i32, row: i32) -> Option<&mut Cell> {
        let column = u32::try_from(column)
            .ok()
            .filter(|column| *column < self.width)?;
        let row = u32::try_from(row).ok().filter(|row| *row < self.height)?;
        self.cells.get_mut((row * self.width + column) as usize)
    }

    /// The lines, with the colours of a terminal or without.
    pub(super) fn text(&self, is_coloured: bool) -> String {
        let mut text = String::new();
        for row in self.cells.chunks(self.width as usize) {
            let mut line = String::new();
            let mut colour = None;
            for cell in row {
                let char = cell
                    .char
                    .or_else(|| char::from_u32(0x2800 + u32::from(cell.dots)));
                let char = char
                    .filter(|_| cell.dots != 0 || cell.char.is_some())
                    .unwrap_or(' ');
                if is_coloured && char != ' ' && colour != cell.colour {
                    colour = cell.colour;
                    // Writing into a String does not fail.
                    let _ = match colour {
                        Some((red, green, blue)) => write!(line, "\x1b[38;2;{red};{green};{blue}m"),
                        None => write!(line, "\x1b[0m"),
                    };
                }
                line.push(char);
            }
            if colour.is_some() {
                line.push_str("\x1b[0m");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

impl DrawingBackend for &mut Braille {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width * 2, self.height * 4)
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        (x, y): BackendCoord,
        colour: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if colour.alpha > 0.0
            && let Some(cell) = self.cell(x.div_euclid(2), y.div_euclid(4))
        {
            cell.dots |= BITS[y.rem_euclid(4) as usize][x.rem_euclid(2) as usize];
            cell.colour = Some(colour.rgb);
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let length = text.chars().count() as i32;
        let column = x.div_euclid(2)
            - match style.anchor().h_pos {
                HPos::Left => 0,
                HPos::Center => length / 2,
                HPos::Right => length,
            };
        let row = match style.anchor().v_pos {
            VPos::Top | VPos::Center => y.div_euclid(4),
            VPos::Bottom => y.div_euclid(4) - 1,
        };
        for (column, char) in (column..).zip(text.chars()) {
            if let Some(cell) = self.cell(column, row) {
                cell.char = Some(char);
                cell.colour = Some(style.color().rgb);
            }
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((text.chars().count() as u32 * 2, 4))
    }

    // The default fills a circle with lines that are too wide for dots.
    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        _: u32,
        style: &S,
        _: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        for (x, y) in [(x, y), (x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1)] {
            self.draw_pixel((x, y), style.color())?;
        }
        Ok(())
    }
}
