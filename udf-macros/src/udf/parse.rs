//! From what was written to what was meant.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Expr, ExprLit, ExprRange, Fields, Ident, ItemStruct, Lit, RangeLimits};

use super::{
    definition::{
        Definition, Edge, Edges, Field, Name, OnError, OnRestoreError, OptionField, Range, Role,
    },
    field_type::FieldType,
};
use crate::{
    attribute::{self, Entry, bare, default_crate, entries},
    docs,
    errors::Errors,
    names::{plain, snake_case},
};

/// Reads the attribute and the struct, and takes our attributes off the struct's fields.
///
/// Whatever is wrong is reported, and something harmless taken in its place.
pub(crate) fn definition(
    arguments: TokenStream,
    item: &mut ItemStruct,
    errors: &mut Errors,
) -> Definition {
    let generic = !item.generics.params.is_empty() || item.generics.where_clause.is_some();
    if generic {
        let message = "a UDF cannot be generic: Kapacitor knows it by one name, and its options \
                       by one type each";
        if item.generics.params.is_empty() {
            errors.at(&item.generics.where_clause, message);
        } else {
            errors.at(&item.generics, message);
        }
    }
    misplaced(&mut item.attrs, errors);

    let mut definition = Definition {
        ident: item.ident.clone(),
        docs: docs::text(&item.attrs),
        name: Name {
            text: snake_case(&plain(&item.ident)),
            span: item.ident.span(),
        },
        edges: Edges {
            wants: Edge::Stream,
            provides: Edge::Stream,
            span: Span::call_site(),
        },
        tick: None,
        on_error: OnError::default(),
        on_restore_error: OnRestoreError::default(),
        state_version: 1,
        custom_state: None,
        runtime: default_crate(),
        generic,
        fields: Vec::new(),
    };
    struct_attribute(arguments, &mut definition, errors);
    definition.fields = match &mut item.fields {
        Fields::Unit => Vec::new(),
        Fields::Named(fields) => fields
            .named
            .iter_mut()
            .map(|named| field(named, errors))
            .collect(),
        Fields::Unnamed(fields) => {
            errors.at(
                &*fields,
                "the fields of a UDF need names, for these are what TICKscript calls its options",
            );
            for field in &mut fields.unnamed {
                field.attrs.retain(|attribute| role_of(attribute).is_none());
            }
            Vec::new()
        }
    };
    definition
}

/// Takes off and reports attributes for fields that stand above the struct.
fn misplaced(attributes: &mut Vec<Attribute>, errors: &mut Errors) {
    attributes.retain(|attribute| {
        let Some(role) = role_of(attribute) else {
            return true;
        };
        errors.at(
            attribute.path(),
            format!("`#[{role}]` goes above a field of a UDF"),
        );
        false
    });
}

/// The name of an attribute of ours that goes above fields.
fn role_of(attribute: &Attribute) -> Option<&'static str> {
    ["option", "state", "skip"]
        .into_iter()
        .find(|name| attribute.path().is_ident(name))
}

