DROP INDEX ballots_by_proposal_seat_key_sequence;
CREATE INDEX ballots_by_proposal_seat ON ballots (proposal, seat);
ALTER TABLE ballots DROP COLUMN key;
