//! Makes modules of the pages, so that their code is compiled.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = package.join("../..");
    let guide = root.join("docs/guide/src");
    let mut pages = vec![root.join("README.md"), root.join("udf-runtime/README.md")];
    for folder in [guide.join("recipes"), guide] {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();

    let (mut docs, mut programs) = (String::new(), String::new());
    for page in &pages {
        println!("cargo::rerun-if-changed={}", page.display());
        let name = module_name(page);
        writeln!(
            docs,
            "#[doc = include_str!({page:?})]\npub mod {name} {{}}\n"
        )?;
        // A page with a test shows a program in pieces: doc tests do not run a module with `#[cfg(test)]`.
        let blocks = rust_blocks(&fs::read_to_string(page)?);
        if blocks.contains("#[cfg(test)]") {
            writeln!(programs, "mod {name} {{\n{blocks}}}\n")?;
        }
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("pages.rs"), docs)?;
    fs::write(out.join("programs.rs"), programs)?;
    Ok(())
}

fn module_name(page: &Path) -> String {
    let stem = page.file_stem().unwrap_or_default().to_string_lossy();
    let folder = page.parent().and_then(Path::file_name).unwrap_or_default();
    let prefix = match folder.to_str() {
        Some("recipes") => "recipe_",
        Some("udf-runtime") => "udf_runtime_",
        _ => "",
    };
    format!("{prefix}{stem}").to_lowercase().replace('-', "_")
}

/// The Rust blocks of a page, one after another.
fn rust_blocks(page: &str) -> String {
    let mut blocks = String::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```rust" => inside = true,
            "```" => inside = false,
            line if inside => {
                blocks.push_str(line);
                blocks.push('\n');
            }
            _ => {}
        }
    }
    blocks
}
