//! What becomes of a report that is complete: it is shown, written and annotated. Main type: [`Outputs`].

use super::gate::CoverageGate;
use super::record::Record;
use super::report_files::{Proposals, ReportFiles, not_written};
use super::{ExitStatus, Setting};
use crate::cli::annotations::Annotations;
use crate::cli::repository::Repository;
use crate::diagnostic::Diagnostics;
use crate::report::{Report, terminal};

/// Where a report goes when it is complete.
pub(super) struct Outputs<'a> {
    pub(super) files: ReportFiles,
    pub(super) record: Option<Record>,
    pub(super) proposals: Option<Proposals>,
    pub(super) gate: CoverageGate<'a>,
    /// Why the ratchet must not be written: the run left something out.
    pub(super) partial: Option<&'static str>,
    /// Whether the closing lines are shown: not where standard output carries something else.
    pub(super) closing: bool,
}

impl Outputs<'_> {
    /// Judges the coverage, then shows and writes everything; what fails is told with `diagnostics`. Returns the report's exit status,
    /// raised by [`ExitStatus::without_output`] where something could not be written.
    pub(super) fn finish(
        self,
        report: &mut Report,
        annotations: &Annotations,
        setting: &Setting<'_>,
        mut diagnostics: Diagnostics,
    ) -> ExitStatus {
        let console = setting.console;
        self.gate.judge(report);
        self.gate.show(report, setting);
        let repository = Repository::around(setting.working_folder, setting.environment);
        let locate = |file: &str| repository.locate(file);
        if let Err((file, error)) = annotations.tell(report, &locate) {
            diagnostics.push(not_written(&file, &error.to_string()));
        }
        if self.closing {
            annotations.close(&terminal::closing(report, console.look()));
        }
        self.files.finish(report, &locate, &mut diagnostics);
        if let Some(record) = self.record {
            record.finish(&mut diagnostics);
        }
        if let Some(proposals) = self.proposals {
            proposals.finish(report, &mut diagnostics);
        }
        self.gate.update(report, self.partial, &mut diagnostics);
        let status = match diagnostics.has_errors() {
            true => report.exit_status().without_output(),
            false => report.exit_status(),
        };
        CoverageGate::tell(report, &mut diagnostics);
        console.diagnostics(&diagnostics);
        status
    }
}
