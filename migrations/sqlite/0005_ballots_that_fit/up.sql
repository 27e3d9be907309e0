-- The key that signed a ballot. Any node can put ballots for any seat into its journal; those fit that a key of the seat signed.
ALTER TABLE ballots ADD COLUMN key TEXT NOT NULL DEFAULT '';
UPDATE ballots SET key = coalesce((
    SELECT substr(json_extract(CAST(entries.bytes AS TEXT), '$.actor'), length('did:key:') + 1) FROM entries
    WHERE entries.journal = ballots.journal AND entries.position = ballots.position AND entries.bytes IS NOT NULL
), '');
-- Without its statement a ballot says nothing.
DELETE FROM ballots WHERE key = '';
-- What one key said for one seat, in the order in which it counts.
CREATE INDEX ballots_by_proposal_seat_key_sequence ON ballots (proposal, seat, key, sequence DESC, digest, journal);
-- The longer index has it.
DROP INDEX ballots_by_proposal_seat;
