//! The path by which generated code names what it uses.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Path;

/// `::udf_runtime::__private`, or where else the runtime is.
pub(crate) struct Private(TokenStream);

impl Private {
    pub(crate) fn of(runtime: &Path) -> Self {
        Self(quote!(#runtime::__private))
    }

    /// The same with all its tokens at this place, so that the compiler shows what is wrong there.
    pub(crate) fn at(&self, span: Span) -> Self {
        Self(at(self.0.clone(), span))
    }

    /// The path as text.
    pub(crate) fn text(&self) -> String {
        self.0.to_string().replace(' ', "")
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The tokens shown at one place. Each keeps the scope that its name is looked up in.
pub(crate) fn shown_at(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), shown_at(group.stream(), span));
            moved.set_span(group.span().located_at(span));
            TokenTree::Group(moved)
        }
        mut other => {
            other.set_span(other.span().located_at(span));
            other
        }
    });
    moved.collect()
}

/// The tokens at one place, in the scope of that place.
pub(crate) fn at(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), at(group.stream(), span));
            moved.set_span(span);
            TokenTree::Group(moved)
        }
        mut other => {
            other.set_span(span);
            other
        }
    });
    moved.collect()
}
