//! Literals of attributes, made into what a field's type calls for.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprArray, ExprTuple, Lit, spanned::Spanned as _};

use super::field_type::FieldType;
use crate::{
    attribute::{Known, bare, string},
    duration,
    errors::Errors,
};

/// The default of an option, to be taken for the field's type: strings become `String` or
/// `Duration`, whole numbers floats.
pub(crate) fn default(
    value: &Expr,
    field_type: &FieldType,
    private: &TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    let span = value.span();
    match (bare(value), field_type) {
        (Expr::Tuple(ExprTuple { elems, .. }), FieldType::Tuple(types))
            if elems.len() == types.len() =>
        {
            let elems = elems
                .iter()
                .zip(types)
                .map(|(value, of)| default(value, of, private, errors));
            quote_spanned!(span=> (#(#elems,)*))
        }
        (
            Expr::Array(ExprArray { elems, .. }),
            FieldType::Repeated(of) | FieldType::Array(of, _),
        ) => {
            let elems = elems
                .iter()
                .map(|value| default(value, of, private, errors));
            quote_spanned!(span=> #private::IntoDefault::into_default([#(#elems,)*]))
        }
        (value, FieldType::NonZero(of)) => nonzero(value, of, private, errors),
        (value, field_type) => {
            if let (FieldType::Int { name, from, to }, Some(Known::Int(int))) =
                (field_type, Known::of(value))
                && !(*from..=*to).contains(&int)
            {
                let message =
                    format!("{int} does not fit `{name}`, which goes from {from} to {to}");
                errors.at(value, message);
            }
            match converted(value, field_type, private, errors) {
                Some(converted) => converted,
                None => quote_spanned!(span=> #private::IntoDefault::into_default(#value)),
            }
        }
    }
}

/// A limit of a range.
pub(crate) fn limit(
    value: &Expr,
    field_type: &FieldType,
    private: &TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    let of = match field_type.of_call() {
        FieldType::Array(of, _) => of,
        FieldType::Tuple(of) => of.first().unwrap_or(&FieldType::Other),
        FieldType::NonZero(of) => of,
        other => other,
    };
    if let Some(converted) = converted(value, of, private, errors) {
        return converted;
    }
    match Known::of(value) {
        // The compiler finds the type of a literal.
        Some(Known::Int(_) | Known::Float(_)) => quote!(#value),
        // A string can only be meant as a duration; where it is not one, the types say so.
        _ if string(value).is_some() => quote!(#value),
        _ => quote_spanned!(value.span()=> #private::IntoBound::into_bound(#value)),
    }
}

/// A literal that stands for a value of another type than its own.
fn converted(
    value: &Expr,
    field_type: &FieldType,
    private: &TokenStream,
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
            errors.at(
                value,
                format!("{text:?} is no duration; {}", duration::NOTATION),
            );
            Some(quote_spanned!(span=> #private::Duration::ZERO))
        }
        _ => None,
    }
}

/// A literal for a `NonZero`, which is checked here, once and for all.
fn nonzero(
    value: &Expr,
    of: &FieldType,
    private: &TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    let span = value.span();
    let (Expr::Lit(_) | Expr::Unary(_)) = value else {
        return quote_spanned!(span=> #private::IntoDefault::into_default(#value));
    };
    match Known::of(value) {
        Some(Known::Int(0)) => errors.at(value, "the default of a `NonZero` cannot be 0"),
        Some(Known::Int(_)) => {
            // For its report alone: what it makes is of the plain type.
            default(value, of, private, errors);
        }
        _ => return quote_spanned!(span=> #private::IntoDefault::into_default(#value)),
    }
    quote_spanned! {span=>
        const {
            match #private::NonZero::new(#value) {
                #private::Option::Some(value) => value,
                #private::Option::None => ::core::panic!("not 0, as the macro has looked"),
            }
        }
    }
}

/// Whether an expression is a string literal that stands for a text.
pub(crate) fn tick(value: &Expr, field_type: &FieldType) -> String {
    use quote::ToTokens as _;
    match (bare(value), field_type, Known::of(value)) {
        (Expr::Lit(literal), FieldType::String | FieldType::Other, _)
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
        // Any other expression as it was written, in the spelling that people are used to.
        _ => value
            .to_token_stream()
            .to_string()
            .replace(" :: ", "::")
            .replace("- ", "-"),
    }
}