fn struct_attribute(tokens: TokenStream, definition: &mut Definition, errors: &mut Errors) {
    let empty = tokens.is_empty();
    let (tokens, mistaken) = without_mistaken_edges(tokens, errors);
    let mut edges: Option<Ident> = None;
    for entry in entries(tokens, errors) {
        match &*plain(&entry.name) {
            "stream" | "batch" => {
                if let Some(first) = &edges {
                    let message = format!(
                        "what the UDF wants is said already: `{first}`; to say \
                                           what it provides too, write `{first} -> {}`",
                        entry.name
                    );
                    errors.at(&entry.name, message);
                } else if let Some(parsed) = parse_edges(&entry, errors) {
                    definition.edges = parsed;
                }
                edges.get_or_insert(entry.name);
            }
            "name" => {
                if let Some(text) = entry.string("name = \"moving_avg\"", errors) {
                    definition.name = Name {
                        text,
                        span: entry.span(),
                    };
                }
            }
            "tick" => {
                let tick = entry.duration("10s", errors);
                definition.tick = tick.map(|tick| (entry.name.span(), tick));
            }
            "on_error" => {
                definition.on_error = match entry.choice(&["stop", "drop", "pass"], errors) {
                    Some(1) => OnError::Drop,
                    Some(2) => OnError::Pass,
                    _ => OnError::Stop,
                };
            }
            "on_restore_error" => {
                definition.on_restore_error = match entry.choice(&["refuse", "fresh"], errors) {
                    Some(1) => OnRestoreError::Fresh,
                    _ => OnRestoreError::Refuse,
                };
            }
            "state_version" => {
                let value = entry.value("state_version = 2", errors);
                match value.map(bare) {
                    Some(Expr::Lit(ExprLit {
                        lit: Lit::Int(int), ..
                    })) => {
                        if let Some(version) = errors.ok(int.base10_parse()) {
                            definition.state_version = version;
                        }
                    }
                    Some(other) => {
                        errors.at(other, "`state_version` takes a number: `state_version = 2`");
                    }
                    None => {}
                }
            }
            "custom_state" => {
                if entry.is_bare(errors) {
                    definition.custom_state = Some(entry.name.span());
                }
            }
            "crate" => {
                if let Some(path) = entry.path("crate = \"::udf_runtime\"", errors) {
                    definition.runtime = path;
                }
            }
            _ if edges.is_none() && entry.value.is_none() => {
                // What stands first and has no value was meant to be an edge.
                let message = format!("`{}` is no edge; {EDGES}", entry.name);
                errors.at(&entry.name, message);
                edges = Some(entry.name);
            }
            _ => attribute::UDF.report_unknown(&entry.name, errors),
        }
    }
    if edges.is_none() && !mistaken {
        let what = if empty {
            "`#[udf]` needs"
        } else {
            "`#[udf(…)]` lacks"
        };
        errors.at_span(
            Span::call_site(),
            format!("{what} what the UDF wants; {EDGES}"),
        );
    }
}

const EDGES: &str = "a UDF is `stream`, `batch`, `stream -> batch` or `batch -> stream`";

/// Takes out and reports edges that are written as nothing else is: `"stream"` and
/// `stream => batch`. Also answers whether there were any.
fn without_mistaken_edges(tokens: TokenStream, errors: &mut Errors) -> (TokenStream, bool) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is =
        |token: &TokenTree, sign| matches!(token, TokenTree::Punct(it) if it.as_char() == sign);
    let mut left = TokenStream::new();
    let mut mistaken = false;
    for part in tokens.split_inclusive(|token| is(token, ',')) {
        let given = match part {
            [given @ .., comma] if is(comma, ',') => given,
            given => given,
        };
        let wrong = match given {
            [TokenTree::Literal(_)] => true,
            [TokenTree::Ident(_), first, second, ..] => is(first, '=') && is(second, '>'),
            _ => false,
        };
        if wrong {
            let given: TokenStream = given.iter().cloned().collect();
            errors.at(&given, format!("`{given}` is no edge; {EDGES}"));
            mistaken = true;
        } else {
            left.extend(part.iter().cloned());
        }
    }
    (left, mistaken)
}

fn parse_edges(entry: &Entry, errors: &mut Errors) -> Option<Edges> {
    let edge = |ident: &Ident, errors: &mut Errors| match &*plain(ident) {
        "stream" => Some(Edge::Stream),
        "batch" => Some(Edge::Batch),
        _ => {
            errors.at(ident, format!("`{ident}` is no edge; {EDGES}"));
            None
        }
    };
    if let Some(value) = &entry.value {
        errors.at(value, format!("`{}` takes no value", entry.name));
    }
    let wants = edge(&entry.name, errors)?;
    let provides = match &entry.arrow {
        Some(arrow) => edge(arrow, errors)?,
        None => wants,
    };
    Some(Edges {
        wants,
        provides,
        span: entry.name.span(),
    })
}

