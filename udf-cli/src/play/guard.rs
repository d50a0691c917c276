//! Who may use the page: a browser that knows the address, and no page of another site.
//!
//! Any page in the browser can send requests to this machine, and a name server can let the name of a
//! foreign site stand for 127.0.0.1. So a request needs the secret in its path, our own `Host` and, where
//! the browser sends one, our own `Origin`.

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// A secret for an address.
pub(super) fn token() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Refuses foreign requests, and says in each response what the browser may do with it.
pub(super) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = match is_ours(request.headers(), port) {
        true => next.run(request).await,
        false => (
            StatusCode::FORBIDDEN,
            "expected the Host and the Origin of this page",
        )
            .into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Nothing is loaded from elsewhere, nothing is sent elsewhere, and no other page frames this one. plotly.js
/// makes style sheets and images in the page itself.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

fn is_ours(headers: &HeaderMap, port: u16) -> bool {
    let names = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_host = |value: &HeaderValue| names.iter().any(|name| value == name.as_str());
    let is_origin = |value: &HeaderValue| {
        let host = value
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://"));
        host.is_some_and(|host| names.iter().any(|name| name == host))
    };
    headers.get(header::HOST).is_some_and(is_host)
        && headers.get(header::ORIGIN).is_none_or(is_origin)
}
