//! Shows, writes and annotates a complete report. Main type: [`Outputs`].

use super::gate::CoverageGate;
use super::overlay_files::OverlayProposals;
use super::record::Record;
use super::report_files::{Proposals, ReportFiles, not_written};
use super::{ExitStatus, Setting};
use crate::cli::annotations::Annotations;
use crate::cli::repository::Repository;
use crate::diagnostic::Diagnostics;
use crate::report::{Report, terminal};

/// The outputs of a complete report.
pub(super) struct Outputs<'a> {
    pub(super) files: ReportFiles,
    pub(super) record: Option<Record>,
    pub(super) proposals: Option<Proposals>,
    pub(super) overlays: Option<OverlayProposals>,
    pub(super) gate: CoverageGate<'a>,
    /// Why the ratchet must not be written: the run was not complete.
    pub(super) partial: Option<&'static str>,
    /// Whether the closing lines are shown. They are not if standard output is used for events.
    pub(super) closing: bool,
}

impl Outputs<'_> {
    /// Checks the coverage, then shows and writes everything; failures are printed with `diagnostics`. Returns the report's exit status,
    /// raised by [`ExitStatus::without_output`] if something could not be written.
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
        if let Err((file, error)) = annotations.publish(report, &locate) {
            diagnostics.push(not_written(&file, error));
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
        if let Some(overlays) = self.overlays {
            overlays.finish(console, &mut diagnostics);
        }
        self.gate.update(report, self.partial, &mut diagnostics);
        let status = match diagnostics.has_errors() {
            true => report.exit_status().without_output(),
            false => report.exit_status(),
        };
        CoverageGate::report_shortfalls(report, &mut diagnostics);
        console.diagnostics(&diagnostics);
        status
    }
}
