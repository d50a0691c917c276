//! The inside of an attribute: `stream -> batch, name = "x", range = 1..=5`.

use std::{fmt::Display, time::Duration};

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, Meta, Path, Token, UnOp,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
    spanned::Spanned as _,
};

use udf_tickscript::parse_duration;

use crate::{
    errors::Errors,
    names::{did_you_mean, list, plain},
};

/// One entry: `name`, `name -> name`, `name = value` or `args(name, name)`.
pub(crate) struct Entry {
    pub(crate) name: Ident,
    pub(crate) arrow: Option<Ident>,
    pub(crate) value: Option<Expr>,
    pub(crate) list: Option<Vec<Ident>>,
}

/// How long something takes: fixed, or given by an option.
#[derive(Clone)]
pub(crate) enum Period {
    Fixed(Span, Duration),
    /// Name of the option's field.
    Option(Ident),
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
        "migrate",
        "rename_all",
        "crate",
    ],
};
pub(crate) const OPTION: Place = Place {
    shown: "`#[option(…)]` above a field",
    takes: &["default", "name", "args", "range", "validate", "flag"],
};
pub(crate) const STATE: Place = Place {
    shown: "`#[state(…)]` above a field",
    takes: &["was", "expire"],
};
pub(crate) const STATE_PART: Place = Place {
    shown: "`#[state(…)]` above a field or a variant",
    takes: &["was"],
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
        let help = match (elsewhere, did_you_mean(&given, self.takes.iter().copied())) {
            (Some(place), _) => format!("help: it belongs in {}", place.shown),
            (None, Some(meant)) => format!("help: {meant}"),
            (None, None) => format!("help: {} takes {}", self.shown, list(self.takes)),
        };
        errors.at(name, format!("unknown attribute `{given}`; {help}"));
    }
}

/// The entries of an attribute. What cannot be read is reported and left out.
pub(crate) fn entries(tokens: TokenStream, errors: &mut Errors) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let parsed = (|input: ParseStream<'_>| {
        while !input.is_empty() {
            match entry(input) {
                Ok(entry) => {
                    if entries.iter().any(|other| other.name == entry.name) {
                        errors.at(&entry.name, format!("duplicate attribute `{}`", entry.name));
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
        list: None,
    };
    if input.parse::<Option<Token![->]>>()?.is_some() {
        entry.arrow = Some(input.call(Ident::parse_any)?);
    } else if input.parse::<Option<Token![=]>>()?.is_some() {
        let at = input.span();
        if input.is_empty() || input.peek(Token![,]) {
            let at = if input.is_empty() {
                entry.name.span()
            } else {
                at
            };
            return Err(syn::Error::new(
                at,
                format!("expected a value after `{} =`", entry.name),
            ));
        }
        entry.value = Some(input.parse()?);
    } else if input.peek(syn::token::Paren) {
        if entry.name != "args" {
            let name = &entry.name;
            return Err(input.error(format!("expected `=`; help: write `{name} = …`")));
        }
        let content;
        let paren = syn::parenthesized!(content in input);
        // Wholly, so that what is wrong inside is one error.
        let names = content.parse::<TokenStream>()?;
        let parser = Punctuated::<Ident, Token![,]>::parse_terminated_with;
        let names = (|names: ParseStream<'_>| parser(names, Ident::parse_any)).parse2(names);
        let names = names.map_err(|_| {
            let expected = "expected names separated by commas, as `args(min, max)`";
            syn::Error::new(paren.span.join(), expected)
        })?;
        entry.list = Some(names.into_iter().collect());
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

/// The tokens between an attribute's parentheses; none if it has none.
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
                format!("expected `#[{name}(…)]`, found `#[{name} = …]`"),
            );
            TokenStream::new()
        }
    }
}

impl Entry {
    /// The place of the value, or of the name if there is none.
    pub(crate) fn span(&self) -> Span {
        self.value
            .as_ref()
            .map_or_else(|| self.name.span(), |value| value.span())
    }

    /// Whether it is a name alone, which is reported if not.
    pub(crate) fn is_bare(&self, errors: &mut Errors) -> bool {
        match (&self.arrow, &self.value) {
            (None, None) => return true,
            (Some(arrow), _) => {
                errors.at(arrow, format!("expected no `->` after `{}`", self.name));
            }
            (None, Some(value)) => errors.at(value, format!("`{}` takes no value", self.name)),
        }
        false
    }

    /// The value, which is reported if there is none.
    pub(crate) fn value(&self, example: impl Display, errors: &mut Errors) -> Option<&Expr> {
        if let Some(arrow) = &self.arrow {
            errors.at(
                arrow,
                format!("expected `=`, found `->`; help: write `{example}`"),
            );
        } else if self.value.is_none() {
            let name = &self.name;
            errors.at(
                name,
                format!("expected a value for `{name}`; help: write `{example}`"),
            );
        }
        self.value.as_ref()
    }

    /// The value, which has to be a string literal.
    pub(crate) fn string(&self, example: impl Display, errors: &mut Errors) -> Option<String> {
        let value = self.value(&example, errors)?;
        let text = string(value);
        if text.is_none() {
            errors.at(value, unexpected("a string", value, example));
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
            let meant = did_you_mean(&given, choices.iter().copied())
                .map(|meant| format!("; help: {}", meant.replace('`', "\"")))
                .unwrap_or_default();
            let shown = shown.join(", ");
            errors.at(
                &self.value,
                format!("expected one of {shown}, found {given:?}{meant}"),
            );
        }
        choice
    }

    /// The value, which has to be a duration longer than 0, or the name of a field.
    pub(crate) fn period(&self, example: &str, errors: &mut Errors) -> Option<Period> {
        let example = format!("{} = \"{example}\"", self.name);
        let value = self.value(&example, errors)?;
        if let Expr::Path(path) = bare(value)
            && let Some(field) = path.path.get_ident()
        {
            return Some(Period::Option(field.clone()));
        }
        let Some(text) = string(value) else {
            let expected = "a duration or the name of an option's field";
            errors.at(value, unexpected(expected, value, example));
            return None;
        };
        match parse_duration(&text) {
            Err(error) => {
                errors.at(&self.value, error);
                None
            }
            Ok(Duration::ZERO) => {
                errors.at(
                    &self.value,
                    format!("expected a duration longer than 0, found {text:?}"),
                );
                None
            }
            Ok(duration) => Some(Period::Fixed(self.name.span(), duration)),
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
            errors.at(value, unexpected("the path of a crate", value, example));
        }
        path
    }
}

/// "expected a string, found `5`; help: write `name = "x"`".
pub(crate) fn unexpected(expected: &str, found: &Expr, example: impl Display) -> String {
    let found = source(found);
    format!("expected {expected}, found `{found}`; help: write `{example}`")
}

/// An expression as people write it.
pub(crate) fn source(value: &Expr) -> String {
    value
        .to_token_stream()
        .to_string()
        .replace(" :: ", "::")
        .replace("- ", "-")
        .replace(" ..", "..")
        .replace(".. ", "..")
        .replace("..= ", "..=")
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

/// The path of the runtime, where `crate = "…"` is left out.
pub(crate) fn default_crate() -> Path {
    syn::parse_quote!(::udf_runtime)
}
