//! Standard output and standard error, with or without colours. Main type: [`Console`].

use std::io::{IsTerminal, Write};

use super::args::{ColorArg, GlobalArgs};
use super::environment::Environment;
use crate::diagnostic::{DiagnosticSeverity, Diagnostics, Style};
use crate::report::terminal::Look;
use crate::text::counted;

/// Output of the program: results go to standard output, messages about the program itself to standard error.
///
/// A closed pipe (`| head`) is not an error: text that cannot be written is dropped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Console {
    pub(super) verbosity: Verbosity,
    output: Style,
    error: Style,
}

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verbosity {
    /// Only errors and the last line.
    Quiet,
    /// Also the progress of a run, and summaries.
    Normal,
    /// Also every case that passed.
    Verbose,
}

impl Console {
    /// The console for the flags given. Colours: `--color`, else `NO_COLOR`, else `CLICOLOR_FORCE`, else whether it is a terminal.
    pub(super) fn new(args: &GlobalArgs, environment: &Environment) -> Console {
        let verbosity = match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        let style = |is_terminal| style(args.color, environment, is_terminal);
        Console {
            verbosity,
            output: style(std::io::stdout().is_terminal()),
            error: style(std::io::stderr().is_terminal()),
        }
    }

    /// Style and width of text for standard output: the width of the terminal, else 100 columns.
    pub(super) fn look(&self) -> Look {
        let width = terminal_size::terminal_size_of(std::io::stdout());
        Look {
            style: self.output,
            width: width.map_or(Look::default().width, |(width, _)| width.0.into()),
        }
    }

    /// Whether progress can be drawn.
    pub(super) fn is_terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Writes a text and a line break to standard output.
    pub(super) fn say(&self, text: &str) {
        write(
            &mut anstream::AutoStream::new(std::io::stdout().lock(), choice(self.output)),
            text,
        );
    }

    /// Writes a text and a line break to standard error.
    pub(super) fn warn(&self, text: &str) {
        write(
            &mut anstream::AutoStream::new(std::io::stderr().lock(), choice(self.error)),
            text,
        );
    }

    /// Writes all diagnostics to standard error, in the order of files and lines.
    pub(super) fn diagnostics(&self, diagnostics: &Diagnostics) {
        if diagnostics.is_empty() {
            return;
        }
        let mut sorted = diagnostics.clone();
        sorted.sort();
        self.warn(&(sorted.render(self.error) + "\n"));
    }
}

/// `2 errors, 1 warning`
pub(super) fn tally(diagnostics: &Diagnostics) -> String {
    let errors = counted(diagnostics.count(DiagnosticSeverity::Error), "error");
    let warnings = counted(diagnostics.count(DiagnosticSeverity::Warning), "warning");
    format!("{errors}, {warnings}")
}

fn write(stream: &mut impl Write, text: &str) {
    // The reader has closed the pipe: there is nowhere to report it.
    let _ = writeln!(stream, "{text}").and_then(|()| stream.flush());
}

fn choice(style: Style) -> anstream::ColorChoice {
    match style {
        Style::Plain => anstream::ColorChoice::Never,
        Style::Coloured => anstream::ColorChoice::Always,
    }
}

fn style(flag: ColorArg, environment: &Environment, is_terminal: bool) -> Style {
    let coloured = match flag {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if environment.no_color() => false,
        ColorArg::Auto if environment.force_color() => true,
        ColorArg::Auto => is_terminal,
    };
    match coloured {
        true => Style::Coloured,
        false => Style::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_flag_then_no_color_then_force_then_terminal() {
        use ColorArg::{Always, Auto, Never};
        let none = Environment::default();
        let off = Environment::with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]);
        let forced = Environment::with(&[("CLICOLOR_FORCE", "1")]);
        for (flag, environment, is_terminal, expected) in [
            (Auto, &none, true, Style::Coloured),
            (Auto, &none, false, Style::Plain),
            (Auto, &off, true, Style::Plain),
            (Auto, &forced, false, Style::Coloured),
            (Always, &off, false, Style::Coloured),
            (Never, &forced, true, Style::Plain),
        ] {
            assert_eq!(style(flag, environment, is_terminal), expected);
        }
    }
}
