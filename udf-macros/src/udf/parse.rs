//! From what was written to what was meant.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Expr, ExprLit, ExprRange, Fields, Ident, ItemStruct, Lit, Path, RangeLimits};

use super::{
    definition::{
        Definition, Edge, Edges, Field, Name, OnError, OnRestoreError, OptionField, Range, Role,
    },
    field_type::FieldType,
};
use crate::{
    attribute::{self, Entry, bare, default_crate, entries, unexpected},
    docs,
    errors::Errors,
    names::{camel_case, plain, snake_case},
};

/// Reads the attribute and the struct, and takes our attributes off the struct's fields.
///
/// Whatever is wrong is reported, and something harmless taken in its place.
pub(crate) fn definition(
    arguments: TokenStream,
    item: &mut ItemStruct,
    errors: &mut Errors,
) -> Definition {
    if !item.generics.params.is_empty() || item.generics.where_clause.is_some() {
        let message = "a UDF cannot have generic parameters, because Kapacitor knows it by one \
                       name, and its options by one type each";
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
        migrate: None,
        runtime: default_crate(),
        fields: Vec::new(),
    };
    let camel = struct_attribute(arguments, &mut definition, errors);
    definition.fields = match &mut item.fields {
        Fields::Unit => Vec::new(),
        Fields::Named(fields) => fields
            .named
            .iter_mut()
            .map(|named| field(named, camel, errors))
            .collect(),
        Fields::Unnamed(fields) => {
            errors.at(
                &*fields,
                "expected fields with names, because the names are what TICKscript calls the options",
            );
            for field in &mut fields.unnamed {
                field.attrs.retain(|attribute| role_of(attribute).is_none());
            }
            Vec::new()
        }
    };
    definition
}

/// The path of the runtime and the edge that leaves, of an attribute above something else than a
/// struct. What is wrong in it is not reported.
pub(crate) fn runtime_and_output(arguments: TokenStream) -> (Path, Edge) {
    let mut item: ItemStruct = syn::parse_quote!(
        struct Any;
    );
    let definition = definition(arguments, &mut item, &mut Errors::default());
    (definition.runtime, definition.edges.provides)
}

/// Takes off and reports attributes for fields that stand above the struct.
fn misplaced(attributes: &mut Vec<Attribute>, errors: &mut Errors) {
    attributes.retain(|attribute| {
        let Some(role) = role_of(attribute) else {
            return true;
        };
        errors.at(
            attribute.path(),
            format!("`#[{role}]` belongs above a field of the UDF, not above the struct"),
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

/// Reads `#[udf(…)]`, and answers whether the options' names are in camelCase.
fn struct_attribute(tokens: TokenStream, definition: &mut Definition, errors: &mut Errors) -> bool {
    let (tokens, mistaken) = without_mistaken_edges(tokens, errors);
    let mut edges: Option<Ident> = None;
    let mut camel = false;
    for entry in entries(tokens, errors) {
        match &*plain(&entry.name) {
            "stream" | "batch" => {
                if let Some(first) = &edges {
                    let second = &entry.name;
                    let message = format!(
                        "expected the edges once, found `{first}` and `{second}`; help: write \
                         `{first} -> {second}` for a UDF that takes one and sends the other"
                    );
                    errors.at(second, message);
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
                definition.tick = entry.period("10s", errors);
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
                        let example = "state_version = 2";
                        errors.at(other, unexpected("a number", other, example));
                    }
                    None => {}
                }
            }
            "custom_state" => {
                if entry.is_bare(errors) {
                    definition.custom_state = Some(entry.name.span());
                }
            }
            "migrate" => {
                if entry.is_bare(errors) {
                    definition.migrate = Some(entry.name.span());
                }
            }
            "rename_all" => {
                camel = entry.choice(&["camelCase", "snake_case"], errors) == Some(0);
            }
            "crate" => {
                if let Some(path) = entry.path("crate = \"::udf_runtime\"", errors) {
                    definition.runtime = path;
                }
            }
            _ if edges.is_none() && entry.value.is_none() => {
                // What stands first and has no value was meant to be an edge.
                errors.at(&entry.name, not_an_edge(&entry.name));
                edges = Some(entry.name);
            }
            _ => attribute::UDF.report_unknown(&entry.name, errors),
        }
    }
    if edges.is_none() && !mistaken {
        errors.at_span(
            Span::call_site(),
            format!("expected the edges of the UDF in `#[udf(…)]`; {EDGES}"),
        );
    }
    camel
}

const EDGES: &str = "help: they are `stream`, `batch`, `stream -> batch` or `batch -> stream`";

fn not_an_edge(found: impl Display) -> String {
    format!("expected the edges of the UDF, found `{found}`; {EDGES}")
}

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
            errors.at(&given, not_an_edge(&given));
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
            errors.at(ident, not_an_edge(ident));
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

fn field(field: &mut syn::Field, camel: bool, errors: &mut Errors) -> Field {
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
            format!("duplicate `#[{other}]`; help: write all of it in one")
        } else {
            format!("expected one role for the field, found `#[{role}]` and `#[{other}]`")
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
                    "`#[skip]` takes no arguments; the field is made by `Default`",
                );
            }
            Role::Skip
        }
        _ => Role::Option(Box::new(option(tokens, field, &ident, camel, errors))),
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
    let (mut was, mut expire) = (None, None);
    for entry in entries(tokens, errors) {
        if entry.name == "expire" {
            expire = entry.period("1h", errors);
        } else if entry.name == "was" {
            was = entry.string("was = \"old_name\"", errors).map(|text| Name {
                text,
                span: entry.span(),
            });
        } else {
            attribute::STATE.report_unknown(&entry.name, errors);
        }
    }
    Role::State { was, expire }
}

fn option(
    tokens: TokenStream,
    field: &syn::Field,
    ident: &Ident,
    camel: bool,
    errors: &mut Errors,
) -> OptionField {
    let name = plain(ident);
    let mut option = OptionField {
        docs: docs::text(&field.attrs),
        name: Name {
            text: if camel { camel_case(&name) } else { name },
            span: ident.span(),
        },
        field_type: FieldType::of(&field.ty),
        args: Vec::new(),
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
            "args" => match entry.list {
                Some(names) => option.args = names,
                None => errors.at(
                    &entry.name,
                    "expected the names of the arguments; help: write `args(min, max)`",
                ),
            },
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
                "expected a range with a limit, found `..`; help: write `range = 1..`",
            );
            None
        }
        other => {
            errors.at(other, unexpected("a range", other, "range = 1..=10"));
            None
        }
    }
}
