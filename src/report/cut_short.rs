//! Why a run has fewer verdicts than cases planned. Main type: [`CutShort`].

use super::Report;

/// What ended a run before its last case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutShort<'r> {
    /// The user did.
    Interrupted,
    /// The run itself, for this reason: `after 3 failures`.
    Stopped(&'r str),
    /// The recording has no end: the run was killed, or it still goes on.
    Killed,
}

impl Report {
    /// Whether the run ended before its last case, and why; `None` where it came to its end.
    pub fn cut_short(&self) -> Option<CutShort<'_>> {
        match self.end() {
            None => Some(CutShort::Killed),
            Some(end) if end.interrupted => Some(CutShort::Interrupted),
            Some(end) => end.stopped.as_deref().map(CutShort::Stopped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::fixture;

    #[test]
    fn the_wish_of_the_user_counts_before_the_runs_own() {
        let cut_short = |interrupted, stopped: Option<&str>| {
            let Event::RunFinished(mut end) = fixture::finished() else {
                panic!("the end of a run");
            };
            end.interrupted = interrupted;
            end.stopped = stopped.map(str::to_owned);
            let report = Report::from_events(&[fixture::started(), Event::RunFinished(end)]);
            format!("{:?}", report.cut_short())
        };
        assert_eq!(cut_short(false, None), "None");
        assert_eq!(
            cut_short(false, Some("after 1 failure")),
            "Some(Stopped(\"after 1 failure\"))"
        );
        assert_eq!(
            cut_short(true, Some("after 1 failure")),
            "Some(Interrupted)"
        );
        let killed = Report::from_events(&[fixture::started()]);
        assert_eq!(killed.cut_short(), Some(CutShort::Killed));
    }
}
