//! The language of a response, negotiated by Accept-Language.

/// A language in which products have titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

impl Language {
    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    fn of(range: &str) -> Option<Language> {
        let primary = range.split('-').next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" | "*" => Some(Language::English),
            "de" => Some(Language::German),
            _ => None,
        }
    }
}

/// Whether the qualities of the accepted languages count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    Used,
    Ignored,
}

/// The known language of the highest quality, the first of several; nothing when none is accepted.
pub fn negotiate(header: &str, quality: Quality) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(Language::of) else {
            continue;
        };
        let mut weight = 1.0;
        if quality == Quality::Used {
            let written = parts.find_map(|part| part.strip_prefix("q="));
            weight = written.and_then(|text| text.parse().ok()).unwrap_or(1.0);
        }
        if weight > 0.0 && best.is_none_or(|(highest, _)| weight > highest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}
