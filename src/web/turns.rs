//! Turning the pages of a list that is too long for one, by links.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::visit::Failure;
use crate::http::address::unread_query;
use crate::storage::page::NoPlace;
use crate::storage::{Page, Place, Wanted};

/// Rows of a list on one page.
pub const ROWS: usize = 20;

/// The addresses of the pages beside the one that is shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Turns {
    pub previous: Option<String>,
    pub next: Option<String>,
    /// Whether what follows is older, rather than just further on.
    pub newest_first: bool,
}

impl Turns {
    /// `path`: of the page, with what else its query says and where on the page the list is.
    pub fn in_order<T>(page: &Page<T>, path: &str) -> Self {
        let turned = |word: &Option<String>| word.as_deref().map(|word| address(path, word));
        Self { previous: turned(&page.previous), next: turned(&page.next), newest_first: false }
    }

    pub fn newest_first<T>(page: &Page<T>, path: &str) -> Self {
        Self { newest_first: true, ..Self::in_order(page, path) }
    }
}

fn address(path: &str, word: &str) -> String {
    let (page, fragment) = path.find('#').map_or((path, ""), |at| path.split_at(at));
    if word.is_empty() {
        return path.to_owned();
    }
    let join = if page.contains('?') { '&' } else { '?' };
    format!("{page}{join}page={word}{fragment}")
}

/// What an address says about the lists of its page.
#[derive(Debug, Default, Deserialize)]
pub struct Turned {
    /// Which list it is, where the page has several.
    #[serde(default)]
    list: String,
    #[serde(default)]
    page: String,
}

impl Turned {
    /// What to show of a list, which begins at its start where another one was turned.
    pub fn wanted<K: FromStr, I: FromStr>(&self, list: &str) -> Result<Wanted<K, I>, Failure> {
        let place: Result<Place<K, I>, NoPlace> = if self.list == list { self.page.parse() } else { Ok(Place::Start) };
        let place = place.map_err(|why| Failure(unread_query(&why.to_string())))?;
        Ok(Wanted::new(place, ROWS))
    }

    /// Whether this list was turned.
    pub fn is_of(&self, list: &str) -> bool {
        !self.page.is_empty() && self.list == list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::proposals::{Filter, ProposalsPage};
    use crate::web::sample;

    #[test]
    fn an_address_keeps_what_else_it_says() {
        let page = Page { rows: vec![1], previous: Some(String::new()), next: Some("bmV4dA".into()) };
        let turns = Turns::in_order(&page, "/consortium?list=faults#faults");
        assert_eq!(turns.previous.as_deref(), Some("/consortium?list=faults#faults"));
        assert_eq!(turns.next.as_deref(), Some("/consortium?list=faults&page=bmV4dA#faults"));
        let next = Turns::in_order(&page, "/proposals").next;
        assert_eq!(next.as_deref(), Some("/proposals?page=bmV4dA"));
    }

    #[test]
    fn a_list_that_was_not_turned_begins_at_its_start() {
        let turned = Turned { list: "faults".into(), page: "%".into() };
        assert_eq!(turned.wanted::<i64, String>("notices").map(|wanted| wanted.place).ok(), Some(Place::Start));
        assert!(turned.wanted::<i64, String>("faults").is_err());
    }

    #[test]
    fn the_way_to_other_pages_is_a_landmark_of_its_own() {
        let turns = Turns {
            previous: Some("/proposals?page=a".into()),
            next: Some("/proposals?page=b".into()),
            newest_first: true,
        };
        let page = ProposalsPage { filter: Filter::All, proposals: sample::open_cards(), can_propose: true, turns };
        let html = sample::render(&sample::visitor(), &page);
        for words in [
            "<nav class=\"turns\" aria-label=\"Pages: Proposals\">",
            "<a href=\"/proposals?page=a\" rel=\"prev\">Newer</a>",
            "<a href=\"/proposals?page=b\" rel=\"next\">Older</a>",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let alone = ProposalsPage { turns: Turns::default(), ..page };
        assert!(!sample::render(&sample::visitor(), &alone).contains("class=\"turns\""));
    }
}