fn field(field: &mut syn::Field, errors: &mut Errors) -> Field {
    let mut ours = Vec::new();
    field.attrs.retain(|attribute| {
        let role = role_of(attribute);
        ours.extend(role.map(|role| (role, attribute.clone())));
        role.is_none()
    });
    let (role, first) = match ours.first() {
        Some((role, first)) => (*role, Some(first)),
        None => ("option", None),
    };
    for (other, attribute) in ours.iter().skip(1) {
        let message = if *other == role {
            format!("`#[{other}]` is given twice; put all of it into one")
        } else {
            format!("a field is either `#[{role}]` or `#[{other}]`")
        };
        errors.at(attribute.path(), message);
    }
    let tokens = first
        .map(|first| attribute::inside(first, errors))
        .unwrap_or_default();
    // A struct with named fields has names.
    let ident = field
        .ident
        .clone()
        .unwrap_or_else(|| Ident::new("unnamed", Span::call_site()));
    let role = match role {
        "state" => state(tokens, errors),
        "skip" => {
            if !tokens.is_empty() {
                errors.at(
                    tokens,
                    "`#[skip]` takes nothing: the field is made by `Default`",
                );
            }
            Role::Skip
        }
        _ => Role::Option(Box::new(option(tokens, field, &ident, errors))),
    };
    let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    let cfg = field.attrs.iter().filter(is_cfg).cloned().collect();
    Field {
        ident,
        ty: field.ty.clone(),
        cfg,
        role,
    }
}

fn state(tokens: TokenStream, errors: &mut Errors) -> Role {
    let mut expire = None;
    for entry in entries(tokens, errors) {
        if entry.name == "expire" {
            let after = entry.duration("1h", errors);
            expire = after.map(|after| (entry.name.span(), after));
        } else {
            attribute::STATE.report_unknown(&entry.name, errors);
        }
    }
    Role::State { expire }
}

fn option(
    tokens: TokenStream,
    field: &syn::Field,
    ident: &Ident,
    errors: &mut Errors,
) -> OptionField {
    let mut option = OptionField {
        docs: docs::text(&field.attrs),
        name: Name {
            text: plain(ident),
            span: ident.span(),
        },
        field_type: FieldType::of(&field.ty),
        default: None,
        range: None,
        validate: None,
        flag: None,
    };
    for entry in entries(tokens, errors) {
        match &*plain(&entry.name) {
            "default" => {
                option.default = entry.value("default = 10", errors).cloned();
            }
            "name" => {
                if let Some(text) = entry.string("name = \"as\"", errors) {
                    option.name = Name {
                        text,
                        span: entry.span(),
                    };
                }
            }
            "range" => {
                let value = entry.value("range = 1..=10", errors);
                option.range = value.and_then(|value| range(value, errors));
            }
            "validate" => {
                option.validate = entry
                    .value("validate = path::of_a_function", errors)
                    .cloned();
            }
            "flag" => {
                if entry.is_bare(errors) {
                    option.flag = Some(entry.name.span());
                }
            }
            _ => attribute::OPTION.report_unknown(&entry.name, errors),
        }
    }
    option
}

fn range(value: &Expr, errors: &mut Errors) -> Option<Range> {
    match bare(value) {
        Expr::Range(ExprRange {
            start, limits, end, ..
        }) if start.is_some() || end.is_some() => Some(Range {
            from: start.as_deref().cloned(),
            to: end.as_deref().cloned(),
            below: matches!(limits, RangeLimits::HalfOpen(_)),
            tokens: value.to_token_stream(),
        }),
        Expr::Range(_) => {
            errors.at(
                value,
                "the range `..` leaves nothing out; give it a limit: `range = 1..`",
            );
            None
        }
        other => {
            errors.at(other, "`range` takes a range: `range = 1..=10`");
            None
        }
    }
}
