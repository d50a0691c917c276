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
    let handler = handler(definition, &private);
    let build = build(definition, &private, errors);
    let state = state(definition, &private);
    let hooks = hooks(definition, &private);
    let udf = udf(definition, &private);
    quote! {
        const _: () = {
            #handler
            #build
            #state
            #hooks
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

/// `T::handler()`.
pub(crate) fn handler(definition: &Definition, private: &Private) -> TokenStream {
    let Definition {
        ident, visibility, ..
    } = definition;
    quote! {
        #[automatically_derived]
        impl #ident {
            /// The handler of this UDF, for an agent or a server to run.
            #[allow(dead_code, unreachable_pub)]
            #[must_use]
            #visibility fn handler() -> #private::UdfHandler<Self> {
                #private::UdfHandler::new()
            }
        }
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

/// What snapshots hold where the author says nothing of it: the `#[state]` fields.
fn state(definition: &Definition, private: &Private) -> TokenStream {
    let udf = &definition.ident;
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
        fn __snapshot_fields(this: &mut #udf) -> #private::Result<#bytes, #private::Error> {
            #snapshot
        }

        #[allow(unused_variables)]
        fn __restore_fields(
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

/// A function for each hook, outside of any `impl`, where no trait but those of
/// `__private::hooks` offers functions of the same names.
fn hooks(definition: &Definition, private: &Private) -> TokenStream {
    let udf = &definition.ident;
    let output = output(definition.edges.provides, private);
    let result = quote!(#private::Result<(), #private::Error>);
    let to = match definition.edges.provides {
        Edge::Stream => "ToStream",
        Edge::Batch => "ToBatch",
    };
    let missing = |what: &str| {
        let name = format_ident!("{what}{to}");
        quote!(missing::#name)
    };
    let absent = |name: &str| {
        let name = format_ident!("{name}");
        quote!(absent::#name)
    };
    // A mistake in a hook is shown at the struct's name, or at what in `#[udf(…)]` calls for it.
    let call = |hook: &str, from: &TokenStream, arguments: &[(&str, TokenStream)], span: Span| {
        let function = format_ident!("__{hook}");
        let hook = Ident::new(hook, span);
        let names: Vec<_> = arguments
            .iter()
            .map(|(name, _)| format_ident!("{name}"))
            .collect();
        let types = arguments.iter().map(|(_, ty)| ty);
        let (at, udf_at) = (private.at(span), at_span(udf, span));
        let call = quote_spanned! {span=>
            #at::hooks::#hook(this, #(#names,)* <#udf_at>::#hook)
        };
        quote! {
            fn #function(this: &mut #udf, #(#names: #types),*) -> #result {
                #[allow(unused_imports)]
                use #private::hooks::#from as _;
                #call
            }
        }
    };
    let never = |hook: &str,
                 from: &TokenStream,
                 arguments: TokenStream,
                 answer: TokenStream,
                 span: Span| {
        let function = format_ident!("__{hook}");
        let hook = Ident::new(hook, span);
        let (at, udf_at) = (private.at(span), at_span(udf, span));
        let check = quote_spanned!(span=> #at::hooks::never::#hook(<#udf_at>::#hook));
        quote! {
            fn #function(_: &mut #udf, #arguments _: &mut #output) -> #result {
                #[allow(unused_imports)]
                use #private::hooks::#from as _;
                #check;
                #answer
            }
        }
    };

    let name = definition.ident.span();
    let edge = definition.edges.span;
    let out = || ("out", quote!(&mut #output));
    let point = quote!(#private::Point);
    let batch = quote!(#private::Batch);
    let (on_point, on_batch) = match definition.edges.wants {
        Edge::Stream => (
            call(
                "on_point",
                &missing("Point"),
                &[("point", point), out()],
                name,
            ),
            never(
                "on_batch",
                &absent("OnBatch"),
                quote!(_: #batch,),
                quote!(#private::hooks::unwanted("batch")),
                edge,
            ),
        ),
        Edge::Batch => (
            never(
                "on_point",
                &absent("OnPoint"),
                quote!(_: #point,),
                quote!(#private::hooks::unwanted("point")),
                edge,
            ),
            call(
                "on_batch",
                &missing("Batch"),
                &[("batch", batch), out()],
                name,
            ),
        ),
    };
    let on_tick = match definition.tick {
        Some((span, _)) => call("on_tick", &missing("Tick"), &[out()], span),
        None => never(
            "on_tick",
            &absent("OnTick"),
            TokenStream::new(),
            quote!(#private::Result::Ok(())),
            name,
        ),
    };
    let on_init = call(
        "on_init",
        &absent("OnInit"),
        &[("task", quote!(&#private::Task))],
        name,
    );
    let on_stop = call("on_stop", &absent("OnStop"), &[out()], name);
    let at = private.at(name);
    // The two in a variable, so that the compiler knows of each what it is before it looks at both.
    let state = quote_spanned! {name=>
        let hooks = (
            #at::hooks::snapshot::<#udf, _, _>(<#udf>::snapshot),
            #at::hooks::restore::<#udf, _, _>(<#udf>::restore),
        );
        #at::hooks::state(hooks, __snapshot_fields, __restore_fields)
    };
    quote! {
        #on_init
        #on_point
        #on_batch
        #on_tick
        #on_stop

        fn __state() -> #private::hooks::State<#udf> {
            #[allow(unused_imports)]
            use #private::hooks::absent::{Restore as _, Snapshot as _};
            #state
        }
    }
}

/// The same name at another place.
fn at_span(ident: &Ident, span: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(span);
    ident
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
    let keeps_state = match definition.state().next() {
        Some(_) => quote!(true),
        None => quote!(__state().written),
    };
    let output = output(definition.edges.provides, private);
    let result = quote!(#private::Result<(), #private::Error>);
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
                __on_init(self, task)
            }

            fn point(&mut self, point: #private::Point, out: &mut Self::Output) -> #result {
                __on_point(self, point, out)
            }

            fn batch(&mut self, batch: #private::Batch, out: &mut Self::Output) -> #result {
                __on_batch(self, batch, out)
            }

            fn tick(&mut self, out: &mut Self::Output) -> #result {
                __on_tick(self, out)
            }

            fn stop(&mut self, out: &mut Self::Output) -> #result {
                __on_stop(self, out)
            }

            fn save(&mut self) -> #private::Result<#private::Vec<u8>, #private::Error> {
                (__state().snapshot)(self)
            }

            fn load(&mut self, state: &[u8]) -> #result {
                (__state().restore)(self, state)
            }
        }
    };
    // At the struct's name, as a field may keep it from being `Send`; and yet the macro's own, so
    // that no lint looks into it.
    private::at(implementation, Span::call_site().located_at(ident.span()))
}
