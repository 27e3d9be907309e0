-- The key that signed a ballot. Any node can put ballots for any seat into its journal; those fit that a key of the seat signed.
ALTER TABLE ballots ADD COLUMN key TEXT NOT NULL DEFAULT '';
-- Not read as JSON: PostgreSQL refuses such with the character U+0000. The actor stands before all that its signer wrote.
UPDATE ballots SET key = coalesce((
    SELECT substring(convert_from(entries.bytes, 'UTF8') FROM '"actor":"did:key:([^"]+)"') FROM entries
    WHERE entries.journal = ballots.journal AND entries.position = ballots.position AND entries.bytes IS NOT NULL
), '');
-- Without its statement a ballot says nothing.
DELETE FROM ballots WHERE key = '';
-- What one key said for one seat, in the order in which it counts.
CREATE INDEX ballots_by_proposal_seat_key_sequence ON ballots (proposal, seat, key, sequence DESC, digest, journal);
-- The longer index has it.
DROP INDEX ballots_by_proposal_seat;
