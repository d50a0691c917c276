//! From the definition to code.
//!
//! All of it lies in one `const _: () = { … }`, and names what it uses by absolute paths through
//! the runtime's `__private`, so that it neither sees nor disturbs what lies around the struct.
//! Bounds that a user's type may not fulfil stand in one place each, at the tokens of the type.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Expr, Ident, Type, spanned::Spanned as _};

use super::{
    definition::{Definition, Edge, Field, OnError, OnRestoreError, OptionField, Role},
    literal,
};
use crate::{
    attribute::{Period, bare},
    errors::Errors,
    names::plain,
    private::{self, Private},
};

pub(crate) fn implementation(definition: &Definition, errors: &mut Errors) -> TokenStream {
    let private = Private::of(&definition.runtime);
    let build = build(definition, &private, errors);
    let unwanted = unwanted(definition, &private);
    let hooks = optional_hooks(definition, &private);
    let state = state(definition, &private);
    let udf = udf(definition, &private);
    quote! {
        const _: () = {
            #build
            #state
            #unwanted
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

/// The function that goes through all options, to describe or to read them.
fn build(definition: &Definition, private: &Private, errors: &mut Errors) -> TokenStream {
    let ident = &definition.ident;
    // Names of locals have their own hygiene: expressions of the user's cannot meet them.
    let options = Ident::new("options", Span::mixed_site());
    let built = Ident::new("built", Span::mixed_site());
    let mut reads = TokenStream::new();
    let mut values = TokenStream::new();
    let mut expires = TokenStream::new();
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
                let is_period = definition.is_period(ident);
                let declared = declared(field, option, is_period, private, errors);
                reads.extend(quote! {
                    #(#cfg)*
                    let #value: #private::Option<#ty> = #options.option(#declared);
                });
                quote!(#(#cfg)* #ident: #value?,)
            }
            Role::State { expire, .. } => {
                let state = state_field(i);
                if let Some(expire) = expire {
                    // At the attribute, where a field that cannot expire is shown.
                    let span = period_span(expire);
                    let (at, ty) = (private.at(span), private::at(quote!(#ty), span));
                    let expire_after = quote_spanned!(span=> <#ty as #at::Expire>::expire);
                    let after = period(expire, &quote!(#built), definition, private);
                    expires.extend(quote! {
                        #(#cfg)*
                        #expire_after(&mut #built.#ident, #after);
                    });
                }
                quote!(#(#cfg)* #ident: #state().fresh(),)
            }
            Role::Skip => {
                let fresh = fresh(ty, private);
                quote!(#(#cfg)* #ident: #fresh(),)
            }
        });
    }
    let build = if expires.is_empty() {
        quote!(#private::Option::Some(Self { #values }))
    } else {
        quote! {
            let mut #built = Self { #values };
            #expires
            #private::Option::Some(#built)
        }
    };
    quote! {
        trait __Build: #private::Sized {
            fn build(options: &mut #private::OptionReader<'_>) -> #private::Option<Self>;
        }

        #[automatically_derived]
        #[allow(unused_variables)]
        impl __Build for #ident {
            fn build(#options: &mut #private::OptionReader<'_>) -> #private::Option<Self> {
                #reads
                #build
            }
        }
    }
}

/// One option, as its field declares it.
fn declared(
    field: &Field,
    option: &OptionField,
    is_period: bool,
    private: &Private,
    errors: &mut Errors,
) -> TokenStream {
    let ty = &field.ty;
    let of = &option.field_type;
    let (name, docs) = (&option.name.text, &option.docs);
    let at = private.at(ty.span());
    // At one place, so that a type which cannot be an option is one error.
    let shown = private::shown_at(ty.to_token_stream(), ty.span());
    let mut declared =
        quote_spanned!(ty.span()=> <#shown as #at::OptionField>::declare(#name, #docs));
    if let Some(span) = option.flag {
        // A flag has no default, no range and no check.
        return quote_spanned!(span=> #declared.flag());
    }
    if !option.args.is_empty() {
        let names = option.args.iter().map(plain);
        declared.extend(quote!(.args(&[#(#names),*])));
    }
    if is_period {
        declared.extend(quote!(.longer_than_zero()));
    }
    if let Some(default) = &option.default {
        let value = literal::default(default, of, private, errors);
        let at = private.at(default.span());
        let value = quote_spanned! {default.span()=>
            #at::IntoDefault::<#ty>::into_default(#value)
        };
        declared.extend(quote!(.default(#value)));
    }
    // A range for a type without an order is reported once, and not by its limits again.
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
        let span = validate.span();
        let (at, at_ty) = (private.at(span), private.at(ty.span()));
        let item = quote_spanned!(ty.span()=> <#shown as #at_ty::OptionField>::Item);
        let check = if matches!(bare(validate), Expr::Closure(_)) {
            // The type of its argument comes from the option's.
            quote_spanned!(span=> #at::closure_check::<#item, _>(#validate))
        } else {
            quote_spanned!(span=> #at::Check::<#item, _>::boxed(#validate))
        };
        declared.extend(quote!(.validate(#check)));
    }
    declared
}

/// The function that says what is done with a `#[state]` field.
fn state_field(index: usize) -> Ident {
    format_ident!("__state_{index}")
}

/// The function that makes the first value of a field. A missing `Default` is reported at the type.
fn fresh(ty: &Type, private: &Private) -> TokenStream {
    let at = private.at(ty.span());
    quote_spanned! {ty.span()=>
        <#ty as #at::Fresh<{
            #[allow(unused_imports)]
            use #at::IsNoStateStruct as _;
            <#at::IsStateStruct<#ty>>::ANSWER
        }>>::fresh
    }
}

/// The place that a period comes from.
fn period_span(period: &Period) -> Span {
    match period {
        Period::Fixed(span, _) => *span,
        Period::Option(field) => field.span(),
    }
}

/// A period as an `Option<Duration>`.
fn period(
    period: &Period,
    udf: &TokenStream,
    definition: &Definition,
    private: &Private,
) -> TokenStream {
    match period {
        Period::Fixed(_, duration) => {
            let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
            quote!(#private::Option::Some(#private::Duration::new(#secs, #nanos)))
        }
        Period::Option(name) => {
            let is_named = |(field, _): &(&Field, &OptionField)| field.ident == *name;
            let field = definition.options().find(is_named);
            // A field that is missing was reported.
            let ty = field.map(|(field, _)| &field.ty);
            let at = private.at(name.span());
            quote_spanned!(name.span()=> <#ty as #at::Period>::period(&#udf.#name))
        }
    }
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
        let Role::State { was, .. } = &field.role else {
            continue;
        };
        let Field { ident, ty, cfg, .. } = field;
        let (state, value) = (state_field(i), format_ident!("value_{i}"));
        let name = plain(ident);
        let was = match was {
            Some(was) => {
                let text = &was.text;
                quote!(#private::Option::Some(#text))
            }
            None => quote!(#private::Option::None),
        };
        let at = private.at(ty.span());
        let fresh = fresh(ty, private);
        let of_type = quote_spanned! {ty.span()=>
            #fresh, <#ty as #at::Stored>::write, <#ty as #at::Stored>::read
        };
        fields.extend(quote! {
            #(#cfg)*
            fn #state() -> #private::StateField<#ty> {
                #private::StateField::new(#name, #was, #of_type)
            }
        });
        write.extend(quote! {
            #(#cfg)*
            #state().write(&mut writer, &this.#ident)?;
        });
        read.extend(quote! {
            #(#cfg)*
            let mut #value = #state().read(&mut reader)?;
        });
        // Only when all of them have been read.
        assign.extend(quote! {
            #(#cfg)*
            {
                #private::Restored(&mut #value).keep_settings(&this.#ident);
                this.#ident = #value;
            }
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

        #[allow(unused_imports, unused_mut)]
        fn __restore(this: &mut #udf, state: &[u8]) -> #private::Result<(), #private::Error> {
            use #private::KeepsNoSettings as _;
            let mut reader = #private::StateReader::new(state)?;
            #read
            #assign
            reader.warn_of_unread();
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

/// Functions that only some UDFs have, at the places of the attributes that ask for them.
fn optional_hooks(definition: &Definition, private: &Private) -> TokenStream {
    let udf = &definition.ident;
    let tick_every = definition.tick.as_ref().map(|tick| {
        let every = period(tick, &quote!(this), definition, private);
        quote! {
            #[allow(unused_variables)]
            fn __tick_every(this: &#udf) -> #private::Option<#private::Duration> {
                #every
            }
        }
    });
    let migrate = definition.migrate.map(|span| {
        let (at, udf_at) = (private.at(span), private::at(quote!(#udf), span));
        let migrate = quote_spanned!(span=> <#udf_at as #at::MigrateState>::migrate);
        quote! {
            fn __migrate(
                this: &mut #udf,
                version: u32,
                old: #private::OldState<'_>,
            ) -> #private::Result<(), #private::Error> {
                #migrate(this, version, old)
            }
        }
    });
    let option_at = option_at(definition, private);
    quote! {
        #option_at
        #tick_every
        #migrate
    }
}

/// Refuses an `impl` of the trait that the edges do not ask for, because nothing calls its methods.
/// Without the right `impl`, the compiler reports that one alone.
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
    let option_at = option_at(definition, private).map(|_| {
        quote! {
            fn option_at(&self, address: usize) -> #private::Option<&'static str> {
                __option_at(self, address)
            }
        }
    });
    let tick = definition.tick.as_ref().map(|_| {
        quote! {
            fn tick_every(&self) -> #private::Option<#private::Duration> {
                __tick_every(self)
            }
        }
    });
    let migrate = definition.migrate.map(|_| {
        quote! {
            fn migrate(
                &mut self,
                version: u32,
                old: #private::OldState<'_>,
            ) -> #private::Option<#result> {
                #private::Option::Some(__migrate(self, version, old))
            }
        }
    });
    let custom_state = definition.custom_state.is_some();
    let keeps_state = custom_state || definition.state().next().is_some();
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
    let methods = quote! {
            type Output = #output;

            const NAME: &'static str = #name;

            fn spec() -> #private::Spec {
                let mut spec = #private::Spec::new(#name, #wants, #provides);
                spec.docs = #docs;
                spec.version = match ::core::option_env!("CARGO_PKG_VERSION") {
                    #private::Option::Some(version) => version,
                    #private::Option::None => "",
                };
                spec.options = #private::OptionReader::describe(<#ident as __Build>::build);
                spec.on_error = #on_error;
                spec.on_restore_error = #on_restore_error;
                spec.state_version = #state_version;
                spec.keeps_state = #keeps_state;
                spec.custom_state = #custom_state;
                spec
            }

            fn from_options(
                calls: &[#private::Call],
            ) -> #private::Result<Self, #private::OptionErrors> {
                #private::OptionReader::read(calls, <#ident as __Build>::build)
            }

            #option_at

            fn init(&mut self, task: &#private::Task) -> #result {
                #hooks::on_init(self, task)
            }

            #input

            #tick

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

            #migrate
    };
    // At the struct's name, so that a missing `impl` of the hooks is shown there. The scope is the
    // macro's own, so that no lint looks into the code.
    let at = |tokens, span| private::at(tokens, Span::call_site().located_at(span));
    let methods = at(methods, ident.span());
    let header = at(
        quote!(impl #private::Udf for #ident),
        unsendable(definition).unwrap_or(ident.span()),
    );
    quote! {
        #[automatically_derived]
        #header {
            #methods
        }
    }
}

/// The function that finds an option by the address of its text, if an option may have a text.
fn option_at(definition: &Definition, private: &Private) -> Option<TokenStream> {
    let udf = &definition.ident;
    let options = definition.options();
    let texts = options.filter(|(_, option)| option.flag.is_none() && option.field_type.has_text());
    let texts: Vec<_> = texts
        .map(|(field, option)| {
            let Field { ident, ty, cfg, .. } = field;
            let name = &option.name.text;
            // At the type, so that one which cannot be an option is not a second error.
            let (at, shown) = (
                private.at(ty.span()),
                private::shown_at(ty.to_token_stream(), ty.span()),
            );
            let is_at = quote_spanned!(ty.span()=> <#shown as #at::OptionField>::is_at);
            quote! {
                #(#cfg)*
                if #is_at(&this.#ident, address) {
                    return #private::Option::Some(#name);
                }
            }
        })
        .collect();
    if texts.is_empty() {
        return None;
    }
    Some(quote! {
        fn __option_at(this: &#udf, address: usize) -> #private::Option<&'static str> {
            #(#texts)*
            #private::Option::None
        }
    })
}

/// The place of a field that keeps the UDF from being `Send`, as far as the name of a type says so.
fn unsendable(definition: &Definition) -> Option<Span> {
    fn has_rc(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "Rc",
            TokenTree::Group(group) => has_rc(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    let mut fields = definition.fields.iter();
    let field = fields.find(|field| has_rc(field.ty.to_token_stream()))?;
    Some(field.ty.span())
}
