//! What a request can make us fetch, and whom it then speaks for.

use super::*;

/// Answers with the same key each time and counts how often it was asked.
struct Origin {
    answer: Result<HttpKey, SignatureError>,
    asked: AtomicUsize,
}

impl Origin {
    fn with(answer: Result<HttpKey, SignatureError>) -> Self {
        Self { answer, asked: AtomicUsize::new(0) }
    }

    async fn fetch(&self, _: String) -> Result<HttpKey, SignatureError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.answer.clone()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn authenticate(keyring: &Keyring, known: Option<HttpKey>, origin: &Origin) -> Result<Signer, SignatureError> {
    let claimed = Cavage::post().send().claim().expect("well formed");
    keyring.authenticate(&claimed, known, NOW, |key_id| origin.fetch(key_id)).await
}

#[tokio::test]
async fn an_unknown_key_is_fetched_once_and_then_remembered() {
    let (keyring, origin) = (Keyring::new(10), Origin::with(Ok(public(&KEYS[0]))));
    let signer = authenticate(&keyring, None, &origin).await.expect("authentic");
    assert_eq!((signer.actor(), signer.is_new), (ACTOR, true));
    for _ in 0..3 {
        authenticate(&keyring, None, &origin).await.expect("authentic");
    }
    assert_eq!(origin.asked(), 1);
}

#[tokio::test]
async fn a_known_key_needs_no_fetch() {
    let (keyring, origin) = (Keyring::new(10), Origin::with(Err(SignatureError::KeyId)));
    let known = keyring.parse(KEY_ID, ACTOR, &pem(&KEYS[0])).await.expect("a key");
    let signer = authenticate(&keyring, Some(known), &origin).await.expect("authentic");
    assert_eq!((signer.is_new, origin.asked()), (false, 0));
    assert!(matches!(keyring.parse(KEY_ID, ACTOR, "nonsense").await, Err(SignatureError::Key(_))));
}

#[tokio::test]
async fn case_7_nobody_signs_for_another_actor() {
    let (keyring, origin) = (Keyring::new(10), Origin::with(Ok(public(&KEYS[0]))));
    let signer = authenticate(&keyring, None, &origin).await.expect("authentic");
    assert_eq!(signer.check_speaks_for(ACTOR), Ok(()));
    for actor in ["https://peer.example/other", "https://peer.example/actor#main-key", "https://other.example/actor"] {
        assert!(matches!(signer.check_speaks_for(actor), Err(SignatureError::OtherActor { .. })), "{actor}");
    }
}

#[tokio::test]
async fn case_10_a_rotated_key_is_fetched_again_exactly_once() {
    let (keyring, origin) = (Keyring::new(10), Origin::with(Ok(public(&KEYS[0]))));
    let old = || Some(public(&KEYS[1]));
    let signer = authenticate(&keyring, old(), &origin).await.expect("authentic with the new key");
    assert_eq!((&signer.key, signer.is_new, origin.asked()), (&public(&KEYS[0]), true, 1));
    // Whoever keeps the old key beyond that is not served by more fetches.
    assert_eq!(authenticate(&keyring, old(), &origin).await, Err(SignatureError::Mismatch));
    assert_eq!(origin.asked(), 1);
}

#[tokio::test]
async fn case_10_garbage_in_the_name_of_a_known_actor_costs_one_fetch() {
    let (keyring, origin) = (Keyring::new(10), Origin::with(Ok(public(&KEYS[1]))));
    for _ in 0..5 {
        assert_eq!(authenticate(&keyring, Some(public(&KEYS[1])), &origin).await, Err(SignatureError::Mismatch));
    }
    assert_eq!(origin.asked(), 1);
}

#[tokio::test]
async fn case_11_a_revoked_key_is_noticed_and_forgotten() {
    let keyring = Keyring::new(10);
    let gone = || SignatureError::KeyGone(KEY_ID.into());
    let origin = Origin::with(Err(gone()));
    assert_eq!(authenticate(&keyring, Some(public(&KEYS[1])), &origin).await, Err(gone()));
    // The same for a key that was remembered from an earlier fetch.
    let keyring = Keyring::new(10);
    authenticate(&keyring, None, &Origin::with(Ok(public(&KEYS[0])))).await.expect("authentic");
    keyring.forget(KEY_ID).await;
    assert_eq!(authenticate(&keyring, None, &origin).await, Err(gone()));
}

#[tokio::test]
async fn case_16_strangers_cannot_make_us_fetch_without_end() {
    let (keyring, origin) = (Keyring::new(3), Origin::with(Err(SignatureError::KeyGone(KEY_ID.into()))));
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(authenticate(&keyring, None, &origin).await.map(|_| ()).expect_err("no key"));
    }
    assert_eq!(origin.asked(), 3);
    assert_eq!(answers[4], SignatureError::TooManyStrangers);
}

#[tokio::test]
async fn many_requests_of_one_stranger_share_a_fetch() {
    let (keyring, origin) = (Keyring::new(3), Origin::with(Ok(public(&KEYS[0]))));
    let requests = (0..8).map(|_| authenticate(&keyring, None, &origin));
    for answer in futures_util::future::join_all(requests).await {
        answer.expect("authentic");
    }
    assert_eq!(origin.asked(), 1);
}
