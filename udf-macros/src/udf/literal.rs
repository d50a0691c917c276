//! Literals of attributes, as values of a field's type.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprArray, ExprPath, ExprTuple, ExprUnary, Lit, UnOp, spanned::Spanned as _};
use udf_tickscript::parse_duration;

use super::field_type::FieldType;
use crate::{
    attribute::{Known, bare, source, string},
    errors::Errors,
    names::{plain, snake_case},
    private::Private,
};

/// The default of an option as an expression that the runtime's `IntoDefault` takes for the
/// field's type.
pub(crate) fn default(
    value: &Expr,
    field_type: &FieldType,
    private: &Private,
    errors: &mut Errors,
) -> TokenStream {
    let span = value.span();
    match (bare(value), field_type) {
        (Expr::Tuple(ExprTuple { elems, .. }), FieldType::Tuple(types))
            if elems.len() == types.len() =>
        {
            let parts = elems.iter().zip(types);
            let parts = parts.map(|(value, of)| part(value, of, private, errors));
            quote_spanned!(span=> (#(#parts,)*))
        }
        (
            Expr::Array(ExprArray { elems, .. }),
            FieldType::Repeated(of) | FieldType::Array(of, _),
        ) => {
            let parts = elems.iter().map(|value| part(value, of, private, errors));
            quote_spanned!(span=> [#(#parts,)*])
        }
        (value, of) => literal(value, of, private, errors).unwrap_or_else(|| quote!(#value)),
    }
}

/// A part of a default, of the type that its place calls for.
fn part(
    value: &Expr,
    field_type: &FieldType,
    private: &Private,
    errors: &mut Errors,
) -> TokenStream {
    let value = default(value, field_type, private, errors);
    let span = value.span();
    let private = private.at(span);
    quote_spanned!(span=> #private::IntoDefault::into_default(#value))
}

/// A literal of the field's type: whole numbers as floats, strings as `Duration`s.
/// `None` if it can stay as it is.
fn literal(
    value: &Expr,
    field_type: &FieldType,
    private: &Private,
    errors: &mut Errors,
) -> Option<TokenStream> {
    if does_not_fit(value, field_type, errors) {
        return None;
    }
    match (field_type, Known::of(value)) {
        (FieldType::Int { .. }, Some(Known::Int(int))) => {
            if let Some(message) = field_type.unfit(int) {
                errors.at(value, message);
            }
            None
        }
        (FieldType::NonZero(of), Some(Known::Int(int))) => {
            literal(value, of, private, errors);
            if int == 0 {
                errors.at(value, "expected a `NonZero`, found `0`");
            }
            Some(quote_spanned! {value.span()=>
                const {
                    match #private::NonZero::new(#value) {
                        #private::Option::Some(value) => value,
                        #private::Option::None => ::core::panic!("not 0, as was checked"),
                    }
                }
            })
        }
        _ => converted(value, field_type, private, errors),
    }
}

/// A limit of a range.
pub(crate) fn limit(
    value: &Expr,
    field_type: &FieldType,
    private: &Private,
    errors: &mut Errors,
) -> TokenStream {
    let of = match field_type.of_call() {
        FieldType::Array(of, _) => of,
        FieldType::Tuple(of) => of.first().unwrap_or(&FieldType::Other),
        FieldType::NonZero(of) => of,
        other => other,
    };
    if does_not_fit(value, of, errors) {
        return TokenStream::new();
    }
    if let Some(converted) = converted(value, of, private, errors) {
        return converted;
    }
    match bare(value) {
        // The compiler finds the type of a literal.
        Expr::Lit(_) | Expr::Unary(_) => quote!(#value),
        _ => {
            let private = private.at(value.span());
            quote_spanned!(value.span()=> #private::IntoBound::into_bound(#value))
        }
    }
}

/// Reports a literal of another kind than the type calls for.
fn does_not_fit(value: &Expr, field_type: &FieldType, errors: &mut Errors) -> bool {
    let literal = match bare(value) {
        Expr::Lit(literal) => &literal.lit,
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => match bare(expr) {
            Expr::Lit(literal) => &literal.lit,
            _ => return false,
        },
        _ => return false,
    };
    let (fits, name, example) = match field_type {
        FieldType::Bool => (matches!(literal, Lit::Bool(_)), "bool", "true"),
        FieldType::Int { name, .. } => (matches!(literal, Lit::Int(_)), *name, "10"),
        FieldType::Float => (matches!(literal, Lit::Int(_) | Lit::Float(_)), "f64", "1.5"),
        FieldType::String => (matches!(literal, Lit::Str(_)), "String", "\"text\""),
        FieldType::Path => (matches!(literal, Lit::Str(_)), "PathBuf", "\"/a/path\""),
        FieldType::Duration => (matches!(literal, Lit::Str(_)), "Duration", "\"10s\""),
        FieldType::NonZero(of) => return does_not_fit(value, of, errors),
        _ => return false,
    };
    if !fits {
        errors.at(
            value,
            format!(
                "expected `{name}`, found `{}`; help: write it as `{example}`",
                source(value)
            ),
        );
    }
    !fits
}

/// A literal that stands for a value of another type than its own.
fn converted(
    value: &Expr,
    field_type: &FieldType,
    private: &Private,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let span = value.span();
    match (field_type, Known::of(value)) {
        (FieldType::Float, Some(Known::Int(int))) => {
            // The digits as they are, with a dot; `i128` shows them in full.
            let mut float = Literal::f64_unsuffixed(int.unsigned_abs().to_string().parse().ok()?);
            float.set_span(span);
            Some(if int < 0 {
                quote!(-#float)
            } else {
                quote!(#float)
            })
        }
        (FieldType::Duration, Some(Known::Duration(duration))) => {
            let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
            Some(quote_spanned!(span=> #private::Duration::new(#secs, #nanos)))
        }
        (FieldType::Duration, _) => {
            let text = string(value)?;
            if let Err(error) = parse_duration(&text) {
                errors.at(value, error);
            }
            Some(quote_spanned!(span=> #private::Duration::ZERO))
        }
        _ => None,
    }
}

/// Whether a path is `Type::Variant`, as far as its spelling says so.
fn is_variant(path: &ExprPath) -> bool {
    let starts_upper = |name: &str| name.starts_with(char::is_uppercase);
    let mut segments = path.path.segments.iter().rev();
    let variant = segments.next().map(|last| plain(&last.ident));
    let of_type = segments.next().map(|of| plain(&of.ident));
    variant.is_some_and(|name| starts_upper(&name) && name.contains(char::is_lowercase))
        && of_type.is_some_and(|name| starts_upper(&name))
}

/// A default as TICKscript writes it, as far as its spelling shows.
pub(crate) fn tick(value: &Expr, field_type: &FieldType) -> String {
    match (bare(value), field_type, Known::of(value)) {
        (Expr::Lit(literal), FieldType::String | FieldType::Path | FieldType::Other, _)
            if matches!(literal.lit, Lit::Str(_)) =>
        {
            format!(
                "'{}'",
                string(value).unwrap_or_default().replace('\'', "\\'")
            )
        }
        (_, FieldType::Duration, _) if string(value).is_some() => string(value).unwrap_or_default(),
        (Expr::Lit(literal), FieldType::Bool, _) => match &literal.lit {
            Lit::Bool(bool) if bool.value => "TRUE".to_owned(),
            _ => "FALSE".to_owned(),
        },
        (_, FieldType::Float, Some(Known::Int(int))) => format!("{int}.0"),
        (Expr::Tuple(tuple), FieldType::Tuple(types), _) => {
            let parts = tuple
                .elems
                .iter()
                .zip(types)
                .map(|(value, of)| tick(value, of));
            parts.collect::<Vec<_>>().join(", ")
        }
        (Expr::Array(array), FieldType::Array(of, _) | FieldType::Repeated(of), _) => {
            let parts = array.elems.iter().map(|value| tick(value, of));
            parts.collect::<Vec<_>>().join(", ")
        }
        // A variant by the name that `#[derive(OptionValue)]` gives it.
        (Expr::Path(path), FieldType::Other, _) if is_variant(path) => {
            let variant = path.path.segments.last().map(|last| plain(&last.ident));
            udf_tickscript::show_string(&snake_case(&variant.unwrap_or_default()))
        }
        // Any other expression as it was written, in the spelling that people are used to.
        _ => source(value),
    }
}
