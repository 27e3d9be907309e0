//! Pages of lists that grow for ever. A page begins beside a row, by what that row is sorted by, and not at a number of
//! rows: whatever is added meanwhile, nobody is shown a row twice, or passes over one.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The most rows of a page, whatever is asked for.
pub const ROWS_MOST: usize = 200;
/// How many rows one page may look through for those that fit; a search goes on with the next page.
const LOOKED_THROUGH_MOST: usize = 2_000;
/// How many rows are looked through at a time, once the first ones did not fill the page.
const AT_ONCE: usize = 100;
/// Longest word of a place: addresses have at most 500 characters, of four bytes each, and a third more as base64.
const WORD_MOST: usize = 3_000;

/// Where a page of a list begins: at its start, or beside a row, by the value that the list is sorted by and the row's
/// id. In addresses it is one word, which only the node that wrote it has to understand; the empty one is the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place<K, I> {
    #[default]
    Start,
    /// With the rows that follow this one.
    After(K, I),
    /// With the rows that stand before this one.
    Before(K, I),
}

/// A word that is no place of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this list has no such place; begin again without `page`")]
pub struct NoPlace;

impl<K: Display, I: Display> Display for Place<K, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (side, at, id) = match self {
            Self::Start => return Ok(()),
            Self::After(at, id) => ('a', at, id),
            Self::Before(at, id) => ('b', at, id),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{side}{at}\n{id}")))
    }
}

impl<K: FromStr, I: FromStr> FromStr for Place<K, I> {
    type Err = NoPlace;

    fn from_str(word: &str) -> Result<Self, NoPlace> {
        if word.is_empty() {
            return Ok(Self::Start);
        }
        let bytes = if word.len() > WORD_MOST { None } else { URL_SAFE_NO_PAD.decode(word).ok() };
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(NoPlace)?;
        let (beside, id) = text.split_once('\n').ok_or(NoPlace)?;
        let (side, at) = beside.split_at_checked(1).ok_or(NoPlace)?;
        if [at, id].iter().any(|part| part.chars().any(char::is_control)) {
            return Err(NoPlace);
        }
        match (side, at.parse(), id.parse()) {
            ("a", Ok(at), Ok(id)) => Ok(Self::After(at, id)),
            ("b", Ok(at), Ok(id)) => Ok(Self::Before(at, id)),
            _ => Err(NoPlace),
        }
    }
}

impl<'de, K: FromStr, I: FromStr> Deserialize<'de> for Place<K, I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// What somebody wants to see of a list: at most `rows` rows from a place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<K, I> {
    pub place: Place<K, I>,
    pub rows: usize,
}

impl<K, I> Wanted<K, I> {
    pub fn new(place: Place<K, I>, rows: usize) -> Self {
        Self { place, rows: rows.clamp(1, ROWS_MOST) }
    }

    /// The first rows of the list.
    pub fn first(rows: usize) -> Self {
        Self::new(Place::Start, rows)
    }

    /// One more than wanted, as word that there are more.
    pub(super) fn limit(&self) -> i64 {
        super::limit(self.rows + 1)
    }
}

impl<K: Clone, I: Clone> Wanted<K, I> {
    /// What the place stands beside; `start` stands before the first row.
    pub(super) fn beside(&self, start: (K, I)) -> (K, I) {
        match &self.place {
            Place::Start => start,
            Place::After(at, id) | Place::Before(at, id) => (at.clone(), id.clone()),
        }
    }
}

