//! Finds the key of a claimed signature and bounds what strangers can make the node fetch: one fetch for an
//! unknown key, one refetch when a known key fails, and a limit per host, per domain and in all.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use folkmoot_governance::id::{Digest, Time};
use moka::future::Cache;

use super::{Claimed, HttpKey, SignatureError};

/// Keys that are kept, parsed or fetched.
const KEYS: u64 = 10_000;
/// How long a fetched key is believed: the longest time a revoked key that was never reported stays good.
const FETCHED_FOR: Duration = Duration::from_secs(3600);
/// Shortest time between two refetches of one key.
const REFETCH_PAUSE: Duration = Duration::from_secs(300);
/// A domain may have this many times the limit of a host, all strangers together that many times.
const DOMAIN_FACTOR: u32 = 3;
const TOTAL_FACTOR: u32 = 20;
const MINUTE: i64 = 60;

/// Who signed a request, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub key: HttpKey,
    /// The key differs from the one that the caller knew: keep it.
    pub is_new: bool,
}

impl Signer {
    /// The actor that the request came from.
    pub fn actor(&self) -> &str {
        &self.key.owner
    }

    /// Refuses to let the signer speak for somebody else.
    pub fn check_speaks_for(&self, actor: &str) -> Result<(), SignatureError> {
        if self.key.owner == actor {
            return Ok(());
        }
        let actor = actor.chars().take(200).collect();
        Err(SignatureError::OtherActor { signer: self.key.owner.clone(), actor })
    }
}

/// Caches of one process; what they forget is found again.
pub struct Keyring {
    parsed: Cache<Digest, HttpKey>,
    fetched: Cache<String, HttpKey>,
    refetched: Cache<String, ()>,
    strangers: Strangers,
}

impl Keyring {
    /// `strangers_per_minute`: how often keys of one unknown host are fetched.
    pub fn new(strangers_per_minute: u32) -> Self {
        Self {
            parsed: Cache::new(KEYS),
            fetched: Cache::builder().max_capacity(KEYS).time_to_live(FETCHED_FOR).build(),
            refetched: Cache::builder().max_capacity(KEYS).time_to_live(REFETCH_PAUSE).build(),
            strangers: Strangers::new(strangers_per_minute),
        }
    }

    /// A key as storage keeps it, parsed once.
    pub async fn parse(&self, id: &str, owner: &str, pem: &str) -> Result<HttpKey, SignatureError> {
        let name = Digest::of([id, owner, pem].join("\n").as_bytes());
        let parsed = self.parsed.try_get_with(name, async { HttpKey::parse(id, owner, pem) }).await;
        parsed.map_err(|error: Arc<SignatureError>| (*error).clone())
    }

    /// Verifies `claimed` with the key that the caller knows, or else with one that `fetch` brings. `fetch` is
    /// called at most once, see [`super::fetch_key`]; it must have made sure that the owner confirms the key.
    pub async fn authenticate<F, Fut>(
        &self,
        claimed: &Claimed,
        known: Option<HttpKey>,
        now: Time,
        fetch: F,
    ) -> Result<Signer, SignatureError>
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<HttpKey, SignatureError>>,
    {
        let trusted = match known.clone() {
            Some(key) => Some(key),
            None => self.fetched.get(&claimed.key_id).await,
        };
        let key = match trusted {
            None => self.fetch_unknown(claimed, now, fetch).await?,
            Some(key) => match claimed.verify(&key).await {
                Ok(()) => return Ok(Signer { is_new: known.is_none(), key }),
                Err(mismatch) => self.fetch_again(claimed, &key, mismatch, fetch).await?,
            },
        };
        claimed.verify(&key).await?;
        Ok(Signer { key, is_new: true })
    }

    /// Forgets a key that its owner withdrew.
    pub async fn forget(&self, key_id: &str) {
        self.fetched.invalidate(key_id).await;
    }

