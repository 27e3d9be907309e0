-- What is said about a proposal or an application, in one journal below a size.
CREATE INDEX entries_by_subject_journal_position ON entries (subject, journal, position);
-- The oldest of a peer's queue, and how many wait for whom.
CREATE INDEX deliveries_by_peer_kind_id ON deliveries (peer, kind, id);
-- For which organisations somebody holds a mandate.
CREATE INDEX mandates_by_holder ON mandates (holder);
-- Requests to join by what became of them.
CREATE INDEX requests_by_state ON requests (state);
-- What is over and removed whenever something is added.
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);
CREATE INDEX rates_by_window_start ON rates (window_start);
