//! Where a file lies in the repository, for reports that a service shows beside its files.

/// Gives a file's path from the root of the repository, with `/` between its parts; `None` for a file that is not in it. Whoever
/// renders a report passes one: the renderers look at no disk.
pub type Locate<'a> = dyn Fn(&str) -> Option<String> + 'a;