    /// Callers that wait for the same key share one fetch.
    async fn fetch_unknown<F, Fut>(&self, claimed: &Claimed, now: Time, fetch: F) -> Result<HttpKey, SignatureError>
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<HttpKey, SignatureError>>,
    {
        let bring = async {
            self.strangers.admit(claimed.key_address.host_str().unwrap_or_default(), now)?;
            fetch(claimed.key_id.clone()).await
        };
        let fetched = self.fetched.try_get_with_by_ref(&claimed.key_id, bring).await;
        fetched.map_err(|error: Arc<SignatureError>| (*error).clone())
    }

    /// A rotated key is noticed by its failure. Whoever sends garbage in a known actor's name gets one fetch
    /// out of us, not one each time.
    async fn fetch_again<F, Fut>(
        &self,
        claimed: &Claimed,
        old: &HttpKey,
        mismatch: SignatureError,
        fetch: F,
    ) -> Result<HttpKey, SignatureError>
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<HttpKey, SignatureError>>,
    {
        if !self.refetched.entry_by_ref(&claimed.key_id).or_insert(()).await.is_fresh() {
            return Err(mismatch);
        }
        match fetch(claimed.key_id.clone()).await {
            Ok(key) if key.pem == old.pem => Err(mismatch),
            Ok(key) => {
                self.fetched.insert(claimed.key_id.clone(), key.clone()).await;
                Ok(key)
            }
            Err(error) => {
                if matches!(error, SignatureError::KeyGone(_)) {
                    self.forget(&claimed.key_id).await;
                }
                Err(error)
            }
        }
    }
}

/// Counts fetches for unknown hosts in each minute. Its memory is bounded by the total.
struct Strangers {
    per_host: u32,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    minute: i64,
    total: u32,
    by_name: HashMap<String, u32>,
}

impl Strangers {
    fn new(per_host: u32) -> Self {
        Self { per_host, counts: Mutex::default() }
    }

    fn admit(&self, host: &str, now: Time) -> Result<(), SignatureError> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.0.div_euclid(MINUTE);
        if counts.minute != minute {
            *counts = Counts { minute, ..Counts::default() };
        }
        let domain = format!("*.{}", domain(host));
        let count = |name: &str| counts.by_name.get(name).copied().unwrap_or(0);
        if counts.total >= self.per_host.saturating_mul(TOTAL_FACTOR)
            || count(host) >= self.per_host
            || count(&domain) >= self.per_host.saturating_mul(DOMAIN_FACTOR)
        {
            return Err(SignatureError::TooManyStrangers);
        }
        counts.total += 1;
        *counts.by_name.entry(host.to_owned()).or_default() += 1;
        *counts.by_name.entry(domain).or_default() += 1;
        Ok(())
    }
}

/// The last two labels of a name. Coarser than the public suffix list, and enough to stop subdomains made at will.
fn domain(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    dots.nth(1).map_or(host, |at| &host[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_limited_by_host_domain_and_in_all() {
        let now = Time(600);
        let strangers = Strangers::new(2);
        let admitted = |host: &str, now| strangers.admit(host, now).is_ok();
        assert_eq!([(); 3].map(|()| admitted("a.example", now)), [true, true, false]);
        assert!(admitted("b.example", now), "another host is not held to account");
        let minted: Vec<bool> = (0..8).map(|i| admitted(&format!("n{i}.many.example"), now)).collect();
        assert_eq!(minted.iter().filter(|admitted| **admitted).count(), 6);
        let others = (0..100).filter(|i| admitted(&format!("host{i}.test{i}"), now)).count();
        assert_eq!(others, 40 - 2 - 1 - 6);
        assert!(admitted("a.example", Time(660)), "the next minute is a new one");
    }

    #[test]
    fn a_domain_is_the_last_two_labels() {
        for (host, expected) in [("a.b.example", "b.example"), ("b.example", "b.example"), ("localhost", "localhost")] {
            assert_eq!(domain(host), expected);
        }
    }
}