/// The rows on one page in the order of the list, and the places of the pages beside it.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Word of the page before this one; absent at the start of the list.
    pub previous: Option<String>,
    /// Word of the page that follows.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Out of the rows beyond a place, the nearest first, one more than wanted where there are more.
    pub(super) fn of<K: Display, I: Display>(
        wanted: &Wanted<K, I>,
        mut rows: Vec<T>,
        key: impl Fn(&T) -> (K, I),
    ) -> Self {
        let more = rows.len() > wanted.rows;
        rows.truncate(wanted.rows);
        let farthest = rows.last().filter(|_| more).map(&key);
        let nearest = rows.first().map(key);
        Self::between(wanted, rows, nearest, farthest)
    }

    /// `nearest`: what the way back begins beside; `farthest`: what to go on beside, where the list goes on.
    fn between<K: Display, I: Display>(
        wanted: &Wanted<K, I>,
        mut rows: Vec<T>,
        nearest: Option<(K, I)>,
        farthest: Option<(K, I)>,
    ) -> Self {
        // Where nothing is left on this side, the way back leads to the start.
        let back = |place: Option<Place<K, I>>| place.map_or_else(String::new, |place| place.to_string());
        let after = |(at, id)| Place::After(at, id);
        let before = |(at, id)| Place::Before(at, id);
        let (previous, next) = match wanted.place {
            Place::Start => (None, farthest.map(|key| after(key).to_string())),
            Place::After(..) => (Some(back(nearest.map(before))), farthest.map(|key| after(key).to_string())),
            Place::Before(..) => {
                rows.reverse();
                (farthest.map(|key| before(key).to_string()), Some(back(nearest.map(after))))
            }
        };
        Self { rows, previous, next }
    }

    pub fn try_map<U, E>(self, one: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let rows = self.rows.into_iter().map(one).collect::<Result<_, E>>()?;
        Ok(Page { rows, previous: self.previous, next: self.next })
    }
}

/// Gathers the rows of a page that fit, out of more rows than it shows.
pub(super) struct Sieve<T, K, I> {
    wanted: Wanted<K, I>,
    /// Where to look on.
    on: Wanted<K, I>,
    /// The first row that was looked at: the way back, where none fits.
    nearest: Option<(K, I)>,
    found: Vec<T>,
    looked_through: usize,
    at_end: bool,
}

impl<T, K: Clone + Display, I: Clone + Display> Sieve<T, K, I> {
    pub fn new(wanted: &Wanted<K, I>) -> Self {
        Self {
            wanted: wanted.clone(),
            on: wanted.clone(),
            nearest: None,
            found: Vec::new(),
            looked_through: 0,
            at_end: false,
        }
    }

    /// Which rows to give it next; none once it has enough.
    pub fn wants(&self) -> Option<Wanted<K, I>> {
        let enough = self.found.len() > self.wanted.rows || self.looked_through >= LOOKED_THROUGH_MOST;
        (!enough && !self.at_end).then(|| self.on.clone())
    }

    /// Takes what was found beyond the place that it wanted, the nearest first: as many as that wants, and more where
    /// there are more.
    pub fn take<E>(
        &mut self,
        rows: Vec<T>,
        key: impl Fn(&T) -> (K, I),
        fits: impl Fn(&T) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.at_end = rows.len() <= self.on.rows;
        let looked_at = self.on.rows + 1;
        self.on.rows = AT_ONCE.max(self.wanted.rows);
        for row in rows.into_iter().take(looked_at) {
            self.looked_through += 1;
            let (at, id) = key(&row);
            self.nearest.get_or_insert_with(|| (at.clone(), id.clone()));
            self.on.place = match self.on.place {
                Place::Before(..) => Place::Before(at, id),
                Place::Start | Place::After(..) => Place::After(at, id),
            };
            if fits(&row)? {
                self.found.push(row);
            }
            if self.found.len() > self.wanted.rows {
                break;
            }
        }
        Ok(())
    }

    pub fn page(self, key: impl Fn(&T) -> (K, I)) -> Page<T> {
        if self.found.len() > self.wanted.rows || (self.at_end && !self.found.is_empty()) {
            return Page::of(&self.wanted, self.found, key);
        }
        let nearest = self.found.first().map(key).or(self.nearest);
        // Where not all was looked through, the next page goes on there.
        let farthest = match self.on.place {
            Place::After(at, id) | Place::Before(at, id) if !self.at_end => Some((at, id)),
            _ => None,
        };
        Page::between(&self.wanted, self.found, nearest, farthest)
    }
}

