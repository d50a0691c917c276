//! From what was meant to code.
//!
//! All of it lies in one `const _: () = { … }`, and names what it uses by absolute paths through
//! the runtime's `__private`, so that it neither sees nor disturbs what lies around the struct.
//! Bounds that a user's type may not fulfil stand in one place each, at the tokens of the type.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Ident, spanned::Spanned as _};

use super::{
    definition::{Definition, Edge, Field, OnError, OnRestoreError, OptionField, Role},
    literal,
};
use crate::{
    errors::Errors,
    names::plain,
    private::{self, Private},
};

pub(crate) fn implementation(definition: &Definition, errors: &mut Errors) -> TokenStream {
    let private = Private::of(&definition.runtime);
    let build = build(definition, &private, errors);
    let unwanted = unwanted(definition, &private);
    let state = state(definition, &private);
    let udf = udf(definition, &private);
    quote! {
        const _: () = {
            #build
            #state
            #unwanted
            #udf
        };
    }
}

/// The type through which a UDF sends.
pub(crate) fn output(provides: Edge, private: &Private) -> TokenStream {
    match provides {
        Edge::Stream => quote!(#private::StreamOutput),
        Edge::Batch => quote!(#private::BatchOutput),
    }
}

/// The function that goes through all options, to describe or to read them.
fn build(definition: &Definition, private: &Private, errors: &mut Errors) -> TokenStream {
    let ident = &definition.ident;
    // Names of locals have their own hygiene: expressions of the user's cannot meet them.
    let options = Ident::new("options", Span::mixed_site());
    let mut reads = TokenStream::new();
    let mut values = TokenStream::new();
    for (i, field) in definition.fields.iter().enumerate() {
        let Field {
            ident,
            ty,
            cfg,
            role,
        } = field;
        let value = Ident::new(&format!("value_{i}"), Span::mixed_site());
        values.extend(match role {
            Role::Option(option) => {
                let declared = declared(field, option, private, errors);
                reads.extend(quote! {
                    #(#cfg)*
                    let #value: #private::Option<#ty> = #options.option(#declared);
                });
                quote!(#(#cfg)* #ident: #value?,)
            }
            Role::State { expire } => {
                let state = state_field(i);
                let fresh = expiring(quote!(#state().fresh()), *expire, private);
                quote!(#(#cfg)* #ident: #fresh,)
            }
            Role::Skip => {
                let private = private.at(ty.span());
                let fresh = quote_spanned!(ty.span()=> #private::fresh::<#ty>());
                quote!(#(#cfg)* #ident: #fresh,)
            }
        });
    }
    quote! {
        trait __Build: #private::Sized {
            fn build(options: &mut #private::OptionReader<'_>) -> #private::Option<Self>;
        }

        #[automatically_derived]
        #[allow(unused_variables)]
        impl __Build for #ident {
            fn build(#options: &mut #private::OptionReader<'_>) -> #private::Option<Self> {
                #reads
                #private::Option::Some(Self { #values })
            }
        }
    }
}

/// One option, as its field declares it.
fn declared(
    field: &Field,
    option: &OptionField,
    private: &Private,
    errors: &mut Errors,
) -> TokenStream {
    let ty = &field.ty;
    let of = &option.field_type;
    let (name, docs) = (&option.name.text, &option.docs);
    let at = private.at(ty.span());
    let mut declared = quote_spanned!(ty.span()=> #at::declared::<#ty, _>(#name, #docs));
    if let Some(span) = option.flag {
        // It has neither a default nor a range nor a check.
        return quote_spanned!(span=> #declared.flag());
    }
    if let Some(default) = &option.default {
        let value = literal::default(default, of, private, errors);
        let at = private.at(default.span());
        declared = quote_spanned!(default.span()=> #at::with_default(#declared, #value));
    }
    // Of a range where there can be none, the limits are no second mistake.
    if let Some(range) = &option.range
        && of.without_order().is_none()
    {
        let mut limit = |limit: &Option<syn::Expr>| match limit {
            Some(limit) => {
                let (span, limit) = (limit.span(), literal::limit(limit, of, private, errors));
                let private = private.at(span);
                quote_spanned!(span=> #private::Option::Some(#limit))
            }
            None => quote!(#private::Option::None),
        };
        let (from, to, below) = (limit(&range.from), limit(&range.to), range.below);
        declared.extend(quote_spanned!(range.tokens.span()=> .range(#from, #to, #below)));
    }
    if let Some(validate) = &option.validate {
        let value = Ident::new("value", Span::mixed_site());
        let at = private.at(validate.span());
        let check = quote_spanned!(validate.span()=> #at::validated((#validate)(#value)));
        declared.extend(quote!(.validate(|#value| #check)));
    }
    declared
}

/// The function that says what is done with a `#[state]` field.
fn state_field(index: usize) -> Ident {
    format_ident!("__state_{index}")
}

/// A state that forgets groups after a time.
fn expiring(
    state: TokenStream,
    expire: Option<(Span, std::time::Duration)>,
    private: &Private,
) -> TokenStream {
    let Some((span, after)) = expire else {
        return state;
    };
    let after = duration(after, private);
    let (private, state) = (private.at(span), private::at(state, span));
    quote_spanned!(span=> #private::expire(#state, #after))
}

fn duration(duration: std::time::Duration, private: &Private) -> TokenStream {
    let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote!(#private::Duration::new(#secs, #nanos))
}

/// What snapshots hold: the `#[state]` fields, or what the author's `CustomState` makes of them.
fn state(definition: &Definition, private: &Private) -> TokenStream {
    let udf = &definition.ident;
    if let Some(span) = definition.custom_state {
        return custom_state(udf, span, private);
    }
    let mut fields = TokenStream::new();
    let mut write = TokenStream::new();
    let mut read = TokenStream::new();
    let mut assign = TokenStream::new();
    for (i, field) in definition.fields.iter().enumerate() {
        let Role::State { expire } = field.role else {
            continue;
        };
        let Field { ident, ty, cfg, .. } = field;
        let (state, value) = (state_field(i), format_ident!("value_{i}"));
        let name = plain(ident);
        let at = private.at(ty.span());
        let new = quote_spanned!(ty.span()=> #at::StateField::<#ty>::new(#name));
        fields.extend(quote! {
            #(#cfg)*
            fn #state() -> #private::StateField<#ty> {
                #new
            }
        });
        write.extend(quote! {
            #(#cfg)*
            #state().write(&mut writer, &this.#ident)?;
        });
        read.extend(quote! {
            #(#cfg)*
            let #value = #state().read(&reader)?;
        });
        // Only when all of them have been read.
        let value = expiring(value.to_token_stream(), expire, private);
        assign.extend(quote! {
            #(#cfg)*
            { this.#ident = #value; }
        });
    }
    let bytes = quote!(#private::Vec<u8>);
    let snapshot = if write.is_empty() {
        quote!(#private::Result::Ok(#private::Vec::new()))
    } else {
        quote! {
            let mut writer = #private::StateWriter::new();
            #write
            #private::Result::Ok(writer.finish())
        }
    };
    quote! {
        #fields

        #[allow(unused_variables)]
        fn __snapshot(this: &mut #udf) -> #private::Result<#bytes, #private::Error> {
            #snapshot
        }

        #[allow(unused_variables)]
        fn __restore(
            this: &mut #udf,
            state: &[u8],
        ) -> #private::Result<(), #private::Error> {
            let reader = #private::StateReader::new(state)?;
            #read
            #assign
            #private::Result::Ok(())
        }
    }
}

/// State that the author encodes by hand.
fn custom_state(udf: &Ident, span: Span, private: &Private) -> TokenStream {
    let (at, udf_at) = (private.at(span), private::at(quote!(#udf), span));
    let hooks = quote_spanned!(span=> <#udf_at as #at::CustomState>);
    quote! {
        fn __snapshot(this: &mut #udf) -> #private::Result<#private::Vec<u8>, #private::Error> {
            #hooks::snapshot(this)
        }

        fn __restore(this: &mut #udf, state: &[u8]) -> #private::Result<(), #private::Error> {
            #hooks::restore(this, state)
        }
    }
}

/// Refuses an `impl` of the trait that the edges do not ask for, whose methods nothing would call.
/// Only beside the right one: without that, the compiler says what is missing.
fn unwanted(definition: &Definition, private: &Private) -> TokenStream {
    let udf = &definition.ident;
    let output = output(definition.edges.provides, private);
    let (constant, message) = match definition.edges.wants {
        Edge::Stream => (
            "ON_BATCH",
            format!(
                "`{udf}` takes a stream, so its `OnBatch` is never called; help: leave out \
                 `impl OnBatch`, or write `#[udf(batch)]`"
            ),
        ),
        Edge::Batch => (
            "ON_POINT",
            format!(
                "`{udf}` takes batches, so its `OnPoint` is never called; help: leave out \
                 `impl OnPoint`, or write `#[udf(stream)]`"
            ),
        ),
    };
    let constant = Ident::new(constant, Span::call_site());
    let span = definition.edges.span;
    let panic = quote_spanned!(span=> ::core::panic!(#message));
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #private::DoesNotImplement as _;
            if <#private::Implements<#udf, #output>>::#constant {
                #panic
            }
        };
    }
}

fn udf(definition: &Definition, private: &Private) -> TokenStream {
    let Definition {
        ident,
        docs,
        state_version,
        ..
    } = definition;
    let name = &definition.name.text;
    let edge = |edge| match edge {
        Edge::Stream => quote!(#private::EdgeType::Stream),
        Edge::Batch => quote!(#private::EdgeType::Batch),
    };
    let (wants, provides) = (
        edge(definition.edges.wants),
        edge(definition.edges.provides),
    );
    let tick = match definition.tick {
        Some((_, tick)) => {
            let tick = duration(tick, private);
            quote!(#private::Option::Some(#tick))
        }
        None => quote!(#private::Option::None),
    };
    let on_error = match definition.on_error {
        OnError::Stop => quote!(#private::OnError::Stop),
        OnError::Drop => quote!(#private::OnError::Drop),
        OnError::Pass => quote!(#private::OnError::Pass),
    };
    let on_restore_error = match definition.on_restore_error {
        OnRestoreError::Refuse => quote!(#private::OnRestoreError::Refuse),
        OnRestoreError::Fresh => quote!(#private::OnRestoreError::Fresh),
    };
    let output = output(definition.edges.provides, private);
    let result = quote!(#private::Result<(), #private::Error>);
    let keeps_state = definition.custom_state.is_some() || definition.state().next().is_some();
    let (hooks, input) = match definition.edges.wants {
        Edge::Stream => (
            quote!(<Self as #private::OnPoint<#output>>),
            quote! {
                #[inline]
                fn point(&mut self, point: #private::Point, out: &mut #output) -> #result {
                    <Self as #private::OnPoint<#output>>::on_point(self, point, out)
                }
            },
        ),
        Edge::Batch => (
            quote!(<Self as #private::OnBatch<#output>>),
            quote! {
                fn batch(&mut self, batch: #private::Batch, out: &mut #output) -> #result {
                    <Self as #private::OnBatch<#output>>::on_batch(self, batch, out)
                }
            },
        ),
    };
    let implementation = quote! {
        #[automatically_derived]
        impl #private::Udf for #ident {
            type Output = #output;

            fn spec() -> #private::Spec {
                #private::Spec {
                    name: #name,
                    docs: #docs,
                    version: match ::core::option_env!("CARGO_PKG_VERSION") {
                        #private::Option::Some(version) => version,
                        #private::Option::None => "",
                    },
                    wants: #wants,
                    provides: #provides,
                    options: #private::OptionReader::describe(<#ident as __Build>::build),
                    tick: #tick,
                    on_error: #on_error,
                    on_restore_error: #on_restore_error,
                    state_version: #state_version,
                    keeps_state: #keeps_state,
                }
            }

            fn from_options(
                calls: &[#private::Call],
            ) -> #private::Result<Self, #private::OptionErrors> {
                #private::OptionReader::read(calls, <#ident as __Build>::build)
            }

            fn init(&mut self, task: &#private::Task) -> #result {
                #hooks::on_init(self, task)
            }

            #input

            fn tick(&mut self, now: i64, out: &mut #output) -> #result {
                #hooks::on_tick(self, now, out)
            }

            fn stop(&mut self, out: &mut #output) -> #result {
                #hooks::on_stop(self, out)
            }

            fn snapshot(&mut self) -> #private::Result<#private::Vec<u8>, #private::Error> {
                __snapshot(self)
            }

            fn restore(&mut self, state: &[u8]) -> #result {
                __restore(self, state)
            }
        }
    };
    // At the struct's name, as a field may keep it from being `Send`; and yet the macro's own, so
    // that no lint looks into it.
    private::at(implementation, Span::call_site().located_at(ident.span()))
}
