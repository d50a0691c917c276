//! The inside of an attribute: `stream -> batch, name = "x", range = 1..=5`.

use std::{fmt::Display, time::Duration};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, Meta, Path, Token, UnOp,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    spanned::Spanned as _,
};

use udf_tickscript::ParseDurationError;

use crate::{
    errors::Errors,
    names::{did_you_mean, list, plain},
};

/// Reads a duration as TICKscript writes it.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, ParseDurationError> {
    // Without a sign, a duration is never negative.
    udf_tickscript::parse_duration(text).map(|nanos| Duration::from_nanos(nanos.unsigned_abs()))
}

/// One entry: `name`, `name -> name` or `name = value`.
pub(crate) struct Entry {
    pub(crate) name: Ident,
    pub(crate) arrow: Option<Ident>,
    pub(crate) value: Option<Expr>,
}

/// Where an attribute may stand, and what it takes there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// How to write it, with what it is above.
    shown: &'static str,
    takes: &'static [&'static str],
}

pub(crate) const UDF: Place = Place {
    shown: "`#[udf(…)]`",
    takes: &[
        "name",
        "tick",
        "on_error",
        "on_restore_error",
        "state_version",
        "custom_state",
        "crate",
    ],
};
pub(crate) const OPTION: Place = Place {
    shown: "`#[option(…)]` above a field",
    takes: &["default", "name", "range", "validate", "flag"],
};
pub(crate) const STATE: Place = Place {
    shown: "`#[state(…)]` above a field",
    takes: &["expire"],
};
pub(crate) const STATE_TYPE: Place = Place {
    shown: "`#[state(…)]` above a type",
    takes: &["crate"],
};
pub(crate) const CHOICES: Place = Place {
    shown: "`#[option(…)]` above an enum",
    takes: &["crate"],
};
pub(crate) const CHOICE: Place = Place {
    shown: "`#[option(…)]` above a variant",
    takes: &["rename"],
};

const PLACES: [Place; 6] = [UDF, OPTION, STATE, STATE_TYPE, CHOICES, CHOICE];

impl Place {
    /// Reports a name that does not belong here.
    pub(crate) fn report_unknown(self, name: &Ident, errors: &mut Errors) {
        let given = plain(name);
        let elsewhere = PLACES.iter().find(|place| place.takes.contains(&&*given));
        let takes = format!("{} takes {}", self.shown, list(self.takes));
        match elsewhere {
            Some(place) => {
                errors.at(
                    name,
                    format!("`{given}` belongs in {}; {takes}", place.shown),
                );
            }
            None => {
                let meant = did_you_mean(&given, self.takes.iter().copied());
                let separator = if meant.is_empty() { ";" } else { "" };
                errors.at(
                    name,
                    format!("`{given}` is unknown here{meant}{separator} {takes}"),
                );
            }
        }
    }
}

/// The entries of an attribute. What cannot be read is reported and left out.
pub(crate) fn entries(tokens: TokenStream, errors: &mut Errors) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let parsed = (|input: ParseStream<'_>| {
        while !input.is_empty() {
            match entry(input) {
                Ok(entry) => {
                    // Edges are told apart by who reads them.
                    if entries.iter().any(|other| other.name == entry.name) {
                        errors.at(&entry.name, format!("`{}` is given twice", entry.name));
                    } else {
                        entries.push(entry);
                    }
                    if !input.is_empty() && !input.peek(Token![,]) {
                        errors.push(input.error("expected `,`"));
                    }
                }
                Err(error) => errors.push(error),
            }
            skip_to_comma(input)?;
        }
        Ok(())
    })
    .parse2(tokens);
    errors.ok(parsed);
    entries
}

fn entry(input: ParseStream<'_>) -> syn::Result<Entry> {
    let name = input.call(Ident::parse_any)?;
    let mut entry = Entry {
        name,
        arrow: None,
        value: None,
    };
    if input.parse::<Option<Token![->]>>()?.is_some() {
        entry.arrow = Some(input.call(Ident::parse_any)?);
    } else if input.parse::<Option<Token![=]>>()?.is_some() {
        let at = input.span();
        // What is wrong inside of a value is told as the parser tells it; that there is none, by us.
        if input.is_empty() || input.peek(Token![,]) {
            let at = if input.is_empty() {
                entry.name.span()
            } else {
                at
            };
            return Err(syn::Error::new(
                at,
                format!("`{} =` is given no value", entry.name),
            ));
        }
        entry.value = Some(input.parse()?);
    } else if input.peek(syn::token::Paren) {
        let message = format!("write it with `=`: `{} = …`", entry.name);
        return Err(input.error(message));
    }
    Ok(entry)
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The tokens between an attribute's parentheses; none where it has none.
pub(crate) fn inside(attribute: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(meta) => {
            let name = meta
                .path
                .get_ident()
                .map(ToString::to_string)
                .unwrap_or_default();
            errors.at(
                &meta.value,
                format!("write it with parentheses: `#[{name}(…)]`"),
            );
            TokenStream::new()
        }
    }
}

