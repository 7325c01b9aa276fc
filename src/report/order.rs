//! The order of the subjects of a system. Main type: [`Order`].

use std::sync::Arc;

use crate::event::{Subject, SubjectFinished};

/// File, line, column, name: the order of all lists of subjects. Workers finish in a different order each time, and no report may depend
/// on that. For a subject that is not written in a file, the number at the start of its name counts: entries keep the order of their
/// recording.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    file: Arc<str>,
    at: (usize, usize),
    name: Arc<str>,
}

impl Order {
    /// `place` is the line and the column.
    pub(super) fn new(subject: &Subject, place: Option<(usize, usize)>) -> Self {
        let Subject {
            kind: _,
            system: _,
            file,
            name,
        } = subject;
        Order {
            file: Arc::clone(file),
            at: place.unwrap_or_else(|| (leading_number(name), 0)),
            name: Arc::clone(name),
        }
    }

    pub(super) fn of(finished: &SubjectFinished) -> Self {
        let place = finished.place.as_deref();
        Order::new(
            &finished.subject,
            place.map(|place| (place.line, place.column)),
        )
    }
}

/// 0 if the name does not begin with a number.
fn leading_number(name: &str) -> usize {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => 0,
        digits => name[..digits].parse().unwrap_or(usize::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SubjectKind;

    #[test]
    fn entries_are_in_the_order_of_their_recording() {
        let order = |name: &str| {
            let entry = Subject {
                kind: SubjectKind::Entry,
                ..Subject::case("shop", "recorded.har", name)
            };
            Order::new(&entry, None)
        };
        assert!(order("9 logs in") < order("10 logs out"));
        assert!(order("no number") < order("1 logs in"));
        assert!(order("99999999999999999999999 far") > order("10 near"));
    }
}
