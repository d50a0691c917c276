//! The READMEs and the pages of the guide, each as a module whose documentation it is.

/// The pages, made by the build script.
#[cfg(doctest)]
pub mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
