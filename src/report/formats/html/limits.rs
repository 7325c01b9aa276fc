//! Length limits for the page's texts, and the format of durations.

/// Maximum number of characters of a name, an operation or a place.
pub(super) const NAME: usize = 300;
/// Maximum number of characters of a message.
pub(super) const MESSAGE: usize = 600;
/// Maximum number of characters of an expected or actual value.
pub(super) const VALUE: usize = 1000;

/// `12 ms`, from ten seconds on `12.3 s`; below ten milliseconds with one decimal.
pub(super) fn duration(milliseconds: f64) -> String {
    if milliseconds < 9.95 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 10_000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}
