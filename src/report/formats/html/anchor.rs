//! Anchors in the page. Main type: [`Anchors`].

use std::collections::HashSet;
use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

use crate::event::Subject;

/// Gives each case an anchor that is unique in the page and the same in every run.
#[derive(Debug, Default)]
pub(super) struct Anchors(HashSet<String>);

/// Maximum number of characters of a case's name in its anchor.
const READABLE: usize = 48;

impl Anchors {
    /// `case-a-customer-reads-her-own-data-1f2e3d4c`. A case that occurs twice (a damaged recording) gets a number.
    pub(super) fn of(&mut self, subject: &Subject) -> String {
        let mut anchor = String::from("case-");
        for c in subject.name.chars() {
            if anchor.len() >= READABLE {
                break;
            }
            if c.is_ascii_alphanumeric() {
                anchor.push(c.to_ascii_lowercase());
            } else if !anchor.ends_with('-') {
                anchor.push('-');
            }
        }
        if !anchor.ends_with('-') {
            anchor.push('-');
        }
        for byte in &digest(&SHA256, subject.to_string().as_bytes()).as_ref()[..4] {
            // Writing to a String cannot fail.
            let _ = write!(anchor, "{byte:02x}");
        }
        let mut own = anchor.clone();
        let mut number = 1;
        while !self.0.insert(own.clone()) {
            number += 1;
            own = format!("{anchor}-{number}");
        }
        own
    }
}
