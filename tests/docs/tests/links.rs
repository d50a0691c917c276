//! Links in all Markdown files lead somewhere, and the guide is complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What a Markdown file says.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    /// What a link's `#` can name.
    anchors: BTreeSet<String>,
    /// Texts in code font.
    codes: Vec<String>,
    /// Language and text of each block of code.
    blocks: Vec<(String, String)>,
}

fn root() -> PathBuf {
    plain(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// All Markdown files of the repository.
fn pages() -> BTreeMap<PathBuf, Page> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            if path.is_dir() {
                let is_built = ["target", "book", "node_modules"].contains(&&*name);
                if !is_built && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path).expect("it is readable");
                pages.insert(path, read(&text));
            }
        }
    }
    pages
}

fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut heading: Option<String> = None;
    let mut block: Option<(String, String)> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let text = heading.take().unwrap_or_default();
                let same = |anchor: &String| *anchor == slug(&text);
                let number = page.anchors.iter().filter(|anchor| same(anchor)).count();
                page.anchors.insert(match number {
                    0 => slug(&text),
                    number => format!("{}-{number}", slug(&text)),
                });
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.into_string(),
                    CodeBlockKind::Indented => "indented".to_owned(),
                };
                block = Some((language, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
            Event::Text(text) | Event::Code(text) if heading.is_some() => {
                heading.get_or_insert_default().push_str(&text);
            }
            Event::Text(text) => {
                if let Some((_, block)) = &mut block {
                    block.push_str(&text);
                }
            }
            Event::Code(text) => page.codes.push(text.into_string()),
            _ => {}
        }
    }
    page
}

/// The anchor that GitHub and mdBook make of a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|char| match char {
        ' ' => Some('-'),
        '-' | '_' => Some(char),
        char if char.is_alphanumeric() => Some(char),
        _ => None,
    });
    kept.collect::<String>().to_lowercase()
}

/// The file and the anchor that a link names; `None` for other sites.
fn target<'a>(page: &Path, link: &'a str) -> Option<(PathBuf, Option<&'a str>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (link, None),
    };
    let file = match file {
        "" => page.to_owned(),
        file => plain(&page.parent().expect("a folder").join(file)),
    };
    Some((file, anchor))
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut wrong = Vec::new();
    let mut links = 0;
    for (path, page) in &pages {
        for link in &page.links {
            let Some((file, anchor)) = target(path, link) else {
                continue;
            };
            links += 1;
            let has_anchor = |anchor| {
                let page = pages.get(&file);
                page.is_some_and(|page| page.anchors.contains(anchor))
            };
            if !file.exists() || anchor.is_some_and(|anchor| !has_anchor(anchor)) {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(links > 50, "found only {links} links");
    assert!(wrong.is_empty(), "dead links:\n{}", wrong.join("\n"));
}

/// The pages of the guide.
fn guide() -> BTreeMap<PathBuf, Page> {
    let folder = root().join("docs/guide/src");
    let mut pages = pages();
    pages.retain(|path, _| path.starts_with(&folder));
    assert!(!pages.is_empty(), "the guide is not there");
    pages
}

#[test]
fn every_page_of_the_guide_is_in_its_summary() {
    let mut pages = guide();
    let summary = root().join("docs/guide/src/SUMMARY.md");
    let listed = pages.remove(&summary).expect("the summary").links;
    let listed: BTreeSet<_> = listed
        .iter()
        .filter_map(|link| Some(target(&summary, link)?.0))
        .collect();
    assert_eq!(pages.into_keys().collect::<BTreeSet<_>>(), listed);
}

/// mdBook publishes nothing else, and gives links to other Markdown files the ending `.html`.
#[test]
fn links_of_the_guide_stay_in_the_guide() {
    let folder = root().join("docs/guide/src");
    for (path, page) in guide() {
        for link in &page.links {
            if let Some((file, _)) = target(&path, link) {
                assert!(file.starts_with(&folder), "{}: {link}", path.display());
            }
        }
    }
}

#[test]
fn files_that_the_guide_names_are_there() {
    for (path, page) in guide() {
        for code in &page.codes {
            let is_path = code.starts_with("docs/") || code.starts_with("examples/");
            let is_there = root().join(code).exists();
            assert!(!is_path || is_there, "{}: {code}", path.display());
        }
    }
}

/// A block that no doc test compiles shows a recipe, which is another program.
#[test]
fn rust_in_the_guide_is_compiled() {
    let recipes = root().join("examples/recipes/src/bin");
    let mut shown = BTreeSet::new();
    for (path, page) in guide() {
        for (language, text) in &page.blocks {
            let at = path.display();
            assert_ne!(language, "indented", "{at}: {text}");
            if language == "rust" || !language.starts_with("rust") {
                continue;
            }
            assert_eq!(language, "rust,ignore", "{at}");
            let file = text
                .trim()
                .strip_prefix("{{#include ")
                .and_then(|text| text.strip_suffix("}}"));
            let (file, _) = file
                .and_then(|file| target(&path, file))
                .unwrap_or_else(|| panic!("{at}: expected a file, found {text}"));
            assert!(file.starts_with(&recipes) && file.exists(), "{at}: {text}");
            shown.insert(file);
        }
    }
    let recipes = fs::read_dir(recipes).expect("the recipes");
    let recipes: BTreeSet<_> = recipes.map(|it| it.expect("a recipe").path()).collect();
    assert_eq!(shown, recipes, "each recipe has a page");
}
