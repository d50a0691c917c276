//! What can be told without types.

use std::{cmp::Ordering, collections::HashMap};

use syn::Expr;
use udf_tickscript::check_name;

use super::{
    definition::{Definition, OptionField, Range},
    field_type::FieldType,
};
use crate::{
    attribute::{Known, bare},
    errors::Errors,
};

pub(crate) fn definition(definition: &Definition, errors: &mut Errors) {
    let name = &definition.name;
    if let Err(error) = check_name(&name.text) {
        errors.at_span(
            name.span,
            format!(
                "`{}` cannot be the name of a UDF: {error}; help: `name = \"…\"` gives the UDF another",
                name.text
            ),
        );
    }
    if definition.custom_state.is_some() {
        for (field, _) in definition.state() {
            errors.at(
                &field.ident,
                "with `custom_state`, snapshots hold what `CustomState::snapshot` returns, and no \
                 `#[state]` field; help: write `#[skip]` above the field",
            );
        }
    }
    let mut names = HashMap::new();
    for (field, option) in definition.options() {
        let name = &option.name;
        if let Err(error) = check_name(&name.text) {
            errors.at_span(
                name.span,
                format!(
                    "`{}` cannot be the name of an option: {error}; help: `#[option(name = \"…\")]` gives the \
                     option another",
                    name.text
                ),
            );
        }
        if let Some(first) = names.insert(&name.text, &field.ident) {
            let message = format!("the field `{first}` is an option `{}` already", name.text);
            errors.at_span(name.span, message);
        }
        self::option(option, errors);
    }
}

fn option(option: &OptionField, errors: &mut Errors) {
    let of = &option.field_type;
    if let Some(span) = option.flag {
        if !matches!(of, FieldType::Bool | FieldType::Other) {
            errors.at_span(span, "a flag is a `bool`: whether the option was called");
        }
        if let Some(default) = &option.default {
            errors.at(
                default,
                "a flag is `false` where it is not called; it has no other default",
            );
        }
        if let Some(range) = &option.range {
            errors.at(&range.tokens, "a flag has no range");
        }
        if let Some(validate) = &option.validate {
            errors.at(validate, "a flag has nothing to check");
        }
        return;
    }
    if let (FieldType::Optional(_), Some(default)) = (of, &option.default) {
        errors.at(
            default,
            "an `Option` is `None` where the option is not called; for another default, leave \
             `Option<…>` away",
        );
    }
    let Some(range) = &option.range else { return };
    if let Some(name) = of.without_order() {
        let message = format!(
            "a range needs numbers or durations, not {name}; `validate = path` checks anything"
        );
        errors.at(&range.tokens, message);
        return;
    }
    let known = |limit: &Option<Expr>| limit.as_ref().and_then(Known::of);
    if let (Some(from), Some(to)) = (known(&range.from), known(&range.to)) {
        let empty = match from.compare(to) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => range.below,
            Some(Ordering::Less) | None => false,
        };
        if empty {
            errors.at(&range.tokens, "nothing lies within this range");
            return;
        }
    }
    beyond(range.from.as_ref(), 0, of, errors);
    beyond(range.to.as_ref(), range.below.into(), of, errors);
    if let Some(default) = &option.default {
        each_outside(default, range, errors);
    }
}

/// Reports a limit, less what it leaves out itself, that the field's type cannot hold.
fn beyond(limit: Option<&Expr>, left_out: i128, of: &FieldType, errors: &mut Errors) {
    let Some(limit) = limit else { return };
    if let Some(Known::Int(int)) = Known::of(limit)
        && let Some(message) = of.unfit(int.saturating_sub(left_out))
    {
        errors.at(limit, message);
    }
}

/// Reports the literals of a default, however deep in tuples and arrays, that lie outside.
fn each_outside(default: &Expr, range: &Range, errors: &mut Errors) {
    match bare(default) {
        Expr::Tuple(tuple) => {
            tuple
                .elems
                .iter()
                .for_each(|value| each_outside(value, range, errors));
        }
        Expr::Array(array) => {
            array
                .elems
                .iter()
                .for_each(|value| each_outside(value, range, errors));
        }
        value => {
            if Known::of(value).is_some_and(|known| is_outside(known, range)) {
                let shown = range.tokens.to_string().replace(' ', "");
                let message = format!("this default lies outside of the range {shown}");
                errors.at(value, message);
            }
        }
    }
}

fn is_outside(value: Known, range: &Range) -> bool {
    let to = |limit: &Option<Expr>| {
        limit
            .as_ref()
            .and_then(Known::of)
            .and_then(|limit| value.compare(limit))
    };
    to(&range.from) == Some(Ordering::Less)
        || match to(&range.to) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => range.below,
            Some(Ordering::Less) | None => false,
        }
}
