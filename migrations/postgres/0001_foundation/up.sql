CREATE TABLE consortium (
    id TEXT NOT NULL,
    genesis BYTEA NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    invited_by TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE epochs (
    number BIGINT NOT NULL,
    document BYTEA NOT NULL,
    decided_by BYTEA NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE journals (
    id TEXT NOT NULL,
    node TEXT NOT NULL,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    own BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE entries (
    journal TEXT NOT NULL,
    position BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    leaf BYTEA NOT NULL,
    kind TEXT NOT NULL,
    subject BYTEA,
    bytes BYTEA,
    visibility TEXT NOT NULL,
    published BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (journal, position)
);
CREATE INDEX entries_by_digest ON entries (digest);
CREATE INDEX entries_by_kind_subject ON entries (kind, subject);
CREATE INDEX entries_by_journal_kind_position ON entries (journal, kind, position);
CREATE TABLE checkpoints (
    journal TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    certified_at BIGINT,
    PRIMARY KEY (journal, size)
);
CREATE TABLE cosigned (
    journal TEXT NOT NULL,
    witness TEXT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (journal, witness)
);
CREATE TABLE proposals (
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    node TEXT NOT NULL,
    proposer TEXT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    digest BYTEA,
    epoch BIGINT NOT NULL,
    opens BIGINT,
    closes BIGINT,
    sitting BIGINT NOT NULL,
    number BIGINT,
    statement BYTEA NOT NULL,
    certified_note TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX proposals_by_key ON proposals (key);
CREATE UNIQUE INDEX proposals_by_digest ON proposals (digest);
CREATE INDEX proposals_by_state ON proposals (state);
CREATE TABLE proposal_versions (
    proposal TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (proposal, digest)
);
CREATE TABLE ballots (
    digest BYTEA NOT NULL,
    proposal BYTEA NOT NULL,
    seat BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    choices TEXT NOT NULL,
    journal TEXT NOT NULL,
    position BIGINT NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (digest, journal)
);
CREATE INDEX ballots_by_proposal_seat ON ballots (proposal, seat);
CREATE TABLE comments (
    id TEXT NOT NULL,
    proposal TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    source TEXT NOT NULL,
    published BIGINT NOT NULL,
    journal TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX comments_by_proposal ON comments (proposal);
CREATE TABLE members (
    member TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL,
    sponsor TEXT NOT NULL,
    key TEXT NOT NULL,
    custody TEXT NOT NULL,
    status TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    history TEXT NOT NULL,
    PRIMARY KEY (member)
);
CREATE TABLE mandates (
    organisation TEXT NOT NULL,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT,
    since BIGINT NOT NULL,
    until BIGINT,
    PRIMARY KEY (organisation, holder, since)
);
CREATE TABLE ignored (
    statement BYTEA NOT NULL,
    journal TEXT NOT NULL,
    position BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (statement)
);
CREATE TABLE decisions (
    proposal BYTEA NOT NULL,
    sitting BIGINT NOT NULL,
    number BIGINT,
    outcome BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    value BYTEA NOT NULL,
    closed_at BIGINT NOT NULL,
    certified_at BIGINT NOT NULL,
    PRIMARY KEY (proposal, sitting)
);
CREATE INDEX decisions_by_number ON decisions (number);
CREATE TABLE agreements (
    proposal BYTEA NOT NULL,
    sitting BIGINT NOT NULL,
    node TEXT NOT NULL,
    value BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (proposal, sitting, node)
);
CREATE TABLE pending (
    statement BYTEA NOT NULL,
    journal TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (statement)
);
CREATE TABLE faults (
    digest BYTEA NOT NULL,
    kind TEXT NOT NULL,
    culprit TEXT NOT NULL,
    report BYTEA NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (digest)
);
CREATE TABLE notices (
    digest BYTEA NOT NULL,
    node TEXT NOT NULL,
    subject TEXT NOT NULL,
    source TEXT NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (digest)
);
CREATE TABLE closings (
    proposal BYTEA NOT NULL,
    sitting BIGINT NOT NULL,
    state TEXT NOT NULL,
    machine BYTEA,
    snapshot BYTEA,
    ready BIGINT NOT NULL,
    wake_at BIGINT,
    PRIMARY KEY (proposal, sitting)
);
CREATE TABLE closing_messages (
    proposal BYTEA NOT NULL,
    sitting BIGINT NOT NULL,
    kind TEXT NOT NULL,
    round BIGINT NOT NULL,
    signer BIGINT NOT NULL,
    value BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    own BIGINT NOT NULL,
    PRIMARY KEY (proposal, sitting, kind, round, signer, value)
);
CREATE TABLE epoch_votes (
    number BIGINT NOT NULL,
    proposal BYTEA NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE peers (
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    rsa TEXT NOT NULL,
    inbox TEXT NOT NULL,
    seen_at BIGINT,
    failures BIGINT NOT NULL,
    last_error TEXT,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (node)
);
CREATE TABLE progress (
    journal TEXT NOT NULL,
    peer TEXT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (journal, peer)
);
CREATE TABLE deliveries (
    id BIGINT NOT NULL,
    peer TEXT NOT NULL,
    kind TEXT NOT NULL,
    dedupe TEXT,
    body BYTEA NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX deliveries_by_peer_dedupe ON deliveries (peer, dedupe);
CREATE INDEX deliveries_by_next_attempt_at ON deliveries (next_attempt_at);
CREATE TABLE counters (
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE accounts (
    login TEXT NOT NULL,
    password TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    steward BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (login)
);
CREATE TABLE sessions (
    token BYTEA NOT NULL,
    login TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (token)
);
CREATE INDEX sessions_by_login ON sessions (login);
CREATE TABLE tokens (
    token BYTEA NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (token)
);
CREATE INDEX tokens_by_login ON tokens (login);
CREATE TABLE receipts (
    ballot BYTEA NOT NULL,
    proposal BYTEA NOT NULL,
    member TEXT NOT NULL,
    statement BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ballot)
);
CREATE TABLE requests (
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    member TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL,
    terms BYTEA NOT NULL,
    request TEXT NOT NULL,
    commitment TEXT NOT NULL,
    login TEXT,
    password TEXT,
    application BYTEA,
    reason TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE rates (
    bucket TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (bucket)
);
CREATE TABLE audit (
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (id)
);
