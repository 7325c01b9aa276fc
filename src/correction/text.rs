//! The text of proposed overlays. Main types: [`Proposal`], [`ProposedOverlay`].

use std::fmt::Write;

use super::overlay::overlay_text;
use super::rounds::Rounds;
use crate::contract::Contract;
use crate::judge::{Observations, ObservedExchange};
use crate::text::{counted, line};

/// How many kinds of remaining findings the head lists.
const LISTED: usize = 40;

/// Everything that is proposed for a run.
#[derive(Debug)]
pub struct Proposal {
    /// The contracts' own documents first, then those that they refer to; by name.
    pub overlays: Vec<ProposedOverlay>,
    /// What remains, a line for each kind.
    remaining: Vec<String>,
}

/// An overlay for one document.
#[derive(Debug)]
pub struct ProposedOverlay {
    /// The document, as shown to the user.
    pub document: String,
    /// The number of actions.
    pub actions: usize,
    /// The overlay that the document already has.
    existing: Option<String>,
    text: String,
}

impl Proposal {
    /// The text of the file for one of the overlays. `others` are the files of the other overlays.
    pub fn text(&self, overlay: &ProposedOverlay, others: &[String]) -> String {
        let file = file_of(&overlay.document);
        let overlay_file = format!("{}.overlay.yaml", stem_of(file));
        let mut head = format!(
            "# Proposed corrections of {}: what a server sent, which need not be what is right.\n\
             # Whether the document or the server is wrong is for a person to decide. Keep the actions where the document is\n\
             # wrong; remove the others, and have the server corrected.\n",
            line(&overlay.document)
        );
        // Writing to a `String` cannot fail.
        let _ = match &overlay.existing {
            Some(existing) => writeln!(
                head,
                "# The document already has the overlay {}: append the actions to those in it.",
                line(existing)
            ),
            None => writeln!(
                head,
                "# To apply them, name this file {} and put it beside the document.",
                line(&overlay_file)
            ),
        };
        if !others.is_empty() {
            let others: Vec<String> = others.iter().map(|file| line(file).into_owned()).collect();
            let _ = writeln!(
                head,
                "# Other documents have files of their own: {}.",
                others.join(", ")
            );
        }
        head.push_str(&self.remaining_lines());
        format!("{head}{}", overlay.text)
    }

    /// The text of the file where no action is proposed.
    pub fn text_without_actions(&self) -> String {
        let remaining = self.remaining_lines();
        format!(
            "# No corrections of a document are proposed: nothing deviates that an overlay can put right.\n{remaining}overlay: 1.0.0\n\
             info: {{ title: No corrections, version: \"0\" }}\nactions: []\n"
        )
    }

    fn remaining_lines(&self) -> String {
        if self.remaining.is_empty() {
            return String::new();
        }
        let mut text = "# Not proposed:\n".to_owned();
        for remaining in &self.remaining {
            let _ = writeln!(text, "# - {}", line(remaining));
        }
        text
    }
}

/// The proposal after all rounds.
pub(super) fn proposal(
    exchanges: &[ObservedExchange],
    rounds: Rounds,
    observations: &Observations,
) -> Proposal {
    let mut overlays: Vec<(bool, ProposedOverlay)> = Vec::new();
    for (document, actions) in &rounds.actions {
        let own = exchanges
            .iter()
            .find(|observed| observed.contract.name == *document);
        let refers = |observed: &&ObservedExchange| {
            let mut files = observed.contract.files();
            files.any(|file| file == document)
        };
        let Some(observed) = own.or_else(|| exchanges.iter().find(refers)) else {
            continue;
        };
        let contract = &observed.contract;
        let title = format!("Proposed corrections of {}", contract.title);
        let text = overlay_text(&title, &contract.version, Some(file_of(document)), actions);
        let overlay = ProposedOverlay {
            document: document.clone(),
            actions: actions.len(),
            existing: existing(contract, document),
            text,
        };
        overlays.push((own.is_none(), overlay));
    }
    overlays.sort_by_key(|(is_referred, _)| *is_referred);
    Proposal {
        overlays: overlays.into_iter().map(|(_, overlay)| overlay).collect(),
        remaining: remaining(&rounds, observations),
    }
}

fn existing(contract: &Contract, document: &str) -> Option<String> {
    contract.overlay_of(document).map(str::to_owned)
}

fn remaining(rounds: &Rounds, observations: &Observations) -> Vec<String> {
    let mut lines = Vec::new();
    for (other, count) in rounds.remaining.iter().take(LISTED) {
        lines.push(format!(
            "{} of {} in {} at {}: {}",
            counted(*count, "finding"),
            other.code,
            other.operation,
            other.at,
            other.why
        ));
    }
    if let more @ 1.. = rounds.remaining.len().saturating_sub(LISTED) {
        lines.push(format!("{} of findings more", counted(more, "kind")));
    }
    if rounds.unsolved > 0 {
        lines.push(format!(
            "{} that the actions do not put right",
            counted(rounds.unsolved, "finding")
        ));
    }
    for (code, count) in observations.others() {
        lines.push(format!(
            "{} of {code}: not a matter of a document",
            counted(count, "finding")
        ));
    }
    if let left_out @ 1.. = observations.left_out() {
        lines.push(format!(
            "{} with findings, because there were too many: repeat the run with the corrections",
            counted(left_out, "response")
        ));
    }
    lines
}

/// The last part of a path or URL.
fn file_of(document: &str) -> &str {
    document.rsplit(['/', '\\']).next().unwrap_or(document)
}

fn stem_of(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::corrected_by;

    #[test]
    fn a_document_and_its_overlay_have_one_stem() {
        let file = file_of("schemas/shop/api.v2.yaml");
        let overlay = format!("{}.overlay.yaml", stem_of(file));
        assert_eq!(overlay, "api.v2.overlay.yaml");
        assert!(corrected_by(&overlay).any(|document| document == file));
    }
}