/// The rows of a query beyond a place, nearest first, as many as a page wants and one more. The order is `newest`
/// (descending) or `first` (ascending), by a column and then by another that no two rows share.
macro_rules! beyond {
    ($conn:expr, $wanted:expr, newest ($at:expr, $at_value:expr), ($id:expr, $id_value:expr), $target:expr => $columns:ty) => {
        match $wanted.place {
            $crate::storage::page::Place::Before(..) => {
                beyond!(@ascending $conn, $wanted, ($at, $at_value), ($id, $id_value), $target => $columns)
            }
            _ => beyond!(@descending $conn, $wanted, ($at, $at_value), ($id, $id_value), $target => $columns),
        }
    };
    ($conn:expr, $wanted:expr, first ($at:expr, $at_value:expr), ($id:expr, $id_value:expr), $target:expr => $columns:ty) => {
        match $wanted.place {
            $crate::storage::page::Place::Before(..) => {
                beyond!(@descending $conn, $wanted, ($at, $at_value), ($id, $id_value), $target => $columns)
            }
            _ => beyond!(@ascending $conn, $wanted, ($at, $at_value), ($id, $id_value), $target => $columns),
        }
    };
    (@descending $conn:expr, $wanted:expr, ($at:expr, $at_value:expr), ($id:expr, $id_value:expr), $target:expr => $columns:ty) => {{
        let target = $target
            // The first of the two alone is what an index is looked up by.
            .filter($at.le($at_value))
            .filter($at.lt($at_value).or($id.lt($id_value)))
            .order(($at.desc(), $id.desc()))
            .limit($wanted.limit());
        query!($conn, c => target.load::<$columns>(c))
    }};
    (@ascending $conn:expr, $wanted:expr, ($at:expr, $at_value:expr), ($id:expr, $id_value:expr), $target:expr => $columns:ty) => {{
        let target = $target
            .filter($at.ge($at_value))
            .filter($at.gt($at_value).or($id.gt($id_value)))
            .order(($at.asc(), $id.asc()))
            .limit($wanted.limit());
        query!($conn, c => target.load::<$columns>(c))
    }};
}

pub(super) use beyond;

#[cfg(test)]
mod tests {
    use super::*;

    type At = Place<i64, String>;

    #[test]
    fn a_place_is_read_back_from_its_word() {
        for place in [At::Start, At::After(-5, "https://a.example/ä".into()), At::Before(i64::MAX, String::new())] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        let named = Place::After("Zoë\u{2028}, <b>".to_owned(), "zoe".to_owned());
        assert_eq!(named.to_string().parse(), Ok(named));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        let words =
            ["a5\nx", "c5\nx", "5\nx", "afive\nx", "a99999999999999999999\nx", "a5", "a5\nx\0", "a5\nx\ny", "", "ä\n"];
        for text in words {
            let word = URL_SAFE_NO_PAD.encode(text);
            let fits = text == "a5\nx" || text.is_empty();
            assert_eq!(word.parse::<At>().is_ok(), fits, "{text:?}");
        }
        for word in ["!", "YTU", "a5", "=", "\u{0}", "%00", "A".repeat(100_000).as_str()] {
            assert_eq!(word.parse::<At>(), Err(NoPlace), "{word:.20}");
        }
        let bytes = URL_SAFE_NO_PAD.encode(b"a5\n\xff");
        assert_eq!(bytes.parse::<At>(), Err(NoPlace));
    }

    fn numbers(wanted: &Wanted<i64, String>, all: &[i64]) -> Page<i64> {
        let (at, _) = wanted.beside((0, String::new()));
        let beyond: Vec<i64> = match wanted.place {
            Place::Before(..) => all.iter().rev().copied().filter(|n| *n < at).take(wanted.rows + 1).collect(),
            _ => all.iter().copied().filter(|n| *n > at).take(wanted.rows + 1).collect(),
        };
        Page::of(wanted, beyond, |n| (*n, String::new()))
    }

