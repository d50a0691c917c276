//! What can be checked without types.

use std::{cmp::Ordering, collections::HashMap};

use quote::ToTokens as _;
use syn::Expr;
use udf_tickscript::check_name;

use super::{
    definition::{Definition, OptionField, Range},
    field_type::FieldType,
};
use crate::{
    attribute::{Known, Period, bare, source},
    errors::Errors,
    names::{did_you_mean, plain},
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
        for field in definition.state() {
            errors.at(
                &field.ident,
                "expected no `#[state]` field beside `custom_state`, whose snapshots hold what \
                 `CustomState::snapshot` returns; help: write `#[skip]` above the field",
            );
        }
    }
    if let Some(span) = definition.migrate
        && definition.state_version < 2
    {
        errors.at_span(
            span,
            "expected `state_version = 2` or more beside `migrate`, because version 1 has no older one",
        );
    }
    for (attribute, period) in definition.periods() {
        self::period(attribute, period, definition, errors);
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
            let message = format!(
                "duplicate option `{}`; the field `{first}` is the first of that name",
                name.text
            );
            errors.at_span(name.span, message);
        }
        self::option(option, errors);
    }
}

/// Reports a period that comes from a field which cannot give one.
fn period(attribute: &str, period: &Period, definition: &Definition, errors: &mut Errors) {
    let Period::Option(name) = period else { return };
    let given = plain(name);
    let Some((field, option)) = definition.options().find(|(field, _)| field.ident == *name) else {
        let names: Vec<_> = definition
            .options()
            .map(|(field, _)| plain(&field.ident))
            .collect();
        let help = match did_you_mean(&given, names.iter().map(|name| &**name)) {
            Some(meant) => format!("help: {meant}"),
            None => format!("help: write a duration, as `{attribute} = \"10s\"`"),
        };
        errors.at(name, format!("expected an option, found `{given}`; {help}"));
        return;
    };
    let fits = match &option.field_type {
        FieldType::Duration | FieldType::Other => true,
        FieldType::Optional(inner) => matches!(**inner, FieldType::Duration | FieldType::Other),
        _ => false,
    };
    if !fits {
        let ty = field.ty.to_token_stream().to_string().replace(' ', "");
        errors.at(
            name,
            format!("expected an option of type `Duration` or `Option<Duration>`, found `{ty}`"),
        );
    }
}

fn option(option: &OptionField, errors: &mut Errors) {
    if let Some(first) = option.args.first() {
        let count = option.field_type.tick_types().map(|types| types.len());
        let taken = if option.flag.is_some() {
            Some(0)
        } else {
            count
        };
        if taken.is_some_and(|taken| taken != option.args.len()) {
            let found = option.args.len();
            let s = if taken == Some(1) { "" } else { "s" };
            let taken = taken.unwrap_or_default();
            errors.at(
                first,
                format!("expected {taken} name{s}, one for each argument, found {found}"),
            );
        }
    }
    let of = &option.field_type;
    if let Some(span) = option.flag {
        if !matches!(of, FieldType::Bool | FieldType::Other) {
            errors.at_span(
                span,
                "expected a field of type `bool`, because a flag is set or not",
            );
        }
        if let Some(default) = &option.default {
            errors.at(
                default,
                "expected no default, because a flag that is not called is `false`",
            );
        }
        if let Some(range) = &option.range {
            errors.at(
                &range.tokens,
                "expected no range, because a flag takes no argument",
            );
        }
        if let Some(validate) = &option.validate {
            errors.at(
                validate,
                "expected no check, because a flag takes no argument",
            );
        }
        return;
    }
    if let (FieldType::Optional(_), Some(default)) = (of, &option.default) {
        errors.at(
            default,
            "expected no default, because an `Option` that is not called is `None`; help: leave \
             out `Option<…>`",
        );
    }
    let Some(range) = &option.range else { return };
    if let Some(name) = of.without_order() {
        let message = format!(
            "expected numbers or durations for a range, found {name}; help: `validate = path` \
             checks any type"
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
            errors.at(&range.tokens, "this range is empty");
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
                let found = source(value);
                let message = format!("expected a default in the range `{shown}`, found `{found}`");
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