impl Entry {
    /// The place of the value, or of the name where there is none.
    pub(crate) fn span(&self) -> Span {
        self.value
            .as_ref()
            .map_or_else(|| self.name.span(), |value| value.span())
    }

    /// Whether it is a name alone, which is reported if not.
    pub(crate) fn is_bare(&self, errors: &mut Errors) -> bool {
        match (&self.arrow, &self.value) {
            (None, None) => return true,
            (Some(arrow), _) => errors.at(arrow, format!("`{}` leads nowhere", self.name)),
            (None, Some(value)) => errors.at(value, format!("`{}` takes no value", self.name)),
        }
        false
    }

    /// The value, which is reported if there is none.
    pub(crate) fn value(&self, example: impl Display, errors: &mut Errors) -> Option<&Expr> {
        if let Some(arrow) = &self.arrow {
            errors.at(
                arrow,
                format!("`{}` leads nowhere; write `{example}`", self.name),
            );
        } else if self.value.is_none() {
            errors.at(
                &self.name,
                format!("`{}` needs a value: `{example}`", self.name),
            );
        }
        self.value.as_ref()
    }

    /// The value, which has to be a string literal.
    pub(crate) fn string(&self, example: impl Display, errors: &mut Errors) -> Option<String> {
        let value = self.value(&example, errors)?;
        let text = string(value);
        if text.is_none() {
            errors.at(
                value,
                format!("`{}` takes a string: `{example}`", self.name),
            );
        }
        text
    }

    /// The value, which has to be one of a few strings.
    pub(crate) fn choice(&self, choices: &[&'static str], errors: &mut Errors) -> Option<usize> {
        let shown = choices
            .iter()
            .map(|choice| format!("{choice:?}"))
            .collect::<Vec<_>>();
        let example = format!("{} = {}", self.name, shown.first()?);
        let given = self.string(example, errors)?;
        let choice = choices.iter().position(|choice| *choice == given);
        if choice.is_none() {
            let meant = did_you_mean(&given, choices.iter().copied()).replace('`', "\"");
            let separator = if meant.is_empty() { ";" } else { "" };
            let shown = shown.join(", ");
            let name = &self.name;
            let message =
                format!("`{name}` cannot be {given:?}{meant}{separator} it is one of {shown}");
            errors.at(&self.value, message);
        }
        choice
    }

    /// The value, which has to be a duration and more than nothing.
    pub(crate) fn duration(&self, example: &str, errors: &mut Errors) -> Option<Duration> {
        let example = format!("{} = \"{example}\"", self.name);
        let text = self.string(example, errors)?;
        match parse_duration(&text) {
            Err(error) => {
                errors.at(&self.value, error);
                None
            }
            Ok(Duration::ZERO) => {
                errors.at(
                    &self.value,
                    format!("`{}` has to be longer than 0", self.name),
                );
                None
            }
            Ok(duration) => Some(duration),
        }
    }

    /// The value, which has to be a path, between quotes or not.
    pub(crate) fn path(&self, example: &str, errors: &mut Errors) -> Option<Path> {
        let value = self.value(example, errors)?;
        let path = match value {
            Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => text.parse_with(Path::parse_mod_style).ok(),
            _ => None,
        };
        if path.is_none() {
            errors.at(
                value,
                format!("`{}` takes the path of a crate: `{example}`", self.name),
            );
        }
        path
    }
}

/// The text of a string literal.
pub(crate) fn string(value: &Expr) -> Option<String> {
    match bare(value) {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// A number or a duration that is known here and now.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Known {
    Int(i128),
    Float(f64),
    Duration(Duration),
}

impl Known {
    /// The value of a literal, with a minus or without.
    pub(crate) fn of(value: &Expr) -> Option<Self> {
        match bare(value) {
            Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            }) => int.base10_parse().ok().map(Self::Int),
            Expr::Lit(ExprLit {
                lit: Lit::Float(float),
                ..
            }) => float.base10_parse().ok().map(Self::Float),
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => parse_duration(&text.value()).ok().map(Self::Duration),
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_),
                expr,
                ..
            }) => match Self::of(expr)? {
                Self::Int(int) => int.checked_neg().map(Self::Int),
                Self::Float(float) => Some(Self::Float(-float)),
                Self::Duration(_) => None,
            },
            _ => None,
        }
    }

    /// The order of two values, where both are of one type; an integer stands for a float too.
    #[expect(
        clippy::cast_precision_loss,
        reason = "bounds of a range are not that long"
    )]
    pub(crate) fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Float(b)) => (a as f64).partial_cmp(&b),
            (Self::Float(a), Self::Int(b)) => a.partial_cmp(&(b as f64)),
            (a, b) => {
                (std::mem::discriminant(&a) == std::mem::discriminant(&b)).then_some(())?;
                a.partial_cmp(&b)
            }
        }
    }
}

/// An expression without parentheses, and without the groups that macros put around theirs.
pub(crate) fn bare(value: &Expr) -> &Expr {
    match value {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// The path of the runtime, where it is not told.
pub(crate) fn default_crate() -> Path {
    syn::parse_quote!(::udf_runtime)
}
