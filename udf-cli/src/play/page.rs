//! The files of the page. All of them are in this program.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

const FILES: [(&str, &str, &str); 6] = [
    (
        "",
        "text/html; charset=utf-8",
        include_str!("page/index.html"),
    ),
    (
        "page.css",
        "text/css; charset=utf-8",
        include_str!("page/page.css"),
    ),
    ("page.js", SCRIPT, include_str!("page/page.js")),
    ("form.js", SCRIPT, include_str!("page/form.js")),
    ("inputs.js", SCRIPT, include_str!("page/inputs.js")),
    ("plot.js", SCRIPT, include_str!("page/plot.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the page.
pub(super) fn file(name: &str) -> Option<Response> {
    if name == "plotly.js" {
        return Some(([(CONTENT_TYPE, SCRIPT)], PLOTLY.as_str()).into_response());
    }
    let (_, kind, text) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some(([(CONTENT_TYPE, *kind)], *text).into_response())
}

/// plotly.js. The crate has it in a script element of HTML, before another script that typesets formulas.
static PLOTLY: LazyLock<String> = LazyLock::new(|| {
    let html = plotly::Plot::offline_js_sources();
    let script = html.split_once('>').map_or("", |(_, rest)| rest);
    let end = script.find("</script>").unwrap_or(script.len());
    script[..end].to_owned()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plotly_is_a_script_alone() {
        let script = PLOTLY.trim();
        assert!(script.starts_with("/**\n* plotly.js v"), "{:.40}", script);
        assert!(!script.contains("MathJax.loader"));
        assert!(script.len() > 1_000_000);
    }
}
