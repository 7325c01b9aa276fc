//! The path of a file in the repository, for reports that a service shows beside its files.

/// Returns a file's path from the root of the repository, with `/` between its parts; `None` for a file outside the repository. The caller
/// of a renderer passes it: the renderers do not read the disk.
pub type Locate<'a> = dyn Fn(&str) -> Option<String> + 'a;