    fn turned(word: &Option<String>) -> Wanted<i64, String> {
        Wanted::new(word.as_ref().expect("a page").parse().expect("a place"), 3)
    }

    #[test]
    fn pages_lead_to_each_other_and_end() {
        let all: Vec<i64> = (1..=7).collect();
        let one = numbers(&Wanted::first(3), &all);
        assert_eq!((one.rows.as_slice(), &one.previous), ([1, 2, 3].as_slice(), &None));
        let two = numbers(&turned(&one.next), &all);
        assert_eq!(two.rows, [4, 5, 6]);
        let three = numbers(&turned(&two.next), &all);
        assert_eq!((three.rows.as_slice(), &three.next), ([7].as_slice(), &None));
        let back = numbers(&turned(&three.previous), &all);
        assert_eq!(back.rows, [4, 5, 6]);
        let start = numbers(&turned(&back.previous), &all);
        assert_eq!((start.rows.as_slice(), &start.previous), ([1, 2, 3].as_slice(), &None));
        // A full last page is not followed by an empty one.
        assert_eq!(numbers(&turned(&one.next), &all[..6]).next, None);
    }

    #[test]
    fn a_page_that_is_empty_leads_back_to_the_start() {
        let gone = numbers(&Wanted::new(Place::After(9, String::new()), 3), &[1, 2]);
        assert_eq!((gone.rows.as_slice(), gone.previous.as_deref(), gone.next), ([].as_slice(), Some(""), None));
        let before = numbers(&Wanted::new(Place::Before(1, String::new()), 3), &[1, 2]);
        assert_eq!((before.previous, before.next.as_deref()), (None, Some("")));
    }

    #[test]
    fn a_sieve_fills_its_page_and_goes_on_where_it_stopped() {
        let all: Vec<i64> = (1..=5_000).collect();
        let sifted = |wanted: &Wanted<i64, String>, every: i64| {
            let mut sieve = Sieve::new(wanted);
            while let Some(next) = sieve.wants() {
                let (at, _) = next.beside((0, String::new()));
                let rows = match next.place {
                    Place::Before(..) => all.iter().rev().copied().filter(|n| *n < at).take(next.rows + 1).collect(),
                    _ => all.iter().copied().filter(|n| *n > at).take(next.rows + 1).collect(),
                };
                let fits = |n: &i64| Ok::<_, NoPlace>(n % every == 0);
                sieve.take(rows, |n| (*n, String::new()), fits).expect("nothing fails");
            }
            sieve.page(|n| (*n, String::new()))
        };
        let page = sifted(&Wanted::first(3), 250);
        assert_eq!(page.rows, [250, 500, 750]);
        assert_eq!(sifted(&turned(&page.next), 250).rows, [1_000, 1_250, 1_500]);
        // What is rare is looked for through several pages, and the last one ends.
        let (mut wanted, mut found, mut pages) = (Wanted::first(3), Vec::new(), 0);
        loop {
            let page = sifted(&wanted, 2_400);
            (pages, found) = (pages + 1, [found, page.rows].concat());
            let Some(word) = page.next else { break };
            wanted = Wanted::new(word.parse().expect("a place"), 3);
        }
        assert_eq!(found, [2_400, 4_800]);
        // Where no row fits on the way back, the way on leads to where one came from.
        let before = sifted(&Wanted::new(Place::Before(4_800, String::new()), 3), 4_800);
        assert_eq!((before.rows.as_slice(), before.previous.is_some()), ([].as_slice(), true));
        assert_eq!(sifted(&turned(&before.next), 4_800).rows, [4_800]);
        let end = sifted(&Wanted::new(Place::After(4_800, String::new()), 3), 4_800);
        assert_eq!((end.rows.as_slice(), end.next), ([].as_slice(), None));
        assert_eq!(sifted(&turned(&end.previous), 4_800).rows, [4_800]);
        assert!((2..10).contains(&pages), "{pages}");
    }
}
