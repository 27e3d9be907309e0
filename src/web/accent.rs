//! The accent colour of the co-op's own choosing, made legible: darkened for light pages and lightened for dark ones until
//! it reaches the contrast of WCAG 2.2 AA.

/// Contrast that text needs against what is behind it (WCAG 2.2, 1.4.3).
pub const TEXT: f64 = 4.5;

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

const WHITE: Colour = Colour { red: 255, green: 255, blue: 255 };
const BLACK: Colour = Colour { red: 0, green: 0, blue: 0 };
/// Pages behind the accent: the tint of the stylesheet is the hardest of the light ones, the card of the dark ones.
const LIGHT: Colour = Colour { red: 0xe6, green: 0xf0, blue: 0xed };
const DARK: Colour = Colour { red: 0x25, green: 0x32, blue: 0x2e };

impl Colour {
    /// Reads `#1d5f55`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// Contrast ratio, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// A step of the way to `other`, in hundredths.
    fn towards(self, other: Self, hundredths: u32) -> Self {
        let mix = |a: u8, b: u8| {
            let sum = u32::from(a) * (100 - hundredths) + u32::from(b) * hundredths;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        Self { red: mix(self.red, other.red), green: mix(self.green, other.green), blue: mix(self.blue, other.blue) }
    }

    /// This colour, moved towards `end` no further than it takes to be read on `paper`.
    fn legible(self, paper: Self, end: Self) -> Self {
        (0..=100).map(|step| self.towards(end, step)).find(|colour| colour.contrast(paper) >= TEXT).unwrap_or(end)
    }

    fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// The little stylesheet for one node; empty where the colour cannot be read, so that the default stays.
pub fn stylesheet(accent: &str) -> String {
    let Some(colour) = Colour::parse(accent) else { return String::new() };
    let (light, dark) = (colour.legible(LIGHT, BLACK), colour.legible(DARK, WHITE));
    let ink = BLACK.towards(dark, 15);
    format!(
        ":root{{--accent:{};--accent-ink:#ffffff}}@media (prefers-color-scheme:dark){{:root{{--accent:{};--accent-ink:{}}}}}\n",
        light.css(),
        dark.css(),
        ink.css(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The custom properties of the light scheme, and those of the dark one over them.
    fn schemes() -> [BTreeMap<&'static str, Colour>; 2] {
        let css = include_str!("static/folkmoot.css");
        let (light, rest) = css.split_once("@media (prefers-color-scheme: dark)").expect("a dark scheme");
        let (dark, _) = rest.split_once("\n}\n").expect("an end");
        let read = |css: &'static str| {
            let lines =
                css.lines().filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "));
            lines.filter_map(|(name, value)| Some((name, Colour::parse(value)?))).collect::<BTreeMap<_, _>>()
        };
        let light = read(light);
        let mut both = light.clone();
        both.extend(read(dark));
        [light, both]
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 0.001);
        let grey = Colour::parse("#767676").expect("a colour");
        assert!((grey.contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn text_can_be_read_in_both_schemes() {
        let papers = ["paper", "card", "trough", "accent-tint", "fault-tint"];
        for scheme in schemes() {
            for (text, papers) in [
                ("ink", &papers[..]),
                ("soft", &papers[..4]),
                ("accent", &papers[..4]),
                ("fault", &["paper", "card", "fault-tint"]),
                ("agree", &["paper", "card"]),
                ("against-line", &["paper", "card"]),
                ("accent-ink", &["accent"]),
                ("ink", &["added", "removed"]),
                ("soft", &["removed"]),
            ] {
                for paper in papers {
                    let ratio = scheme[text].contrast(scheme[paper]);
                    assert!(ratio >= TEXT, "{text} on {paper}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn shapes_that_mean_something_can_be_told_from_what_is_behind() {
        // WCAG 2.2, 1.4.11: 3 to 1 for the parts of charts and the edges of fields.
        for scheme in schemes() {
            for (shape, paper) in [
                ("edge", "card"),
                ("edge", "paper"),
                ("agree", "trough"),
                ("against-line", "against"),
                ("against-line", "trough"),
                ("accent", "line"),
                // Marks have a rim of the card's colour where they cross a bar.
                ("card", "agree"),
                ("ink", "card"),
            ] {
                let ratio = scheme[shape].contrast(scheme[paper]);
                assert!(ratio >= 3.0, "{shape} on {paper}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn any_accent_becomes_legible() {
        for accent in ["#ffff00", "#ffffff", "#000000", "#1d5f55", "#ff0080", "#7f7f7f"] {
            let css = stylesheet(accent);
            let colours: Vec<Colour> =
                css.split('#').skip(1).filter_map(|c| Colour::parse(&format!("#{}", &c[..6]))).collect();
            let [light, light_ink, dark, dark_ink] = colours[..] else { panic!("{css}") };
            for scheme in schemes().iter().zip([(light, light_ink), (dark, dark_ink)]) {
                let (scheme, (colour, ink)) = scheme;
                assert!(colour.contrast(ink) >= TEXT, "{accent}: {css}");
                for paper in ["paper", "card", "accent-tint"] {
                    assert!(colour.contrast(scheme[paper]) >= TEXT, "{accent} on {paper}: {css}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_colour_changes_nothing() {
        for accent in ["", "red", "#12345", "#12345g", "#1d5f55;}body{display:none"] {
            assert_eq!(stylesheet(accent), "");
        }
    }
}
